"""Dragging with a real mouse: what moves, what leaves, and that Esc restores exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.grip import Mode
from tests.views.agenda import made

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def board(qtbot):
    return made.shown(qtbot, made.visit(1, made.hour(0, 9)), made.visit(2, made.hour(2, 14)))


def caught(signal: Any) -> list[tuple[Any, ...]]:
    """What a signal tells from now on."""
    found: list[tuple[Any, ...]] = []
    signal.connect(lambda *args: found.append(args))
    return found


def test_a_click_selects_and_moves_nothing(board):
    moves, chosen = caught(board.move_wanted), caught(board.selection_changed)
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(2, 1))
    made.release(board, pos + QPoint(2, 1))

    assert moves == []
    assert [card.id for (card,) in chosen] == [1]
    assert board.selection.id == 1


def test_a_drag_to_another_day_and_time_leaves_as_one_intention(board):
    moves = caught(board.move_wanted)
    pos = made.middle(board, 1)
    made.drag(board, pos, made.place(board, 3, 11, 30))

    ((card, span, provider, room),) = moves
    assert (card.id, span, provider, room) == (1, made.hour(3, 11), made.CHEN, made.ROOM_1)
    assert made.item(board, 1).column == 3
    assert board.model.pending == {1}


def test_a_drag_keeps_the_length_and_snaps_to_the_step(board):
    moves = caught(board.move_wanted)
    pos = made.middle(board, 1)
    made.drag(board, pos, pos + QPoint(0, round(48 * 0.45)))

    assert moves[0][1] == made.hour(0, 9, 30)


def test_shift_snaps_to_five_minutes(board):
    moves = caught(board.move_wanted)
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14))
    end = pos + QPoint(0, 16)
    board.gestures.move(end, SHIFT)
    made.release(board, end, SHIFT)

    assert moves[0][1] == made.hour(0, 9, 20)


def test_a_sideways_drag_keeps_an_odd_minute(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9, 7)))
    moves = caught(board.move_wanted)
    pos = made.middle(board, 1)
    made.drag(board, pos, QPoint(made.place(board, 1, 9).x(), pos.y() + 2))

    assert moves[0][1] == made.hour(1, 9, 7)


def test_putting_back_onto_its_own_place_asks_for_nothing(board):
    moves, pos = caught(board.move_wanted), made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 40), pos + QPoint(1, 1))
    made.release(board, pos + QPoint(1, 1))

    assert moves == []
    assert not board.model.held


@pytest.mark.parametrize("how", ["escape", "right button", "focus", "hidden"])
def test_a_drag_that_is_given_up_restores_exactly(board, how):
    moves, pos = caught(board.move_wanted), made.middle(board, 1)
    board.select(1)
    before, rects = made.picture(board), [i.rect for i in board.layout_.items()]
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), made.place(board, 4, 15))
    assert board.drag_card.id == 1
    assert made.picture(board) != before
    if how == "escape":
        made.key(board, Qt.Key.Key_Escape)
    elif how == "right button":
        QTest.mousePress(
            board.viewport(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, pos
        )
    elif how == "focus":
        board.clearFocus()
        board.setFocus()
    else:
        board.hide()
    made.release(board, made.place(board, 4, 15))

    assert moves == []
    assert board.gestures.mode is Mode.NOP
    assert board.lifted is None
    assert board.drag_card is None
    assert [i.rect for i in board.layout_.items()] == rects
    assert how == "hidden" or made.picture(board) == before


def test_the_ghost_says_its_time_and_place(board):
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), made.place(board, 3, 11, 30))

    ghost = board.gestures.ghost
    assert ghost.legal
    assert "11:00" in ghost.lines[0]
    assert "Dr Chen" in ghost.lines[1]
    assert "Op 1" in ghost.lines[1]


def test_the_ghost_says_every_reason(board):
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), made.place(board, 2, 14, 45))

    reasons = " ".join(board.gestures.ghost.reasons)
    assert "Dr Chen" in reasons
    assert "Op 1" in reasons
    assert "Patient 2" in reasons


def test_outside_the_hours_is_a_reason_too(board):
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), made.place(board, 2, 19, 30))

    assert len(board.gestures.ghost.reasons) == 2


def test_what_only_the_index_knows_is_told_without_a_name(board):
    class Index:
        def busy_spans(self, resource_id, span):
            taken = made.hour(3, 10)
            part = taken.clipped(span) if resource_id == made.CHEN else None
            return [part] if part else []

    board.set_occupancy(Index())
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), made.place(board, 3, 11))
    (reason,) = board.gestures.ghost.reasons
    assert "busy" in reason
    assert "with" not in reason

    made.move(board, made.place(board, 4, 11))
    assert board.gestures.ghost.legal


def test_its_own_place_does_not_count_against_a_visit(board):
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), pos + QPoint(0, 24))

    assert board.gestures.ghost.legal


def test_ctrl_copies_and_the_original_counts(board):
    copies, moves = caught(board.copy_wanted), caught(board.move_wanted)
    pos, end = made.middle(board, 1), made.place(board, 4, 11, 30)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14))
    board.gestures.move(pos + QPoint(0, 12), CTRL)
    assert not board.gestures.ghost.legal
    board.gestures.move(end, CTRL)
    board.lift()
    assert board.gestures.ghost.legal
    assert board.lifted is None
    made.release(board, end, CTRL)

    assert moves == []
    assert copies[0][1] == made.hour(4, 11)
    assert board.model.pending == frozenset()


@pytest.mark.parametrize(
    ("edge", "by", "expected"),
    [
        ("bottom", 48, Span(made.at(0, 9), made.at(0, 11))),
        ("bottom", -24, Span(made.at(0, 9), made.at(0, 9, 30))),
        ("top", -24, Span(made.at(0, 8, 30), made.at(0, 10))),
        ("top", 400, Span(made.at(0, 9, 55), made.at(0, 10))),
    ],
)
def test_an_edge_stretches(board, edge, by, expected):
    moves = caught(board.move_wanted)
    box = board.item_rect(made.item(board, 1))
    grip = QPoint(box.center().x(), box.top() + 2 if edge == "top" else box.bottom() - 2)
    made.press(board, grip)
    made.move(board, grip + QPoint(0, 12 if by > 0 else -12), grip + QPoint(0, by))
    assert board.gestures.mode in (Mode.RESIZE_TOP, Mode.RESIZE_BOTTOM)
    made.release(board, grip + QPoint(0, by))

    assert moves[0][1] == expected


def test_sweeping_over_free_time_asks_for_something_new(board):
    wanted = caught(board.create_wanted)
    begin, end = made.place(board, 1, 10, 2), made.place(board, 1, 11, 10)
    made.drag(board, begin, end)

    assert wanted == [(Span(made.at(1, 10), made.at(1, 11, 15)), None, None)]
    assert board.proposal == (1, 600.0, 675.0)
    made.key(board, Qt.Key.Key_Escape)
    assert board.proposal is None


def test_sweeping_upwards_is_the_same(board):
    wanted = caught(board.create_wanted)
    made.drag(board, made.place(board, 1, 11, 10), made.place(board, 1, 10, 2))

    assert wanted[0][0] == Span(made.at(1, 10), made.at(1, 11, 15))


def test_a_sweep_in_a_providers_column_says_whose_time(qtbot):
    board = made.shown(qtbot, kind="day-providers")
    wanted = caught(board.create_wanted)
    made.drag(board, made.place(board, 1, 10), made.place(board, 1, 11))

    assert wanted[0][1:] == (made.PATEL, None)


def test_carrying_to_another_provider_and_room(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9)), kind="day-providers")
    moves = caught(board.move_wanted)
    made.drag(board, made.middle(board, 1), made.place(board, 1, 9, 30))
    assert moves[0][1:] == (made.hour(0, 9), made.PATEL, made.ROOM_1)

    rooms = made.shown(
        qtbot, made.visit(1, made.hour(0, 9), operatory=None), kind="day-operatories"
    )
    assert len(rooms.grid.columns) == 3
    moves = caught(rooms.move_wanted)
    made.drag(rooms, made.middle(rooms, 1), made.place(rooms, 1, 9, 30))
    assert moves[0][1:] == (made.hour(0, 9), made.CHEN, made.ROOM_2)


def test_an_event_is_carried_like_a_visit(qtbot):
    board = made.shown(qtbot, events=[made.event(7, made.hour(0, 9))])
    moves = caught(board.move_wanted)
    made.drag(board, made.middle(board, -7), made.place(board, 2, 12))

    ((card, span, resource, room),) = moves
    assert (card.id, span, resource, room) == (7, made.hour(2, 11, 30), made.CHEN, None)


def test_a_refresh_waits_until_the_drag_is_over(board):
    pos = made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), made.place(board, 3, 11))
    newer = made.visit(2, made.hour(5, 8), version=2)
    board.set_data(made.diary([made.visit(1, made.hour(0, 9)), newer]))

    assert made.item(board, 2).column == 2
    assert board.drag_card.id == 1
    made.key(board, Qt.Key.Key_Escape)
    assert made.item(board, 2).column == 5


def test_the_drag_goes_on_in_the_week_that_is_turned_to(board):
    moves = caught(board.move_wanted)
    pos, end = made.middle(board, 1), made.place(board, 4, 11, 30)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), end)
    later = made.MONDAY + timedelta(days=7)
    board.set_view("week", later)
    board.set_data(made.diary([made.visit(9, made.hour(8, 9))], monday=later))

    assert 9 in board.layout_.by_key
    assert board.drag_card.id == 1
    made.release(board, end)
    assert moves[0][1] == made.hour(11, 11)
    assert board.layout_.by_key[1][0].column == 4


@pytest.mark.parametrize(("side", "direction"), [(-1, "plain"), (1, "plain"), (1, "mirrored")])
def test_staying_at_the_side_turns_to_other_days(qtbot, side, direction):
    way = (
        Qt.LayoutDirection.RightToLeft
        if direction == "mirrored"
        else Qt.LayoutDirection.LeftToRight
    )
    board = made.shown(qtbot, made.visit(1, made.hour(2, 9)), direction=way)
    turned, pos = caught(board.period_wanted), made.middle(board, 1)
    made.press(board, pos)
    x = 6 if side < 0 else board.viewport().width() - 6
    made.move(board, pos + QPoint(0, 14), QPoint(x, pos.y()))
    qtbot.waitUntil(lambda: len(turned) > 0, timeout=3000)
    board.cancel()

    assert turned[0] == (side if direction == "plain" else -side,)


def test_the_page_scrolls_at_its_edge_and_the_ghost_goes_with_it(board, qtbot):
    pos = made.middle(board, 1)
    made.press(board, pos)
    bottom = QPoint(pos.x(), board.viewport().height() - 3)
    made.move(board, pos + QPoint(0, 14), bottom)
    bar = board.verticalScrollBar()
    before, ghost = bar.value(), board.gestures.ghost.begin
    qtbot.waitUntil(lambda: bar.value() > before + 60, timeout=3000)

    assert board.gestures.ghost.begin > ghost
    board.cancel()
    stopped = bar.value()
    QTest.qWait(60)
    assert bar.value() == stopped


def test_let_go_outside_nothing_moves_and_the_shell_is_told(board):
    outside, moves = caught(board.drag_dropped_outside), caught(board.move_wanted)
    where = caught(board.drag_moved)
    pos = made.middle(board, 1)
    made.press(board, pos)
    away = QPoint(board.width() + 60, 100)
    made.move(board, pos + QPoint(0, 14), away)
    assert board.gestures.ghost is None
    made.release(board, away)

    ((card, at),) = outside
    assert card.id == 1
    assert at == board.viewport().mapToGlobal(away) == where[-1][0]
    assert moves == []


def test_a_place_that_the_clocks_jump_over_cannot_be_dropped_on(qtbot):
    monday = date(2031, 3, 24)
    card = made.visit(1, Span.lasting(made.at(0, 1, monday=monday), 30))
    board = made.shown(qtbot, card, first=monday, monday=monday)
    board.verticalScrollBar().setValue(0)
    moves = caught(board.move_wanted)
    made.drag(board, made.middle(board, 1), made.place(board, 6, 2, 30))

    assert moves == []
    assert "does not exist" in board.access.spoken[-1]
    assert made.item(board, 1).column == 0


def test_a_refused_move_glides_back(board, qtbot):
    made.drag(board, made.middle(board, 1), made.place(board, 3, 11, 30))
    assert made.item(board, 1).column == 3
    board.take_back(1)

    assert made.item(board, 1).column == 0
    qtbot.waitUntil(lambda: not board.glide.active, timeout=2000)


def test_a_stored_move_stays_with_its_new_version(board):
    made.drag(board, made.middle(board, 1), made.place(board, 3, 11, 30))
    stored = replace(made.visit(1, made.hour(3, 11)), version=2)
    board.settle(stored)

    assert board.model.pending == frozenset()
    assert board.model.card(1) == stored


def test_a_move_that_is_on_its_way_is_not_undone_by_an_older_view(board):
    made.drag(board, made.middle(board, 1), made.place(board, 3, 11, 30))
    board.set_data(made.diary([made.visit(1, made.hour(0, 9))]))
    assert made.item(board, 1).column == 3

    board.set_data(made.diary([made.visit(1, made.hour(4, 9), version=2)]))
    assert made.item(board, 1).column == 4


def test_a_double_click_opens_or_begins(board):
    opened, wanted = caught(board.open_wanted), caught(board.create_here_wanted)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseDClick(board.viewport(), left, none, made.middle(board, 1))
    assert [card.id for (card,) in opened] == [1]

    free = made.place(board, 4, 10, 3)
    QTest.mouseClick(board.viewport(), left, none, free)
    QTest.mouseDClick(board.viewport(), left, none, free)
    assert wanted == [(made.hour(4, 10, minutes=30), None, None)]


def test_the_drag_of_a_mirrored_week_goes_where_the_pointer_is(qtbot):
    board = made.shown(
        qtbot, made.visit(1, made.hour(0, 9)), direction=Qt.LayoutDirection.RightToLeft
    )
    moves = caught(board.move_wanted)
    assert made.middle(board, 1).x() > board.viewport().width() * 5 / 7
    pos = made.middle(board, 1)
    made.drag(board, pos, QPoint(10 + board.viewport().width() // 14, pos.y()))

    assert moves[0][1] == made.hour(6, 9)
