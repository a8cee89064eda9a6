"""Text notes of a patient, and why visits were cancelled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from clinic_desk.models.documents import PatientNote
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.work import Work, command, query

LONGEST = 10_000

EMPTY = N_("A note needs some text.")
OTHERS = N_("Only who wrote a note may change it.")
WRITE_ANOTHER = N_("Write another note that says what has changed.")


@dataclass(frozen=True, slots=True)
class NoteCard:
    """A note. ``kind`` is "note" or "cancellation"; ``mine`` is for whoever asked."""

    id: int
    version: int
    patient_id: int
    appointment_id: int | None
    kind: str
    text: str
    author: str
    written_at: datetime
    mine: bool


@query("Customer Show")
def notes(actor: Actor, patient_id: int, *, limit: int = 500) -> tuple[NoteCard, ...]:
    """The notes of a patient, the newest first; two queries. Raises ``NotFound``."""
    patient_access.require_seen(actor, patient_id)
    found = actor.store.rows(
        "SELECT n.id, n.version, n.patient_id, n.appointment_id, n.kind, n.text,"
        " COALESCE(u.display_name, ''), n.written_at, n.author_id FROM patient_note n"
        " LEFT JOIN user_account u ON u.id = n.author_id"
        " WHERE n.patient_id = ? AND n.organisation_id = ?"
        " ORDER BY n.written_at DESC, n.id DESC LIMIT ?",
        (patient_id, actor.organisation_id, limit),
    )
    return tuple(
        NoteCard(*(*known, instant(at), author == actor.user_id)) for *known, at, author in found
    )


@command("Customer Update", action="note.write")
def write(
    work: Work,
    patient_id: int,
    text: str,
    *,
    appointment_id: int | None = None,
    request_id: str | None = None,
) -> int:
    """Write a note; its number. Raises ``Invalid`` for an empty one, ``NotFound``."""
    clean = _checked(text)
    (rights,) = work.lock(patient_access.rights(work.actor, patient_id))
    patient_access.require_change(work, rights)
    row = work.create(
        PatientNote,
        uuid=str(uuid.uuid4()),
        patient_id=patient_id,
        appointment_id=appointment_id,
        kind="note",
        text=clean,
        author_id=work.actor.user_id,
        written_at=work.now,
        version=1,
    )
    return int(row.id)


@command("Customer Update", action="note.change")
def change(
    work: Work, note_id: int, text: str, *, version: int, request_id: str | None = None
) -> int:
    """Correct one's own note; its number. Raises ``Stale``, ``NotFound``, ``Refused`` where
    somebody else wrote it.
    """
    clean = _checked(text)
    seen = work.find(PatientNote, note_id)
    found, rights = work.lock(
        work.locked_row(PatientNote, note_id),
        patient_access.rights(work.actor, seen.patient_id),
    )
    patient_access.require_change(work, rights)
    row = work.found(PatientNote, found)
    if row.author_id != work.actor.user_id or row.kind != "note":
        raise Refused(OTHERS, way_out=WRITE_ANOTHER)
    if row.version != version:
        raise Stale
    work.change(row, text=clean)
    return note_id


def _checked(text: str) -> str:
    clean = fold.clean("text", text, lines=True, longest=LONGEST)
    if not clean:
        raise Invalid("text", EMPTY)
    return clean
