"""Opening the booking window from the main window."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import shiboken6
from PySide6.QtCore import QPoint, QRect, Qt

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.booking.draft import TIME, Draft
from clinic_desk.views.calendar_choice import View

if TYPE_CHECKING:
    from clinic_desk.services.cards import AppointmentCard, PatientCard
    from clinic_desk.services.case_cards import Scheduled
    from clinic_desk.views.appointment_editor import AppointmentEditor
    from clinic_desk.views.booking.flow import BookingFlow
    from clinic_desk.views.main_window import MainWindow


ROOM_FOR_MAIL = 40
"""Pixels by which the message bar may grow when it tells of a mail."""


def show(window: MainWindow, card: AppointmentCard) -> None:
    """Bring a visit that was just booked into sight, selected as soon as its week is read."""
    calendar = window.calendar
    day = words.wall(card.span.starts_at, window.desk.zone).date()
    window.go_to(day)
    _bring_into_the_filter(window, card)
    shown = calendar.period()
    if not shown.first <= day <= shown.last:  # a weekend is in no work week
        calendar.set_view(View.WEEK)
        window.go_to(day)
    _select(window, card)
    kind = Qt.ConnectionType.QueuedConnection.value | Qt.ConnectionType.SingleShotConnection.value
    calendar.read_at.connect(lambda _at: _select(window, card), Qt.ConnectionType(kind))


def _select(window: MainWindow, card: AppointmentCard) -> None:
    """Select it, where the message that tells of it does not lie over it."""
    window.calendar.show_booked(card)
    board, bar = window.calendar.board, window.messages
    found = board.layout_.by_key.get(card.id)
    if window.calendar.surface is not board or not found or not bar.isVisible():
        return
    foot = QRect(*found[0].rect).bottom() - board.offset.y()
    top = board.viewport().mapFromGlobal(bar.mapToGlobal(QPoint(0, 0))).y() - ROOM_FOR_MAIL
    if foot > top:
        down = board.verticalScrollBar()
        down.setValue(down.value() + foot - top)


def _bring_into_the_filter(window: MainWindow, card: AppointmentCard) -> None:
    """A visit of a location or a person that is not shown would be looked for in vain."""
    calendar = window.calendar
    place = card.location.id if card.location is not None else None
    if calendar.location_id not in (None, place):
        calendar.set_location(place)
        calendar.toolbar.fill(window.desk.catalogue, place, calendar.provider_ids)
    if calendar.provider_ids and card.provider.id not in calendar.provider_ids:
        calendar.set_providers(calendar.provider_ids | {card.provider.id})


def open_again(window: MainWindow, card: AppointmentCard) -> None:
    """Book the same once more: only the time is asked."""
    from clinic_desk.services import patients

    def known(patient: PatientCard) -> None:
        if shiboken6.isValid(window):
            open_flow(window, Draft.again(card, patient)).go(TIME)

    window.desk.ask(
        patients.patient,
        card.patient_id,
        done=known,
        failed=window.desk.complain,
        ticket=("booking-again", id(window)),
        what=_("reading from the database"),
    )


def open_flow(window: MainWindow, draft: Draft | None = None) -> BookingFlow:
    """Open the window "New appointment" over *window*, with what *draft* knows already; else
    with the location of the calendar.
    """
    from clinic_desk.views.appointment.at_booking import ask_triage
    from clinic_desk.views.booking.flow import BookingFlow

    made = BookingFlow(window.desk, draft or Draft(location_id=window.calendar.location_id), window)

    def scheduled(done: Scheduled) -> None:
        if done.appointments:
            show(window, done.appointments[0])
            ask_triage(window.desk, done.appointments, triage)

    def triage(card: AppointmentCard) -> None:
        window.open_editor(card)
        window.editors[card.id].parts.show_part("triage")

    def provider_days(provider_id: int) -> None:
        if "operational" in window.navigation.buttons:
            window.show_screen("operational")
            window.screens.operational.show_provider(provider_id)
        else:
            window.desk.say(_("The provider’s hours are set in Operational → Providers."))

    geometry = window.memory.state("booking/geometry")
    if geometry is not None:
        made.restoreGeometry(geometry)
    made.left.connect(lambda: window.memory.put("booking/geometry", made.saveGeometry()))
    # Beside the editors it is asked about when the window closes or somebody else signs in.
    number = -id(made)
    window.editors[number] = cast("AppointmentEditor", made)
    made.left.connect(lambda: window.editors.pop(number, None))
    window.held_times.rang.connect(made.time.others_changed)
    made.scheduled.connect(scheduled)
    made.pin_wanted.connect(window.pinboard.pin_wish)
    made.provider_days_wanted.connect(provider_days)
    made.show()
    made.raise_()
    made.activateWindow()
    return made
