"""The clock on the wall of a location, and the instants behind it.

Three kinds of value, never mixed: an *instant* is an aware ``datetime`` (UTC inside), a
*wall time* is a naive one, and *wall minutes* count a day from its midnight (0 to 1440), as
opening hours are stored. Days of clock change last 23 or 25 hours; a wall time can be missing
there, or come twice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_

DAY_MINUTES = 24 * 60

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class NoSuchTime(Invalid):
    """The clocks go forward over this wall time; ``nearest`` is the wall time they go to."""

    def __init__(self, wall_time: datetime, nearest: datetime) -> None:
        super().__init__(
            "time",
            N_("{time} does not exist: the clocks go forward. The nearest time is {nearest}."),
            time=wall_time,
            nearest=nearest,
        )
        self.nearest = nearest


class TwoTimes(Invalid):
    """The clocks go back over this wall time; ``first`` and ``second`` are its instants."""

    def __init__(self, wall_time: datetime, first: datetime, second: datetime) -> None:
        super().__init__(
            "time",
            N_("{time} comes twice on that day: the clocks go back. Say which one is meant."),
            time=wall_time,
        )
        self.first = first
        self.second = second


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA *name* ("Europe/Vienna"). Raises ``Invalid`` for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(
            "time_zone", N_("There is no time zone called “{name}”."), name=name
        ) from error


def wall(instant: datetime, zone: tzinfo) -> datetime:
    """The naive time on the wall at *instant*; ``fold`` is 1 in the second pass of an hour."""
    return instant.astimezone(zone).replace(tzinfo=None)


def resolve(wall: datetime, zone: tzinfo, *, fold: int | None = None) -> datetime:
    """The instant (UTC) of a naive *wall* time.

    Raises ``NoSuchTime`` for a time that the clocks skip. A time that comes twice needs
    *fold* (0 the first pass, 1 the second), else ``TwoTimes`` is raised.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return first
    if first > second:  # a gap: the two readings cross
        raise NoSuchTime(wall, _wall(_transition(second, first, zone), zone))
    if fold is None:
        raise TwoTimes(wall, first, second)
    return second if fold else first


_wall = wall


def earliest(wall: datetime, zone: tzinfo) -> datetime:
    """The instant (UTC) of *wall*, always: a missing time is the change of clocks that skips
    it, of two it is the first. Later wall times never give earlier instants.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _transition(second, first, zone) if first > second else first


def day_span(day: date, zone: tzinfo) -> Span:
    """The day from its first instant to the next day's: 23, 24 or 25 hours, seldom others.

    Raises ``NoSuchTime`` for the rare day that a zone leaves out when it crosses the date line.
    """
    begin, end = _midnight(day, zone), _midnight(day + _DAY, zone)
    if begin >= end:
        raise NoSuchTime(datetime.combine(day, time()), _wall(end, zone))
    return Span(begin, end)


def days(span: Span, zone: tzinfo) -> list[date]:
    """Every day of *zone* that has an instant in *span*, in order."""
    day = span.starts_at.astimezone(zone).date()
    last = (span.ends_at - _SECOND).astimezone(zone).date()
    out = []
    while day <= last:
        if _midnight(day, zone) < _midnight(day + _DAY, zone):
            out.append(day)
        day += _DAY
    return out


def minute_span(day: date, starts_minute: int, ends_minute: int, zone: tzinfo) -> Span | None:
    """The instants between two wall minutes of *day* (0 to 1440); None if the clocks skip them.

    On a day of clock change it is longer or shorter than the minutes say. Spans of
    neighbouring minutes never overlap and leave nothing out.
    """
    begin, end = _minute(day, starts_minute, zone), _minute(day, ends_minute, zone)
    return Span(begin, end) if begin < end else None


def minute_of_day(instant: datetime, zone: tzinfo) -> int:
    """The wall minutes since midnight at *instant*, 0 to 1439."""
    local = instant.astimezone(zone)
    return local.hour * 60 + local.minute


@lru_cache(maxsize=8192)
def _midnight(day: date, zone: tzinfo) -> datetime:
    return earliest(datetime.combine(day, time()), zone)


@lru_cache(maxsize=16384)
def _minute(day: date, minute: int, zone: tzinfo) -> datetime:
    if not 0 <= minute <= DAY_MINUTES:
        raise ValueError("a day has the minutes 0 to 1440")
    return earliest(datetime.combine(day, time()) + timedelta(minutes=minute), zone)


def _transition(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The second at which the offset changes between two instants on either side of it."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return before + high * _SECOND
