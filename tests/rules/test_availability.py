from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import availability
from clinic_desk.rules.availability import Candidate, first_openings, free
from clinic_desk.rules.clinic_time import minute_span, wall
from clinic_desk.rules.spans import Span, merged
from tests import strategies
from tests.rules import sweep
from tests.rules.sweep import minutes_of
from tests.strategies import BUFFERS, MONDAY, change_days

VIENNA = ZoneInfo("Europe/Vienna")
UTC_ZONE = ZoneInfo("UTC")
STEPS = st.sampled_from((5, 10, 15, 30, 60))


def span(begin: int, end: int) -> Span:
    return Span(MONDAY + timedelta(minutes=begin), MONDAY + timedelta(minutes=end))


def times(found: Iterable[datetime]) -> list[str]:
    return [f"{start:%H:%M}" for start in found]


def starts(
    open_spans: list[Span],
    busy: list[Span],
    minutes: int = 30,
    before: int = 0,
    after: int = 0,
    step: int = 15,
    zone: ZoneInfo = UTC_ZONE,
) -> list[datetime]:
    period = span(-24 * 60, 48 * 60)
    return list(
        availability.starts(
            free([period], busy),
            minutes=minutes,
            before=before,
            after=after,
            step_minutes=step,
            zone=zone,
            open_spans=open_spans,
        )
    )


def test_a_visit_fits_up_to_the_last_minute_of_the_hours():
    assert times(starts([span(540, 600)], [])) == ["09:00", "09:15", "09:30"]


def test_buffers_may_lie_outside_the_hours_but_not_on_a_claim():
    hours = [span(540, 600)]

    assert times(starts(hours, [], minutes=60, before=10, after=10)) == ["09:00"]
    assert starts(hours, [span(500, 531)], minutes=60, before=10, after=10) == []
    assert times(starts(hours, [span(500, 530)], minutes=60, before=10, after=10)) == ["09:00"]


def test_buffers_of_both_neighbours_add_up():
    other_with_its_buffer = span(540, 570 + 10)

    found = starts([span(540, 720)], [other_with_its_buffer], before=5, step=5)

    assert times(found)[0] == "09:45"


def test_a_visit_never_bridges_a_pause():
    assert times(starts([span(540, 570), span(580, 610)], [], step=5)) == ["09:00", "09:40"]


def test_starts_stand_on_the_wall_clock_of_zones_off_by_a_quarter():
    kathmandu = ZoneInfo("Asia/Kathmandu")
    found = starts([span(180, 300)], [], step=60, zone=kathmandu)

    assert [wall(s, kathmandu).minute for s in found] == [0, 0]


def test_a_repeated_hour_offers_its_times_twice():
    day = date(2026, 10, 25)
    hours = minute_span(day, 120, 180, VIENNA)
    assert hours is not None
    assert hours.minutes == 120

    found = list(
        availability.starts(
            [hours], minutes=30, before=0, after=0, step_minutes=30, zone=VIENNA, open_spans=[hours]
        )
    )

    assert [f"{wall(s, VIENNA):%H:%M}" for s in found] == ["02:00", "02:30", "02:00", "02:30"]


def test_a_step_that_does_not_divide_the_day_is_refused():
    with pytest.raises(ValueError, match="divides a day"):
        starts([span(0, 60)], [], step=7)
    with pytest.raises(ValueError, match="at least a minute"):
        starts([span(0, 60)], [], minutes=0)


def test_a_start_is_a_whole_minute_even_after_a_claim_that_is_not():
    begin = MONDAY + timedelta(seconds=30)

    assert times(availability.on_step(begin, MONDAY + timedelta(minutes=2), 1, UTC_ZONE)) == [
        "00:01",
        "00:02",
    ]


def test_long_buffers_near_short_pauses_lose_no_start():
    hours = [span(540, 600), span(605, 700)]
    found = starts(hours, [span(610, 612)], minutes=20, after=30, step=5)

    assert times(found) == [
        "09:00",
        "09:05",
        "09:10",
        "09:15",
        "09:20",
        *_every_five("10:15", "11:20"),
    ]


def _every_five(first: str, last: str) -> list[str]:
    begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in (first, last))
    return [f"{n // 60:02}:{n % 60:02}" for n in range(begin, end + 1, 5)]


def test_the_first_openings_come_from_whoever_is_free_first():
    hours = [span(540, 660)]
    everybody = [
        Candidate(1, hours, free(hours, [span(540, 600)]), UTC_ZONE),
        Candidate(2, hours, free(hours, [span(540, 570)]), UTC_ZONE),
    ]

    def first(count: int, not_before: datetime | None = None) -> list[tuple[datetime, int]]:
        return first_openings(
            everybody,
            minutes=30,
            before=0,
            after=0,
            step_minutes=30,
            count=count,
            not_before=not_before,
        )

    assert first(1) == [(MONDAY + timedelta(minutes=570), 2)]
    assert [key for _, key in first(9)] == [2, 1, 2, 1, 2]
    assert first(1, MONDAY + timedelta(minutes=625)) == [(MONDAY + timedelta(minutes=630), 1)]


@given(strategies.span_lists(longest=480), strategies.span_lists())
def test_free_and_busy_make_the_open_time(open_spans, busy):
    gaps = free(open_spans, busy)

    assert minutes_of(gaps) | (minutes_of(open_spans) & minutes_of(busy)) == minutes_of(open_spans)
    assert not minutes_of(gaps) & minutes_of(busy)
    assert gaps == merged(gaps)


@given(
    strategies.span_lists(4, longest=480),
    strategies.span_lists(),
    st.integers(1, 120),
    BUFFERS,
    BUFFERS,
    STEPS,
    strategies.zones(),
)
def test_the_offered_starts_are_those_of_a_plain_sweep(
    open_spans, busy, minutes, before, after, step, zone
):
    period = span(-60, 18 * 60)
    expected = sweep.starts(
        period, open_spans, busy, minutes=minutes, before=before, after=after, step=step, zone=zone
    )
    found = availability.starts(
        free([period], busy),
        minutes=minutes,
        before=before,
        after=after,
        step_minutes=step,
        zone=zone,
        open_spans=open_spans,
    )

    assert list(found) == expected


@given(st.data(), st.sampled_from(("Europe/Vienna", "Australia/Lord_Howe", "Africa/Cairo")), STEPS)
def test_the_sweep_agrees_on_days_of_clock_change(data, name, step):
    zone = ZoneInfo(name)
    day = data.draw(st.sampled_from(change_days(name)))
    begin, end = data.draw(strategies.wall_minutes())
    hours = minute_span(day, begin, end, zone)
    if hours is None:
        return
    middle = Span(hours.starts_at + (hours.ends_at - hours.starts_at) / 2, hours.ends_at)
    busy = [middle] if data.draw(st.booleans()) and not middle.starts_at.second else []
    minutes = data.draw(st.integers(1, 90))
    expected = sweep.starts(
        hours, [hours], busy, minutes=minutes, before=0, after=0, step=step, zone=zone
    )
    found = availability.starts(
        free([hours], busy),
        minutes=minutes,
        before=0,
        after=0,
        step_minutes=step,
        zone=zone,
        open_spans=[hours],
    )

    assert list(found) == expected


def test_no_start_is_lost_where_the_clocks_jump_onto_the_step():
    # From 2:00 to 2:30, with 60 minutes between no two of them.
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    day = next(d for d in change_days("Australia/Lord_Howe") if d.month == 10)
    begin = datetime(day.year, day.month, day.day, 1, 10, tzinfo=lord_howe).astimezone(UTC)

    found = list(availability.on_step(begin, begin + timedelta(hours=2), 30, lord_howe))

    assert [f"{wall(s, lord_howe):%H:%M}" for s in found] == ["01:30", "02:30", "03:00", "03:30"]
