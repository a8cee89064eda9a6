"""Cycles of Python objects are collected on the window's thread only.

Python collects in whatever thread happens to allocate. A widget in a cycle would then be
destroyed by a thread of the database, while the window's thread paints it: a crash that
nobody could repeat. So automatic collection is off while there is a window, and a timer does
it here, with Python's own measure of when it is worth it, never while somebody drags.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

INTERVAL_MS = 1000
"""How often it is looked whether there is anything to collect."""
PATIENCE = 30
"""So many looks a button may be down; longer is no drag, but a release that was not told."""


class Garbage(QObject):
    """Collects from its making until :meth:`stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._put_off = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what is due, unless a button of the mouse is down; then soon."""
        down = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        self._put_off = self._put_off + 1 if down else 0
        if self._put_off % PATIENCE == 0:
            self.collect()

    def collect(self) -> None:
        """Collect the generations that are due by Python's own thresholds."""
        youngest, middle, oldest = gc.get_threshold()
        counts = gc.get_count()
        if counts[0] > youngest:
            gc.collect(0 if counts[1] <= middle else 1 if counts[2] <= oldest else 2)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
