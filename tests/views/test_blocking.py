"""Blocking time: whose time it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.models.diary import CalendarEvent
from clinic_desk.views import robot
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.quick_form import QuickForm
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import elsewhere, quiet


def swept(qtbot: QtBot, window: MainWindow, view: View) -> QuickForm:
    """The form after free time was swept in the first column."""
    window.calendar.go_to(TUESDAY)
    window.calendar.set_view(view)
    quiet(qtbot, window.desk)
    board = window.calendar.board
    left, right = board.grid.edges(0)
    board.verticalScrollBar().setValue(board.grid.y(10 * 60))
    start = QPoint((left + right) // 2, board.grid.y(11 * 60)) - board.offset
    end = QPoint((left + right) // 2, board.grid.y(12 * 60)) - board.offset
    robot.drag(board.viewport(), start, end)
    qtbot.waitUntil(lambda: window.panel.has_form)
    return window.panel.form


def block(qtbot: QtBot, window: MainWindow, form: QuickForm) -> list[int]:
    """Block the time; gives whose is blocked."""
    robot.click(form.as_event)
    QTest.keyClicks(form.title, "Repair")
    robot.click(form.book)
    quiet(qtbot, window.desk)
    return elsewhere(lambda: [event.resource_id for event in CalendarEvent.select()])


@pytest.mark.parametrize("view", [View.ROOMS, View.PROVIDERS, View.WORKWEEK])
def test_the_time_of_whose_column_was_swept_is_blocked(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, view: View
) -> None:
    form = swept(qtbot, window, view)
    whose = clinic.operatory_id if view is View.ROOMS else clinic.provider_id
    assert block(qtbot, window, form) == [whose]


def test_whose_time_is_meant_can_be_said_and_is_told(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    form = swept(qtbot, window, View.ROOMS)
    robot.click(form.as_event)
    room = window.desk.catalogue.operatories[clinic.operatory_id].name
    provider = window.desk.catalogue.providers[clinic.provider_id].name
    assert room in form.when.text()
    assert provider not in form.when.text()
    QTest.keyClick(form.whose, Qt.Key.Key_Up)
    assert provider in form.when.text()
    assert block(qtbot, window, form) == [clinic.provider_id]
