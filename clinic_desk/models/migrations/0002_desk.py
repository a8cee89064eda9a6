"""The second schema: patients in full, notes, documents, forms, consents and messages."""

from __future__ import annotations

from typing import Any

import peewee as pw

from clinic_desk.models.migrations.second import postgresql, sqlite


def up(migrator: Any, db: pw.Database) -> None:
    """Add columns and tables. No row is rewritten; what is new is empty or has its default."""
    on_sqlite = isinstance(db, pw.SqliteDatabase)
    for statement in sqlite.STATEMENTS if on_sqlite else postgresql.STATEMENTS:
        db.execute_sql(statement)
