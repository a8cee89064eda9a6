"""The section in the real main window, opened by its button in the navigation."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.book import Form
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests.views.conftest import quiet

F = TypeVar("F", bound=Form)


@pytest.fixture
def section(qtbot: QtBot, window: MainWindow) -> OperationalScreen:
    """Operational, as a click in the navigation brings it."""
    robot.click(window.navigation.buttons["operational"])
    quiet(qtbot, window.desk)
    return window.screens.operational


def page(qtbot: QtBot, section: OperationalScreen, name: str) -> BookPage:
    """The page called *name*, chosen in the list by a click."""
    place = next(
        n
        for n in range(section.list.count())
        if section.list.item(n).data(Qt.ItemDataRole.UserRole) == name
    )
    where = section.list.visualItemRect(section.list.item(place)).center()
    QTest.mouseClick(section.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    found = section.page(name)
    assert isinstance(found, BookPage)
    assert section.current == name
    quiet(qtbot, found.desk)
    return found


def choose(qtbot: QtBot, book: BookPage, name: str) -> None:
    """A click on the first entry with *name* in it."""
    lines = book.face.model.shown
    place = next(n for n, line in enumerate(lines) if name in line.text)
    where = book.face.table.visualRect(book.face.model.index(place, 0)).center()
    QTest.mouseClick(book.face.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    quiet(qtbot, book.desk)


def names(book: BookPage) -> list[str]:
    """What the list shows."""
    return [line.text for line in book.face.model.shown]


def form(book: BookPage, kind: type[F]) -> F:
    """The fields of a page."""
    assert isinstance(book.form, kind)
    return book.form


def write(field: QLineEdit, text: str) -> None:
    """Put *text* in place of what stands there, by keys."""
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)


def pick(box: QComboBox, text: str) -> None:
    """Choose by keys, as somebody who tabs through."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _n in range(box.count()):
        if text in box.currentText():
            break
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert text in box.currentText()
    box.activated.emit(box.currentIndex())


def save(qtbot: QtBot, book: BookPage) -> None:
    """A click on Save, and its answer."""
    robot.click(book.save_button)
    quiet(qtbot, book.desk)


def seen(book: BookPage, widget: QWidget) -> QWidget:
    """*widget*, scrolled into sight."""
    book.face.scroll.ensureWidgetVisible(widget)
    return widget
