"""Above the calendar: where one is, how it is shown, and whose visits are shown."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QWidget,
)

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.icons import icon
from clinic_desk.views.mini_month import MiniMonth
from clinic_desk.views.widgets import column, label, named, row, tool

STEPS = (5, 10, 15, 20, 30, 60)
NAME, SHORT_NAME = 190, 104
"""So much of a name is told, in pixels."""
AROUND = 62
"""What stands around a name: its sign, its arrow and the space beside it."""


def view_names() -> dict[View, str]:
    """What the views are called on their buttons."""
    return {
        View.WEEK: _("Week"),
        View.WORKWEEK: _("Work week"),
        View.PROVIDERS: _("Providers"),
        View.ROOMS: _("Rooms"),
        View.MONTH: _("Month"),
        View.LIST: _("List"),
    }


def view_tips() -> dict[View, str]:
    """What the views show, in a sentence."""
    return {
        View.WEEK: _("Seven days side by side"),
        View.WORKWEEK: _("Five days side by side"),
        View.PROVIDERS: _("One day, a column for each provider"),
        View.ROOMS: _("One day, a column for each room"),
        View.MONTH: _("Six weeks at a glance"),
        View.LIST: _("The week as a table"),
    }


class CalendarToolbar(QWidget):
    """Signals:
    today_wanted(), stepped(int), day_chosen(date): go somewhere.
    view_chosen(View): show it another way.
    location_chosen(object): id, or None for all.
    providers_chosen(object): frozenset of ids; empty means all.
    zoomed(int): -1 denser, +1 larger, 0 fit the day.
    step_chosen(int): grid of so many minutes.
    """

    today_wanted = Signal()
    stepped = Signal(int)
    day_chosen = Signal(object)
    view_chosen = Signal(object)
    location_chosen = Signal(object)
    providers_chosen = Signal(object)
    zoomed = Signal(int)
    step_chosen = Signal(int)

    def __init__(self, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "calendar-toolbar", _("Calendar tools"), role="toolbar")
        self._today = today
        self._chosen: frozenset[int] = frozenset()
        self._build_where()
        self._build_view()
        self._build_filters()
        self._build_scale()
        upper = row(
            self.before, self.today, self.after, self.title, 1, self.segments, self.views, gap=4
        )
        lower = row(
            self.location,
            self.providers,
            1,
            self.waiting,
            self.step,
            self.smaller,
            self.larger,
            self.fit,
            gap=4,
        )
        self.setLayout(column(upper, lower, margin=8, gap=6))

    # Where ------------------------------------------------------------------------------------

    def _build_where(self) -> None:
        self.today = tool(_("Today"), "toolbar-today", tip=_("Go to today (T)"))
        self.today.setProperty("look", "framed")
        self.before = tool("", "toolbar-before", tip=_("Earlier (PageUp)"))
        self.after = tool("", "toolbar-after", tip=_("Later (PageDown)"))
        self.before.setIcon(icon("back", turns=True))
        self.after.setIcon(icon("forward", turns=True))
        self.title = tool("", "toolbar-title", tip=_("Choose a day"), spoken=_("Period shown"))
        self.title.setProperty("look", "title")
        self.today.clicked.connect(self.today_wanted)
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.after.clicked.connect(lambda: self.stepped.emit(1))
        self.title.clicked.connect(self._open_picker)

    def _open_picker(self) -> None:
        """A month to pick a day from, below the title."""
        picker = named(
            QFrame(self, Qt.WindowType.Popup), "day-picker", _("Choose a day"), role="popup"
        )
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        days = MiniMonth(self._today)
        days.show_period(self._first, self._last, self._today)
        days.setFixedWidth(260)
        picker.setLayout(column(days, margin=10))

        def chosen(day: date) -> None:
            picker.close()
            self.day_chosen.emit(day)

        days.day_chosen.connect(chosen)
        picker.move(self.title.mapToGlobal(QPoint(0, self.title.height() + 2)))
        picker.show()
        days.table.setFocus()

    def show_period(self, first: date, last: date, today: date, title: str) -> None:
        """Say which days are shown."""
        self._first, self._last, self._today = first, last, today
        self.title.setText(title)
        self.title.setAccessibleName(_("Period shown: {period}").format(period=title))
        self.today.setEnabled(not first <= today <= last)
        self._arrange()

    # How --------------------------------------------------------------------------------------

    def _build_view(self) -> None:
        self.segments = named(QFrame(), "toolbar-views", _("View"), role="segments")
        inner = QHBoxLayout(self.segments)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(0)
        self.group = QButtonGroup(self)
        self.view_buttons: dict[View, QToolButton] = {}
        self.views = named(QComboBox(), "toolbar-view", _("View"))
        for view, name in view_names().items():
            made = tool(name, f"view-{view}", tip=view_tips()[view], spoken=name)
            made.setCheckable(True)
            made.setProperty("look", "segment")
            marked = QFont(made.font())
            marked.setWeight(QFont.Weight.DemiBold)
            made.setMinimumWidth(QFontMetrics(marked).horizontalAdvance(name) + 26)
            made.clicked.connect(lambda _checked=False, view=view: self.view_chosen.emit(view))
            self.group.addButton(made)
            self.view_buttons[view] = made
            inner.addWidget(made)
            self.views.addItem(name, view)
        self.views.activated.connect(lambda _index: self.view_chosen.emit(self.views.currentData()))
        self.views.hide()

    def set_view(self, view: View) -> None:
        """Mark the view that is shown."""
        self.view_buttons[view].setChecked(True)
        self.views.setCurrentIndex(list(View).index(view))
        hours = view not in (View.MONTH, View.LIST)
        for part in (self.step, self.smaller, self.larger, self.fit):
            part.setEnabled(hours)

    # Whose ------------------------------------------------------------------------------------

    def _build_filters(self) -> None:
        self.location = named(QComboBox(), "toolbar-location", _("Location"))
        self.location.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.location.activated.connect(
            lambda _index: self.location_chosen.emit(self.location.currentData())
        )
        self._whose = _("All providers")
        self.providers = tool(
            _("All providers"), "toolbar-providers", tip=_("Whose visits are shown")
        )
        self.providers.setProperty("look", "framed")
        self.providers.setIcon(icon("filter"))
        self.providers.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.providers.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = named(QMenu(self), "provider-menu", _("Providers"))
        self.providers.setMenu(self.menu)
        self.waiting = label("", "toolbar-waiting", role="hint")

    def fill(self, catalogue: Catalogue, location_id: int | None, chosen: Collection[int]) -> None:
        """Offer the organisation's locations and providers."""
        self.location.clear()
        self.location.addItem(_("All locations"), None)
        for place in sorted(catalogue.locations.values(), key=lambda one: one.name):
            if place.active:
                self.location.addItem(place.name, place.id)
        for index in range(self.location.count()):
            full = self.location.itemText(index)
            self.location.setItemData(index, full, Qt.ItemDataRole.ToolTipRole)
            self.location.setItemData(index, full, Qt.ItemDataRole.AccessibleTextRole)
        self.location.setCurrentIndex(max(0, self.location.findData(location_id)))
        self._chosen = frozenset(chosen)
        self.menu.clear()
        everyone = self.menu.addAction(_("All providers"))
        everyone.triggered.connect(self._choose_all)
        self.menu.addSeparator()
        self._people: dict[int, QAction] = {}
        for person in sorted(
            catalogue.providers.values(), key=lambda one: (one.position, one.name)
        ):
            if person.active:
                act = self.menu.addAction(person.name)
                act.setCheckable(True)
                act.setChecked(person.id in self._chosen)
                act.toggled.connect(self._choose)
                self._people[person.id] = act
        self._tell_chosen()

    def set_chosen(self, ids: frozenset[int]) -> None:
        """Mark these providers as the ones that are shown."""
        self._chosen = ids
        for number, act in self._people.items():
            act.blockSignals(True)
            act.setChecked(number in ids)
            act.blockSignals(False)
        self._tell_chosen()

    def _choose_all(self) -> None:
        self.set_chosen(frozenset())
        self._choose()

    def _choose(self) -> None:
        self._chosen = frozenset(number for number, act in self._people.items() if act.isChecked())
        self._tell_chosen()
        self.providers_chosen.emit(self._chosen)

    def _tell_chosen(self) -> None:
        count = len(self._chosen)
        if not count:
            text = _("All providers")
        elif count == 1:
            text = next(
                act.text() for number, act in self._people.items() if number in self._chosen
            )
        else:
            text = ngettext("{count} provider", "{count} providers", count).format(count=count)
        self._whose = text
        self._arrange()
        self.providers.setAccessibleName(_("Shown: {who}").format(who=text))

    # Scale ------------------------------------------------------------------------------------

    def _build_scale(self) -> None:
        self.step = named(QComboBox(), "toolbar-step", _("Step of the grid"))
        for minutes in STEPS:
            self.step.addItem(_("{minutes} min").format(minutes=minutes), minutes)
        self.step.setToolTip(_("Visits snap to this step"))
        self.step.activated.connect(lambda _index: self.step_chosen.emit(self.step.currentData()))
        self.smaller = tool("", "toolbar-smaller", tip=_("Show more hours (Ctrl+−)"))
        self.larger = tool("", "toolbar-larger", tip=_("Show fewer hours, larger (Ctrl++)"))
        self.smaller.setIcon(icon("minus"))
        self.larger.setIcon(icon("plus"))
        self.fit = tool(
            _("Fit day"), "toolbar-fit", tip=_("The working day exactly in sight (Ctrl+0)")
        )
        self.fit.setCheckable(True)
        self.smaller.clicked.connect(lambda: self.zoomed.emit(-1))
        self.larger.clicked.connect(lambda: self.zoomed.emit(1))
        self.fit.clicked.connect(lambda: self.zoomed.emit(0))

    def set_step(self, minutes: int) -> None:
        """Show the step of the grid, in minutes."""
        self.step.setCurrentIndex(max(0, self.step.findData(minutes)))

    def set_loading(self, loading: bool) -> None:
        """A word while a period is read for the first time."""
        self.waiting.setText(_("Reading…") if loading else "")

    def _arrange(self) -> None:
        """Where the buttons of the views do not fit, a list of them takes their place."""
        needed = self.segments.sizeHint().width() + self.title.sizeHint().width() + 160
        narrow = needed > self.width()
        self.segments.setVisible(not narrow)
        self.views.setVisible(narrow)
        for part in self._scale:  # keys and the menu do the same
            part.setVisible(self._has_room)
        self._shorten()

    @property
    def _scale(self) -> tuple[QToolButton, ...]:
        return self.smaller, self.larger, self.fit

    @property
    def _has_room(self) -> bool:
        """Whether the lower row can tell its names and show all of its buttons."""
        metrics = QFontMetrics(self.location.font())
        names = (self.location.currentData(Qt.ItemDataRole.ToolTipRole) or "", self._whose)
        needed = sum(min(metrics.horizontalAdvance(name), NAME) + AROUND for name in names)
        needed += sum(part.sizeHint().width() + 4 for part in (self.step, *self._scale))
        return needed + AROUND <= self.width()

    def _shorten(self) -> None:
        """Names that do not fit end in "…"; the whole of them is told by their tips."""
        room = NAME if self._has_room else SHORT_NAME
        metrics = QFontMetrics(self.location.font())
        full = Qt.ItemDataRole.ToolTipRole
        for index in range(self.location.count()):
            name = self.location.itemData(index, full) or ""
            told = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            if told != self.location.itemText(index):
                self.location.setItemText(index, told)
        self.location.setToolTip(self.location.currentData(full) or "")
        metrics = QFontMetrics(self.providers.font())
        whose = metrics.elidedText(self._whose, Qt.TextElideMode.ElideRight, room)
        self.providers.setText(whose)
        tip = _("Whose visits are shown")
        self.providers.setToolTip(tip if whose == self._whose else f"{self._whose}\n{tip}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(480, super().minimumSizeHint().height())
