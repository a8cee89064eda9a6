"""On a small screen the booking window is whole; its pages scroll."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from clinic_desk.views.booking.draft import SUMMARY, TIME, Draft
from tests import builders
from tests.views.booking.conftest import click, the_flow, typed
from tests.views.conftest import quiet


@pytest.fixture
def small(window, monkeypatch) -> QRect:
    """A screen of 1024 x 700, as every window is told."""
    there = QRect(0, 0, 1024, 700)

    screen = SimpleNamespace(availableGeometry=lambda: there)
    monkeypatch.setattr("clinic_desk.views.booking.flow.BookingFlow.screen", lambda _flow: screen)
    return there


def whole(part: QWidget, flow: QWidget, there: QRect) -> bool:
    """Whether all of *part* is in the window, with air around it, and on the screen."""
    box = QRect(part.mapTo(flow, part.rect().topLeft()), part.size())
    inside = flow.rect().adjusted(8, 8, -8, -8).contains(box)
    return inside and there.contains(box.translated(flow.geometry().topLeft()))


def test_the_buttons_are_whole_at_every_step(qtbot, window, small):
    window.open_booking(Draft(day=builders.TUESDAY))
    flow = the_flow(qtbot, window)

    assert small.contains(flow.geometry())
    assert flow.height() <= small.height() - 40  # the title bar stands above
    assert whole(flow.next, flow, small)
    assert whole(flow.steps.permissions, flow, small)
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    assert flow.step == TIME
    assert whole(flow.next, flow, small)
    click(flow.steps.buttons[SUMMARY])
    assert whole(flow.back, flow, small)
    assert whole(flow.steps.permissions, flow, small)


def test_a_size_kept_from_a_larger_screen_is_cut_to_this_one(qtbot, window, small):
    window.open_booking(Draft(day=builders.TUESDAY))
    first = the_flow(qtbot, window)
    first.resize(1500, 1100)
    first.close()
    quiet(qtbot, window.desk)
    window.open_booking(Draft(day=builders.TUESDAY))
    flow = the_flow(qtbot, window)

    assert small.contains(flow.geometry())
    assert whole(flow.next, flow, small)
    assert whole(flow.steps.permissions, flow, small)
