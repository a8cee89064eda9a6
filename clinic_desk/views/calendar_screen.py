"""The calendar: toolbar, board, month and list over the same period, and what drops lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, DiaryView, EventCard
from clinic_desk.views import calendar_choice as choice
from clinic_desk.views import words
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.calendar_toolbar import CalendarToolbar
from clinic_desk.views.desk import Desk
from clinic_desk.views.drops import Drops
from clinic_desk.views.periods import Period, Periods
from clinic_desk.views.remember import Memory
from clinic_desk.views.surfaces import Surfaces
from clinic_desk.views.visits import Visits
from clinic_desk.views.widgets import column, named

if TYPE_CHECKING:
    from clinic_desk.services.elsewhere import ElsewhereCard
    from clinic_desk.views.agenda.board import AgendaBoard
    from clinic_desk.views.agenda.month import MonthView
    from clinic_desk.views.list_view import ListView


class CalendarScreen(QWidget):
    """Signals:
    selected(object): the card that is selected, or None.
    open_wanted(AppointmentCard): the editor.
    park_wanted(AppointmentCard): the pinboard.
    menu_wanted(card or None, QPoint): the context menu.
    period_shown(date, date): these days are shown.
    turned(): other days than before, or shown another way.
    read_at(datetime): what is shown was read then.
    """

    selected = Signal(object)
    open_wanted = Signal(object)
    park_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)
    period_shown = Signal(object, object)
    turned = Signal()
    read_at = Signal(object)

    def __init__(
        self, desk: Desk, visits: Visits, memory: Memory, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "calendar", _("Calendar"))
        self._desk, self._visits = desk, visits
        self._memory = choice.remembered(memory, desk.catalogue, desk.actor.user_id)
        self.view = View.WEEK
        self.day = desk.today()
        self.location_id: int | None = None
        self.provider_ids: frozenset[int] = frozenset()
        self.with_cancelled = self._memory.flag("calendar/cancelled")
        self.data: DiaryView | None = None
        self._shown: tuple[View, date] | None = None
        self._picked: date | None = None
        self._first_time = False
        self.toolbar = CalendarToolbar(self.day)
        self.stack = Surfaces(desk)
        self.board = self.stack.board
        self.setLayout(column(self.toolbar, self.stack, gap=0, grow=1))
        self.periods = Periods(desk, self)
        self.drops = Drops(desk, visits, self)
        self._occupancy = QTimer(self)
        self._occupancy.setSingleShot(True)
        self._occupancy.setInterval(200)
        self._restore()
        self._connect()
        self._set_catalogue()

    def _restore(self) -> None:
        """The view and the filters of last time."""
        memory = self._memory
        name = memory.text("calendar/view", View.WORKWEEK)
        self.view = View(name) if name in set(View) else View.WORKWEEK
        places = self._desk.catalogue.locations
        location = memory.text("calendar/location")
        self.location_id = next((p.id for p in places.values() if p.uuid == location), None)
        people = self._desk.catalogue.providers
        known = set(memory.text("calendar/providers").split())
        self.provider_ids = frozenset(p.id for p in people.values() if p.uuid in known)
        self._first_time = not memory.text("calendar/view")
        self._proposed = memory.flag("calendar/proposed")
        step = memory.number("calendar/step", self._desk.catalogue.organisation.step_minutes)
        self.board.set_step(step)
        self.toolbar.set_step(step)
        if memory.flag("calendar/fit"):
            self.toolbar.fit.setChecked(True)
            self.board.fit_day()
        else:
            self.board.set_zoom(memory.number("calendar/zoom", 64))

    def _connect(self) -> None:
        bar, board = self.toolbar, self.board
        bar.today_wanted.connect(lambda: self.go_to(self._desk.today()))
        bar.stepped.connect(self.step)
        bar.day_chosen.connect(self.go_to)
        bar.view_chosen.connect(self.set_view)
        bar.location_chosen.connect(self.set_location)
        bar.providers_chosen.connect(self.set_providers)
        bar.zoomed.connect(self.zoom)
        bar.step_chosen.connect(self.set_step)
        board.copy_wanted.connect(self.drops.copy_wanted)
        board.create_wanted.connect(self.drops.create_at)
        board.create_here_wanted.connect(self.drops.create_from)
        board.park_wanted.connect(self.park_wanted)
        board.zoom_changed.connect(lambda hour: self._memory.put("calendar/zoom", round(hour)))
        shown = self.stack
        shown.selected.connect(self.selected)
        shown.open_wanted.connect(self.open_wanted)
        shown.menu_wanted.connect(self.menu_wanted)
        shown.move_wanted.connect(self.drops.move_wanted)
        shown.status_wanted.connect(self.drops.status_wanted)
        shown.new_wanted.connect(self.drops.new_at_cursor)
        shown.day_opened.connect(self._day_opened)
        shown.stepped.connect(self.step)
        self.periods.ready.connect(self._ready)
        self.periods.loading.connect(bar.set_loading)
        self._desk.catalogue_changed.connect(self._set_catalogue)
        self._desk.deeds_happened.connect(self._occupancy_is_old)
        self._occupancy.timeout.connect(self.renew_occupancy)

    @property
    def surface(self) -> AgendaBoard | MonthView | ListView:
        """What shows the period in the present view."""
        return self.stack.of(self.view)

    # Where and how ------------------------------------------------------------------------------

    @property
    def first_day(self) -> date:
        """The first day shown."""
        return choice.first_day(self.view, self.day)

    @property
    def days(self) -> int:
        """How many days are shown."""
        return choice.days(self.view)

    def period(self) -> Period:
        """The days, place and filters that are shown just now."""
        first = self.first_day
        last = first + timedelta(days=self.days - 1)
        return Period(first, last, self.location_id, self.with_cancelled, self._desk.zone)

    def go_to(self, day: date) -> None:
        """Show the period of *day*."""
        self.day = self._picked = day
        self.show_period()

    def put_cursor_on(self, day: date) -> None:
        """Go to *day* itself: the cursor stands on it, and the keys go on from there."""
        if day != self._picked:
            self.go_to(day)
        shown = self.period()
        if not shown.first <= day <= shown.last:  # a weekend is in no work week
            self.set_view(View.WEEK)
            self.go_to(day)
        if self.view is View.MONTH:
            self.stack.month.go_to(day)
        elif self.view is View.LIST:
            self.stack.list.go_to(day)
        else:
            self.board.put_on_day(day)
        self.focus()

    def step(self, by: int) -> None:
        """One period earlier (-1) or later (1)."""
        if self.view is View.MONTH:
            index = self.day.year * 12 + self.day.month - 1 + by
            self.day = date(index // 12, index % 12 + 1, 1)
        elif self.view in (View.PROVIDERS, View.ROOMS):
            self.day += timedelta(days=by)
        else:
            self.day += timedelta(days=7 * by)
        self._picked = None
        self.show_period()

    def set_view(self, view: View) -> None:
        """Show the period another way; the day in focus stays in sight."""
        marked = self.current
        day = words.wall(marked.span.starts_at, self._desk.zone).date() if marked else None
        today = self._desk.today()
        focus = choice.day_in_focus(self.view, self.day, self._picked, day, today)
        self._show_as(View(view), focus)

    def _show_as(self, view: View, day: date) -> None:
        self.view, self.day = view, day
        self._memory.put("calendar/view", str(view))
        self.show_period()

    def _day_opened(self, day: date) -> None:
        self._picked = day
        self._show_as(View.PROVIDERS, day)

    def set_location(self, location_id: int | None) -> None:
        """Show one location, in its own time zone, or all; with everybody who is there, unless
        somebody chose whom to show.
        """
        if self._proposed and location_id != self.location_id:
            self.provider_ids = frozenset()
            self._keep_providers(self.provider_ids)
            self.toolbar.set_chosen(self.provider_ids)
        self.location_id = location_id
        self._first_time = False
        place = self._desk.catalogue.locations.get(location_id or 0)
        self._memory.put("calendar/location", place.uuid if place is not None else "")
        self._desk.set_zone(self._desk.catalogue.time_zone(location_id))
        self.show_period()

    def set_providers(self, ids: frozenset[int]) -> None:
        """Show these providers; none means all."""
        self.provider_ids = ids
        self._keep_providers(ids)
        self.toolbar.set_chosen(ids)
        self.show_period()

    def _keep_providers(self, ids: frozenset[int]) -> None:
        """Remember them by what they are called in every database."""
        self._first_time = False
        self._propose(proposed=False)
        people = self._desk.catalogue.providers
        kept = [people[number].uuid for number in sorted(ids) if number in people]
        self._memory.put("calendar/providers", kept)

    def set_with_cancelled(self, on: bool) -> None:
        """Show cancelled and missed visits or not, now and at the next start."""
        self.with_cancelled = on
        self._memory.put("calendar/cancelled", on)
        self.show_period()

    def set_step(self, minutes: int) -> None:
        """Let the grid and every drag go by *minutes*, now and at the next start."""
        self._memory.put("calendar/step", minutes)
        self.board.set_step(minutes)
        self.toolbar.set_step(minutes)

    def zoom(self, by: int) -> None:
        """Denser (-1), larger (1), or the working day in sight (0)."""
        if by:
            self.board.zoom_by(by)
        else:
            self.board.fit_day(not self.board.fits_day)
        self.toolbar.fit.setChecked(self.board.fits_day)
        self._memory.put("calendar/fit", self.board.fits_day)

    def _set_catalogue(self) -> None:
        catalogue = self._desk.catalogue
        self.stack.set_catalogue(catalogue)
        self.toolbar.fill(catalogue, self.location_id, self.provider_ids)
        self._desk.set_zone(catalogue.time_zone(self.location_id))
        self.periods.forget()
        self.show_period()

    def columns(self) -> list[int]:
        """The columns of a day, or the providers whose visits a week shows."""
        catalogue = self._desk.catalogue
        if self.view is View.ROOMS:
            return choice.rooms(catalogue, self.location_id)
        if self.view is View.PROVIDERS:
            span = self.period().span()
            return choice.providers(catalogue, self.data, span, self.location_id, self.provider_ids)
        return sorted(self.provider_ids)

    def focus(self) -> None:
        """Give the focus to the calendar, the month or the list."""
        self.surface.setFocus()

    def show_period(self) -> None:
        """Show what the view and the day say."""
        period = self.period()
        now = (self.view, period.first)
        turned, self._shown = now != self._shown, now
        self.stack.setCurrentWidget(self.surface)
        self.toolbar.set_view(self.view)
        title = (
            words.month(self.day)
            if self.view is View.MONTH
            else words.period(period.first, period.last)
        )
        self.toolbar.show_period(period.first, period.last, self._desk.today(), title)
        self.board.set_zone(self._desk.zone)
        self.board.set_place(self.location_id)
        if self.surface is self.board:
            self.board.set_view(str(self.view), period.first, self.columns())
        elif self.view is View.MONTH:
            self.stack.month.set_zone(self._desk.zone)
            self.stack.month.set_view(self.day.replace(day=1), sorted(self.provider_ids))
        self.period_shown.emit(period.first, period.last)
        if turned:
            self.turned.emit()
        by = 1 if self.days == 1 else 7
        if self.view is View.MONTH:
            by = 28
        self.periods.show(period, (period.moved(by), period.moved(-by)))

    def _ready(self, period: Period, view: DiaryView) -> None:
        if period != self.period():
            return
        if self._first_time and self._choose_at_first(view):
            return
        self.data = view
        self.read_at.emit(view.read_at)
        if self.view is View.PROVIDERS and list(self.board.ids) != self.columns():
            self.board.set_view(str(self.view), period.first, self.columns())
        if self.view is View.LIST and self.provider_ids:
            shown = tuple(c for c in view.appointments if c.provider.id in self.provider_ids)
            view = replace(view, appointments=shown)
        self.surface.set_data(view)
        self._look_elsewhere(period)

    def _choose_at_first(self, view: DiaryView) -> bool:
        """Choose, the first time, what of *view* can be read, and keep it; whether that is less
        than everything, so that it is read anew.
        """
        self._first_time = False
        wide = self.board.viewport().width() // max(self.days, 1)
        location_id, ids = choice.at_first(
            self._desk.catalogue,
            self._desk.actor.user_id,
            view,
            max(choice.FEW, wide // choice.LEGIBLE),
        )
        self._memory.put("calendar/view", str(self.view))
        if location_id is None and not ids:
            return False
        self.provider_ids = ids
        self.toolbar.fill(self._desk.catalogue, location_id, ids)
        self._keep_providers(ids)
        self.set_location(location_id)
        self._propose(proposed=bool(ids))
        return True

    def _propose(self, *, proposed: bool) -> None:
        """Remember whether nobody has chosen yet whom to show."""
        self._proposed = proposed
        self._memory.put("calendar/proposed", proposed)

    def _look_elsewhere(self, period: Period) -> None:
        """Who is busy where, of whom the location that is shown tells nothing."""
        if period.location_id is None or self.surface is not self.board:
            return
        from clinic_desk.services import elsewhere

        self._desk.ask(
            elsewhere.busy,
            period.span(),
            location_id=period.location_id,
            done=lambda found: self._elsewhere_known(period, found),
            failed=lambda _error: None,  # the state line says it, and it is read again
            ticket=("elsewhere", id(self)),
            what=_("reading the calendar"),
        )

    def _elsewhere_known(self, period: Period, found: Sequence[ElsewhereCard]) -> None:
        if period == self.period():
            self.board.set_elsewhere(found)

    def _occupancy_is_old(self, _changes: object) -> None:
        self._occupancy.start()

    def show_booked(self, card: AppointmentCard) -> None:
        """A new visit stands in the calendar, and is the one that is selected."""
        self.stack.settle(card)
        if self.surface is self.board:
            self.board.select(card.id)

    def renew_occupancy(self) -> None:
        """Hand the board who is busy when, beyond what it shows."""
        store, organisation = self._desk.actor.store, self._desk.actor.organisation_id

        def read() -> Any:
            index = store.occupancy(organisation)
            index.catch_up()
            return index.snapshot()

        self._desk.background.read(
            read, done=self.stack.set_occupancy, ticket=("occupancy", id(self))
        )

    @property
    def current(self) -> AppointmentCard | EventCard | None:
        """The card that is selected."""
        surface = self.surface
        return surface.selection
