"""Opening hours and work hours: weekly ones, one-day exceptions, closed days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, tzinfo

from clinic_desk.rules.clinic_time import minute_span
from clinic_desk.rules.spans import Span, merged

EVERY, ODD, EVEN = "every", "odd", "even"
"""In which weeks weekly hours hold. The words are those of the weeks of 2026, which has 53 of them;
from there they alternate for ever, so that no New Year brings two of one kind in a row.
"""

_WEEK_ONE = date(2025, 12, 29)
"""The Monday of week 1 of 2026: an odd one."""


def is_odd(day: date) -> bool:
    """Whether *day* is in one of the odd weeks, of which every second week is one."""
    return (day - _WEEK_ONE).days // 7 % 2 == 0


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours that come back: wall minutes of the day (0 to 1440), ``weekday`` 0 = Monday.

    ``location_id`` None: at whichever location. Hours over midnight are two rows.
    """

    weekday: int
    starts_minute: int
    ends_minute: int
    weeks: str = EVERY
    location_id: int | None = None
    operatory_id: int | None = None

    def __post_init__(self) -> None:
        _check(self.starts_minute, self.ends_minute)
        if not 0 <= self.weekday <= 6 or self.weeks not in {EVERY, ODD, EVEN}:
            raise ValueError("weekdays are 0 to 6; weeks are every, odd or even")

    def holds_on(self, day: date) -> bool:
        """Whether these hours hold on *day*."""
        if day.weekday() != self.weekday:
            return False
        return self.weeks == EVERY or (self.weeks == ODD) == is_odd(day)


@dataclass(frozen=True, slots=True)
class OneDay:
    """An exception for one day.

    With minutes: the only hours of that day (several exceptions add up). Without: absent, the
    whole day, or at ``location_id`` alone where that is given. An absence beats hours.
    """

    day: date
    starts_minute: int | None = None
    ends_minute: int | None = None
    location_id: int | None = None

    def __post_init__(self) -> None:
        if (self.starts_minute is None) != (self.ends_minute is None):
            raise ValueError("an exception has both its minutes or none")
        if self.starts_minute is not None and self.ends_minute is not None:
            _check(self.starts_minute, self.ends_minute)

    @property
    def absent(self) -> bool:
        """Whether the provider is not there at all on that day."""
        return self.starts_minute is None


def open_spans(
    weekly: Iterable[Weekly],
    exceptions: Iterable[OneDay],
    closed: Collection[date],
    day: date,
    zone: tzinfo,
) -> list[Span]:
    """When it is open (or somebody works) on *day*: sorted, disjoint, touching spans joined.

    All locations together; :func:`located_spans` tells them apart. Nothing on a closed day.
    """
    return merged(span for _, span in located_spans(weekly, exceptions, closed, day, zone))


def located_spans(
    weekly: Iterable[Weekly],
    exceptions: Iterable[OneDay],
    closed: Collection[date],
    day: date,
    zone: tzinfo,
) -> list[tuple[int | None, Span]]:
    """The same with the location of each span, sorted by time.

    Give it *all* hours of the provider and pick locations from the answer: a day's exception
    at one location takes the provider away from the others. An exception without a location
    holds at the locations where the provider works on that weekday, else wherever they work.
    """
    if day in closed:
        return []
    weekly = tuple(weekly)
    today = [e for e in exceptions if e.day == day]
    absent_at = {e.location_id for e in today if e.absent}
    if None in absent_at:
        return []
    only = [e for e in today if not e.absent]
    found: set[tuple[int | None, int, int]] = set()
    if only:
        for e in only:
            places = _usual_places(weekly, day) if e.location_id is None else {e.location_id}
            found |= {(place, e.starts_minute or 0, e.ends_minute or 0) for place in places}
    else:
        found = {(w.location_id, w.starts_minute, w.ends_minute) for w in weekly if w.holds_on(day)}
    out: list[tuple[int | None, Span]] = []
    for place in {place for place, _, _ in found} - absent_at:
        spans = (minute_span(day, start, end, zone) for at, start, end in found if at == place)
        out += [(place, span) for span in merged(s for s in spans if s is not None)]
    return sorted(out, key=lambda pair: (pair[1], pair[0] is not None, pair[0] or 0))


def _usual_places(weekly: Collection[Weekly], day: date) -> set[int | None]:
    return (
        {w.location_id for w in weekly if w.weekday == day.weekday()}
        or {w.location_id for w in weekly}
        or {None}
    )


def _check(starts_minute: int, ends_minute: int) -> None:
    if not 0 <= starts_minute < ends_minute <= 24 * 60:
        raise ValueError("hours begin and end in this order within the minutes 0 to 1440")
