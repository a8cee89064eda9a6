"""Aiming: from where the pointer or the arrows mean to a ghost with its times and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QPoint, QRect

from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.agenda.ghost import Ghost
from clinic_desk.views.agenda.grip import (
    CARRYING,
    FINE_STEP,
    MOST,
    Grip,
    Mode,
    ghost_lines,
    missing_time,
    reason_texts,
)
from clinic_desk.views.agenda.judge import Judge, Wish, clock_of, wish_for
from clinic_desk.views.agenda.label import label
from clinic_desk.views.agenda.layout import Card

if TYPE_CHECKING:
    from clinic_desk.views.agenda.carrier import Carrier


class Aim:
    """What is carried and where it is meant to go. Positions are viewport pixels."""

    def __init__(self, board: Carrier) -> None:
        self._board = board
        self.mode = Mode.NOP
        self.grip: Grip | None = None
        self.ghost: Ghost | None = None
        self.wish: Wish | None = None
        self.by_keys = False
        self.copy = False
        self.judge: Judge | None = None
        self.forbidden: dict[int, list[tuple[float, float]]] = {}
        self._pos = QPoint()
        self._clock = QElapsedTimer()

    @property
    def busy(self) -> bool:
        """Whether something is under way (a mere press is not)."""
        return self.mode not in (Mode.NOP, Mode.PRESS)

    @property
    def card(self) -> Card | None:
        """The card that is being carried or stretched."""
        return self.grip.card if self.grip and self.mode in CARRYING else None

    def _snapped(self, minute: float, origin: float, step: int) -> float:
        """On the grid; or the odd minute that a visit had, while it was hardly moved."""
        if abs(minute - origin) < step / 2:
            return origin
        return float(self._board.grid.snapped(max(minute, 0.0), step))

    def _walked(self, minute: float, steps: int, step: int) -> float:
        """*steps* further; an odd minute first goes to the grid."""
        if not steps or minute % step == 0:
            return minute + steps * step
        first = minute // step * step if steps < 0 else (minute // step + 1) * step
        return first + (steps - (1 if steps > 0 else -1)) * step

    def aim(self, column: int, begin: float) -> None:
        """Carry the card so that it begins at axis minute *begin* of *column*."""
        grid, grip = self._board.grid, self.grip
        assert grip is not None
        assert grip.card is not None
        begin = min(begin, float(grid.ruled.minutes - FINE_STEP))
        start = grid.instant(column, begin) - grip.before
        span = Span.lasting(start, max(grip.card.span.minutes, 1))
        end = begin + (grip.end - grip.begin)
        shown = grid.minutes(column, span)
        self._aimed(column, begin, shown[1] if shown else end, span)

    def aim_edges(self, column: int, begin: float, end: float) -> None:
        """Stretch the card, or sweep, from axis minute to axis minute of *column*."""
        assert self.grip is not None
        grid, card = self._board.grid, self.grip.card
        span = grid.span(column, begin, min(end, grid.ruled.minutes))
        if card is not None:
            first, last = card.span.starts_at, card.span.ends_at
            if self.mode is Mode.RESIZE_TOP:
                first = grid.instant(column, begin)
            elif self.mode is Mode.RESIZE_BOTTOM:
                last = grid.instant(column, end)
            span = Span(first, last) if first < last else None
        if span is not None:
            self._aimed(column, begin, end, span)

    def _aimed(self, column: int, begin: float, end: float, span: Span) -> None:
        board, grip = self._board, self.grip
        assert grip is not None
        assert self.judge is not None
        target = board.grid.columns[column]
        stretched = self.mode in (Mode.RESIZE_TOP, Mode.RESIZE_BOTTOM)
        wish = wish_for(grip.card, span, target)
        if stretched and isinstance(grip.card, AppointmentCard):
            room = grip.card.operatory
            wish = Wish(grip.card, span, grip.card.provider.id, room.id if room else None)
        before = self.ghost
        there = clock_of(wish, board.model, board.zone, board.place)
        if wish == self.wish and before is not None and before.copy == self.copy:
            if before.at is None or before.at == self._pos:
                return
            reasons, more = list(before.reasons), before.more
        else:
            found = [
                *self.judge.reasons(wish, copy=self.copy),
                *missing_time(board.grid, column, begin, span, board.zone),
            ]
            reasons = reason_texts(found, wish, there, board.zone)
            more = max(len(found) - MOST, 0)
        self.wish = wish
        box = board.grid.box(column, begin, end)
        rect = QRect(box.x, box.y, box.w, max(box.h - 1, 10))
        lines = ghost_lines(wish, board.model.catalogue, there, board.zone)
        at = None if self.by_keys else QPoint(self._pos)
        told = label(lines, reasons, more, board.scene.work.faces, copy=self.copy)
        self.ghost = Ghost(
            grip.card, column, begin, end, rect, lines, reasons, more, self.copy, at, told
        )
        board.ghost_moved(before, self.ghost)
