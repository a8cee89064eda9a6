"""Giving a database the schema of this program: a new one, or an older one after asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import peewee

from clinic_desk.models import base, schema
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_
from clinic_desk.services.faults import raise_translated


class UpgradeDeclined(Refused):
    """Whoever was asked did not want the database to be upgraded; it was not touched."""

    message = N_("The database was left as it is.")
    way_out = N_("Until it is upgraded, use the version of Clinic Desk that made it.")


def schema_version(url: str) -> tuple[int, int]:
    """The schema of the database at *url* (0 for an empty one) and the one that we need.

    Raises:
        Unavailable: it cannot be reached or is none of ours.
    """
    try:
        database = base.connect(url)
        try:
            return schema.version(database), schema.VERSION
        finally:
            database.close()
    except Exception as error:
        raise_translated(error)
        raise


def migrate(
    url: str, *, wanted: Callable[[int, int, Path | None], bool] | None = None
) -> tuple[str, ...]:
    """Bring the database at *url* to our schema; the names of the steps that were needed.

    An older database with records is copied first, on SQLite into a file beside it; then
    *wanted* is asked with the present version, ours, and the copy (None on PostgreSQL, where
    the server's own backups are the owner's duty). Without *wanted* the answer is yes.

    Raises:
        UpgradeDeclined: *wanted* said no.
        WrongSchema: the database is newer than this program.
        Unavailable: it cannot be reached, or somebody else is upgrading it.
    """

    def before(found: int, known: int) -> None:
        copied = _copied(database, found) if isinstance(database, peewee.SqliteDatabase) else None
        if wanted is not None and not wanted(found, known, copied):
            if copied is not None:
                copied.unlink(missing_ok=True)
            raise UpgradeDeclined

    try:
        database = base.connect(url)
        try:
            return tuple(schema.upgrade(database, before))
        finally:
            database.close()
    except Exception as error:
        raise_translated(error)
        raise


def _copied(database: peewee.SqliteDatabase, found: int) -> Path:
    file = Path(database.database)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    copied: Path = schema.copy(database, file.with_name(f"{file.stem}.schema{found}-{stamp}.db"))
    return copied
