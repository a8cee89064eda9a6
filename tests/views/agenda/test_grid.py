"""Laws of the calendar's geometry: pixels to time and back, on any day, in any order."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import clinic_time
from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.axis import axis
from clinic_desk.views.agenda.grid import Grid, Kind, columns, ruled_for

ZONES = (
    "Europe/Vienna",
    "America/New_York",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
zones = st.sampled_from(ZONES).map(clinic_time.zone)
days = st.dates(date(2024, 1, 1), date(2033, 12, 1))


def week(first: date, zone, *, width: int = 1000, hour: float = 64, mirrored: bool = False) -> Grid:
    ruled = ruled_for(Kind.WEEK, first, zone)
    return Grid(ruled, tuple(columns(Kind.WEEK, ruled, ())), width, hour, mirrored)


@given(zones, days, st.integers(0, 7 * 24 * 60 - 1))
def test_every_instant_of_a_week_has_one_place_and_the_place_that_instant(zone, first, minute):
    grid = week(first, zone)
    whole = Span(
        clinic_time.day_span(first, zone).starts_at,
        clinic_time.day_span(first + timedelta(days=6), zone).ends_at,
    )
    instant = whole.starts_at + timedelta(minutes=minute)
    if not whole.holds(instant):
        return
    column = grid.ruled.track_at(instant.timestamp())
    place = grid.columns[column].track.minute(instant.timestamp())

    assert grid.instant(column, place) == instant
    assert grid.exists(column, place)
    assert 0 <= place < grid.ruled.minutes


@given(zones, days, st.integers(0, 1439))
def test_the_axis_tells_the_time_of_the_wall(zone, first, minute):
    grid = week(first, zone)
    for column in range(7):
        for place in (minute, minute + 30):
            if place < grid.ruled.minutes and grid.exists(column, place):
                wall = clinic_time.wall(grid.instant(column, place), zone)
                assert wall.hour * 60 + wall.minute == grid.ruled.wall_minute(place)


@given(zones, days)
def test_the_tracks_of_a_week_follow_each_other_without_hole_or_overlap(zone, first):
    tracks = week(first, zone).ruled.tracks

    assert all(a.ends == b.begins for a, b in pairwise(tracks))


@given(st.integers(100, 4000), st.integers(0, 3999), st.booleans(), st.integers(1, 40))
def test_a_pixel_lies_within_the_edges_of_its_column(width, x, mirrored, count):
    ruled = ruled_for(Kind.PROVIDERS, date(2031, 5, 19), clinic_time.zone("UTC"))
    made = tuple(columns(Kind.PROVIDERS, ruled, range(count)))
    grid = Grid(ruled, made, width, 64, mirrored)
    x = min(x, width - 1)
    left, right = grid.edges(grid.column_at(x))

    assert left <= x < right


@given(st.booleans(), st.integers(1, 6), st.integers(300, 3000))
def test_the_lanes_of_a_column_share_its_width_without_overlap(mirrored, lanes, width):
    grid = week(date(2031, 5, 19), clinic_time.zone("UTC"), width=width, mirrored=mirrored)
    boxes = sorted((grid.box(3, 60, 120, lane, lanes) for lane in range(lanes)), key=lambda b: b.x)
    left, right = grid.edges(3)

    assert all(a.x + a.w <= b.x for a, b in pairwise(boxes))
    assert boxes[0].x >= left
    assert boxes[-1].x + boxes[-1].w <= right


def test_right_to_left_is_the_mirror_image():
    plain = week(date(2031, 5, 19), clinic_time.zone("UTC"), width=1400)
    mirrored = week(date(2031, 5, 19), clinic_time.zone("UTC"), width=1400, mirrored=True)

    for column in range(7):
        left, right = plain.edges(column)
        assert mirrored.edges(column) == (1400 - right, 1400 - left)
    assert mirrored.column_at(10) == 6
    assert mirrored.step_column(3, 1) == 2


@given(st.floats(0, 1440), st.sampled_from([5, 10, 15, 30]))
def test_snapping_goes_to_the_nearest_step(minute, step):
    snapped = week(date(2031, 5, 19), clinic_time.zone("UTC")).snapped(minute, step)

    assert snapped % step == 0
    assert abs(snapped - minute) <= step / 2


def test_the_hour_that_comes_twice_has_two_places():
    zone = clinic_time.zone("Europe/Vienna")
    grid = week(date(2031, 10, 20), zone)
    sunday = 6

    assert grid.ruled.minutes == 25 * 60
    first, second = grid.instant(sunday, 150), grid.instant(sunday, 210)
    assert second - first == timedelta(hours=1)
    assert clinic_time.wall(first, zone).hour == clinic_time.wall(second, zone).hour == 2
    assert not grid.exists(0, 200)
    assert grid.instant(0, 200) == grid.instant(0, 240)


def test_the_hour_that_is_skipped_is_a_gap_that_ends_where_the_clocks_go():
    zone = clinic_time.zone("Europe/Vienna")
    grid = week(date(2031, 3, 24), zone)
    sunday = 6

    assert grid.ruled.minutes == 24 * 60
    assert not grid.exists(sunday, 150)
    assert clinic_time.wall(grid.instant(sunday, 150), zone).hour == 3
    assert grid.span(sunday, 120, 180) is None
    night = grid.span(sunday, 60, 240)
    assert night is not None
    assert night.minutes == 120


@pytest.mark.parametrize("zone", ["Asia/Beirut", "Africa/Cairo"])
def test_a_day_may_begin_without_its_first_hour(zone):
    where = clinic_time.zone(zone)
    found = [
        track
        for month in (3, 4)
        for track in axis(
            [date(2026, month, 1) + timedelta(days=n) for n in range(30)], where
        ).tracks
        if track.gaps and track.gaps[0] == (0, 60)
    ]

    assert len(found) == 1
    assert found[0].minute(found[0].begins) == 60
