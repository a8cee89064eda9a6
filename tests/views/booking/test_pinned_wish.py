"""A new visit waits on the pinboard, and is booked where it is dropped; nothing is asked twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from clinic_desk.models.diary import Appointment
from clinic_desk.views import robot
from clinic_desk.views.booking.draft import SUMMARY, TIME, WHAT, Draft, Part
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.pinned_wish import PinnedWish
from clinic_desk.views.slots import Slot
from tests import builders
from tests.views.booking.conftest import click, holds, the_flow, typed, until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture(autouse=True)
def day(qtbot, window: MainWindow) -> None:
    window.calendar.set_view(View.PROVIDERS)
    quiet(qtbot, window.desk)
    window.calendar.board.verticalScrollBar().setValue(window.calendar.board.grid.y(8 * 60))


def a_form(qtbot, window: MainWindow, clinic, name: str = "jane"):
    """The quick form at two, with a patient and a note."""
    slot = Slot(clinic.span(14), clinic.provider_id, clinic.operatory_id, clinic.location_id)
    window.begin_form(slot)
    form = window.panel.form
    QTest.keyClicks(form.search.field, name)
    if name == "jane":
        until(qtbot, form.search.model.rowCount)
        QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    typed(form.fields.notes, "brings x-rays")
    quiet(qtbot, window.desk)
    return form


def drag_pin(window: MainWindow, hour: int) -> None:
    """Drag the first pin onto the calendar."""
    table, board = window.pinboard.table, window.calendar.board
    viewport = table.viewport()
    start = table.visualRect(table.model().index(0, 0)).center()
    middle = sum(board.grid.edges(0)) // 2
    target = QPoint(middle, board.grid.y(hour * 60) + 2) - board.offset
    end = viewport.mapFromGlobal(board.viewport().mapToGlobal(target))
    robot.drag(viewport, start, end)


def the_wish(window: MainWindow) -> PinnedWish:
    (card,) = window.pinboard.cards
    assert isinstance(card, PinnedWish)
    return card


def test_what_is_typed_in_the_quick_form_waits_and_goes_on_where_it_is_dropped(
    qtbot, window, clinic
):
    form = a_form(qtbot, window, clinic)
    click(form.pin)
    quiet(qtbot, window.desk)
    assert holds() == []
    assert not window.panel.has_form
    assert the_wish(window).patient_name == "Smith3, Jane"

    drag_pin(window, 11)
    flow = the_flow(qtbot, window)
    assert flow.step == WHAT
    assert [resource for resource, _desk in holds()][:1] == [clinic.provider_id]
    QTest.keyClicks(flow.focusWidget(), "Toothache")
    QTest.keyClick(flow.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, lambda: elsewhere(lambda: Appointment.select().count()))
    quiet(qtbot, window.desk)

    visit = elsewhere(Appointment.get)
    assert visit.starts_at == clinic.at(10, 45)  # it was held a little below its top
    assert (visit.patient_id, visit.notes) == (clinic.patient_id, "brings x-rays")
    assert window.pinboard.cards == ()
    assert holds() == []


def test_a_flow_put_aside_with_all_but_its_time_is_booked_by_a_drop_and_one_key(
    qtbot, window, clinic, actor
):
    from clinic_desk.services import patients

    patient = elsewhere(patients.patient, actor, clinic.patient_id)
    draft = Draft(problem="Toothache", parts=[Part(clinic.type_id, 45)], patient=patient)
    window.open_booking(draft)
    flow = the_flow(qtbot, window)
    click(flow.pin)
    quiet(qtbot, window.desk)
    assert the_wish(window).span.minutes == 45

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.pinboard.table.setFocus()  # by keys alone
    window.pinboard.table.selectRow(0)
    QTest.keyClick(window.pinboard.table, Qt.Key.Key_Return)
    board = window.calendar.board
    until(qtbot, lambda: board.gestures.busy)
    QTest.keyClick(board, Qt.Key.Key_Down)
    QTest.keyClick(board, Qt.Key.Key_Return)
    flow = the_flow(qtbot, window)
    assert flow.step == SUMMARY
    quiet(qtbot, window.desk)
    QTest.keyClick(flow.focusWidget(), Qt.Key.Key_Return)
    until(qtbot, lambda: elsewhere(lambda: Appointment.select().count()))
    quiet(qtbot, window.desk)

    visit = elsewhere(Appointment.get)
    assert visit.ends_at - visit.starts_at == timedelta(minutes=45)
    assert window.pinboard.cards == ()


def test_it_survives_a_restart_and_stays_when_the_drop_is_not_gone_through_with(
    qtbot, window, clinic
):
    click(a_form(qtbot, window, clinic).pin)
    quiet(qtbot, window.desk)
    window.pinboard.load()
    quiet(qtbot, window.desk)
    assert the_wish(window).notes == "brings x-rays"

    drag_pin(window, 11)
    flow = the_flow(qtbot, window)
    flow.discard()
    quiet(qtbot, window.desk)
    assert the_wish(window).patient_name == "Smith3, Jane"
    assert holds() == []


def test_a_drop_on_a_day_of_the_small_month_asks_for_the_time_of_that_day(qtbot, window, clinic):
    window.pinboard.pin_wish(Draft(problem="Toothache", parts=[Part(clinic.type_id)]))
    quiet(qtbot, window.desk)
    wanted = builders.TUESDAY + timedelta(days=2)
    month = window.mini_month
    index = month.model.place(wanted)
    where = month.table.viewport().mapToGlobal(month.table.visualRect(index).center())
    viewport = window.pinboard.table.viewport()
    robot.drag(viewport, QPoint(20, 15), viewport.mapFromGlobal(where))

    flow = the_flow(qtbot, window)
    assert flow.step == TIME
    assert flow.draft.day == wanted
    flow.discard()
    quiet(qtbot, window.desk)


def test_a_name_that_was_only_typed_goes_along_too(qtbot, window, clinic):
    form = a_form(qtbot, window, clinic, name="jan")
    click(form.more)
    flow = the_flow(qtbot, window)

    until(qtbot, flow.patient.search.model.rowCount)
    assert flow.patient.search.field.text() == "jan"
    assert flow.patient.notes.toPlainText() == "brings x-rays"
    flow.discard()
    quiet(qtbot, window.desk)


def test_a_pin_is_never_taken_for_an_event_of_the_calendar(qtbot, window, clinic, actor):
    """Events have the negative numbers on the calendar; the first one stands in the way still."""
    elsewhere(builders.an_event, clinic, clinic.span(11, minutes=60), title="Congress")
    window.calendar.periods.renew()
    window.pinboard.pin_wish(Draft(problem="Toothache", parts=[Part(clinic.type_id)]))
    quiet(qtbot, window.desk)
    board = window.calendar.board
    reasons: list[str] = []
    table = window.pinboard.table
    start = table.visualRect(table.model().index(0, 0)).center()
    target = QPoint(sum(board.grid.edges(0)) // 2, board.grid.y(11 * 60 + 20)) - board.offset
    end = table.viewport().mapFromGlobal(board.viewport().mapToGlobal(target))
    robot.drag(
        table.viewport(),
        start,
        end,
        before_release=lambda: reasons.extend(map(str, board.gestures.ghost.reasons)),
    )
    quiet(qtbot, window.desk)
    assert any("Congress" in reason for reason in reasons)
    flow = the_flow(qtbot, window)
    assert "Congress" in flow.time.told.text()
    flow.discard()
    quiet(qtbot, window.desk)
