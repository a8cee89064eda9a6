"""Other desks: what is held is seen and respected, and whoever is second is told by whom."""

from __future__ import annotations

import uuid
from datetime import timedelta

from PySide6.QtWidgets import QLabel, QPushButton

from clinic_desk.services import diary, patients
from clinic_desk.services import holds as held
from clinic_desk.views.booking.draft import PATIENT, TIME
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.patients.new_patient import NewPatient
from tests import builders
from tests.views.booking.conftest import click, click_row, holds, typed, until
from tests.views.conftest import elsewhere, quiet


def another_desk_holds(actor, seat) -> None:
    slot = held.Slot(seat.span, seat.provider_id, seat.operatory_id)
    elsewhere(held.take, actor, str(uuid.uuid4()), [slot])


def at_the_times(qtbot, window, flow: BookingFlow) -> None:
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)


def test_what_another_desk_holds_is_unavailable_with_who_holds_it(qtbot, window, flow, actor):
    at_the_times(qtbot, window, flow)
    offer = flow.time.times.times.offers[0]
    another_desk_holds(actor, offer.seats[0])
    flow.time.read_times()
    quiet(qtbot, window.desk)

    text = flow.time.times.times.index(0).data()
    assert "Unavailable" in text
    assert "held by" in text
    click_row(flow, 0)
    assert flow.step == TIME
    assert flow.draft.seats == ()


def test_whoever_is_second_is_told_and_keeps_everything_else(qtbot, window, flow, actor):
    at_the_times(qtbot, window, flow)
    another_desk_holds(actor, flow.time.times.times.offers[1].seats[0])

    click_row(flow, 1)
    until(qtbot, flow.time.told.isVisible)
    quiet(qtbot, window.desk)

    assert flow.step == TIME
    assert "held by" in flow.time.told.text()
    assert flow.draft.seats == ()
    assert flow.draft.problem == "Toothache"
    click_row(flow, 4)
    until(qtbot, lambda: flow.step == PATIENT)


def test_another_time_moves_the_hold(qtbot, window, flow):
    at_the_times(qtbot, window, flow)
    click_row(flow, 0)
    quiet(qtbot, window.desk)
    click(flow.steps.buttons[TIME])
    quiet(qtbot, window.desk)
    click_row(flow, 8)
    quiet(qtbot, window.desk)

    assert len(holds()) == 2
    assert flow.holding.is_held


def test_a_hold_that_was_slept_through_is_taken_anew(qtbot, window, flow):
    from clinic_desk.models.diary import Hold

    at_the_times(qtbot, window, flow)
    click_row(flow, 0)
    quiet(qtbot, window.desk)
    elsewhere(lambda: Hold.delete().execute())
    flow.holding.renew()
    quiet(qtbot, window.desk)

    assert len(holds()) == 2


def test_a_new_patient_is_written_down_on_the_way_and_is_chosen_then(qtbot, window, flow):
    at_the_times(qtbot, window, flow)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    until(qtbot, lambda: flow.step == PATIENT)
    typed(flow.patient.search.field, "xaver unknown")
    qtbot.wait(100)
    quiet(qtbot, window.desk)
    click(flow.patient.add)
    until(qtbot, lambda: flow.findChild(NewPatient))
    made = flow.findChild(NewPatient)
    qtbot.waitUntil(made.isVisible)
    assert made.form.fields.line("last_name").text() == "Unknown"
    click(made.form.save)
    until(qtbot, lambda: flow.draft.patient)
    quiet(qtbot, window.desk)

    assert flow.draft.patient.name == "Unknown, Xaver"
    assert flow.book.isVisible()
    assert flow.book.isEnabled()


def test_alerts_and_what_is_booked_already_are_told_before_it_is_booked(
    qtbot, window, flow, clinic, actor
):
    number = builders.a_patient(clinic, last_name="Frail", alert="Wheelchair")
    elsewhere(
        diary.book,
        actor,
        span=clinic.span(9, day=builders.TUESDAY + timedelta(days=3)),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=number,
        location_id=clinic.location_id,
    )
    at_the_times(qtbot, window, flow)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    flow.patient.search.set_patient(elsewhere(patients.patient, actor, number))
    until(qtbot, flow.summary.isVisible)
    quiet(qtbot, window.desk)

    known = flow.summary.known
    assert "Wheelchair" in known.alert.text()
    assert known.alert.isVisible()
    texts = [part.text() for part in known.findChildren(QLabel, "booking-known-visit")]
    assert len(texts) == 1
    assert "May 23" in texts[0]
