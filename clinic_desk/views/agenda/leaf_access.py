"""What a screen reader is told of one thing that is painted and is no widget: a visit, a day."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleInterface,
    QAccessibleObject,
    QColor,
)
from PySide6.QtWidgets import QWidget
from shiboken6 import VoidPtr


class LeafAccess(QAccessibleObject):
    """One item, without parts, of the list that *owner* is for a screen reader.

    *thing* stands for it, *view* is the widget whose coordinates :meth:`_place` is in. Who
    derives from it says its name, identifier, place and state.
    """

    def __init__(
        self, thing: QObject, owner: QWidget, view: QWidget, actions: QAccessibleActionInterface
    ) -> None:
        super().__init__(thing)
        self._owner, self._view, self._actions = owner, view, actions

    def _spoken(self) -> str:
        """The sentence that is read out."""
        raise NotImplementedError

    def _identifier(self) -> str:
        """The stable name that tests and helping programs find it by."""
        raise NotImplementedError

    def _place(self) -> QRect:
        """Where it is painted, in the coordinates of the view."""
        raise NotImplementedError

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._owner)

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._spoken()
        return self._identifier() if kind == QAccessible.Text.Identifier else ""

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        return

    def rect(self) -> QRect:
        box = self._place()
        return QRect(self._view.mapToGlobal(box.topLeft()), box.size())

    def backgroundColor(self) -> QColor:  # noqa: N802 - Qt's name
        return QColor()

    def foregroundColor(self) -> QColor:  # noqa: N802 - Qt's name
        return QColor()

    def interface_cast(self, kind: QAccessible.InterfaceType) -> VoidPtr:  # type: ignore[override]
        if kind == QAccessible.InterfaceType.ActionInterface:
            return VoidPtr(self._actions)  # type: ignore[arg-type]
        return VoidPtr(0)
