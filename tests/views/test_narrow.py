"""A small screen: the week is whole, no word is cut off without a sign."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QToolButton
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.calendar_toolbar import CalendarToolbar
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import COLUMNS
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.remember import Memory
from tests import builders
from tests.views.conftest import elsewhere, quiet

CTRL = Qt.KeyboardModifier.ControlModifier
LONG = "Zahnmedizinisches Versorgungszentrum am Hauptbahnhof"


def cut(bar: CalendarToolbar) -> list[str]:
    """The names of what shows only a part of its text."""
    out = []
    for button in bar.findChildren(QToolButton):
        if button.isVisible() and button.text():
            room = button.width() - 6
            font = QFont(button.font())
            if button.property("look") == "segment":  # the marked one is written more strongly
                room -= 18
                font.setWeight(QFont.Weight.DemiBold)
            if QFontMetrics(font).horizontalAdvance(button.text()) > room:
                out.append(button.objectName())
    for box in bar.findChildren(QComboBox):
        if box.isVisible():
            option = QStyleOptionComboBox()
            box.initStyleOption(option)
            field = box.style().subControlRect(
                QStyle.ComplexControl.CC_ComboBox,
                option,
                QStyle.SubControl.SC_ComboBoxEditField,
                box,
            )
            if QFontMetrics(box.font()).horizontalAdvance(box.currentText()) > field.width():
                out.append(box.objectName())
    return out


def opened(qtbot: QtBot, desk: Desk, memory: Memory, width: int) -> MainWindow:
    window = MainWindow(desk, memory)
    qtbot.addWidget(window)
    window.resize(width, 700)
    window.show()
    quiet(qtbot, desk)
    return window


def test_the_panel_waits_aside_on_a_small_screen_and_friday_is_in_sight(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, memory: Memory
) -> None:
    window = opened(qtbot, desk, memory, 1024)
    assert not window.panel.isVisible()
    board = window.calendar.board
    assert board.horizontalScrollBar().maximum() == 0
    assert board.grid.edges(4)[1] <= board.viewport().width()
    QTest.keyClick(board, Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(window.panel.isVisible)
    assert window.panel.has_form
    QTest.keyClick(window.panel.form, Qt.Key.Key_Escape)
    assert not window.panel.isVisible()
    window.actions_["panel"].trigger()
    assert window.panel.isVisible()
    window.close()
    again = opened(qtbot, desk, memory, 1024)
    assert again.panel.isVisible()  # somebody wanted it there


def test_the_panel_is_there_on_a_large_screen(qtbot: QtBot, desk: Desk, memory: Memory) -> None:
    assert opened(qtbot, desk, memory, 1440).panel.isVisible()


@pytest.mark.parametrize("language", ["en_US", "de", "ar"])
@pytest.mark.parametrize("width", [1024, 1280])
@pytest.mark.parametrize("panel", [False, True])
def test_no_word_of_the_toolbar_is_cut_off(
    qtbot: QtBot,
    clinic: builders.Clinic,
    desk: Desk,
    memory: Memory,
    language: str,
    width: int,
    panel: bool,
) -> None:
    i18n.set_language(language)
    place = elsewhere(builders.a_location, clinic, name=LONG)
    person = elsewhere(builders.a_provider, clinic, last_name="Oberhuber-Wittgenstein-Sayn")
    desk.renew_catalogue()
    quiet(qtbot, desk)
    memory.put("window/panel", panel)
    window = opened(qtbot, desk, memory, width)
    window.calendar.set_location(place)
    window.calendar.set_providers(frozenset({person}))
    quiet(qtbot, desk)
    bar = window.calendar.toolbar
    index = bar.location.findData(place)
    bar.location.setCurrentIndex(index)
    assert window.panel.isVisible() is panel
    assert cut(bar) == []
    if bar.location.currentText() != LONG:
        assert "…" in bar.location.currentText()
        assert bar.location.itemData(index, Qt.ItemDataRole.ToolTipRole) == LONG
    assert bar.width() <= window.calendar.width()


@pytest.mark.parametrize("panel", [False, True])
def test_the_list_does_not_scroll_sideways_and_leaves_out_what_matters_least(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, memory: Memory, panel: bool
) -> None:
    elsewhere(_long_names, clinic)
    desk.renew_catalogue()
    quiet(qtbot, desk)
    memory.put("window/panel", panel)
    window = opened(qtbot, desk, memory, 1024)
    window.calendar.go_to(builders.TUESDAY)
    window.calendar.set_view(View.LIST)
    quiet(qtbot, desk)
    listed = window.calendar.stack.list
    assert listed.model.rowCount() == 1
    for name in ("day", "time", "patient", "type", "provider", "status"):
        assert not listed.table.isColumnHidden(COLUMNS.index(name)), name
    assert listed.table.horizontalScrollBar().maximum() == 0
    assert listed.table.isColumnHidden(COLUMNS.index("notes"))
    window.resize(1900, 700)
    assert listed.table.horizontalScrollBar().maximum() == 0
    assert not any(map(listed.table.isColumnHidden, range(len(COLUMNS))))


def _long_names(clinic: builders.Clinic) -> None:
    who = builders.a_patient(
        clinic, last_name="Oberhuber-Wittgenstein-Sayn", first_name="Maximilian"
    )
    kind = builders.a_type(clinic, name="Professionelle Zahnreinigung und Untersuchung")
    builders.an_appointment(
        clinic, clinic.span(10), patient_id=who, type_id=kind, notes="comes with her mother " * 8
    )
