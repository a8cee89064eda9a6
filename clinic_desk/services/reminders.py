"""Reminders: so many hours before each visit, once, whichever desk writes them.

They are written when their time has come and not before, so there is nothing to take back of
what lies far ahead. The name of a line follows from visit, time and hours: two desks that
write at once write one, and a visit that was moved is reminded of anew.

A database that was restored does not know what was sent after its backup. So a reminder whose
time had come before the restore is written as withdrawn: staff see it in the outbox, and send
it if it is still wanted. A demo's visits were booked before its database was made, with no
restore between: nobody is reminded of what would have come before.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.rules import clinic_time
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services import delivery, demo_mark, messages
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.letter_texts import Kind
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command

NAMESPACE = uuid.UUID("6f0f7d0e-8f7b-5a57-9d0c-2f6f0f3c0b1a")
MOST_AT_ONCE = 90
"""A deed holds the lock for a hundred rows at most."""

PERMISSION = "Appointment Update"
EXPECTED = (str(Status.SCHEDULED), str(Status.CONFIRMED))

BEFORE_QUIET = timedelta(hours=3)
"""So long before the quiet hours what would fall into them goes out: desks may close early."""

BEFORE_RESTORE = N_("Its time had come before this database was restored from a backup.")

_QUIET_AT_MOST = timedelta(days=1)
_SAME_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A visit to be reminded of now, ``hours`` before it. ``missed`` says that its time had come
    before the database was restored, so that it may have been sent.
    """

    appointment_id: int
    uuid: str
    hours: int
    missed: bool = False


def write_due(store: Store, organisation_id: int, settings: MailSettings, now: datetime) -> int:
    """Write the reminders whose time has come at *now*; how many. They are due at once.

    Two queries where there is nothing to write.
    """
    if not settings.sends(Kind.REMINDER) or not settings.reminder_hours:
        return 0
    wanted = due(store, organisation_id, settings, now)
    actor = Actor(
        store=store,
        organisation_id=organisation_id,
        user_id=None,
        name="Clinic Desk",
        role="",
        permissions=frozenset({PERMISSION}),
    )
    written = 0
    for first in range(0, len(wanted), MOST_AT_ONCE):
        written += write(actor, wanted[first : first + MOST_AT_ONCE]).value
    return written


def due(store: Store, organisation_id: int, settings: MailSettings, now: datetime) -> list[Due]:
    """The visits of which somebody has to be reminded at *now* and was not yet."""
    longest = timedelta(hours=max(settings.reminder_hours)) + _QUIET_AT_MOST + _SAME_DAY
    marks = ", ".join("?" * len(EXPECTED))
    found = store.rows(
        "SELECT a.id, a.uuid, a.starts_at, a.booked_at, a.time_zone, a.patient_id,"  # noqa: S608
        " i.created_at, (SELECT count(*) FROM setting s WHERE s.organisation_id ="
        " a.organisation_id AND s.user_id IS NULL AND s.name = ?) FROM appointment a"
        " JOIN patient p ON p.id = a.patient_id JOIN database_info i ON i.id = 1"
        " WHERE a.organisation_id = ? AND a.starts_at > ? AND a.starts_at <= ?"
        f" AND a.status IN ({marks}) AND (p.email <> '' OR p.guardian_email <> '')"
        " ORDER BY a.starts_at, a.id",
        (demo_mark.MARK, organisation_id, _stored(now), _stored(now + longest), *EXPECTED),
    )
    visits = [
        _Visit(number, name, _instant(starts), _instant(booked), clinic_time.zone(zone), patient_id)
        for number, name, starts, booked, zone, patient_id, _created, _demo in found
    ]
    known_since, is_demo = (_instant(found[0][-2]), bool(found[0][-1])) if found else (now, False)
    out = [
        Due(
            visit.id,
            line_uuid(visit.uuid, visit.starts_at, hours),
            hours,
            missed=max(_came(leading, hours, settings), visit.booked_at) <= known_since,
        )
        for visit, hours, leading in _with_their_day(visits, settings, now)
    ]
    out = [one for one in out if not (one.missed and is_demo)]
    written = _written(store, [one.uuid for one in out])
    return [one for one in out if one.uuid not in written]


@dataclass(frozen=True, slots=True)
class _Visit:
    id: int
    uuid: str
    starts_at: datetime
    booked_at: datetime
    zone: tzinfo
    patient_id: int


def _with_their_day(
    visits: Sequence[_Visit], settings: MailSettings, now: datetime
) -> Iterator[tuple[_Visit, int, _Visit]]:
    """The visits (in their order) of which somebody is to be reminded, each with its hours, and
    the visit whose time it is.

    With the first visit of a patient's day go the others of that day, so that one mail tells of
    all; their own time then finds them told already.
    """
    leading: dict[tuple[int, date], tuple[_Visit, int]] = {}
    for visit in visits:
        hours = hours_now(visit.starts_at, visit.booked_at, visit.zone, settings, now)
        day = (visit.patient_id, visit.starts_at.astimezone(visit.zone).date())
        first = leading.get(day)
        if first is not None and (hours is None or hours > first[1]):
            if visit.booked_at < first[0].starts_at - timedelta(hours=first[1]):
                yield visit, first[1], first[0]
                continue
        elif hours is not None:
            leading.setdefault(day, (visit, hours))
        if hours is not None:
            yield visit, hours, visit


def _came(visit: _Visit, hours: int, settings: MailSettings) -> datetime:
    """When the time of this reminder came."""
    return before_quiet(visit.starts_at - timedelta(hours=hours), visit.zone, settings)


def hours_now(
    starts_at: datetime,
    booked_at: datetime,
    zone: tzinfo,
    settings: MailSettings,
    now: datetime,
) -> int | None:
    """Which reminder of a visit is due at *now*; None where none is.

    The one nearest to the visit whose time has come, if it lay after the booking and is not
    late by more than half its hours. A time in the quiet hours is brought forward to before
    they begin; while they last nothing is due.
    """
    if now >= starts_at or is_quiet(now, zone, settings):
        return None
    for hours in sorted(settings.reminder_hours):
        wished = starts_at - timedelta(hours=hours)
        at = before_quiet(wished, zone, settings)
        if at > now:
            continue
        too_late = now > wished + timedelta(hours=hours) / 2
        return None if too_late or wished <= booked_at else hours
    return None


def is_quiet(at: datetime, zone: tzinfo, settings: MailSettings) -> bool:
    """Whether *at* lies in the quiet hours of the location."""
    begin, end = settings.quiet_from, settings.quiet_until
    minute = clinic_time.minute_of_day(at, zone)
    if begin <= end:
        return begin <= minute < end
    return minute >= begin or minute < end


def before_quiet(at: datetime, zone: tzinfo, settings: MailSettings) -> datetime:
    """*at*; where it lies in the quiet hours, some time before these begin."""
    if not is_quiet(at, zone, settings):
        return at
    minutes = (clinic_time.minute_of_day(at, zone) - settings.quiet_from) % clinic_time.DAY_MINUTES
    return at.replace(second=0, microsecond=0) - timedelta(minutes=minutes) - BEFORE_QUIET


def line_uuid(appointment_uuid: str, starts_at: datetime, hours: int) -> str:
    """The name of the one line that reminds of this visit at this time, so long before."""
    return str(uuid.uuid5(NAMESPACE, f"{appointment_uuid} {starts_at.isoformat()} {hours}"))


@command(PERMISSION, action="reminder.write")
def write(work: Work, wanted: Sequence[Due], *, request_id: str | None = None) -> int:
    """Write these reminders, each unless it is there or its visit has changed; how many."""
    reads: list[Statement] = []
    for one in wanted:
        reads.append(work.locked_row(Appointment, one.appointment_id))
        reads.append(Statement("SELECT 1 FROM outbox WHERE uuid = ?", (one.uuid,)))
    answers = work.lock(*reads)
    visits = [
        r.row(Appointment, answers[2 * n][0]) if answers[2 * n] and not answers[2 * n + 1] else None
        for n in range(len(wanted))
    ]
    still = [(one, row) for one, row in zip(wanted, visits, strict=True) if row is not None]
    people = _people(work, [row for _one, row in still])
    written = 0
    for one, row in still:
        changed = one.uuid != line_uuid(row.uuid, row.starts_at, one.hours)
        to, language = people.get(row.patient_id, ("", ""))
        if changed or row.status not in EXPECTED or not to:
            continue
        _create(work, one, row, to, language)
        written += 1
    return written


def _create(work: Work, one: Due, row: Appointment, to: str, language: str) -> None:
    line = messages.write_line(
        work,
        Kind.REMINDER,
        to,
        {"now": messages.plain(messages.seen(row)), "hours": one.hours},
        uuid=one.uuid,
        patient_id=row.patient_id,
        appointment_id=row.id,
        sequence=row.version - 1,
        language=language,
    )
    if one.missed:
        why = messages.trouble(BEFORE_RESTORE, delivery.LOOK_WHETHER)
        work.change(line, state=messages.WITHDRAWN, last_error=why)


def _people(work: Work, visits: Sequence[Appointment]) -> dict[int, tuple[str, str]]:
    """Address and language of each patient, in one further exchange."""
    numbers = sorted({row.patient_id for row in visits})
    if not numbers:
        return {}
    marks = ", ".join("?" * len(numbers))
    (found,) = work.look_again(
        Statement(
            "SELECT id, email, guardian_email, language FROM patient"  # noqa: S608
            f" WHERE organisation_id = ? AND id IN ({marks})",
            (work.organisation_id, *numbers),
        )
    )
    return {n: ((guardian or email).strip(), tag) for n, email, guardian, tag in found}


def _written(store: Store, names: Sequence[str]) -> set[str]:
    out: set[str] = set()
    for first in range(0, len(names), 500):
        some = names[first : first + 500]
        marks = ", ".join("?" * len(some))
        found: Rows = store.rows(
            f"SELECT uuid FROM outbox WHERE uuid IN ({marks})",  # noqa: S608
            tuple(some),
        )
        out |= {str(name) for (name,) in found}
    return out


def _stored(at: datetime) -> Any:
    return r.stored(Appointment, "starts_at", at)


def _instant(value: Any) -> datetime:
    at: datetime = Appointment.starts_at.python_value(value)
    return at
