"""The diary: what stands in it, and booking, moving and following a visit.

The path of a booking: the face sends one intention; :func:`book` looks (patient, open case,
claims), takes the organisation's lock, looks again, decides by ``rules.conflicts``, writes
the visit (the database's triggers derive its claims and would refuse an overlap), the deed
and the bell, and commits. The answer is the new card.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any, Final

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient
from clinic_desk.rules import lifecycle
from clinic_desk.rules.conflicts import HOLD, Conflict
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import Wanted
from clinic_desk.services.cards import AppointmentCard, Override
from clinic_desk.services.diary_view import appointment, view
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

__all__ = [
    "KEEP",
    "Keep",
    "appointment",
    "book",
    "change",
    "check",
    "enter_room",
    "move",
    "set_status",
    "view",
]


class Keep(Enum):
    """The mark for "leave it as it is"; None would mean "none"."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP

STAMPS = {
    Status.CONFIRMED: "confirmed_at",
    Status.ARRIVED: "arrived_at",
    Status.COMPLETED: "completed_at",
}
"""Which instant each status leaves behind."""


@query("Appointment Get All")
def check(
    actor: Actor,
    *,
    span: Span,
    type_id: int,
    provider_id: int,
    patient_id: int | None = None,
    operatory_id: int | None = None,
    location_id: int | None = None,
    ignore_id: int | None = None,
) -> tuple[Conflict, ...]:
    """Every reason against a visit at *span*, as the diary stands now; empty means free."""
    catalogue = actor.store.catalogue(actor.organisation_id)
    kind = catalogue.types[type_id]
    location_id = _place(catalogue, location_id, operatory_id)
    wanted = Wanted(
        span=booking.checked_span(span),
        before_minutes=kind.before_minutes,
        after_minutes=kind.after_minutes,
        provider_id=provider_id,
        operatory_id=operatory_id,
        patient_id=patient_id,
        type_id=type_id,
        location_id=location_id,
        time_zone=catalogue.time_zone(location_id),
        ignore_id=ignore_id,
    )
    statement = booking.claims_for(actor.store, wanted)
    claims = booking.taken(actor.store.rows(statement.sql, statement.parameters))
    return booking.conflicts_of(catalogue, wanted, claims)


@command("Appointment Create", action="appointment.book")
def book(
    work: Work,
    *,
    span: Span,
    type_id: int,
    provider_id: int,
    patient_id: int,
    location_id: int | None = None,
    operatory_id: int | None = None,
    case_id: int | None = None,
    main_problem: str = "",
    notes: str = "",
    status: Status = Status.SCHEDULED,
    visit_id: str | None = None,
    override: Override | None = None,
    request_id: str | None = None,
) -> AppointmentCard:
    """Book a visit. Continues the patient's open case of that main problem, else opens one.

    Raises ``Conflicted`` with every reason when the time is not free, ``Invalid`` for a span
    that makes no visit, ``NotFound`` for a patient, provider, type or place of elsewhere.
    """
    catalogue = work.catalogue
    if type_id not in catalogue.types or provider_id not in catalogue.providers:
        raise NotFound
    if status not in {Status.SCHEDULED, Status.REQUESTED, Status.CONFIRMED}:
        raise Invalid("status", N_("A new appointment is scheduled, confirmed or requested."))
    kind = catalogue.types[type_id]
    location_id = _place(catalogue, location_id, operatory_id)
    problem = main_problem.strip() or kind.name
    wanted = Wanted(
        span=booking.checked_span(span),
        before_minutes=kind.before_minutes,
        after_minutes=kind.after_minutes,
        provider_id=provider_id,
        operatory_id=operatory_id,
        patient_id=patient_id,
        type_id=type_id,
        location_id=location_id,
        time_zone=catalogue.time_zone(location_id),
    )
    reads = (
        r.by_id(Patient, work.organisation_id, patient_id),
        _case_statement(work.organisation_id, patient_id, case_id, problem),
        booking.claims_for(work.store, wanted),
    )
    # Refused without the lock where it can be: a crowd at one slot then queues only for free ones.
    patient, _, early = work.look_ahead(*reads)
    person = work.found(Patient, patient)
    wanted = replace(wanted, patient_name=_name(person))
    if override is None:
        _refuse_early(work, wanted, early)
    _, cases, claims = work.lock(_expired_holds(work), *reads[1:])
    permit = booking.settle(work, wanted, booking.taken(claims), override)
    case = _case(work, person, cases, case_id, problem, type_id)
    row = work.create(
        Appointment,
        uuid=str(uuid.uuid4()),
        location_id=location_id,
        provider_id=provider_id,
        operatory_id=operatory_id,
        patient_id=patient_id,
        case_id=case.id,
        type_id=type_id,
        visit_id=visit_id,
        starts_at=wanted.span.starts_at,
        ends_at=wanted.span.ends_at,
        before_minutes=kind.before_minutes,
        after_minutes=kind.after_minutes,
        time_zone=wanted.time_zone,
        wall_starts=booking.wall_text(wanted.span.starts_at, wanted.time_zone),
        status=str(status),
        permit_id=permit.id if permit else None,
        notes=notes.strip(),
        reason="",
        origin=str(work.actor.origin),
        booked_at=work.now,
        confirmed_at=work.now if status is Status.CONFIRMED else None,
        version=1,
    )
    return diary_view.card(work.catalogue, row, person, case.main_problem)


@command("Appointment Update", action="appointment.move")
def move(
    work: Work,
    appointment_id: int,
    *,
    span: Span,
    version: int,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | None = KEEP,
    location_id: int | Keep | None = KEEP,
    override: Override | None = None,
    request_id: str | None = None,
) -> AppointmentCard:
    """Give a visit another time, length, provider or operatory.

    Raises ``Stale`` with the present card when *version* is not the newest, ``Conflicted``
    with every reason when the place is taken, ``Refused`` when the visit is over.
    """
    seen = work.find(Appointment, appointment_id)
    row, person, problem, claims, wanted = locked(
        work,
        seen,
        version,
        span=span,
        provider_id=provider_id,
        operatory_id=operatory_id,
        location_id=location_id,
    )
    if Status(row.status) not in HOLDING or row.status == Status.COMPLETED:
        raise Refused(
            N_("This appointment is over and cannot be moved."),
            way_out=N_("Set its status back first, or book a new one."),
        )
    permit, left = booking.settle(work, wanted, claims, override), row.permit_id
    work.change(row, **_placed(wanted), permit_id=permit.id if permit else None)
    booking.free_partner(work, row, left)
    return diary_view.card(work.catalogue, row, person, problem)


@command("Appointment Update", action="appointment.change")
def change(
    work: Work,
    appointment_id: int,
    *,
    version: int,
    span: Span | Keep = KEEP,
    type_id: int | Keep = KEEP,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | None = KEEP,
    location_id: int | Keep | None = KEEP,
    notes: str | Keep = KEEP,
    override: Override | None = None,
    request_id: str | None = None,
) -> AppointmentCard:
    """Save what the editor holds: any of type, time, provider, operatory, location, notes.

    A new type brings its own buffers. Raises as :func:`move` does; notes alone may be
    written on a visit that is over.
    """
    seen = work.find(Appointment, appointment_id)
    row, person, problem, claims, wanted = locked(
        work,
        seen,
        version,
        span=span,
        provider_id=provider_id,
        operatory_id=operatory_id,
        location_id=location_id,
        type_id=type_id,
    )
    fields: dict[str, Any] = {} if notes is KEEP else {"notes": str(notes).strip()}
    placed = _placed(wanted) | {
        "type_id": wanted.type_id,
        "before_minutes": wanted.before_minutes,
        "after_minutes": wanted.after_minutes,
    }
    if any(getattr(row, name) != value for name, value in placed.items()):
        if Status(row.status) not in HOLDING:
            raise Refused(
                N_("This appointment is over; only its notes can be changed."),
                way_out=N_("Set its status back first, or book a new one."),
            )
        permit = booking.settle(work, wanted, claims, override)
        fields |= placed | {"permit_id": permit.id if permit else None}
    left = row.permit_id if "permit_id" in fields else None
    work.change(row, **fields)
    booking.free_partner(work, row, left)
    return diary_view.card(work.catalogue, row, person, problem)


@command("Appointment Update", action="appointment.status")
def set_status(
    work: Work,
    appointment_id: int,
    status: Status,
    *,
    version: int,
    reason: str = "",
    override: Override | None = None,
    request_id: str | None = None,
) -> AppointmentCard:
    """Follow a visit through its life: confirm, arrive, complete, cancel, miss, or step back.

    A step back to a status that takes time is checked again. Raises ``Refused`` for a step
    that the lifecycle does not know, ``Conflicted`` when the time has been given away.
    """
    if status is Status.CANCELLED:
        work.require("Appointment Cancel")
    seen = work.find(Appointment, appointment_id)
    row, person, problem, claims, wanted = locked(work, seen, version)
    rewrite_status(work, row, status, wanted, claims, reason=reason, override=override)
    return diary_view.card(work.catalogue, row, person, problem)


@command("Appointment Update", action="appointment.room")
def enter_room(
    work: Work, appointment_id: int, *, version: int, request_id: str | None = None
) -> AppointmentCard:
    """The patient is in the room now; marks the arrival too where it was not marked."""
    seen = work.find(Appointment, appointment_id)
    row, person, problem, claims, wanted = locked(work, seen, version)
    if row.status != Status.ARRIVED:
        rewrite_status(work, row, Status.ARRIVED, wanted, claims)
    work.change(row, in_room_at=work.now)
    return diary_view.card(work.catalogue, row, person, problem)


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
    fields: dict[str, Any] = {"status": str(status)}
    left: int | None = None
    if status in HOLDING and before not in HOLDING:
        permit = booking.settle(work, wanted, claims, override)
        fields["permit_id"] = permit.id if permit else None
    elif status not in HOLDING:
        left, fields["permit_id"] = row.permit_id, None
    for step, name in STAMPS.items():
        if step is status:
            fields[name] = work.now
        elif lifecycle.is_step_back(before, status) and lifecycle.is_later(step, status):
            fields[name] = None
    if lifecycle.is_later(Status.ARRIVED, status) and lifecycle.is_step_back(before, status):
        fields["in_room_at"] = None
    fields["reason"] = reason.strip()
    work.reason = work.reason or reason.strip()
    work.change(row, **fields)
    booking.free_partner(work, row, left)


def locked(
    work: Work,
    seen: Appointment,
    version: int,
    *,
    span: Span | Keep = KEEP,
    type_id: int | Keep = KEEP,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | None = KEEP,
    location_id: int | Keep | None = KEEP,
) -> tuple[Appointment, Patient, str, list[Any], Wanted]:
    """Lock and look again: the visit, its patient and main problem, what stands against it."""
    catalogue = work.catalogue
    kind_id = seen.type_id if type_id is KEEP else type_id
    room = seen.operatory_id if operatory_id is KEEP else operatory_id
    place = seen.location_id if location_id is KEEP else location_id
    if operatory_id is not KEEP and location_id is KEEP and room is not None:
        place = _place(catalogue, None, room)
    wanted = Wanted(
        span=booking.checked_span(Span(seen.starts_at, seen.ends_at) if span is KEEP else span),
        before_minutes=seen.before_minutes,
        after_minutes=seen.after_minutes,
        provider_id=seen.provider_id if provider_id is KEEP else provider_id,
        operatory_id=room,
        patient_id=seen.patient_id,
        type_id=kind_id,
        location_id=place,
        time_zone=catalogue.time_zone(place),
        ignore_id=seen.id,
    )
    if wanted.provider_id not in catalogue.providers or kind_id not in catalogue.types:
        raise NotFound
    if kind_id != seen.type_id:
        kind = catalogue.types[kind_id]
        wanted = replace(
            wanted, before_minutes=kind.before_minutes, after_minutes=kind.after_minutes
        )
    found, patients, cases, claims = work.lock(
        work.locked_row(Appointment, seen.id),
        r.by_id(Patient, work.organisation_id, seen.patient_id),
        r.by_id(Case, work.organisation_id, seen.case_id),
        booking.claims_for(work.store, wanted),
    )
    row = work.found(Appointment, found)
    person = work.found(Patient, patients)
    problem = work.found(Case, cases).main_problem
    if row.version != version or row.version != seen.version:
        raise Stale(diary_view.card(work.catalogue, row, person, problem))
    wanted = replace(wanted, patient_name=_name(person))
    return row, person, problem, booking.taken(claims), wanted


def _placed(wanted: Wanted) -> dict[str, Any]:
    return {
        "starts_at": wanted.span.starts_at,
        "ends_at": wanted.span.ends_at,
        "provider_id": wanted.provider_id,
        "operatory_id": wanted.operatory_id,
        "location_id": wanted.location_id,
        "time_zone": wanted.time_zone,
        "wall_starts": booking.wall_text(wanted.span.starts_at, wanted.time_zone),
    }


def _place(catalogue: Any, location_id: int | None, operatory_id: int | None) -> int | None:
    """The location, read from the operatory where it is not said. Raises ``NotFound``."""
    if operatory_id is not None:
        if operatory_id not in catalogue.operatories:
            raise NotFound
        location_id = location_id or catalogue.operatories[operatory_id].location_id
    if location_id is not None and location_id not in catalogue.locations:
        raise NotFound
    return location_id


def _name(person: Patient) -> str:
    return booking.full_name(person.first_name, person.last_name)


def _refuse_early(work: Work, wanted: Wanted, claims: Rows) -> None:
    found = booking.conflicts_of(work.catalogue, wanted, booking.taken(claims))
    if found and not any(c.source == HOLD for c in found):
        raise Conflicted(found)


def _expired_holds(work: Work) -> Statement:
    from clinic_desk.models.diary import Hold

    limit: datetime = r.stored(Hold, "expires_at", work.now)
    return Statement(
        "DELETE FROM hold WHERE organisation_id = ? AND expires_at <= ?",
        (work.organisation_id, limit),
    )


def _case_statement(
    organisation_id: int, patient_id: int, case_id: int | None, problem: str
) -> Statement:
    if case_id is not None:
        return r.by_id(Case, organisation_id, case_id)
    return Statement(
        f"{r.selecting(Case)} WHERE organisation_id = ? AND patient_id = ? AND main_problem = ?"
        f" AND {r.column(Case, 'open')} = ? ORDER BY id DESC LIMIT 1",
        (organisation_id, patient_id, problem, r.stored(Case, "open", True)),
    )


def _case(
    work: Work, person: Patient, found: Rows, case_id: int | None, problem: str, type_id: int
) -> Case:
    if found:
        case = r.row(Case, found[0])
        if case.patient_id != person.id:
            raise NotFound
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


book.again = appointment  # type: ignore[attr-defined]
move.again = appointment  # type: ignore[attr-defined]
change.again = appointment  # type: ignore[attr-defined]
set_status.again = appointment  # type: ignore[attr-defined]
enter_room.again = appointment  # type: ignore[attr-defined]
