"""The left side of the main window: the sections, the small month, the pinboard.

Where a window is small and another section than the calendar is shown, only the signs of the
sections stay: lists and forms need the room, and the month and the pinboard serve the calendar.
"""

from __future__ import annotations

from PySide6.QtWidgets import QSplitter, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.mini_month import MiniMonth
from clinic_desk.views.navigation import Navigation
from clinic_desk.views.pinboard import Pinboard
from clinic_desk.views.widgets import column, line, named

LEAST, MOST = 236, 320
SIGNS = 60
"""Pixels of the signs alone."""


class Sidebar(QWidget):
    """Attributes:
    is_compact: whether only the signs are shown.
    """

    def __init__(
        self, navigation: Navigation, month: MiniMonth, pinboard: Pinboard, *, dated: bool
    ) -> None:
        """*dated*: whether there is a calendar that month and pinboard serve."""
        super().__init__()
        named(self, "sidebar", _("Navigation"), role="sidebar")
        self.is_compact = False
        self._width = LEAST
        self._navigation = navigation
        self._dated = (line("sidebar-line"), month, pinboard) if dated else ()
        for absent in () if dated else (month, pinboard):
            absent.setParent(self)
            absent.hide()
        self.setLayout(column(navigation, *self._dated, 1, margin=10, gap=12))
        self._limit()

    def fit(self, splitter: QSplitter, *, compact: bool) -> None:
        """Show the signs alone, or all, as wide as it was in *splitter*, whose first part it is."""
        if compact == self.is_compact:
            return
        first, screen, *rest = splitter.sizes()
        if compact:
            self._width = max(first, LEAST)
        self.is_compact = compact
        self._navigation.set_compact(compact)
        for part in self._dated:
            part.setVisible(not compact)
        self._limit()
        wanted = SIGNS if compact else self._width
        splitter.setSizes([wanted, max(screen - (wanted - first), 1), *rest])

    def _limit(self) -> None:
        self.setMinimumWidth(SIGNS if self.is_compact else LEAST)
        self.setMaximumWidth(SIGNS if self.is_compact else MOST)
