"""The diary: what stands in it, and booking, moving and following a visit.

The path of a booking: the face sends one intention; :func:`book` looks (patient, open case,
claims), takes the organisation's lock, looks again, decides by ``rules.conflicts``, writes
the visit (the database's triggers derive its claims and would refuse an overlap), the deed
and the bell, and commits. The answer is the new card.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.conflicts import HOLD, Conflict, Taken
from clinic_desk.rules.errors import Conflicted, Invalid, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view, holds, lengths, messages, rooms, visit
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import Wanted
from clinic_desk.services.cards import AppointmentCard, Override
from clinic_desk.services.catalogue import catalogue as newest_catalogue
from clinic_desk.services.diary_view import appointment, view
from clinic_desk.services.holds import Held
from clinic_desk.services.rooms import ANY_ROOM, AnyRoom
from clinic_desk.services.visit import KEEP, Keep
from clinic_desk.services.work import Work, command, query

__all__ = [
    "ANY_ROOM",
    "KEEP",
    "AnyRoom",
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
    desk: str = "",
) -> tuple[Conflict, ...]:
    """Every reason against a visit at *span*, as the diary stands now; empty means free. What
    the dialog *desk* holds itself does not count; what others hold is told with their names.

    Raises ``NotFound`` for a patient, provider, type or place of elsewhere, ``Invalid`` for a
    room of another location.
    """
    catalogue = booking.catalogue_with(
        actor,
        type_ids=[type_id],
        provider_ids=[provider_id],
        operatory_ids=[operatory_id],
        location_ids=[location_id],
    )
    if patient_id is not None:
        visit.check_patient(actor, patient_id)
    kind = catalogue.types[type_id]
    location_id = visit.place_of(catalogue, location_id, operatory_id)
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
    statement = booking.claims_for(actor, wanted)
    claims = booking.taken(actor.store.rows(statement.sql, statement.parameters))
    live: dict[int, Held] = {}
    if any(t.source == HOLD for t in claims):  # else nobody has to be asked who holds it
        every = holds.live(actor.store, actor.organisation_id, datetime.now(UTC))
        claims, live = holds.others(actor, claims, every, desk)
    return holds.told(booking.conflicts_of(catalogue, wanted, claims), live)


@command("Appointment Create", action="appointment.book")
def book(
    work: Work,
    *,
    span: Span,
    type_id: int,
    provider_id: int,
    patient_id: int,
    location_id: int | None = None,
    operatory_id: int | AnyRoom | None = None,
    case_id: int | None = None,
    main_problem: str = "",
    notes: str = "",
    status: Status = Status.SCHEDULED,
    visit_id: str | None = None,
    override: Override | None = None,
    desk: str = "",
    request_id: str | None = None,
) -> AppointmentCard:
    """Book a visit. Continues the patient's open case of that main problem, else opens one.
    What the dialog *desk* held (:mod:`clinic_desk.services.holds`) is let go of in the same deed.
    ``ANY_ROOM`` is a free one of the location, where it has rooms.

    Raises ``Conflicted`` with every reason when the time is not free, ``Invalid`` for a span
    that makes no visit, a room of another location and text that is none, ``Refused`` for a
    patient whose record is not in use, ``NotFound`` for a patient, provider, type or place
    of elsewhere.
    """
    room_id = None if operatory_id is ANY_ROOM else operatory_id
    catalogue = booking.catalogue_with(
        work.actor,
        type_ids=[type_id],
        provider_ids=[provider_id],
        operatory_ids=[room_id],
        location_ids=[location_id],
    )
    if status not in {Status.SCHEDULED, Status.REQUESTED, Status.CONFIRMED}:
        raise Invalid("status", N_("A new appointment is scheduled, confirmed or requested."))
    kind = catalogue.types[type_id]
    location_id = visit.place_of(catalogue, location_id, room_id)
    choice: Sequence[int] = ()
    if operatory_id is ANY_ROOM:
        choice = rooms.in_order(catalogue, location_id, provider_id, span.starts_at)
    problem = fold.clean("main_problem", main_problem, longest=lengths.PROBLEM) or kind.name
    notes = fold.clean("notes", notes, lines=True, longest=lengths.NOTES)
    wanted = Wanted(
        span=booking.checked_span(span),
        before_minutes=kind.before_minutes,
        after_minutes=kind.after_minutes,
        provider_id=provider_id,
        operatory_id=room_id,
        patient_id=patient_id,
        type_id=type_id,
        location_id=location_id,
        time_zone=catalogue.time_zone(location_id),
    )
    reads = (
        r.by_id(Patient, work.organisation_id, patient_id),
        visit.case_wanted(work.organisation_id, patient_id, case_id, problem),
        booking.claims_for(work.actor, wanted, choice),
    )
    # Refused without the lock where it can be: a crowd at one slot then queues only for free ones.
    patient, _, early = work.look_ahead(work.seen(Patient, patient_id), *reads[1:])
    person = work.found(Patient, patient)
    visit.refuse_inactive(person)
    wanted = replace(wanted, patient_name=visit.name_of(person))
    if override is None:
        _refuse_early(work, wanted, choice, booking.taken(early))
    _, patient, cases, claims, *read = work.lock(
        holds.gone(work.actor, desk, work.now), *reads, *messages.reads(work)
    )
    visit.refuse_inactive(work.found(Patient, patient))
    if (newest := visit.as_it_is(work, wanted)) != wanted:
        wanted = newest
        (claims,) = work.look_again(booking.claims_for(work.actor, wanted, choice))
    taken = booking.taken(claims)
    wanted = rooms.placed(work.catalogue, wanted, choice, taken)
    try:
        permit = booking.settle(work, wanted, taken, override)
    except Conflicted as refused:
        raise _with_holders(work, refused) from None
    case = visit.case_for(work, person, cases, case_id, problem, type_id)
    row = work.create(
        Appointment,
        uuid=str(uuid.uuid4()),
        location_id=location_id,
        provider_id=provider_id,
        operatory_id=wanted.operatory_id,
        patient_id=patient_id,
        case_id=case.id,
        type_id=type_id,
        visit_id=visit_id,
        starts_at=wanted.span.starts_at,
        ends_at=wanted.span.ends_at,
        before_minutes=wanted.before_minutes,
        after_minutes=wanted.after_minutes,
        time_zone=wanted.time_zone,
        wall_starts=booking.wall_text(wanted.span.starts_at, wanted.time_zone),
        status=str(status),
        permit_id=permit.id if permit else None,
        notes=notes,
        reason="",
        origin=str(work.actor.origin),
        booked_at=work.now,
        confirmed_at=work.now if status is Status.CONFIRMED else None,
        version=1,
    )
    messages.told(work, row, person=person, read=read)
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
    row, person, problem, claims, wanted = visit.locked(
        work,
        seen,
        version,
        span=span,
        provider_id=provider_id,
        operatory_id=operatory_id,
        location_id=location_id,
    )
    visit.refuse_over(row)
    permit, before = booking.settle(work, wanted, claims, override), booking.marked(row)
    work.change(row, **visit.placed(wanted), permit_id=permit.id if permit else None)
    booking.unmark(work, before)
    messages.told(work, row)
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
    row, person, problem, claims, wanted = visit.locked(
        work,
        seen,
        version,
        span=span,
        provider_id=provider_id,
        operatory_id=operatory_id,
        location_id=location_id,
        type_id=type_id,
    )
    fields: dict[str, Any] = {}
    if notes is not KEEP:
        fields["notes"] = fold.clean("notes", notes, lines=True, longest=lengths.NOTES)
    placed = visit.placed(wanted) | {
        "type_id": wanted.type_id,
        "before_minutes": wanted.before_minutes,
        "after_minutes": wanted.after_minutes,
    }
    if any(getattr(row, name) != value for name, value in placed.items()):
        visit.refuse_over(row)
        permit = booking.settle(work, wanted, claims, override)
        fields |= placed | {"permit_id": permit.id if permit else None}
    before = booking.marked(row) if "permit_id" in fields else None
    work.change(row, **fields)
    booking.unmark(work, before)
    messages.told(work, row)
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
    that the lifecycle does not know and for the answer to a request, which is given by
    approving or declining it (cancelling one needs the permission to decline it),
    ``Conflicted`` when the time has been given away.
    """
    if status is Status.CANCELLED:
        work.require("Appointment Cancel")
    seen = work.find(Appointment, appointment_id)
    row, person, problem, claims, wanted = visit.locked(work, seen, version)
    if row.status == Status.REQUESTED and status not in {Status.REQUESTED, Status.CANCELLED}:
        raise Refused(
            N_("This is an appointment request that waits for an answer."),
            way_out=N_("Approve or decline it."),
        )
    visit.rewrite_status(work, row, status, wanted, claims, reason=reason, override=override)
    messages.told(work, row)
    return diary_view.card(work.catalogue, row, person, problem)


@command("Appointment Update", action="appointment.room")
def enter_room(
    work: Work, appointment_id: int, *, version: int, request_id: str | None = None
) -> AppointmentCard:
    """The patient is in the room now; marks the arrival too where it was not marked."""
    seen = work.find(Appointment, appointment_id)
    row, person, problem, claims, wanted = visit.locked(work, seen, version)
    if row.status != Status.ARRIVED:
        visit.rewrite_status(work, row, Status.ARRIVED, wanted, claims)
    work.change(row, in_room_at=work.now)
    messages.told(work, row)
    return diary_view.card(work.catalogue, row, person, problem)


def _refuse_early(
    work: Work, wanted: Wanted, choice: Sequence[int], claims: Sequence[Taken]
) -> None:
    """Raise ``Conflicted`` where that is sure without the lock: a hold may end, and by hours that
    were changed elsewhere a moment ago nobody is refused.
    """
    known = work.catalogue
    found = booking.conflicts_of(known, rooms.placed(known, wanted, choice, claims), claims)
    if not found or any(c.source == HOLD for c in found):
        return
    if newest_catalogue(work.actor) is known:
        raise Conflicted(found)


def _with_holders(work: Work, refused: Conflicted) -> Conflicted:
    """The refusal, in which every time that another dialog holds says who holds it."""
    if not any(c.source == HOLD for c in refused.conflicts):
        return refused
    live = holds.live(work.store, work.organisation_id, work.now)
    return Conflicted(holds.told(refused.conflicts, {h.id: h for h in live}))


book.again = appointment  # type: ignore[attr-defined]
move.again = appointment  # type: ignore[attr-defined]
change.again = appointment  # type: ignore[attr-defined]
set_status.again = appointment  # type: ignore[attr-defined]
enter_room.again = appointment  # type: ignore[attr-defined]
