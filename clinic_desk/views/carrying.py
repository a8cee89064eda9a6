"""Visits that leave the board and come to it: pinboard, mini-month, and back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views import words
from clinic_desk.views.pin_drag import PinDrag
from clinic_desk.views.pinned_wish import PinnedWish
from clinic_desk.views.slots import Slot

if TYPE_CHECKING:
    from clinic_desk.views.main_window import MainWindow


class Carrying(QObject):
    """Knows what lies beside the board while something is in the air."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._guest = PinDrag(window.calendar.board)
        board, pins = window.calendar.board, window.pinboard
        board.drag_moved.connect(self._board_dragged)
        board.drag_ended.connect(self._over)
        board.drag_dropped_outside.connect(self._dropped_outside)
        pins.place_wanted.connect(self.carry)
        pins.dragged.connect(self._pin_dragged)
        pins.dropped.connect(self._pin_dropped)
        window.calendar.drops.wish_dropped.connect(self._wish_dropped)
        window.panel.pin_wanted.connect(pins.pin_wish)

    def carry(self, card: AppointmentCard) -> None:
        """Pick a pinned visit up by keyboard: arrows carry it, Enter drops it."""
        self._window.show_screen("calendar")
        self._guest.carry(card)

    def _board_dragged(self, where: QPoint) -> None:
        """The month opens its days, the pinboard offers itself."""
        window = self._window
        window.pinboard.set_target(self._is_on_pinboard(where))
        window.mini_month.hover(where, window.go_to)

    def _over(self) -> None:
        self._window.pinboard.set_target(False)
        self._window.mini_month.hover(None)

    def _dropped_outside(self, card: AppointmentCard | EventCard, where: QPoint) -> None:
        if not isinstance(card, AppointmentCard):
            return
        window = self._window
        day = window.mini_month.day_at(where)
        if self._is_on_pinboard(where):
            window.park(card)
        elif day is not None:
            window.calendar.drops.move_to_day(card, day)

    def _is_on_pinboard(self, where: QPoint) -> bool:
        """Whether a point of the screen lies on the pinboard, or on the free space below it."""
        pins, bar = self._window.pinboard, self._window.sidebar
        here = bar.mapFromGlobal(where)
        return pins.holds(where) or (
            bar.isVisible() and bar.rect().contains(here) and here.y() >= pins.y()
        )

    def _pin_dragged(self, card: AppointmentCard, where: QPoint) -> None:
        self._window.mini_month.hover(where, self._window.go_to)
        self._guest.move(card, where)

    def _pin_dropped(self, card: AppointmentCard, where: QPoint) -> None:
        self._over()
        day = self._window.mini_month.day_at(where)
        if not self._guest.drop(where) and day is not None:
            self._window.calendar.drops.move_to_day(card, day)

    def _wish_dropped(self, card: PinnedWish, where: Slot | date) -> None:
        """Go on in the booking window; the wish stays on the pinboard until it is booked."""
        from clinic_desk.views.booking.draft import SUMMARY, TIME
        from clinic_desk.views.booking.opening import open_flow

        catalogue = self._window.desk.catalogue
        if isinstance(where, Slot):
            draft = card.draft_at(catalogue, where)
            draft.day = words.wall(where.span.starts_at, self._window.desk.zone).date()
        else:
            draft = card.draft()
            draft.day = where
        flow = open_flow(self._window, draft)
        flow.scheduled.connect(lambda _done: self._window.pinboard.unpin(card.id))
        if draft.is_complete:
            flow.go(SUMMARY)
        elif flow.what.is_complete and not draft.has_times:
            flow.go(TIME)
