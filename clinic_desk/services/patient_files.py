"""Files that are kept with a patient: in the database, in parts, never in memory as a whole.

A file comes in between two deeds. The first makes an empty document that nobody sees, then its
parts are written one by one (without the organisation's lock, so nobody waits for a scan), and
the second deed says what it has become: name, length, SHA-256. An interrupted one stays unseen.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clinic_desk.models import files
from clinic_desk.models.documents import MOST_OF_A_PART, Document
from clinic_desk.rules import file_names
from clinic_desk.rules.errors import Damaged, Invalid, NotFound, Refused, Stale, Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.diary_view import instant
from clinic_desk.services.transaction import Statement, alone
from clinic_desk.services.work import Work, command, query

MOST_MEGABYTES = "documents.most_megabytes"
"""The setting (of the organisation) for how large a file may be."""

USUAL_MEGABYTES = 25
LEFTOVERS = timedelta(days=1)

Progress = Callable[[int, int], None]
"""Told how many of how many bytes have gone."""

EMPTY = N_("This file is empty.")
TOO_LARGE = N_("This file is larger than {megabytes} MB.")
SMALLER = N_("Save it smaller, or ask an administrator to raise the limit.")
NOT_READ = N_("“{file}” could not be read ({detail}).")
NOT_WRITTEN = N_("“{file}” could not be written ({detail}).")
OTHER_PLACE = N_("Choose another file or folder.")
NOT_WHOLE = N_("This document did not arrive whole.")
SAVE_AGAIN = N_("Add the file again.")
DAMAGED = N_("This document is damaged in the database.")
ASK = N_("Ask an administrator to check the database.")


class Stopped(Refused):
    """Whoever watched has stopped it; nothing is left of the file."""

    message = N_("Stopped.")


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """A file of a patient; ``size`` in bytes."""

    id: int
    version: int
    patient_id: int
    appointment_id: int | None
    name: str
    media_type: str
    size: int
    sha256: str
    author: str
    written_at: datetime


_SELECT = (
    "SELECT d.id, d.version, d.patient_id, d.appointment_id, d.name, d.media_type, d.size,"
    " d.sha256, COALESCE(u.display_name, ''), d.written_at FROM document d"
    " LEFT JOIN user_account u ON u.id = d.author_id"
)


@query("Customer Show")
def documents(actor: Actor, patient_id: int, *, limit: int = 500) -> tuple[DocumentCard, ...]:
    """The files of a patient, the newest first; two queries. Raises ``NotFound``."""
    patient_access.require_seen(actor, patient_id)
    found = actor.store.rows(
        f"{_SELECT} WHERE d.patient_id = ? AND d.organisation_id = ? AND d.media_type <> ''"
        " ORDER BY d.written_at DESC, d.id DESC LIMIT ?",
        (patient_id, actor.organisation_id, limit),
    )
    return tuple(map(_card, found))


def most_bytes(actor: Actor) -> int:
    """How large a file may be."""
    found = actor.store.rows(
        "SELECT value FROM setting WHERE organisation_id = ? AND COALESCE(user_id, 0) = 0"
        " AND name = ?",
        (actor.organisation_id, MOST_MEGABYTES),
    )
    megabytes = json.loads(found[0][0]) if found else USUAL_MEGABYTES
    return int(megabytes) * 1024 * 1024


def add(
    actor: Actor,
    patient_id: int,
    path: Path,
    *,
    appointment_id: int | None = None,
    progress: Progress = lambda _done, _all: None,
    cancelled: Callable[[], bool] = lambda: False,
    request_id: str | None = None,
) -> Done[DocumentCard]:
    """Keep the file at *path* with a patient. For a thread of its own: it may take a while.

    Raises ``Invalid`` (field "file") for an empty, too large or unfit one, ``Unavailable``
    where it cannot be read, :class:`Stopped`, ``NotAllowed``, ``NotFound``.
    """
    key = request_id or str(uuid.uuid4())
    name, most = file_names.kept_name(path.name), most_bytes(actor)
    files.refuse_open(path)
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            _refuse_size(size, most)
            kind = file_names.media_type(name, stream.read(64))
            stream.seek(0)
            begun = _begin(
                actor, patient_id, name, appointment_id=appointment_id, request_id=f"{key}.begin"
            )
            number = begun.value
            _drop_leftovers(actor, patient_id)
            try:
                done, mark = 0, hashlib.sha256()
                parts = iter(lambda: stream.read(MOST_OF_A_PART), b"")
                for place, content in enumerate(parts):
                    _refuse_stopped(cancelled)
                    done += len(content)
                    _refuse_size(done, most)
                    mark.update(content)
                    _write_part(actor, number, place, content)
                    progress(done, max(size, done))
                return _finish(
                    actor, number, kind, done, mark.hexdigest(), request_id=f"{key}.finish"
                )
            except BaseException:
                with contextlib.suppress(Exception):
                    _drop_parts(actor, number)
                raise
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Unavailable(NOT_READ, way_out=OTHER_PLACE, file=path.name, detail=detail) from error


def _refuse_size(size: int, most: int) -> None:
    if not size:
        raise Invalid("file", EMPTY)
    if size > most:
        raise Refused(TOO_LARGE, way_out=SMALLER, megabytes=most // (1024 * 1024))


def _refuse_stopped(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Stopped


def _refuse_damaged(card: DocumentCard, size: int, sha256: str) -> None:
    if size != card.size or sha256 != card.sha256:
        raise Damaged(DAMAGED, way_out=ASK)


@command("Customer Update", action="document.begin")
def _begin(
    work: Work,
    patient_id: int,
    name: str,
    *,
    appointment_id: int | None = None,
    request_id: str | None = None,
) -> int:
    (rights,) = work.lock(patient_access.rights(work.actor, patient_id))
    patient_access.require_change(work, rights)
    row = work.create(
        Document,
        uuid=str(uuid.uuid4()),
        patient_id=patient_id,
        appointment_id=appointment_id,
        name=name,
        media_type="",
        size=0,
        sha256="",
        author_id=work.actor.user_id,
        written_at=work.now,
        version=1,
    )
    return int(row.id)


@command("Customer Update", action="document.add")
def _finish(
    work: Work,
    document_id: int,
    media_type: str,
    size: int,
    sha256: str,
    *,
    request_id: str | None = None,
) -> DocumentCard:
    """The document is whole: from now on it is seen. Raises ``Refused`` where it is not."""
    seen = work.find(Document, document_id)
    found, rights, parts = work.lock(
        work.locked_row(Document, document_id),
        patient_access.rights(work.actor, seen.patient_id),
        Statement(
            "SELECT COUNT(*), COALESCE(SUM(length(content)), 0), COALESCE(MAX(part), 0)"
            " FROM document_part WHERE document_id = ? AND organisation_id = ?",
            (document_id, work.organisation_id),
        ),
    )
    patient_access.require_change(work, rights)
    row = work.found(Document, found)
    count, stored, last = map(int, parts[0])
    if row.media_type or stored != size or count != last + 1:
        raise Refused(NOT_WHOLE, way_out=SAVE_AGAIN)
    work.change(row, media_type=media_type, size=size, sha256=sha256, written_at=work.now)
    user = work.catalogue.users.get(row.author_id or 0)
    return DocumentCard(
        row.id,
        row.version,
        row.patient_id,
        row.appointment_id,
        row.name,
        row.media_type,
        row.size,
        row.sha256,
        user.display_name if user else "",
        row.written_at,
    )


@command("Customer Update", action="document.remove")
def remove(work: Work, document_id: int, *, version: int, request_id: str | None = None) -> None:
    """Throw a file away for good; the history keeps its name and its SHA-256, no more.

    Raises ``NotFound``, ``Stale``, ``NotAllowed``.
    """
    seen = work.find(Document, document_id)
    found, rights = work.lock(
        work.locked_row(Document, document_id),
        patient_access.rights(work.actor, seen.patient_id),
    )
    patient_access.require_change(work, rights)
    row = work.found(Document, found)
    if not row.media_type:
        raise NotFound
    if row.version != version:
        raise Stale
    work.change(row, media_type="")
    gone = "DELETE FROM document_part WHERE document_id = ? AND organisation_id = ?"
    # What a part holds is never told in the history, so the door's own deletion is not for it.
    work._transaction.write(Statement(gone, (document_id, work.organisation_id)))  # noqa: SLF001


def save(
    actor: Actor,
    document_id: int,
    path: Path,
    *,
    progress: Progress = lambda _done, _all: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Write a document to *path*, which must not exist yet; part by part, checked at the end.

    Raises ``NotFound``, ``Damaged`` where it is not what was put in, ``Unavailable`` where
    it cannot be written, :class:`Stopped`. A file that is not whole is taken away again.
    """
    card = document(actor, document_id)
    mark, done = hashlib.sha256(), 0
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                for content in _parts(actor, document_id):
                    _refuse_stopped(cancelled)
                    stream.write(content)
                    mark.update(content)
                    done += len(content)
                    progress(done, card.size)
            _refuse_damaged(card, done, mark.hexdigest())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Unavailable(
            NOT_WRITTEN, way_out=OTHER_PLACE, file=path.name, detail=detail
        ) from error
    return path


_BINARY = getattr(os, "O_BINARY", 0)


@query("Customer Show")
def document(actor: Actor, document_id: int) -> DocumentCard:
    """One file of a patient whom *actor* may see. Raises ``NotFound``."""
    found = actor.store.rows(
        f"{_SELECT} WHERE d.id = ? AND d.organisation_id = ? AND d.media_type <> ''",
        (document_id, actor.organisation_id),
    )
    if not found:
        raise NotFound
    patient_access.require_seen(actor, found[0][2])
    return _card(found[0])


def _card(values: Any) -> DocumentCard:
    *known, written_at = values
    return DocumentCard(*(*known, instant(written_at)))


def _parts(actor: Actor, document_id: int) -> Iterator[bytes]:
    place = 0
    while found := actor.store.rows(
        "SELECT content FROM document_part WHERE organisation_id = ? AND document_id = ?"
        " AND part = ?",
        (actor.organisation_id, document_id, place),
    ):
        yield bytes(found[0][0])
        place += 1


def _write_part(actor: Actor, document_id: int, place: int, content: bytes) -> None:
    alone(
        actor.store,
        actor.organisation_id,
        Statement(
            "INSERT INTO document_part (document_id, part, organisation_id, content)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING part",
            (document_id, place, actor.organisation_id, content),
        ),
    )


def _drop_parts(actor: Actor, document_id: int) -> None:
    """Of a document that has not become one."""
    alone(
        actor.store,
        actor.organisation_id,
        Statement(
            "DELETE FROM document_part WHERE organisation_id = ? AND document_id = ?"
            " AND (SELECT media_type FROM document WHERE id = document_id) = '' RETURNING part",
            (actor.organisation_id, document_id),
        ),
    )


def _drop_leftovers(actor: Actor, patient_id: int) -> None:
    """What a desk left behind that was switched off while it sent a file of this patient."""
    before = r.stored(Document, "written_at", datetime.now(UTC) - LEFTOVERS)
    alone(
        actor.store,
        actor.organisation_id,
        Statement(
            "DELETE FROM document_part WHERE organisation_id = ? AND document_id IN"
            " (SELECT id FROM document WHERE patient_id = ? AND media_type = ''"
            " AND written_at < ?) RETURNING part",
            (actor.organisation_id, patient_id, before),
        ),
    )
