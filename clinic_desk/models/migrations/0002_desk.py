"""The second schema: patients in full, notes, documents, forms, consents and messages."""

from __future__ import annotations

from typing import Any

import peewee as pw

from clinic_desk.models.migrations.second import postgresql, sqlite

APPROVING = """UPDATE user_account SET approvals = TRUE WHERE role_id IN (SELECT id FROM role
WHERE replace(permissions, '"Appointment Request Approve"', '') <> permissions
OR replace(permissions, '"Appointment Reject"', '') <> permissions)"""
"""From now on this takes a tick besides the role: whoever could decide requests still can."""


def up(migrator: Any, db: pw.Database) -> None:
    """Add columns and tables. What is new is empty or has its default, but for who may decide
    requests; nothing else of a row is rewritten.
    """
    on_sqlite = isinstance(db, pw.SqliteDatabase)
    for statement in sqlite.STATEMENTS if on_sqlite else postgresql.STATEMENTS:
        db.execute_sql(statement)
    db.execute_sql(APPROVING)
