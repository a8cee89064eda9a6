"""A month at a glance: click a day to go there, drop a visit on it, walk it with arrows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from clinic_desk.i18n import DayName, _, first_weekday, weekday_text
from clinic_desk.views import theme, words
from clinic_desk.views.widgets import column, label, named, row, tool

AnyIndex = QModelIndex | QPersistentModelIndex
DayRole = Qt.ItemDataRole.UserRole + 1
ROWS = 6
NAMES: tuple[DayName, ...] = ("short", "abbreviated", "narrow")
"""How the weekdays are named: the first that has room, else the last."""
ROOM = 3
"""Pixels between two names, at least."""
CELL = 26
"""Height of a day in logical pixels."""
DWELL_MS = 600
"""A dragged visit that stays this long on a day opens its period."""


class MonthTableModel(QAbstractTableModel):
    """Six weeks around one month; each cell is a day."""

    def __init__(self, shown: date, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = shown.replace(day=1)
        self.today = today
        self.first_weekday = first_weekday()
        self.names: DayName = "narrow"

    def set_names(self, width: DayName) -> None:
        """Write the weekdays' names so above the columns."""
        if width != self.names:
            self.names = width
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 6)

    def set_month(self, shown: date, today: date) -> None:
        """Show the month of *shown*."""
        self.beginResetModel()
        self.shown, self.today = shown.replace(day=1), today
        self.endResetModel()

    @property
    def first_day(self) -> date:
        """The day in the upper corner; it may belong to the month before."""
        return self.shown - timedelta(days=(self.shown.weekday() - self.first_weekday) % 7)

    def day(self, index: AnyIndex) -> date:
        """The day of a cell."""
        return self.first_day + timedelta(days=7 * index.row() + index.column())

    def place(self, day: date) -> QModelIndex:
        """The cell of *day*; invalid where it is not shown."""
        offset = (day - self.first_day).days
        if not 0 <= offset < 7 * ROWS:
            return QModelIndex()
        return self.index(offset // 7, offset % 7)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else ROWS

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else 7

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        day = self.day(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return str(day.day)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return words.day_long(day)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignCenter)
        return day if role == DayRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            number = (self.first_weekday + section) % 7
            if role == Qt.ItemDataRole.DisplayRole:
                return _head(number, self.names)
            if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
                return weekday_text(number)
        elif role == Qt.ItemDataRole.DisplayRole:
            return str((self.first_day + timedelta(days=7 * section + 3)).isocalendar().week)
        return None


def _head(weekday: int, width: DayName) -> str:
    """A day's name over its column, where a full stop would only take room."""
    return weekday_text(weekday, width).removesuffix(".")


class DayDelegate(QStyledItemDelegate):
    """Paints a day: today as a ring, the shown period as a band, other months paler."""

    def __init__(self, view: MonthTable) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        view, day = self._view, index.data(DayRole)
        model = view.month
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        side = min(box.width(), box.height()) - 3
        circle = QRectF(0, 0, side, side)
        circle.moveCenter(box.center())
        if view.first <= day <= view.last:
            painter.fillRect(box.adjusted(0, 2, 0, -2), QColor(theme.colour("mini.period")))
        if view.hovered == day:
            painter.setBrush(QColor(theme.colour("mini.hover")))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(circle)
        ink = QColor(theme.colour("text" if day.month == model.shown.month else "text.faint"))
        font = QFont(painter.font())
        if day == model.today:
            painter.setBrush(QColor(theme.colour("accent")))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(circle)
            ink = QColor(theme.colour("accent.text"))
            font.setBold(True)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.colour("focus")), 2))
            painter.drawEllipse(circle)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(day.day))
        painter.restore()


class MonthTable(QTableView):
    """The days. Enter or a click goes there; PageUp and PageDown turn the month."""

    chosen = Signal(object)
    turned = Signal(int)

    def __init__(self, model: MonthTableModel) -> None:
        super().__init__()
        named(self, "mini-month-days", _("Days of the month"))
        self.month = model
        self.first = self.last = model.today
        self.hovered: date | None = None
        self.setModel(model)
        self.setItemDelegate(DayDelegate(self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        across.setMinimumSectionSize(16)
        across.setSectionsClickable(False)
        across.setHighlightSections(False)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(CELL)
        down.setSectionsClickable(False)
        down.setHighlightSections(False)
        down.setFixedWidth(24)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedHeight(ROWS * CELL + 24)
        across.setFixedHeight(22)
        self.clicked.connect(lambda index: self.chosen.emit(index.data(DayRole)))
        self.entered.connect(self._hover)

    def _hover(self, index: QModelIndex) -> None:
        self.set_hovered(index.data(DayRole))

    def set_hovered(self, day: date | None) -> None:
        """Mark the day that something is carried over; None for no day."""
        if day != self.hovered:
            self.hovered = day
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name_days()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._name_days()

    def _name_days(self) -> None:
        """The longest names that have room; a single letter may be that of two days."""
        metrics, room = self.fontMetrics(), self.viewport().width() // 7
        for width in NAMES:
            wide = [metrics.horizontalAdvance(_head(day, width)) for day in range(7)]
            beside = zip(wide, wide[1:] + wide[:1], strict=True)
            if max(wide) <= room and all((a + b) / 2 + ROOM <= room for a, b in beside):
                break
        self.month.set_names(width)

    def leaveEvent(self, event: Any) -> None:
        self.set_hovered(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.currentIndex().data(DayRole))
        elif event.key() == Qt.Key.Key_PageUp:
            self.turned.emit(-1)
        elif event.key() == Qt.Key.Key_PageDown:
            self.turned.emit(1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self.turned.emit(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()


class MiniMonth(QWidget):
    """Title, arrows and the days.

    Signals:
        day_chosen(date): the user wants to see this day.
    """

    day_chosen = Signal(object)

    def __init__(self, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "mini-month", _("Month"))
        self.model = MonthTableModel(today, today)
        self.table = MonthTable(self.model)
        self._title = label("", "mini-month-title", role="strong")
        before = tool("", "mini-month-before", tip=_("Previous month"))
        after = tool("", "mini-month-after", tip=_("Next month"))
        before.setArrowType(Qt.ArrowType.LeftArrow)
        after.setArrowType(Qt.ArrowType.RightArrow)
        if self.isRightToLeft():
            before.setArrowType(Qt.ArrowType.RightArrow)
            after.setArrowType(Qt.ArrowType.LeftArrow)
        before.clicked.connect(lambda: self.turn(-1))
        after.clicked.connect(lambda: self.turn(1))
        self.setLayout(column(row(self._title, 1, before, after, gap=0), self.table, gap=2))
        self._dwelling: date | None = None
        self._open_day: Callable[[date], object] | None = None
        self._dwell = QTimer(self)
        self._dwell.setSingleShot(True)
        self._dwell.timeout.connect(self._dwelt)
        self.table.chosen.connect(self.day_chosen)
        self.table.turned.connect(self.turn)
        self._retitle()

    def sizeHint(self) -> QSize:
        return QSize(220, ROWS * CELL + 56)

    def turn(self, months: int) -> None:
        """Show another month without choosing a day."""
        shown = self.model.shown
        index = shown.year * 12 + shown.month - 1 + months
        self.model.set_month(date(index // 12, index % 12 + 1, 1), self.model.today)
        self._retitle()

    def show_period(self, first: date, last: date, today: date) -> None:
        """Mark the days that the calendar shows, and bring them into sight."""
        self.table.first, self.table.last = first, last
        in_sight = self.model.place(first).isValid() and self.model.place(last).isValid()
        middle = first + (last - first) / 2
        shown = self.model.shown if in_sight and first.day != 1 else middle
        self.model.set_month(shown, today)
        self.table.setCurrentIndex(self.model.place(first))
        self._retitle()

    def hover(self, where: QPoint | None, open_day: Callable[[date], object] | None = None) -> None:
        """A dragged visit is at *where* (None: no more); staying on a day opens it."""
        day = self.day_at(where) if where is not None else None
        self.table.set_hovered(day)
        if day is None or open_day is None:
            self._dwell.stop()
            self._dwelling = None
        elif day != self._dwelling:
            self._dwelling, self._open_day = day, open_day
            self._dwell.start(DWELL_MS)

    def _dwelt(self) -> None:
        if self._dwelling is not None and self._open_day is not None:
            self._open_day(self._dwelling)

    def day_at(self, where: QPoint) -> date | None:
        """The day under a point of the screen, for a visit that is being dragged."""
        viewport = self.table.viewport()
        here = viewport.mapFromGlobal(where)
        if not self.isVisible() or not viewport.rect().contains(here):
            return None
        index = self.table.indexAt(here)
        return index.data(DayRole) if index.isValid() else None

    def _retitle(self) -> None:
        self._title.setText(words.month(self.model.shown))
