"""The quick form keeps its time for as long as it is open, and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from clinic_desk.models.diary import Appointment, CalendarEvent, Hold
from clinic_desk.rules.errors import Conflicted
from clinic_desk.services import diary
from clinic_desk.services import holds as services
from clinic_desk.views import robot
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.quick_form import QuickForm
from tests import builders
from tests.views.booking.conftest import click, holds, the_flow, typed, until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def other(clinic):
    """Somebody at another desk."""
    return builders.an_actor(clinic)


@pytest.fixture
def form(qtbot, window: MainWindow, clinic) -> QuickForm:
    """The form after free time was swept, from eleven to twelve."""
    window.calendar.set_view(View.PROVIDERS)
    quiet(qtbot, window.desk)
    sweep(window, 11)
    qtbot.waitUntil(lambda: window.panel.has_form)
    until(qtbot, lambda: window.panel.form.hold.is_held)
    quiet(qtbot, window.desk)
    return window.panel.form


def sweep(window: MainWindow, hour: int) -> None:
    board = window.calendar.board
    left, right = board.grid.edges(0)
    board.verticalScrollBar().setValue(board.grid.y(10 * 60))
    middle = (left + right) // 2
    start = QPoint(middle, board.grid.y(hour * 60) + 2) - board.offset
    end = QPoint(middle, board.grid.y((hour + 1) * 60) - 2) - board.offset
    robot.drag(board.viewport(), start, end)


def held_hours() -> set[int]:
    """At which hours (UTC) something is held."""
    return {h.starts_at.hour for h in elsewhere(lambda: list(Hold.select()))}


def book_there(actor, clinic, hour: int, patient_id: int) -> None:
    elsewhere(
        diary.book,
        actor,
        span=clinic.span(hour, minutes=60),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=patient_id,
        location_id=clinic.location_id,
    )


def test_a_sweep_holds_its_time_for_others_and_not_against_itself(
    qtbot, window, clinic, other, form
):
    assert [resource for resource, _desk in holds()] == [clinic.provider_id]
    (seen, *_more) = elsewhere(services.held, other, clinic.span(11, minutes=60))
    assert seen.who == "Test User"
    with pytest.raises(Conflicted, match="is held by Test User until"):
        book_there(other, clinic, 11, clinic.patient_id)
    assert "✓" in form.free.text()

    typed(form.search.field, "jane")
    until(qtbot, form.search.model.rowCount)
    QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    QTest.keyClick(form.fields.type, Qt.Key.Key_Return)
    until(qtbot, lambda: elsewhere(lambda: Appointment.select().count()))
    quiet(qtbot, window.desk)

    assert holds() == []
    assert not window.panel.has_form


@pytest.mark.parametrize("way", ["esc", "back", "close"])
def test_however_the_form_is_left_its_time_is_free(qtbot, window, form, way):
    if way == "esc":
        QTest.keyClick(form.search.field, Qt.Key.Key_Escape)
    elif way == "back":
        click(form.leave)
    else:
        window.close()
    quiet(qtbot, window.desk)

    assert holds() == []
    assert not form.hold.name


def test_another_sweep_and_another_length_move_the_hold(qtbot, window, clinic, form):
    sweep(window, 13)
    until(qtbot, lambda: held_hours() == {clinic.at(13).hour})
    assert len({desk for _resource, desk in holds()}) == 1

    form.fields.minutes.setFocus()
    form.fields.minutes.selectAll()
    QTest.keyClicks(form.fields.minutes, "90")
    QTest.keyClick(form.fields.minutes, Qt.Key.Key_Tab)
    ends = clinic.at(14, 30)
    until(qtbot, lambda: {h.ends_at for h in elsewhere(lambda: list(Hold.select()))} == {ends})
    quiet(qtbot, window.desk)
    assert "✓" in form.free.text()


def test_the_hold_is_renewed_while_the_form_is_open(qtbot, window, clinic, form):
    soon = services._second(None) + timedelta(seconds=10)
    elsewhere(lambda: Hold.update(expires_at=soon).execute())

    form.hold._holding._renew.timeout.emit()
    quiet(qtbot, window.desk)

    assert all(h.expires_at > soon for h in elsewhere(lambda: list(Hold.select())))


def test_a_time_that_was_lost_while_the_desk_slept_is_told_and_nothing_typed_is_gone(
    qtbot, window, clinic, other, form
):
    typed(form.fields.notes, "brings x-rays")
    elsewhere(lambda: Hold.delete().execute())  # the minute was over
    book_there(other, clinic, 11, clinic.patient_id)

    form.hold._holding._renew.timeout.emit()
    until(qtbot, form.refusal.isVisible)
    quiet(qtbot, window.desk)

    assert "cannot be booked" in form.refusal.heading.text()
    assert form.fields.notes.toPlainText() == "brings x-rays"
    way = form.refusal.ways.findChildren(QPushButton)[0]
    click(way)
    until(qtbot, lambda: form.hold.is_held)
    assert held_hours()


def test_what_another_desk_holds_is_told_and_taken_as_soon_as_it_is_let_go(
    qtbot, window, clinic, other, form
):
    name = "elsewhere"
    there = services.Slot(clinic.span(13, minutes=60), clinic.provider_id)
    elsewhere(services.take, other, name, [there])
    until(qtbot, lambda: window.calendar.board.held)
    sweep(window, 13)
    until(qtbot, lambda: "is held by" in form.free.text())
    assert not form.hold.is_held

    elsewhere(services.release, other, name)
    until(qtbot, lambda: form.hold.is_held)
    until(qtbot, lambda: "✓" in form.free.text())


def blocks(form) -> None:
    click(form.as_event)
    form.title.setFocus()
    QTest.keyClicks(form.title, "Repair")


@pytest.mark.parametrize("view", [View.PROVIDERS, View.ROOMS])
def test_the_time_that_is_to_be_blocked_is_held_while_that_is_typed(
    qtbot, window, clinic, other, form, view
):
    window.calendar.set_view(view)
    quiet(qtbot, window.desk)
    sweep(window, 13)
    quiet(qtbot, window.desk)
    blocks(form)
    whose = clinic.provider_id if view is View.PROVIDERS else clinic.operatory_id
    until(qtbot, lambda: [resource for resource, _desk in holds()] == [whose])
    quiet(qtbot, window.desk)
    room = clinic.operatory_id if view is View.ROOMS else None
    with pytest.raises(Conflicted, match="is held by Test User until"):
        elsewhere(
            diary.book,
            other,
            span=clinic.span(13, minutes=60),
            type_id=clinic.type_id,
            provider_id=clinic.provider_id,
            patient_id=clinic.patient_id,
            location_id=clinic.location_id,
            operatory_id=room,
        )
    QTest.keyClick(form.title, Qt.Key.Key_Return)
    until(qtbot, lambda: not window.panel.has_form)
    quiet(qtbot, window.desk)
    assert holds() == []
    assert elsewhere(lambda: [e.resource_id for e in CalendarEvent.select()]) == [whose]


def test_whoever_wants_to_block_taken_time_is_told_before_pressing_the_button(
    qtbot, window, clinic, other, form
):
    book_there(other, clinic, 13, clinic.patient_id)
    quiet(qtbot, window.desk)
    blocks(form)
    form.fields.minutes.setValue(180)  # from eleven to two
    until(qtbot, lambda: "Smith" in form.free.text())
    assert form.free.isVisible()
    QTest.keyClicks(form.title, "s")
    assert form.free.isVisible()
    form.fields.minutes.setValue(60)
    until(qtbot, lambda: not form.free.isVisible())


def test_time_that_is_blocked_is_not_held_against_itself(qtbot, window, form):
    blocks(form)
    click(form.book)
    until(qtbot, lambda: not window.panel.has_form)
    quiet(qtbot, window.desk)

    assert holds() == []


def test_all_steps_takes_the_hold_along_without_a_gap(qtbot, window, form):
    ((_resource, before), *_more) = holds()
    click(form.more)
    flow = the_flow(qtbot, window)

    assert form.more.text() == "All steps…"
    assert {desk for _resource, desk in holds()} == {before}
    QTest.keyClick(flow, Qt.Key.Key_Escape)
    quiet(qtbot, window.desk)
    assert holds() == []


def test_a_drop_that_is_refused_meanwhile_gives_the_form_back(qtbot, window, clinic, other, form):
    typed(form.fields.notes, "brings x-rays")
    book_there(other, clinic, 9, clinic.patient_id)
    book_there(other, clinic, 10, elsewhere(builders.a_patient, clinic, last_name="Lee"))
    board = window.calendar.board
    quiet(qtbot, window.desk)
    middle = sum(board.grid.edges(0)) // 2
    board.verticalScrollBar().setValue(board.grid.y(8 * 60))
    start = QPoint(middle, board.grid.y(9 * 60) + 25) - board.offset
    end = QPoint(middle, board.grid.y(10 * 60) + 25) - board.offset
    robot.drag(board.viewport(), start, end)
    until(qtbot, window.panel.refusal.isVisible)
    quiet(qtbot, window.desk)
    click(window.panel.refusal.keep)

    assert window.panel.has_form
    assert form.fields.notes.toPlainText() == "brings x-rays"
