"""Carrying a pinned visit over the board: the board's own gesture, begun from outside it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.agenda.board import AgendaBoard


class PinDrag:
    """One board's guest. Points are on the screen."""

    def __init__(self, board: AgendaBoard) -> None:
        self._board = board

    def move(self, card: AppointmentCard, where: QPoint) -> None:
        """The visit is dragged over *where*; the ghost shows its time and the reasons."""
        board = self._board
        pos = board.viewport().mapFromGlobal(where)
        if not board.isVisible():
            return
        if not board.gestures.busy:
            board.gestures.lift_guest(card, by_keys=False)
        board.gestures.move(pos, QApplication.keyboardModifiers())
        board.edges.watch(pos, turning=not board.is_outside(pos))

    def drop(self, where: QPoint) -> bool:
        """Let go; False where that is not on the board, and nothing has moved."""
        board = self._board
        if not board.gestures.busy:
            return False
        pos = board.viewport().mapFromGlobal(where)
        if board.is_outside(pos):
            board.cancel()
            return False
        board.gestures.move(pos, Qt.KeyboardModifier.NoModifier)
        board.drop()
        return True

    def carry(self, card: AppointmentCard) -> None:
        """Pick the visit up at the board's cursor, for arrows and Enter."""
        board = self._board
        board.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not board.gestures.busy and board.grid.columns:
            board.gestures.lift_guest(card, by_keys=True)
            board.gestures.aim(max(board.cursor_.column, 0), float(board.cursor_.minute))
            board.ghost_spoken()
