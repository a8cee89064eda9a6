"""How long a new visit is: as swept; where nobody said, as its type."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.views import robot
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet

WEDNESDAY = 2


@pytest.fixture
def clinic(store) -> builders.Clinic:
    """The only type of visit takes an hour."""
    made = builders.a_clinic(store)
    from clinic_desk.models.catalogue import AppointmentType

    AppointmentType.update(minutes=60).execute()
    store.forget_catalogue(made.organisation_id)
    return made


def on_board(window: MainWindow, hour: float) -> QPoint:
    """A point of Wednesday's column in the board's viewport."""
    board = window.calendar.board
    left, right = board.grid.edges(WEDNESDAY)
    return QPoint((left + right) // 2, board.grid.y(hour * 60)) - board.offset


def free_slot(window: MainWindow) -> None:
    """The cursor on Wednesday, 10:00, by a click."""
    board = window.calendar.board
    board.verticalScrollBar().setValue(board.grid.y(9 * 60))
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=on_board(window, 10.1))
    assert board.selection is None


def as_shown(qtbot: QtBot, window: MainWindow) -> tuple[int, int]:
    """What the form shows as the length, and the length that it would book."""
    qtbot.waitUntil(lambda: window.panel.has_form)
    quiet(qtbot, window.desk)
    form = window.panel.form
    assert form.slot is not None
    return form.fields.minutes.value(), form.slot.span.minutes


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_N])
def test_a_key_begins_a_visit_as_long_as_its_type(qtbot, window, key):
    free_slot(window)
    QTest.keyClick(window.calendar.board, key)

    assert as_shown(qtbot, window) == (60, 60)


def test_the_button_begins_a_visit_as_long_as_its_type(qtbot, window):
    robot.click(window.panel.details.new)

    assert as_shown(qtbot, window) == (60, 60)


def test_a_double_click_begins_a_visit_as_long_as_its_type(qtbot, window):
    free_slot(window)
    board = window.calendar.board
    QTest.mouseDClick(board.viewport(), Qt.MouseButton.LeftButton, pos=on_board(window, 10.1))

    assert as_shown(qtbot, window) == (60, 60)


def test_a_swept_length_is_kept(qtbot, window):
    free_slot(window)
    QApplication.processEvents()
    robot.drag(window.calendar.board.viewport(), on_board(window, 10.05), on_board(window, 10.7))

    assert as_shown(qtbot, window) == (45, 45)


def marked(window: MainWindow) -> list[tuple[int, float, float]]:
    """The marks on the board: column, minutes from and to."""
    return window.calendar.board.proposals()


def test_the_mark_on_the_board_is_as_long_as_the_form_says(qtbot, window, clinic):
    window.calendar.set_view(View.WORKWEEK)
    free_slot(window)
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Return)
    assert as_shown(qtbot, window) == (60, 60)
    assert marked(window) == [(WEDNESDAY, 600.0, 660.0)]

    form = window.panel.form
    form.fields.minutes.setFocus()
    form.fields.minutes.selectAll()
    QTest.keyClicks(form.fields.minutes, "90")
    QTest.keyClick(form.fields.minutes, Qt.Key.Key_Tab)
    assert marked(window) == [(WEDNESDAY, 600.0, 690.0)]
    QTest.mouseClick(
        window.calendar.board.viewport(), Qt.MouseButton.LeftButton, pos=on_board(window, 13)
    )
    assert marked(window) == [(WEDNESDAY, 600.0, 690.0)]

    window.calendar.step(1)
    assert marked(window) == []
    window.calendar.step(-1)
    assert marked(window) == [(WEDNESDAY, 600.0, 690.0)]
    QTest.keyClick(form.search.field, Qt.Key.Key_Escape)
    assert marked(window) == []


def test_another_type_makes_the_mark_as_long_as_it_takes(qtbot, window, clinic):
    elsewhere(builders.a_type, clinic, code="ZAP", name="Zap", minutes=20)
    window.desk.renew_catalogue()
    quiet(qtbot, window.desk)
    free_slot(window)
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Return)
    assert as_shown(qtbot, window) == (60, 60)
    box = window.panel.form.fields.type
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert as_shown(qtbot, window) == (20, 20)
    assert marked(window) == [(WEDNESDAY, 600.0, 620.0)]
