"""The real calendar of a signed-in desk, offscreen, and how one knows that it was painted."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication, QWidget

from clinic_desk.services.actor import Actor
from clinic_desk.views import theme
from clinic_desk.views.app import make_app, speak
from clinic_desk.views.background import Background
from clinic_desk.views.calendar_choice import remembered
from clinic_desk.views.calendar_screen import CalendarScreen
from clinic_desk.views.desk import Desk
from clinic_desk.views.remember import Memory
from clinic_desk.views.visits import Visits

WIDE, HIGH = 1400, 900
"""Of every window that is measured, ours and theirs."""

LONG = 60.0
"""Seconds after which something will not come any more."""


class Offscreen:
    """A desk with its threads. Close it."""

    def __init__(self, actor: Actor) -> None:
        self.app = application()
        self._folder = tempfile.TemporaryDirectory(prefix="clinic-desk-bench-")
        self.memory = Memory(Path(self._folder.name))
        self.background = Background(thread_ended=actor.store.forget_connection)
        self.desk = Desk(actor, self.background, actor.store.catalogue(actor.organisation_id))
        kept = remembered(self.memory, self.desk.catalogue, actor.user_id)
        kept.put("calendar/view", "week")
        kept.put("calendar/fit", True)

    def calendar(self) -> CalendarScreen:
        """A new calendar of this week, all providers, the working day in sight; shown."""
        screen = CalendarScreen(self.desk, Visits(self.desk, QWidget), self.memory)
        screen.resize(WIDE, HIGH)
        screen.show()
        return screen

    def until(self, true: Callable[[], object]) -> float:
        """Let events happen until it is so; the longest that one look at them took, in ms."""
        longest, end = 0.0, time.monotonic() + LONG
        while not true():
            began = time.perf_counter()
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
            took = (time.perf_counter() - began) * 1000
            longest = max(longest, took)
            if took < 1.0:
                time.sleep(0.0002)
            if time.monotonic() > end:
                raise TimeoutError("what was waited for did not happen")
        return longest

    def painted(self, window: QWidget, part: QWidget) -> None:
        """Show *window* and wait until *part* of it has been painted."""
        paints = Paints(part)
        window.show()
        self.until(lambda: paints.count)

    def rest(self, seconds: float = 0.35) -> None:
        """Wait as people do, and then until the threads are idle: neighbours are read, and what
        a drag's first frame needs.
        """
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end and self.background.idle)

    def drop(self, screen: CalendarScreen) -> None:
        """Take a calendar away, with all that is on its way to it."""
        self.rest(0.1)
        screen.hide()
        screen.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.until(lambda: self.background.idle)

    def close(self) -> None:
        """End the threads."""
        self.background.close()
        self._folder.cleanup()


class Paints(QObject):
    """Counts how often a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return super().eventFilter(watched, event)


def application() -> QApplication:
    """The application as the program makes it, in English and light."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_app()
    speak(app, "en_US")
    theme.apply(app, "light")
    return app


@contextlib.contextmanager
def offscreen(actor: Actor) -> Iterator[Offscreen]:
    """A desk for the time of a measurement."""
    made = Offscreen(actor)
    try:
        yield made
    finally:
        made.close()
