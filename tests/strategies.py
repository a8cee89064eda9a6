"""Hypothesis: the values of our rules, and how hard to try.

The profile is chosen by ``HYPOTHESIS_PROFILE`` (``default``, ``ci``, ``nightly``); ``ci`` is
what a build without that variable uses, and finds the same examples every time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from clinic_desk.rules.conflicts import Place, Proposal, Taken
from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.rules.spans import Span

# Two busy cores make a single example slow now and then; that is no fault of a rule.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", settings(_calm, max_examples=100))
settings.register_profile("ci", settings(_calm, max_examples=100, derandomize=True, database=None))
settings.register_profile("nightly", settings(_calm, max_examples=3_000))
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default")
)

ZONES: Sequence[str] = (
    "UTC",
    "Europe/Vienna",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",  # half an hour off
    "Australia/Lord_Howe",  # its clocks change by half an hour
    "Africa/Cairo",  # they change at midnight
    "America/Havana",  # midnight comes twice
    "Asia/Beirut",
    "Asia/Kathmandu",  # a quarter of an hour off
    "Pacific/Chatham",
    "America/Santiago",
)
"""Zones that have gone wrong for somebody before."""

MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
"""The start of the week in which Europe's clocks go forward."""


@cache
def change_days(zone: str) -> tuple[date, ...]:
    """The days of 2025 to 2027 on which the clocks of *zone* change."""
    info = ZoneInfo(zone)
    days = (date(2025, 1, 1) + timedelta(days=n) for n in range(3 * 365))
    return tuple(
        day
        for day in days
        if datetime(day.year, day.month, day.day, tzinfo=info).utcoffset()
        != (datetime(day.year, day.month, day.day, 23, 59, tzinfo=info)).utcoffset()
    )


def zones() -> st.SearchStrategy[ZoneInfo]:
    """Zones, the awkward ones among them."""
    return st.sampled_from(ZONES).map(ZoneInfo)


def days(zone: ZoneInfo | None = None) -> st.SearchStrategy[date]:
    """Days of three years, those of clock change (and their neighbours) as often as others."""
    plain = st.dates(date(2025, 1, 1), date(2027, 12, 31))
    special = change_days(zone.key) if zone is not None else ()
    if not special:
        return plain
    near = st.builds(
        lambda day, by: day + timedelta(days=by), st.sampled_from(special), st.integers(-1, 1)
    )
    return st.one_of(plain, near)


@st.composite
def zoned_days(draw: st.DrawFn) -> tuple[date, ZoneInfo]:
    """A day in a zone."""
    zone = draw(zones())
    return draw(days(zone)), zone


def instants(minutes: int = 3 * 24 * 60) -> st.SearchStrategy[datetime]:
    """Whole minutes from Monday on; few days, so that things meet."""
    return st.integers(0, minutes).map(lambda n: MONDAY + timedelta(minutes=n))


@st.composite
def spans(draw: st.DrawFn, minutes: int = 12 * 60, longest: int = 240) -> Span:
    """Spans close together: some overlap, some touch. The coarse ones touch more often."""
    step = draw(st.sampled_from((1, 5, 30)))
    begin = draw(st.integers(0, minutes // step)) * step
    length = draw(st.integers(1, max(1, longest // step))) * step
    return Span.lasting(MONDAY + timedelta(minutes=begin), length)


def span_lists(
    max_size: int = 8, minutes: int = 12 * 60, longest: int = 240
) -> st.SearchStrategy[list[Span]]:
    """Some spans, in any order."""
    return st.lists(spans(minutes, longest), max_size=max_size)


@st.composite
def wall_minutes(draw: st.DrawFn) -> tuple[int, int]:
    """Two wall minutes of a day, in order."""
    first = draw(st.integers(0, 1439))
    return first, draw(st.integers(first + 1, 1440))


@st.composite
def weekly(draw: st.DrawFn) -> Weekly:
    """Weekly hours at one of two locations."""
    first, last = draw(wall_minutes())
    return Weekly(
        draw(st.integers(0, 6)),
        first,
        last,
        draw(st.sampled_from(("every", "odd", "even"))),
        draw(st.sampled_from((1, 2))),
    )


@st.composite
def one_days(draw: st.DrawFn, day: date) -> OneDay:
    """An exception on *day* or beside it: an absence, or other hours."""
    on = day + timedelta(days=draw(st.sampled_from((0, 0, 1))))
    first, last = draw(st.one_of(st.just((None, None)), wall_minutes()))
    return OneDay(on, first, last, draw(st.sampled_from((None, 1, 2))))


BUFFERS = st.sampled_from((0, 0, 5, 10, 30))


@st.composite
def taken(draw: st.DrawFn) -> Taken:
    """A claim of one of four resources."""
    source = draw(st.sampled_from("axeh"))
    return Taken(
        draw(st.integers(1, 4)),
        draw(spans()),
        source,
        draw(st.integers(1, 9)),
        shared=source == "a" and draw(st.booleans()),
        who=draw(st.sampled_from(("", "Lee, Anna"))),
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    """A visit to resources 1 (provider), 2 (room) and 3 (patient), or fewer."""
    return Proposal(
        draw(spans()),
        draw(BUFFERS),
        draw(BUFFERS),
        1,
        draw(st.sampled_from((2, None))),
        draw(st.sampled_from((3, None))),
    )


@st.composite
def places(draw: st.DrawFn) -> Place:
    """What is known of a place: hours, qualification and the rest in all mixtures."""
    hours = st.one_of(st.none(), span_lists(4, longest=720))
    return Place(
        provider_hours=draw(hours),
        clinic_hours=draw(hours),
        closed_day=draw(st.sampled_from((None, "Labour Day"))),
        qualified=draw(st.booleans()),
        type_active=draw(st.booleans()),
        provider_name="Dr Chen",
        operatory_name="Room 2",
        patient_name=draw(st.sampled_from(("", "Diaz, Jo"))),
        type_name="Hygiene",
        time_zone=draw(st.sampled_from(ZONES)),
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Series that stay within two years."""
    every = draw(st.sampled_from(Every))
    interval = draw(st.integers(1, 3))
    weekdays = draw(st.frozensets(st.integers(0, 6))) if every is Every.WEEK else frozenset()
    count = draw(st.one_of(st.none(), st.integers(1, 4)))
    return Rule(every, interval, weekdays, count)


def statuses() -> st.SearchStrategy[Status]:
    """Every status."""
    return st.sampled_from(Status)
