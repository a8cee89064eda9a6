"""The side panel tells what is true now, and what it offers is about the visit it names."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import UserLocation
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import elsewhere, quiet, stored

CTRL = Qt.KeyboardModifier.ControlModifier
TUE, THU = 1, 3
THURSDAY = TUESDAY.replace(day=TUESDAY.day + 2)


def at(window: MainWindow, column: int, hour: float) -> QPoint:
    board = window.calendar.board
    left, right = board.grid.edges(column)
    return QPoint((left + right) // 2, board.grid.y(hour * 60)) - board.offset


def click(window: MainWindow, column: int, hour: float) -> None:
    viewport = window.calendar.board.viewport()
    QTest.mouseClick(viewport, robot.LEFT, robot.PLAIN, at(window, column, hour))


def drag(window: MainWindow, start: tuple[int, float], end: tuple[int, float]) -> None:
    robot.drag(window.calendar.board.viewport(), at(window, *start), at(window, *end))


def a_visit(qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, hour: int = 10) -> int:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(hour))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    window.calendar.board.verticalScrollBar().setValue(window.calendar.board.grid.y(8 * 60))
    return number


def press(window: MainWindow, status: Status) -> None:
    robot.click(window.panel.details.buttons[status])


def test_after_a_drag_the_panel_shows_the_new_time_and_confirmed_is_saved(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = a_visit(qtbot, clinic, window)
    drag(window, (TUE, 10.25), (THU, 14.25))
    quiet(qtbot, window.desk)
    assert "Thu, May 22" in window.panel.details.when.text()
    press(window, Status.CONFIRMED)
    quiet(qtbot, window.desk)
    assert stored(actor, number).status is Status.CONFIRMED
    assert window.panel.details.buttons[Status.CONFIRMED].isChecked()
    press(window, Status.ARRIVED)
    quiet(qtbot, window.desk)
    assert stored(actor, number).status is Status.ARRIVED


def test_a_status_pressed_before_the_move_is_saved_follows_it(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = a_visit(qtbot, clinic, window)
    drag(window, (TUE, 10.25), (THU, 14.25))
    press(window, Status.CONFIRMED)
    press(window, Status.ARRIVED)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(14, day=THURSDAY)
    assert stored(actor, number).status is Status.ARRIVED


def test_after_undo_the_panel_shows_the_old_time_and_can_be_used(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = a_visit(qtbot, clinic, window)
    drag(window, (TUE, 10.25), (THU, 14.25))
    quiet(qtbot, window.desk)
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Z, CTRL)
    quiet(qtbot, window.desk)
    assert "Tue, May 20" in window.panel.details.when.text()
    press(window, Status.CONFIRMED)
    quiet(qtbot, window.desk)
    assert stored(actor, number).status is Status.CONFIRMED


def test_what_another_desk_changes_is_seen_in_the_panel_and_can_be_built_upon(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = a_visit(qtbot, clinic, window)
    click(window, TUE, 10.25)
    assert window.panel.details.card is not None
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=1)
    qtbot.waitUntil(lambda: "4:00" in window.panel.details.when.text(), timeout=10_000)
    press(window, Status.CONFIRMED)
    quiet(qtbot, window.desk)
    assert stored(actor, number).status is Status.CONFIRMED


def test_a_visit_that_left_the_week_is_followed_and_pinned_as_it_is_now(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = a_visit(qtbot, clinic, window)
    window.panel.show_card(stored(actor, number))  # as from the pinboard: selected nowhere
    far = TUESDAY.replace(day=TUESDAY.day + 7)
    elsewhere(diary.move, actor, number, span=clinic.span(11, day=far), version=1)
    qtbot.waitUntil(lambda: "May 27" in window.panel.details.when.text(), timeout=10_000)
    robot.click(window.panel.details.park)
    assert [card.version for card in window.pinboard.cards] == [2]


def test_a_note_half_typed_in_the_form_stays_while_others_change_the_visit(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = a_visit(qtbot, clinic, window)
    click(window, TUE, 10.25)
    QTest.keyClick(window.calendar.board, Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: window.panel.has_form)
    notes = window.panel.form.fields.notes
    notes.setFocus()
    robot.write(notes, "brings her so")
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=1)
    quiet(qtbot, window.desk)
    qtbot.waitUntil(lambda: _version(window) == 2, timeout=10_000)
    assert window.panel.has_form
    assert notes.toPlainText() == "brings her so"


def _version(window: MainWindow) -> int:
    card = window.panel.details.card
    return card.version if card is not None else 0


# A refused drop ----------------------------------------------------------------------------------


def refused(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> tuple[int, int]:
    """A visit at ten, dropped upon another patient's at twelve; the panel says why not."""
    first = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    patient = elsewhere(builders.a_patient, clinic, first_name="Bo", last_name="Olsen")
    other = elsewhere(
        diary.book,
        actor,
        span=clinic.span(12),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=patient,
    ).value
    assert isinstance(other, AppointmentCard)
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    window.calendar.board.verticalScrollBar().setValue(window.calendar.board.grid.y(8 * 60))
    drag(window, (TUE, 10.25), (TUE, 12.25))
    refusal = window.panel.refusal
    qtbot.waitUntil(lambda: refusal.isVisible() and refusal.ways.first() is not None)
    quiet(qtbot, window.desk)
    return first, other.id


def test_a_refusal_names_the_patient_and_what_was_wanted(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number, _other = refused(qtbot, clinic, window, actor)
    head = window.panel.refusal.heading.text()
    assert stored(actor, number).patient_name.split(",")[0] in head
    assert "12:00" in head


def test_a_refusal_goes_when_another_visit_is_chosen(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    refused(qtbot, clinic, window, actor)
    click(window, TUE, 12.25)
    assert not window.panel.refusal.isVisible()
    assert "Olsen" in window.panel.details.name.text()


def test_a_refusal_goes_when_other_days_are_shown_or_another_view(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    refused(qtbot, clinic, window, actor)
    robot.click(window.calendar.toolbar.after)
    assert not window.panel.refusal.isVisible()
    robot.click(window.calendar.toolbar.before)
    quiet(qtbot, window.desk)
    drag(window, (TUE, 10.25), (TUE, 12.25))
    qtbot.waitUntil(window.panel.refusal.isVisible)
    robot.click(window.calendar.toolbar.view_buttons["week"])  # type: ignore[index]
    assert not window.panel.refusal.isVisible()


def test_a_refusal_goes_with_undo_and_with_any_deed_that_succeeds(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number, _other = refused(qtbot, clinic, window, actor)
    card = stored(actor, number)
    window.visits.set_status(card, Status.CONFIRMED)
    quiet(qtbot, window.desk)
    assert not window.panel.refusal.isVisible()
    drag(window, (TUE, 10.25), (TUE, 12.25))
    qtbot.waitUntil(window.panel.refusal.isVisible)
    window.desk.undo()
    quiet(qtbot, window.desk)
    assert not window.panel.refusal.isVisible()


def test_a_way_out_moves_its_own_visit_alone_and_not_what_another_desk_moved_meanwhile(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number, other = refused(qtbot, clinic, window, actor)
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=1)
    quiet(qtbot, window.desk)
    if window.panel.refusal.isVisible():
        way = window.panel.refusal.ways.first()
        assert isinstance(way, QAbstractButton)
        robot.click(way)
        quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(16)
    assert stored(actor, other).span == clinic.span(12)


def test_enter_on_a_way_out_takes_it_and_the_calendar_has_the_focus_again(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number, _other = refused(qtbot, clinic, window, actor)
    way = window.panel.refusal.ways.first()
    assert way is not None
    way.setFocus()
    QTest.keyClick(way, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span.starts_at > clinic.span(12).starts_at
    assert QApplication.focusWidget() is window.calendar.board


def test_enter_space_and_escape_on_leave_as_it_was_give_the_focus_back_to_the_calendar(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    refused(qtbot, clinic, window, actor)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape):
        if not window.panel.refusal.isVisible():
            drag(window, (TUE, 10.25), (TUE, 12.25))
            qtbot.waitUntil(window.panel.refusal.isVisible)
        held = QApplication.focusWidget()
        assert held is window.panel.refusal.keep
        QTest.keyClick(held, key)
        assert not window.panel.refusal.isVisible()
        assert QApplication.focusWidget() is window.calendar.board
        quiet(qtbot, window.desk)


def test_a_visit_of_a_patient_of_another_place_is_busy_and_stays_shut(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    def bind() -> None:
        UserLocation.create(
            organisation_id=clinic.organisation_id,
            user_id=actor.user_id,
            location_id=builders.a_location(clinic, name="Branch"),
        )

    elsewhere(bind)
    number = a_visit(qtbot, clinic, window)
    board, details = window.calendar.board, window.panel.details

    click(window, TUE, 10.25)
    quiet(qtbot, window.desk)
    told = (
        details.name.text().strip("\u2068\u2069"),
        details.about.text(),
        details.open.isVisible(),
    )
    assert told == ("Busy", "You may not see this patient.", False)
    assert not (details.status_box.isVisible() or details.park.isVisible())
    assert board.selection is not None and "Busy" in board.hover.told(board.selection)
    QTest.mouseDClick(board.viewport(), robot.LEFT, robot.PLAIN, at(window, TUE, 10.25))
    with qtbot.waitSignal(window.desk.said) as said:
        drag(window, (TUE, 10.25), (THU, 14.25))
    assert said.args[0].text == "You may not see this patient."
    quiet(qtbot, window.desk)
    assert not window.editors
    assert stored(actor, number).span == clinic.span(10)
    assert not board.model.pending  # nor does the calendar show it where it was dropped

    click(window, TUE, 10.25)
    with qtbot.waitSignal(window.desk.said) as said:
        QTest.keyClick(board, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert said.args[0].text == "You may not see this patient."
    assert not window.pinboard.model.cards
