"""A user made of events: real mouse and key events into real windows, then waiting for answers.

Used by the tour; needs no display.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Failed(Exception):
    """A step did not come out as it should."""


def pause(milliseconds: int) -> None:
    """Let the program run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(what: str, met: Callable[[], object], seconds: float = 20.0) -> None:
    """Let the program run until *met* is true. Raises :class:`Failed` when it stays false."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:g} s in vain: {what}")
        pause(15)


def sure(what: str, true: object) -> None:
    """Raise :class:`Failed` unless *true*."""
    if not true:
        raise Failed(what)


def find(parent: QWidget, kind: type[W], name: str) -> W:
    """The child with this objectName. Raises :class:`Failed`."""
    found = parent.findChild(kind, name)
    if found is None:
        raise Failed(f"no widget {name!r}")
    return found


def click(widget: QWidget) -> None:
    """A click in the middle of a button, which must be seen and enabled."""
    sure(f"{widget.objectName()} is visible", widget.isVisible())
    sure(f"{widget.objectName()} is enabled", widget.isEnabled())
    place = QPoint(12, widget.height() // 2) if isinstance(widget, QAbstractButton) else QPoint()
    QTest.mouseClick(widget, LEFT, PLAIN, place if not place.isNull() else widget.rect().center())


def drag(
    widget: QWidget,
    start: QPoint,
    end: QPoint,
    *,
    keys: Qt.KeyboardModifier = PLAIN,
    before_release: Callable[[], object] | None = None,
    steps: int = 12,
) -> None:
    """Press at *start*, move to *end* in steps, release there."""
    QTest.mousePress(widget, LEFT, keys, start)
    way = end - start
    for step in range(1, steps + 1):
        QTest.mouseMove(widget, start + way * (step / steps))
        _moved(widget, start + way * (step / steps), keys)
        pause(8)
    if before_release is not None:
        before_release()
    QTest.mouseRelease(widget, LEFT, keys, end)


def _moved(widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier) -> None:
    """QTest's own move carries no button; a drag's does."""
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(widget.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        LEFT,
        keys,
    )
    QApplication.sendEvent(widget, event)


def key(
    widget: QWidget, which: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN, times: int = 1
) -> None:
    """Press and release a key."""
    for _n in range(times):
        QTest.keyClick(widget, which, modifiers)
        pause(10)


def write(widget: QWidget, text: str) -> None:
    """Type."""
    QTest.keyClicks(widget, text, PLAIN, 5)


class Album:
    """Numbered pictures in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.count = folder, 0

    def take(self, widget: QWidget, name: str) -> Path:
        """Save what *widget* looks like now."""
        self.count += 1
        path = self.folder / f"{self.count:02d}-{name}.png"
        QApplication.processEvents()
        if not widget.grab().save(str(path)):
            raise Failed(f"{path} could not be written")
        return path
