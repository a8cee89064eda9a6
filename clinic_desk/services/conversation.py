"""What staff say to each other about a visit: written once and never changed. A slip is taken
back by undoing it, and the history keeps who said what.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.documents import AppointmentMessage
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.work import Work, command, query

LONGEST = 4_000
"""Characters of one message."""

MOST = 200
"""So many messages are shown, the newest."""

EMPTY = N_("There is nothing to send yet.")
TYPE_FIRST = N_("Type the message first.")


@dataclass(frozen=True, slots=True)
class MessageCard:
    """A message; ``author_id`` is a user, ``mine`` is for whoever asked."""

    id: int
    appointment_id: int
    author_id: int
    author: str
    text: str
    written_at: datetime
    mine: bool


_SELECT = (
    "SELECT m.id, m.appointment_id, m.author_id, u.display_name, m.text, m.written_at"
    " FROM appointment_message m JOIN user_account u ON u.id = m.author_id"
)


@query("Appointment Chat")
def messages(actor: Actor, appointment_id: int, *, limit: int = MOST) -> tuple[MessageCard, ...]:
    """The newest *limit* messages on a visit, the oldest of them first; two queries.

    Raises ``NotFound``.
    """
    if not actor.store.rows(*patient_access.row(actor, Appointment, appointment_id)):
        raise NotFound
    found = actor.store.rows(
        f"{_SELECT} WHERE m.appointment_id = ? AND m.organisation_id = ?"
        " ORDER BY m.id DESC LIMIT ?",
        (appointment_id, actor.organisation_id, limit),
    )
    return tuple(_card(actor, values) for values in reversed(found))


@query("Appointment Chat")
def message(actor: Actor, message_id: int) -> MessageCard:
    """One message. Raises ``NotFound``."""
    visible, values = patient_access.seen(actor, patient_access.of_visit("m"))
    found = actor.store.rows(
        f"{_SELECT} WHERE m.id = ? AND m.organisation_id = ? AND {visible}",
        (message_id, actor.organisation_id, *values),
    )
    if not found:
        raise NotFound
    return _card(actor, found[0])


@command("Appointment Chat", action="chat.write")
def write(
    work: Work, appointment_id: int, text: str, *, request_id: str | None = None
) -> MessageCard:
    """Say something on a visit, whatever its status. Raises ``Invalid`` (field "text") for
    nothing or too much, ``NotFound``.
    """
    clean = fold.clean("text", text, lines=True, longest=LONGEST)
    if not clean:
        raise Invalid("text", EMPTY, way_out=TYPE_FIRST)
    (found,) = work.lock(work.seen(Appointment, appointment_id))
    if not found or work.actor.user_id is None:  # a program has nobody to answer to
        raise NotFound
    row = work.create(
        AppointmentMessage,
        uuid=str(uuid.uuid4()),
        appointment_id=appointment_id,
        author_id=work.actor.user_id,
        text=clean,
        written_at=work.now,
        version=1,
    )
    return MessageCard(
        row.id, appointment_id, row.author_id, work.actor.name, clean, work.now, mine=True
    )


def _card(actor: Actor, values: Any) -> MessageCard:
    number, visit, author_id, author, text, at = values
    return MessageCard(
        number, visit, author_id, author, text, instant(at), mine=author_id == actor.user_id
    )


write.again = message  # type: ignore[attr-defined]
