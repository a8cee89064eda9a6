"""One start of the program, watched: ``python -m tests.benchmarks.starting URL NAME PASSWORD``.

Prints two times: when the sign-in window had been painted, by the machine's clock, and how
many seconds after the click on "Sign in" the calendar had been painted with its visits.
Without arguments it starts a bare PySide6 window and prints the first time alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from clinic_desk.views.app import Desktop

POLL_MS = 1


class Seen(QObject):
    """Tells once that a widget has been painted, when it was *ready* for it."""

    def __init__(
        self, widget: QWidget, told: Callable[[], None], ready: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(widget)
        self._told, self._ready, self._done = told, ready, False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._done and self._ready():
            self._done = True
            QTimer.singleShot(0, self._told)
        return super().eventFilter(watched, event)


def bare() -> None:
    """The least that PySide6 can show."""
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication([])
    window = QLabel("Clinic Desk")
    window.resize(1400, 900)

    def painted() -> None:
        print(time.time(), flush=True)
        app.quit()

    seen = Seen(window, painted)
    window.show()
    app.exec()
    assert seen is not None


def watched(url: str, name: str, password: str) -> None:
    """The program as its command starts it."""
    from clinic_desk.__main__ import main
    from clinic_desk.views import app as program

    begin = program.Desktop.open

    def begun(desktop: program.Desktop) -> None:
        begin(desktop)
        Watch(desktop, name, password)

    program.Desktop.open = begun  # type: ignore[method-assign,assignment]
    main(["--database", url, "--language", "en_US"], standalone_mode=False)


class Watch(QObject):
    """Looks at the desktop every millisecond and signs in when it can."""

    def __init__(self, desktop: Desktop, name: str, password: str) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._name, self._password = name, password
        self._next: Callable[[], None] = self._sign_in_comes
        self._clicked = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(POLL_MS)

    def _look(self) -> None:
        self._next()

    def _sign_in_comes(self) -> None:
        start = self._desktop.start
        if start is not None and start.sign_in is not None:
            self._next = _nothing
            Seen(start.sign_in, self._sign_in_painted)
            start.sign_in.update()

    def _sign_in_painted(self) -> None:
        print(time.time(), flush=True)
        self._next = self._typed

    def _typed(self) -> None:
        """Typing takes longer than what the program loads meanwhile."""
        start = self._desktop.start
        if self._desktop.background.idle and start is not None and start.sign_in is not None:
            start.sign_in.preset(self._name, self._password)
            self._next = self._calendar_comes
            self._clicked = time.time()
            start.sign_in.go.click()

    def _calendar_comes(self) -> None:
        windows = self._desktop.windows
        if windows:
            self._next = _nothing
            calendar = windows[0].calendar
            if calendar.data is not None:  # painted before we looked: then once more
                calendar.board.viewport().update()
            Seen(
                calendar.board.viewport(),
                self._calendar_painted,
                ready=lambda: calendar.data is not None,
            )

    def _calendar_painted(self) -> None:
        print(time.time() - self._clicked, flush=True)
        for window in list(self._desktop.windows):
            window.close()


def _nothing() -> None:
    """Waiting for a painting."""


if __name__ == "__main__":
    watched(*sys.argv[1:4]) if len(sys.argv) > 1 else bare()
