"""What takes a while and is watched: on a thread of its own, with progress and an end by hand.

The writer's thread is not held up by it, so a note can be saved while a scan goes in.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from clinic_desk.views.desk import Desk

STEP_SECONDS = 0.05
"""Progress is told no more often than this."""


class LongTask(QObject):
    """Runs *work*, which is given this task: to tell progress, and to ask whether to stop.

    Signals:
        progressed(object): what *work* told of its progress.
        done(object): what *work* gave back.
        failed(object): what it raised.
    """

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(object)

    def __init__(
        self, desk: Desk, work: Callable[[LongTask], Any], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._work = desk, work
        self._stop = threading.Event()
        self._told = 0.0
        self._thread = threading.Thread(target=self._run, name="clinic-desk-task", daemon=True)
        self.destroyed.connect(self._stop.set)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the work to stop; it ends as it says itself."""
        self._stop.set()

    def cancelled(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the thread has ended; False where it has not."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def tell(self, progress: object) -> None:
        """From the work: how far it has come."""
        now = time.monotonic()
        if now - self._told >= STEP_SECONDS:
            self._told = now
            self._emit(self.progressed, progress)

    def _run(self) -> None:
        try:
            answer = self._work(self)
        except BaseException as error:
            self._emit(self.failed, error)
        else:
            self._emit(self.done, answer)
        finally:
            self._desk.actor.store.forget_connection()

    def _emit(self, signal: Any, value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone, nobody is waiting
            signal.emit(value)
