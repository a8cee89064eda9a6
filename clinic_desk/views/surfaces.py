"""The ways in which the calendar shows a period: board, month and list, made when wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views.agenda.board import AgendaBoard
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.services.snapshot import Snapshot
    from clinic_desk.views.agenda.month import MonthView
    from clinic_desk.views.list_view import ListView


class Surfaces(QStackedWidget):
    """One of them is shown; what they have in common is told here.

    Signals:
        selected(card or None), open_wanted(card), status_wanted(card, status), new_wanted().
        move_wanted(card, Span, provider, operatory): carried on the board or in the month.
        menu_wanted(card or None, QPoint): the context menu.
        day_opened(date): a day was chosen.
        stepped(int): the period before or after.
        made(QWidget): another surface is there from now on.
    """

    selected = Signal(object)
    open_wanted = Signal(object)
    status_wanted = Signal(object, object)
    new_wanted = Signal()
    move_wanted = Signal(object, object, object, object)
    menu_wanted = Signal(object, QPoint)
    day_opened = Signal(object)
    stepped = Signal(int)
    made = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "calendar-views")
        self._desk = desk
        self._month: MonthView | None = None
        self.board = AgendaBoard()
        board = self.board
        board.may = desk.may
        board.selection_changed.connect(self.selected)
        board.open_wanted.connect(self.open_wanted)
        board.status_wanted.connect(self.status_wanted)
        board.move_wanted.connect(self.move_wanted)
        board.context_wanted.connect(self.menu_wanted)
        board.day_chosen.connect(self.day_opened)
        board.period_wanted.connect(self.stepped)
        self.addWidget(board)

    @cached_property
    def month(self) -> MonthView:
        """Six weeks, painted."""
        from clinic_desk.views.agenda import month

        made = self._month = month.MonthView()
        made.set_catalogue(self._desk.catalogue)
        made.set_occupancy(self.board.snapshot)
        made.selection_changed.connect(self.selected)
        made.open_wanted.connect(self.open_wanted)
        made.move_wanted.connect(self.move_wanted)
        made.context_wanted.connect(self.menu_wanted)
        made.day_wanted.connect(self.day_opened)
        made.period_wanted.connect(self.stepped)
        self.addWidget(made)
        self.made.emit(made)
        return made

    @cached_property
    def list(self) -> ListView:
        """The table that every screen reader knows."""
        from clinic_desk.views import list_view

        made = list_view.ListView(self._desk)
        made.selection_changed.connect(self.selected)
        made.open_wanted.connect(self.open_wanted)
        made.status_wanted.connect(self.status_wanted)
        made.new_wanted.connect(self.new_wanted)
        self.addWidget(made)
        self.made.emit(made)
        return made

    def of(self, view: View) -> AgendaBoard | MonthView | ListView:
        """What shows *view*."""
        if view is View.MONTH:
            return self.month
        return self.list if view is View.LIST else self.board

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Other places, people and types."""
        self.board.set_catalogue(catalogue)
        if self._month is not None:
            self._month.set_catalogue(catalogue)

    def set_occupancy(self, snapshot: Snapshot | None) -> None:
        """Who is busy when, beyond what is shown."""
        self.board.set_occupancy(snapshot)
        if self._month is not None:
            self._month.set_occupancy(snapshot)

    def settle(self, card: AppointmentCard) -> None:
        """A visit was stored: both calendars show it as it is now."""
        self.board.settle(card)
        if self._month is not None:
            self._month.settle(card)

    def take_back(self, card_id: int) -> None:
        """A move was refused: the visit stands where it stood."""
        self.board.take_back(card_id)
        if self._month is not None:
            self._month.take_back(card_id)
