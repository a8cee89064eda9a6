"""The main window: navigation, screens, side panel, message bar; who is told what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QSplitter, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, EventCard, PatientCard
from clinic_desk.views import led_to, theme, window_place, words
from clinic_desk.views.actions import Actions
from clinic_desk.views.calendar_screen import CalendarScreen
from clinic_desk.views.carrying import Carrying
from clinic_desk.views.commands import connect_actions, context_menu
from clinic_desk.views.connection import ConnectionLine
from clinic_desk.views.desk import Desk
from clinic_desk.views.drops import RefusedDrop
from clinic_desk.views.field_undo import pass_undo
from clinic_desk.views.focus import keep_focus
from clinic_desk.views.kept_sizes import KeptSizes
from clinic_desk.views.mail.post import MailLine, show_page
from clinic_desk.views.message_bar import MessageBar
from clinic_desk.views.mini_month import MiniMonth
from clinic_desk.views.navigation import Navigation
from clinic_desk.views.pinboard import Pinboard
from clinic_desk.views.remember import Memory
from clinic_desk.views.screens import Screens
from clinic_desk.views.sections import first, offered
from clinic_desk.views.shortcuts import restore
from clinic_desk.views.side_panel import SidePanel
from clinic_desk.views.sidebar import Sidebar
from clinic_desk.views.slots import Slot
from clinic_desk.views.visits import Visits
from clinic_desk.views.waiting import Waiting
from clinic_desk.views.widgets import column, label, named, row
from clinic_desk.views.window_title import WindowTitle

if TYPE_CHECKING:
    from clinic_desk.views.appointment_editor import AppointmentEditor
    from clinic_desk.views.booking.draft import Draft
    from clinic_desk.views.booking.held_times import HeldTimes
    from clinic_desk.views.live import Live
    from clinic_desk.views.palette import Palette
    from clinic_desk.views.quick_leaving import QuickLeaving

WIDE = 1280
"""Pixels of a window that has room for the side panel from the start."""
SETTLE_MS = 200
"""After the first picture, before the rest is read."""


class MainWindow(QMainWindow):
    """One signed-in desk.

    Signals:
        sign_out_wanted(): back to the first window.
        new_window_wanted(): another window on the same desk.
        closed(): the window is gone.
    """

    sign_out_wanted = Signal()
    new_window_wanted = Signal()
    closed = Signal()

    def __init__(self, desk: Desk, memory: Memory, live: Live | None = None) -> None:
        super().__init__()
        for watch in (keep_focus, pass_undo):
            watch(QApplication.instance())  # type: ignore[arg-type]
        named(self, "main-window", _("Clinic Desk"))
        WindowTitle(self, desk)
        self.desk, self.memory, self.sizes = desk, memory, KeptSizes(memory, self)
        self.editors: dict[int, AppointmentEditor] = {}
        self._borrowed = False
        self.visits = Visits(desk, lambda: self)
        self.actions_ = Actions(self)
        self.navigation = Navigation(offered(desk.may))
        self.mini_month = MiniMonth(desk.today())
        self.pinboard = Pinboard(desk)
        self.calendar = CalendarScreen(desk, self.visits, memory)
        self.waiting = Waiting(desk, self)
        self.panel = SidePanel(desk, self.visits)
        self.connection = ConnectionLine(desk.background)
        self.carrying = Carrying(self)
        self._lay_out()
        self._connect()
        if live is not None:
            live.connected.connect(self.connection.set_connected)
            live.looked.connect(self._look_at_holds)
            self.connection.set_connected(live.is_connected)
        self._restore()
        self.calendar.read_at.connect(self._first_seen, Qt.ConnectionType.SingleShotConnection)

    def _first_seen(self) -> None:
        """The calendar stands: now what else the desk needs may take the threads' time."""
        QTimer.singleShot(SETTLE_MS, self, self._read_the_rest)

    def _read_the_rest(self) -> None:
        self.waiting.load()
        self.pinboard.load()
        self.calendar.renew_occupancy()
        self.held_times.look()

    def _look_at_holds(self) -> None:
        if "held_times" in self.__dict__:  # at the start, only after the first picture
            self.held_times.look()

    @cached_property
    def held_times(self) -> HeldTimes:
        """What others are just booking, shown in the calendar."""
        from clinic_desk.views.booking.held_times import HeldTimes

        made = HeldTimes(self.desk, self.calendar, self)
        made.rang.connect(self.panel.others_changed)
        return made

    @cached_property
    def palette_(self) -> Palette:
        """The command line, made when it is first wanted."""
        from clinic_desk.views import palette

        return palette.of_window(self)

    # Building ---------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.screens = Screens(self.desk, self.visits, self.waiting, self.calendar)
        self.screens.open_wanted.connect(self.open_editor)
        self.screens.screen_wanted.connect(self.show_screen)
        self.screens.booking_wanted.connect(self.open_booking)
        self.screens.shown_in_calendar.connect(self.show_visit)
        self.screens.patient_wanted.connect(self.begin_for)
        self.screens.park_wanted.connect(self.park)
        self.sidebar = Sidebar(
            self.navigation,
            self.mini_month,
            self.pinboard,
            dated="calendar" in self.navigation.buttons,
        )
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "main-splitter")
        for part in (self.sidebar, self.screens, self.panel):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([228, 900, 312])
        foot = named(QFrame(), "foot", _("State"), role="foot")
        role = f"{self.desk.actor.name} · {_(self.desk.actor.role)}"
        self.mail = MailLine(self.desk)
        foot.setLayout(
            row(self.connection, self.mail, 1, label(role, "foot-user", role="hint"), margin=5)
        )
        foot.setContentsMargins(8, 0, 8, 0)
        centre = QWidget()
        centre.setLayout(column(self.splitter, foot, gap=0, grow=0))
        self.messages = MessageBar(self.screens, centre)
        self.setCentralWidget(centre)
        self.setMinimumSize(1024, 640)

    def _connect(self) -> None:
        desk, calendar, panel = self.desk, self.calendar, self.panel
        self.messages.follow(desk)
        desk.undo_changed.connect(self._undo_changed)
        self.mail.clicked.connect(self._show_outbox)
        self.navigation.screen_wanted.connect(self.show_screen)
        self.mini_month.day_chosen.connect(self.go_to)
        self.pinboard.shown.connect(panel.show_card)
        calendar.selected.connect(panel.show_card)
        calendar.open_wanted.connect(self.open_editor)
        calendar.park_wanted.connect(self.park)
        calendar.menu_wanted.connect(partial(context_menu, self))
        calendar.period_shown.connect(self._period_shown)
        calendar.turned.connect(panel.leave_refusal)
        calendar.read_at.connect(self.connection.seen)
        calendar.drops.create_wanted.connect(self.begin_form)
        calendar.drops.refused.connect(self._drop_refused)
        calendar.drops.placed.connect(self.pinboard.placed)
        self.waiting.changed.connect(lambda: self.navigation.set_waiting(len(self.waiting.cards)))
        panel.details.open_wanted.connect(self.open_editor)
        panel.details.park_wanted.connect(self.park)
        panel.details.remove_wanted.connect(self.visits.remove_event)
        panel.details.new_wanted.connect(calendar.drops.new_at_cursor)
        panel.form_left.connect(self._form_left)
        panel.form_asks.connect(self._show_form)
        panel.proposed.connect(calendar.board.propose)
        calendar.drops.settled = panel.settle_form
        panel.booked.connect(calendar.show_booked)
        panel.tried_elsewhere.connect(self._try_elsewhere)
        panel.more_wanted.connect(self.open_booking)
        connect_actions(self)
        self.actions_.hold_on(calendar.board)
        calendar.stack.made.connect(self.actions_.hold_on)
        self.actions_.list_board(calendar.board.set_keys)
        restore(self.actions_.sheet, self.memory)
        led_to.fit(self)
        self._undo_changed()

    def _restore(self) -> None:
        window_place.restore(self, self.memory)
        sizes = self.memory.numbers("window/splitter")
        if len(sizes) == 3 and min(sizes) > 0:
            self.splitter.setSizes(sizes)
        self.actions_["panel"].setChecked(self.memory.flag("window/panel", self.width() >= WIDE))
        self.panel.setVisible(self.actions_["panel"].isChecked())
        self.actions_["cancelled"].setChecked(self.calendar.with_cancelled)
        self._period_shown(self.calendar.period().first, self.calendar.period().last)
        self.show_screen(first(self.navigation.buttons))

    # Screens ----------------------------------------------------------------------------------

    def show_screen(self, name: str) -> None:
        """Bring a screen to the front, where the user is led to it."""
        if name not in self.navigation.buttons:
            return
        screen = self.screens.bring(name)
        self.sizes.keep(screen)
        self.navigation.set_current(name)
        self.panel.setVisible(name == "calendar" and self.actions_["panel"].isChecked())
        self._fit_sidebar()
        if name == "calendar":
            self.calendar.focus()
        else:
            screen.setFocus()

    def _fit_sidebar(self) -> None:
        dated = self.screens.currentWidget() is self.calendar
        self.sidebar.fit(self.splitter, compact=self.width() < WIDE and not dated)

    def _show_outbox(self) -> None:
        self.show_screen("admin")
        show_page(self.screens.admin.list, "outbox")

    def toggle_panel(self) -> None:
        """Show or hide the side panel, now and at the next start."""
        shown = self.actions_["panel"].isChecked()
        self.memory.put("window/panel", shown)
        self._borrowed = False
        self._show_panel(shown)

    def _borrow_panel(self) -> None:
        """Show the panel for as long as something has to be answered in it."""
        self._borrowed = self._borrowed or not self.panel.isVisible()
        self.actions_["panel"].setChecked(True)
        self._show_panel(True)

    def _show_panel(self, shown: bool) -> None:
        self.panel.setVisible(shown and self.screens.currentWidget() is self.calendar)

    def go_to(self, day: date) -> None:
        """Show *day* in the calendar."""
        self.show_screen("calendar")
        self.calendar.go_to(day)

    def show_visit(self, card: AppointmentCard) -> None:
        """Show a visit in its week, selected, whatever place and people are shown now."""
        self.show_booked(card)
        self.panel.show_card(card)

    def _period_shown(self, first: date, last: date) -> None:
        self.mini_month.show_period(first, last, self.desk.today())
        name = f"view-{self.calendar.view}"
        for view in ("week", "workweek", "day-providers", "day-operatories", "month", "list"):
            self.actions_[f"view-{view}"].setChecked(f"view-{view}" == name)

    # Visits -----------------------------------------------------------------------------------

    def open_editor(self, card: AppointmentCard | EventCard) -> None:
        """Everything about a visit, in its own window; once per visit."""
        if isinstance(card, EventCard) or card.busy:
            self.panel.show_card(card)
            return
        from clinic_desk.views.appointment_editor import AppointmentEditor

        editor = self.editors.get(card.id)
        if editor is None:
            editor = AppointmentEditor(self.desk, self.visits, card, self)
            editor.finished_with.connect(lambda number: self.editors.pop(number, None))
            self.editors[card.id] = editor
        editor.show()
        editor.raise_()
        editor.activateWindow()

    def open_booking(self, draft: Draft | None = None) -> None:
        """The window "New appointment", with what *draft* knows already."""
        from clinic_desk.views.booking.opening import open_flow

        open_flow(self, draft)

    def show_booked(self, card: AppointmentCard) -> None:
        """Bring a visit into sight, selected; one that was just booked too."""
        from clinic_desk.views.booking import opening

        opening.show(self, card)

    def begin_form(self, slot: Slot) -> None:
        """Open the quick form beside the calendar."""
        self._borrow_panel()
        self.panel.begin_form(slot)

    def begin_for(self, patient: object) -> None:
        """Book for a patient that was found by name."""
        if not self.panel.settle_form(lambda: self.begin_for(patient)):
            return
        self.show_screen("calendar")
        self.calendar.drops.new_at_cursor()
        if isinstance(patient, PatientCard) and self.panel.has_form:
            self.panel.form.search.set_patient(patient)

    def _show_form(self) -> None:
        self.show_screen("calendar")
        self._borrow_panel()

    def _form_left(self) -> None:
        self.calendar.board.clear_proposal()
        if self._borrowed:
            self._borrowed = False
            self.actions_["panel"].setChecked(False)
            self._show_panel(False)
        self.calendar.focus()

    def _drop_refused(self, drop: RefusedDrop) -> None:
        self._borrow_panel()
        self.panel.explain(drop)

    def _try_elsewhere(self, slot: Slot) -> None:
        """Another place was picked after a refusal: bring its day into sight."""
        day = words.wall(slot.span.starts_at, self.desk.zone).date()
        shown = self.calendar.period()
        if not shown.first <= day <= shown.last:
            self.go_to(day)

    def _undo_changed(self) -> None:
        for action, deed, text, bare in (
            (self.actions_["undo"], self.desk.own.to_undo, _("Undo: {what}"), _("Undo")),
            (self.actions_["redo"], self.desk.own.to_redo, _("Redo: {what}"), _("Redo")),
        ):
            action.setText(text.format(what=deed.words) if deed and not deed.why else bare)
            action.setEnabled(deed is not None)

    def park(self, card: AppointmentCard | EventCard) -> None:
        """Put a visit aside; it keeps its time."""
        if isinstance(card, AppointmentCard):
            self.pinboard.pin(card)

    @property
    def begun(self) -> list[AppointmentEditor | QuickLeaving]:
        """What may hold something that is not saved: the editors, and the quick form."""
        return [*self.editors.values(), *self.panel.begun]

    # Theme and end ----------------------------------------------------------------------------

    def set_theme(self, mode: str) -> None:
        """Light, dark, or as the system."""
        self.memory.put("window/theme", mode)
        theme.apply(QApplication.instance(), mode)  # type: ignore[arg-type]
        for name in theme.MODES:
            self.actions_[name].setChecked(name == mode)

    def remember(self) -> None:
        """Keep size and view for the next start."""
        self.memory.put(window_place.NAME, self.saveGeometry())
        if all(size > 0 for size in self.splitter.sizes()):
            self.memory.put("window/splitter", self.splitter.sizes())
        self.memory.save()

    def settle(self, then: Callable[[], object]) -> bool:
        """Close the editors and the quick form. False where one holds something unsaved: *then* is
        called when that has been answered, and never where somebody goes on editing.
        """
        for editor in self.begun:
            if editor.is_edited:
                editor.raise_()
                editor.leave_then(then)
                return False
        for editor in self.begun:
            editor.reject()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Until somebody says otherwise, the panel is there where a week has room beside it."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        unasked = not self.memory.text("window/panel") and not self._borrowed
        self._fit_sidebar()
        if unasked and wide != self.actions_["panel"].isChecked():
            self.actions_["panel"].setChecked(wide)
            self._show_panel(wide)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.settle(self.close):
            event.ignore()
            return
        self.remember()
        super().closeEvent(event)
        self.closed.emit()
