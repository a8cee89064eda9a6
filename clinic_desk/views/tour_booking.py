"""The tour through the booking: the window "New appointment", and one line of the command line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot
from clinic_desk.views.booking.draft import PATIENT, SUMMARY, TIME
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import Walk

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def new_appointment(walk: Walk) -> None:
    """Problem, two services, the next opening, the patient, the summary: scheduled, and undone."""
    window = walk.window
    walk.show(View.WEEK)
    robot.key(window, Qt.Key.Key_N, CTRL | SHIFT)
    until("the booking window", lambda: window.findChild(BookingFlow) is not None)
    flow = robot.find(window, BookingFlow, "booking-flow")
    walk.quiet()
    robot.write(flow.what.problem, "Toothache")
    robot.click(flow.what.more)
    walk.quiet()
    walk.album.take(flow, "booking-services")
    robot.click(flow.next)
    until("the next openings", lambda: flow.findChild(QPushButton, "booking-opening-0") is not None)
    walk.quiet()
    walk.album.take(flow, "booking-time")
    sure("days that can be booked", flow.time.month.model.bookable)
    robot.click(robot.find(flow, QPushButton, "booking-opening-0"))
    until("the patient's step", lambda: flow.step == PATIENT)
    walk.quiet()
    sure("the time is held", flow.holding.is_held)
    robot.write(flow.patient.search.field, "smi")
    until("patients", flow.patient.search.table.isVisible)
    walk.album.take(flow, "booking-patient")
    robot.key(flow.patient.search.field, Qt.Key.Key_Return)
    until("the summary", lambda: flow.step == SUMMARY)
    walk.quiet()
    if flow.summary.refusal.isVisible():  # the patient is elsewhere then: another time
        robot.click(flow.steps.buttons[TIME])
        walk.quiet()
        robot.click(robot.find(flow, QPushButton, "booking-opening-1"))
        until("the summary", lambda: flow.step == SUMMARY)
        walk.quiet()
    walk.album.take(flow, "booking-summary")
    robot.click(flow.book)
    until("the window to close", lambda: window.findChild(BookingFlow) is None)
    walk.quiet()
    card = window.calendar.current
    sure("the first visit is selected", isinstance(card, AppointmentCard))
    walk.album.take(window, "booking-scheduled")
    robot.key(walk.board, Qt.Key.Key_Z, CTRL)
    walk.quiet()


def one_line(walk: Walk) -> None:
    """ "smith hyg": six times; Enter books the first, Ctrl+Z takes it back."""
    window = walk.window
    walk.show(View.WEEK)
    robot.key(walk.board, Qt.Key.Key_K, CTRL)
    palette = window.palette_
    until("the command line", palette.isVisible)
    robot.write(palette.field, "smith hyg pm")
    until("times", lambda: any(hit.sign == "calendar" for hit in palette.model.hits))
    walk.album.take(palette, "command-line-times")
    last = window.desk.own.to_undo
    robot.key(palette.field, Qt.Key.Key_Return)
    until("it is booked", lambda: window.desk.own.to_undo is not last)
    walk.quiet()
    walk.album.take(window, "booked-by-a-line")
    robot.key(walk.board, Qt.Key.Key_Z, CTRL)
    walk.quiet()
