"""What was done tells when the patient is told of it, and the mail alone can be kept back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.models.diary import Appointment
from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import mail_settings, outbox, sender
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.message_bar import MessageBar
from clinic_desk.views.slots import Slot
from tests import builders, smtp_server
from tests.services.mailing import sends_mails
from tests.views.conftest import elsewhere, quiet, stored


@pytest.fixture
def mails(actor: Actor, clinic: builders.Clinic, smtp: smtp_server.Smtp) -> smtp_server.Smtp:
    """The clinic sends, after forty seconds; the patient has an address."""
    Patient.update(email="jane@example.org").where(Patient.id == clinic.patient_id).execute()
    sends_mails(actor, smtp.port, delay_seconds=40)
    return smtp


def book(qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, hour: int = 14) -> MessageBar:
    """Book by hand in the quick form; gives the bar that tells of it."""
    slot = Slot(clinic.span(hour), clinic.provider_id, clinic.operatory_id, clinic.location_id)
    window.begin_form(slot)
    form = window.panel.form
    QTest.keyClicks(form.search.field, "jane")
    qtbot.waitUntil(lambda: form.search.model.rowCount() > 0)
    QTest.keyClick(form.search.field, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    robot.click(form.book)
    quiet(qtbot, window.desk)
    assert "Booked" in window.messages.text
    return window.messages


def states() -> list[str]:
    return [line.state for line in elsewhere(lambda: list(Outbox.select().order_by(Outbox.id)))]


def test_a_booking_tells_when_the_mail_goes_out_by_the_setting_and_counts_down(
    qtbot: QtBot, mails: smtp_server.Smtp, window: MainWindow, clinic: builders.Clinic
) -> None:
    bar = book(qtbot, window, clinic)
    qtbot.waitUntil(bar.mail.isVisible)
    assert bar.mail.text.text().startswith("Mail to the patient goes out in ")
    seconds = int(bar.mail.text.text().split()[-2])
    assert 30 <= seconds <= 40
    assert bar.undo.isVisible()
    qtbot.waitUntil(lambda: int(bar.mail.text.text().split()[-2]) < seconds, timeout=3000)


def test_undo_withdraws_the_visit_and_the_mail(
    qtbot: QtBot,
    mails: smtp_server.Smtp,
    window: MainWindow,
    clinic: builders.Clinic,
    actor: Actor,
) -> None:
    bar = book(qtbot, window, clinic)
    qtbot.waitUntil(bar.mail.isVisible)
    robot.click(bar.undo)
    quiet(qtbot, window.desk)

    assert elsewhere(Appointment.get).status == Status.CANCELLED
    assert states() == ["withdrawn"]
    assert not bar.mail.isVisible()
    elsewhere(all_due, actor)
    assert mails.received() == []


def test_dont_send_keeps_the_mail_back_alone_and_undo_stays(
    qtbot: QtBot,
    mails: smtp_server.Smtp,
    window: MainWindow,
    clinic: builders.Clinic,
    actor: Actor,
) -> None:
    bar = book(qtbot, window, clinic)
    qtbot.waitUntil(bar.mail.isVisible)
    robot.click(bar.mail.keep)
    quiet(qtbot, window.desk)

    assert bar.mail.text.text() == "The mail is not sent."
    assert not bar.mail.keep.isVisible()
    assert elsewhere(Appointment.get).status == Status.SCHEDULED
    assert states() == ["withdrawn"]
    elsewhere(all_due, actor)
    assert mails.received() == []
    robot.click(bar.undo)
    quiet(qtbot, window.desk)
    assert elsewhere(Appointment.get).status == Status.CANCELLED
    assert states() == ["withdrawn"]


def test_a_mail_that_left_meanwhile_says_so(
    qtbot: QtBot,
    mails: smtp_server.Smtp,
    window: MainWindow,
    clinic: builders.Clinic,
    actor: Actor,
) -> None:
    bar = book(qtbot, window, clinic)
    qtbot.waitUntil(bar.mail.isVisible)
    elsewhere(all_due, actor)
    assert len(mails.received()) == 1
    robot.click(bar.mail.keep)
    quiet(qtbot, window.desk)

    assert "has been sent and cannot be taken back" in bar.mail.text.text()
    assert "Call the patient" in bar.mail.text.text()


@pytest.mark.parametrize("why", ["no address", "mail off", "kind off"])
def test_where_no_mail_is_due_nothing_is_said_of_one(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, actor: Actor, why: str
) -> None:
    if why != "mail off":
        elsewhere(sends_mails, actor, silent=("confirmation",) if why == "kind off" else ())
    if why != "no address":
        address = Patient.update(email="jane@example.org")
        elsewhere(address.where(Patient.id == clinic.patient_id).execute)
    bar = book(qtbot, window, clinic)

    assert not bar.mail.isVisible()
    assert bar.undo.isVisible()


def test_a_cancellation_and_what_others_do_are_told_apart(
    qtbot: QtBot,
    mails: smtp_server.Smtp,
    window: MainWindow,
    clinic: builders.Clinic,
    actor: Actor,
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    window.visits.set_status(stored(actor, number), Status.CANCELLED, reason="ill")
    quiet(qtbot, window.desk)
    bar = window.messages
    assert "goes out in" in bar.mail.text.text()

    window.desk.say("Something else")
    elsewhere(another_books, actor, clinic)
    quiet(qtbot, window.desk)
    assert not bar.mail.isVisible()


def another_books(actor: Actor, clinic: builders.Clinic) -> None:
    from clinic_desk.services import diary

    diary.book(
        actor,
        span=clinic.span(16),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )


def all_due(actor: Actor) -> None:
    """What waits is due, and a sender goes its round."""
    now = datetime.now(UTC).replace(microsecond=0)
    Outbox.update(due_at=now - timedelta(seconds=1)).where(Outbox.state == "waiting").execute()
    settings = mail_settings.load(actor.store, actor.organisation_id)
    sender.run_once(actor.store, sender.Outgoing(actor.organisation_id, settings), now)


def test_only_what_was_just_written_about_a_visit_is_told(
    clinic: builders.Clinic, actor: Actor, mails: smtp_server.Smtp
) -> None:
    another_books(actor, clinic)
    line = Outbox.get()
    visit = line.appointment_id or 0
    assert [one.id for one in outbox.leaving(actor, [line.id])] == [line.id]
    assert [one.id for one in outbox.leaving(actor, [], [visit])] == [line.id]
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert outbox.leaving(actor, [], [visit], now=later) == ()
    assert outbox.leaving(actor, []) == ()
    outbox.withdraw(actor, [line.id])
    assert outbox.leaving(actor, [line.id]) == ()
