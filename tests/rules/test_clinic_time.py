from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import clinic_time
from clinic_desk.rules.clinic_time import NoSuchTime, TwoTimes, day_span, minute_span, resolve
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.spans import Span
from tests.strategies import change_days, instants, wall_minutes, zoned_days, zones

VIENNA = ZoneInfo("Europe/Vienna")
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)


def wall(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "\0"])
def test_an_unknown_zone_is_refused_with_its_name(name):
    with pytest.raises(Invalid) as caught:
        clinic_time.zone(name)
    assert caught.value.field == "time_zone"


def test_days_of_clock_change_last_23_and_25_hours():
    assert day_span(FORWARD, VIENNA).minutes == 23 * 60
    assert day_span(BACK, VIENNA).minutes == 25 * 60
    assert day_span(date(2026, 5, 4), VIENNA).minutes == 24 * 60


def test_a_day_whose_midnight_is_skipped_begins_at_one_o_clock():
    cairo = ZoneInfo("Africa/Cairo")
    day = next(d for d in change_days("Africa/Cairo") if day_span(d, cairo).minutes == 23 * 60)

    assert clinic_time.wall(day_span(day, cairo).starts_at, cairo) == wall(day, 1)


def test_the_day_that_samoa_left_out_is_no_day():
    apia = ZoneInfo("Pacific/Apia")
    with pytest.raises(NoSuchTime):
        day_span(date(2011, 12, 30), apia)

    around = Span(datetime(2011, 12, 29, tzinfo=UTC), datetime(2011, 12, 31, tzinfo=UTC))

    assert clinic_time.days(around, apia) == [
        date(2011, 12, 28),
        date(2011, 12, 29),
        date(2011, 12, 31),
    ]


@pytest.mark.parametrize("minute", [0, 1, 30, 59])
def test_a_skipped_time_is_refused_and_names_the_end_of_the_gap(minute):
    with pytest.raises(NoSuchTime) as caught:
        resolve(wall(FORWARD, 2, minute), VIENNA)

    assert caught.value.nearest == wall(FORWARD, 3)
    assert "does not exist" in str(caught.value)


def test_a_time_that_comes_twice_asks_which():
    with pytest.raises(TwoTimes) as caught:
        resolve(wall(BACK, 2, 30), VIENNA)

    assert caught.value.second - caught.value.first == timedelta(hours=1)
    assert resolve(wall(BACK, 2, 30), VIENNA, fold=0) == caught.value.first
    assert resolve(wall(BACK, 2, 30), VIENNA, fold=1) == caught.value.second


def test_hours_over_a_change_of_clocks_keep_their_wall_times():
    forward = minute_span(FORWARD, 60, 240, VIENNA)
    back = minute_span(BACK, 60, 240, VIENNA)

    assert forward is not None
    assert back is not None
    assert (forward.minutes, back.minutes) == (120, 240)


def test_hours_inside_the_skipped_hour_are_none():
    assert minute_span(FORWARD, 125, 170, VIENNA) is None


def test_a_day_has_no_minute_1441():
    with pytest.raises(ValueError, match="1440"):
        minute_span(FORWARD, 0, 1441, VIENNA)


@given(instants(365 * 24 * 60), zones())
def test_wall_and_back_is_the_same_instant(instant, zone):
    on_wall = clinic_time.wall(instant, zone)

    assert resolve(on_wall, zone, fold=on_wall.fold) == instant


@given(zoned_days())
def test_days_follow_one_another_without_gap_or_overlap(pair):
    day, zone = pair

    assert day_span(day, zone).ends_at == day_span(day + timedelta(days=1), zone).starts_at


@given(zoned_days())
def test_the_days_of_a_day_are_that_day(pair):
    day, zone = pair

    assert clinic_time.days(day_span(day, zone), zone) == [day]


@given(zoned_days(), wall_minutes(), st.integers(0, 1440))
def test_neighbouring_minutes_partition_the_day(pair, ends, cut):
    day, zone = pair
    whole = minute_span(day, 0, 1440, zone)
    parts = [minute_span(day, 0, cut, zone), minute_span(day, cut, 1440, zone)]

    assert whole == day_span(day, zone)
    assert sum(p.minutes for p in parts if p) == whole.minutes
    hours = minute_span(day, ends[0], ends[1], zone)
    assert hours is None or whole.contains(hours)


@given(zoned_days(), st.integers(0, 1439))
def test_a_wall_minute_exists_or_is_refused_never_moved(pair, minute):
    day, zone = pair
    wanted = wall(day, 0) + timedelta(minutes=minute)
    try:
        instant = resolve(wanted, zone, fold=0)
    except NoSuchTime as refused:
        nearest = refused.nearest
    else:
        nearest = clinic_time.wall(instant, zone).replace(fold=0)
        assert nearest == wanted
        assert clinic_time.minute_of_day(instant, zone) == minute
    assert nearest >= wanted
    assert resolve(nearest, zone, fold=0) == clinic_time.earliest(wanted, zone)
