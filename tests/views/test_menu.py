"""The keys in a menu read from left to right, whichever way the page runs."""

from __future__ import annotations

from PySide6.QtWidgets import QStyleOptionMenuItem
from pytestqt.qtbot import QtBot

from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.menu import Menu


def test_the_keys_of_a_menu_are_isolated_from_its_words(qtbot: QtBot, window: MainWindow) -> None:
    menu = window.actions_.menus["view"]
    assert isinstance(menu, Menu)
    larger = window.actions_["zoom-in"]
    with qtbot.waitExposed(menu):
        menu.popup(window.rect().center())
    menu.grab()
    option = QStyleOptionMenuItem()
    menu.initStyleOption(option, larger)
    assert option.text.endswith("\t\u2066Ctrl++\u2069")
    assert larger.text() == "Larger"
    menu.close()
