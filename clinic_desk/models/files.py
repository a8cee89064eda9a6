"""A file of SQLite: how it is opened, and which files are left alone."""

from __future__ import annotations

import struct
import threading
import weakref
from pathlib import Path
from typing import Any

import peewee as pw
from sqlcipher3 import dbapi2 as sqlite

from clinic_desk.models.shares import refuse_share
from clinic_desk.rules.errors import Damaged, Refused, Unavailable
from clinic_desk.rules.words import N_

APPLICATION_ID = 0x434C4E44
"""Stands in the header of our files ("CLND"), so that another program's is never touched."""

WAL_IS_SOUND_FROM = (3, 51, 3)
"""Before, a checkpoint beside a commit of another connection could damage the file."""

OPENING_MILLISECONDS = 5000
BUSY_MILLISECONDS = 20
"""SQLite's own waiting serves no order and starves writers; whoever writes queues by itself."""

MAGIC = b"SQLite format 3\0"

_guard = threading.RLock()


class _Line(sqlite.Connection):  # type: ignore[misc]
    """A connection that remembers which file it is to."""

    file: tuple[int, int] | None = None

    def close(self) -> None:
        super().close()
        self.file = None


_lines: weakref.WeakSet[_Line] = weakref.WeakSet()


def stands_open(path: str | Path) -> bool:
    """Whether this process has a connection to this file. Then nobody in it may open the file by
    other means: closing it again would take away every lock that the process has on it (POSIX),
    and the next program to leave would clear the log away under our hands.
    """
    file = _file_of(path)
    with _guard:
        return file is not None and any(line.file == file for line in _lines)


def refuse_open(path: str | Path) -> None:
    """Raise ``Refused`` where *path* is a database that stands open here (see
    :func:`stands_open`), before somebody reads it as something else.
    """
    if stands_open(path):
        raise Refused(
            N_("“{path}” is the database that this program is working with."),
            way_out=N_("Choose another file."),
            path=Path(path).name,
        )


def _file_of(path: str | Path) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class FileDatabase(pw.SqliteDatabase):
    """A file (or ``:memory:``) opened by the driver that brings the same SQLite everywhere."""

    field_types = pw.SqliteDatabase.field_types | {"INSTANT": "INTEGER"}
    server_version = sqlite.sqlite_version_info

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            refuse_share(path)
            refuse_foreign(path)
        super().__init__(path, lock_type="IMMEDIATE")

    def get_tables(self, schema: str | None = None) -> list[str]:
        """The names of all tables but SQLite's own."""
        found: list[str] = super().get_tables(schema)
        return [name for name in found if not name.startswith("sqlite_")]

    def separate_connection(self) -> Any:
        """A connection beside the threads' own, set up alike; whoever asks for it closes it."""
        return self._connect()

    def _connect(self) -> Any:
        with _guard:  # from its first lock on, the file is known to stand open
            connection = sqlite.connect(
                self.database,
                timeout=OPENING_MILLISECONDS / 1000,
                isolation_level=None,
                factory=_Line,
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            connection.file = _file_of(self.database)
            _lines.add(connection)
        return connection

    def _prepare(self, connection: Any) -> None:
        def ask(pragma: str) -> Any:
            return connection.execute(f"PRAGMA {pragma}").fetchone()

        if ask("application_id")[0] == 0 and ask("page_count")[0] == 0:
            # Before WAL, so that the mark is in the file itself from its first moment.
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        wal = sqlite.sqlite_version_info >= WAL_IS_SOUND_FROM
        ask(f"journal_mode = {'WAL' if wal else 'DELETE'}")
        for pragma in ("synchronous = FULL", "foreign_keys = 1", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        # Off: a REPLACE then meets our own triggers first, and meets them alike everywhere.
        connection.execute("PRAGMA recursive_triggers = 0")
        self._add_conn_hooks(connection)  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")


def refuse_foreign(path: str | Path) -> None:
    """Raise ``Damaged`` where the file is not one of ours, without opening it as a database.

    A missing or empty file is a database yet to be made.
    """
    file = Path(path)
    if file.is_dir():
        raise Unavailable(
            N_("“{path}” is a folder, not a database."),
            way_out=N_("Choose a file in it, or a new name."),
            path=str(file),
        )
    try:
        with _guard:
            if stands_open(file):
                return  # looked at when it was opened
            with file.open("rb") as stream:
                header = stream.read(100)
        size = file.stat().st_size
    except FileNotFoundError:
        return
    if not header:
        return
    if not header.startswith(MAGIC) or len(header) < 100:
        raise Damaged(path=str(file))
    (application_id,) = struct.unpack(">I", header[68:72])
    if application_id != APPLICATION_ID:
        raise Damaged(
            N_("“{path}” belongs to another program."),
            way_out=N_("Choose another file. This one was not touched."),
            path=str(file),
        )
    wal = file.with_name(file.name + "-wal")
    if not (wal.exists() and wal.stat().st_size):
        _refuse_cut_off(file, header, size)


def _refuse_cut_off(file: Path, header: bytes, size: int) -> None:
    """A file that is shorter than its header says has lost its end."""
    (page_size,) = struct.unpack(">H", header[16:18])
    changed, pages = struct.unpack(">II", header[24:32])
    (counted_at,) = struct.unpack(">I", header[92:96])
    page_size = 65536 if page_size == 1 else page_size
    if changed == counted_at and size < pages * page_size:
        raise Damaged(path=str(file))
