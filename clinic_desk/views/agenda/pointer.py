"""The mouse over the calendar: pressing, dragging, hovering, wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from clinic_desk.views.agenda.grip import Mode
from clinic_desk.views.agenda.layout import Item

if TYPE_CHECKING:
    from clinic_desk.views.agenda.carrier import Carrier

HOVER_MS = 450
"""How long the pointer rests on a card before the card says all it knows."""


class Pointer:
    """What the mouse does to one board. Positions are viewport pixels."""

    def __init__(self, board: Carrier) -> None:
        self._board = board
        self._hovered: Item | None = None
        self._swallow = False
        self._rest = QTimer(board, singleShot=True, interval=HOVER_MS)
        self._rest.timeout.connect(self._rested)
        self._where = QPoint()
        self._modifiers = Qt.KeyboardModifier.NoModifier

    @property
    def modifiers(self) -> Qt.KeyboardModifier:
        """The modifier keys as the last event told them."""
        return self._modifiers

    def modifiers_changed(self, modifiers: Qt.KeyboardModifier) -> None:
        """Ctrl or Shift went down or up in the middle of a drag."""
        self._modifiers = modifiers
        self._board.gestures.follow(modifiers)
        self._board.lift()

    def press(self, event: QMouseEvent) -> None:
        """A button went down."""
        board = self._board
        self._modifiers = event.modifiers()
        board.hover.hide()
        self._rest.stop()
        if board.gestures.busy:
            if event.button() == Qt.MouseButton.RightButton:
                self._swallow = True  # the menu of this click is not meant
                board.cancel()
            elif board.gestures.by_keys:
                board.cancel()
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._swallow = False
        pos = event.position().toPoint()
        item = board.item_at(pos)
        board.proposal = None
        if item is not None:
            board.cursor_.put_on(item)
        else:
            at = board.to_content(pos)
            column = board.grid.column_at(at.x())
            minute = board.grid.floored(board.grid.minute_at(at.y()), board.step)
            board.cursor_.column, board.cursor_.minute = max(column, 0), minute
            board.cursor_.key = None
        board.cursor_moved(reveal=False)
        board.gestures.press(pos, item)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved, with or without a button."""
        board = self._board
        self._modifiers = event.modifiers()
        pos = event.position().toPoint()
        gestures = board.gestures
        if gestures.mode is Mode.NOP or gestures.by_keys:
            self._hover(pos)
            return
        gestures.move(pos, event.modifiers())
        if gestures.busy:
            board.lift()
            turning = gestures.mode is Mode.MOVE
            board.edges.watch(pos, turning=turning and not board.is_outside(pos))
            board.carried_to(pos)

    def release(self, event: QMouseEvent) -> None:
        """A button went up: what was carried is dropped."""
        board, gestures = self._board, self._board.gestures
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._modifiers = event.modifiers()
        pos = event.position().toPoint()
        if not gestures.busy:
            gestures.cancel()
            return
        if gestures.by_keys:
            return
        gestures.move(pos, event.modifiers())
        card = gestures.card
        if board.is_outside(pos):
            outside = gestures.mode is Mode.MOVE
            board.cancel()
            if outside and card is not None:
                board.drag_dropped_outside.emit(card, board.viewport().mapToGlobal(pos))
            return
        board.drop()

    def double_click(self, event: QMouseEvent) -> None:
        """A visit opens; free time asks for a new one."""
        board = self._board
        if event.button() != Qt.MouseButton.LeftButton:
            return
        board.gestures.cancel()
        item = board.item_at(event.position().toPoint())
        if item is not None:
            board.open_wanted.emit(item.card)
        else:
            board.propose_here()

    def context(self, event: QContextMenuEvent) -> None:
        """The right button, or the menu key with the place of the cursor."""
        board = self._board
        if self._swallow or board.gestures.busy:
            self._swallow = False
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            item = board.item_at(event.pos())
            if item is not None:
                board.cursor_.put_on(item)
                board.cursor_moved(reveal=False)
            board.context_wanted.emit(item.card if item else None, event.globalPos())
        else:
            place = board.cursor_rect().center()
            board.context_wanted.emit(board.selection, board.viewport().mapToGlobal(place))

    def wheel(self, event: QWheelEvent) -> bool:
        """Ctrl and the wheel zoom about the pointer; whether that was it."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if event.angleDelta().y():
            self._board.zoom_by(1 if event.angleDelta().y() > 0 else -1)
        return True

    def leave(self) -> None:
        """The pointer left the calendar."""
        self._rest.stop()
        self._hovered = None
        self._board.hover.hide()

    def _hover(self, pos: QPoint) -> None:
        board = self._board
        item = board.item_at(pos)
        self._where = pos
        if item is not self._hovered:
            self._hovered = item
            board.hover.hide()
            if item is not None:
                self._rest.start()
            else:
                self._rest.stop()
        shape = Qt.CursorShape.ArrowCursor
        if item is not None and board.gestures.handle(item, board.to_content(pos)) is not Mode.MOVE:
            shape = Qt.CursorShape.SizeVerCursor
        if board.viewport().cursor().shape() != shape:
            board.viewport().setCursor(shape)

    def _rested(self) -> None:
        board = self._board
        if self._hovered is None or board.gestures.busy or not board.isVisible():
            return
        if not QApplication.activePopupWidget():
            board.hover.show_for(self._hovered.card, board.item_rect(self._hovered))
