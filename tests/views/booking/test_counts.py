"""How many clicks and keys the everyday jobs take: no more than we set out for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from clinic_desk.models.diary import Appointment
from clinic_desk.models.people import Patient
from clinic_desk.rules.lifecycle import Status
from clinic_desk.views import robot
from clinic_desk.views.booking.draft import PATIENT, SUMMARY, TIME, Draft
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.new_patient import NewPatient
from tests import builders
from tests.views.booking.conftest import click, click_row, the_flow, until
from tests.views.conftest import elsewhere, quiet


class Hand:
    """A hand that counts itself."""

    def __init__(self, qtbot, window: MainWindow) -> None:
        self._qtbot, self._window = qtbot, window
        self.clicks = self.keys = self.letters = 0

    def click(self, widget: QWidget | None) -> None:
        click(widget)
        self.clicks += 1
        quiet(self._qtbot, self._window.desk)

    def key(self, key: Qt.Key, mods: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self._focus(), key, mods)
        self.keys += 1
        quiet(self._qtbot, self._window.desk)

    def write(self, text: str) -> None:
        """Letter by letter, wherever the cursor is."""
        for letter in text:
            QTest.keyClicks(self._focus(), letter)
        self.letters += len(text)
        self._qtbot.wait(150)
        quiet(self._qtbot, self._window.desk)

    def sweep(self, hour: int) -> None:
        board = self._window.calendar.board
        board.verticalScrollBar().setValue(board.grid.y((hour - 2) * 60))
        middle = sum(board.grid.edges(0)) // 2
        start = QPoint(middle, board.grid.y(hour * 60) + 2) - board.offset
        robot.drag(board.viewport(), start, start + QPoint(0, board.grid.y(30) - board.grid.y(0)))
        self.clicks += 1
        quiet(self._qtbot, self._window.desk)

    @staticmethod
    def _focus() -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the focus"
        return found


@pytest.fixture
def hand(qtbot, window: MainWindow) -> Hand:
    window.calendar.set_view(View.PROVIDERS)
    quiet(qtbot, window.desk)
    window.calendar.focus()
    return Hand(qtbot, window)


def visits() -> int:
    return elsewhere(lambda: Appointment.select().count())


def test_a_known_patient_at_a_seen_time_takes_two_clicks_and_four_letters(
    qtbot, window, clinic, hand
):
    hand.sweep(11)
    hand.write("jane")
    form = window.panel.form
    index = form.search.model.index(0, 0)
    at = form.search.table.visualRect(index).center()
    QTest.mouseClick(form.search.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    hand.clicks += 1
    quiet(qtbot, window.desk)
    hand.key(Qt.Key.Key_Return)

    until(qtbot, visits)
    assert (hand.clicks, hand.letters, hand.keys) == (2, 4, 1)


def test_by_keys_alone_it_is_n_four_letters_enter_enter(qtbot, window, clinic, hand):
    window.calendar.board.setFocus()
    hand.key(Qt.Key.Key_N)
    hand.write("jane")
    hand.key(Qt.Key.Key_Return)
    hand.key(Qt.Key.Key_Return)

    until(qtbot, visits)
    assert (hand.clicks, hand.letters, hand.keys) == (0, 4, 3)


def test_a_new_patient_takes_no_click_and_nothing_twice(qtbot, window, clinic, hand):
    window.calendar.board.setFocus()
    hand.key(Qt.Key.Key_N)
    hand.write("xaver unknown")
    hand.key(Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    until(qtbot, lambda: window.findChild(NewPatient) is not None)
    quiet(qtbot, window.desk)
    hand.write("4/12/1986")
    hand.key(Qt.Key.Key_Return)
    until(qtbot, lambda: window.panel.form.search.patient is not None)
    quiet(qtbot, window.desk)
    window.activateWindow()  # as window managers do by themselves
    qtbot.waitUntil(window.isActiveWindow)
    hand.key(Qt.Key.Key_Return)

    until(qtbot, visits)
    assert elsewhere(lambda: Patient.get(Patient.last_name == "Unknown").first_name) == "Xaver"
    assert (hand.clicks, hand.keys) == (0, 4)


def test_the_whole_flow_takes_five_keys_beside_what_is_written(qtbot, window, clinic, hand):
    hand.key(Qt.Key.Key_N, CTRL_SHIFT)
    flow = the_flow(qtbot, window)
    hand.write("Toothache")
    hand.key(Qt.Key.Key_Return)  # 2: the services are those of the day before
    assert flow.step == TIME
    hand.key(Qt.Key.Key_Return)  # 3: the first free time
    until(qtbot, lambda: flow.step == PATIENT)
    quiet(qtbot, window.desk)
    hand.write("jane")
    hand.key(Qt.Key.Key_Return)  # 4
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    hand.key(Qt.Key.Key_Return)  # 5

    until(qtbot, visits)
    assert (hand.clicks, hand.keys) == (0, 5)


def test_the_whole_flow_by_mouse_takes_five_clicks_and_two_texts(qtbot, window, clinic, hand):
    window.open_booking()
    hand.clicks += 1  # "New appointment"
    flow: BookingFlow = the_flow(qtbot, window)
    hand.write("Toothache")
    hand.click(flow.next)
    hand.click(flow.findChild(QPushButton, "booking-opening-0"))
    until(qtbot, lambda: flow.step == PATIENT)
    hand.write("jane")
    table = flow.patient.search.table
    at = table.visualRect(flow.patient.search.model.index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    hand.clicks += 1
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    hand.click(flow.book)

    until(qtbot, visits)
    assert hand.clicks == 5  # the document's way takes ten


def test_the_next_free_hour_is_two_clicks_from_a_sweep(qtbot, window, clinic, hand):
    elsewhere(builders.an_appointment, clinic, clinic.span(13, minutes=300))
    hand.sweep(11)
    form = window.panel.form
    hand.click(form.next)
    ways = form.openings.findChildren(QPushButton)
    assert ways
    hand.click(ways[0])
    assert hand.clicks == 3  # the sweep, "Next free times", and one of them
    until(qtbot, lambda: form.hold.is_held)
    assert form.slot.span.starts_at - clinic.at(18) < timedelta(days=2)


def test_arrived_is_one_key_and_moving_on_two(qtbot, window, clinic, hand):
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    board = window.calendar.board
    board.select(number)
    board.setFocus()
    hand.key(Qt.Key.Key_A)
    until(qtbot, lambda: elsewhere(Appointment.get).status == Status.ARRIVED)
    hand.key(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    until(qtbot, lambda: elsewhere(Appointment.get).starts_at == clinic.at(10, 15))
    assert hand.keys == 2


CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_no_window_flashes_up_where_a_form_opens(qtbot, window, hand):
    """A part that is shown before it has its place is a window of its own, and takes the focus."""
    hand.sweep(11)

    assert window.isActiveWindow()
    assert window.panel.form.search.field.hasFocus()


def test_what_was_booked_does_not_hide_under_the_message_about_it(qtbot, window, clinic, hand):
    window.resize(1300, 700)
    quiet(qtbot, window.desk)
    window.open_booking(Draft(problem="Toothache", day=builders.TUESDAY))
    flow = the_flow(qtbot, window)
    flow.go(TIME)
    quiet(qtbot, window.desk)
    board = window.calendar.board
    board.verticalScrollBar().setValue(board.grid.y(6 * 60))
    row = next(
        n for n, o in enumerate(flow.time.times.times.offers) if o.starts_at == clinic.at(14)
    )
    click_row(flow, row)
    until(qtbot, lambda: flow.step == PATIENT)
    hand.write("jane")
    hand.key(Qt.Key.Key_Return)
    until(qtbot, lambda: flow.step == SUMMARY)
    hand.click(flow.book)
    until(qtbot, lambda: window.calendar.current is not None)
    quiet(qtbot, window.desk)

    (item, *_more) = board.layout_.by_key[window.calendar.current.id]
    x, y, width, height = item.rect
    corner = board.viewport().mapTo(window, QPoint(x, y) - board.offset)
    bar = window.messages
    place = QRect(bar.mapTo(window, QPoint(0, 0)), bar.size())
    assert bar.isVisible()
    assert not QRect(corner.x(), corner.y(), width, height).intersects(place)
