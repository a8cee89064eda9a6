"""The calendar by keyboard alone: walking, carrying, stretching; the same path as the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda import keys
from tests.views.agenda import made
from tests.views.agenda.test_gestures import caught

K = Qt.Key
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def board(qtbot):
    board = made.shown(
        qtbot,
        made.visit(1, made.hour(0, 9)),
        made.visit(2, made.hour(0, 9, 30), provider=made.PROVIDERS[made.PATEL],
                   operatory=made.ROOMS[made.ROOM_2]),
        made.visit(3, made.hour(1, 9)),
    )  # fmt: skip
    board.cursor_.put_at(board.layout_, 0, 8 * 60, 15)
    return board


def test_arrows_walk_slots_and_visits(board):
    made.key(board, K.Key_Down, K.Key_Down, K.Key_Down)
    assert board.cursor_.key is None
    assert board.cursor_span.starts_at == made.at(0, 8, 45)
    made.key(board, K.Key_Down)
    assert board.selection.id == 1
    made.key(board, K.Key_Down)
    assert board.selection.id == 2
    made.key(board, K.Key_Down)
    assert board.cursor_.key is None
    assert board.cursor_span.starts_at == made.at(0, 10, 30)


def test_left_and_right_go_to_the_visit_beside_and_to_the_next_day(board):
    board.select(1)
    made.key(board, K.Key_Down, K.Key_Up)
    board.select(2)
    made.key(board, K.Key_Left)
    assert board.selection.id == 1
    made.key(board, K.Key_Right, K.Key_Right)
    assert board.selection.id == 3


def test_right_over_the_side_asks_for_the_next_days(board):
    turned = caught(board.period_wanted)
    board.cursor_.put_at(board.layout_, 6, 8 * 60, 15)
    made.key(board, K.Key_Right)

    assert turned == [(1,)]
    assert board.cursor_.column == 0


def test_tab_walks_the_visits_and_then_leaves(qtbot, board):
    window = QWidget()
    qtbot.addWidget(window)
    after = QLineEdit()
    row = QHBoxLayout(window)
    row.addWidget(board)
    row.addWidget(after)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    board.setFocus()
    walked = []
    for _step in range(3):
        made.key(board, K.Key_Tab)
        walked.append(board.selection.id)
    made.key(board, K.Key_Backtab, mod=SHIFT)
    walked.append(board.selection.id)
    made.key(board, K.Key_Tab)
    made.key(board, K.Key_Tab)

    left = after.hasFocus()
    board.setParent(None)

    assert walked == [1, 2, 3, 2]
    assert left


def test_enter_opens_a_visit_and_begins_a_new_one_on_a_free_slot(board):
    opened, wanted = caught(board.open_wanted), caught(board.create_here_wanted)
    board.select(3)
    made.key(board, K.Key_Return)
    assert [card.id for (card,) in opened] == [3]

    board.cursor_.put_at(board.layout_, 2, 10 * 60, 15)
    made.key(board, K.Key_Return)
    assert wanted == [(made.hour(2, 10, minutes=30), None, None)]


def test_a_visit_is_picked_up_carried_and_dropped(board):
    moves = caught(board.move_wanted)
    board.select(3)
    made.key(board, K.Key_M, K.Key_Right, K.Key_Down, K.Key_Down, K.Key_Up)
    assert board.drag_card.id == 3
    made.key(board, K.Key_Return)

    assert moves[0][1] == made.hour(2, 9, 15)
    assert board.drag_card is None
    assert board.selection.id == 3


def test_escape_puts_back_what_was_picked_up(board):
    moves = caught(board.move_wanted)
    board.select(3)
    before = made.picture(board)
    made.key(board, K.Key_M, K.Key_Right, K.Key_Down, K.Key_Escape)

    assert moves == []
    assert made.picture(board) == before


def test_what_is_carried_by_keys_says_where_it_is_and_why_not(board):
    board.select(3)
    made.key(board, K.Key_M, K.Key_Left)

    assert "Patient 1" in board.access.spoken[-1]
    assert "Dr Chen" in board.access.spoken[-1]


def test_carrying_over_the_side_goes_on_in_the_next_week(board):
    turned, moves = caught(board.period_wanted), caught(board.move_wanted)
    board.period_wanted.connect(lambda _by: board.set_view("week", made.at(7, 12).date()))
    board.select(3)
    made.key(board, K.Key_M, *[K.Key_Right] * 6)
    assert turned == [(1,)]
    made.key(board, K.Key_Down, K.Key_Return)

    assert moves[0][1] == made.hour(7, 9, 15)


@pytest.mark.parametrize(
    ("key", "mod", "expected"),
    [
        (K.Key_Down, ALT, made.hour(1, 9, 15)),
        (K.Key_Up, ALT, made.hour(1, 8, 45)),
        (K.Key_Right, ALT, made.hour(2, 9)),
        (K.Key_Down, ALT | SHIFT, made.hour(1, 9, minutes=75)),
        (K.Key_Up, ALT | SHIFT, made.hour(1, 9, minutes=45)),
    ],
)
def test_alt_and_arrows_move_and_stretch_at_once(board, key, mod, expected):
    moves = caught(board.move_wanted)
    board.select(3)
    made.key(board, key, mod=mod)

    assert moves[0][1] == expected
    assert board.selection.id == 3


def test_the_beginning_can_be_stretched_too(board):
    moves = caught(board.move_wanted)
    board.select(3)
    board.stretch(-2, start=True)

    assert moves[0][1] == Span(made.at(1, 8, 30), made.at(1, 10))


def test_a_key_can_be_changed_and_taken_away(board):
    board.set_keys({"agenda.pick_up": "G", "agenda.next": ""})
    board.select(3)
    turned = caught(board.period_wanted)
    made.key(board, K.Key_M, K.Key_PageDown)
    assert not board.gestures.busy
    assert turned == []
    made.key(board, K.Key_G, K.Key_PageUp)
    assert board.drag_card.id == 3
    assert turned == [(-1,)]


def test_every_action_is_listed_with_what_it_does():
    assert set(keys.help_texts()) == set(keys.DEFAULT)
    assert all(keys.help_texts().values())


def test_space_shows_all_that_is_known_and_escape_hides_it(board):
    board.select(3)
    made.key(board, K.Key_Space)
    assert board.hover.isVisible()
    assert "Patient 3" in board.hover.text
    made.key(board, K.Key_Escape)
    assert not board.hover.isVisible()
    assert board.selection.id == 3


def test_parking_asks_for_the_pinboard(board):
    parked = caught(board.park_wanted)
    board.select(3)
    made.key(board, K.Key_X, mod=Qt.KeyboardModifier.ControlModifier)

    assert [card.id for (card,) in parked] == [3]


def test_arrows_go_where_they_point_in_a_mirrored_week(qtbot):
    board = made.shown(
        qtbot, made.visit(3, made.hour(1, 9)), direction=Qt.LayoutDirection.RightToLeft
    )
    moves = caught(board.move_wanted)
    board.select(3)
    x = made.middle(board, 3).x()
    made.key(board, K.Key_Left, mod=ALT)

    assert moves[0][1] == made.hour(2, 9)
    assert made.middle(board, 3).x() < x


def test_home_and_end_go_to_the_sides_of_the_working_day(board):
    made.key(board, K.Key_End)
    assert board.cursor_span.starts_at == made.at(0, 17, 45)
    made.key(board, K.Key_Home)
    assert board.cursor_span.starts_at == made.at(0, 8)
