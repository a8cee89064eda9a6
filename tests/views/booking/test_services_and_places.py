"""One or several services, their order and pauses; where, by whom; and what cannot be had."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from clinic_desk.models.diary import Appointment
from clinic_desk.services import diary, patients
from clinic_desk.views.booking.draft import PATIENT, SUMMARY, TIME, WHAT, Draft
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.booking.conftest import click, click_row, holds, the_flow, typed, until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def hygiene(clinic) -> int:
    return builders.a_type(clinic, code="HYG", name="Hygiene", minutes=45, position=2)


@pytest.fixture
def idle(clinic) -> int:
    """A provider without hours."""
    return builders.a_provider(clinic, hours=None, last_name="Idle")


@pytest.fixture(autouse=True)
def _known_before_the_window_opens(hygiene, idle) -> None:
    """So that the desk's catalogue has them."""


@pytest.fixture
def opened(qtbot, window: MainWindow) -> BookingFlow:
    window.open_booking(Draft(day=builders.TUESDAY))
    flow = the_flow(qtbot, window)
    typed(flow.what.problem, "Toothache")
    return flow


def with_patient(flow: BookingFlow, clinic, actor) -> None:
    flow.patient.search.set_patient(elsewhere(patients.patient, actor, clinic.patient_id))


def choose(box, data) -> None:
    """As a hand does: the box is opened and the line taken."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def visits() -> list[Appointment]:
    return elsewhere(lambda: list(Appointment.select().order_by(Appointment.starts_at)))


def test_two_services_of_one_visit_follow_each_other_with_their_pause(
    qtbot, window, opened, clinic, actor, hygiene
):
    flow = opened
    click(flow.what.more)
    assert [line.type_id for line in flow.what.lines] == [clinic.type_id, hygiene]
    qtbot.waitUntil(flow.what.lines[1].up.isVisible)
    click(flow.what.lines[1].up)
    assert [part.type_id for part in flow.draft.parts] == [hygiene, clinic.type_id]
    flow.what.lines[1].gap.setValue(15)
    click(flow.next)
    quiet(qtbot, window.desk)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    with_patient(flow, clinic, actor)
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    click(flow.book)
    until(qtbot, visits)
    quiet(qtbot, window.desk)

    first, second = visits()
    assert (first.type_id, second.type_id) == (hygiene, clinic.type_id)
    assert (second.starts_at - first.ends_at).total_seconds() == 15 * 60
    assert first.visit_id == second.visit_id is not None
    assert first.case_id == second.case_id


def test_each_service_in_a_visit_of_its_own_has_a_time_of_its_own(
    qtbot, window, opened, clinic, actor
):
    flow = opened
    click(flow.what.more)
    qtbot.waitUntil(flow.what.apart.isVisible)
    click(flow.what.apart)
    click(flow.next)
    quiet(qtbot, window.desk)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    quiet(qtbot, window.desk)
    assert flow.step == TIME
    assert flow.time.number == 1
    assert len(holds()) == 2
    click(flow.findChild(QPushButton, "booking-opening-2"))
    until(qtbot, lambda: flow.step == PATIENT)
    quiet(qtbot, window.desk)
    assert len(holds()) == 4
    with_patient(flow, clinic, actor)
    quiet(qtbot, window.desk)
    click(flow.book)
    until(qtbot, visits)
    quiet(qtbot, window.desk)

    first, second = visits()
    assert first.visit_id is None
    assert second.visit_id is None
    assert first.case_id == second.case_id
    assert holds() == []


def test_another_service_asks_for_another_time_and_the_same_keeps_it(qtbot, window, opened):
    flow = opened
    click(flow.next)
    quiet(qtbot, window.desk)
    click_row(flow, 2)
    quiet(qtbot, window.desk)
    click(flow.steps.buttons[WHAT])
    flow.what.lines[0].minutes.setValue(60)
    quiet(qtbot, window.desk)

    assert flow.draft.seats == ()
    assert holds() == []


def test_a_provider_without_hours_is_told_with_three_ways_out(qtbot, window, opened, clinic, idle):
    flow = opened
    click(flow.next)
    quiet(qtbot, window.desk)
    choose(flow.time.place.providers[0], idle)
    until(qtbot, flow.time.none.isVisible)

    assert "no work hours yet" in flow.time.none.text.text()
    names = [w.objectName() for w in flow.time.none.findChildren(QPushButton) if w.isVisible()]
    assert names == ["booking-way-days", "booking-way-another", "booking-way-first"]
    click(flow.time.none.findChild(QPushButton, "booking-way-first"))
    until(qtbot, lambda: flow.step == PATIENT)
    assert flow.draft.seats[0].provider_id == clinic.provider_id


@pytest.fixture
def branch(clinic) -> int:
    """A location where nobody works."""
    number = builders.a_location(clinic, name="Branch")
    builders.an_operatory(clinic, location_id=number)
    return number


def test_where_nobody_works_their_days_and_another_location_are_a_click_away(
    qtbot, branch, window, opened, clinic, idle
):
    flow = opened
    wanted: list[int] = []
    flow.provider_days_wanted.connect(wanted.append)
    click(flow.next)
    quiet(qtbot, window.desk)
    choose(flow.time.place.location, branch)
    until(qtbot, flow.time.none.isVisible)

    ways = [w for w in flow.time.none.findChildren(QPushButton) if w.isVisible()]
    assert [w.objectName() for w in ways] == ["booking-way-days", "booking-way-first"]
    assert "Main Street" in ways[1].text()
    click(ways[0])
    assert wanted[0] in {clinic.provider_id, idle}
    click(ways[1])
    until(qtbot, lambda: flow.step == PATIENT)
    assert flow.draft.seats[0].location_id == clinic.location_id


def test_another_provider_is_a_click_away(qtbot, window, opened, idle):
    flow = opened
    click(flow.next)
    quiet(qtbot, window.desk)
    choose(flow.time.place.providers[0], idle)
    until(qtbot, flow.time.none.isVisible)
    click(flow.time.none.findChild(QPushButton, "booking-way-another"))
    until(qtbot, lambda: not flow.time.none.isVisible())
    quiet(qtbot, window.desk)

    assert flow.draft.parts[0].provider_id is None
    assert flow.time.month.model.bookable


def test_only_days_that_can_be_booked_can_be_chosen_and_months_are_turned(qtbot, window, opened):
    flow = opened
    click(flow.next)
    quiet(qtbot, window.desk)
    month = flow.time.month
    today = flow.time._today
    past = [day for day in month.model.bookable if day < today]
    assert past == []
    click(month.after)
    quiet(qtbot, window.desk)
    assert month.month > today
    day = max(month.model.bookable)
    index = month.place(day)
    QTest.mouseClick(
        month.table.viewport(),
        Qt.MouseButton.LeftButton,
        pos=month.table.visualRect(index).center(),
    )
    quiet(qtbot, window.desk)
    assert flow.draft.day == day
    assert flow.time.times.times.rowCount()


def test_what_stands_in_the_patients_way_is_told_before_it_is_saved(
    qtbot, window, opened, clinic, actor
):
    flow = opened
    click(flow.next)
    quiet(qtbot, window.desk)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    quiet(qtbot, window.desk)
    other = builders.a_provider(clinic, last_name="Other")
    elsewhere(
        diary.book,
        actor,
        span=flow.draft.seats[0].span,
        type_id=clinic.type_id,
        provider_id=other,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )
    with_patient(flow, clinic, actor)
    until(qtbot, flow.summary.refusal.isVisible)
    quiet(qtbot, window.desk)

    reasons = [part.text() for part in flow.summary.refusal.findChildren(QLabel)]
    assert any("another visit then" in text for text in reasons)
    click(flow.summary.refusal.findChild(QPushButton, "booking-instead-0-0"))
    until(qtbot, lambda: not flow.summary.refusal.isVisible())
    quiet(qtbot, window.desk)
    click(flow.book)
    until(qtbot, lambda: len(visits()) == 2)
    quiet(qtbot, window.desk)


def test_a_suggestion_is_one_click(qtbot, window, opened):
    flow = opened
    flow.what.problem.clear()
    qtbot.wait(200)
    quiet(qtbot, window.desk)
    click(flow.what.findChild(QPushButton, "booking-suggestion-0"))

    assert flow.what.problem.text() == "Check-up"


def test_the_providers_days_are_opened_and_new_hours_are_seen_at_once(
    qtbot, window, opened, clinic, idle
):
    flow = opened
    click(flow.next)
    quiet(qtbot, window.desk)
    choose(flow.time.place.providers[0], idle)
    until(qtbot, flow.time.none.isVisible)
    click(flow.time.none.findChild(QPushButton, "booking-way-days"))
    quiet(qtbot, window.desk)
    assert window.screens.currentWidget() is window.screens.operational

    elsewhere(lambda: builders.work_hours(clinic, idle, weekday=2))
    window.desk.renew_catalogue()
    until(qtbot, lambda: not flow.time.none.isVisible())
    quiet(qtbot, window.desk)
    assert flow.time.month.model.bookable


def test_one_provider_for_all_services_where_that_is_wanted(qtbot, window, opened, clinic):
    flow = opened
    click(flow.what.more)
    click(flow.next)
    quiet(qtbot, window.desk)
    click(flow.time.place.same)
    quiet(qtbot, window.desk)
    offers = [offer for offer in flow.time.times.times.offers if offer.bookable]

    assert offers
    assert all(len({seat.provider_id for seat in offer.seats}) == 1 for offer in offers)
