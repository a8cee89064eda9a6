"""One visit under the lock: reading it again, its place, its case, its status.

What every command of the diary shares, and approving and declining too.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold, lifecycle
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view, lengths, messages, patient_access, rooms
from clinic_desk.services import rows as r
from clinic_desk.services.booking import Wanted
from clinic_desk.services.cards import Override
from clinic_desk.services.rooms import ANY_ROOM, AnyRoom
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue


class Keep(Enum):
    """The mark for "leave it as it is"; None would mean "none"."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP

ELSEWHERE: Final = "Appointment Change Location"

DECLINING: Final = "Appointment Reject"

STAMPS = {
    Status.CONFIRMED: "confirmed_at",
    Status.ARRIVED: "arrived_at",
    Status.COMPLETED: "completed_at",
}
"""Which instant each status leaves behind."""


def rewrite_status(
    work: Work,
    row: Appointment,
    status: Status,
    wanted: Wanted,
    claims: list[Any],
    *,
    reason: str = "",
    override: Override | None = None,
) -> None:
    """Under the lock: check the step, take or free the time, write status and instants."""
    before = Status(row.status)
    if before is status:
        return
    lifecycle.check_step(before, status)
    if before is Status.REQUESTED and status is Status.CANCELLED and work.actor.user_id is not None:
        work.require(DECLINING)  # a program takes back what was asked through it
    fields: dict[str, Any] = {"status": str(status)}
    marked = booking.marked(row)
    if status in HOLDING and before not in HOLDING:
        permit = booking.settle(work, wanted, claims, override)
        fields["permit_id"] = permit.id if permit else None
    elif status not in HOLDING:
        fields["permit_id"] = None
    for step, name in STAMPS.items():
        if step is status:
            fields[name] = work.now
        elif lifecycle.is_step_back(before, status) and lifecycle.is_later(step, status):
            fields[name] = None
    if lifecycle.is_later(Status.ARRIVED, status) and lifecycle.is_step_back(before, status):
        fields["in_room_at"] = None
    fields["reason"] = fold.clean("reason", reason, lines=True, longest=lengths.REASON)
    work.reason = work.reason or fields["reason"]
    work.change(row, **fields)
    booking.unmark(work, marked if status not in HOLDING else None)


def locked(
    work: Work,
    seen: Appointment,
    version: int,
    *,
    span: Span | Keep = KEEP,
    type_id: int | Keep = KEEP,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | AnyRoom | None = KEEP,
    location_id: int | Keep | None = KEEP,
) -> tuple[Appointment, Patient, str, list[Any], Wanted]:
    """Lock and look again: the visit, its patient and main problem, what stands against it."""
    kind_id = seen.type_id if type_id is KEEP else type_id
    lead_id = seen.provider_id if provider_id is KEEP else provider_id
    room = None
    if operatory_id is not ANY_ROOM:
        room = seen.operatory_id if operatory_id is KEEP else operatory_id
    place = seen.location_id if location_id is KEEP else location_id
    catalogue = booking.catalogue_with(
        work.actor,
        type_ids=[kind_id],
        provider_ids=[lead_id],
        operatory_ids=[room],
        location_ids=[place],
    )
    if operatory_id is not KEEP and location_id is KEEP and room is not None:
        place = place_of(catalogue, None, room)
    elif operatory_id is not KEEP or location_id is not KEEP:
        place = place_of(catalogue, place, room)
    require_place(work, seen.location_id, place)
    wanted = Wanted(
        span=booking.checked_span(Span(seen.starts_at, seen.ends_at) if span is KEEP else span),
        before_minutes=seen.before_minutes,
        after_minutes=seen.after_minutes,
        provider_id=lead_id,
        operatory_id=room,
        patient_id=seen.patient_id,
        type_id=kind_id,
        location_id=place,
        time_zone=catalogue.time_zone(place),
        ignore_id=seen.id,
    )
    if kind_id != seen.type_id:
        kind = catalogue.types[kind_id]
        wanted = replace(
            wanted, before_minutes=kind.before_minutes, after_minutes=kind.after_minutes
        )
    choice: Sequence[int] = ()
    if operatory_id is ANY_ROOM:
        choice = rooms.in_order(catalogue, place, lead_id, wanted.span.starts_at)
    found, patients, cases, claims, *read = work.lock(
        work.locked_row(Appointment, seen.id),
        r.by_id(Patient, work.organisation_id, seen.patient_id),
        r.by_id(Case, work.organisation_id, seen.case_id),
        booking.claims_for(work.actor, wanted, choice),
        *messages.reads(work, seen.id),
    )
    row = work.found(Appointment, found)
    person = work.found(Patient, patients)
    messages.remember(work, row, person=person, read=read)
    problem = work.found(Case, cases).main_problem
    if row.version != version or row.version != seen.version:
        raise Stale(diary_view.card(work.catalogue, row, person, problem))
    newest = as_it_is(work, wanted, new_type=kind_id != seen.type_id)
    if newest != wanted:
        wanted = newest
        (claims,) = work.look_again(booking.claims_for(work.actor, wanted, choice))
    taken = booking.taken(claims)
    wanted = rooms.placed(work.catalogue, wanted, choice, taken)
    return row, person, problem, taken, replace(wanted, patient_name=name_of(person))


def as_it_is(work: Work, wanted: Wanted, *, new_type: bool = True) -> Wanted:
    """*wanted* with the zone of its place and, where its type is new to it, that one's buffers
    as they are under the lock: they may have been changed elsewhere since the desk was told.
    """
    known = work.catalogue
    now = (wanted.before_minutes, wanted.after_minutes)
    if new_type:
        kind = known.types[wanted.type_id]
        now = (kind.before_minutes, kind.after_minutes)
    zone = known.time_zone(wanted.location_id)
    if (wanted.before_minutes, wanted.after_minutes, wanted.time_zone) == (*now, zone):
        return wanted
    return replace(wanted, before_minutes=now[0], after_minutes=now[1], time_zone=zone)


def require_place(work: Work, before: int | None, after: int | None) -> None:
    """Raise ``NotAllowed`` where a visit would go to another location, or lose its own, and the
    user may not say so. Where none was set, one may be set.
    """
    if before is not None and after != before:
        work.require(ELSEWHERE)


def placed(wanted: Wanted) -> dict[str, Any]:
    """The fields of a row that say where a visit stands."""
    return {
        "starts_at": wanted.span.starts_at,
        "ends_at": wanted.span.ends_at,
        "provider_id": wanted.provider_id,
        "operatory_id": wanted.operatory_id,
        "location_id": wanted.location_id,
        "time_zone": wanted.time_zone,
        "wall_starts": booking.wall_text(wanted.span.starts_at, wanted.time_zone),
    }


def place_of(catalogue: Catalogue, location_id: int | None, operatory_id: int | None) -> int | None:
    """The location, read from the operatory where it is not said.

    Raises ``NotFound``, and ``Invalid`` for a room of another location.
    """
    if operatory_id is not None:
        if operatory_id not in catalogue.operatories:
            raise NotFound
        room = catalogue.operatories[operatory_id]
        location_id = location_id or room.location_id
        if location_id in catalogue.locations and room.location_id != location_id:
            raise Invalid(
                "operatory_id",
                N_("{operatory} is not a room of {location}."),
                way_out=N_("Choose a room of that location, or another location."),
                operatory=room.name,
                location=catalogue.locations[location_id].name,
            )
    if location_id is not None and location_id not in catalogue.locations:
        raise NotFound
    return location_id


def refuse_inactive(person: Patient) -> None:
    """Raise ``Refused`` for a patient whose record is not in use any more."""
    if not person.active:
        raise Refused(
            N_("The record of {patient} is not in use any more."),
            way_out=N_(
                "Choose another record of this patient, or have this one made active again."
            ),
            patient=name_of(person),
        )


def refuse_closed(case: Case) -> None:
    """Raise ``Refused`` for a case that is closed."""
    if not case.open:
        raise Refused(N_("This case is closed."), way_out=N_("Reopen it, or begin a new case."))


def refuse_over(row: Appointment) -> None:
    """Raise ``Refused`` for a visit that has had its time, or has none."""
    if Status(row.status) not in HOLDING or row.status == Status.COMPLETED:
        raise Refused(
            N_("This appointment is over; only its notes can be changed."),
            way_out=N_("Set its status back first, or book a new one."),
        )


def check_patient(actor: Actor, patient_id: int) -> None:
    """Raise ``NotFound`` for a patient of elsewhere, or whom the actor may not see: nothing may
    be told of them.
    """
    if not actor.store.rows(*patient_access.row(actor, Patient, patient_id)):
        raise NotFound


def name_of(person: Patient) -> str:
    """The patient's name as lists show it."""
    return booking.full_name(person.first_name, person.last_name)


def case_wanted(
    organisation_id: int, patient_id: int, case_id: int | None, problem: str
) -> Statement:
    """For the lock: the case that is named, else the patient's open one of that problem."""
    if case_id is not None:
        return r.by_id(Case, organisation_id, case_id)
    return Statement(
        f"{r.selecting(Case)} WHERE organisation_id = ? AND patient_id = ? AND main_problem = ?"
        f" AND {r.column(Case, 'open')} = ? ORDER BY id DESC LIMIT 1",
        (organisation_id, patient_id, problem, r.stored(Case, "open", True)),
    )


def case_for(
    work: Work, person: Patient, found: Rows, case_id: int | None, problem: str, type_id: int
) -> Case:
    """The case that was found, else a new one. Raises ``NotFound`` for another patient's,
    ``Refused`` for a closed one.
    """
    if found:
        case = r.row(Case, found[0])
        if case.patient_id != person.id:
            raise NotFound
        refuse_closed(case)
        return case
    if case_id is not None:
        raise NotFound
    return work.create(
        Case,
        uuid=str(uuid.uuid4()),
        patient_id=person.id,
        main_problem=problem,
        type_id=type_id,
        open=True,
        version=1,
    )
