"""What the sides of the calendar do to a drag: they scroll it, and turn to other days."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

ZONE = 32
"""Pixels from a side within which the page scrolls, faster the nearer."""
SIDE = 22
"""Pixels from the left and right side in which staying means the period beyond."""
DWELL_MS = 600
AGAIN_MS = 1000
FRAME_MS = 16
FASTEST = 26.0
"""Pixels a frame at the very side."""


class Edges(QObject):
    """Watches a drag's pointer. *scrolled* is called after each step of scrolling, *turn* with
    -1 (left) or 1 (right) when the pointer stayed at a side.
    """

    def __init__(
        self,
        area: QAbstractScrollArea,
        scrolled: Callable[[], None],
        turn: Callable[[int], None],
    ) -> None:
        super().__init__(area)
        self._area, self._scrolled, self._turn = area, scrolled, turn
        self._speed = (0.0, 0.0)
        self._rest = [0.0, 0.0]
        self._side = 0
        self._frames = QTimer(self, interval=FRAME_MS)
        self._frames.timeout.connect(self._frame)
        self._dwell = QTimer(self, singleShot=True)
        self._dwell.timeout.connect(self._stayed)

    def watch(self, pos: QPoint, *, turning: bool) -> None:
        """The pointer of a drag is at *pos* (viewport pixels); *turning* allows other days."""
        sight = self._area.viewport().rect()
        near = sight.adjusted(-ZONE, -ZONE, ZONE, ZONE).contains(pos)
        across = _speed(pos.x(), sight.width()) if near else 0.0
        down = _speed(pos.y(), sight.height()) if near else 0.0
        bar = self._area.horizontalScrollBar()
        if not bar.maximum():
            across = 0.0
        self._speed = (across, down)
        if (across or down) and not self._frames.isActive():
            self._rest = [0.0, 0.0]
            self._frames.start()
        elif not (across or down):
            self._frames.stop()
        self._watch_side(pos, turning and near)

    def _watch_side(self, pos: QPoint, turning: bool) -> None:
        sight, side = self._area.viewport().rect(), 0
        if turning and sight.top() <= pos.y() <= sight.bottom():
            side = -1 if pos.x() < SIDE else 1 if pos.x() >= sight.width() - SIDE else 0
        bar = self._area.horizontalScrollBar()
        if bar.maximum() and side:
            rightmost = bar.maximum() if not self._area.isRightToLeft() else bar.minimum()
            leftmost = bar.maximum() - rightmost
            if bar.value() != (rightmost if side > 0 else leftmost):
                side = 0
        if side != self._side:
            self._side = side
            self._dwell.stop()
            if side:
                self._dwell.start(DWELL_MS)

    def stop(self) -> None:
        """The drag is over."""
        self._frames.stop()
        self._dwell.stop()
        self._side = 0

    def _frame(self) -> None:
        bars = (self._area.horizontalScrollBar(), self._area.verticalScrollBar())
        moved = False
        for index, bar in enumerate(bars):
            self._rest[index] += self._speed[index]
            whole = int(self._rest[index])
            self._rest[index] -= whole
            if index == 0 and self._area.isRightToLeft():
                whole = -whole
            before = bar.value()
            bar.setValue(before + whole)
            moved = moved or bar.value() != before
        if moved:
            self._scrolled()

    def _stayed(self) -> None:
        if self._side:
            self._turn(self._side)
            self._dwell.start(AGAIN_MS)


def _speed(at: int, length: int) -> float:
    """Pixels a frame: none inside, then growing with the square of the depth in the zone."""
    if at < ZONE:
        return -_grown((ZONE - at) / ZONE)
    if at > length - ZONE:
        return _grown((at - length + ZONE) / ZONE)
    return 0.0


def _grown(depth: float) -> float:
    return 0.6 + (FASTEST - 0.6) * min(depth, 1.5) ** 2 / 2.25
