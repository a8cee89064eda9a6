"""A visit is told by the clock of its own place, whichever place the calendar shows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.services import diary, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store
from clinic_desk.views import robot
from clinic_desk.views.booking.draft import SUMMARY, TIME, Draft
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.booking.conftest import click, click_row, the_flow, typed, until
from tests.views.booking.test_others import another_desk_holds
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


CHICAGO = "\u2068Chicago\u2069"


@pytest.fixture
def alex(clinic: builders.Clinic, lakeside: int) -> int:
    """Works at Lakeside from eight to six, by its clock."""
    alex = builders.a_provider(clinic, hours=None, default_location_id=lakeside, last_name="Lake")
    for weekday in range(7):
        builders.work_hours(
            clinic, alex, location_id=lakeside, weekday=weekday, ends_minute=18 * 60
        )
    return alex


@pytest.fixture
def taken(clinic: builders.Clinic, lakeside: int, alex: int) -> int:
    """A room at Lakeside in which somebody is from ten to eleven, by its clock."""
    room = builders.an_operatory(clinic, location_id=lakeside, name="Bay")
    builders.an_appointment(
        clinic, clinic.span(11, minutes=60), location_id=lakeside, operatory_id=room,
        provider_id=alex, time_zone="America/Chicago", patient_id=builders.a_patient(clinic),
    )  # fmt: skip
    return room


def swept(qtbot: QtBot, window: MainWindow, room: int, hour: int) -> None:
    """An hour from *hour* by the calendar's clock, in the column of *room*."""
    window.calendar.set_location(None)
    window.calendar.set_view(View.ROOMS)
    window.calendar.go_to(builders.TUESDAY)
    quiet(qtbot, window.desk)
    board = window.calendar.board
    (column,) = [n for n, one in enumerate(board.grid.columns) if one.operatory_id == room]
    board.verticalScrollBar().setValue(board.grid.y((hour - 1) * 60))
    left, right = board.grid.edges(column)
    begin = QPoint((left + right) // 2, board.grid.y(hour * 60)) - board.offset
    robot.drag(board.viewport(), begin, begin + QPoint(0, int(board.grid.hour) - 4))
    qtbot.waitUntil(lambda: window.panel.has_form)
    quiet(qtbot, window.desk)


def test_the_quick_form_its_refusal_and_its_ways_out_tell_the_clock_of_the_location(
    qtbot: QtBot, taken: int, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    said: list[str] = []
    window.desk.said.connect(lambda message: said.append(message.text))
    swept(qtbot, window, taken, 13)
    form = window.panel.form
    assert f"12:00\u202fPM–1:00\u202fPM {CHICAGO}" in form.when.text()
    form.fields.minutes.setValue(45)
    assert f"12:00\u202fPM–12:45\u202fPM {CHICAGO}" in form.when.text()

    swept(qtbot, window, taken, 10)  # nine o'clock there, and until after ten
    form.fields.minutes.setValue(90)
    form.search.set_patient(elsewhere(patients.patient, actor, clinic.patient_id))
    qtbot.waitUntil(lambda: f"10:00\u202fAM–11:00\u202fAM {CHICAGO}" in form.free.text())
    robot.click(form.book)
    qtbot.waitUntil(lambda: form.refusal.ways.first() is not None)
    refusal = form.refusal
    assert f"9:00\u202fAM–10:30\u202fAM {CHICAGO}" in refusal.heading.text()
    assert f"10:00\u202fAM–11:00\u202fAM {CHICAGO}" in refusal.reasons.text()
    way = refusal.ways.first()
    assert isinstance(way, QAbstractButton)
    assert f"\n11:00\u202fAM {CHICAGO} · " in way.text()  # in two lines, so that nothing is cut
    qtbot.waitUntil(way.isVisible)
    robot.click(way)
    quiet(qtbot, window.desk)
    robot.click(form.book)
    quiet(qtbot, window.desk)
    assert [text for text in said if text.startswith("Booked") and CHICAGO in text]
    assert "11:00\u202fAM" in said[-1]


def test_where_the_calendar_shows_that_clock_the_quick_form_does_not_name_it(
    qtbot: QtBot, taken: int, lakeside: int, window: MainWindow
) -> None:
    swept(qtbot, window, taken, 13)
    assert CHICAGO in window.panel.form.when.text()
    window.calendar.set_location(lakeside)
    quiet(qtbot, window.desk)
    assert "12:00\u202fPM–1:00\u202fPM" in window.panel.form.when.text()
    assert CHICAGO not in window.panel.form.when.text()


def test_both_versions_of_a_visit_tell_the_clock_of_its_place(
    qtbot: QtBot, far_away: MainWindow, clinic: builders.Clinic, asked: int, actor: Actor
) -> None:
    far_away.open_editor(elsewhere(diary.appointment, actor, asked))
    quiet(qtbot, far_away.desk)
    editor = far_away.editors[asked]
    editor.form.minutes.setValue(30)
    elsewhere(diary.change, actor, asked, version=1, span=clinic.span(10, minutes=60))
    robot.click(editor.save_button)
    until(qtbot, editor.conflict.isVisible)
    told = editor.stale_text.text()
    assert "10:00\u202fAM–11:00\u202fAM \u2068New York\u2069" in told
    assert "10:00\u202fAM–10:30\u202fAM \u2068New York\u2069" in told
    editor.discard()


def test_the_booking_window_tells_the_clock_of_the_location_on_every_page(
    qtbot: QtBot, lakeside: int, alex: int, window: MainWindow, clinic: builders.Clinic,
    actor: Actor,
) -> None:  # fmt: skip
    said: list[str] = []
    window.desk.said.connect(lambda message: said.append(message.text))
    patient = elsewhere(patients.patient, actor, clinic.patient_id)
    window.open_booking(Draft(day=builders.TUESDAY, location_id=lakeside, patient=patient))
    flow = the_flow(qtbot, window)
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    assert flow.time.heading.text().endswith(f" · {CHICAGO}")
    assert flow.time.times.times.index(0).data().startswith("8:00\u202fAM–8:30\u202fAM  ")
    opening = flow.findChild(QPushButton, "booking-opening-0")
    assert opening is not None
    assert CHICAGO in flow.time.openings.caption.text()
    assert CHICAGO not in opening.text()
    assert CHICAGO in opening.toolTip()

    another_desk_holds(actor, flow.time.times.times.offers[3].seats[0])
    click_row(flow, 3)
    until(qtbot, flow.time.told.isVisible)
    quiet(qtbot, window.desk)
    assert CHICAGO in flow.time.told.text()

    click_row(flow, 0)
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    first = f"8:00\u202fAM–8:30\u202fAM {CHICAGO}"
    assert [text for text in flow.summary.values.texts() if first in text]
    assert [b for b in flow.steps.findChildren(QAbstractButton) if first in b.toolTip()]
    click(flow.steps.buttons[TIME])
    quiet(qtbot, window.desk)
    assert first in flow.time.chosen.text()

    click(flow.steps.buttons[SUMMARY])
    quiet(qtbot, window.desk)
    click(flow.book)
    quiet(qtbot, window.desk)
    assert [text for text in said if text.startswith("Scheduled") and first in text]


def test_a_line_of_words_offers_times_by_the_clock_of_the_location(
    qtbot: QtBot, far_away: MainWindow
) -> None:
    far_away.actions_["palette"].trigger()
    line = far_away.palette_
    qtbot.waitUntil(line.isVisible)
    QTest.keyClicks(line.field, "smith chk mon")
    until(qtbot, lambda: any(hit.text.startswith("Book ") for hit in line.model.hits))
    offers = [hit.text for hit in line.model.hits if hit.text.startswith("Book ")]
    assert all("\u2068New York\u2069" in text for text in offers)


def test_among_the_times_of_any_location_those_by_another_clock_name_it(
    qtbot: QtBot, alex: int, window: MainWindow
) -> None:
    window.open_booking(Draft(day=builders.TUESDAY))
    flow = the_flow(qtbot, window)
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    flow.time.place.providers[0].setCurrentIndex(flow.time.place.providers[0].findData(alex))
    flow.time.place.providers[0].activated.emit(flow.time.place.providers[0].currentIndex())
    quiet(qtbot, window.desk)
    assert "Chicago" not in flow.time.heading.text()
    assert "Chicago" not in flow.time.openings.caption.text()
    opening = flow.findChild(QPushButton, "booking-opening-0")
    assert opening is not None
    assert CHICAGO in opening.text()
    first = next(o for o in range(99) if flow.time.times.times.offers[o].bookable)
    assert (
        flow.time.times.times.index(first)
        .data()
        .startswith(f"8:00\u202fAM–8:30\u202fAM {CHICAGO}  ")
    )
