"""Leaving the editor: by Esc, by the frame, with the window, at sign-out; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[], AppointmentEditor]


@pytest.fixture
def number(clinic: builders.Clinic) -> int:
    return builders.an_appointment(clinic, clinic.span(10), notes="old")


@pytest.fixture
def opened(qtbot: QtBot, actor: Actor, number: int, window: MainWindow) -> Open:
    """Opens the visit's editor from the window, as a double click does."""

    def made() -> AppointmentEditor:
        window.open_editor(stored(actor, number))
        editor = window.editors[number]
        qtbot.waitUntil(editor.isVisible)
        quiet(qtbot, window.desk)
        return editor

    return made


def type_notes(editor: AppointmentEditor) -> None:
    editor.form.notes.setFocus()
    editor.form.notes.selectAll()
    QTest.keyClicks(editor.form.notes, "typed")
    assert editor.is_edited


def question(editor: AppointmentEditor) -> LeavingQuestion:
    (found,) = [one for one in editor.findChildren(LeavingQuestion) if one.isVisible()]
    return found


def answer(editor: AppointmentEditor, what: str) -> None:
    robot.click(robot.find(question(editor), QPushButton, f"leaving-{what}"))


def is_gone(editor: AppointmentEditor) -> bool:
    return not shiboken6.isValid(editor)


def test_esc_closes_an_untouched_editor_and_it_opens_again(
    qtbot: QtBot, opened: Open, window: MainWindow, number: int
) -> None:
    editor = opened()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert number not in window.editors
    qtbot.waitUntil(lambda: is_gone(editor))
    assert opened().isVisible()


@pytest.mark.parametrize("way", ["esc", "frame"])
def test_whoever_leaves_something_typed_is_asked(
    qtbot: QtBot, opened: Open, window: MainWindow, actor: Actor, number: int, way: str
) -> None:
    editor = opened()
    type_notes(editor)

    def leave() -> None:
        if way == "esc":
            QTest.keyClick(editor, Qt.Key.Key_Escape)
        else:
            assert not editor.close()

    leave()
    answer(editor, "keep")
    assert editor.isVisible()
    assert editor.form.notes.toPlainText() == "typed"
    leave()
    QTest.keyClick(question(editor), Qt.Key.Key_Escape)
    assert editor.isVisible()
    leave()
    answer(editor, "save")
    qtbot.waitUntil(lambda: is_gone(editor))
    assert stored(actor, number).notes == "typed"
    assert not window.editors


def test_discard_leaves_the_visit_as_it_was(
    qtbot: QtBot, opened: Open, window: MainWindow, actor: Actor, number: int
) -> None:
    editor = opened()
    type_notes(editor)
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    answer(editor, "discard")
    qtbot.waitUntil(lambda: is_gone(editor))
    assert stored(actor, number).notes == "old"
    assert opened().form.notes.toPlainText() == "old"


def test_the_window_stays_until_something_typed_is_answered(
    qtbot: QtBot, opened: Open, window: MainWindow, actor: Actor, number: int
) -> None:
    editor = opened()
    type_notes(editor)
    assert not window.close()
    answer(editor, "keep")
    qtbot.wait(50)
    assert window.isVisible()
    assert editor.form.notes.toPlainText() == "typed"
    assert not window.close()
    answer(editor, "save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert stored(actor, number).notes == "typed"


def test_a_refused_save_on_the_way_out_keeps_editor_and_window(
    qtbot: QtBot, clinic: builders.Clinic, opened: Open, window: MainWindow
) -> None:
    elsewhere(
        builders.an_appointment,
        clinic,
        clinic.span(12),
        patient_id=elsewhere(builders.a_patient, clinic),
    )
    editor = opened()
    editor.form.start.setTime(QTime(12, 0))
    assert not window.close()
    answer(editor, "save")
    qtbot.waitUntil(editor.refusal.isVisible)
    quiet(qtbot, window.desk)
    assert window.isVisible()
    assert editor.form.start.time() == QTime(12, 0)
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    answer(editor, "discard")
    qtbot.wait(50)
    assert window.isVisible(), "that the window was to close is forgotten by now"


def test_what_is_typed_while_it_is_being_saved_stays(
    qtbot: QtBot, opened: Open, window: MainWindow, actor: Actor, number: int
) -> None:
    editor = opened()
    type_notes(editor)
    robot.click(editor.save_button)
    QTest.keyClicks(editor.form.notes, " more")
    quiet(qtbot, window.desk)
    assert stored(actor, number).notes == "typed"
    assert editor.isVisible()
    assert editor.form.notes.toPlainText() == "typed more"
    robot.click(editor.save_button)
    qtbot.waitUntil(lambda: is_gone(editor))
    assert stored(actor, number).notes == "typed more"


def test_an_answer_for_an_editor_that_was_closed_meanwhile_is_no_crash(
    qtbot: QtBot, opened: Open, window: MainWindow, actor: Actor, number: int
) -> None:
    editor = opened()
    window.desk.do(
        diary.change, number, version=editor.card.version, notes="told",
        label="", done=editor._status_set,
    )  # fmt: skip
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    quiet(qtbot, window.desk)
    assert is_gone(editor)
    assert stored(actor, number).notes == "told"
