"""Giving a database the schema of this program: a new one, or an older one after asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clinic_desk.models import base, roles, schema
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
    backups are its owner's duty. Patients of an older database then get the keys by which their
    contacts are known; where that is interrupted, the next call goes on with it. Binds the
    process to this database without leaving it open.

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
    _fill_keys(url)
    return Migrated(done.steps, done.copy)


def _fill_keys(url: str) -> None:
    """Whoever is registered elsewhere is found by these keys, so none may be without."""
    from clinic_desk.services import contacts
    from clinic_desk.services.store import open_store

    store = open_store(url)
    try:
        for _count in contacts.fill_keys(store):
            pass
    finally:
        store.close()


def grant_desks(url: str) -> str:
    """Make the database role of the desks on a PostgreSQL server, or set its rights anew; its
    name. Whoever signs in at a desk's connection is made a member of it by the server's owner.

    Raises ``Refused`` for a file, which has no roles; ``Unavailable`` where the server cannot be
    reached or the URL's user may not make roles.
    """
    if not url.startswith("postgres"):
        raise Refused(
            N_("A SQLite file has no roles: whoever can write the file can write all of it."),
            way_out=N_("Use a PostgreSQL server if desks must not be able to change the history."),
        )
    try:
        database = base.connect(url)
        try:
            roles.grant(database)
        finally:
            database.close()
    except Exception as error:
        raise_translated(error)
        raise
    return roles.ROLE
