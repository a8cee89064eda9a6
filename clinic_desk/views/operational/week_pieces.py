"""A week of hours that is being edited: what is free, what may be moved where. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from clinic_desk.rules.hours import EVERY, Weekly

SNAP = 15
"""Minutes of the grid."""
DAY = 24 * 60


class WeekPieces:
    """The pieces of a week, in the order of their days and times.

    Attributes:
        pieces: all of them.
        weeks: the weeks that are edited: every, odd or even. Pieces of other weeks are shown
            and left alone.
        place: the location of what is added, by number; None where there is only one.
    """

    def __init__(self) -> None:
        self.pieces: tuple[Weekly, ...] = ()
        self.weeks = EVERY
        self.place: int | None = None

    def set(self, pieces: Iterable[Weekly]) -> None:
        """Other pieces."""
        self.pieces = tuple(sorted(pieces, key=_order))

    def may_edit(self, piece: Weekly) -> bool:
        """Whether *piece* is of the weeks that are edited."""
        return piece.weeks == self.weeks

    def at(self, weekday: int, minute: int) -> Weekly | None:
        """The piece at a minute, one that can be edited first."""
        here = [
            p
            for p in self.pieces
            if p.weekday == weekday and p.starts_minute <= minute < p.ends_minute
        ]
        return next((p for p in here if self.may_edit(p)), here[0] if here else None)

    def gap(self, weekday: int, minute: int, without: Weekly | None = None) -> tuple[int, int]:
        """The free minutes around *minute*, in the weeks that are edited; (0, 0) where taken."""
        low, high = 0, DAY
        for piece in self._standing(weekday, without):
            if piece.starts_minute <= minute < piece.ends_minute:
                return 0, 0
            if piece.ends_minute <= minute:
                low = max(low, piece.ends_minute)
            else:
                high = min(high, piece.starts_minute)
        return low, high

    def is_free(self, wanted: Weekly, without: Weekly | None = None) -> bool:
        """Whether *wanted* overlaps nothing but *without*."""
        return all(
            wanted.ends_minute <= p.starts_minute or p.ends_minute <= wanted.starts_minute
            for p in self._standing(wanted.weekday, without, wanted.weeks)
        )

    def swept(self, weekday: int, first: int, last: int) -> Weekly | None:
        """What a sweep from one minute to another adds: on the grid, within the free time."""
        low, high = self.gap(weekday, min(first, DAY - 1))
        if low == high:
            return None
        begin, end = sorted((first, last))
        begin, end = max(low, down(begin)), min(high, up(end))
        if end - begin < SNAP:
            end = min(high, begin + SNAP)
        if end <= begin:
            return None
        return Weekly(weekday, begin, end, weeks=self.weeks, location_id=self.place)

    def resized(self, piece: Weekly, minute: int, *, start: bool) -> Weekly:
        """*piece* with its start or end near *minute*, kept off its neighbours."""
        low, high = self.gap(piece.weekday, piece.starts_minute, piece)
        if start:
            wanted = min(max(low, nearest(minute)), piece.ends_minute - SNAP)
            return replace(piece, starts_minute=max(low, wanted))
        wanted = max(min(high, nearest(minute)), piece.starts_minute + SNAP)
        return replace(piece, ends_minute=min(high, wanted))

    def moved(self, piece: Weekly, weekday: int, starts_minute: int) -> Weekly:
        """*piece* on another day or at another time; whether that is free is not asked."""
        length = piece.ends_minute - piece.starts_minute
        begin = min(max(0, nearest(starts_minute)), DAY - length)
        return replace(piece, weekday=weekday, starts_minute=begin, ends_minute=begin + length)

    def add(self, piece: Weekly) -> bool:
        """Add *piece*. False where it overlaps something."""
        if not self.is_free(piece):
            return False
        self.set((*self.pieces, piece))
        return True

    def change(self, piece: Weekly, wanted: Weekly) -> bool:
        """Put *wanted* in the place of *piece*. False where it overlaps something else."""
        if not self.is_free(wanted, piece):
            return False
        self.set((*(p for p in self.pieces if p != piece), wanted))
        return True

    def remove(self, piece: Weekly) -> None:
        """Take *piece* away."""
        self.set(p for p in self.pieces if p != piece)

    def _standing(self, weekday: int, without: Weekly | None, weeks: str = "") -> Iterable[Weekly]:
        """What stands on a day in the weeks that are edited, or in *weeks*."""
        weeks = weeks or self.weeks
        return (
            p
            for p in self.pieces
            if p.weekday == weekday
            and p != without
            and (EVERY in (p.weeks, weeks) or p.weeks == weeks)
        )


def down(minute: int) -> int:
    """The last minute of the grid that is not after *minute*."""
    return minute // SNAP * SNAP


def up(minute: int) -> int:
    """The first minute of the grid that is not before *minute*."""
    return -(-minute // SNAP) * SNAP


def nearest(minute: int) -> int:
    """The minute of the grid next to *minute*."""
    return down(minute + SNAP // 2)


def _order(piece: Weekly) -> tuple[int, int, str]:
    return piece.weekday, piece.starts_minute, piece.weeks
