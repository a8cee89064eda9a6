"""What a gesture on the calendar leads to: a move, a copy, a new visit, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import resolve, zone
from clinic_desk.rules.errors import Conflicted, Invalid, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, Done, EventCard, Override
from clinic_desk.views import calendar_choice, unseen, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.pinned_wish import PinnedWish
from clinic_desk.views.slots import Slot
from clinic_desk.views.visits import Visits, toggled

if TYPE_CHECKING:
    from clinic_desk.views.calendar_screen import CalendarScreen

NEW_MINUTES = 30
"""For how long somebody must be free where nothing was swept; the type then says how long."""


@dataclass(frozen=True, slots=True)
class RefusedDrop:
    """A drop that was refused: every reason, the place, and what can be tried instead.

    ``again`` takes the place nevertheless (None: nobody may), ``elsewhere`` another one.
    """

    error: Conflicted
    slot: Slot
    type_id: int | None
    patient_id: int | None
    again: Callable[[Override], None] | None
    elsewhere: Callable[[Slot], None] | None
    card: AppointmentCard | EventCard | None = None


class Drops(QObject):
    """Signals:
    create_wanted(Slot): the quick form.
    refused(RefusedDrop): with every reason.
    placed(AppointmentCard): a visit stands at its new place.
    wish_dropped(PinnedWish, Slot or date): a visit that is to be booked was dropped there.

    ``settled(then)`` says whether nothing is typed in the quick form; else it asks, and calls
    *then* afterwards.
    """

    create_wanted = Signal(object)
    refused = Signal(object)
    placed = Signal(object)
    wish_dropped = Signal(object, object)

    def __init__(self, desk: Desk, visits: Visits, screen: CalendarScreen) -> None:
        super().__init__(screen)
        self._desk, self._visits, self._screen = desk, visits, screen
        self.settled: Callable[[Callable[[], object]], bool] = lambda _then: True

    # New ----------------------------------------------------------------------------------------

    def create_at(self, span: Span, provider_id: int | None, operatory_id: int | None) -> None:
        """Ask for the quick form at a swept place; a column without a person gets one who is
        free.
        """
        self._create(span, provider_id, operatory_id, length_meant=True)

    def create_from(self, span: Span, provider_id: int | None, operatory_id: int | None) -> None:
        """The same where *span* begins: nobody said how long, the type decides."""
        self._create(span, provider_id, operatory_id, length_meant=False)

    def _create(
        self, span: Span, provider_id: int | None, operatory_id: int | None, *, length_meant: bool
    ) -> None:
        slot = self.slot(span, provider_id, operatory_id)
        if slot is not None:
            column = provider_id or operatory_id
            self.create_wanted.emit(replace(slot, column=column, length_meant=length_meant))

    def new_at_cursor(self) -> None:
        """Book at the board's cursor, or at the next full step from now; what is typed for
        somebody already is asked about first.
        """
        if not self.settled(self.new_at_cursor):
            return
        screen = self._screen
        board = screen.board
        span = board.cursor_span if screen.surface is board else None
        if span is not None and board.selection is None:
            column = board.grid.columns[board.cursor_.column]
            span = Span.lasting(span.starts_at, max(NEW_MINUTES, board.step))
            self.create_from(span, column.provider_id, column.operatory_id)
            return
        step = timedelta(minutes=board.step)
        now = self._desk.now().replace(second=0, microsecond=0)
        midnight = now.replace(hour=0, minute=0)
        begin = midnight + ((now - midnight) // step + 1) * step
        self.create_from(Span.lasting(begin, NEW_MINUTES), None, None)

    def slot(self, span: Span, provider_id: int | None, operatory_id: int | None) -> Slot | None:
        """A place for something new; where no person is named, one who works then and is free."""
        catalogue = self._desk.catalogue
        if provider_id is None:
            provider_id = self._somebody(span)
        if provider_id is None:
            return None
        room = catalogue.operatories.get(operatory_id or 0)
        location = room.location_id if room else self._location(provider_id, span)
        if operatory_id is None and not self._by_room:
            operatory_id = catalogue.room_by_hours(provider_id, location, span.starts_at)
        return Slot(span, provider_id, operatory_id, location)

    @property
    def _by_room(self) -> bool:
        """Whether the columns are rooms, so that "no room" is meant when there is none."""
        return self._screen.view is calendar_choice.View.ROOMS

    def _location(self, provider_id: int, span: Span) -> int | None:
        """The location that is shown; where all are, that at which the provider works then or
        usually is on such a day.
        """
        if self._screen.location_id is not None:
            return self._screen.location_id
        data = self._screen.data
        for location, open_span in data.open_hours.get(provider_id, ()) if data is not None else ():
            if open_span.overlaps(span):
                return location
        day = words.wall(span.starts_at, self._desk.zone).date()
        return self._desk.catalogue.usual_location(provider_id, day)

    def _somebody(self, span: Span) -> int | None:
        """The first provider shown who works at that time and is free, else the first shown."""
        chosen, data = self._screen.provider_ids, self._screen.data
        people = sorted(
            self._desk.catalogue.providers.values(), key=lambda one: (one.position, one.name)
        )
        shown = [p.id for p in people if p.active and (not chosen or p.id in chosen)]
        if data is None:
            return shown[0] if shown else None
        taken = {c.provider.id for c in data.appointments if c.span.overlaps(span)}
        taken |= {e.resource_id for e in data.events if e.span.overlaps(span)}
        at_work = [
            number
            for number in shown
            if any(hours.contains(span) for _where, hours in data.open_hours.get(number, ()))
        ]
        free = [number for number in at_work if number not in taken]
        return next(iter([*free, *at_work, *shown]), None)

    # Moved --------------------------------------------------------------------------------------

    def move_wanted(
        self,
        card: AppointmentCard | EventCard,
        span: Span,
        provider_id: int | None,
        operatory_id: int | None,
    ) -> None:
        """A card was dropped, carried or stretched."""
        if isinstance(card, EventCard):
            resource = provider_id or operatory_id or card.resource_id
            self._visits.move_event(
                card, span, resource, lambda error: self._refused_event(error, card)
            )
            return
        if isinstance(card, PinnedWish):
            slot = self.slot(span, provider_id, operatory_id)
            if slot is not None:
                self.wish_dropped.emit(card, slot)
            return
        provider = provider_id or card.provider.id
        room = self._desk.catalogue.operatories.get(operatory_id or 0)
        location = room.location_id if room else (card.location.id if card.location else None)
        self.move(card, Slot(span, provider, operatory_id, location))

    def move(self, card: AppointmentCard, to: Slot, override: Override | None = None) -> None:
        """Move a visit: it shows as pending, then stands, or glides back with every reason."""
        screen = self._screen
        if unseen.refused(self._desk, card):
            screen.stack.take_back(card.id)
            return
        screen.board.model.set_pending(card, to.span, to.provider_id, to.operatory_id)

        def done(answer: Done[Any]) -> None:
            if not shiboken6.isValid(screen):
                return
            if answer.value is None:
                screen.stack.take_back(card.id)
                return
            screen.stack.settle(answer.value)
            self.placed.emit(answer.value)

        def failed(error: BaseException) -> bool:
            if not shiboken6.isValid(screen):
                return False
            screen.stack.take_back(card.id)
            if isinstance(error, Conflicted):
                refused = RefusedDrop(
                    error,
                    to,
                    card.type.id,
                    card.patient_id,
                    lambda exception: self.move(card, to, exception),
                    lambda slot: self.move(card, slot),
                    card,
                )
                self.refused.emit(refused)
                return True
            return self._stale(error)

        self._visits.move(card, to, override=override, done=done, failed=failed)

    def move_to_day(self, card: AppointmentCard, day: date) -> None:
        """The same time of day, on another day; a time that the clocks skip there is refused,
        and one that comes twice, since nobody said which is meant.
        """
        if isinstance(card, PinnedWish):
            self.wish_dropped.emit(card, day)
            return
        at = words.wall(card.span.starts_at, card.time_zone)
        slot = Slot.of(card)
        if day != at.date():
            try:
                begin = resolve(datetime.combine(day, at.time()), zone(card.time_zone))
            except Invalid as error:
                self._desk.complain(error)
                return
            slot = replace(slot, span=Span.lasting(begin, card.span.minutes))
        self.move(card, slot)

    def copy_wanted(
        self,
        card: AppointmentCard | EventCard,
        span: Span,
        provider_id: int | None,
        operatory_id: int | None,
    ) -> None:
        """A card was dropped with Ctrl: the same again."""
        if isinstance(card, PinnedWish):
            self.move_wanted(card, span, provider_id, operatory_id)
        elif isinstance(card, EventCard):
            self._visits.copy_event(card, span, provider_id or operatory_id or card.resource_id)
        else:
            self._copy(card, span, provider_id or card.provider.id, operatory_id)

    def _copy(
        self, card: AppointmentCard, span: Span, provider_id: int, operatory_id: int | None
    ) -> None:
        slot = self.slot(span, provider_id, operatory_id)
        if slot is None:
            return

        self._copy_to(card, slot)

    def _copy_to(self, card: AppointmentCard, slot: Slot) -> None:
        if unseen.refused(self._desk, card):
            return

        def failed(error: BaseException) -> bool:
            if isinstance(error, Conflicted) and shiboken6.isValid(self):
                way_out = partial(self._copy_to, card)
                kind, patient = card.type.id, card.patient_id
                self.refused.emit(RefusedDrop(error, slot, kind, patient, None, way_out, card))
                return True
            return False

        self._visits.copy(card, slot, failed)

    def _refused_event(self, error: BaseException, card: EventCard) -> bool:
        if not shiboken6.isValid(self):
            return False
        if isinstance(error, Conflicted):
            slot = Slot(card.span, card.resource_id, None, card.location_id)
            self.refused.emit(RefusedDrop(error, slot, None, None, None, None, card))
            self._screen.periods.renew()
            return True
        return self._stale(error)

    def status_wanted(self, card: AppointmentCard, status: Status) -> None:
        """A status key on a visit; pressed again it takes the step back."""
        self._visits.set_status(card, toggled(card, status), failed=self._stale)

    def _stale(self, error: BaseException) -> bool:
        """Somebody was first: say what they did, and read the truth again."""
        if not isinstance(error, Stale):
            return False
        self._screen.periods.renew()
        theirs = error.theirs
        if not isinstance(theirs, AppointmentCard):
            return False
        text = _("Somebody changed this meanwhile: {patient}, {when}, {status}. Nothing was saved.")
        self._desk.say(
            text.format(
                patient=words.isolated(theirs.patient_name),
                when=words.visit_when(theirs, self._desk.zone),
                status=words.status(theirs.status),
            ),
            Tone.WARNING,
        )
        return True
