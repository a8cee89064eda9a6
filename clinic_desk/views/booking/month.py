"""A month in which the days that can be booked stand out, and only these can be chosen; each of
the others says why not, by a sign, under the pointer, and to whoever walks the days by keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.offer_cards import DayOffer, EmptyDay
from clinic_desk.views import theme, words
from clinic_desk.views.booking.announcing import announce
from clinic_desk.views.booking.draft import next_month
from clinic_desk.views.mini_month import AnyIndex, DayRole, MonthTable, MonthTableModel
from clinic_desk.views.widgets import column, label, named, row, tool

CELL = 34
HEAD = 34
"""Height of a day in logical pixels."""


class BookableDays(MonthTableModel):
    """Six weeks around one month; a day that cannot be booked cannot be chosen."""

    def __init__(self, shown: date, today: date, parent: QWidget | None = None) -> None:
        super().__init__(shown, today, parent)
        self.bookable: frozenset[date] = frozenset()
        self.empty: dict[date, DayOffer] = {}
        self.chosen: date | None = None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Days that cannot be booked can be walked to, to read why."""
        if index.isValid() and (self.day(index) in self.bookable or self.day(index) in self.empty):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def why(self, day: date) -> EmptyDay | None:
        """Why *day* offers nothing, where that is known."""
        return self.empty[day].why if day in self.empty else None

    def told(self, day: date) -> str:
        """Whether *day* can be booked, and why not."""
        if day in self.bookable:
            return _("{day}: can be booked").format(day=words.day_long(day))
        name = self.empty[day].name if day in self.empty else ""
        if self.why(day) is EmptyDay.CLOSED and not name:
            return _("{day}: closed").format(day=words.day_long(day))
        told = _SENTENCES[self.why(day)]()
        return told.format(day=words.day_long(day), name=words.isolated(name))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return self.told(self.day(index))
        return super().data(index, role)


class BookableDelegate(QStyledItemDelegate):
    """Paints a bookable day as a filled tile in bold, with a mark below; others pale."""

    def __init__(self, table: MonthTable, model: BookableDays) -> None:
        super().__init__(table)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        day, model = index.data(DayRole), self._model
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(2, 2, -2, -2)
        ink, font = QColor(theme.colour("text.faint")), QFont(painter.font())
        if day in model.bookable:
            font.setBold(True)
            chosen = day == model.chosen
            fill, ink = (
                ("accent", QColor(theme.colour("accent.text")))
                if chosen
                else ("accent.soft", QColor(theme.colour("text")))
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colour(fill)))
            painter.drawRoundedRect(box, 5, 5)
            painter.setBrush(ink)
            painter.drawEllipse(QRectF(box.center().x() - 1.5, box.bottom() - 6, 3, 3))
        else:
            _paint_sign(painter, box, _SIGNS.get(model.why(day), ""), ink)
        if day == model.today:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.colour("border.strong")), 1))
            painter.drawRoundedRect(box, 5, 5)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.colour("focus")), 2))
            painter.drawRoundedRect(box, 5, 5)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(day.day))
        painter.restore()


def _paint_sign(painter: QPainter, box: QRectF, sign: str, ink: QColor) -> None:
    """Why a day is empty, as a small sign under its number."""
    if not sign:
        return
    small = QFont(painter.font())
    small.setPointSizeF(max(small.pointSizeF() * 0.8, 7))
    painter.setFont(small)
    painter.setPen(ink)
    foot = QRectF(box.left(), box.bottom() - 11, box.width(), 11)
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignCenter), sign)


_SIGNS: dict[EmptyDay | None, str] = {
    EmptyDay.CLOSED: "×",
    EmptyDay.AWAY: "○",
    EmptyDay.FULL: "–",
}

_SENTENCES: dict[EmptyDay | None, Callable[[], str]] = {
    None: lambda: _("{day}: nothing free"),
    EmptyDay.PAST: lambda: _("{day}: past"),
    EmptyDay.CLOSED: lambda: _("{day}: closed ({name})"),
    EmptyDay.AWAY: lambda: _("{day}: {name} is away"),
    EmptyDay.NOBODY: lambda: _("{day}: nobody who may give it works"),
    EmptyDay.FULL: lambda: _("{day}: everything is taken"),
}


class MonthPicker(QWidget):
    """Title, arrows, and the days.

    Signals:
        day_chosen(date): a day that can be booked was picked.
        month_wanted(date): another month was turned to; its days are not known yet.
    """

    day_chosen = Signal(object)
    month_wanted = Signal(object)

    def __init__(self, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-month", _("Month"))
        self.model = BookableDays(today, today)
        self.table = MonthTable(self.model)
        self.table.setObjectName("booking-days")
        self.table.setItemDelegate(BookableDelegate(self.table, self.model))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(CELL)
        self.table.horizontalHeader().setFixedHeight(HEAD)
        self.table.setFixedHeight(6 * CELL + HEAD + 2)
        self.title = label("", "booking-month-title", role="strong")
        self.before = tool("", "booking-month-before", tip=_("Previous month"))
        self.after = tool("", "booking-month-after", tip=_("Next month"))
        self.before.clicked.connect(lambda: self._turn(-1))
        self.after.clicked.connect(lambda: self._turn(1))
        self.why = label("", "booking-day-why", role="hint", wrap=True)
        signs = _("• free   – full   × closed   ○ away")
        self.legend = label(signs, "booking-month-legend", role="hint")
        head = row(self.title, 1, self.before, self.after, gap=0)
        self.setLayout(column(head, self.table, self.legend, self.why, gap=4))
        self.table.selectionModel().currentChanged.connect(self._walked)
        self.table.chosen.connect(self._choose)
        self.table.turned.connect(self._turn)
        self.setMinimumWidth(250)
        self._retitle()

    @property
    def month(self) -> date:
        """The first day of the month that is shown."""
        return self.model.shown

    def set_month(self, month: date) -> None:
        """Show another month; which of its days can be booked is told by :meth:`set_days`."""
        self.model.bookable, self.model.empty = frozenset(), {}
        self.why.clear()
        self.model.set_month(month, self.model.today)
        self._retitle()

    def set_days(self, days: Sequence[DayOffer]) -> None:
        """Which days of the month can be booked, and why the others cannot."""
        self.model.bookable = frozenset(offer.day for offer in days if offer.bookable)
        self.model.empty = {offer.day: offer for offer in days if not offer.bookable}
        self._walked(self.table.currentIndex())
        self.table.viewport().update()

    def set_chosen(self, day: date | None) -> None:
        """Mark the day whose times are shown."""
        self.model.chosen = day
        if day is not None and self.model.place(day).isValid():
            self.table.setCurrentIndex(self.model.place(day))
        self.table.viewport().update()

    def place(self, day: date) -> QModelIndex:
        """The cell of a day."""
        return self.model.place(day)

    def _walked(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        """The line below the days says why the one under the cursor cannot be had."""
        day = self.model.day(index) if index.isValid() else None
        self.why.setText(
            self.model.told(day) if day is not None and day in self.model.empty else ""
        )

    def _choose(self, day: date | None) -> None:
        if day in self.model.bookable:
            self.day_chosen.emit(day)
        elif day is not None and day in self.model.empty:
            announce(self, self.why.text())

    def _turn(self, months: int) -> None:
        month = next_month(self.month, months)
        if month < self.model.today.replace(day=1):
            return
        self.set_month(month)
        self.month_wanted.emit(month)

    def _retitle(self) -> None:
        self.title.setText(words.month(self.model.shown))
        back, on = Qt.ArrowType.LeftArrow, Qt.ArrowType.RightArrow
        if self.isRightToLeft():
            back, on = on, back
        self.before.setArrowType(back)
        self.after.setArrowType(on)
        self.before.setEnabled(self.month > self.model.today.replace(day=1))
