"""Enter does what has the focus or what is expected, Esc what is safe, in every dialog."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.views.actions import lettered, menus
from clinic_desk.views.commands import about
from clinic_desk.views.crash import CrashDialog
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.widgets import button, column

ENTER, ESC, TAB = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab


def press(dialog: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(dialog.focusWidget() or dialog, key)


def shown(qtbot: QtBot, dialog: QDialog) -> QDialog:
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def test_enter_presses_the_button_with_the_focus_and_else_the_default_one(qtbot: QtBot) -> None:
    pressed: list[str] = []
    dialog, field = QDialog(), QLineEdit()
    go = button("Go", "go", lambda: pressed.append("go"))
    go.setDefault(True)
    keep = button("Keep", "keep", lambda: pressed.append("keep"))
    dialog.setLayout(column(field, go, keep))
    shown(qtbot, dialog)
    field.setFocus()
    press(dialog, ENTER)
    keep.setFocus()
    press(dialog, ENTER)
    QTest.keyClick(keep, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert pressed == ["go", "keep", "keep"]


@pytest.mark.parametrize("presses", [(ESC,), (TAB, ENTER)])
def test_esc_and_keep_editing_stay_where_one_is(qtbot: QtBot, presses: tuple[Qt.Key, ...]) -> None:
    told: list[str] = []
    holder = QWidget()
    qtbot.addWidget(holder)
    dialog = LeavingQuestion("Smith, Jane", holder)
    dialog.save_wanted.connect(lambda: told.append("save"))
    dialog.discard_wanted.connect(lambda: told.append("discard"))
    shown(qtbot, dialog)
    for key in presses:
        if key == TAB:
            while dialog.focusWidget().objectName() != "leaving-keep":
                press(dialog, TAB)
        else:
            press(dialog, key)
    assert told == [] and not dialog.isVisible()


def test_enter_at_once_saves_what_was_typed(qtbot: QtBot) -> None:
    told: list[str] = []
    holder = QWidget()
    qtbot.addWidget(holder)
    dialog = LeavingQuestion("Smith, Jane", holder)
    dialog.save_wanted.connect(lambda: told.append("save"))
    shown(qtbot, dialog)
    press(dialog, ENTER)
    assert told == ["save"]


@pytest.mark.parametrize("key", [ENTER, ESC])
def test_what_only_tells_something_is_closed_by_enter_and_esc(
    qtbot: QtBot, window: MainWindow, key: Qt.Key
) -> None:
    for dialog in (CrashDialog("a traceback", None), about(window)):
        shown(qtbot, dialog)
        press(dialog, key)
        assert not dialog.isVisible()


def test_the_details_of_a_crash_are_unfolded_by_keys(qtbot: QtBot) -> None:
    dialog = CrashDialog("a traceback", None)
    shown(qtbot, dialog)
    fold = dialog.findChild(QPushButton, "crash-show")
    assert fold is not None
    fold.setFocus()
    press(dialog, ENTER)
    assert dialog.isVisible() and dialog.details.isVisible()


@pytest.mark.parametrize("tag", i18n.available())
def test_every_menu_has_a_letter_of_its_own(tag: str) -> None:
    i18n.set_language(tag)
    titles = lettered([title for title, _deeds in menus().values()])
    letters = [title.partition("&")[2][:1].casefold() for title in titles]
    assert len(set(letters)) == len(titles)
    assert all(letters)


def test_a_letter_that_two_menus_want_stays_with_the_first() -> None:
    assert lettered(["&Affichage", "&Aide", "&Aller", "x"]) == [
        "&Affichage",
        "A&ide",
        "A&ller",
        "&x",
    ]
