"""Whoever types a time gets that time, and the wheel changes only the field one works in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QScrollArea, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.views.app import speak
from clinic_desk.views.operational.fields import time_field
from clinic_desk.views.time_field import TimeField
from clinic_desk.views.widgets import column, named


@pytest.fixture(autouse=True)
def as_before(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    yield
    QLocale.setDefault(before)


Open = Callable[[str, str], TimeField]


@pytest.fixture
def a_field(qtbot: QtBot) -> Open:
    """Opens a field between two others, in a window that has the keyboard."""
    windows: list[QWidget] = []

    def opened(language: str, at: str) -> TimeField:
        window, field = _between(language, at)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        before = window.findChild(QLineEdit, "before")
        assert before is not None
        before.setFocus()
        return field

    return opened


def _between(language: str, at: str) -> tuple[QWidget, TimeField]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    speak(app, language)
    window, field = QWidget(), time_field("begins", "Begins", 9)
    assert isinstance(field, TimeField)
    field.setTime(QTime.fromString(at, "HH:mm"))
    window.setLayout(column(named(QLineEdit(), "before"), field, named(QLineEdit(), "after")))
    return window, field


def click(field: TimeField) -> None:
    """Into the text, where its first sign is."""
    line = field.lineEdit()
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(4, line.height() // 2))
    assert field.hasFocus()


def leave(field: TimeField) -> None:
    """To another field with the mouse."""
    other = field.window().findChild(QLineEdit, "before")
    assert isinstance(other, QLineEdit)
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    assert not field.hasFocus()


TYPED = [
    ("de", "15:00", "9:30", "09:30"),
    ("de", "15:00", "11:45", "11:45"),
    ("de", "15:00", "930", "09:30"),
    ("de", "15:00", "9", "09:00"),
    ("de", "09:00", "21.30", "21:30"),
    ("en_US", "13:00", "12:45 PM", "12:45"),
    ("en_US", "13:00", "2:30", "14:30"),
    ("en_US", "13:00", "9:30 pm", "21:30"),
    ("en_US", "13:00", "8:15a", "08:15"),
]


@pytest.mark.parametrize("way", ["click", "all", "tab"])
@pytest.mark.parametrize(("language", "before", "typed", "after"), TYPED)
def test_a_time_that_is_typed_replaces_the_one_that_stood_there(
    a_field: Open, language: str, before: str, typed: str, after: str, way: str
) -> None:
    field = a_field(language, before)
    if way == "tab":
        QTest.keyClick(field.window().focusWidget(), Qt.Key.Key_Tab)
        assert field.hasFocus()
    else:
        click(field)
        assert field.lineEdit().selectedText() == field.text()
    if way == "all":
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert field.lineEdit().selectedText() == field.text()
    QTest.keyClicks(field, typed)

    assert field.time().toString("HH:mm") == after
    assert field.text() == typed
    leave(field)
    assert field.time().toString("HH:mm") == after
    assert field.text() == field.textFromDateTime(field.dateTime())
    assert field.property("tone") in (None, "")


@pytest.mark.parametrize("nonsense", ["25:00", "93", "9:75", "later"])
@pytest.mark.parametrize("language", ["de", "en_US"])
def test_what_is_no_time_keeps_the_former_one_and_is_marked(
    a_field: Open, language: str, nonsense: str
) -> None:
    field = a_field(language, "15:00")
    shown = field.text()
    click(field)
    QTest.keyClicks(field, nonsense)
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert field.time() == QTime(15, 0) and field.text() == shown
    assert field.property("tone") == "error"
    assert nonsense in field.toolTip() and shown in field.accessibleDescription()
    QTest.keyClicks(field, "8:10")
    assert field.time() == QTime(8, 10)
    assert not field.property("tone") and not field.toolTip()


def test_tab_goes_from_the_hour_to_the_minutes_and_after_a_whole_time_out(a_field: Open) -> None:
    field = a_field("de", "15:00")
    field.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(field, "9")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.hasFocus() and field.lineEdit().selectedText() == "00"
    QTest.keyClicks(field, "45")
    assert field.time() == QTime(9, 45)
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()

    field.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(field, "10:15")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus() and field.time() == QTime(10, 15)


def test_arrows_step_as_before_and_backspace_takes_back_a_sign(a_field: Open) -> None:
    field = a_field("de", "15:00")
    click(field)
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.time() == QTime(16, 0)
    QTest.keyClicks(field, "9:35")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, "0")
    assert field.time() == QTime(9, 30) and field.text() == "9:30"
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.time() == QTime(8, 30) and field.text() == "08:30"
    field.setTime(QTime(12, 0))
    assert field.text() == "12:00"


def wheel(widget: QWidget, turned: int) -> None:
    """Turn the wheel of the mouse over the middle of a widget, in eighths of a degree."""
    window = widget.window()
    at = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(at), QPoint(0, turned))


def test_the_wheel_scrolls_the_page_and_changes_only_the_field_with_the_focus(
    qtbot: QtBot,
) -> None:
    number, time = named(QSpinBox(), "number", "Number"), TimeField(QTime(9, 0))
    named(time, "time", "Time")
    choice = named(QComboBox(), "choice", "Choice")
    choice.addItems(["one", "two", "three"])
    line = named(QLineEdit(), "line")
    page, area = QWidget(), QScrollArea()
    page.setLayout(column(line, number, time, choice, 1))
    page.setMinimumHeight(2000)
    area.setWidget(page)
    qtbot.addWidget(area)
    area.resize(300, 300)
    area.show()
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)
    line.setFocus()
    bar = area.verticalScrollBar()

    for over in (number, number.findChild(QLineEdit), time, time.lineEdit(), choice):
        assert over is not None
        bar.setValue(0)
        wheel(over, -120)
        assert bar.value() > 0, over
        assert line.hasFocus()
    assert (number.value(), time.time(), choice.currentIndex()) == (0, QTime(9, 0), 0)

    bar.setValue(0)
    for field in (number, time, choice):
        field.setFocus()
        wheel(field, 120 if field is not choice else -120)
    assert (number.value(), time.time(), choice.currentIndex()) == (1, QTime(10, 0), 1)
    assert bar.value() == 0
