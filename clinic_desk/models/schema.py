"""Which version of the schema a database has, and how it gets the program's own."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee as pw

from clinic_desk.models.people import DatabaseInfo
from clinic_desk.rules.errors import Busy, Damaged, WrongSchema
from clinic_desk.rules.words import N_

VERSION = 1
"""The schema that this program needs: the number of the newest migration."""

MIGRATIONS = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"
_LOCK = 172180001
"""The advisory lock of whoever changes the schema of a PostgreSQL database."""

TOO_NEW = N_(
    "This database was made by a newer version of Clinic Desk (schema {found}; this program"
    " knows {known}). It was not touched."
)
INSTALL_NEWER = N_("Install the newest version on this computer.")
TOO_OLD = N_(
    "This database was made by an older version of Clinic Desk (schema {found}; this program"
    " needs {known})."
)
RUN_MIGRATE = N_("Ask the owner of the database to run “clinic-desk migrate”.")
EMPTY = N_("This database is empty.")
RUN_CREATE = N_("Start the program without arguments, or run “clinic-desk migrate”.")


def version(db: pw.Database) -> int:
    """The schema that *db* has: the number of its newest migration; 0 where it has none yet.

    Raises ``Damaged`` where other tables stand in it but no schema of ours.
    """
    with _connected(db):
        tables = set(db.get_tables())
        if HISTORY not in tables:
            if tables:
                raise Damaged(N_("This database holds the tables of another program."))
            return 0
        found = db.execute_sql(f"SELECT name FROM {HISTORY}").fetchall()  # noqa: S608 - ours
    return max((int(name.split("_")[0]) for (name,) in found), default=0)


def require_current(db: pw.Database) -> None:
    """Raise ``WrongSchema`` unless *db* has exactly the schema that this program needs."""
    found = version(db)
    if found == VERSION:
        return
    if found > VERSION:
        raise WrongSchema(TOO_NEW, way_out=INSTALL_NEWER, found=found, known=VERSION)
    if found == 0:
        raise WrongSchema(EMPTY, way_out=RUN_CREATE)
    raise WrongSchema(TOO_OLD, way_out=RUN_MIGRATE, found=found, known=VERSION)


def create(db: pw.Database) -> None:
    """Give an empty database the program's schema; one that has it already stays as it is.

    On PostgreSQL only a role that may create tables can (see :func:`upgrade`).
    """
    upgrade(db)


def upgrade(db: pw.Database, before: Callable[[int, int], None] | None = None) -> list[str]:
    """Bring *db* to the program's schema and give the names of the steps, all or none of them.

    *before* is called with the present and the wanted version once the lock is held and
    before anything is changed, for a database that has records: to ask, to copy (on SQLite
    see :func:`copy`). What it raises stops the upgrade. Raises ``WrongSchema`` for a newer
    database, ``Busy`` while another computer is at it.
    """
    found = version(db)
    if found > VERSION:
        raise WrongSchema(TOO_NEW, way_out=INSTALL_NEWER, found=found, known=VERSION)
    if found == VERSION:
        return []
    if isinstance(db, pw.SqliteDatabase):
        return _upgrade_file(db, before)
    return _upgrade_server(db, before)


def copy(db: pw.SqliteDatabase, to: str | Path) -> Path:
    """Write a whole, compact copy of a SQLite database to *to* and check it.

    Works on a connection of its own, so also while an upgrade holds the file; other desks may
    go on working. Raises ``Damaged`` where the copy (so, the database) is not sound, and takes
    the bad copy away.
    """
    target = Path(to)
    connection = db._connect()
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
        connection.execute("ATTACH DATABASE ? AS copied", (str(target),))
        answer = connection.execute("PRAGMA copied.integrity_check(1)").fetchone()
    finally:
        connection.close()
    if answer is None or answer[0] != "ok":
        target.unlink(missing_ok=True)
        raise Damaged
    handle = os.open(target, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return target


def _upgrade_file(
    db: pw.SqliteDatabase, before: Callable[[int, int], None] | None
) -> list[str]:
    with _connected(db):
        # Outside of the transaction, where it still works; checked again before the commit.
        db.execute_sql("PRAGMA foreign_keys = 0")
        db.execute_sql("PRAGMA busy_timeout = 10000")
        try:
            with _busy(), db.atomic("IMMEDIATE"):
                found = version(db)
                if found and before is not None:
                    before(found, VERSION)
                done = _run(db)
                broken = db.execute_sql("PRAGMA foreign_key_check").fetchone()
                if broken:
                    raise Damaged
                db.execute_sql(f"PRAGMA user_version = {VERSION}")
        finally:
            db.execute_sql("PRAGMA foreign_keys = 1")
            db.execute_sql("PRAGMA busy_timeout = 20")
    return done


def _upgrade_server(db: pw.Database, before: Callable[[int, int], None] | None) -> list[str]:
    with _connected(db), _busy(), db.atomic():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        found = version(db)
        if found and before is not None:
            before(found, VERSION)
        return _run(db)


def _run(db: pw.Database) -> list[str]:
    """Each step inside the caller's transaction: the runner's own become savepoints in it."""
    from playhouse.migrations import Runner

    fresh = version(db) == 0
    names: list[str] = Runner(db, str(MIGRATIONS), table_name=HISTORY).up()
    if fresh and names:
        with db.bind_ctx([DatabaseInfo]):
            DatabaseInfo.insert(
                id=1,
                epoch=str(uuid.uuid4()),
                created_at=datetime.now(UTC),
                tzdata=zone_data(),
            ).execute()
    return names


def zone_data() -> str:
    """The release of zone data that this computer reckons with; empty where it is unknown."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("tzdata")
    return ""


@contextlib.contextmanager
def _connected(db: pw.Database) -> Iterator[None]:
    db.connect(reuse_if_open=True)
    yield


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """Waiting in vain for another computer that changes the schema is its own sentence."""
    try:
        yield
    except pw.OperationalError as error:
        original: Any = getattr(error, "orig", None)
        if "locked" in str(error) or getattr(original, "sqlstate", "") == "55P03":
            raise Busy from error
        raise
