"""Who sent the patient to a visit, and to whom a visit sends them on; with a file if there is one.

The list of a visit tells names only; the letter and its file are for whoever may read them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.documents import Document, Referral
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

LONGEST_NAME = 200
LONGEST_NOTE = 4_000

CHANGES = "Appointment Referral Update / Update All"

NO_NAME = N_("The name is missing.")
TYPE_NAME = N_("Write the person or the clinic.")
NO_FILE = N_("This file does not belong to the patient any more.")
ADD_AGAIN = N_("Add the file again, or save without it.")


class Direction(StrEnum):
    """Which way the patient goes."""

    FROM = "from"
    TO = "to"


@dataclass(frozen=True, slots=True)
class ReferralCard:
    """A referral in a list: from or to whom, and who wrote it when."""

    id: int
    version: int
    appointment_id: int
    direction: Direction
    name: str
    has_file: bool
    author: str
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A referral with what it says and its file, None where it has none (any more)."""

    card: ReferralCard
    note: str
    document_id: int | None
    document_name: str


_SELECT = (
    "SELECT f.id, f.version, f.appointment_id, f.direction, f.name,"
    " COALESCE(u.display_name, ''), d.at, f.note, o.id, COALESCE(o.name, '') FROM referral f"
    " LEFT JOIN document o ON o.id = f.document_id AND o.media_type <> ''"
    " LEFT JOIN deed d ON d.organisation_id = f.organisation_id AND d.seq = (SELECT MIN(e.seq)"
    " FROM deed_entity e WHERE e.kind = 'referral' AND e.entity_id = f.id"
    " AND e.organisation_id = f.organisation_id)"
    " LEFT JOIN user_account u ON u.id = d.actor_id"
)


@query("Appointment Referral Get All")
def of_visit(actor: Actor, appointment_id: int) -> tuple[ReferralCard, ...]:
    """The referrals on a visit, the first one first; two queries. Raises ``NotFound``."""
    if not actor.store.rows(*patient_access.row(actor, Appointment, appointment_id)):
        raise NotFound
    found = actor.store.rows(
        f"{_SELECT} WHERE f.appointment_id = ? AND f.organisation_id = ? ORDER BY f.id",
        (appointment_id, actor.organisation_id),
    )
    return tuple(_letter(values).card for values in found)


@query("Appointment Referral Show")
def referral(actor: Actor, referral_id: int) -> Letter:
    """One referral with all that it says. Raises ``NotFound``."""
    visible, values = patient_access.seen(actor, patient_access.of_visit("f"))
    sql, parameters = _one(actor.organisation_id, referral_id)
    found = actor.store.rows(f"{sql} AND {visible}", (*parameters, *values))
    if not found:
        raise NotFound
    return _letter(found[0])


@command("Appointment Referral Create", action="referral.create")
def create(
    work: Work,
    appointment_id: int,
    *,
    direction: Direction,
    name: str,
    note: str = "",
    document_id: int | None = None,
    request_id: str | None = None,
) -> Letter:
    """Write a referral on a visit, whatever its status. *document_id* is a file of its patient.

    Raises ``Invalid`` (fields "name", "note", "file"), ``NotFound``.
    """
    clean_name, clean_note = _cleaned(name, note)
    visits, files = work.lock(
        work.seen(Appointment, appointment_id),
        _file(work, appointment_id, document_id),
    )
    if not visits:
        raise NotFound
    _refuse_file(document_id, files)
    row = work.create(
        Referral,
        uuid=str(uuid.uuid4()),
        appointment_id=appointment_id,
        direction=str(direction),
        name=clean_name,
        note=clean_note,
        document_id=document_id,
        version=1,
    )
    return _written(row, files, work.actor.name, work.now)


@command(CHANGES, action="referral.change")
def change(
    work: Work,
    referral_id: int,
    *,
    version: int,
    direction: Direction,
    name: str,
    note: str,
    document_id: int | None,
    request_id: str | None = None,
) -> Letter:
    """Write it anew. Raises ``Invalid`` as :func:`create`, ``Stale``, ``NotFound``."""
    clean_name, clean_note = _cleaned(name, note)
    seen = work.find(Referral, referral_id)
    found, letters, files = work.lock(
        work.locked_row(Referral, referral_id),
        _one(work.organisation_id, referral_id),
        _file(work, seen.appointment_id, document_id),
    )
    row, before = _current(work, found, letters, version)
    _refuse_file(document_id, files)
    work.change(
        row,
        direction=str(direction),
        name=clean_name,
        note=clean_note,
        document_id=document_id,
    )
    return _written(row, files, before.card.author, before.card.written_at)


@command(CHANGES, action="referral.remove")
def remove(work: Work, referral_id: int, *, version: int, request_id: str | None = None) -> None:
    """Take it off the visit; its file stays with the patient, its words in the history.

    Raises ``Stale``, ``NotFound``.
    """
    found, letters = work.lock(
        work.locked_row(Referral, referral_id, seen=True),
        _one(work.organisation_id, referral_id),
    )
    row, _before = _current(work, found, letters, version)
    work.delete(row)


def _cleaned(name: str, note: str) -> tuple[str, str]:
    clean = fold.clean("name", name, longest=LONGEST_NAME)
    if not clean:
        raise Invalid("name", NO_NAME, way_out=TYPE_NAME)
    return clean, fold.clean("note", note, lines=True, longest=LONGEST_NOTE)


def _one(organisation_id: int, referral_id: int) -> Statement:
    return Statement(
        f"{_SELECT} WHERE f.id = ? AND f.organisation_id = ?", (referral_id, organisation_id)
    )


def _file(work: Work, appointment_id: int, document_id: int | None) -> Statement:
    """The wished file, if it is whole and of the visit's patient."""
    return Statement(
        f"SELECT d.id, d.name FROM {r.table(Document)} d JOIN appointment v"  # noqa: S608
        " ON v.patient_id = d.patient_id AND v.organisation_id = d.organisation_id"
        " WHERE d.id = ? AND v.id = ? AND v.organisation_id = ? AND d.media_type <> ''",
        (document_id or 0, appointment_id, work.organisation_id),
    )


def _refuse_file(document_id: int | None, files: Rows) -> None:
    if document_id is not None and not files:
        raise Invalid("file", NO_FILE, way_out=ADD_AGAIN)


def _current(work: Work, found: Rows, letters: Rows, version: int) -> tuple[Referral, Letter]:
    row = work.found(Referral, found)
    before = _letter(letters[0])
    if row.version != version:
        raise Stale(before)
    return row, before


def _written(row: Referral, files: Rows, author: str, at: datetime | None) -> Letter:
    number, name = files[0] if files else (None, "")
    card = ReferralCard(
        row.id,
        row.version,
        row.appointment_id,
        Direction(row.direction),
        row.name,
        number is not None,
        author,
        at,
    )
    return Letter(card, row.note, number, name)


def _letter(values: Any) -> Letter:
    number, version, visit, direction, name, author, at, note, document, file = values
    card = ReferralCard(
        number,
        version,
        visit,
        Direction(direction),
        name,
        document is not None,
        author,
        None if at is None else instant(at),
    )
    return Letter(card, note, document, file)


create.again = referral  # type: ignore[attr-defined]
change.again = referral  # type: ignore[attr-defined]
