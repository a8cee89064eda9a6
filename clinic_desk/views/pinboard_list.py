"""The pinned visits as a list of small cards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import theme, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.pinned_wish import PinnedWish

AnyIndex = QModelIndex | QPersistentModelIndex
CardRole = Qt.ItemDataRole.UserRole + 1


def name_of(card: AppointmentCard) -> str:
    """Whom a pinned visit is for."""
    return card.name if isinstance(card, PinnedWish) else card.patient_name


def state_of(card: AppointmentCard, zone: str) -> str:
    """When it is booked; or that it is not booked yet."""
    return _("to be booked") if isinstance(card, PinnedWish) else words.visit_when(card, zone)


class PinboardTableModel(QAbstractTableModel):
    """The pinned visits, in the order in which they were pinned."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.cards: list[AppointmentCard] = []

    def set_cards(self, cards: Iterable[AppointmentCard]) -> None:
        """Show these visits."""
        self.beginResetModel()
        self.cards = list(cards)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.cards)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else 1

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self.cards[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{words.isolated(name_of(card))} · {state_of(card, self._desk.zone)}"
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(card, PinnedWish):
            return _("Drag it to a free time, or press Enter and choose a place. Not booked yet.")
        if role == Qt.ItemDataRole.ToolTipRole:
            return _(
                "Drag it to its new time, or press Enter and choose a place. Still booked: {when}"
            ).format(when=words.visit_when(card, self._desk.zone))
        return card if role == CardRole else None


class PinDelegate(QStyledItemDelegate):
    """A pinned visit as a small card: stripe, name, length and old time."""

    def __init__(self, desk: Desk, view: QTableView) -> None:
        super().__init__(view)
        self._desk = desk

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        card: AppointmentCard = index.data(CardRole)
        box = option.rect.adjusted(0, 2, 0, -2)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        right = option.direction == Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.colour("focus" if selected else "border")))
        painter.setBrush(QColor(theme.colour("selection" if selected else "surface.raised")))
        painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(card.type.colour))
        stripe = box.adjusted(0, 0, 0, 0)
        stripe.setWidth(5)
        if right:
            stripe.moveRight(box.right())
        painter.drawRoundedRect(stripe, 2, 2)
        inner = box.adjusted(12, 2, -8, -2) if not right else box.adjusted(8, 2, -12, -2)
        half = inner.height() // 2
        align = int(
            Qt.AlignmentFlag.AlignVCenter
            | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        )
        metrics = option.fontMetrics
        upper = metrics.elidedText(
            f"{card.type.code}  {name_of(card)}", Qt.TextElideMode.ElideRight, inner.width()
        )
        lower = f"{words.length(card.span.minutes)} · {state_of(card, self._desk.zone)}"
        lower = metrics.elidedText(lower, Qt.TextElideMode.ElideRight, inner.width())
        painter.setPen(QColor(theme.colour("text")))
        painter.drawText(inner.adjusted(0, 0, 0, -half), align, upper)
        painter.setPen(QColor(theme.colour("text.faint")))
        painter.drawText(inner.adjusted(0, half, 0, 0), align, lower)
        painter.restore()
