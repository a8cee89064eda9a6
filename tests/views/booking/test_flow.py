"""From the main problem to "Schedule appointments", with the mouse and with the keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient
from clinic_desk.views.booking.draft import PATIENT, SUMMARY, TIME, WHAT
from tests.views.booking.conftest import answer, click, click_row, holds, the_flow, typed, until
from tests.views.conftest import elsewhere, quiet

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def visits() -> list[Appointment]:
    return elsewhere(lambda: list(Appointment.select()))


def the_patient(clinic) -> Patient:
    return elsewhere(lambda: Patient.get_by_id(clinic.patient_id))


def test_a_known_patient_is_booked_in_few_clicks(qtbot, window, clinic):
    QTest.keyClick(window, Qt.Key.Key_N, CTRL_SHIFT)
    flow = the_flow(qtbot, window)
    typed(flow.what.problem, "Toothache")
    click(flow.next)  # 1: Choose location and time
    quiet(qtbot, window.desk)
    click(flow.findChild(QPushButton, "booking-opening-0"))  # 2
    until(qtbot, lambda: flow.step == PATIENT)
    quiet(qtbot, window.desk)
    typed(flow.patient.search.field, the_patient(clinic).last_name[:4])
    until(qtbot, flow.patient.search.table.isVisible)
    QTest.keyClick(flow.patient.search.field, Qt.Key.Key_Return)
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    assert len(holds()) == 2

    click(flow.book)  # 3: Schedule appointments
    until(qtbot, visits)
    quiet(qtbot, window.desk)

    (visit,) = visits()
    assert visit.patient_id == clinic.patient_id
    (case,) = elsewhere(lambda: list(Case.select()))
    assert (case.main_problem, visit.case_id) == ("Toothache", case.id)
    assert holds() == []
    assert window.calendar.current.id == visit.id


def test_all_of_it_goes_by_keys(qtbot, window, flow, clinic):
    QTest.keyClicks(flow.focusWidget(), "Toothache")
    QTest.keyClick(flow.focusWidget(), Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    assert flow.step == TIME
    until(qtbot, flow.time.times.hasFocus)
    QTest.keyClick(flow.time.times, Qt.Key.Key_Return)
    until(qtbot, lambda: flow.step == PATIENT)
    QTest.keyClicks(flow.focusWidget(), the_patient(clinic).last_name[:4])
    until(qtbot, flow.patient.search.table.isVisible)
    QTest.keyClick(flow.focusWidget(), Qt.Key.Key_Return)
    until(qtbot, lambda: flow.step == SUMMARY)
    until(qtbot, flow.book.hasFocus)
    QTest.keyClick(flow.book, Qt.Key.Key_Return)
    until(qtbot, visits)
    quiet(qtbot, window.desk)


def test_without_a_main_problem_it_is_asked_for_at_its_field(qtbot, flow):
    click(flow.next)

    assert flow.step == WHAT
    assert flow.what.told.isVisible()
    assert "main problem" in flow.what.told.text()
    assert flow.what.problem.hasFocus()


def test_going_back_keeps_every_answer(qtbot, window, flow, clinic):
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    click_row(flow, 3)
    until(qtbot, lambda: flow.step == PATIENT)
    seat = flow.draft.parts[0].seat
    for step in (WHAT, TIME, PATIENT, TIME):
        click(flow.steps.buttons[step])
        quiet(qtbot, window.desk)

    assert flow.what.problem.text() == "Toothache"
    assert flow.draft.parts[0].seat == seat
    current = flow.time.times.currentIndex()
    assert flow.time.times.times.offers[current.row()].seats[0] == seat
    assert current.data().startswith("✓")


def test_closing_the_window_frees_the_time(qtbot, window, flow):
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    click_row(flow, 0)
    quiet(qtbot, window.desk)
    assert holds()

    flow.close()
    assert flow.isVisible()
    answer(flow, "discard")
    quiet(qtbot, window.desk)

    assert holds() == []
    assert visits() == []
