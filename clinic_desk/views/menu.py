"""A menu that writes its keys from left to right, in every language."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QStyleOptionMenuItem

from clinic_desk.views.shortcuts import written


class Menu(QMenu):
    """Qt would write "++Ctrl" where the page runs from right to left."""

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:  # noqa: N802
        """The keys behind the text, isolated from what stands around them."""
        super().initStyleOption(option, action)
        text, tab, _keys = option.text.partition("\t")
        if tab:
            option.text = f"{text}\t{written(action.shortcut())}"
