"""The calendar's period as a plain table: the same visits, the same commands.

This is the path that every screen reader knows.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QTableView, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.narrow_table import LeavesOut
from clinic_desk.views.visit_table import CardRole, SortRole, VisitTableModel, own_day
from clinic_desk.views.widgets import button, column, label, named, row

COLUMNS = (
    "day",
    "time",
    "patient",
    "born",
    "type",
    "provider",
    "room",
    "status",
    "location",
    "notes",
)
GROWING = ("patient", "type", "provider", "notes")
"""These share what room is left."""
LEAST = ("notes", "location", "room", "born")
"""These give way where there is little room, in this order; the panel beside the list has them."""
LOOKED_AT = 60
"""So many lines say how wide a column is."""
KEYS = {
    Qt.Key.Key_C: Status.CONFIRMED,
    Qt.Key.Key_A: Status.ARRIVED,
    Qt.Key.Key_X: Status.COMPLETED,
    Qt.Key.Key_S: Status.MISSED,
    Qt.Key.Key_Delete: Status.CANCELLED,
}

_MIDDLE = QAbstractItemView.ScrollHint.PositionAtCenter


def visit_table(name: str, spoken: str) -> QTableView:
    """A table that shows whole rows and sorts by its headings."""
    table = named(QTableView(), name, spoken)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setFrameShape(QTableView.Shape.NoFrame)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(32)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setStretchLastSection(True)
    return table


def fit_columns(table: QTableView, *growing: int) -> None:
    """Give each column what its content needs; the *growing* ones share what is left, and
    give way first, so that nobody has to scroll sideways.
    """
    header = table.horizontalHeader()
    for part in (table, header):  # it may not have been seen yet, and then it has no style
        part.ensurePolished()
    header.setStretchLastSection(False)
    header.setMinimumSectionSize(48)
    for place in range(header.count()):
        if place in growing:
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        else:
            table.resizeColumnToContents(place)


class ListView(QWidget):
    """Signals:
    selection_changed(AppointmentCard or None)
    open_wanted(AppointmentCard)
    status_wanted(AppointmentCard, Status)
    new_wanted()
    """

    selection_changed = Signal(object)
    open_wanted = Signal(object)
    status_wanted = Signal(object, object)
    new_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "list-view", _("Appointments as a list"))
        self._desk = desk
        self._view: DiaryView | None = None
        self._day: date | None = None
        self.model = VisitTableModel(COLUMNS, desk.zone, self)
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setSortRole(SortRole)
        self.table = visit_table("list-table", _("Appointments"))
        self.table.setModel(self.proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().setResizeContentsPrecision(LOOKED_AT)
        growing, least = (tuple(map(COLUMNS.index, names)) for names in (GROWING, LEAST))
        self._narrow = LeavesOut(self.table, growing, least)
        self.table.installEventFilter(self)
        self.table.doubleClicked.connect(lambda index: self.open_wanted.emit(index.data(CardRole)))
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        empty = QWidget()
        nothing = label(_("No appointments in this period."), "list-empty", role="heading")
        new = button(_("New appointment"), "list-new", self.new_wanted.emit, look="primary")
        empty.setLayout(column(1, row(1, nothing, 1), row(1, new, 1), 2))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(empty)
        desk.zone_changed.connect(self._zone_changed)
        self.setFocusProxy(self.table)

    def set_data(self, view: DiaryView) -> None:
        """Show the visits of *view*; what is selected stays selected."""
        kept = self.selection
        self._view = view
        self.model.set_cards(sorted(view.appointments, key=lambda card: (card.span, card.id)))
        self._stack.setCurrentIndex(0 if view.appointments else 1)
        if kept is not None:
            self.select(kept.id)
        if view.appointments:
            fit_columns(self.table, *map(COLUMNS.index, GROWING))
            self._narrow.fit()
        self._seek()

    def go_to(self, day: date) -> None:
        """Select the first visit of *day*, as soon as that day is read; it says where there is
        none, and brings what comes next into sight.
        """
        self._day = day
        self._seek()

    def _seek(self) -> None:
        day, view = self._day, self._view
        if day is None or view is None:
            return
        if not view.period.overlaps(day_span(day, zone(self._desk.zone))):
            return  # these lines are of before; those of the day are on their way
        self._day = None
        later = [card for card in self.model.cards if own_day(card) >= day]
        if later and own_day(later[0]) == day:
            self.select(later[0].id)
            return
        self.table.setCurrentIndex(QModelIndex())
        if later:
            self.table.scrollTo(self._place_of(later[0].id), _MIDDLE)
        self._desk.say(_("No appointments on {day}.").format(day=words.day_long(day)))

    @property
    def selection(self) -> AppointmentCard | None:
        """The visit of the current line, if there is one."""
        card = self.table.currentIndex().data(CardRole)
        return card if isinstance(card, AppointmentCard) else None

    def select(self, card_id: int) -> None:
        """Select a visit, where it is shown."""
        place = self._place_of(card_id)
        if place.isValid():
            self.table.setCurrentIndex(place)

    def _place_of(self, card_id: int) -> QModelIndex:
        return self.proxy.mapFromSource(self.model.index(self.model.row_of(card_id), 0))

    def _zone_changed(self) -> None:
        self.model.set_zone(self._desk.zone)

    def _row_changed(self, index: QModelIndex) -> None:
        self.selection_changed.emit(index.data(CardRole))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens, single letters set the status, as on the board."""
        pressed = event.type() == QEvent.Type.KeyPress and watched is self.table
        if pressed and isinstance(event, QKeyEvent) and self._key(event):
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        card = self.selection
        if event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        if event.key() == Qt.Key.Key_N:
            self.new_wanted.emit()
            return True
        if card is None:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_wanted.emit(card)
            return True
        status = KEYS.get(Qt.Key(event.key()))
        if status is not None:
            self.status_wanted.emit(card, status)
        return status is not None
