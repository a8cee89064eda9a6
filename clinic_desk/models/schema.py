"""Which version of the schema a database has, and how it gets the program's own."""

from __future__ import annotations

import contextlib
import itertools
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee as pw

from clinic_desk.models import statistics
from clinic_desk.models.files import FileDatabase
from clinic_desk.rules.errors import Busy, Damaged, WrongSchema
from clinic_desk.rules.words import N_

VERSION = 2
"""The schema that this program needs: the number of the newest migration."""

UNDONE_TODAY = frozenset({1, 2})
"""Versions whose deeds can be taken back under this one: what came since only adds columns."""

MIGRATIONS = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"
LOCK = 172180001
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


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did: the names of its steps, and where it put the copy made before them
    (SQLite only, and only where there was something to copy).
    """

    steps: tuple[str, ...]
    copy: Path | None = None


def version(db: pw.Database) -> int:
    """The schema that *db* has: the number of its newest migration; 0 where it has none yet.

    Raises ``Damaged`` where tables stand in it, but none of ours.
    """
    db.connect(reuse_if_open=True)
    tables = set(db.get_tables())
    if HISTORY not in tables:
        if tables:
            raise Damaged(N_("This database holds the tables of another program."))
        return 0
    found = _ask(db, f"SELECT name FROM {HISTORY}")  # noqa: S608 - our own name
    return max((int(name.split("_")[0]) for (name,) in found), default=0)


def require_current(db: pw.Database) -> None:
    """Raise ``WrongSchema`` unless *db* has exactly the schema that this program needs."""
    found = version(db)
    if found == VERSION:
        return
    _refuse_newer(found)
    if found == 0:
        raise WrongSchema(EMPTY, way_out=RUN_CREATE)
    raise WrongSchema(TOO_OLD, way_out=RUN_MIGRATE, found=found, known=VERSION)


def create(db: pw.Database) -> None:
    """Give an empty database the program's schema; one that has it already stays as it is.

    On PostgreSQL this takes a role that may create tables.
    """
    upgrade(db)


def upgrade(db: pw.Database, before: Callable[[int, int], None] | None = None) -> Upgraded:
    """Bring *db* to the program's schema: all steps or none.

    For a database that has records, *before* is called with the present and the wanted
    version once the lock is held and before anything is written; what it raises stops the
    upgrade. A SQLite file is then copied beside itself first (see :func:`copy`).

    Raises ``WrongSchema`` for a newer database, ``Busy`` while another desk holds it.
    """
    found = version(db)
    _refuse_newer(found)
    if found == VERSION:
        return Upgraded(())
    if isinstance(db, FileDatabase):
        return _upgrade_file(db, before)
    return _upgrade_server(db, before)


def copy(db: FileDatabase, to: str | Path) -> Path:
    """Write a whole, compact copy of a SQLite database to *to*, which must not exist yet.

    The copy is checked and safely on the disk when this returns. It is made on a connection
    of its own, so also while an upgrade holds the file; other desks may go on working.
    Raises ``Damaged`` where the copy (so, the database) is not sound, and takes it away.
    """
    target = Path(to)
    if target.exists():
        raise FileExistsError(target)
    connection = db.separate_connection()
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
        connection.execute("ATTACH DATABASE ? AS copied", (str(target),))
        _refuse_damaged(connection.execute("PRAGMA copied.integrity_check(1)").fetchone())
        connection.execute("DETACH DATABASE copied")
        with target.open("rb+") as stream:
            os.fsync(stream.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        connection.close()
    return target


def zone_data() -> str:
    """The release of zone data that this computer reckons with; empty where it is unknown."""
    try:
        import tzdata  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        return ""
    return str(tzdata.IANA_VERSION)


def _refuse_damaged(answer: tuple[str] | None) -> None:
    if answer is None or answer[0] != "ok":
        raise Damaged


def _refuse_newer(found: int) -> None:
    if found > VERSION:
        raise WrongSchema(TOO_NEW, way_out=INSTALL_NEWER, found=found, known=VERSION)


def _upgrade_file(db: FileDatabase, before: Callable[[int, int], None] | None) -> Upgraded:
    with _patient(db), _busy(), db.atomic("IMMEDIATE"):
        found = _still_to_do(db, before)
        if found == VERSION:
            return Upgraded(())
        copied = copy(db, _beside(Path(db.database), found)) if found else None
        steps = _run(db, fresh=not found)
        if _ask(db, "PRAGMA foreign_key_check"):
            raise Damaged
        statistics.tell(db)
        _do(db, f"PRAGMA user_version = {VERSION}")
    return Upgraded(steps, copied)


def _upgrade_server(db: pw.Database, before: Callable[[int, int], None] | None) -> Upgraded:
    from clinic_desk.models import roles

    with _busy(), db.atomic():
        _do(db, "SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        found = _still_to_do(db, before)
        if found == VERSION:
            return Upgraded(())
        steps = _run(db, fresh=not found)
        roles.grant_again(db)
    return Upgraded(steps)


def _still_to_do(db: pw.Database, before: Callable[[int, int], None] | None) -> int:
    """The version under the lock: another desk may have been faster."""
    found = version(db)
    _refuse_newer(found)
    if 0 < found < VERSION and before is not None:
        before(found, VERSION)
    return found


def _run(db: pw.Database, *, fresh: bool) -> tuple[str, ...]:
    """All steps within the caller's transaction; the runner's own are savepoints in it."""
    from playhouse.migrations import Runner

    steps = tuple(Runner(db, str(MIGRATIONS), table_name=HISTORY).up())
    if fresh and steps:
        mark = "?" if isinstance(db, pw.SqliteDatabase) else "%s"
        now: Any = datetime.now(UTC).replace(microsecond=0)
        now = int(now.timestamp()) if isinstance(db, pw.SqliteDatabase) else now
        _do(
            db,
            "INSERT INTO database_info (id, epoch, created_at, tzdata)"  # noqa: S608 - only marks
            f" VALUES (1, {mark}, {mark}, {mark})",
            (str(uuid.uuid4()), now, zone_data()),
        )
    return steps


def _beside(file: Path, found: int) -> Path:
    """A name for the copy that tells what it is and sorts by time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{file.stem}-before-upgrade-from-{found}-{stamp}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    places = (file.with_name(f"{n}{file.suffix}") for n in names)
    return next(there for there in places if not there.exists())  # one was killed just now


@contextlib.contextmanager
def _patient(db: FileDatabase) -> Iterator[None]:
    """Wait for other desks longer than usual; leave foreign keys to the check at the end,
    since a step may have to rebuild a table that others point to.
    """
    _do(db, "PRAGMA foreign_keys = 0")
    _do(db, "PRAGMA busy_timeout = 10000")
    try:
        yield
    finally:
        if db.database == ":memory:":  # closing would be its end
            _do(db, "PRAGMA foreign_keys = 1")
        else:
            db.close()  # the next connection is set up as usual


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """Waiting in vain for somebody who changes the schema is a sentence of its own."""
    try:
        yield
    except pw.OperationalError as error:
        state = getattr(getattr(error, "orig", None), "sqlstate", "")
        if "locked" in str(error) or state == "55P03":
            raise Busy from error
        raise


def _do(db: pw.Database, sql: str, parameters: Sequence[Any] = ()) -> Any:
    return db.execute_sql(sql, parameters)


def _ask(db: pw.Database, sql: str) -> list[tuple[Any, ...]]:
    return list(_do(db, sql).fetchall())
