"""Two records of one person become one: all that hangs on the one moves to the other.

It goes in steps of less than a hundred rows, each a deed; their request numbers share a batch,
so a merge that was interrupted goes on, and one that was wrong is taken back as a whole. Whoever
looks for the old number finds the record that was kept.

The patient cannot be in two places (the database itself refuses it), so a case with a visit
that overlaps one of the kept record's stays with the old record; the page of the kept one
shows it all the same. Merged again after one of the two was moved, it follows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import peewee

from clinic_desk.models.consents import Consent
from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.documents import Document, PatientNote
from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import CareTeam, Patient
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access, patient_fields
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, Done, PatientCard
from clinic_desk.services.diary_view import appointment
from clinic_desk.services.messages import FAILED, WAITING
from clinic_desk.services.patients import card
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

AT_ONCE = 80
"""Rows that one step moves at the most; with both records it stays below a hundred."""

ACTION = "patient.merge"

TAKES_TIME = "('requested', 'scheduled', 'confirmed', 'arrived', 'completed')"

MOVING: tuple[type[peewee.Model], ...] = (
    Appointment,
    Case,
    PatientNote,
    Document,
    Consent,
    Outbox,
)
"""What moves, in this order: a case goes when its visits have gone."""

SAME = N_("A record cannot be merged with itself.")
GONE = N_("One of these records was merged already.")
LOOK = N_("Look both patients up again and begin anew.")


@dataclass(frozen=True, slots=True)
class Merging:
    """What a merge would do. ``overlaps`` are pairs of visits at the same time: the kept
    record's, and the other's, which stays where it is. ``choices`` are the fields that both
    have and not alike, as the kept record and as the other one has them; what only one of them
    has is kept in any case.
    """

    kept: PatientCard
    other: PatientCard
    overlaps: tuple[tuple[AppointmentCard, AppointmentCard], ...]
    appointments: int
    cases: int
    notes: int
    documents: int
    choices: tuple[tuple[str, Any, Any], ...]

    @property
    def versions(self) -> tuple[int, int]:
        """Both records' as they were looked at, for :func:`merge`."""
        return self.kept.version, self.other.version

    @property
    def differing(self) -> tuple[str, ...]:
        """The names of the fields that both have and not alike."""
        return tuple(name for name, _kept, _other in self.choices)


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a merge; ``left`` visits stay with the old record, since they overlap."""

    kept_id: int
    other_id: int
    batch_id: str
    left: int


@query("Customer Show")
def preview(actor: Actor, kept_id: int, other_id: int) -> Merging:
    """What merging *other_id* into *kept_id* would do. Raises ``NotFound``, ``Refused``."""
    kept, other = _pair(actor, kept_id, other_id)
    found = actor.store.rows(
        "SELECT a.id, b.id FROM appointment a JOIN appointment b ON b.patient_id = ?"  # noqa: S608
        f" AND b.status IN {TAKES_TIME} AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
        f" WHERE a.patient_id = ? AND a.organisation_id = ? AND a.status IN {TAKES_TIME}"
        " ORDER BY a.starts_at, b.starts_at",
        (other_id, kept_id, actor.organisation_id),
    )
    counts = [
        actor.store.rows(
            f"SELECT COUNT(*) FROM {r.table(model)} WHERE patient_id = ?"  # noqa: S608 - a name
            " AND organisation_id = ?",
            (other_id, actor.organisation_id),
        )[0][0]
        for model in MOVING[:4]
    ]
    return Merging(
        card(kept),
        card(other),
        tuple((appointment(actor, one), appointment(actor, two)) for one, two in found),
        appointments=counts[0],
        cases=counts[1],
        notes=counts[2],
        documents=counts[3],
        choices=tuple(
            (name, getattr(kept, name), getattr(other, name))
            for name in patient_fields.NAMES
            if getattr(kept, name)
            and getattr(other, name)
            and getattr(kept, name) != getattr(other, name)
            and (name != "medical_alert" or actor.may(patient_fields.ALERTS))
        ),
    )


def _pair(actor: Actor, kept_id: int, other_id: int) -> tuple[Patient, Patient]:
    if kept_id == other_id:
        raise Refused(SAME, way_out=LOOK)
    rows = []
    for number in (kept_id, other_id):
        patient_access.require_seen(actor, number)
        statement = r.by_id(Patient, actor.organisation_id, number)
        rows.append(r.row(Patient, actor.store.rows(*statement)[0]))
    _refuse_gone(*rows)
    return rows[0], rows[1]


def _refuse_gone(kept: Patient, other: Patient) -> None:
    if kept.merged_into_id is not None or other.merged_into_id not in {None, kept.id}:
        raise Refused(GONE, way_out=LOOK)


def merge(
    actor: Actor,
    kept_id: int,
    other_id: int,
    *,
    take: Collection[str] = (),
    versions: tuple[int, int] | None = None,
    progress: Callable[[int], None] = lambda _moved: None,
    cancelled: Callable[[], bool] = lambda: False,
    request_id: str | None = None,
) -> Done[Merged]:
    """Move all of *other_id* to *kept_id*, step by step. *take*: the fields that shall be as
    the other record has them; what the kept one does not have is taken in any case.

    *versions* are those of the records that were looked at to choose. *progress* is told the
    rows moved so far. Cancelled between two steps it leaves two whole
    records, some rows moved; begun again, also with the same *request_id*, it goes on.

    Raises ``NotAllowed`` unless the actor may change both, ``NotFound``, ``Refused``, ``Stale``
    where somebody changed one of the records since.
    """
    if unknown := set(take) - set(patient_fields.NAMES):
        raise Invalid("take", N_("There is no such field."), names=sorted(unknown))
    batch = request_id or str(uuid.uuid4())
    changed: dict[tuple[str, int], None] = {}
    number, moved, seq, left = 0, 0, 0, 0
    while not cancelled():
        part = f"{batch}.{number:05d}"
        done = _step(actor, kept_id, other_id, sorted(take), versions, request_id=part)
        changed |= dict.fromkeys(done.changed)
        number, seq = number + 1, done.seq
        answer: tuple[bool, int, int] | None = done.value
        if answer is None:  # done before it was interrupted
            continue
        more, here, left = answer
        moved += here
        progress(moved)
        if not more:
            break
    return Done(Merged(kept_id, other_id, batch, left), seq, tuple(changed))


@command("Customer Update", action=ACTION)
def _step(
    work: Work,
    kept_id: int,
    other_id: int,
    take: Collection[str],
    versions: tuple[int, int] | None,
    *,
    request_id: str | None = None,
) -> tuple[bool, int, int]:
    """Move the next rows; whether there are more, how many went, how many visits stay."""
    if kept_id == other_id:
        raise Refused(SAME, way_out=LOOK)
    own = (other_id, work.organisation_id)
    stays = (
        "SELECT a.case_id FROM appointment a WHERE a.patient_id = ? AND a.organisation_id = ?"  # noqa: S608
        f" AND a.status IN {TAKES_TIME} AND EXISTS (SELECT 1 FROM appointment b WHERE"
        f" b.patient_id = ? AND b.status IN {TAKES_TIME} AND a.starts_at < b.ends_at"
        " AND b.starts_at < a.ends_at)"
    )
    rights_kept, rights_other, kept_row, other_row, staying, *answers = work.lock(
        patient_access.rights(work.actor, kept_id),
        patient_access.rights(work.actor, other_id),
        work.locked_row(Patient, kept_id),
        work.locked_row(Patient, other_id),
        Statement(stays, (*own, kept_id)),
        *(
            Statement(
                f"{r.selecting(model)} WHERE patient_id = ? AND organisation_id = ?"
                + (f" AND {key} NOT IN ({stays})" if key else "")
                + f" ORDER BY id LIMIT {AT_ONCE}{_locked(work, model)}",
                (*own, *own, kept_id) if key else own,
            )
            for model, key in zip(MOVING, _KEYS, strict=True)
        ),
    )
    patient_access.require_change(work, rights_kept)
    kept, other = work.found(Patient, kept_row), work.found(Patient, other_row)
    if not rights_other or not rights_other[0][0]:
        raise NotFound
    if other.merged_into_id is None:
        patient_access.require_change(work, rights_other)
    _refuse_gone(kept, other)
    if versions is not None and versions != (kept.version, other.version):
        raise Stale
    moved = 0
    for model, found in zip(MOVING, answers, strict=True):
        for row in r.rows(model, found)[: AT_ONCE - moved]:
            more = {}
            if isinstance(row, Outbox) and row.state in {WAITING, FAILED}:
                more = {"recipient": _address(kept, other, take) or row.recipient}
            work.change(row, patient_id=kept_id, **more)
            moved += 1
        if moved == AT_ONCE:
            return True, moved, len(staying)
    _close(work, kept, other, take)
    return False, moved, len(staying)


_KEYS = (
    "case_id",
    "id",
    "",
    "",
    "",
    "COALESCE((SELECT v.case_id FROM appointment v WHERE v.id = appointment_id), 0)",
)
"""By which a row of each sort stays: the case that stays, with its visits and their messages."""


def _locked(work: Work, model: type[peewee.Model]) -> str:
    """Messages may be on their way to be sent."""
    return " FOR UPDATE" if model is Outbox and work.store.dialect == "postgresql" else ""


def _address(kept: Patient, other: Patient, take: Collection[str]) -> str:
    """Where the mails of the record go that comes of both; empty for nowhere."""
    one, two = (_becomes(kept, other, take, name) for name in ("guardian_email", "email"))
    return str(one or two).strip()


def _becomes(kept: Patient, other: Patient, take: Collection[str], name: str) -> Any:
    theirs, ours = getattr(other, name), getattr(kept, name)
    return theirs if theirs and (name in take or not ours) else ours


def _close(work: Work, kept: Patient, other: Patient, take: Collection[str]) -> None:
    """The records themselves, when all has moved that can."""
    former, teams = work.look_again(
        Statement(
            f"{r.selecting(Patient)} WHERE merged_into_id IN (?, ?) AND organisation_id = ?"
            " ORDER BY id",
            (kept.id, other.id, work.organisation_id),
        ),
        Statement(
            f"{r.selecting(CareTeam)} WHERE patient_id IN (?, ?) AND organisation_id = ?"
            " ORDER BY id",
            (kept.id, other.id, work.organisation_id),
        ),
    )
    fields = {}
    for name in patient_fields.NAMES:
        if (value := _becomes(kept, other, take, name)) != getattr(kept, name):
            fields[name] = value
    for name, key in patient_fields.CONTACT_KEYS.items():
        if name in fields:
            fields[key] = getattr(other, key)
    earlier = r.rows(Patient, former)
    for row in earlier:
        if row.merged_into_id == other.id:
            work.change(row, merged_into_id=kept.id)
    numbers = [row.number for row in earlier if row.id != other.id]
    if other.merged_into_id is None:
        work.change(other, merged_into_id=kept.id, active=False)
    work.change(kept, **fields, search=_search(work, kept, fields, [*numbers, other.number]))
    members = r.rows(CareTeam, teams)
    known = {m.user_id for m in members if m.patient_id == kept.id}
    for member in members:
        if member.patient_id == other.id and member.user_id not in known:
            work.change(member, patient_id=kept.id)


def _search(work: Work, row: Patient, fields: dict[str, Any], former: list[str]) -> str:
    whole = {name: fields.get(name, getattr(row, name)) for name in patient_fields.NAMES}
    home = work.catalogue.organisation.country
    return patient_fields.key_of(whole, row.number, home, sorted(former))
