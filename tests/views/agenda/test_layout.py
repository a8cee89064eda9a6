"""Where cards lie, and how they are found again."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import clinic_time
from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.grid import Grid, Kind, columns, ruled_for
from clinic_desk.views.agenda.layout import Layout, closed
from tests.views.agenda import made

WEEK = ruled_for(Kind.WEEK, made.MONDAY, clinic_time.zone(made.ZONE))
GRID = Grid(WEEK, tuple(columns(Kind.WEEK, WEEK, ())), 1400, 64)

times = st.tuples(st.integers(-1, 7), st.integers(0, 23), st.sampled_from([0, 10, 15, 45]),
                  st.integers(5, 600))  # fmt: skip


@given(st.lists(times, max_size=40), st.booleans())
def test_cards_of_one_column_never_cover_each_other(wanted, mirrored):
    grid = Grid(WEEK, GRID.columns, 1400, 64, mirrored)
    cards = [
        made.visit(n, made.hour(day, hour, minute, minutes=length))
        for n, (day, hour, minute, length) in enumerate(wanted, 1)
    ]
    cards.sort(key=lambda card: card.span)
    items = list(Layout(grid, cards).items())

    for one in items:
        for other in items:
            if one is not other:
                apart_x = one.x + one.w <= other.x or other.x + other.w <= one.x
                apart_y = one.y + one.h <= other.y or other.y + other.h <= one.y
                assert apart_x or apart_y


@given(st.lists(times, max_size=30), st.tuples(st.integers(0, 1399), st.integers(0, 1500)))
def test_what_a_rectangle_touches_is_what_a_plain_look_at_all_finds(wanted, corner):
    cards = [
        made.visit(n, made.hour(day, hour, minute, minutes=length))
        for n, (day, hour, minute, length) in enumerate(wanted, 1)
    ]
    layout = Layout(GRID, sorted(cards, key=lambda card: card.span))
    x, y = corner
    found = {id(item) for item in layout.within(x, y, 120, 90)}
    plain = {
        id(item)
        for item in layout.items()
        if item.x < x + 120 and item.x + item.w > x and item.y < y + 90 and item.y + item.h > y
    }

    assert found == plain


def test_a_visit_over_midnight_has_a_part_in_each_day():
    card = made.visit(1, made.hour(0, 23, 30, minutes=60))
    parts = Layout(GRID, [card]).by_key[1]

    assert [(part.column, part.begin, part.end) for part in parts] == [(0, 1410, 1440), (1, 0, 30)]
    assert [(part.head, part.tail) for part in parts] == [(True, False), (False, True)]


def test_a_visit_that_began_before_the_first_day_shows_its_rest():
    card = made.visit(1, made.hour(-1, 23, 0, minutes=120))
    (part,) = Layout(GRID, [card]).by_key[1]

    assert (part.column, part.begin, part.end, part.head) == (0, 0, 60, False)


def test_visits_of_other_weeks_are_not_laid_out():
    assert not Layout(
        GRID, [made.visit(1, made.hour(9, 10)), made.visit(2, made.hour(-3, 9))]
    ).by_key


def test_a_day_by_room_puts_the_homeless_into_a_column_of_their_own():
    ruled = ruled_for(Kind.OPERATORIES, made.MONDAY, clinic_time.zone(made.ZONE))
    rooms = columns(Kind.OPERATORIES, ruled, tuple(made.ROOMS), no_room=True)
    grid = Grid(ruled, tuple(rooms), 900, 64)
    cards = [
        made.visit(1, made.hour(0, 9)),
        made.visit(2, made.hour(0, 9), operatory=None),
        made.visit(3, made.hour(0, 9), operatory=made.ROOMS[made.ROOM_2]),
    ]
    layout = Layout(grid, [*cards, made.event(1, made.hour(0, 11), made.ROOM_2)])

    assert {key: parts[0].column for key, parts in layout.by_key.items()} == {
        1: 0,
        2: 2,
        3: 1,
        -1: 1,
    }


def test_visits_on_the_day_when_clocks_go_forward_keep_their_wall_times():
    ruled = ruled_for(Kind.WEEK, date(2031, 3, 24), clinic_time.zone(made.ZONE))
    grid = Grid(ruled, tuple(columns(Kind.WEEK, ruled, ())), 1400, 60)
    span = Span(
        made.at(6, 1, 30, monday=date(2031, 3, 24)), made.at(6, 9, 0, monday=date(2031, 3, 24))
    )
    (part,) = Layout(grid, [made.visit(1, span)]).by_key[1]

    assert (part.y, part.y + part.h + 1) == (90, 540)
    assert span.minutes == 390


def test_a_small_card_can_be_hit_beside_itself():
    layout = Layout(GRID, [made.visit(1, made.hour(0, 9, minutes=5))])
    (item,) = layout.by_key[1]

    assert layout.at(item.x + 30, item.y + item.h + 6, 12) is item
    assert layout.at(item.x + 30, item.y + item.h + 6) is None
    assert layout.at(item.x + 30, item.y + item.h + 40, 12) is None


def test_the_hours_in_which_nobody_works_are_closed():
    view = made.diary()
    shut = closed(view, GRID, (), {})

    assert shut[0] == [(0.0, 480.0), (1080.0, 1440.0)]
    rooms = ruled_for(Kind.OPERATORIES, made.MONDAY, clinic_time.zone(made.ZONE))
    by_room = Grid(rooms, tuple(columns(Kind.OPERATORIES, rooms, tuple(made.ROOMS))), 900, 64)
    assert closed(view, by_room, (), {made.ROOM_1: 1})[0] == [(0.0, 420.0), (1140.0, 1440.0)]
    assert closed(None, GRID, (), {}) == [[]] * 7


def test_a_week_of_a_month_ago_shares_nothing_with_this_one():
    before = ruled_for(Kind.WEEK, made.MONDAY - timedelta(days=28), clinic_time.zone(made.ZONE))

    assert before.track_at(made.at(0, 9).timestamp()) == -1
