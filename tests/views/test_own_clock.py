"""A visit is told by the clock of its own place, whichever place the calendar shows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet

TIMES = "10:00\u202fAM–10:45\u202fAM"
THERE = f"{TIMES} \u2068New York\u2069"


@pytest.fixture
def clinic(store: Store) -> builders.Clinic:
    return builders.a_clinic(store, time_zone="America/New_York")


@pytest.fixture
def lakeside(clinic: builders.Clinic) -> int:
    """A location whose clocks are an hour behind."""
    return builders.a_location(clinic, name="Lakeside", time_zone="America/Chicago")


@pytest.fixture
def asked(clinic: builders.Clinic, lakeside: int) -> int:
    """A request for ten o'clock on Main Street, in New York."""
    return builders.an_appointment(clinic, clinic.span(10, minutes=45), status="requested")


@pytest.fixture
def far_away(
    qtbot: QtBot, asked: int, lakeside: int, clinic: builders.Clinic, window: MainWindow
) -> MainWindow:
    """The calendar shows Lakeside."""
    window.calendar.set_location(lakeside)
    quiet(qtbot, window.desk)
    assert window.desk.zone == "America/Chicago"
    return window


def test_a_request_is_told_by_the_clock_of_its_place(qtbot: QtBot, far_away: MainWindow) -> None:
    said: list[str] = []
    far_away.desk.said.connect(lambda message: said.append(message.text))
    far_away.show_screen("requests")
    quiet(qtbot, far_away.desk)
    screen = far_away.screens.requests
    time = screen.model.index(0, screen.model.columns.index("time"))
    assert time.data() == THERE
    assert THERE in screen.when.text()
    around = screen.around_model
    assert around.index(0, around.columns.index("time")).data() == TIMES

    button = screen.approve
    QTest.mouseClick(button, robot.LEFT, robot.PLAIN, QPoint(12, button.height() // 2))
    quiet(qtbot, far_away.desk)
    assert [text for text in said if text.startswith("Approved") and THERE in text]


def test_the_panel_beside_tells_it_too_and_names_the_place_only_where_clocks_differ(
    qtbot: QtBot, far_away: MainWindow, clinic: builders.Clinic, asked: int, actor: Actor
) -> None:
    panel = far_away.panel.details
    panel.show_card(elsewhere(diary.appointment, actor, asked))
    assert THERE in panel.when.text()
    far_away.calendar.set_location(clinic.location_id)
    quiet(qtbot, far_away.desk)
    assert "10:00\u202fAM–10:45\u202fAM" in panel.when.text()
    assert "New York" not in panel.when.text()


def test_home_stays_with_the_clock_of_the_practice(
    qtbot: QtBot, far_away: MainWindow, clinic: builders.Clinic, actor: Actor
) -> None:
    far_away.show_screen("home")
    quiet(qtbot, far_away.desk)
    home = far_away.screens.home
    waits = elsewhere(builders.an_appointment, clinic, clinic.span(12), status="arrived")
    inside = elsewhere(
        builders.an_appointment, clinic, clinic.span(14), status="arrived",
        arrived_at=clinic.at(13, 50), in_room_at=clinic.at(14),
    )  # fmt: skip
    home.show_day(elsewhere(diary.view, actor, clinic.span(0, minutes=1439)), clinic.at(14, 5))

    assert home.waiting.number.text() == "1"
    assert [card.id for card in home.room_model.cards] == [waits]
    assert [card.id for card in home.inside_model.cards] == [inside]
    assert home.inside_title.isVisible() and home.inside.isVisible()
    assert home.room_model.index(0, 0).data().startswith("12:00\u202fPM")
