"""What the program as a whole adds to each window's menus: the lock and the language."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.views.shortcuts import Shortcut, restore
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.views.main_window import MainWindow

LOCK_KEY = "Ctrl+L"


def add(
    window: MainWindow, *, lock: Callable[[], object], language: Callable[[str], object]
) -> None:
    """Add "Lock now" to the menu File and "Language" to the menu View of *window*."""
    acts = window.actions_
    action = QAction(_("Lock now"), window)
    action.setObjectName("lock")
    action.setShortcut(QKeySequence(LOCK_KEY))
    action.triggered.connect(lambda _checked=False: lock())
    acts.menus["file"].insertAction(acts["sign-out"], action)
    acts.by_name["lock"] = action
    group = acts.menus["file"].title().replace("&", "")
    line = Shortcut("lock", group, action.text(), LOCK_KEY, LOCK_KEY, action.setShortcuts)
    acts.sheet.append(line)
    restore([line], window.memory)
    languages = named(QMenu(_("Language"), window), "menu-language", _("Language"))
    acts.menus["view"].addMenu(languages)
    # Filled when somebody looks: a language's name for itself is a file to read for each.
    acts.menus["view"].aboutToShow.connect(partial(_fill, languages, language))


def _fill(menu: QMenu, choose: Callable[[str], object]) -> None:
    """The languages by their own names."""
    if not menu.isEmpty():
        return
    group = QActionGroup(menu)
    tongue = i18n.language().partition("_")[0]
    for tag in i18n.available():
        action = QAction(i18n.name_of(tag), menu)
        action.setObjectName(f"language-{tag}")
        action.setCheckable(True)
        action.setChecked(tag == i18n.language() or tag.partition("_")[0] == tongue)
        action.triggered.connect(partial(_chosen, choose, tag))
        group.addAction(action)
        menu.addAction(action)


def _chosen(choose: Callable[[str], object], tag: str, _checked: bool = False) -> None:
    choose(tag)
