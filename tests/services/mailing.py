"""A clinic that sends mails, and changes of its visits that tell the patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.services import mail_settings, messages
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.mailer import Security
from clinic_desk.services.sender import Outgoing
from clinic_desk.services.work import Work, command
from tests import builders
from tests.builders import Clinic

SETTINGS = MailSettings(
    host="localhost",
    port=1,
    security=Security.NONE,
    sender="desk@clinic.example",
    quiet_from=0,
    quiet_until=0,
)


def sends_mails(actor: Actor, port: int = 1, **more: Any) -> Outgoing:
    """The organisation's mails go to a server at *port* of this computer."""
    settings = replace(SETTINGS, port=port, **more)
    mail_settings.save(actor, settings)
    return Outgoing(actor.organisation_id, settings)


def with_address(clinic: Clinic, **fields: Any) -> int:
    """A patient who can be written to."""
    return builders.a_patient(clinic, **{"email": "jane@example.org"} | fields)


def a_visit(clinic: Clinic, hour: int = 10, **fields: Any) -> int:
    """A visit of somebody who can be written to."""
    patient_id = fields.pop("patient_id", None) or with_address(clinic)
    return builders.an_appointment(clinic, clinic.span(hour), patient_id=patient_id, **fields)


@command("Appointment Update", action="test.booked")
def booked(work: Work, appointment_id: int) -> int | None:
    """Tell of a visit as whoever books it does."""
    (found, *read) = work.lock(work.locked_row(Appointment, appointment_id), *messages.reads(work))
    line = messages.told(work, work.found(Appointment, found), before=None, read=read)
    return line.id if line else None


@command("Appointment Update", action="test.changed")
def changed(work: Work, /, appointment_id: int, **fields: Any) -> int | None:
    """Change a visit and tell of it as the diary does."""
    found, *read = work.lock(
        work.locked_row(Appointment, appointment_id), *messages.reads(work, appointment_id)
    )
    row = work.found(Appointment, found)
    messages.remember(work, row, read=read)
    work.change(row, **fields)
    line = messages.told(work, row)
    return line.id if line else None


@command("Appointment Update", action="test.swapped")
def swapped(work: Work, first: int, second: int) -> None:
    """Give two visits each other's provider, as taking a deed back does: read when needed."""
    one, other = work.lock(
        work.locked_row(Appointment, first), work.locked_row(Appointment, second)
    )
    rows = work.found(Appointment, one), work.found(Appointment, other)
    theirs = rows[1].provider_id, rows[0].provider_id
    for row, provider_id in zip(rows, theirs, strict=True):
        messages.remember(work, row)
        work.change(row, provider_id=provider_id)
    messages.tell_remembered(work)


@command("Appointment Update", action="test.code")
def asked(work: Work, consent_id: int) -> int:
    """Ask for a code as whoever takes a consent does."""
    work.lock()
    return int(messages.code(work, consent_id, messages.masked("jane@example.org")).id)


def moved(clinic: Clinic, actor: Actor, appointment_id: int, hour: int) -> Done[int | None]:
    """Give the visit another time."""
    span = clinic.span(hour)
    return changed(actor, appointment_id, starts_at=span.starts_at, ends_at=span.ends_at)


def lines(appointment_id: int | None = None) -> list[Outbox]:
    """All lines, or those of one visit, in order."""
    wanted = Outbox.select().order_by(Outbox.id)
    if appointment_id is not None:
        wanted = wanted.where(Outbox.appointment_id == appointment_id)
    return list(wanted)


def told(appointment_id: int) -> list[tuple[str, str]]:
    """Kind and state of each line of a visit."""
    return [(line.kind, line.state) for line in lines(appointment_id)]


def after_delay(seconds: int = 61) -> datetime:
    """A moment at which what was just written is due."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


def person(clinic: Clinic, patient_id: int) -> Patient:
    """The row of a patient."""
    wanted = r.by_id(Patient, clinic.organisation_id, patient_id)
    return r.row(Patient, clinic.store.rows(wanted.sql, wanted.parameters)[0])
