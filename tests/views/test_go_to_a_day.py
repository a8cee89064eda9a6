"""Ctrl+G goes to the day that is typed, not just to its week."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_desk.views.calendar_choice import View
from tests import builders
from tests.views.conftest import elsewhere, quiet

CTRL = Qt.KeyboardModifier.ControlModifier


def go_to(qtbot, window, text: str) -> None:
    """Ctrl+G, the day as people type it, Enter."""
    QTest.keyClick(window.calendar.surface, Qt.Key.Key_G, CTRL)
    palette = window.palette_
    qtbot.waitUntil(palette.isVisible)
    QTest.keyClicks(palette.field, text)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    window.activateWindow()  # a desktop does so when a popup closes; this one shows nothing
    qtbot.waitUntil(window.isActiveWindow)
    quiet(qtbot, window.desk)


def day_of_cursor(window) -> date:
    board = window.calendar.board
    day: date = board.grid.columns[board.cursor_.column].day
    return day


@pytest.mark.parametrize("view", [View.WEEK, View.WORKWEEK, View.PROVIDERS])
def test_the_cursor_stands_on_the_day(qtbot, window, view):
    window.calendar.set_view(view)
    go_to(qtbot, window, "27 jan 2027")

    assert day_of_cursor(window) == date(2027, 1, 27)
    assert window.calendar.board.hasFocus()


def test_enter_begins_a_visit_on_that_day(qtbot, window):
    go_to(qtbot, window, "27 jan 2027")
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.panel.has_form)

    slot = window.panel.form.slot
    assert slot is not None
    assert slot.span.starts_at.date() == date(2027, 1, 27)


def test_another_day_of_the_same_week(qtbot, window):
    go_to(qtbot, window, "27 jan 2027")
    go_to(qtbot, window, "29 jan 2027")

    assert day_of_cursor(window) == date(2027, 1, 29)


def test_a_day_of_the_weekend_is_shown_too(qtbot, window):
    go_to(qtbot, window, "30 jan 2027")

    assert day_of_cursor(window) == date(2027, 1, 30)


def test_the_month_puts_its_cursor_there(qtbot, window):
    window.calendar.set_view(View.MONTH)
    go_to(qtbot, window, "27 jan 2027")

    assert window.calendar.stack.month.cursor_day == date(2027, 1, 27)


def test_the_list_goes_to_the_first_visit_of_the_day(qtbot, clinic, window):
    days = [date(2027, 1, 26), date(2027, 1, 27), date(2027, 1, 27), date(2027, 1, 29)]
    made = [
        elsewhere(builders.an_appointment, clinic, clinic.span(hour, day=day))
        for day, hour in zip(days, (9, 11, 8, 9), strict=True)
    ]
    window.calendar.set_view(View.LIST)
    quiet(qtbot, window.desk)
    listed = window.calendar.stack.list
    go_to(qtbot, window, "27 jan 2027")  # the week is not read yet
    assert listed.selection is not None and listed.selection.id == made[2]
    assert listed.table.hasFocus()
    go_to(qtbot, window, "29 jan 2027")
    assert listed.selection.id == made[3]
    go_to(qtbot, window, "28 jan 2027")
    assert listed.selection is None
    assert "January 28" in window.messages.text
