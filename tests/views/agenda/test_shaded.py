"""A pointer that rests on a shaded place of the calendar is told why it is shaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda import elsewhere
from clinic_desk.views.agenda.elsewhere import HeldCard
from tests.views.agenda import made


def tip(widget: QWidget, pos: QPoint) -> str:
    """What is told where the pointer rests."""
    QToolTip.hideText()
    for _again in range(100):
        if not QToolTip.isVisible():
            break
        QTest.qWait(10)
    where = widget.mapToGlobal(pos)
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, pos, where))
    return QToolTip.text().replace("\u2068", "").replace("\u2069", "").replace("\u202f", " ")


def rested(board: Any, column: int, hour: int, minute: int = 30) -> str:
    board.verticalScrollBar().setValue(board.grid.y(max(hour - 2, 0) * 60))
    return tip(board.viewport(), made.place(board, column, hour, minute))


def test_open_time_says_nothing_and_a_visit_tells_of_itself(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 20)))
    assert rested(board, 0, 9) == ""
    assert rested(board, 0, 20, 20) == ""


@pytest.mark.parametrize(
    ("kind", "early", "late"),
    [
        ("week", "Nobody who is shown works then.", "The clinic is closed then."),
        ("day-providers", "Dr Chen does not work then.", "The clinic is closed then."),
    ],
)
def test_hours_out_of_work_say_whose_they_are_and_when_the_day_has_some(qtbot, kind, early, late):
    board = made.shown(qtbot, kind=kind)
    assert rested(board, 0, 7).splitlines() == [early, "Hours on this day: 8:00 AM–6:00 PM"]
    assert rested(board, 0, 22).splitlines()[0] == late


def test_a_closed_day_says_its_name_in_its_column_and_over_it(qtbot):
    board = made.shown(qtbot)
    holiday = made.MONDAY + timedelta(days=1)
    closed = replace(made.CATALOGUE, closed_days={1: {holiday: "Pentecost"}})
    board.set_catalogue(closed)
    view = made.diary()
    hours = {
        number: tuple(one for one in spans if one[1].starts_at.date() != holiday)
        for number, spans in view.open_hours.items()
    }
    board.set_data(replace(view, open_hours=hours))
    assert rested(board, 1, 10) == "Closed: Pentecost"
    assert rested(board, 0, 10) == ""
    over = QPoint(board.header.inset + sum(board.grid.edges(1)) // 2, 20)
    assert tip(board.header, over) == "Tuesday, May 20, 2031\nClosed: Pentecost"


def test_an_hour_that_the_clocks_skip_and_a_time_that_is_being_booked_are_told(qtbot):
    board = made.shown(qtbot, monday=date(2031, 3, 24), first=date(2031, 3, 24))
    assert rested(board, 6, 2) == "This day does not have this hour: the clocks change."
    board.set_held([HeldCard(made.CHEN, Span(
        made.at(0, 9, monday=date(2031, 3, 24)), made.at(0, 10, monday=date(2031, 3, 24))
    ), "Kim")])  # fmt: skip
    left, right = board.grid.edges(0)
    board.verticalScrollBar().setValue(board.grid.y(7 * 60))
    strip = QPoint(right - 9, board.grid.y(9 * 60 + 30)) - board.offset
    assert "Being booked by Kim" in tip(board.viewport(), strip)
    aside = QPoint(left + 20, strip.y())
    assert "Being booked by Kim" in tip(board.viewport(), aside)  # no card is in the way


def test_who_books_a_time_is_written_where_no_card_hides_it(qtbot, monkeypatch):
    written: list[QRect] = []
    monkeypatch.setattr(elsewhere, "_write", lambda _on, box, *_more: written.append(QRect(box)))
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9)), kind="day-providers")
    board.set_held([HeldCard(made.CHEN, made.hour(0, 8, 30, minutes=180), "Kim")])
    written.clear()
    board.viewport().grab()
    assert written
    assert all(box.top() == made.item(board, 1).y + made.item(board, 1).h + 1 for box in written)
