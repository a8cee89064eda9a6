"""The window with real events: what a receptionist does, and what stays true meanwhile."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.slots import Slot
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import elsewhere, quiet, stored

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TUE, THU = 1, 3


def point(window: MainWindow, column: int, hour: float) -> QPoint:
    """The viewport point in a column's middle at an hour, scrolled into sight."""
    board = window.calendar.board
    left, right = board.grid.edges(column)
    y = board.grid.y(hour * 60)
    board.verticalScrollBar().setValue(y - 200)
    return QPoint((left + right) // 2, y) - board.offset


def span_of(window: MainWindow, number: int) -> Span | None:
    """Where the board shows a visit; None where it does not."""
    card = window.calendar.board.model.card(number)
    return card.span if card is not None else None


def drag(window: MainWindow, start: tuple[int, float], end: tuple[int, float]) -> None:
    """Drag from column and hour to column and hour."""
    board = window.calendar.board
    point(window, start[0], min(start[1], end[1]))
    grid = board.grid

    def at(column: int, hour: float) -> QPoint:
        left, right = grid.edges(column)
        return QPoint((left + right) // 2, grid.y(hour * 60)) - board.offset

    robot.drag(board.viewport(), at(*start), at(*end))


def test_a_visit_dragged_to_thursday_is_stored_there_and_undone_by_ctrl_z(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    drag(window, (TUE, 10.25), (THU, 14.25))
    quiet(qtbot, window.desk)
    thursday = TUESDAY.replace(day=TUESDAY.day + 2)
    assert stored(actor, number).span == clinic.span(14, day=thursday)
    assert "Thu, May 22" in window.messages.text
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Z, CTRL)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(10)
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Z, CTRL | SHIFT)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(14, day=thursday)


def test_a_refused_drop_glides_back_and_offers_ways_out(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    patient = elsewhere(builders.a_patient, clinic)
    elsewhere(
        diary.book,
        actor,
        span=clinic.span(12),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=patient,
    )
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    drag(window, (TUE, 10.25), (TUE, 12.25))
    panel = window.panel.refusal
    qtbot.waitUntil(lambda: panel.isVisible() and panel.ways.first() is not None)
    assert stored(actor, number).span == clinic.span(10)
    assert "Smith" in panel.reasons.text()
    way = panel.ways.first()
    assert isinstance(way, QAbstractButton)
    qtbot.waitUntil(way.isVisible)
    robot.click(way)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span.starts_at > clinic.span(12).starts_at


def test_a_drop_that_somebody_was_faster_than_says_what_they_did(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    old = window.calendar.board.model.card(number)
    assert isinstance(old, AppointmentCard)
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=1)
    window.calendar.drops.move(old, replace(Slot.of(old), span=clinic.span(14)))
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(16)
    assert "4:00" in window.messages.text
    assert "Nothing was saved" in window.messages.text
    assert span_of(window, number) == clinic.span(16)


def test_a_refused_copy_goes_elsewhere_as_a_copy(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    card = stored(actor, number)
    window.calendar.drops.copy_wanted(card, clinic.span(10), clinic.provider_id, None)
    panel = window.panel
    qtbot.waitUntil(panel.refusal.isVisible)
    panel.refusal.slot_chosen.emit(replace(Slot.of(card), span=clinic.span(14)))
    quiet(qtbot, window.desk)
    view = elsewhere(diary.view, actor, clinic.span(0, minutes=24 * 60))
    assert [c.span for c in view.appointments] == [clinic.span(10), clinic.span(14)]


def test_an_exception_needs_a_reason_and_marks_both_visits(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    patient = elsewhere(builders.a_patient, clinic)
    other = elsewhere(builders.an_appointment, clinic, clinic.span(12), patient_id=patient)
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    drag(window, (TUE, 10.25), (TUE, 12.25))
    panel = window.panel.refusal
    qtbot.waitUntil(panel.isVisible)
    assert not panel.force.isEnabled()
    QTest.keyClicks(panel.why, "Emergency")
    robot.click(panel.force)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(12)
    assert stored(actor, number).overbooked
    assert stored(actor, other).overbooked


def test_a_sweep_opens_the_form_and_three_letters_book(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    elsewhere(builders.a_patient, clinic, last_name="Nakamura", first_name="Yui")
    drag(window, (TUE, 9.05), (TUE, 9.7))
    form = window.panel.form
    qtbot.waitUntil(form.isVisible)
    assert form.search.field.hasFocus()
    QTest.keyClicks(form.search.field, "nak")
    qtbot.waitUntil(lambda: form.search.model.rowCount() == 1)
    QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "✓" in form.free.text())
    robot.click(form.book)
    quiet(qtbot, window.desk)
    view = elsewhere(diary.view, actor, clinic.span(0, minutes=24 * 60))
    assert [(c.patient_name, c.span) for c in view.appointments] == [
        ("Nakamura, Yui", clinic.span(9, minutes=45))
    ]
    assert not form.isVisible()


def test_a_form_in_progress_survives_what_others_do(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(15))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    drag(window, (TUE, 9.05), (TUE, 9.7))
    form = window.panel.form
    qtbot.waitUntil(form.isVisible)
    QTest.keyClicks(form.fields.notes, "half typed")
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=1)
    qtbot.waitUntil(lambda: span_of(window, number) == clinic.span(16))
    assert form.isVisible()
    assert form.fields.notes.toPlainText() == "half typed"


def test_a_change_elsewhere_shows_within_a_second_and_keeps_the_selection(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(15))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    board.select(number)
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=1)
    begin = time.monotonic()
    qtbot.waitUntil(lambda: span_of(window, number) == clinic.span(16))
    assert time.monotonic() - begin < 1.0
    assert board.selection is not None
    assert board.selection.id == number


def test_nothing_is_refreshed_during_a_drag(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    one = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    patient = elsewhere(builders.a_patient, clinic)
    other = elsewhere(builders.an_appointment, clinic, clinic.span(15), patient_id=patient)
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    start = point(window, TUE, 10.25)

    def meanwhile() -> None:
        elsewhere(diary.move, actor, other, span=clinic.span(16), version=1)
        quiet(qtbot, window.desk)
        assert span_of(window, other) == clinic.span(15)

    robot.drag(board.viewport(), start, start + QPoint(0, 130), before_release=meanwhile)
    quiet(qtbot, window.desk)
    assert span_of(window, other) == clinic.span(16)
    assert stored(actor, one).span.starts_at > clinic.span(10).starts_at


def test_status_keys_follow_the_visit_and_step_back(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    board.setFocus()
    for key, status in (
        (Qt.Key.Key_C, Status.CONFIRMED),
        (Qt.Key.Key_A, Status.ARRIVED),
        (Qt.Key.Key_A, Status.CONFIRMED),
    ):
        board.select(number)
        QTest.keyClick(board, key)
        quiet(qtbot, window.desk)
        assert stored(actor, number).status is status


def test_a_pinned_visit_keeps_its_time_survives_a_restart_and_is_placed_by_keys(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    board.setFocus()
    board.select(number)
    QTest.keyClick(board, Qt.Key.Key_X, CTRL)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(10)
    again = MainWindow(window.desk, window.memory)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: [c.id for c in again.pinboard.cards] == [number])
    window.activateWindow()
    window.calendar.step(1)
    quiet(qtbot, window.desk)
    QTest.keyClick(board, Qt.Key.Key_V, CTRL)
    assert board.drag_card is not None
    for _hour in range(4):
        QTest.keyClick(board, Qt.Key.Key_Down)
    QTest.keyClick(board, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    assert stored(actor, number).span.starts_at > clinic.span(23).starts_at
    assert not window.pinboard.cards


def test_dropping_on_the_pinboard_and_on_the_small_month(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    start = point(window, TUE, 10.25)
    pins = window.pinboard
    centre = pins.mapToGlobal(pins.rect().center())
    robot.drag(board.viewport(), start, board.viewport().mapFromGlobal(centre))
    quiet(qtbot, window.desk)
    assert [c.id for c in pins.cards] == [number]
    assert stored(actor, number).span == clinic.span(10)
    table = window.mini_month.table
    day = TUESDAY.replace(day=28)
    cell = table.visualRect(window.mini_month.model.place(day)).center()
    where = table.viewport().mapToGlobal(cell)
    start = point(window, TUE, 10.25)
    robot.drag(board.viewport(), start, board.viewport().mapFromGlobal(where))
    quiet(qtbot, window.desk)
    assert stored(actor, number).span == clinic.span(10, day=day)


def test_f6_walks_the_panes_and_f9_hides_the_panel(qtbot: QtBot, window: MainWindow) -> None:
    board = window.calendar.board
    board.setFocus()
    visited = []
    for _pane in range(8):
        QTest.keyClick(window, Qt.Key.Key_F6)
        focus = window.focusWidget()
        assert focus is not None
        visited.append(focus.objectName())
    assert "mini-month-days" in visited
    assert "agenda" in visited
    assert len(set(visited)) >= 5
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert not window.panel.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert window.panel.isVisible()


def test_ctrl_k_goes_to_a_day_and_runs_an_action(qtbot: QtBot, window: MainWindow) -> None:
    board = window.calendar.board
    board.setFocus()
    QTest.keyClick(board, Qt.Key.Key_K, CTRL)
    palette = window.palette_
    qtbot.waitUntil(palette.isVisible)
    QTest.keyClicks(palette.field, "2031-06-03")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.calendar.first_day.isoformat() == "2031-06-02"
    palette.open("month")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.calendar.view is View.MONTH


def test_a_key_can_be_changed_and_is_kept(qtbot: QtBot, window: MainWindow) -> None:
    from clinic_desk.views.commands import show_shortcuts
    from clinic_desk.views.shortcuts import ShortcutSheet

    sheet = show_shortcuts(window)
    assert isinstance(sheet, ShortcutSheet)
    qtbot.addWidget(sheet)
    names = [one.name for one in sheet.model.shown]
    assert {"undo", "agenda.pick_up", "today-letter"} <= set(names)
    sheet.table.selectRow(names.index("home"))
    sheet.edit.setKeySequence("Ctrl+Z")
    sheet.give.click()
    assert "Undo" in sheet.told.text()
    sheet.edit.setKeySequence("Ctrl+9")
    sheet.give.click()
    QTest.keyClick(window, Qt.Key.Key_9, CTRL)
    assert window.screens.currentWidget() is window.screens.home
    again = MainWindow(window.desk, window.memory)
    qtbot.addWidget(again)
    assert again.actions_["home"].shortcut().toString() == "Ctrl+9"


def test_view_filters_and_sizes_are_remembered(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic
) -> None:
    window.calendar.set_view(View.PROVIDERS)
    window.calendar.set_location(clinic.location_id)
    window.calendar.set_step(5)
    window.remember()
    again = MainWindow(window.desk, window.memory)
    qtbot.addWidget(again)
    assert (again.calendar.view, again.calendar.location_id) == (View.PROVIDERS, clinic.location_id)
    assert again.calendar.board.step == 5


def test_the_next_week_is_there_before_it_is_asked_for(qtbot: QtBot, window: MainWindow) -> None:
    known = len(window.calendar.periods._kept)
    assert known >= 3
    window.calendar.step(1)
    assert window.calendar.data is not None
    assert window.calendar.data.period == window.calendar.period().span()


def test_no_title_of_a_window_tells_a_name(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.open_editor(stored(window.desk.actor, number))
    editor = window.editors[number]
    quiet(qtbot, window.desk)
    assert "Smith" not in window.windowTitle() + editor.windowTitle()
    editor.close()


def test_every_part_has_a_name_for_tests_and_for_screen_readers(
    qtbot: QtBot, window: MainWindow
) -> None:
    nameless, speechless = [], []
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or widget.objectName().startswith("qt_"):
            continue
        focusable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if focusable and not widget.objectName():
            nameless.append(repr(widget))
        text = getattr(widget, "text", str)
        spoken = widget.accessibleName() or (text() if isinstance(widget, QAbstractButton) else "")
        if focusable and not spoken and not isinstance(widget.parent(), QLineEdit):
            speechless.append(widget.objectName() or repr(widget))
    assert nameless == []
    assert speechless == []
