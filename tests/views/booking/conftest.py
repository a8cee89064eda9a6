"""The booking window over the real main window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from clinic_desk.models.diary import Hold
from clinic_desk.views.booking.draft import Draft
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def flow(qtbot, window: MainWindow) -> BookingFlow:
    """On a day far ahead, so that the present hour is no matter."""
    window.open_booking(Draft(day=builders.TUESDAY))
    return the_flow(qtbot, window)


def the_flow(qtbot, window: MainWindow) -> BookingFlow:
    """The booking window that is open."""

    def shown() -> list[BookingFlow]:
        return [w for w in window.findChildren(BookingFlow) if w.isVisible()]

    until(qtbot, shown)
    found = shown()
    assert len(found) == 1
    qtbot.waitUntil(found[0].isActiveWindow)
    quiet(qtbot, window.desk)
    return found[0]


def click(widget: QWidget | None) -> None:
    """A click of the left button in the middle."""
    assert widget is not None
    assert widget.isVisible()
    assert widget.isEnabled(), widget.objectName()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def answer(flow: BookingFlow, name: str) -> None:
    """Answer what becomes of what was begun."""
    (asked,) = [q for q in flow.findChildren(LeavingQuestion) if q.isVisible()]
    click(asked.findChild(QPushButton, f"leaving-{name}"))


def typed(widget: QWidget, text: str) -> None:
    widget.setFocus()
    QTest.keyClicks(widget, text)


def click_row(flow: BookingFlow, row: int) -> None:
    """A click on a line of the day's times."""
    times = flow.time.times
    index = times.times.index(row)
    times.scrollTo(index)
    at = times.visualRect(index).center()
    QTest.mouseClick(times.viewport(), Qt.MouseButton.LeftButton, pos=at)


def holds() -> list[tuple[int, str]]:
    """Whose time is held by which window, as the database has it."""
    return elsewhere(lambda: [(h.resource_id, h.desk) for h in Hold.select()])


def until(qtbot, met: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(met()), timeout=10_000)
