"""Lists with boxes to tick: the whole line ticks, its words as well as its box."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Select)


class TickLines(QStyledItemDelegate):
    """Ticks the box in the first column of a line, wherever the line is clicked, and by Space
    from each of its columns. What cannot be ticked just now stays as it is.
    """

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Whether the line was ticked; a hit on the box itself is Qt's own."""
        if super().editorEvent(event, model, option, index):
            return True
        if not _asks(event):
            return False
        box = index.sibling(index.row(), 0)
        ticks = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable
        if model.flags(box) & ticks != ticks:
            return False
        role = Qt.ItemDataRole.CheckStateRole
        on = Qt.CheckState(box.data(role)) is Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
        return model.setData(box, wanted, role)


def _asks(event: QEvent) -> bool:
    """The view tells of a release only where the press was on the same line."""
    if isinstance(event, QMouseEvent):
        left = event.button() == Qt.MouseButton.LeftButton
        return left and event.type() == QEvent.Type.MouseButtonRelease
    pressed = event.type() == QEvent.Type.KeyPress
    return pressed and isinstance(event, QKeyEvent) and event.key() in _KEYS


def tick_by_words(view: QAbstractItemView) -> None:
    """Let the lines of *view* be ticked by their words too."""
    view.setItemDelegate(TickLines(view))
