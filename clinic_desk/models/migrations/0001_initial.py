"""The first schema."""

from __future__ import annotations

from typing import Any

import peewee as pw

from clinic_desk.models.migrations.first import postgresql, sqlite


def up(migrator: Any, db: pw.Database) -> None:
    """Make all tables, the view of claims, and the triggers of the guarantee."""
    on_sqlite = isinstance(db, pw.SqliteDatabase)
    for statement in sqlite.STATEMENTS if on_sqlite else postgresql.STATEMENTS:
        db.execute_sql(statement)
