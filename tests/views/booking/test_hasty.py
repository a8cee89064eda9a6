"""A hasty hand in the booking window: nothing is passed over or booked unasked."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from clinic_desk.models.diary import Appointment
from clinic_desk.services import patients
from clinic_desk.views.booking.draft import PATIENT, SUMMARY, TIME
from clinic_desk.views.booking.flow import TWICE_MS, BookingFlow
from tests.views.booking.conftest import click, click_row, typed, until
from tests.views.conftest import elsewhere, quiet


def at_the_times(qtbot, window, flow: BookingFlow) -> None:
    """In the second step, with the day's times in sight."""
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    until(qtbot, flow.time.times.times.rowCount)
    assert flow.step == TIME


def press_at(flow: BookingFlow, where: QPoint) -> None:
    """A click on whatever lies at this point of the window now."""
    hit = QApplication.widgetAt(flow.mapToGlobal(where)) or flow.childAt(where)
    assert isinstance(hit, QWidget)
    at = hit.mapFrom(flow, where)
    QTest.mouseClick(hit, Qt.MouseButton.LeftButton, pos=at)


def test_no_time_looks_chosen_before_one_is(qtbot, window, flow):
    at_the_times(qtbot, window, flow)
    times = flow.time.times

    assert times.currentIndex().isValid()  # the keys begin there
    assert times.selectedIndexes() == []
    click_row(flow, 1)
    until(qtbot, lambda: flow.step == PATIENT)
    click(flow.steps.buttons[TIME])
    quiet(qtbot, window.desk)
    assert [index.data()[0] for index in times.selectedIndexes()] == ["✓"]


def test_going_on_without_a_time_is_answered_beside_the_list(qtbot, window, flow):
    at_the_times(qtbot, window, flow)
    click(flow.next)

    assert flow.step == TIME
    assert flow.time.missing.isVisible()
    assert "No time is chosen" in flow.time.missing.text()
    assert flow.time.times.hasFocus()
    click_row(flow, 1)
    until(qtbot, lambda: flow.step == PATIENT)
    click(flow.back)
    assert not flow.time.missing.isVisible()


def test_what_books_never_stands_where_patient_info_stood(qtbot, window, flow, clinic, actor):
    flow.patient.search.set_patient(elsewhere(patients.patient, actor, clinic.patient_id))
    at_the_times(qtbot, window, flow)
    box = flow.next.rect()
    spots = [
        flow.next.mapTo(flow, QPoint(x, box.center().y()))
        for x in (box.left() + 2, box.center().x(), box.right() - 2)
    ]
    click(flow.findChild(QPushButton, "booking-opening-0"))
    until(qtbot, lambda: flow.step == SUMMARY)
    flow.layout().activate()
    for spot in spots:  # a second click of the same hand
        press_at(flow, spot)
        assert flow.step == SUMMARY
    qtbot.wait(TWICE_MS + 50)
    press_at(flow, spots[0])  # a late one: it goes back, and books nothing
    quiet(qtbot, window.desk)

    assert flow.step == PATIENT
    assert elsewhere(lambda: Appointment.select().count()) == 0
