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
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic_desk.models.journal import Outbox
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.letter_texts import TOGETHER, Kind
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement, transaction_for

MOST_TOGETHER = 40
"""So many visits one mail tells of."""

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
    together: str


_CLOCKS = {
    "sqlite": Clock("unixepoch()", "unixepoch() + ?", "o.due_at + ?"),
    "postgresql": Clock(
        "now()", "now() + ? * interval '1 second'", "o.due_at + ? * interval '1 second'"
    ),
}

_JOINED = ", ".join(f"'{kind}'" for kind in TOGETHER)
_SAME = (
    "b.organisation_id = o.organisation_id AND b.kind = o.kind AND b.patient_id = o.patient_id"
    " AND b.recipient = o.recipient AND b.appointment_id <> o.appointment_id"
)
"""The line b can leave in one mail with the line o."""


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
    only behind the one with the least id, so that two senders never share them out.

    A message waits :data:`TOGETHER_SECONDS` at most for another one that was just written.
    """
    clock = _CLOCKS[store.dialect]
    on_server = store.dialect == "postgresql"
    kinds = "" if codes else " AND o.kind <> 'code'"
    due = r.stored(Outbox, "due_at", now)

    def ready(name: str) -> str:
        return (
            f"(({name}.state = 'waiting' AND {name}.due_at <= ?)"
            f" OR ({name}.state = 'sending' AND {name}.lease_until < {clock.now}))"
        )

    statement = Statement(
        "WITH leader AS MATERIALIZED (SELECT o.* FROM outbox o"  # noqa: S608
        f" WHERE o.organisation_id = ?{kinds} AND {ready('o')}"
        f" AND NOT (o.kind IN ({_JOINED}) AND EXISTS (SELECT 1 FROM outbox b WHERE {_SAME}"
        f" AND ((b.id < o.id AND {ready('b')}) OR (b.state = 'waiting' AND b.attempts = 0"
        f" AND b.due_at > ? AND b.due_at <= {clock.together}))))"
        f" ORDER BY o.due_at, o.id LIMIT 1{' FOR UPDATE SKIP LOCKED' if on_server else ''})"
        " UPDATE outbox SET state = 'sending', attempts = attempts + 1, version = version + 1,"
        f" lease_until = {clock.later} WHERE id IN (SELECT b.id FROM outbox b, leader o"
        f" WHERE b.id = o.id OR (o.kind IN ({_JOINED}) AND {_SAME} AND {ready('b')})"
        f" ORDER BY b.id LIMIT ?{' FOR UPDATE OF b SKIP LOCKED' if on_server else ''})"
        f" RETURNING {', '.join(r.columns(Outbox))}",
        (
            *(organisation_id, due, due, due, TOGETHER_SECONDS),
            *(lease_seconds, due, most),
        ),
    )
    found = _alone(store, organisation_id, statement)
    return sorted((r.row(Outbox, values) for values in found), key=lambda line: line.id)


def sent(store: Store, line: Outbox, at: datetime, subject: str, text: str) -> bool:
    """The server has taken it: keep what was said. False where the lease was lost meanwhile."""
    body = json.loads(line.body) | {"subject": subject, "text": text}
    return _settle(
        store,
        line,
        state="sent",
        sent_at=r.stored(Outbox, "sent_at", at),
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
    _alone(store, organisation_id, statement)


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
    return bool(_alone(store, line.organisation_id, statement))


def _alone(store: Store, organisation_id: int, statement: Statement) -> list[tuple[Any, ...]]:
    """One statement that is a transaction of its own.

    On a file it queues like every writer; on a server a lock of the organisation is not
    needed, and would make bookings wait.
    """
    if store.dialect == "postgresql":
        return store.rows(statement.sql, statement.parameters)
    transaction = transaction_for(store)
    try:
        (found,) = transaction.begin([organisation_id], [statement])
        transaction.commit("")
    except BaseException:
        transaction.roll_back()
        raise
    return found
