"""What a change of a visit has to tell the patient: written in the same deed, sent later.

A message says how what the patient was last told differs from what holds now. So a change
within the delay replaces the message that waits, a change that is taken back leaves nothing
to say, and one that is taken back too late brings a correction. Whoever changes a visit
calls :func:`told` under the lock; with what :func:`reads` asked for it costs no exchange.

No code for a consent is written here or anywhere: see :func:`code`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from clinic_desk.models.diary import Appointment
from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.lifecycle import OPEN, Status
from clinic_desk.rules.words import N_
from clinic_desk.services import mail_settings
from clinic_desk.services import rows as r
from clinic_desk.services.letter_texts import Kind
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work

WAITING, SENDING, SENT, FAILED, WITHDRAWN = "waiting", "sending", "sent", "failed", "withdrawn"
STATES = (WAITING, SENDING, SENT, FAILED, WITHDRAWN)

ABOUT_VISIT = frozenset(
    {Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED, Kind.APPROVED, Kind.DECLINED}
)
"""The kinds from which a patient learns when a visit is; a reminder only repeats it."""

OVERTAKEN = N_("The appointment was changed again before this was sent.")
NO_SERVER = N_("No mail server is set up.")
SET_UP = N_("Enter one in the mail settings.")
NO_ADDRESS = N_("This patient has no e-mail address.")
ADD_ADDRESS = N_("Add one to the patient’s data, or print the report.")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a patient needs to know of a visit. ``status`` is that of the appointment."""

    starts_at: datetime
    ends_at: datetime
    provider_id: int
    location_id: int | None
    status: str

    @property
    def place(self) -> tuple[datetime, int, int | None]:
        """What makes it another visit for the patient; its length does not."""
        return self.starts_at, self.provider_id, self.location_id


def seen(row: Appointment) -> Seen:
    """The visit as it stands now; taken before ``work.change``, which changes the row itself."""
    return Seen(row.starts_at, row.ends_at, row.provider_id, row.location_id, str(row.status))


def reads(work: Work, appointment_id: int | None = None) -> tuple[Statement, ...]:
    """For ``work.lock``: what :func:`told` has to know. The answers go to it as *read*.

    Without an id (a visit that is being booked) one statement, else two.
    """
    wanted = (mail_settings.statement(work.organisation_id),)
    if appointment_id is None:
        return wanted
    lines = f"{r.selecting(Outbox)} WHERE organisation_id = ? AND appointment_id = ? ORDER BY id"
    if work.store.dialect == "postgresql":
        lines += " FOR UPDATE"  # so that nobody begins to send what is being withdrawn
    return (*wanted, Statement(lines, (work.organisation_id, appointment_id)))


@dataclass(frozen=True, slots=True)
class _Remembered:
    before: Seen
    person: Patient | None
    read: Sequence[Rows] | None


_remembered: WeakKeyDictionary[Work, dict[int, _Remembered]] = WeakKeyDictionary()


def remember(
    work: Work,
    row: Appointment,
    *,
    person: Patient | None = None,
    read: Sequence[Rows] | None = None,
) -> None:
    """Under the lock, before *row* is changed: keep for :func:`told` how it stood, with what
    was read along. The first of several in one work holds.
    """
    _remembered.setdefault(work, {}).setdefault(row.id, _Remembered(seen(row), person, read))


def told(
    work: Work,
    row: Appointment,
    *,
    before: Seen | None = None,
    person: Patient | None = None,
    read: Sequence[Rows] | None = None,
    kind: Kind | None = None,
) -> Outbox | None:
    """Under the lock, after *row* was changed: write what the patient has to learn.

    *before* is :func:`seen` of the row before the change; without it what :func:`remember`
    kept, and where nothing was kept the visit is a new one. Withdraws what waits and no longer
    holds. *kind* overrides what the difference says. Without a mail server, an address, or
    anything new to tell: None. Call it once for each visit, after its last change.
    """
    kept = _remembered.get(work, {}).pop(row.id, None)
    if kept is not None:
        before, person, read = before or kept.before, person or kept.person, read or kept.read
    if read is None:
        statements = [*reads(work, row.id if before else None)]
        if person is None:
            statements.append(r.by_id(Patient, work.organisation_id, row.patient_id))
        read = work.look_again(*statements)
        if person is None:
            person = work.found(Patient, read[-1])
            read = read[:-1]
    settings = mail_settings.read(read[0])
    lines = [r.row(Outbox, values) for values in read[1]] if len(read) > 1 else []
    if not settings.ready and not lines:
        return None
    person = person or work.found(
        Patient, work.look_again(r.by_id(Patient, work.organisation_id, row.patient_id))[0]
    )
    now = seen(row)
    if before is not None and before.place == now.place and _same(before.status, now.status):
        return None
    last = known_to_patient(lines, before)
    wanted = kind or difference(last, now)
    _withdraw_overtaken(work, lines, now)
    if wanted is None or now.starts_at <= work.now or not settings.sends(wanted):
        return None
    return _written(work, row, person, settings, wanted, now, last)


def tell_remembered(work: Work) -> None:
    """:func:`told` for every visit that was remembered and changed and not told of yet."""
    for number in list(_remembered.get(work, {})):
        row = work.written.get(("appointment", number))
        if isinstance(row, Appointment):
            told(work, row)


def known_to_patient(lines: Sequence[Outbox], before: Seen | None) -> Seen | None:
    """What the patient believes: what was last sent, else what held before the first message.

    A message that is being sent counts as sent. *before* is what holds where nothing was ever
    written about this visit.
    """
    about = [line for line in lines if line.kind in ABOUT_VISIT]
    for line in reversed(about):
        if line.state in {SENT, SENDING}:
            return facts(line, "now")
    if about:
        return facts(about[0], "before")
    return before


def difference(last: Seen | None, now: Seen) -> Kind | None:
    """Which message takes a patient from what they believe to what holds; None for none."""
    believes = Status(last.status) if last else None
    holds = Status(now.status)
    if holds in OPEN:
        if believes is Status.REQUESTED:
            return Kind.APPROVED
        if last is None or believes not in OPEN:
            return Kind.CONFIRMATION if believes is not Status.COMPLETED else None
        return Kind.MOVED if last.place != now.place else None
    if believes in OPEN and holds is Status.CANCELLED:
        return Kind.CANCELLED
    if believes is Status.REQUESTED and holds in {Status.DECLINED, Status.CANCELLED}:
        return Kind.DECLINED if holds is Status.DECLINED else Kind.CANCELLED
    return None


def report(work: Work, row: Appointment, person: Patient, document_id: int) -> Outbox:
    """Under the lock: send a stored document of the patient as the report of a visit, at once.

    Raises ``Refused`` without a mail server or an address.
    """
    settings = mail_settings.read(work.look_again(mail_settings.statement(work.organisation_id))[0])
    if not settings.ready:
        raise Refused(NO_SERVER, way_out=SET_UP)
    if not recipient(person):
        raise Refused(NO_ADDRESS, way_out=ADD_ADDRESS)
    return write_line(
        work,
        Kind.REPORT,
        recipient(person),
        {"now": plain(seen(row)), "document_id": document_id},
        patient_id=person.id,
        appointment_id=row.id,
        language=person.language,
    )


def code(work: Work, consent_id: int, masked: str, *, language: str = "") -> Outbox:
    """Under the lock: let a code for this consent go out, at once.

    The line holds neither the code nor the address. Whoever sends it makes the code at that
    moment (``sender.Mint``), in memory, stores its hash in the consent and puts it into the
    mail alone; a second try makes a new one, and only the newest counts. So there is nothing
    to find: not in the outbox, the history or a backup, not even sealed, and no key to keep.

    Against: somebody who reads the database (sees a hash of a code that is good for minutes
    and a few tries), staff of the asking clinic (see *masked*), a desk that dies (the next one
    makes a new code). Not against: the mailbox or the mail server, who read what they carry,
    and a sending computer that is itself in foreign hands.

    Raises ``Refused`` without a mail server: then the paper form is the way.
    """
    settings = mail_settings.read(work.look_again(mail_settings.statement(work.organisation_id))[0])
    if not settings.ready:
        raise Refused(NO_SERVER, way_out=N_("Enter one, or use the form on paper."))
    return write_line(work, Kind.CODE, masked, {"consent_id": consent_id}, language=language)


def recipient(person: Patient) -> str:
    """Where the patient's mails go: to the guardian, where there is one with an address."""
    return (person.guardian_email or person.email).strip()


def masked(address: str) -> str:
    """An address of which only its owner recognises the rest: ``j•••@e•••.com``."""
    user, _, domain = address.partition("@")
    name, dot, ending = domain.rpartition(".")
    return f"{user[:1]}•••@{name[:1]}•••{dot}{ending}" if domain else "•••"


def facts(line: Outbox, name: str) -> Seen | None:
    """What a line says of its visit: ``now``, or ``before`` it."""
    values: Mapping[str, Any] | None = json.loads(line.body).get(name)
    if values is None:
        return None
    return Seen(
        datetime.fromisoformat(values["starts_at"]),
        datetime.fromisoformat(values["ends_at"]),
        values["provider_id"],
        values["location_id"],
        values["status"],
    )


def trouble(message: str, way_out: str = "", **params: Any) -> str:
    """A sentence as ``last_error`` keeps it, to be told in the reader's language."""
    return json.dumps(
        {"message": message, "way_out": way_out, "params": params}, ensure_ascii=False, default=str
    )


def _withdraw_overtaken(work: Work, lines: Sequence[Outbox], now: Seen) -> None:
    for line in lines:
        if line.state not in {WAITING, FAILED}:
            continue
        about = line.kind in ABOUT_VISIT
        if about or (line.kind == Kind.REMINDER and not _still_true(line, now)):
            work.change(line, state=WITHDRAWN, last_error=trouble(OVERTAKEN))


def _same(one: str, other: str) -> bool:
    """Whether the step from one status to the other is nothing to a patient: an arrival."""
    return one == other or (Status(one) in OPEN and Status(other) in OPEN)


def _still_true(line: Outbox, now: Seen) -> bool:
    then = facts(line, "now")
    return then is not None and then.place == now.place and Status(now.status) in OPEN


def _written(
    work: Work,
    row: Appointment,
    person: Patient,
    settings: MailSettings,
    kind: Kind,
    now: Seen,
    last: Seen | None,
) -> Outbox | None:
    to = recipient(person)
    if not to:
        return None
    body: dict[str, Any] = {"now": plain(now), "before": plain(last) if last else None}
    if kind is Kind.DECLINED and row.reason:
        body["reason"] = row.reason
    return write_line(
        work,
        kind,
        to,
        body,
        delay=timedelta(seconds=settings.delay_seconds),
        patient_id=person.id,
        appointment_id=row.id,
        # The visit's own version never goes back, so neither does what calendars compare.
        sequence=row.version - 1,
        language=person.language,
    )


def write_line(
    work: Work,
    kind: Kind,
    to: str,
    body: Mapping[str, Any],
    *,
    delay: timedelta = timedelta(0),
    **fields: Any,
) -> Outbox:
    """Under the lock: one line that waits, due after *delay*; *fields* are columns."""
    given = {"uuid": str(uuid.uuid4()), "sequence": 0, "language": ""} | fields
    return work.create(
        Outbox,
        seq=work._head.seq + 1,  # noqa: SLF001 - the number of the deed that is being written
        kind=str(kind),
        recipient=to,
        body=json.dumps(body, ensure_ascii=False, sort_keys=True),
        created_at=work.now,
        due_at=work.now + delay,
        state=WAITING,
        attempts=0,
        last_error="",
        version=1,
        **given,
    )


def plain(visit: Seen) -> dict[str, Any]:
    """A visit as the body of a line keeps it; :func:`facts` reads it back."""
    return {
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "provider_id": visit.provider_id,
        "location_id": visit.location_id,
        "status": visit.status,
    }
