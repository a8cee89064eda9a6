"""Appointment requests: they hold their time already, so approving never has to win it again."""

from __future__ import annotations

from clinic_desk.models.diary import Appointment
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services import diary, diary_view, lengths, messages, questionnaires, visit
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.diary_view import requests_waiting as waiting
from clinic_desk.services.work import Work, command

__all__ = ["approve", "decline", "waiting"]


@command("Appointment Request Approve", action="request.approve")
def approve(
    work: Work, appointment_id: int, *, version: int, request_id: str | None = None
) -> AppointmentCard:
    """Make a request a scheduled visit, at the time it holds.

    Raises ``Refused`` when it is decided already or a questionnaire has to be answered first,
    ``Stale`` when it was changed meanwhile.
    """
    return _decide(work, appointment_id, version, Status.SCHEDULED, "")


@command("Appointment Reject", action="request.decline")
def decline(
    work: Work, appointment_id: int, *, version: int, reason: str, request_id: str | None = None
) -> AppointmentCard:
    """Turn a request down, with a reason that the client is told; its time is free again."""
    reason = fold.clean("reason", reason, lines=True, longest=lengths.REASON)
    if not reason:
        raise Invalid("reason", N_("Declining needs a reason; the client is told."))
    return _decide(work, appointment_id, version, Status.DECLINED, reason)


def _decide(
    work: Work, appointment_id: int, version: int, status: Status, reason: str
) -> AppointmentCard:
    # The same request sent twice finds its own decision: that is no refusal.
    found, asked = work.look_ahead(
        work.seen(Appointment, appointment_id),
        questionnaires.asked(work, appointment_id),
    )
    seen = work.found(Appointment, found)
    if seen.status != Status.REQUESTED:
        raise Refused(
            N_("Somebody decided this request already; it is {status}."), status=seen.status
        )
    if status is Status.SCHEDULED:
        questionnaires.refuse_open(asked)
    row, person, problem, claims, wanted = visit.locked(work, seen, version)
    visit.rewrite_status(work, row, status, wanted, claims, reason=reason)
    messages.told(work, row)
    return diary_view.card(work.catalogue, row, person, problem)


approve.again = diary.appointment  # type: ignore[attr-defined]
decline.again = diary.appointment  # type: ignore[attr-defined]
