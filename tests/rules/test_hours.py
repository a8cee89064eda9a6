from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.clinic_time import day_span, minute_span
from clinic_desk.rules.hours import OneDay, Weekly, is_odd, located_spans, open_spans
from clinic_desk.rules.spans import Span, covered
from tests import strategies

UTC_ZONE = ZoneInfo("UTC")
MONDAY = date(2026, 5, 4)
NINE, NOON, FIVE = 9 * 60, 12 * 60, 17 * 60


def clock(spans: list[Span]) -> list[str]:
    return [f"{s.starts_at:%H:%M}-{s.ends_at:%H:%M}" for s in spans]


def test_weekly_hours_hold_on_their_weekday_only():
    hours = [Weekly(0, NINE, FIVE)]

    assert clock(open_spans(hours, [], (), MONDAY, UTC_ZONE)) == ["09:00-17:00"]
    assert open_spans(hours, [], (), MONDAY + timedelta(days=1), UTC_ZONE) == []


@given(st.dates(), st.sampled_from(("odd", "even")), st.integers(0, 6))
def test_hours_of_every_second_week_never_hold_in_two_weeks_in_a_row(
    day: date, weeks: str, weekday: int
):
    if day > date.max - timedelta(days=14):
        return
    hours = Weekly(weekday, NINE, NOON, weeks)
    same = [
        day + timedelta(days=n) for n in range(14) if (day + timedelta(days=n)).weekday() == weekday
    ]
    assert sorted(map(hours.holds_on, same)) == [False, True]


def test_the_weeks_of_2026_are_what_their_numbers_say_and_the_new_year_changes_nothing():
    """2026 has 53 weeks: by their numbers, two odd ones would come one after the other."""
    new_year = date(2026, 12, 28)
    assert new_year.isocalendar().week == 53
    weeks = [new_year + timedelta(days=7 * n) for n in range(-52, 3)]
    assert [is_odd(day) for day in weeks] == [n % 2 == 0 for n in range(55)]


def test_odd_and_even_weeks_alternate():
    hours = [Weekly(0, NINE, NOON, "odd"), Weekly(0, NOON, FIVE, "even")]
    assert MONDAY.isocalendar().week == 19

    assert clock(open_spans(hours, [], (), MONDAY, UTC_ZONE)) == ["09:00-12:00"]
    assert clock(open_spans(hours, [], (), MONDAY + timedelta(days=7), UTC_ZONE)) == ["12:00-17:00"]


def test_hours_that_touch_are_one():
    hours = [Weekly(0, NINE, NOON), Weekly(0, NOON, FIVE)]

    assert clock(open_spans(hours, [], (), MONDAY, UTC_ZONE)) == ["09:00-17:00"]


def test_an_exception_gives_the_only_hours_of_its_day():
    hours = [Weekly(0, NINE, FIVE)]
    evening = OneDay(MONDAY, FIVE, 20 * 60)

    assert clock(open_spans(hours, [evening], (), MONDAY, UTC_ZONE)) == ["17:00-20:00"]
    later = MONDAY + timedelta(days=7)
    assert clock(open_spans(hours, [evening], (), later, UTC_ZONE)) == ["09:00-17:00"]


def test_an_absence_beats_all_hours():
    hours = [Weekly(0, NINE, FIVE)]
    exceptions = [OneDay(MONDAY), OneDay(MONDAY, NINE, NOON)]

    assert open_spans(hours, exceptions, (), MONDAY, UTC_ZONE) == []


def test_an_absence_at_one_location_leaves_the_other():
    hours = [Weekly(0, NINE, NOON, location_id=1), Weekly(0, NOON, FIVE, location_id=2)]
    found = located_spans(hours, [OneDay(MONDAY, location_id=1)], (), MONDAY, UTC_ZONE)

    assert [(place, clock([span])) for place, span in found] == [(2, ["12:00-17:00"])]


def test_an_exception_at_one_location_takes_the_provider_from_the_others():
    hours = [Weekly(0, NINE, NOON, location_id=1), Weekly(0, NOON, FIVE, location_id=2)]
    instead = OneDay(MONDAY, NINE, FIVE, location_id=2)

    assert [p for p, _ in located_spans(hours, [instead], (), MONDAY, UTC_ZONE)] == [2]


def test_an_exception_without_a_location_holds_where_the_provider_usually_is():
    hours = [Weekly(0, NINE, NOON, location_id=1), Weekly(3, NINE, NOON, location_id=2)]
    exception = OneDay(MONDAY, NOON, FIVE)

    assert [p for p, _ in located_spans(hours, [exception], (), MONDAY, UTC_ZONE)] == [1]
    friday = OneDay(MONDAY + timedelta(days=4), NOON, FIVE)
    assert {p for p, _ in located_spans(hours, [friday], (), friday.day, UTC_ZONE)} == {1, 2}


def test_a_closed_day_has_no_hours_whatever_else_is_said():
    assert open_spans([], [OneDay(MONDAY, NINE, FIVE)], {MONDAY}, MONDAY, UTC_ZONE) == []


def test_nine_o_clock_stays_nine_o_clock_over_a_change_of_clocks():
    vienna = ZoneInfo("Europe/Vienna")
    hours = [Weekly(6, NINE, FIVE)]
    before, after = date(2026, 3, 22), date(2026, 3, 29)

    for day in (before, after):
        (span,) = open_spans(hours, [], (), day, vienna)
        assert f"{span.starts_at.astimezone(vienna):%H:%M}" == "09:00"
        assert span.minutes == 8 * 60


def test_hours_that_make_no_sense_are_refused():
    for wrong in (
        lambda: Weekly(0, NOON, NINE),
        lambda: Weekly(7, NINE, NOON),
        lambda: Weekly(0, NINE, NOON, "third"),
        lambda: OneDay(MONDAY, NINE, None),
        lambda: OneDay(MONDAY, NINE, 1441),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()


@given(st.data(), strategies.zoned_days(), st.lists(strategies.weekly(), max_size=6))
def test_open_time_is_inside_the_day_sorted_and_apart(data, pair, hours):
    day, zone = pair
    exceptions = data.draw(st.lists(strategies.one_days(day), max_size=3))
    found = open_spans(hours, exceptions, (), day, zone)

    assert all(day_span(day, zone).contains(span) for span in found)
    assert all(a.ends_at < b.starts_at for a, b in pairwise(found))


@given(st.data(), strategies.zoned_days(), st.lists(strategies.weekly(), max_size=6))
def test_all_locations_together_are_the_open_time(data, pair, hours):
    day, zone = pair
    exceptions = data.draw(st.lists(strategies.one_days(day), max_size=3))
    located = located_spans(hours, exceptions, (), day, zone)
    whole = open_spans(hours, exceptions, (), day, zone)

    assert all(covered(span, whole) for _, span in located)
    assert all(covered(span, [s for _, s in located]) for span in whole)
    if not any(e.day == day for e in exceptions):
        assert all(
            covered(span, whole)
            for w in hours
            if w.holds_on(day) and (span := minute_span(day, w.starts_minute, w.ends_minute, zone))
        )
