"""The wait after wrong passwords, counted down where the password is asked for."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLabel

from clinic_desk.i18n import _, ngettext


class Countdown(QObject):
    """Writes into a label how long it still takes, each second.

    Signals:
        over(): the next try is heard.
    """

    over = Signal()

    def __init__(self, told: QLabel) -> None:
        super().__init__(told)
        self._told = told
        self._until = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(250)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether it still takes a while."""
        return self._timer.isActive()

    def start(self, seconds: int) -> None:
        """Count down from *seconds*."""
        self._until = time.monotonic() + seconds
        self._timer.start()
        self._tick()

    def _tick(self) -> None:
        left = math.ceil(self._until - time.monotonic())
        if left <= 0:
            self._timer.stop()
            self._told.setText(_("You can try again now."))
            self.over.emit()
            return
        text = ngettext(
            "Too many wrong passwords. Wait {count} second.",
            "Too many wrong passwords. Wait {count} seconds.",
            left,
        )
        self._told.setText(text.format(count=left))
