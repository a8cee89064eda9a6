"""Everything of a database in one file, and back again into an empty one.

The file is the same whichever database it came from, so it is also the way from a single
desk's file to a server and back. See :mod:`clinic_desk.services.archive` for its form.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clinic_desk.models import base, files, schema
from clinic_desk.models.journal import Deed, DeedText
from clinic_desk.models.people import DatabaseInfo, Organisation
from clinic_desk.rules.errors import ClinicError, DiskFull, Refused, Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.services import archive, chain, delivery, portable, webhook_delivery
from clinic_desk.services import rows as r
from clinic_desk.services.archive import Manifest, Reader, damaged
from clinic_desk.services.bulk import plan_for_many
from clinic_desk.services.check_history import present_head
from clinic_desk.services.faults import ClaimOverlap, raise_translated, translated
from clinic_desk.services.store import Store, open_store

Progress = Callable[[int, int], None]
"""Told how many of how many rows are done; restoring counts each row twice (checked, written)."""

STOPPED = N_("Stopped; nothing was written.")
TAKEN = N_("“{file}” is there already and is no backup.")
OTHER_NAME = N_("Choose another name.")
NOT_WRITTEN = N_("“{file}” could not be written ({detail}).")
OTHER_PLACE = N_("Choose another folder.")
NOT_EMPTY = N_("A backup is restored into an empty database only; this one has records.")
EMPTY_ONE = N_("Name a new file or a new database. Nothing was touched.")
CONTRADICTS = N_("The records of this backup contradict each other; nothing was written.")
NOT_READ = N_("“{file}” could not be read ({detail}).")


class Stopped(Refused):
    """Whoever watched has stopped it."""

    message = STOPPED


def backup(
    store: Store,
    path: Path,
    *,
    passphrase: str | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Manifest:
    """Write all of the database, as it stands at one moment, to *path*.

    Others go on working meanwhile. The file appears under its name only when it is whole; an
    older backup of that name is replaced then. With a *passphrase* it is encrypted.

    Raises:
        Refused: *path* is a file of another sort, or it was stopped.
        Unavailable: the folder cannot be written, the disk is full.
    """
    files.refuse_open(path)
    if path.exists() and not archive.is_backup(path):
        raise Refused(TAKEN, way_out=OTHER_NAME, file=path.name)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with unfinished.open("xb") as file:
            with contextlib.ExitStack() as stack:
                out: Any = file
                if passphrase:
                    from clinic_desk.services.sealed import Sealer

                    out = stack.enter_context(Sealer(file, passphrase))
                writer = stack.enter_context(archive.Writer(out))
                manifest = _write(store, writer, progress, should_stop)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    except Exception as error:
        raise_translated(error)
        raise
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return manifest


def _write(
    store: Store,
    out: archive.Writer,
    progress: Progress | None,
    should_stop: Callable[[], bool] | None,
) -> Manifest:
    with _one_moment(store):
        total = sum(
            store.rows(f"SELECT count(*) FROM {m._meta.table_name}")[0][0]  # noqa: S608
            for m in portable.TABLES
        )
        done = 0

        def each(rows: int) -> None:
            nonlocal done
            done += rows
            if should_stop is not None and should_stop():
                raise Stopped
            if progress is not None:
                progress(min(done, total), total)

        for model in portable.TABLES:
            out.table(model, portable.read(store, model), each)
        ((epoch, tzdata),) = store.rows("SELECT epoch, tzdata FROM database_info")
        heads = {}
        for number, name in store.rows("SELECT id, uuid FROM organisation ORDER BY id"):
            head = present_head(store, number)
            heads[name] = (head.seq, head.chain)
        manifest = Manifest(
            archive.FORMAT,
            schema.VERSION,
            datetime.now(UTC).isoformat(timespec="seconds"),
            epoch,
            tzdata,
            out.tables,
            heads,
        )
    out.finish(manifest)
    if progress is not None:
        progress(total, total)
    return manifest


@contextlib.contextmanager
def _one_moment(store: Store) -> Iterator[None]:
    """All that is read inside stands as at one moment; nobody has to wait for it."""
    connection = store.connection()
    if store.dialect == "sqlite":
        connection.execute("BEGIN")
    else:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            connection.execute("ROLLBACK")


def _unwritable(path: Path, error: OSError) -> ClinicError:
    if error.errno in {28, 122}:  # no space, quota
        return DiskFull()
    return Unavailable(
        NOT_WRITTEN, way_out=OTHER_PLACE, file=str(path), detail=error.strerror or str(error)
    )


def _sync_folder(folder: Path) -> None:
    """The new name itself has to reach the disk too; where a system cannot, it need not."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def restore(
    url: str,
    path: Path,
    *,
    passphrase: str | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Fill the empty database at *url* from a backup, after all of it was checked.

    Everything is written in one transaction, or nothing. The database gets an epoch of its
    own, so that desks which knew the old one read everything anew. Messages that waited when
    the backup was made are withdrawn: they have left since, or are no longer true. So are, when
    they are written, reminders whose time had come before now. Staff find both in the outbox.

    Raises:
        Refused: the database is not empty, the file is no backup, the passphrase is wrong.
        WrongSchema: the backup is of another version.
        Damaged: the file is not as it was written.
        Unavailable: file or database cannot be reached.
    """
    try:
        with archive.opened(path, passphrase) as reader:
            steps = _Steps(progress, 2 * reader.total)
            verify(reader, steps)
            _require_empty(url)
            _fill(url, reader, steps)
            return reader.manifest
    except OSError as error:
        detail = error.strerror or str(error)
        raise Unavailable(NOT_READ, file=str(path), detail=detail) from error


def inspect(path: Path, *, passphrase: str | None = None) -> Manifest:
    """Check all of a backup without restoring it. Raises what :func:`restore` raises."""
    with archive.opened(path, passphrase) as reader:
        verify(reader, _Steps(None, 0))
        return reader.manifest


class _Steps:
    """Counts rows towards the progress that somebody watches."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def through(self, rows: Iterator[portable.Values]) -> Iterator[portable.Values]:
        """The same rows, counted."""
        for row in rows:
            self._done += 1
            if self._progress is not None and self._done % portable.BATCH == 0:
                self._progress(self._done, self._total)
            yield row


def verify(reader: Reader, steps: _Steps) -> None:
    """Read everything once: sums, columns, values, and every organisation's chain."""
    uuids: dict[int, str] = {}
    pick = portable.picking(Organisation, "id", "uuid")
    for model in portable.TABLES:
        if model in {Deed, DeedText}:
            continue
        for row in steps.through(reader.rows(model)):
            if model is Organisation:
                number, name = pick(row)
                uuids[number] = name
    ends = _chain_ends(reader, steps)
    heads = {uuids.get(number): (head.seq, head.chain) for number, head in ends.items()}
    told = {name: head for name, head in reader.manifest.heads.items() if head[0]}
    if heads != told:
        raise damaged("deed")


def _chain_ends(reader: Reader, steps: _Steps) -> dict[int, chain.Head]:
    """Walk deeds and their texts side by side; both are in the order of the chain."""
    deed = portable.picking(
        Deed,
        "organisation_id",
        "seq",
        "request_id",
        "actor_id",
        "origin",
        "action",
        "at",
        "undoes",
        "digest",
        "chain",
    )
    texts = steps.through(reader.rows(DeedText))
    ends: dict[int, chain.Head] = {}
    for row in steps.through(reader.rows(Deed)):
        number, seq, request_id, actor, origin, action, at, undoes, mark, linked = deed(row)
        text = next(texts, None)
        if text is None or tuple(text[:2]) != (number, seq):
            raise damaged("deed_text")
        salt, body = text[2:4]
        if chain.digest(salt, body) != mark and (salt or body):
            raise damaged("deed_text")
        before = ends.get(number, chain.Head())
        made = chain.link(
            before.chain,
            organisation_id=number,
            seq=seq,
            request_id=request_id,
            actor_id=actor,
            origin=origin,
            action=action,
            at=portable.instant(at),
            undoes=undoes,
            digest=mark,
        )
        if seq != before.seq + 1 or made != linked:
            raise damaged("deed")
        ends[number] = chain.Head(seq, linked)
    if next(texts, None) is not None:
        raise damaged("deed_text")
    return ends


def _require_empty(url: str) -> None:
    """An empty database, or one with our schema and no records; then with our schema."""
    try:
        database = base.connect(url)
        try:
            if schema.version(database):
                schema.require_current(database)
                if database.execute_sql("SELECT 1 FROM organisation LIMIT 1").fetchone():
                    raise Refused(NOT_EMPTY, way_out=EMPTY_ONE)
            schema.create(database)
        finally:
            database.close()
    except Exception as error:
        raise_translated(error)


def _fill(url: str, reader: Reader, steps: _Steps) -> None:
    store = open_store(url)
    connection = store.connection()
    try:
        connection.execute("BEGIN IMMEDIATE" if store.dialect == "sqlite" else "BEGIN")
        if store.dialect == "postgresql":
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            plan_for_many(store)
            connection.execute("LOCK TABLE organisation IN EXCLUSIVE MODE")
        _still_empty(store)
        held = portable.Held()
        for model in portable.TABLES:
            portable.write(store, model, held.back(model, steps.through(reader.rows(model))))
        held.set(store)
        delivery.withdraw_all(store)
        webhook_delivery.stop_all(store)
        portable.resume_numbers(store)
        connection.execute(
            # What came after the backup is known to nobody here; reminders go by this instant.
            store.placed("UPDATE database_info SET epoch = ?, tzdata = ?, created_at = ?"),
            (
                str(uuid.uuid4()),
                reader.manifest.tzdata,
                r.stored(DatabaseInfo, "created_at", datetime.now(UTC)),
            ),
        )
        connection.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(Exception):
            connection.execute("ROLLBACK")
        if _contradicts(error):
            raise Refused(CONTRADICTS) from error
        raise_translated(error)
    finally:
        store.close()


def _contradicts(error: BaseException) -> bool:
    """Whether the database's own types and constraints refused a row."""
    state = str(getattr(error, "sqlstate", None) or "")
    return (
        isinstance(translated(error), ClaimOverlap)
        or state.startswith(("22", "23"))
        or type(error).__name__ in {"IntegrityError", "DataError", "OverflowError"}
    )


def _still_empty(store: Store) -> None:
    if store.rows("SELECT 1 FROM organisation LIMIT 1"):
        raise Refused(NOT_EMPTY, way_out=EMPTY_ONE)
