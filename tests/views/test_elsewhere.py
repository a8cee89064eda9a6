"""A calendar of one location tells who is busy at another, and offers no room of another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.agenda.elsewhere import STRIP
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet

TUE = 1


@pytest.fixture
def other(clinic: builders.Clinic) -> int:
    """Another location, at which the provider works on Tuesday afternoon and has a visit."""
    place = builders.a_location(clinic, name="Lakeside")
    builders.work_hours(
        clinic, clinic.provider_id, location_id=place, weekday=1,
        starts_minute=12 * 60, ends_minute=18 * 60, operatory_id=builders.an_operatory(
            clinic, location_id=place, name="Far room"
        ),
    )  # fmt: skip
    builders.an_appointment(clinic, clinic.span(14, minutes=60), location_id=place)
    return place


def colours(window: MainWindow, column: int, hour: float, *, edge: int = 0) -> set[str]:
    """The colours around a place; *edge* counts pixels from the column's end."""
    board = window.calendar.board
    left, right = board.grid.edges(column)
    y = board.grid.y(hour * 60)
    board.verticalScrollBar().setValue(y - 200)
    x = right - edge if edge else (left + right) // 2
    at = QPoint(x, y) - board.offset
    image = board.viewport().grab().toImage()
    return {
        QColor(image.pixel(at.x() + dx, at.y() + dy)).name()
        for dx in range(-6, 7)
        for dy in range(-6, 7)
    }


def shown_at(qtbot: QtBot, window: MainWindow, place: int | None) -> None:
    window.calendar.set_location(place)
    quiet(qtbot, window.desk)


def test_who_is_busy_elsewhere_is_hatched_and_the_place_named(
    qtbot: QtBot, clinic: builders.Clinic, other: int, window: MainWindow
) -> None:
    window.calendar.set_providers(frozenset({clinic.provider_id}))
    shown_at(qtbot, window, clinic.location_id)
    veils = window.calendar.board.scene.elsewhere[TUE]
    assert [veil.begin for veil in veils] == [14 * 60]
    assert "Lakeside" in veils[0].text
    assert colours(window, TUE, 14.6) != colours(window, TUE, 11.6)
    window.calendar.set_view(View.PROVIDERS)
    quiet(qtbot, window.desk)
    assert [veil.begin for veil in window.calendar.board.scene.elsewhere[0]] == [14 * 60]


def test_where_several_are_shown_a_strip_names_who_is_elsewhere(
    qtbot: QtBot, clinic: builders.Clinic, other: int, window: MainWindow
) -> None:
    second = elsewhere(builders.a_provider, clinic)
    window.desk.renew_catalogue()
    quiet(qtbot, window.desk)
    window.calendar.set_providers(frozenset({clinic.provider_id, second}))
    shown_at(qtbot, window, clinic.location_id)
    (veil,) = window.calendar.board.scene.elsewhere[TUE]
    assert veil.strip == 0
    assert "Lakeside" in veil.text
    assert colours(window, TUE, 14.2, edge=STRIP // 2) != colours(
        window, TUE, 11.2, edge=STRIP // 2
    )


def test_nothing_is_hatched_where_all_locations_are_shown_or_nobody_is_elsewhere(
    qtbot: QtBot, clinic: builders.Clinic, other: int, window: MainWindow
) -> None:
    shown_at(qtbot, window, clinic.location_id)
    assert any(window.calendar.board.scene.elsewhere)
    shown_at(qtbot, window, None)
    assert not any(window.calendar.board.scene.elsewhere)
    shown_at(qtbot, window, other)
    assert not any(window.calendar.board.scene.elsewhere)


def test_hours_at_another_location_are_closed_here(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    place = elsewhere(builders.a_location, clinic)
    window.desk.renew_catalogue()
    quiet(qtbot, window.desk)
    window.calendar.set_view(View.PROVIDERS)
    shown_at(qtbot, window, clinic.location_id)
    assert not window.calendar.board.is_closed(0, 10 * 60)
    shown_at(qtbot, window, place)
    assert window.calendar.board.is_closed(0, 10 * 60)


def test_a_new_visit_gets_the_location_shown_and_no_room_of_another(
    qtbot: QtBot, clinic: builders.Clinic, other: int, window: MainWindow, actor: Actor
) -> None:
    window.calendar.set_providers(frozenset({clinic.provider_id}))
    shown_at(qtbot, window, clinic.location_id)
    board = window.calendar.board
    left, right = board.grid.edges(TUE)
    board.verticalScrollBar().setValue(board.grid.y(12 * 60))
    start = QPoint((left + right) // 2, board.grid.y(16 * 60) + 2) - board.offset
    robot.drag(board.viewport(), start, start + QPoint(0, 30))
    qtbot.waitUntil(lambda: window.panel.has_form)
    slot = window.panel.form.slot
    assert slot is not None
    assert slot.location_id == clinic.location_id
    rooms = window.desk.catalogue.operatories
    assert slot.operatory_id is None or rooms[slot.operatory_id].location_id == clinic.location_id
    assert "Lakeside" not in window.panel.form.when.text()
    place = window.desk.catalogue.locations[clinic.location_id].name
    assert place in window.panel.form.when.text()
