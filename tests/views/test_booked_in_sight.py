"""What the quick form says is free, and what is in sight after it has booked."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import quiet

TUE = 1


def sweep(qtbot: QtBot, window: MainWindow, hour: float) -> None:
    board = window.calendar.board
    left, right = board.grid.edges(TUE)
    board.verticalScrollBar().setValue(board.grid.y((hour - 2) * 60))
    start = QPoint((left + right) // 2, board.grid.y(hour * 60) + 2) - board.offset
    robot.drag(board.viewport(), start, start + QPoint(0, 30))
    qtbot.waitUntil(lambda: window.panel.has_form)
    quiet(qtbot, window.desk)


def test_only_who_was_asked_about_is_said_to_be_free(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    sweep(qtbot, window, 10)
    form = window.panel.form
    qtbot.waitUntil(lambda: "Free" in form.free.text())
    assert "patient" not in form.free.text()
    assert ("room" in form.free.text()) is (form.slot is not None and bool(form.slot.operatory_id))
    robot.write(form.search.field, "smi")
    qtbot.waitUntil(form.search.table.isVisible)
    QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "patient" in form.free.text())


def test_after_booking_the_new_visit_is_selected_and_shown(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    sweep(qtbot, window, 10)
    form = window.panel.form
    robot.write(form.search.field, "smi")
    qtbot.waitUntil(form.search.table.isVisible)
    QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    robot.click(form.book)
    quiet(qtbot, window.desk)
    card = window.calendar.board.selection
    assert card is not None
    assert card.span.starts_at == clinic.at(10)
    assert window.panel.details.isVisible()
    assert window.panel.details.card == card
    assert window.focusWidget() is window.calendar.board
