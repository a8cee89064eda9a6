"""F6: the focus goes from one part of the window to the next, and around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from clinic_desk.views.main_window import MainWindow


def cycle(window: MainWindow, by: int) -> None:
    """Give the focus to the next pane (1) or the previous one (-1) that can take it."""
    current = window.screens.currentWidget()
    shown = window.calendar.stack.currentWidget() if current is window.calendar else current
    panes: list[QWidget | None] = [
        window.navigation,
        window.mini_month.table,
        window.pinboard,
        window.calendar.toolbar,
        shown,
        window.panel,
        window.messages,
    ]
    seen = [pane for pane in panes if pane is not None and pane.isVisible()]
    focus = QApplication.focusWidget()
    here = next((n for n, pane in enumerate(seen) if _holds(pane, focus)), -1)
    for step in range(1, len(seen) + 1):
        if _enter(seen[(here + by * step) % len(seen)]):
            return


def _holds(pane: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (pane is focus or pane.isAncestorOf(focus))


def _enter(pane: QWidget) -> bool:
    """Give the focus to *pane*, or to its first child that takes it."""
    target = pane.focusProxy() or pane
    for widget in [target, *pane.findChildren(QWidget)]:
        takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if takes and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
