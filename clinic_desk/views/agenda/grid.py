"""From pixels to (column, time) and back, for all calendars that have hours. No Qt.

Content coordinates: x grows to the right, y downwards, (0, 0) is the top left corner of what
can be scrolled over. Right-to-left order is mirrored here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.axis import Axis, Track, axis

GUTTER = 7
"""Pixels at a column's far side that visits leave free, so that one can sweep beside them."""
STEPS = (5, 10, 15, 20, 30, 60)


class Kind(StrEnum):
    """The calendars that have hours."""

    WEEK = "week"
    WORKWEEK = "workweek"
    PROVIDERS = "day-providers"
    OPERATORIES = "day-operatories"

    @property
    def days(self) -> int:
        """How many days it shows."""
        return {Kind.WEEK: 7, Kind.WORKWEEK: 5}.get(self, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a day, or somebody's or some room's part of a day.

    ``no_room`` marks the column of visits without an operatory.
    """

    track: Track
    provider_id: int | None = None
    operatory_id: int | None = None
    no_room: bool = False

    @property
    def day(self) -> date:
        """The day of its time."""
        return self.track.day


def columns(kind: Kind, ruled: Axis, ids: Sequence[int], *, no_room: bool = False) -> list[Column]:
    """The columns of a calendar; *ids* are providers or operatories in their order."""
    if kind is Kind.PROVIDERS:
        return [Column(ruled.tracks[0], provider_id=number) for number in ids]
    if kind is Kind.OPERATORIES:
        rooms = [Column(ruled.tracks[0], operatory_id=number) for number in ids]
        return [*rooms, Column(ruled.tracks[0], no_room=True)] if no_room else rooms
    return [Column(track) for track in ruled.tracks]


def ruled_for(kind: Kind, first_day: date, zone: tzinfo, days: int | None = None) -> Axis:
    """The axis of a calendar that begins with *first_day*."""
    return axis([first_day + timedelta(days=n) for n in range(days or kind.days)], zone)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole content pixels."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A calendar's geometry. ``width`` in pixels, ``hour`` pixels an hour."""

    ruled: Axis
    columns: tuple[Column, ...]
    width: int
    hour: float = 64.0
    mirrored: bool = False

    @property
    def height(self) -> int:
        """Height of the content in pixels."""
        return round(self.ruled.minutes * self.hour / 60)

    def resized(self, width: int, hour: float) -> Grid:
        """The same columns in another size."""
        return replace(self, width=width, hour=hour)

    def edges(self, column: int) -> tuple[int, int]:
        """Left and right pixel of a column (half-open)."""
        count = len(self.columns)
        if self.mirrored:
            column = count - 1 - column
        return round(column * self.width / count), round((column + 1) * self.width / count)

    def column_at(self, x: float) -> int:
        """The column under a pixel; beyond the ends the nearest one. -1 without columns."""
        count = len(self.columns)
        if not count or not self.width:
            return -1
        column = min(max(int((x + 0.5) * count / self.width), 0), count - 1)
        if self.mirrored:
            column = count - 1 - column
        left, right = self.edges(column)
        if x >= right:  # edges are rounded to whole pixels
            column += -1 if self.mirrored else 1
        elif x < left:
            column -= -1 if self.mirrored else 1
        return min(max(column, 0), count - 1)

    def y(self, minute: float) -> int:
        """The pixel of an axis minute."""
        return round(minute * self.hour / 60)

    def minute_at(self, y: float) -> float:
        """The axis minute at a pixel, kept within the axis."""
        return min(max(y * 60 / self.hour, 0.0), float(self.ruled.minutes))

    def snapped(self, minute: float, step: int) -> int:
        """The nearest multiple of *step* on the axis, halves going down the page."""
        return min(int(minute / step + 0.5) * step, self.ruled.minutes)

    def floored(self, minute: float, step: int) -> int:
        """The slot of *step* minutes that holds a minute, by its first minute."""
        return min(int(minute // step) * step, self.ruled.minutes - step)

    def instant(self, column: int, minute: float) -> datetime:
        """The UTC instant at a place; in a gap, the instant at which the gap ends."""
        return datetime.fromtimestamp(round(self.columns[column].track.epoch(minute)), UTC)

    def exists(self, column: int, minute: float) -> bool:
        """Whether the column's day has that minute (clocks may have jumped over it)."""
        return self.columns[column].track.exists(minute)

    def span(self, column: int, begin: float, end: float) -> Span | None:
        """From axis minute to axis minute; None where nothing of it exists."""
        track = self.columns[column].track
        first, last = round(track.epoch(begin)), round(track.epoch(end))
        if first >= last:
            return None
        return Span(datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC))

    def minutes(self, column: int, span: Span) -> tuple[float, float] | None:
        """The axis minutes of what *span* has of the column's day, or None."""
        track = self.columns[column].track
        begin, end = span.starts_at.timestamp(), span.ends_at.timestamp()
        if begin >= track.ends or end <= track.begins:
            return None
        return (
            track.minute(max(begin, track.begins)),
            track.end_minute(min(end, track.ends)),
        )

    def box(self, column: int, begin: float, end: float, lane: int = 0, lanes: int = 1) -> Box:
        """The rectangle of a visit from minute to minute in one of *lanes* equal lanes."""
        left, right = self.edges(column)
        inner = max(right - left - 1 - GUTTER, 4)
        a, b = lane * inner // lanes, (lane + 1) * inner // lanes
        x = right - 1 - b if self.mirrored else left + 1 + a
        top = self.y(begin)
        return Box(x, top, b - a, max(self.y(end) - top, 1))

    def whole(self, column: int, begin: float, end: float) -> Box:
        """The rectangle over the column's full width."""
        left, right = self.edges(column)
        top = self.y(begin)
        return Box(left, top, right - left, max(self.y(end) - top, 1))

    def step_column(self, column: int, rightwards: int) -> int:
        """The column *rightwards* pixels-wise to the right (negative: left); may lie outside."""
        return column - rightwards if self.mirrored else column + rightwards

    def now(self, epoch: float) -> tuple[int, int] | None:
        """Track index and pixel of an instant, None where it is not shown."""
        index = self.ruled.track_at(epoch)
        if index < 0:
            return None
        return index, self.y(self.ruled.tracks[index].minute(epoch))
