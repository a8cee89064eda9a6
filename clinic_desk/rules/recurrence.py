"""Series: the dates of a visit or an event that comes back, up to two years ahead.

The wall time stays: 9:00 is 9:00 on either side of a change of clocks. What does not exist
(the 31st of a short month, a time that the clocks skip) is left out and listed, never moved.
Whether each date is free is asked by the caller, date by date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from clinic_desk.rules.clinic_time import NoSuchTime, resolve
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

LONGEST_YEARS = 2

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Every(StrEnum):
    """The unit in which a series comes back."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_FREQUENCIES = {"DAILY": Every.DAY, "WEEKLY": Every.WEEK, "MONTHLY": Every.MONTH}


@dataclass(frozen=True, slots=True)
class Rule:
    """Every *interval* days, weeks or months; ``count`` visits, or to the day ``until``.

    ``weekdays`` (0 = Monday) is for weeks alone; empty: the first visit's weekday. Months keep
    the day of the first visit. ``until`` is a wall date, itself included. With neither count
    nor until the series runs for two years. Raises ``Invalid`` for what makes no series.
    """

    every: Every
    interval: int = 1
    weekdays: frozenset[int] = frozenset()
    count: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "every", Every(self.every))
        object.__setattr__(self, "weekdays", frozenset(self.weekdays))
        if self.interval < 1:
            raise Invalid("interval", N_("A series comes back every 1 or more units of time."))
        if self.weekdays and self.every is not Every.WEEK:
            raise Invalid("weekdays", N_("Weekdays are chosen for a weekly series only."))
        if not self.weekdays <= frozenset(range(7)):
            raise Invalid("weekdays", N_("A week has the days Monday to Sunday."))
        if self.count is not None and self.until is not None:
            raise Invalid("count", N_("A series ends after a number of visits or on a day."))
        if self.count is not None and self.count < 1:
            raise Invalid("count", N_("A series has at least one visit."))

    def __str__(self) -> str:
        """The rule as RFC 5545 writes it: ``FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=10``."""
        frequency = next(name for name, every in _FREQUENCIES.items() if every is self.every)
        parts = [f"FREQ={frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(_DAYS[day] for day in sorted(self.weekdays)))
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)


class Missing(StrEnum):
    """Why a date of a series has no visit."""

    NO_SUCH_DAY = "no such day"
    NO_SUCH_TIME = "no such time"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A date that the rule names and that does not exist.

    ``day`` is the number of the day in the month, 31 in a February too. ``nearest`` is the
    wall time that a human would take instead: the month's last day, the end of the skipped hour.
    """

    year: int
    month: int
    day: int
    why: Missing
    nearest: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """The instants (UTC) of a series in order, and what it had to leave out."""

    starts: tuple[datetime, ...]
    skipped: tuple[Skipped, ...]


def occurrences(rule: Rule, first: datetime, zone: tzinfo) -> list[datetime]:
    """The instants (UTC) of a series whose *first* wall time is naive; see :func:`plan`."""
    return list(plan(rule, first, zone).starts)


def plan(rule: Rule, first: datetime, zone: tzinfo) -> Plan:
    """All dates of *rule* from the naive wall time *first* on, in *zone*.

    Begins with the first date that fits the rule, *first*'s own or a later one. A time that
    comes twice means its first pass. Skipped dates do not count. Raises ``Invalid`` for a
    series that would end after two years or has no date at all.
    """
    horizon = _years_later(first.date(), LONGEST_YEARS)
    if rule.until is not None and rule.until > horizon:
        raise _too_long()
    if rule.until is not None and rule.until < first.date():
        raise Invalid("until", N_("A series cannot end before it begins."))
    end = rule.until or horizon
    found: list[datetime] = []
    skipped: list[Skipped] = []
    for year, month, number in _dates(rule, first.date(), end):
        if rule.count is not None and len(found) == rule.count:
            break
        try:
            day = date(year, month, number)
        except ValueError:
            nearest = datetime.combine(_last_of_month(year, month), first.time())
            skipped.append(Skipped(year, month, number, Missing.NO_SUCH_DAY, nearest))
            continue
        try:
            instant = resolve(datetime.combine(day, first.time()), zone, fold=0)
        except NoSuchTime as error:
            skipped.append(Skipped(year, month, number, Missing.NO_SUCH_TIME, error.nearest))
            continue
        found.append(instant)
    if rule.count is not None and len(found) < rule.count:
        raise _too_long()
    if not found:
        raise Invalid("rule", N_("This series has no date at all."))
    return Plan(tuple(found), tuple(skipped))


def parse(text: str) -> Rule:
    """The rule of RFC 5545 *text*, as far as :class:`Rule` can say it. Raises ``Invalid``."""
    fields = {}
    for part in text.removeprefix("RRULE:").strip().rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in fields:
            raise _unreadable(text)
        fields[name.strip().upper()] = value.strip().upper()
    try:
        rule = Rule(
            every=_FREQUENCIES[fields.pop("FREQ")],
            interval=int(fields.pop("INTERVAL", "1")),
            weekdays=frozenset(_DAYS.index(d) for d in fields.pop("BYDAY", "").split(",") if d),
            count=int(fields.pop("COUNT")) if "COUNT" in fields else None,
            until=_date(fields.pop("UNTIL")) if "UNTIL" in fields else None,
        )
        week_starts = fields.pop("WKST", "MO")
    except (KeyError, ValueError) as error:
        raise _unreadable(text) from error
    if fields or week_starts != "MO":
        raise _unreadable(text)
    return rule


def _dates(rule: Rule, first: date, end: date) -> Iterator[tuple[int, int, int]]:
    if rule.every is Every.MONTH:
        month = first.year * 12 + first.month - 1
        while (month // 12, month % 12 + 1) <= (end.year, end.month):
            year, number = month // 12, month % 12 + 1
            if (year, number, first.day) <= (end.year, end.month, end.day):
                yield year, number, first.day
            month += rule.interval
        return
    if rule.every is Every.DAY:
        offsets, length = [0], rule.interval
        day = first
    else:
        offsets, length = sorted(rule.weekdays or {first.weekday()}), rule.interval * 7
        day = first - timedelta(days=first.weekday())
    while day <= end:
        for offset in offsets:
            one = day + timedelta(days=offset)
            if first <= one <= end:
                yield one.year, one.month, one.day
        day += timedelta(days=length)


def _date(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _last_of_month(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def _too_long() -> Invalid:
    return Invalid("until", N_("A series runs for two years at the most."))


def _unreadable(text: str) -> Invalid:
    return Invalid("rule", N_("This program cannot read the series “{text}”."), text=text)
