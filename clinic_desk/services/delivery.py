"""Who sends a line of the outbox, and what became of it: outside the history, by lease.

A sender claims one line for :data:`LEASE_SECONDS`; nobody else takes it before that time is
over. All that is written afterwards asks for the number of the try, so a sender that was away
for longer than its lease changes nothing any more.

What this gives, honestly. A line is sent **at least once**: if the sender dies, the lease
ends and the next one tries again. It is sent **at most once** except in one gap that no
sender of mails can close: the server has taken the mail, and the sender dies, or loses the
line, before that is written down here. Then it is sent a second time, with the same
``Message-ID`` (it comes from the line's uuid), by which mailboxes recognise the copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic_desk.models.journal import Outbox
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.letter_texts import TOGETHER, Kind
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement, alone

MOST_TOGETHER = 40
"""So many visits one mail tells of."""

MOST_IN_SIGHT = 200
"""So many lines are looked at for one claim."""

TOGETHER_SECONDS = 120
"""So long after its time a message may wait for others that were written after it."""

FROM_BACKUP = N_("This waited when the backup was made that was restored since.")
LOOK_WHETHER = N_("It may have been sent meanwhile. Send it again if it is still true.")

LEASE_SECONDS = 300
"""Longer than any conversation with a mail server may last (``mailer.DEADLINE_SECONDS``)."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a database says "now" and "in so many seconds": leases go by its clock alone, since
    those of two desks may differ by minutes.
    """

    now: str
    later: str


CLOCKS = {
    "sqlite": Clock("unixepoch()", "unixepoch() + ?"),
    "postgresql": Clock("now()", "now() + ? * interval '1 second'"),
}


def claim(
    store: Store,
    organisation_id: int,
    now: datetime,
    *,
    codes: bool = True,
    lease_seconds: int = LEASE_SECONDS,
) -> Outbox | None:
    """The next line that is due, now this sender's until the lease ends; None where none is.

    Without *codes* lines that need a code are left to others.
    """
    found = claim_together(
        store, organisation_id, now, codes=codes, lease_seconds=lease_seconds, most=1
    )
    return found[0] if found else None


def claim_together(
    store: Store,
    organisation_id: int,
    now: datetime,
    *,
    codes: bool = True,
    lease_seconds: int = LEASE_SECONDS,
    most: int = MOST_TOGETHER,
) -> list[Outbox]:
    """As :func:`claim`, with all that can leave in the same mail: the due messages of one kind
    about other visits of the same patient, by their ids. They are claimed in one statement, and
    only behind the one with the least id, so that two senders never share them out. Where
    nothing is due nothing is written.

    A message waits :data:`TOGETHER_SECONDS` at most for another one that was just written.
    """
    for group in _groups(_in_sight(store, organisation_id, now, codes=codes), now):
        found = _taken(store, organisation_id, [one.id for one in group[:most]], now, lease_seconds)
        if found:
            return sorted(found, key=lambda line: line.id)
    return []


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is known of a line before it is claimed. ``is_ready``: due, or its lease is over."""

    id: int
    is_ready: bool
    is_fresh: bool
    due_at: datetime
    appointment_id: int | None
    key: tuple[Any, ...]


def _in_sight(store: Store, organisation_id: int, now: datetime, *, codes: bool) -> list[_Sight]:
    """The lines that are due or soon will be; one query by the indexes of what is under way."""
    clock = CLOCKS[store.dialect]
    kinds = "" if codes else " AND kind <> 'code'"
    columns = "id, state, attempts, due_at, appointment_id, kind, patient_id, recipient"
    soon = now + timedelta(seconds=TOGETHER_SECONDS)
    # The plus keeps SQLite from going through all that was ever sent (250 ms at 300,000 lines).
    found = store.rows(
        f"SELECT * FROM (SELECT {columns} FROM outbox WHERE +organisation_id = ?"  # noqa: S608
        f" AND state = 'waiting' AND due_at <= ?{kinds} ORDER BY due_at, id LIMIT {MOST_IN_SIGHT}"
        f") AS waiting UNION ALL SELECT * FROM (SELECT {columns} FROM outbox"
        f" WHERE +organisation_id = ? AND state = 'sending' AND lease_until < {clock.now}{kinds}"
        f" ORDER BY lease_until, id LIMIT {MOST_IN_SIGHT}) AS left_alone",
        (organisation_id, r.stored(Outbox, "due_at", soon), organisation_id),
    )
    out = []
    for number, state, attempts, due, appointment_id, *key in found:
        at: datetime = Outbox.due_at.python_value(due)
        is_ready = state == "sending" or at <= now
        out.append(_Sight(number, is_ready, attempts == 0, at, appointment_id, tuple(key)))
    return sorted(out, key=lambda one: (one.due_at, one.id))


def _groups(sight: Sequence[_Sight], now: datetime) -> Iterator[list[_Sight]]:
    """What leaves as one mail, the longest due first; each group by its ids."""
    held: set[tuple[Any, ...]] = set()
    begun: set[tuple[Any, ...]] = set()
    given: set[int] = set()
    for one in sight:
        if not one.is_ready or one.id in given or one.key in held:
            continue
        if one.key[0] not in TOGETHER or one.appointment_id is None or one.key in begun:
            yield [one]  # among these: a second message about a visit of a group
            continue
        alike = [other for other in sight if other.key == one.key]
        until = one.due_at + timedelta(seconds=TOGETHER_SECONDS)
        if any(other.is_fresh and now < other.due_at <= until for other in alike):
            held.add(one.key)
            continue
        visits: dict[int | None, _Sight] = {}
        for other in alike:
            if other.is_ready:
                visits.setdefault(other.appointment_id, other)
        group = sorted(visits.values(), key=lambda other: other.id)[:MOST_TOGETHER]
        begun.add(one.key)
        given |= {other.id for other in group}
        yield group


def _taken(
    store: Store, organisation_id: int, ids: Sequence[int], now: datetime, lease_seconds: int
) -> list[Outbox]:
    """These lines, now this sender's; none where somebody else has, or is just taking, the first:
    so a group is never shared out.
    """
    clock = CLOCKS[store.dialect]
    skip = " FOR UPDATE SKIP LOCKED" if store.dialect == "postgresql" else ""
    ready = (
        "((state = 'waiting' AND due_at <= ?)"
        f" OR (state = 'sending' AND lease_until < {clock.now}))"
    )
    due = r.stored(Outbox, "due_at", now)
    marks = ", ".join("?" * len(ids))
    statement = Statement(
        f"WITH gate AS MATERIALIZED (SELECT id FROM outbox WHERE id = ? AND {ready}{skip})"  # noqa: S608
        " UPDATE outbox SET state = 'sending', attempts = attempts + 1, version = version + 1,"
        f" lease_until = {clock.later} WHERE id IN ({marks}) AND {ready}"
        f" AND EXISTS (SELECT 1 FROM gate) RETURNING {', '.join(r.columns(Outbox))}",
        (min(ids), due, lease_seconds, *ids, due),
    )
    return [r.row(Outbox, values) for values in alone(store, organisation_id, statement)]


def sent(store: Store, line: Outbox, at: datetime, subject: str, text: str) -> bool:
    """The server has taken it: keep what was said. False where the lease was lost meanwhile."""
    body = json.loads(line.body) | {"subject": subject, "text": text}
    return _settle(
        store,
        line,
        state="sent",
        sent_at=r.stored(Outbox, "sent_at", at),
        recipient=line.recipient,
        body=json.dumps(body, ensure_ascii=False, sort_keys=True),
        last_error="",
    )


def later(store: Store, line: Outbox, at: datetime, reason: str) -> bool:
    """Try again at *at*; *reason* is a ``messages.trouble``."""
    due = r.stored(Outbox, "due_at", at)
    return _settle(store, line, state="waiting", due_at=due, last_error=reason)


def failed(store: Store, line: Outbox, reason: str) -> bool:
    """Give up until somebody asks for another try."""
    return _settle(store, line, state="failed", last_error=reason)


def withdrawn(store: Store, line: Outbox, reason: str) -> bool:
    """There is nothing to tell any more."""
    return _settle(store, line, state="withdrawn", last_error=reason)


def hurry(store: Store, organisation_id: int, now: datetime) -> None:
    """Let what was tried in vain be tried again at once: the way to the mail server is another."""
    at = r.stored(Outbox, "due_at", now)
    statement = Statement(
        "UPDATE outbox SET due_at = ?, version = version + 1 WHERE organisation_id = ?"
        " AND state = 'waiting' AND attempts > 0 AND due_at > ? RETURNING id",
        (at, organisation_id, at),
    )
    alone(store, organisation_id, statement)


def withdraw_all(store: Store) -> None:
    """Inside the transaction that restores a backup: nothing of it is sent by itself again. What
    was on its way counts as withdrawn too; whoever wants it sent sends it again by hand.
    """
    reason = json.dumps({"message": FROM_BACKUP, "way_out": LOOK_WHETHER, "params": {}})
    store.connection().execute(
        store.placed(
            "UPDATE outbox SET state = 'withdrawn', lease_until = NULL, last_error = ?,"
            " version = version + 1 WHERE state IN ('waiting', 'sending')"
        ),
        (reason,),
    )


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries: 1, 2, 4 … minutes, four hours at the most."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 12)), LONGEST_WAIT)


def message_id(line: Outbox, domain: str) -> str:
    """The mail's name in the world: the line's, so that a copy is recognised as one.

    A code is another one with every try, so the mail is another one too.
    """
    part = f"{line.uuid}.{line.attempts}" if line.kind == Kind.CODE else line.uuid
    return f"<{part}@{domain}>"


def _settle(store: Store, line: Outbox, **values: Any) -> bool:
    sets = ", ".join(f"{name} = ?" for name in values)
    statement = Statement(
        f"UPDATE outbox SET {sets}, lease_until = NULL, version = version + 1"  # noqa: S608
        " WHERE id = ? AND state = 'sending' AND attempts = ? RETURNING id",
        (*values.values(), line.id, line.attempts),
    )
    return bool(alone(store, line.organisation_id, statement))
