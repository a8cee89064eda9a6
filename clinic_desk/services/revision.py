"""Changing a visit in one go: its place, its notes and its status, all of it or nothing.

A person at the desk does one after the other; another program sends what is to be different,
and must not find half of it done.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, Refused
from clinic_desk.rules.lifecycle import HOLDING, OPEN, Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view, lengths, messages, visit
from clinic_desk.services.booking import Wanted
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.rooms import ANY_ROOM, AnyRoom
from clinic_desk.services.visit import KEEP, Keep
from clinic_desk.services.work import Work, command

WRONG_WAY = N_("An appointment ends after it starts.")
IS_REQUEST = N_("This is an appointment request that waits for an answer.")
ANSWER_IT = N_("Approve or decline it.")


@command("Appointment Update", action="appointment.revise")
def revise(
    work: Work,
    appointment_id: int,
    *,
    version: int | None = None,
    starts_at: datetime | Keep = KEEP,
    ends_at: datetime | Keep = KEEP,
    type_id: int | Keep = KEEP,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | AnyRoom | None = KEEP,
    location_id: int | Keep = KEEP,
    notes: str | Keep = KEEP,
    status: Status | Keep = KEEP,
    reason: str = "",
    request_id: str | None = None,
) -> AppointmentCard:
    """Change any of these of a visit (instants are UTC); what is not said stays as it is. A new
    beginning without an end keeps the length; at another location without a room a free one
    there is taken; nothing here sets a refusal aside.

    *version* is the one that was read; without it the newest is changed. Raises as
    ``diary.change`` and ``diary.set_status`` do, and then nothing of it is done.
    """
    if status is Status.CANCELLED:
        work.require("Appointment Cancel")
    seen = work.find(Appointment, appointment_id)
    span = _span(seen, starts_at, ends_at)
    if operatory_id is KEEP and location_id not in {KEEP, seen.location_id}:
        operatory_id = ANY_ROOM
    row, person, problem, claims, wanted = visit.locked(
        work,
        seen,
        seen.version if version is None else version,
        span=span,
        type_id=type_id,
        provider_id=provider_id,
        operatory_id=operatory_id,
        location_id=location_id,
    )
    # What comes back comes to its new place, so it goes there while it has no time.
    _place(work, row, wanted, claims, notes, opens=status is not KEEP and status in OPEN)
    if status is not KEEP:
        _step(work, row, status, wanted, claims, reason)
    if not work.written and request_id is not None:
        work.leave(row)
    messages.told(work, row)
    return diary_view.card(work.catalogue, row, person, problem)


def _span(seen: Appointment, starts_at: datetime | Keep, ends_at: datetime | Keep) -> Span | Keep:
    if starts_at is KEEP and ends_at is KEEP:
        return KEEP
    begin = seen.starts_at if starts_at is KEEP else starts_at
    try:
        end = begin + (seen.ends_at - seen.starts_at) if ends_at is KEEP else ends_at
    except OverflowError as error:  # the last minutes of the year 9999
        raise Invalid("span", booking.REACH) from error
    if begin >= end:
        raise Invalid("scheduled_end", WRONG_WAY)
    return Span(begin, end)


def _step(
    work: Work, row: Appointment, status: Status, wanted: Wanted, claims: list[Any], reason: str
) -> None:
    if row.status == Status.REQUESTED and status not in {Status.REQUESTED, Status.CANCELLED}:
        raise Refused(IS_REQUEST, way_out=ANSWER_IT)
    visit.rewrite_status(work, row, status, wanted, claims, reason=reason)


def _place(
    work: Work,
    row: Appointment,
    wanted: Wanted,
    claims: list[Any],
    notes: str | Keep,
    *,
    opens: bool,
) -> None:
    fields: dict[str, Any] = {}
    if notes is not KEEP:
        fields["notes"] = fold.clean("notes", notes, lines=True, longest=lengths.NOTES)
    placed = visit.placed(wanted) | {
        "type_id": wanted.type_id,
        "before_minutes": wanted.before_minutes,
        "after_minutes": wanted.after_minutes,
    }
    before = None
    if any(getattr(row, name) != value for name, value in placed.items()):
        if not opens:
            visit.refuse_over(row)
        fields |= placed
        if Status(row.status) in HOLDING:
            booking.settle(work, wanted, claims, None)
            before, fields["permit_id"] = booking.marked(row), None
    work.change(row, **fields)
    booking.unmark(work, before)


revise.again = diary_view.appointment  # type: ignore[attr-defined]
