"""A list at the left and a form at the right that share a page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from clinic_desk.views.kept_sizes import MOVED

NARROW = 860
"""Pixels of a page that has no room to spare."""


class ListAndForm(QSplitter):
    """Where the page is only so wide, the list leaves the room to the form."""

    def __init__(self, name: str, listed: QWidget, form: QWidget, wide: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName(name)
        self._wide, self._narrow, self._list = wide, False, listed
        self.addWidget(listed)
        self.addWidget(form)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.setSizes([wide, 960 - wide])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The hand may share the room otherwise, until there is more or less of it."""
        super().resizeEvent(event)
        width = event.size().width()
        if (width < NARROW) != self._narrow:
            self._narrow = width < NARROW
            if self.property(MOVED):
                return
            least = self._list.minimumWidth()
            first = least if self._narrow else self._wide
            self.setSizes([first, width - first])
