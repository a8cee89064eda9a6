"""Giving a database the schema of this program: a new one, or an older one after asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clinic_desk.models import base, schema
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_
from clinic_desk.services.faults import raise_translated


class UpgradeDeclined(Refused):
    """Whoever was asked did not want the database to be upgraded; it was not touched."""

    message = N_("The database was left as it is.")
    way_out = N_("Until it is upgraded, use the version of Clinic Desk that made it.")


@dataclass(frozen=True, slots=True)
class Migrated:
    """The names of the steps that were needed, and the copy made before them (SQLite only)."""

    steps: tuple[str, ...]
    copy: Path | None


def migrate(url: str, wanted: Callable[[int, int], bool] = lambda _old, _new: True) -> Migrated:
    """Bring the database at *url* to our schema; one that has it already stays as it is.

    *wanted* is asked, with the present version and ours, before a database with records is
    changed. A SQLite file is then copied beside itself; on PostgreSQL the server's own
    backups are its owner's duty. Binds the process to this database without leaving it open.

    Raises:
        UpgradeDeclined: *wanted* said no.
        WrongSchema: the database is newer than this program.
        Unavailable: it cannot be reached, or somebody else is upgrading it.
    """

    def ask(found: int, known: int) -> None:
        if not wanted(found, known):
            raise UpgradeDeclined

    try:
        database = base.connect(url)
        try:
            done = schema.upgrade(database, ask)
        finally:
            database.close()
    except Exception as error:
        raise_translated(error)
        raise
    return Migrated(done.steps, done.copy)
