"""What is known already when the booking window opens is not asked again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from clinic_desk.models.diary import Appointment
from clinic_desk.services import patients
from clinic_desk.views.booking.draft import SUMMARY, TIME, WHAT
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.slots import Slot
from tests.views.booking.conftest import answer, click, holds, the_flow, typed, until
from tests.views.conftest import elsewhere, quiet


def a_form_with_a_patient(qtbot, window: MainWindow, clinic, actor):
    slot = Slot(clinic.span(14), clinic.provider_id, clinic.operatory_id, clinic.location_id)
    window.begin_form(slot)
    quiet(qtbot, window.desk)
    form = window.panel.form
    form.search.set_patient(elsewhere(patients.patient, actor, clinic.patient_id))
    typed(form.fields.notes, "brings x-rays")
    quiet(qtbot, window.desk)
    return form


def test_the_quick_form_leads_on_with_all_that_is_known(qtbot, window, clinic, actor):
    form = a_form_with_a_patient(qtbot, window, clinic, actor)

    click(form.more)
    flow = the_flow(qtbot, window)

    assert not window.panel.has_form
    assert flow.step == WHAT
    assert {resource for resource, _desk in holds()} == {clinic.provider_id, clinic.operatory_id}
    QTest.keyClicks(flow.focusWidget(), "Toothache")
    QTest.keyClick(flow.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, lambda: elsewhere(lambda: Appointment.select().count()))
    quiet(qtbot, window.desk)

    visit = elsewhere(Appointment.get)
    assert visit.starts_at == clinic.at(14)
    assert visit.notes == "brings x-rays"
    assert visit.patient_id == clinic.patient_id
    assert holds() == []


def test_what_was_typed_in_the_quick_form_is_not_lost_by_leaving(qtbot, window, clinic, actor):
    click(a_form_with_a_patient(qtbot, window, clinic, actor).more)
    flow = the_flow(qtbot, window)

    QTest.keyClick(flow, Qt.Key.Key_Escape)
    answer(flow, "keep")
    assert flow.isVisible()
    click(flow.steps.buttons[SUMMARY])
    assert "Main problem" in flow.told.text()

    assert not window.close()  # the window asks before it takes it along
    answer(flow, "discard")
    qtbot.waitUntil(lambda: not window.isVisible())
    quiet(qtbot, window.desk)
    assert holds() == []


def test_a_visit_is_booked_again_with_a_click_for_the_time(qtbot, window, clinic, actor):
    from clinic_desk.services import diary

    card = elsewhere(
        diary.book,
        actor,
        span=clinic.span(10, minutes=45),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
        main_problem="Toothache",
    ).value
    until(qtbot, lambda: window.calendar.board.model.card(card.id))
    window.calendar.board.select(card.id)
    window.actions_["again"].trigger()  # 1: the menu
    flow = the_flow(qtbot, window)
    assert flow.step == TIME
    click(flow.findChild(QPushButton, "booking-opening-0"))  # 2
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    click(flow.book)  # 3
    until(qtbot, lambda: elsewhere(lambda: Appointment.select().count()) == 2)
    quiet(qtbot, window.desk)

    first, second = elsewhere(lambda: list(Appointment.select().order_by(Appointment.id)))
    assert (first.case_id, first.type_id) == (second.case_id, second.type_id)
    assert second.ends_at - second.starts_at == first.ends_at - first.starts_at
