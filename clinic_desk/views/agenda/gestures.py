"""Carrying, stretching and sweeping: one state machine for the mouse and for the keyboard.

``NOP`` nothing is going on; ``PRESS`` the button is down but nothing has moved far enough;
``MOVE``, ``RESIZE_TOP``, ``RESIZE_BOTTOM`` a card is under way; ``SWEEP`` a new time is being
drawn. Whatever began ends in exactly one of ``drop`` (one intention leaves) or ``cancel``
(everything is as it was).
"""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views.agenda.aim import Aim
from clinic_desk.views.agenda.grip import (
    FINE_STEP,
    HANDLE,
    HELD_MS,
    HELD_PX,
    Grip,
    Mode,
    grip_at,
)
from clinic_desk.views.agenda.judge import Judge, Wish
from clinic_desk.views.agenda.layout import Card, Item


class Gestures(Aim):
    """The state of one board's gestures. Positions are viewport pixels."""

    # The mouse

    def press(self, pos: QPoint, item: Item | None) -> None:
        """The left button went down on *item* or on free time."""
        board, at = self._board, self._board.to_content(pos)
        minute, column = board.grid.minute_at(at.y()), board.grid.column_at(at.x())
        if column < 0:
            return
        if item is None:
            begin = float(board.grid.floored(minute, board.step))
            self.grip = Grip(None, column, begin, begin, minute, at.x(), pos, Mode.SWEEP)
        else:
            wanted = self.handle(item, at)
            self.grip = self._gripped(item, minute, at.x(), pos, wanted)
            board.model.ready()
        self.mode = Mode.PRESS
        self.by_keys = False
        self._clock.start()

    def _gripped(self, item: Item, minute: float, x: int, press: QPoint, wanted: Mode) -> Grip:
        before = timedelta()
        if not item.head:
            first = self._board.grid.instant(item.column, item.begin)
            before = first - item.card.span.starts_at
        return Grip(item.card, item.column, item.begin, item.end, minute, x, press, wanted, before)

    def handle(self, item: Item, at: QPoint) -> Mode:
        """What a press at a content point of *item* would begin."""
        selected = self._board.cursor_.item(self._board.layout_)
        gripped = grip_at(item, at) if item is selected else None
        if gripped is not None:
            return gripped
        reach = min(HANDLE, item.h // 4)
        if item.tail and at.y() >= item.y + item.h - reach:
            return Mode.RESIZE_BOTTOM
        if item.head and at.y() < item.y + reach:
            return Mode.RESIZE_TOP
        return Mode.MOVE

    def move(self, pos: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """The pointer moved while the button is down."""
        if self.grip is None:
            return
        if self.mode is Mode.PRESS:
            way = (pos - self.grip.press).manhattanLength()
            held = self._clock.isValid() and self._clock.elapsed() >= HELD_MS
            if way < (HELD_PX if held else QApplication.startDragDistance()):
                return
            self._begin(self.grip.wanted)
        self._pos = pos
        self.follow(modifiers)

    def follow(self, modifiers: Qt.KeyboardModifier) -> None:
        """Work out where the pointer means, also after the page scrolled under it."""
        if self.grip is None or not self.busy or self.by_keys:
            return
        board, grip = self._board, self.grip
        self.copy = self.mode is Mode.MOVE and bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        step = FINE_STEP if modifiers & Qt.KeyboardModifier.ShiftModifier else board.step
        if board.is_outside(self._pos):
            self._show_outside()
            return
        at = board.to_content(self._pos)
        minute, column = board.grid.minute_at(at.y()), board.grid.column_at(at.x())
        moved = minute - grip.minute
        if self.mode is Mode.MOVE:
            self.aim(column, self._snapped(grip.begin + moved, grip.begin, step))
        elif self.mode is Mode.RESIZE_BOTTOM:
            end = max(self._snapped(grip.end + moved, grip.end, step), grip.begin + FINE_STEP)
            self.aim_edges(grip.column, grip.begin, end)
        elif self.mode is Mode.RESIZE_TOP:
            begin = min(self._snapped(grip.begin + moved, grip.begin, step), grip.end - FINE_STEP)
            self.aim_edges(grip.column, begin, grip.end)
        else:
            low, high = sorted((grip.begin, float(board.grid.floored(minute, step))))
            self.aim_edges(grip.column, low, min(high + step, board.grid.ruled.minutes))

    # Both

    def _begin(self, mode: Mode) -> None:
        assert self.grip is not None
        board = self._board
        self.mode = mode
        self.copy = False
        board.model.hold_refreshes()
        self.judge = Judge(board.model, board.zone, board.snapshot)
        board.lifted_changed()

    def find_forbidden(self) -> int:
        """Work out one more column's forbidden places, the nearest to the ghost first; its
        index, or -1 when all are known. A frame never waits for more than one column.
        """
        grip, judge, grid = self.grip, self.judge, self._board.grid
        if grip is None or judge is None or self.mode is Mode.SWEEP:
            return -1
        here = self.ghost.column if self.ghost is not None else grip.column
        open_ = [index for index in range(len(grid.columns)) if index not in self.forbidden]
        if self.mode is not Mode.MOVE:
            open_ = [index for index in open_ if index == grip.column]
        if not open_:
            return -1
        index = min(open_, key=lambda column: abs(column - here))
        self.forbidden[index] = judge.forbidden(grip.card, grid, index)
        return index

    def pick_up(self, item: Item, mode: Mode = Mode.MOVE) -> None:
        """Take hold of *item* by keyboard."""
        self.grip = self._gripped(item, 0, 0, QPoint(), mode)
        self._board.model.ready()
        self.by_keys = True
        self._begin(mode)
        self.aim_edges(item.column, item.begin, item.end)

    def lift_guest(self, card: AppointmentCard, *, by_keys: bool) -> None:
        """Take hold of a visit that need not be on this calendar, such as a pinned one. Its old
        place lies far outside, so that it snaps to the grid everywhere.
        """
        begin = -1.0e6
        length = float(max(card.span.minutes, FINE_STEP))
        held = begin + min(length / 2, 10.0)
        self.grip = Grip(card, 0, begin, begin + length, held, 0, QPoint(), Mode.MOVE)
        self._board.model.ready()
        self.by_keys = by_keys
        self._begin(Mode.MOVE)

    def carry(self, columns: int, steps: int) -> bool:
        """Carry or stretch by columns (to the right) and steps of the grid (down). False at the
        calendar's side: what lies beyond is another period.
        """
        ghost, grip, board = self.ghost, self.grip, self._board
        if ghost is None or grip is None:
            return True
        step = board.step
        if self.mode is Mode.MOVE:
            column = board.grid.step_column(ghost.column, columns)
            if not 0 <= column < len(board.grid.columns):
                return False
            self.aim(column, max(self._walked(ghost.begin, steps, step), 0.0))
        elif self.mode is Mode.RESIZE_TOP:
            begin = self._walked(ghost.begin, steps, step)
            self.aim_edges(ghost.column, min(max(begin, 0.0), ghost.end - FINE_STEP), ghost.end)
        else:
            end = self._walked(ghost.end, steps, step)
            self.aim_edges(ghost.column, ghost.begin, max(end, ghost.begin + FINE_STEP))
        board.ghost_spoken()
        return True

    def _show_outside(self) -> None:
        before, self.ghost, self.wish = self.ghost, None, None
        self._board.ghost_moved(before, None)

    def wrap(self, onwards: int) -> None:
        """By keyboard over the side: in the period beyond, at its nearer side."""
        if self.ghost is not None:
            self.ghost.column = 0 if onwards > 0 else max(len(self._board.grid.columns) - 1, 0)
            self.wish = None

    def regrid(self) -> None:
        """The calendar turned to other days under the drag: it goes on there."""
        if not self.busy or self.grip is None:
            return
        board, ghost = self._board, self.ghost
        if self.mode is not Mode.MOVE or not board.grid.columns:
            self.cancel()
            return
        self.forbidden = {}
        self.ghost = self.wish = None
        if self.by_keys and ghost is not None:
            self.aim(min(ghost.column, len(board.grid.columns) - 1), ghost.begin)
        elif not self.by_keys:
            self.follow(QApplication.keyboardModifiers())
        board.viewport().update()

    # The end

    def drop(self) -> Wish | None:
        """Let go. The wish that should leave; None where nothing is to change."""
        wish, ghost, grip = self.wish, self.ghost, self.grip
        changed = self.busy and ghost is not None and wish is not None
        if changed and grip is not None and grip.card is not None and wish is not None:
            changed = self.copy or self._differs(wish, grip.card)
        self._end()
        return wish if changed else None

    @staticmethod
    def _differs(wish: Wish, card: Card) -> bool:
        if isinstance(card, EventCard):
            return (wish.span, wish.provider_id) != (card.span, card.resource_id)
        room = card.operatory.id if card.operatory else None
        now = (card.span, card.provider.id, room)
        return (wish.span, wish.provider_id, wish.operatory_id) != now

    def cancel(self) -> bool:
        """Put everything back exactly; whether there was anything."""
        was = self.busy
        self._end()
        return was

    def _end(self) -> None:
        was, before = self.busy, self.ghost
        self.mode = Mode.NOP
        self.grip, self.ghost, self.wish, self.judge = None, None, None, None
        self.forbidden, self.copy, self.by_keys = {}, False, False
        if was:
            self._board.ghost_moved(before, None)
            self._board.lifted_changed()
            self._board.model.release_refreshes()
