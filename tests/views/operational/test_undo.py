"""Ctrl+Z on the pages of Operational: what was saved there goes back, and the page shows it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.services import clinic as set_up
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.operational_screen import OperationalScreen
from clinic_desk.views.operational.places import LocationForm
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, save, write

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(
    qtbot: QtBot, window: MainWindow, section: OperationalScreen, *, again: bool = False
) -> None:
    section.list.setFocus()
    QTest.keyClick(section.list, Qt.Key.Key_Z, CTRL | SHIFT if again else CTRL)
    quiet(qtbot, window.desk)


def test_a_location_that_was_added_goes_and_comes_back(
    qtbot: QtBot, window: MainWindow, section: OperationalScreen, actor: Actor
) -> None:
    book = page(qtbot, section, "locations")
    robot.click(book.face.add)
    write(form(book, LocationForm).name, "Harbour")
    save(qtbot, book)
    assert names(book) == ["Harbour", "Main Street"]

    press(qtbot, window, section)
    assert names(book) == ["Main Street"]
    assert len(elsewhere(set_up.locations, actor)) == 1
    press(qtbot, window, section, again=True)
    assert names(book) == ["Harbour", "Main Street"]


def test_a_name_goes_back_in_the_list_and_in_the_open_form(
    qtbot: QtBot, window: MainWindow, section: OperationalScreen
) -> None:
    book = page(qtbot, section, "locations")
    choose(qtbot, book, "Main Street")
    fields = form(book, LocationForm)
    fields.name.clear()
    write(fields.name, "Side Street")
    save(qtbot, book)
    assert names(book) == ["Side Street"]

    assert "Saved" in window.messages.text
    robot.click(window.messages.undo)
    quiet(qtbot, window.desk)
    assert names(book) == ["Main Street"]
    press(qtbot, window, section, again=True)
    assert names(book) == ["Side Street"]
    press(qtbot, window, section)
    assert names(book) == ["Main Street"]
    assert form(book, LocationForm).name.text() == "Main Street"
    assert not book.unsaved
