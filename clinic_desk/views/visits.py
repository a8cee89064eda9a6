"""What can be done with one visit, the same from the board, the list, the panel and the editor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.rules.lifecycle import Status, may_become
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, Done, EventCard, Override
from clinic_desk.views import unseen, words
from clinic_desk.views.desk import Desk, is_there
from clinic_desk.views.messages import Group
from clinic_desk.views.reasons import ask_reason, cancel_reasons, decline_reasons
from clinic_desk.views.slots import Slot

Refusal = Callable[[BaseException], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """A status button: where it leads, its words, and its key on the board."""

    status: Status
    text: str
    key: str


def steps() -> tuple[Step, ...]:
    """All status buttons in the order of a visit's life."""
    return (
        Step(Status.SCHEDULED, _("Scheduled"), ""),
        Step(Status.CONFIRMED, _("Confirmed"), "C"),
        Step(Status.ARRIVED, _("Arrived"), "A"),
        Step(Status.COMPLETED, _("Completed"), "X"),
        Step(Status.MISSED, _("Missed"), "S"),
        Step(Status.CANCELLED, _("Cancel appointment…"), "Del"),
    )


def toggled(card: AppointmentCard, wanted: Status) -> Status:
    """*wanted*, or, where the visit has it already, the step before it."""
    if card.status is not wanted:
        return wanted
    back = {
        Status.CONFIRMED: Status.SCHEDULED,
        Status.ARRIVED: Status.CONFIRMED if card.confirmed_at else Status.SCHEDULED,
        Status.COMPLETED: Status.ARRIVED,
        Status.MISSED: Status.SCHEDULED,
        Status.CANCELLED: Status.SCHEDULED,
    }
    return back.get(wanted, wanted)


def answers() -> dict[Status, tuple[str, str]]:
    """What a request can be answered with: the status it gets, the words, the permission."""
    return {
        Status.SCHEDULED: (_("Approve"), "Appointment Request Approve"),
        Status.DECLINED: (_("Decline…"), "Appointment Reject"),
    }


class Visits:
    """The deeds on visits, each with its words and its permission. What is wanted of a visit
    while an earlier deed on it is being saved builds upon what comes of that.
    """

    def __init__(self, desk: Desk, window: Callable[[], QWidget]) -> None:
        self._desk = desk
        self._window = window
        self._on_the_way: dict[int, deque[Callable[[AppointmentCard], None]]] = {}

    def _waits(self, card: AppointmentCard, then: Callable[[AppointmentCard], None]) -> bool:
        """Whether a deed on the visit is being saved; *then* is called with its outcome. One of
        a patient who may not be seen waits for ever.
        """
        if unseen.refused(self._desk, card):
            return True
        waiting = self._on_the_way.get(card.id)
        if waiting is not None:
            waiting.append(then)
        return waiting is not None

    def _send(
        self,
        card: AppointmentCard,
        command: Callable[..., Done[Any]],
        *args: Any,
        done: Callable[[Done[Any]], None] | None = None,
        failed: Refusal | None = None,
        **kwargs: Any,
    ) -> None:
        """Do something to the version of the visit that is at hand."""
        waiting = self._on_the_way[card.id] = deque()

        def finished(answer: Done[Any]) -> None:
            del self._on_the_way[card.id]
            if done is not None and is_there(done):
                done(answer)
            fresh = answer.value
            while waiting and isinstance(fresh, AppointmentCard):
                then = waiting.popleft()
                if not self._waits(fresh, then):
                    then(fresh)

        def went_wrong(error: BaseException) -> bool:
            del self._on_the_way[card.id]  # what was to follow was meant for another place
            return failed is not None and is_there(failed) and failed(error)

        self._desk.do(
            command,
            card.id,
            *args,
            version=card.version,
            done=finished,
            failed=went_wrong,
            **kwargs,
        )

    def move(
        self,
        card: AppointmentCard,
        to: Slot,
        *,
        override: Override | None = None,
        done: Callable[[Done[Any]], None] | None = None,
        failed: Refusal | None = None,
        alone: bool = False,
    ) -> None:
        """Give the visit another time, length, person or room. Of one of a series it is asked
        whether the others go too, unless it is meant *alone*.
        """
        from clinic_desk.services import diary

        def then(fresh: AppointmentCard, alone: bool = alone) -> None:
            self.move(fresh, to, override=override, done=done, failed=failed, alone=alone)

        if self._waits(card, then):
            return
        if card.series_id is not None and not alone and override is None:
            from clinic_desk.views.appointment import series_visits

            series_visits.move(
                self._desk, self._window(), card, to, alone=lambda: then(card, alone=True),
                done=done, failed=failed,
            )  # fmt: skip
            return

        when = words.when_there(to.span, card.time_zone, self._desk.zone)
        same_start = to.span.starts_at == card.span.starts_at
        resized = to.span.minutes != card.span.minutes
        patient = words.isolated(card.patient_name)
        text = _("{patient}: Moved to {when}").format(patient=patient, when=when)
        name = _("Move {patient} to {when}").format(patient=patient, when=when)
        if resized:
            text = _("{patient}: Now {when}").format(patient=patient, when=when)
            name = _("Change of length: {patient}").format(patient=patient)
        elif same_start and to.provider_id != card.provider.id:
            provider = self._desk.catalogue.providers[to.provider_id].name
            text = name = _("{patient}: Given to {provider}").format(
                patient=patient, provider=words.isolated(provider)
            )
        self._send(
            card,
            diary.move,
            span=to.span,
            provider_id=to.provider_id,
            operatory_id=to.operatory_id,
            override=override,
            label=name,
            said=text,
            done=done,
            failed=failed,
        )

    def set_status(
        self,
        card: AppointmentCard,
        status: Status,
        *,
        reason: str = "",
        failed: Refusal | None = None,
        done: Callable[[Done[Any]], None] | None = None,
        alone: bool = False,
    ) -> None:
        """Follow the visit through its life. Cancelling asks for the reason first, and of one of
        a series whether the others are cancelled too, unless it is meant *alone*; a request is
        approved or declined, whatever leads there.
        """
        from clinic_desk.services import diary

        def then(fresh: AppointmentCard, alone: bool = alone) -> None:
            if fresh.status is not status:
                self.set_status(fresh, status, reason=reason, failed=failed, done=done, alone=alone)

        if self._waits(card, then):
            return
        if card.status is Status.REQUESTED and self._answer(card, status, done):
            return
        if status not in may_become(card.status):
            self._desk.say(
                _("{before} cannot become {after}.").format(
                    before=words.status(card.status), after=words.status(status)
                )
            )
            return
        if status is Status.CANCELLED and card.series_id is not None and not (alone or reason):
            from clinic_desk.views.appointment import series_visits

            series_visits.cancel(
                self._desk, self._window(), card, alone=lambda: then(card, alone=True),
                done=done, failed=failed,
            )  # fmt: skip
            return
        if status is Status.CANCELLED and not reason:
            asked = ask_reason(
                self._window(),
                _("Cancel appointment"),
                cancel_reasons(),
                _("{patient}, {when}").format(
                    patient=words.isolated(card.patient_name),
                    when=words.visit_when(card, self._desk.zone),
                ),
            )
            if asked is None:
                return
            reason = asked
        name = words.isolated(card.patient_name)
        self._send(
            card,
            diary.set_status,
            status,
            reason=reason,
            label=_("{patient}: Status {status}").format(patient=name, status=words.status(status)),
            said=f"{name}: {words.status(status)}",
            failed=failed,
            done=done,
        )

    def _answer(
        self, card: AppointmentCard, status: Status, done: Callable[[Done[Any]], None] | None
    ) -> bool:
        """Whether *status* answers a request; who may not give that answer is told so."""
        if status is Status.CANCELLED:  # it never was more than asked for
            status = Status.DECLINED
        if status not in answers():
            return False
        _text, permission = answers()[status]
        if not self._desk.may(permission):
            self._desk.complain(NotAllowed(permission))
        elif status is Status.SCHEDULED:
            self.approve(card, done=done)
        else:
            self.decline(card, done=done)
        return True

    def enter_room(self, card: AppointmentCard) -> None:
        """The patient is in the room."""
        from clinic_desk.services import diary

        if self._waits(card, self.enter_room):
            return
        self._send(
            card,
            diary.enter_room,
            label=_("{patient}: in the room").format(patient=words.isolated(card.patient_name)),
            said=_("{patient}: in the room").format(patient=words.isolated(card.patient_name)),
        )

    def approve(
        self,
        card: AppointmentCard,
        done: Callable[[Done[Any]], None] | None = None,
        failed: Refusal | None = None,
    ) -> None:
        """Grant a request at the time it holds."""
        from clinic_desk.services import requests

        if card.id in self._on_the_way:  # pressed twice
            return
        self._send(
            card,
            requests.approve,
            label=_("Approve the request of {patient}").format(
                patient=words.isolated(card.patient_name)
            ),
            group=Group.APPROVED,
            said=_("Approved: {patient}, {when}").format(
                patient=words.isolated(card.patient_name),
                when=words.visit_when(card, self._desk.zone),
            ),
            done=done,
            failed=failed,
        )

    def decline(
        self, card: AppointmentCard, done: Callable[[Done[Any]], None] | None = None
    ) -> None:
        """Turn a request down; the reason is told to the client."""
        from clinic_desk.services import requests

        if card.id in self._on_the_way:
            return
        when = words.visit_when(card, self._desk.zone)
        patient = words.isolated(card.patient_name)
        about = _("{patient}, {when}").format(patient=patient, when=when)
        reason = ask_reason(self._window(), _("Decline request"), decline_reasons(), about)
        if reason is None:
            return
        self._send(
            card,
            requests.decline,
            reason=reason,
            label=_("Decline the request of {patient}").format(patient=patient),
            said=_("Declined: {patient}, {when}").format(patient=patient, when=when),
            done=done,
        )

    def copy(self, card: AppointmentCard, to: Slot, failed: Refusal | None = None) -> None:
        """Book the same again elsewhere."""
        from clinic_desk.services import diary

        there = self._desk.catalogue.time_zone(to.location_id)
        when = words.when_there(to.span, there, self._desk.zone)
        self._desk.do(
            diary.book,
            span=to.span,
            type_id=card.type.id,
            provider_id=to.provider_id,
            patient_id=card.patient_id,
            location_id=to.location_id,
            operatory_id=to.operatory_id,
            case_id=card.case_id,
            label=_("Copy {patient} to {when}").format(
                patient=words.isolated(card.patient_name), when=when
            ),
            said=_("Copied: {patient}, {when}").format(
                patient=words.isolated(card.patient_name), when=when
            ),
            failed=failed,
        )

    def move_event(
        self, card: EventCard, span: Span, resource_id: int, failed: Refusal | None = None
    ) -> None:
        """Give a calendar event another time or person."""
        from clinic_desk.services import events

        when = words.when_there(span, card.time_zone, self._desk.zone)
        self._desk.do(
            events.move,
            card.id,
            span=span,
            version=card.version,
            resource_id=resource_id,
            label=_("Move to {when}").format(when=when),
            said=_("{title}: moved to {when}").format(title=words.isolated(card.title), when=when),
            failed=failed,
        )

    def copy_event(self, card: EventCard, span: Span, resource_id: int) -> None:
        """The same event again elsewhere."""
        from clinic_desk.services import events

        when = words.when_there(span, card.time_zone, self._desk.zone)
        self._desk.do(
            events.add,
            resource_id=resource_id,
            span=span,
            title=card.title,
            location_id=card.location_id,
            label=_("Copy to {when}").format(when=when),
            said=_("Copied: {patient}, {when}").format(
                patient=words.isolated(card.title), when=when
            ),
        )

    def remove_event(self, card: EventCard) -> None:
        """Take a calendar event away; undo puts it back."""
        from clinic_desk.services import events

        self._desk.do(
            events.remove,
            card.id,
            version=card.version,
            label=_("Remove “{title}”").format(title=card.title),
            said=_("Removed: {title}").format(title=words.isolated(card.title)),
        )
