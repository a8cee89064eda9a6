"""The month: what a day holds, opening it, carrying a visit to another day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from clinic_desk.rules import clinic_time
from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.month import MonthView
from clinic_desk.views.agenda.month_grid import MonthGrid, moved_to
from tests.views.agenda import made
from tests.views.agenda.test_gestures import caught
from tests.views.agenda.test_shaded import tip

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def month(qtbot):
    view = MonthView()
    view.resize(980, 700)
    qtbot.addWidget(view)
    view.set_catalogue(made.CATALOGUE)
    view.set_zone(made.ZONE)
    view.set_view(date(2031, 5, 1))
    cards = [made.visit(n, made.hour(1, 8 + n)) for n in range(1, 9)]
    view.set_data(made.diary([*cards, made.visit(20, made.hour(3, 9))]))
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    view.setFocus()
    view.grab()
    return view


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 6), st.booleans(),
       st.integers(150, 2000), st.integers(150, 2000))  # fmt: skip
def test_each_day_has_one_cell_and_every_pixel_its_day(month_day, first, mirrored, width, height):
    grid = MonthGrid.around(month_day, first, width, height, mirrored=mirrored)

    assert grid.first.weekday() == first
    assert grid.first <= month_day.replace(day=1) <= grid.first + timedelta(days=6)
    for day in grid.days[::5]:
        box = grid.cell(day)
        for x, y in ((box.x, box.y), (box.x + box.w - 1, box.y + box.h - 1)):
            assert grid.day_at(x, y) == day
    assert grid.day_at(-1, 50) is None
    assert grid.day_at(10, 3) is None


def test_a_day_shows_its_first_visits_and_how_many_more(month):
    tuesday = [place.card.id for place in month.places if place.card.id < 9]

    assert 1 <= len(tuesday) < 8
    assert tuesday == sorted(tuesday)
    assert "8 visits" in month.sentence(date(2031, 5, 20))


def test_a_closed_day_says_why_where_no_visit_is(month):
    holiday = made.MONDAY + timedelta(days=1)
    gone = replace(made.LOCATION, id=2, active=False)
    places = {1: made.LOCATION, 2: gone}  # one that is not in use is not asked
    closed = replace(made.CATALOGUE, closed_days={1: {holiday: "Pentecost"}}, locations=places)
    month.set_catalogue(closed)
    month.grab()
    box = month.grid.cell(holiday)
    visit = next(place.rect.center() for place in month.places if place.card.id == 1)

    assert tip(month, QPoint(box.x + box.w // 2, box.y + 8)) == "Closed: Pentecost"
    assert tip(month, visit) == ""
    assert tip(month, QPoint(box.x - 20, box.y + 8)) == ""
    assert month.sentence(holiday).endswith("Pentecost\u2069")


def test_a_click_on_the_number_and_enter_open_the_day(month):
    days = caught(month.day_wanted)
    box = month.grid.cell(date(2031, 5, 14))
    QTest.mouseClick(month, LEFT, NONE, QPoint(box.x + 14, box.y + 12))
    QTest.keyClick(month, Qt.Key.Key_Right)
    QTest.keyClick(month, Qt.Key.Key_Return)

    assert days == [(date(2031, 5, 14),), (date(2031, 5, 15),)]


def carry(month: MonthView, number: int, day: date) -> QPoint:
    place = next(place for place in month.places if place.card.id == number)
    begin, box = place.rect.center(), month.grid.cell(day)
    end = QPoint(box.x + box.w // 2, box.y + box.h // 2)
    QTest.mousePress(month, LEFT, NONE, begin)
    QTest.mouseMove(month, begin + QPoint(12, 8))
    QTest.mouseMove(month, end)
    return end


def test_a_visit_is_carried_to_another_day_at_the_same_time(month):
    moves = caught(month.move_wanted)
    end = carry(month, 20, date(2031, 5, 29))
    assert month.drag_card.id == 20
    QTest.mouseRelease(month, LEFT, NONE, end)

    ((card, span, provider, room),) = moves
    assert (card.id, span, provider, room) == (20, made.hour(10, 9), made.CHEN, made.ROOM_1)


def test_escape_gives_the_carrying_up(month):
    moves = caught(month.move_wanted)
    end = carry(month, 20, date(2031, 5, 29))
    month.set_data(made.diary())
    QTest.keyClick(month, Qt.Key.Key_Escape)
    QTest.mouseRelease(month, LEFT, NONE, end)

    assert moves == []
    assert month.drag_card is None
    assert month.model.cards == []


def test_the_reasons_are_told_while_carrying(month):
    carry(month, 20, date(2031, 5, 20))
    told = " ".join(text for text, _indent, _begins in month._label.lines)

    assert "Dr Chen" in told
    assert "Patient 1" in told


def test_an_arrow_over_the_edge_asks_for_the_next_month(month):
    turned = caught(month.period_wanted)
    month.cursor_day = month.grid.last
    QTest.keyClick(month, Qt.Key.Key_Down)

    assert turned == [(1,)]


def test_a_time_that_the_clocks_skip_becomes_the_nearest():
    zone = clinic_time.zone(made.ZONE)
    monday = date(2031, 3, 24)
    card = made.visit(1, Span.lasting(made.at(0, 2, 30, monday=monday), 30))
    span = moved_to(card, date(2031, 3, 30), zone)

    assert clinic_time.wall(span.starts_at, zone).hour == 3
    assert span.minutes == 30


def test_on_another_day_a_visit_elsewhere_keeps_the_time_of_its_own_clock():
    """Between both days the clocks change there, and not in the calendar's zone."""
    monday = date(2031, 3, 3)
    there = clinic_time.zone("America/New_York")
    card = made.visit(1, made.hour(0, 1), time_zone="America/New_York")
    card = replace(card, span=Span.lasting(made.at(0, 1, monday=monday), 30))
    span = moved_to(card, date(2031, 3, 11), clinic_time.zone(made.ZONE))

    assert span.starts_at.astimezone(there).isoformat().startswith("2031-03-10T19:00")


def children(month: MonthView) -> dict[str, Any]:
    face = QAccessible.queryAccessibleInterface(month)
    made = [face.child(n) for n in range(face.childCount())]
    return {child.text(QAccessible.Text.Identifier): child for child in made}


def test_each_day_and_each_visit_in_it_is_told_to_a_screen_reader(month):
    told = children(month)
    name = told["appointment-20-2031-05-22"].text(QAccessible.Text.Name)

    assert QAccessible.queryAccessibleInterface(month).role() == QAccessible.Role.List
    assert len([found for found in told if found.startswith("day-")]) == 42
    assert "8 visits" in told["day-2031-05-20"].text(QAccessible.Text.Name)
    for part in ("Thursday", "9:00", "Patient 20", "New patient exam", "Dr Chen", "Op 1"):
        assert part in name
    place = next(place for place in month.places if place.card.id == 20)
    assert told["appointment-20-2031-05-22"].rect().center() == month.mapToGlobal(
        place.rect.center()
    )


def test_a_screen_reader_opens_a_day_and_a_visit(month):
    days, visits = caught(month.day_wanted), caught(month.open_wanted)
    told = children(month)
    for name in ("day-2031-05-20", "appointment-20-2031-05-22"):
        actions = told[name]._actions
        actions.doAction(actions.pressAction())

    assert days == [(date(2031, 5, 20),)]
    assert [card.id for (card,) in visits] == [20]


def test_the_day_under_the_cursor_has_the_focus(month, qtbot):
    month.setFocus()
    month.go_to(date(2031, 5, 21))

    focused = QAccessible.queryAccessibleInterface(month).focusChild()

    assert focused.text(QAccessible.Text.Identifier) == "day-2031-05-21"
    assert focused.state().focused


def test_what_is_no_longer_shown_is_no_child(month):
    children(month)
    month.set_data(made.diary([made.visit(20, made.hour(3, 9))]))
    month.grab()
    month.set_view(date(2031, 8, 1))

    assert len(children(month)) == 42
    assert len(month.faces._made) == 42
