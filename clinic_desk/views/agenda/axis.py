"""The vertical time of a calendar: minutes of the wall, also on days when clocks change.

All columns share one axis. An hour that some day has twice gets a second place on the axis;
days that have it once, or lack an hour, have a *gap* there. So within one column every
instant has exactly one place, and a place has one instant or lies in a gap. No Qt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from clinic_desk.rules.clinic_time import earliest

DAY = 1440
"""Wall minutes of a day without a change of clocks."""


@dataclass(frozen=True, slots=True)
class Track:
    """One day on the axis.

    ``begins`` and ``ends`` are epoch seconds of its first instant and of the next day's;
    ``gaps`` the axis minutes (from, to) that this day does not have, sorted.
    """

    day: date
    begins: int
    ends: int
    gaps: tuple[tuple[int, int], ...] = ()

    def minute(self, epoch: float) -> float:
        """Where on the axis an instant of this day lies; earlier and later ones lie outside."""
        minute = (epoch - self.begins) / 60
        for begin, end in self.gaps:
            if minute < begin:
                break
            minute += end - begin
        return minute

    def end_minute(self, epoch: float) -> float:
        """Where a period that ends at *epoch* ends: before a gap, not after it."""
        minute = (epoch - self.begins) / 60
        for begin, end in self.gaps:
            if minute <= begin:
                break
            minute += end - begin
        return minute

    def epoch(self, minute: float) -> float:
        """The instant at an axis minute; in a gap, the instant at which the gap ends."""
        lacking = 0.0
        for begin, end in self.gaps:
            if minute < begin:
                break
            lacking += min(minute, end) - begin
        return self.begins + (minute - lacking) * 60

    def exists(self, minute: float) -> bool:
        """Whether this day has that minute of the axis."""
        return not any(begin <= minute < end for begin, end in self.gaps)


@dataclass(frozen=True, slots=True)
class Axis:
    """What the columns share: ``minutes`` in all, and the second rounds of repeated hours.

    ``repeats`` holds (axis minute where the second round begins, its length), sorted.
    """

    zone: tzinfo
    tracks: tuple[Track, ...]
    minutes: int = DAY
    repeats: tuple[tuple[int, int], ...] = ()

    def wall_minute(self, minute: int) -> int:
        """The minute of the wall clock (0 to 1440) at an axis minute."""
        for begin, length in reversed(self.repeats):
            if minute >= begin:
                minute -= length
        return minute

    def track_at(self, epoch: float) -> int:
        """Index of the track that holds an instant, -1 where none does."""
        index = bisect_right(self.tracks, epoch, key=lambda track: track.begins) - 1
        return index if index >= 0 and epoch < self.tracks[index].ends else -1


def axis(days: Sequence[date], zone: tzinfo) -> Axis:
    """The axis that shows *days* (sorted) in *zone*."""
    found = [(day, _first_instant(day, zone), _changes(day, zone)) for day in days]
    second: dict[int, int] = {}  # wall minute at which clocks go back -> by how much
    for _, _, changes in found:
        for at, by in changes:
            if by < 0:
                second[at] = max(second.get(at, 0), -by)
    repeats: list[tuple[int, int]] = []
    for at in sorted(second):
        repeats.append((at + sum(length for _, length in repeats), second[at]))
    tracks = tuple(
        Track(
            day,
            begins,
            _first_instant(day + timedelta(days=1), zone),
            _gaps(changes, second),
        )
        for day, begins, changes in found
    )
    return Axis(zone, tracks, DAY + sum(second.values()), tuple(repeats))


def _gaps(changes: list[tuple[int, int]], second: dict[int, int]) -> tuple[tuple[int, int], ...]:
    back = {at for at, by in changes if by < 0}
    lacking = [(at, length) for at, length in second.items() if at not in back]
    lacking += [(at, by) for at, by in changes if by > 0]
    out = []
    for at, length in sorted(lacking):
        place = at + sum(more for where, more in second.items() if where < at)
        out.append((place, place + length))
    return tuple(out)


def _first_instant(day: date, zone: tzinfo) -> int:
    """Epoch seconds of a day's first instant, which is not always 00:00."""
    return int(earliest(datetime.combine(day, time()), zone).timestamp())


def _changes(day: date, zone: tzinfo) -> list[tuple[int, int]]:
    """(wall minute, minutes) at which clocks go forward (positive) or back within the day."""
    begins = _first_instant(day, zone)
    ends = _first_instant(day + timedelta(days=1), zone)
    midnight = datetime.fromtimestamp(begins, zone)
    wall = midnight.hour * 60 + midnight.minute
    out = [(0, wall)] if wall else []
    if ends - begins == DAY * 60 - wall * 60 and _offset(begins, zone) == _offset(ends - 1, zone):
        return out
    for hour in range(begins, ends, 3600):
        upto = min(hour + 3600, ends - 1)
        before, after = _offset(hour, zone), _offset(upto, zone)
        if before != after:
            at = _change_between(hour, upto, zone)
            told = datetime.fromtimestamp(at - 60, zone)
            out.append((told.hour * 60 + told.minute + 1, (after - before) // 60))
    return out


def _offset(epoch: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(epoch, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _change_between(low: int, high: int, zone: tzinfo) -> int:
    """The first instant with the offset of *high*, by halving; both are epoch seconds."""
    after = _offset(high, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == after:
            high = middle
        else:
            low = middle
    return high
