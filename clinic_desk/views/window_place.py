"""Where a main window opens: as it was left, and not exactly on top of another one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from clinic_desk.views.remember import Memory

NAME = "window/geometry"
LARGEST = QSize(1440, 900)
"""Of a window that nobody has sized yet."""
FRAME = QSize(16, 48)
"""What a system puts around a window; how much it is is known once the window shows."""
STEP = 32
"""Pixels to the right and down from one window to the next; a title bar stays in sight."""
_WHOLE = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


def restore(window: QWidget, memory: Memory) -> None:
    """Give *window* the size and the place of last time."""
    geometry = memory.state(NAME)
    if geometry is None or not window.restoreGeometry(geometry):
        available = QApplication.primaryScreen().availableGeometry()
        window.resize(LARGEST.boundedTo(available.size() - FRAME))


def cascade(window: QWidget, others: Sequence[QWidget]) -> None:
    """Move *window* a step away from the last of *others*, and make it smaller where it would
    reach beyond the screen. Where there is no room for that it goes to the screen's corner.
    """
    if not others:
        return
    last = others[-1]
    screen = last.screen().availableGeometry()
    window.setWindowState(window.windowState() & ~_WHOLE)
    corner = screen.topLeft()
    before = last.normalGeometry().topLeft() if last.windowState() & _WHOLE else last.pos()
    place = before + QPoint(STEP, STEP)
    size = window.size()
    if not _room(screen.bottomRight(), place, window.minimumSize()):
        taken = {(one.x(), one.y()) for one in others}
        place = next(
            spot
            for spot in (corner + QPoint(n * STEP, n * STEP) for n in range(len(others) + 1))
            if (spot.x(), spot.y()) not in taken
        )
    frame = last.frameGeometry().size() - last.size()
    room = QSize(screen.right() + 1 - place.x(), screen.bottom() + 1 - place.y()) - frame
    window.resize(size.boundedTo(room).expandedTo(window.minimumSize()))
    window.move(place)


def _room(end: QPoint, place: QPoint, least: QSize) -> bool:
    """Whether *least* fits between *place* and the screen's *end*."""
    return place.x() + least.width() <= end.x() + 1 and place.y() + least.height() <= end.y() + 1
