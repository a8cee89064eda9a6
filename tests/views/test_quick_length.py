"""How long a new visit is: as swept; where nobody said, as its type."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import quiet

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
