"""What is chosen at the first start, what the next start brings back, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import robot, words
from clinic_desk.views.background import Background
from clinic_desk.views.calendar_choice import View, first_day
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.remember import Memory
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import elsewhere, quiet

Start = Callable[[Actor], MainWindow]


@pytest.fixture
def start(qtbot: QtBot, background: Background, memory: Memory) -> Start:
    """Start the program on this computer, as somebody; what it shows is read."""

    def go(actor: Actor) -> MainWindow:
        def read() -> Catalogue:
            return actor.store.catalogue(actor.organisation_id)

        desk = Desk(actor, background, elsewhere(read))
        window = MainWindow(desk, memory)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        quiet(qtbot, desk)
        return window

    return go


def choose(box: QComboBox, value: object) -> None:
    """As a hand does: the box is opened and the line taken."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def end(window: MainWindow) -> None:
    window.close()


def busy_clinic(clinic: builders.Clinic) -> tuple[int, list[int], int]:
    """A second location with more of this week's visits: it, who works there, and who never
    does.
    """
    place = builders.a_location(clinic, name="Lakeside")
    workers = []
    for n in range(4):
        person = builders.a_provider(clinic, hours=None, last_name=f"Busy{n}", position=10 - n)
        for weekday in range(7):
            builders.work_hours(
                clinic, person, location_id=place, weekday=weekday,
                starts_minute=8 * 60, ends_minute=18 * 60,
            )  # fmt: skip
        workers.append(person)
    idle = builders.a_provider(clinic, hours=None, last_name="Idle", position=0)
    monday = first_day(View.WORKWEEK, words.today(clinic.time_zone))
    for n, person in enumerate(workers):
        for hour in range(9, 9 + n + 1):
            builders.an_appointment(
                clinic,
                clinic.span(hour, day=monday),
                provider_id=person,
                location_id=place,
                patient_id=builders.a_patient(clinic),
            )
    clinic.store.forget_catalogue(clinic.organisation_id)
    return place, workers, idle


def test_another_location_shows_everybody_there_until_somebody_is_chosen(
    start: Start, qtbot: QtBot, clinic: builders.Clinic, actor: Actor
) -> None:
    place, _workers, _idle = busy_clinic(clinic)
    window = start(actor)
    calendar = window.calendar
    assert calendar.location_id == place
    proposed = calendar.provider_ids
    assert proposed

    choose(calendar.toolbar.location, None)
    quiet(qtbot, window.desk)
    assert calendar.provider_ids == frozenset()

    calendar.set_providers(frozenset({clinic.provider_id}))
    choose(calendar.toolbar.location, place)
    quiet(qtbot, window.desk)
    assert calendar.provider_ids == {clinic.provider_id}
    end(window)


def test_a_visit_is_shown_whatever_place_and_people_are_shown(
    start: Start, qtbot: QtBot, clinic: builders.Clinic, actor: Actor
) -> None:
    busy_clinic(clinic)
    monday = first_day(View.WORKWEEK, words.today(clinic.time_zone))
    number = builders.an_appointment(
        clinic, clinic.span(17, day=monday), patient_id=builders.a_patient(clinic)
    )
    window = start(actor)
    assert window.calendar.location_id != clinic.location_id

    window.show_visit(elsewhere(diary.appointment, actor, number))
    quiet(qtbot, window.desk)

    board = window.calendar.board
    assert board.layout_.by_key.get(number)
    assert board.selection is not None and board.selection.id == number
    end(window)


def test_the_first_start_shows_the_busiest_location_and_who_works_there(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, start: Start
) -> None:
    place, workers, idle = busy_clinic(clinic)
    calendar = start(actor).calendar
    assert calendar.location_id == place
    assert idle not in calendar.provider_ids
    assert 2 <= len(calendar.provider_ids) <= 3
    assert calendar.provider_ids <= set(workers)
    assert workers[-1] in calendar.provider_ids  # the first by the clinic's own order
    assert calendar.toolbar.location.currentData() == place


def test_the_second_start_shows_what_the_first_one_chose(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, start: Start
) -> None:
    busy_clinic(clinic)
    first = start(actor)
    chosen = (first.calendar.location_id, first.calendar.provider_ids)
    end(first)
    again = start(actor)
    assert (again.calendar.location_id, again.calendar.provider_ids) == chosen
    again.calendar.set_location(None)
    again.calendar.set_providers(frozenset())
    end(again)
    third = start(actor)
    assert (third.calendar.location_id, third.calendar.provider_ids) == (None, frozenset())


def test_another_user_and_another_organisation_begin_afresh_on_the_same_computer(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, start: Start
) -> None:
    window = start(actor)
    window.calendar.set_view(View.ROOMS)
    window.calendar.set_providers(frozenset({clinic.provider_id}))
    window.calendar.set_location(clinic.location_id)
    window.set_theme("dark")
    end(window)
    other = builders.an_actor(clinic)
    assert other.user_id != actor.user_id
    window = start(other)
    assert window.calendar.view is View.WORKWEEK
    assert window.calendar.provider_ids == frozenset()
    assert window.memory.text("window/theme") == "dark"  # the computer's
    window.set_theme("light")
    end(window)
    stranger = builders.an_actor(builders.a_clinic(actor.store))
    window = start(stranger)
    assert window.calendar.view is View.WORKWEEK
    assert window.calendar.provider_ids == frozenset()
    end(window)
    window = start(actor)
    assert window.calendar.view is View.ROOMS
    assert window.calendar.provider_ids == frozenset({clinic.provider_id})


def test_no_number_is_remembered_since_another_database_counts_anew(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, start: Start, tmp_path: Path
) -> None:
    window = start(actor)
    window.calendar.set_providers(frozenset({clinic.provider_id}))
    end(window)
    kept = (tmp_path / "desk.ini").read_text()
    assert window.desk.catalogue.providers[clinic.provider_id].uuid in kept
    assert f"providers={clinic.provider_id}\n" not in kept


# The day in focus --------------------------------------------------------------------------------


def test_another_view_shows_the_day_of_the_selected_visit(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    friday = TUESDAY + timedelta(days=3)
    elsewhere(builders.an_appointment, clinic, clinic.span(10, day=friday))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    board.verticalScrollBar().setValue(board.grid.y(8 * 60))
    left, right = board.grid.edges(4)
    at = QPoint((left + right) // 2, board.grid.y(10 * 60 + 15)) - board.offset
    for view in (View.PROVIDERS, View.ROOMS, View.MONTH):
        window.calendar.set_view(View.WORKWEEK)
        quiet(qtbot, window.desk)
        QTest.mouseClick(board.viewport(), robot.LEFT, robot.PLAIN, at)
        assert board.selection is not None
        robot.click(window.calendar.toolbar.view_buttons[view])
        quiet(qtbot, window.desk)
        assert window.calendar.day == friday
    assert window.calendar.period().first <= friday <= window.calendar.period().last


def test_another_view_shows_today_or_the_first_day_where_nothing_is_selected(
    qtbot: QtBot, window: MainWindow
) -> None:
    calendar = window.calendar
    robot.click(calendar.toolbar.after)
    robot.click(calendar.toolbar.view_buttons[View.PROVIDERS])
    assert calendar.day == TUESDAY + timedelta(days=6)  # the Monday of the next week
    robot.click(calendar.toolbar.view_buttons[View.WEEK])
    robot.click(calendar.toolbar.today)
    robot.click(calendar.toolbar.view_buttons[View.PROVIDERS])
    assert calendar.day == window.desk.today()


def test_a_day_that_was_picked_stays_in_focus(qtbot: QtBot, window: MainWindow) -> None:
    window.go_to(TUESDAY + timedelta(days=1))
    robot.click(window.calendar.toolbar.view_buttons[View.ROOMS])
    assert window.calendar.day == TUESDAY + timedelta(days=1)


def test_a_day_opens_at_its_working_hours(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    board = window.calendar.board
    board.set_zoom(96)
    board.verticalScrollBar().setValue(0)
    robot.click(window.calendar.toolbar.view_buttons[View.PROVIDERS])
    quiet(qtbot, window.desk)
    top = board.grid.minute_at(board.verticalScrollBar().value())
    assert 7 * 60 <= top <= 8 * 60
