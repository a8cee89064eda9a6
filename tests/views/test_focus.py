"""Space and Enter never fall on a button that nobody chose, while another one is busy."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.appointment.series import SeriesPart
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.places import LocationForm
from clinic_desk.views.widgets import button, column
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import quiet, stored
from tests.views.operational.conftest import choose, form, page, write


def press(key: Qt.Key) -> None:
    """As somebody at the keyboard: wherever the focus is."""
    focus = QApplication.focusWidget() or QApplication.activeWindow()
    assert focus is not None
    QTest.keyClick(focus, key)


def test_a_second_space_after_booking_a_series_does_not_confirm_the_visit(
    qtbot: QtBot, window: MainWindow, desk: Desk, clinic: Clinic, actor: Actor
) -> None:
    number = builders.an_appointment(clinic)
    window.open_editor(stored(actor, number))
    quiet(qtbot, desk)
    editor = window.editors[number]
    qtbot.waitUntil(editor.isActiveWindow)
    part = editor.parts.show_part("series")
    assert isinstance(part, SeriesPart)
    qtbot.wait(250)
    quiet(qtbot, desk)
    before = stored(actor, number).status
    part.book.setFocus()
    assert part.book.hasFocus()

    press(Qt.Key.Key_Space)
    assert not part.book.isEnabled()
    assert editor.focusWidget() is part.book.parentWidget()
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return)
    quiet(qtbot, desk)

    assert before is not Status.CONFIRMED and stored(actor, number).status is before
    assert stored(actor, number).series_id is not None
    assert editor.isVisible() and part.isAncestorOf(editor.focusWidget())
    editor.close()


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_a_second_press_after_saving_a_location_leads_nowhere_else(
    qtbot: QtBot, window: MainWindow, desk: Desk, key: Qt.Key
) -> None:
    robot.click(window.navigation.buttons["operational"])
    quiet(qtbot, desk)
    section = window.screens.operational
    book = page(qtbot, section, "locations")
    choose(qtbot, book, "Main Street")
    write(form(book, LocationForm).name, "High Street")
    book.save_button.setFocus()

    press(key)
    press(key)
    quiet(qtbot, desk)
    press(key)

    assert window.screens.currentWidget() is section
    assert book.isAncestorOf(window.focusWidget())
    assert not book.unsaved


def test_what_can_be_used_again_has_the_focus_again(qtbot: QtBot, window: MainWindow) -> None:
    pressed: list[str] = []
    first = button("First", "first", lambda: pressed.append("first"))
    other = button("Other", "other", lambda: pressed.append("other"))
    frame = QWidget(window)
    frame.setLayout(column(first, other))
    frame.show()
    first.setFocus()
    first.setEnabled(False)
    press(Qt.Key.Key_Space)
    first.setEnabled(True)
    assert first.hasFocus()
    first.hide()
    press(Qt.Key.Key_Return)
    assert pressed == []
    first.show()
    assert first.hasFocus()
    frame.setEnabled(False)
    press(Qt.Key.Key_Space)
    frame.setEnabled(True)
    assert first.hasFocus() and pressed == []
    first.hide()
    press(Qt.Key.Key_Tab)
    assert other.hasFocus()
    first.show()
    assert other.hasFocus()
