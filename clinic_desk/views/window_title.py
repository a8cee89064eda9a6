"""The title of a main window: the clinic's name, as it is now."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from clinic_desk.views.desk import Desk


class WindowTitle(QObject):
    """Names the clinic, and follows when it is renamed, for as long as *window* lives."""

    def __init__(self, window: QWidget, desk: Desk) -> None:
        super().__init__(window)
        self._window, self._desk = window, desk
        desk.catalogue_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Give the window its title; the program's name last, where Qt would put it by itself."""
        self._window.setWindowTitle(f"{self._desk.catalogue.organisation.name} — Clinic Desk")
