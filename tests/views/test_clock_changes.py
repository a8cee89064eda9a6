"""The two nights on which the clocks change: nothing moves by itself, no time is made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import QDate, QPoint, Qt, QTime
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.rules.spans import Span
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot, words
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.visits import Visits
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored

FIRST = Span.lasting(datetime(2031, 10, 26, 0, 30, tzinfo=UTC), 30)
"""Half past two in Vienna, before the clocks go back."""
SECOND = Span.lasting(datetime(2031, 10, 26, 1, 30, tzinfo=UTC), 30)
"""Half past two again."""

Open = Callable[[Span], AppointmentEditor]


@pytest.fixture
def editor(qtbot: QtBot, clinic: builders.Clinic, desk: Desk, guarded: Callable[[], None]) -> Open:
    """Opens the editor on a visit at a time."""

    def made(span: Span) -> AppointmentEditor:
        card = stored(desk.actor, builders.an_appointment(clinic, span))
        guarded()
        form = AppointmentEditor(desk, Visits(desk, lambda: form), card)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(form)
        form.show()
        return form

    return made


@pytest.mark.parametrize("span", [FIRST, SECOND])
def test_notes_of_a_visit_in_the_hour_that_comes_twice_do_not_move_it(
    qtbot: QtBot, desk: Desk, editor: Open, span: Span
) -> None:
    form = editor(span)
    assert not form.is_edited
    QTest.keyClicks(form.form.notes, "typed")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    card = stored(desk.actor, form.card.id)
    assert (card.notes, card.span) == ("typed", span)


def test_the_other_of_two_times_can_be_chosen(editor: Open) -> None:
    form = editor(FIRST)
    assert form.form.fold.isVisible()
    assert [form.form.fold.itemText(n) for n in (0, 1)] == [
        "first time (CEST)",
        "second time (CET)",
    ]
    QTest.keyClick(form.form.fold, Qt.Key.Key_Down)
    assert form.form.values().span == SECOND
    assert form.save_button.isEnabled()


def test_only_a_time_that_comes_twice_is_asked_about(clinic: builders.Clinic, editor: Open) -> None:
    form = editor(clinic.span(10)).form
    assert not form.fold.isVisible()
    form.day.setDate(QDate(2031, 10, 26))
    assert not form.fold.isVisible()
    form.start.setTime(QTime(2, 30))
    assert form.fold.isVisible()
    assert form.values().span == FIRST
    form.fold.setCurrentIndex(1)
    assert form.values().span == SECOND
    form.start.setTime(QTime(1, 45))
    assert not form.fold.isVisible()
    form.minutes.setValue(90)
    assert form.ends.text() == "until 2:15\u202fAM \u2068CET\u2069"


@pytest.mark.parametrize("day", [date(2031, 3, 30), date(2031, 10, 26)])
def test_a_day_on_which_a_time_is_missing_or_comes_twice_refuses_the_drop(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor, day: date
) -> None:
    friday = day.replace(day=day.day - 2)
    number = elsewhere(builders.an_appointment, clinic, clinic.span(2, 30, day=friday))
    window.calendar.go_to(friday)
    quiet(qtbot, window.desk)
    board = window.calendar.board
    box = board.item_rect(board.layout_.by_key[number][0])
    board.verticalScrollBar().setValue(board.offset.y() + box.y() - 100)
    box = board.item_rect(board.layout_.by_key[number][0])
    table = window.mini_month.table
    cell = table.visualRect(window.mini_month.model.place(day)).center()
    where = board.viewport().mapFromGlobal(table.viewport().mapToGlobal(cell))
    robot.drag(board.viewport(), box.topLeft() + QPoint(10, 10), where)
    quiet(qtbot, window.desk)
    assert "2:30" in window.messages.text
    assert stored(actor, number).span == clinic.span(2, 30, day=friday)
    assert not board.model.pending


def test_a_time_that_comes_twice_says_which_of_the_two_it_is():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    told = [
        words.clock(first + timedelta(hours=number), "Europe/Vienna") for number in range(-1, 3)
    ]

    half_past_two = "2:30\u202fAM"
    assert told == [
        "1:30\u202fAM",
        f"{half_past_two} \u2068CEST\u2069",
        f"{half_past_two} \u2068CET\u2069",
        "3:30\u202fAM",
    ]
