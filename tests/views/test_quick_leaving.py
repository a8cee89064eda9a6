"""Leaving the quick form: nothing typed in it is lost without a question."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.models.diary import Appointment, CalendarEvent, Hold
from clinic_desk.views import robot
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.quick_form import QuickForm
from tests import builders
from tests.views.conftest import elsewhere, quiet

CTRL = Qt.KeyboardModifier.ControlModifier


def sweep(window: MainWindow, hour: int) -> None:
    """Draw an hour on the first provider's column."""
    board = window.calendar.board
    board.verticalScrollBar().setValue(board.grid.y(10 * 60))
    middle = sum(board.grid.edges(0)) // 2
    start = QPoint(middle, board.grid.y(hour * 60) + 2) - board.offset
    end = QPoint(middle, board.grid.y((hour + 1) * 60) - 2) - board.offset
    robot.drag(board.viewport(), start, end)


@pytest.fixture
def form(qtbot: QtBot, window: MainWindow) -> QuickForm:
    """The quick form, at eleven."""
    window.calendar.set_view(View.PROVIDERS)
    quiet(qtbot, window.desk)
    sweep(window, 11)
    qtbot.waitUntil(lambda: window.panel.has_form)
    quiet(qtbot, window.desk)
    return window.panel.form


def type_in(qtbot: QtBot, window: MainWindow, form: QuickForm, kind: str) -> None:
    """Everything that is needed: a patient, or what the time is blocked for."""
    if kind == "event":
        robot.click(form.as_event)
        form.title.setFocus()
        QTest.keyClicks(form.title, "Repair")
        return
    QTest.keyClicks(form.search.field, "jane")
    qtbot.waitUntil(lambda: form.search.model.rowCount() > 0)
    QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)


def questions(window: MainWindow) -> list[LeavingQuestion]:
    return [one for one in window.findChildren(LeavingQuestion) if one.isVisible()]


def answer(window: MainWindow, what: str) -> None:
    (asked,) = questions(window)
    robot.click(robot.find(asked, QPushButton, f"leaving-{what}"))


def titles() -> list[str]:
    return elsewhere(lambda: [event.title for event in CalendarEvent.select()])


@pytest.mark.parametrize("kind", ["visit", "event"])
def test_the_window_stays_until_what_is_typed_in_the_quick_form_is_answered(
    qtbot: QtBot, window: MainWindow, form: QuickForm, kind: str
) -> None:
    type_in(qtbot, window, form, kind)
    typed = form.search.field.text(), form.title.text()
    window.show_screen("home")
    assert not window.close()
    assert window.panel.isVisible() and form.isVisible()
    answer(window, "keep")
    qtbot.wait(50)
    assert window.isVisible()
    assert (form.search.field.text(), form.title.text()) == typed

    assert not window.close()
    answer(window, "save")
    qtbot.waitUntil(lambda: not window.isVisible())
    visits = elsewhere(lambda: Appointment.select().count())
    assert (visits, titles()) == ((1, []) if kind == "visit" else (0, ["Repair"]))
    assert not elsewhere(lambda: Hold.select().count())


def test_given_up_nothing_of_it_is_saved_and_the_window_closes(
    qtbot: QtBot, window: MainWindow, form: QuickForm
) -> None:
    type_in(qtbot, window, form, "event")
    assert not window.close()
    answer(window, "discard")
    qtbot.waitUntil(lambda: not window.isVisible())
    quiet(qtbot, window.desk)
    assert titles() == []
    assert not elsewhere(lambda: Hold.select().count())


@pytest.mark.parametrize("way", ["esc", "back"])
def test_leaving_the_form_alone_asks_too_where_something_was_typed(
    qtbot: QtBot, window: MainWindow, form: QuickForm, way: str
) -> None:
    def leave() -> None:
        if way == "back":
            robot.click(form.leave)
        else:
            QTest.keyClick(form.fields.notes, Qt.Key.Key_Escape)

    form.fields.notes.setFocus()
    QTest.keyClicks(form.fields.notes, "brings x-rays")
    leave()
    answer(window, "keep")
    assert window.panel.has_form
    assert form.fields.notes.toPlainText() == "brings x-rays"
    leave()
    answer(window, "discard")
    assert not window.panel.has_form


def test_what_cannot_be_saved_yet_stays_and_says_what_is_missing(
    qtbot: QtBot, window: MainWindow, form: QuickForm
) -> None:
    form.fields.notes.setFocus()
    QTest.keyClicks(form.fields.notes, "brings x-rays")
    assert not window.close()
    answer(window, "save")
    qtbot.wait(50)
    assert window.isVisible()
    assert form.search.hint.isVisible() and "patient" in form.search.hint.text()
    assert window.focusWidget() is form.search.field
    type_in(qtbot, window, form, "visit")
    robot.click(form.book)
    qtbot.waitUntil(lambda: not window.panel.has_form)
    quiet(qtbot, window.desk)
    assert window.isVisible(), "that the window was to close is forgotten by now"


def test_a_refused_save_on_the_way_out_keeps_the_form_and_the_window(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, form: QuickForm
) -> None:
    type_in(qtbot, window, form, "event")
    elsewhere(lambda: Hold.delete().execute())
    elsewhere(builders.an_appointment, clinic, clinic.span(11))
    assert not window.close()
    answer(window, "save")
    qtbot.waitUntil(form.refusal.isVisible)
    quiet(qtbot, window.desk)
    assert window.isVisible()
    assert form.title.text() == "Repair"
    assert "Smith" in form.refusal.reasons.text()


def test_pointing_at_another_time_takes_along_what_is_typed(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, form: QuickForm
) -> None:
    type_in(qtbot, window, form, "visit")
    form.fields.notes.setFocus()
    QTest.keyClicks(form.fields.notes, "brings x-rays")
    sweep(window, 14)
    quiet(qtbot, window.desk)
    assert form.slot is not None and form.slot.span == clinic.span(14, minutes=60)
    assert form.search.patient is not None
    assert form.fields.notes.toPlainText() == "brings x-rays"


def test_another_appointment_by_the_keyboard_asks_about_the_one_that_is_begun(
    qtbot: QtBot, window: MainWindow, form: QuickForm
) -> None:
    type_in(qtbot, window, form, "visit")
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    answer(window, "discard")
    qtbot.waitUntil(lambda: window.panel.has_form and not form.search.field.text())
    assert form.search.patient is None


def test_the_next_free_times_are_those_for_whoever_is_typed_in(
    qtbot: QtBot, window: MainWindow, form: QuickForm
) -> None:
    type_in(qtbot, window, form, "visit")
    slot = form.slot
    window.actions_["next-free"].trigger()
    quiet(qtbot, window.desk)
    assert not questions(window)
    assert form.openings.first() is not None
    assert form.slot == slot and form.search.patient is not None
