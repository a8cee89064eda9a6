"""What a screen reader is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from clinic_desk.rules.lifecycle import Status
from clinic_desk.views.agenda.access import SLOT
from tests.views.agenda import made
from tests.views.agenda.test_gestures import caught


def test_a_visit_says_day_time_patient_type_provider_place_and_status(qtbot):
    board = made.shown(
        qtbot,
        made.visit(1, made.hour(1, 10, minutes=45), status=Status.CONFIRMED),
        made.visit(2, made.hour(1, 10, 15), provider=made.PROVIDERS[made.PATEL]),
    )
    told = board.access.name(1)

    for part in ("Tuesday", "10:00", "10:45", "Patient 1", "New patient exam", "Dr Chen", "Op 1",
                 "Main Street", "Confirmed", "1 of 2"):  # fmt: skip
        assert part in told


def test_the_slot_under_the_cursor_is_told_too(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 11)), kind="day-providers")
    board.cursor_.put_at(board.layout_, 0, 9 * 60, 15)
    told = board.access.name(SLOT)
    assert "Monday" in told
    assert "9:00" in told
    assert "Dr Chen" in told
    assert "free" in told
    assert "11:00" in told

    board.cursor_.put_at(board.layout_, 0, 6 * 60, 15)
    assert "closed" in board.access.name(SLOT)


def test_a_visit_elsewhere_is_told_by_its_own_clock_which_is_named(qtbot):
    away = made.visit(1, made.hour(1, 1), time_zone="America/New_York", operatory=None)
    board = made.shown(qtbot, away)
    told = board.access.name(1)

    assert "Monday" in told  # there it is still the evening before
    assert "7:00\u202fPM to 8:00\u202fPM \u2068New York\u2069" in told
    assert "Tuesday" not in told
    assert "New York" in board.hover.told(away)
    board.select(1)
    made.key(board, Qt.Key.Key_M, Qt.Key.Key_Down)
    assert "Mon, May 19, 7:15\u202fPM–8:15\u202fPM \u2068New York\u2069" in board.access.spoken[-1]


def test_a_slot_elsewhere_is_told_by_the_clock_of_its_room_or_of_where_its_provider_works(qtbot):
    there = replace(made.LOCATION, id=2, name="Lakeside", time_zone="America/New_York")
    catalogue = replace(
        made.CATALOGUE,
        locations={1: made.LOCATION, 2: there},
        operatories=made.ROOMS | {made.ROOM_2: replace(made.ROOMS[made.ROOM_2], location_id=2)},
    )
    board = made.shown(qtbot, kind="day-operatories")
    board.set_catalogue(catalogue)
    board.cursor_.put_at(board.layout_, 1, 16 * 60, 15)
    assert "10:00\u202fAM \u2068New York\u2069" in board.access.name(SLOT)
    board.cursor_.put_at(board.layout_, 0, 16 * 60, 15)
    assert "4:00\u202fPM," in board.access.name(SLOT)

    board.set_view("day-providers", made.MONDAY, tuple(made.PROVIDERS))
    hours = {made.PATEL: ((2, made.hour(0, 14, minutes=300)),)}
    board.set_data(replace(made.diary(), open_hours=hours))
    board.cursor_.put_at(board.layout_, 1, 16 * 60, 15)
    told = board.access.name(SLOT)
    assert "10:00\u202fAM \u2068New York\u2069" in told
    assert "until 1:00\u202fPM" in told


def test_the_calendar_is_a_list_of_what_is_in_sight(qtbot):
    board = made.shown(
        qtbot,
        made.visit(1, made.hour(0, 9)),
        made.visit(2, made.hour(0, 3)),
        events=[made.event(5, made.hour(2, 12))],
    )
    board.select(1)
    face = QAccessible.queryAccessibleInterface(board)
    names = [face.child(n).text(QAccessible.Text.Name) for n in range(face.childCount())]
    ids = [face.child(n).text(QAccessible.Text.Identifier) for n in range(face.childCount())]

    assert face.role() == QAccessible.Role.List
    assert ids == ["appointment-1", "event-5"]
    assert "Meeting" in names[1]
    assert face.child(0).rect().center() == board.viewport().mapToGlobal(made.middle(board, 1))
    assert face.child(0).state().selected


def test_a_child_can_be_pressed(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9)))
    opened = caught(board.open_wanted)
    child: Any = board.access.child(1)
    child._actions.doAction(child._actions.pressAction())

    assert [card.id for (card,) in opened] == [1]


def test_nothing_is_made_while_nobody_listens(qtbot):
    board = made.shown(qtbot, *(made.visit(n, made.hour(n % 7, 9)) for n in range(1, 20)))
    board.select(3)

    assert not board.access._faces


def test_a_child_of_a_visit_that_is_gone_goes_too(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9)), made.visit(2, made.hour(1, 9)))
    board.access.child(1)
    board.access.child(2)
    board.set_data(made.diary([made.visit(2, made.hour(1, 9))]))

    assert set(board.access._faces) == {2}


def test_the_next_statuses_of_a_visit_are_actions_of_its_child(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9)))
    wanted = caught(board.status_wanted)
    child: Any = board.access.child(1)
    assert "Arrived" in child._actions.actionNames()
    child._actions.doAction("Arrived")

    ((card, status),) = wanted
    assert (card.id, status) == (1, Status.ARRIVED)
