"""The outbox as staff see it: what waits, what was sent, what failed and why; and the two acts.

The text of a code and the address it goes to are shown to nobody.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotFound, Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import letter_texts, mail_settings, messages, patient_access, posting
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.letter_texts import Kind
from clinic_desk.services.messages import FAILED, SENDING, SENT, STATES, WAITING, WITHDRAWN
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

SEE = "Appointment Get All"
READ = "Appointment Show"
ACT = "Appointment Update"

MOST_ON_A_PAGE = 200
MOST_AT_ONCE = 50
JUST_NOW = timedelta(seconds=15)
"""A message that is not older belongs to what was just done."""

BY_HAND = N_("Somebody withdrew this message.")
UNDER_WAY = N_("This message is being sent just now.")
MOMENT = N_("Look again in a moment.")
SENT_ALREADY = N_("This message has been sent and cannot be taken back.")
CALL = N_("Call the patient, or change the appointment: then a correction goes out.")
NOT_FAILED = N_("Only a message that failed or was withdrawn can be sent again.")
NO_ADDRESS = N_("There is no address to send this to.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a message did not go out: a sentence and a way out as templates, and what fills them.

    Show them by ``i18n.filled(message, params)``; empty where all is well.
    """

    message: str = ""
    way_out: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineCard:
    """One message. ``state`` is one of ``messages.STATES``, ``kind_name`` for translation.

    ``patient_id`` is None for a code: it may concern another clinic's record. Of a patient whom
    the reader may not see nothing is told but the message's kind, state and times.
    """

    id: int
    version: int
    kind: str
    kind_name: str
    state: str
    recipient: str
    patient_id: int | None
    patient_name: str
    appointment_id: int | None
    created_at: datetime | None
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """One page of messages, the newest first; ``counts`` by state, whatever the filter of it."""

    items: tuple[LineCard, ...]
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LineText:
    """What a message says or said. ``html`` is empty where only the text was kept."""

    subject: str
    text: str
    html: str
    language: str
    right_to_left: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message that waits for its delay to pass, so that it can still be kept back."""

    id: int
    patient_id: int | None
    due_at: datetime


@query(SEE)
def leaving(
    actor: Actor,
    line_ids: Collection[int],
    appointment_ids: Collection[int] = (),
    *,
    now: datetime | None = None,
) -> tuple[Leaving, ...]:
    """Those of these messages, and of those written a moment ago about these visits, that tell
    a patient of a visit and wait; one query, none where nothing is asked. A reminder is left out.
    """
    since = (now or datetime.now(UTC)) - JUST_NOW
    wanted = sorted(line_ids)[:MOST_ON_A_PAGE], sorted(appointment_ids)[:MOST_ON_A_PAGE]
    if not any(wanted):
        return ()
    lines, visits = (", ".join("?" * len(ids)) or "NULL" for ids in wanted)
    kinds = ", ".join("?" * len(messages.ABOUT_VISIT))
    visible, who = patient_access.seen(actor, "outbox.patient_id")
    found = actor.store.rows(
        "SELECT id, patient_id, due_at FROM outbox WHERE organisation_id = ? AND state = ?"  # noqa: S608
        f" AND kind IN ({kinds})"
        f" AND (id IN ({lines}) OR appointment_id IN ({visits}) AND created_at >= ?)"
        f" AND {visible} ORDER BY id",
        (
            actor.organisation_id,
            WAITING,
            *sorted(map(str, messages.ABOUT_VISIT)),
            *wanted[0],
            *wanted[1],
            r.stored(Outbox, "created_at", since),
            *who,
        ),
    )
    due = Outbox.due_at.python_value
    return tuple(Leaving(number, patient_id, due(at)) for number, patient_id, at in found)


@query(SEE)
def lines(
    actor: Actor,
    *,
    states: Collection[str] = (),
    patient_id: int | None = None,
    page: int = 1,
    page_size: int = 50,
) -> OutboxPage:
    """The messages, filtered by states (none: all) and patient; two queries.

    Raises ``Invalid`` for a state or a page that does not exist.
    """
    if not set(states) <= set(STATES):
        raise Invalid("states", N_("A message is waiting, sending, sent, failed or withdrawn."))
    if page < 1 or not 1 <= page_size <= MOST_ON_A_PAGE:
        raise Invalid("page", N_("There is no such page."))
    where, values = _of_whom(actor, patient_id)
    counted = actor.store.rows(
        f"SELECT state, COUNT(*) FROM outbox WHERE {where} GROUP BY state",  # noqa: S608
        values,
    )
    counts = dict.fromkeys(STATES, 0) | {str(state): int(number) for state, number in counted}
    chosen = [state for state in STATES if not states or state in states]
    wanted = page_of(actor, chosen, patient_id, (page - 1) * page_size, page_size)
    found = actor.store.rows(wanted.sql, wanted.parameters)
    return OutboxPage(
        items=tuple(_card(values) for values in found),
        total=sum(counts[state] for state in chosen),
        counts=counts,
    )


def page_of(
    actor: Actor, states: Sequence[str], patient_id: int | None, skipped: int, size: int
) -> Statement:
    """The *size* newest messages in these states behind the *skipped* newest ones.

    Each state is read by itself, the newest first, straight from the index: an outbox of years
    is never sorted as a whole for one page.
    """
    where, whom = _of_whom(actor, patient_id)
    one = (
        f"SELECT id FROM (SELECT id FROM outbox WHERE {where} AND state = ?"  # noqa: S608
        " ORDER BY id DESC LIMIT ?) AS of_state"
    )
    values: list[object] = []
    for state in states:
        values += [*whom, state, skipped + size]
    columns = ", ".join(f"o.{name}" for name in _SHOWN)
    visible, who = patient_access.seen(actor, "o.patient_id")
    return Statement(
        f"SELECT {columns}, p.first_name, p.last_name,"  # noqa: S608
        f" CASE WHEN {visible} THEN 1 ELSE 0 END FROM outbox o"
        " LEFT JOIN patient p ON p.id = o.patient_id AND p.organisation_id = o.organisation_id"
        " WHERE o.id IN (SELECT id FROM ("
        + " UNION ALL ".join([one] * len(states))
        + ") AS newest ORDER BY id DESC LIMIT ? OFFSET ?) ORDER BY o.id DESC",
        (*who, *values, size, skipped),
    )


def _of_whom(actor: Actor, patient_id: int | None) -> tuple[str, list[Any]]:
    """SQL for the messages of an organisation, or of one patient, and its values."""
    if patient_id is None:
        return "organisation_id = ?", [actor.organisation_id]
    visible, who = patient_access.seen(actor, "outbox.patient_id")
    # A patient has few messages, an organisation very many: so by the patient's index.
    where = f"patient_id = ? AND organisation_id + 0 = ? AND {visible}"
    return where, [patient_id, actor.organisation_id, *who]


@query(READ)
def text(actor: Actor, line_id: int) -> LineText:
    """What one message says: as it was sent, else as it would leave now; a code is masked.

    Raises ``NotFound``, ``Refused`` where there is nothing left to say.
    """
    found = actor.store.rows(*patient_access.row(actor, Outbox, line_id))
    if not found:
        raise NotFound
    line = r.row(Outbox, found[0])
    body = json.loads(line.body)
    if line.state == SENT and "text" in body:
        return LineText(body["subject"], body["text"], "", line.language, False, True)
    settings = mail_settings.load(actor.store, actor.organisation_id)
    letter = posting.shown(actor.store, settings, line)
    if letter is None:
        raise Refused(posting.GONE)
    return LineText(
        letter.subject,
        letter.text,
        letter.html,
        letter.language,
        letter.right_to_left,
        False,
    )


@command(ACT, action="outbox.retry")
def retry(work: Work, line_ids: Sequence[int], *, request_id: str | None = None) -> int:
    """Send messages again that failed or were withdrawn, at once and as often as at first;
    how many. A patient's new address is taken.

    Raises ``Refused`` for one that waits, is being sent or was sent, ``NotFound``.
    """
    found = _locked(work, line_ids)
    for line, person in found:
        if line.state not in {FAILED, WITHDRAWN}:
            raise Refused(NOT_FAILED)
        to = (
            line.recipient
            if line.kind == Kind.CODE or person is None
            else messages.recipient(person)
        )
        if not to:
            raise Refused(NO_ADDRESS, way_out=messages.ADD_ADDRESS)
        work.change(line, state=WAITING, due_at=work.now, recipient=to, last_error="")
    return len(found)


@command(ACT, action="outbox.withdraw")
def withdraw(work: Work, line_ids: Sequence[int], *, request_id: str | None = None) -> int:
    """Keep messages that wait or failed from being sent; how many.

    Raises ``Refused`` for one that is being sent or was sent, ``NotFound``.
    """
    found = _locked(work, line_ids)
    for line, _person in found:
        if line.state == SENDING:
            raise Refused(UNDER_WAY, way_out=MOMENT)
        if line.state == SENT:
            raise Refused(SENT_ALREADY, way_out=CALL)
        work.change(line, state=WITHDRAWN, last_error=messages.trouble(BY_HAND))
    return len(found)


_SHOWN = (
    "id",
    "version",
    "kind",
    "state",
    "recipient",
    "patient_id",
    "appointment_id",
    "created_at",
    "due_at",
    "sent_at",
    "attempts",
    "last_error",
)


def _card(values: tuple[Any, ...]) -> LineCard:
    told = dict(zip(_SHOWN, values, strict=False))
    first, last, visible = values[len(_SHOWN) :]
    if not visible:
        told |= {"recipient": "", "patient_id": None, "appointment_id": None, "last_error": ""}
        first = last = ""
    name = letter_texts.NAMES.get(told["kind"], told["kind"])
    return LineCard(
        id=told["id"],
        version=told["version"],
        kind=told["kind"],
        kind_name=name,
        state=told["state"],
        recipient=told["recipient"],
        patient_id=told["patient_id"],
        patient_name=full_name(first or "", last or ""),
        appointment_id=told["appointment_id"],
        created_at=Outbox.created_at.python_value(told["created_at"]),
        due_at=Outbox.due_at.python_value(told["due_at"]),
        sent_at=Outbox.sent_at.python_value(told["sent_at"]),
        attempts=told["attempts"],
        trouble=trouble(told["last_error"]),
    )


def trouble(kept: str) -> Trouble:
    """What ``last_error`` tells."""
    if not kept:
        return Trouble()
    try:
        told = json.loads(kept)
        return Trouble(told["message"], told["way_out"], told["params"])
    except (ValueError, KeyError, TypeError):  # written by hand, or by another version
        return Trouble("{detail}", "", {"detail": kept})


def _locked(work: Work, line_ids: Sequence[int]) -> list[tuple[Outbox, Patient | None]]:
    """The lines under the lock, each with its patient. Raises ``NotFound``, ``Invalid``."""
    numbers = list(dict.fromkeys(line_ids))
    if not 1 <= len(numbers) <= MOST_AT_ONCE:
        raise Invalid("line_ids", N_("Choose 1 to {most} messages."), most=MOST_AT_ONCE)
    answers = work.lock(
        *(work.locked_row(Outbox, number, seen=True) for number in numbers),
        *(_patient_of(work, number) for number in numbers),
    )
    out: list[tuple[Outbox, Patient | None]] = []
    for answer, people in zip(answers[: len(numbers)], answers[len(numbers) :], strict=True):
        out.append((work.found(Outbox, answer), _person(people)))
    return out


def _patient_of(work: Work, number: int) -> Statement:
    columns = ", ".join(f"p.{name}" for name in r.columns(Patient))
    return Statement(
        f"SELECT {columns} FROM outbox o JOIN patient p ON p.id = o.patient_id"  # noqa: S608
        " AND p.organisation_id = o.organisation_id WHERE o.id = ? AND o.organisation_id = ?",
        (number, work.organisation_id),
    )


def _person(found: Rows) -> Patient | None:
    return r.row(Patient, found[0]) if found else None
