"""Several messages of one kind to one patient as one mail: what was booked together is told so.

Each message stays a line of its own, taken back or overtaken by itself; they meet when they leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from clinic_desk.models.diary import Appointment
from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.services import calendar_file, delivery, letters, posting
from clinic_desk.services.letter_texts import TOGETHER, Kind
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.posting import Pointless, Post
from clinic_desk.services.store import Store


@dataclass(frozen=True, slots=True)
class Holding:
    """A message that still holds, with its visit and patient."""

    line: Outbox
    row: Appointment
    person: Patient


def sifted(
    store: Store, lines: Sequence[Outbox], now: datetime
) -> tuple[list[Holding], list[tuple[Outbox, str]]]:
    """Which of the *lines* still hold at *now* and are one person's, in the order of their
    visits; and which do not hold, each with its reason.
    """
    holding: list[Holding] = []
    pointless: list[tuple[Outbox, str]] = []
    for line in lines:
        try:
            row, person = posting.visit_of(store, line)
            posting.refuse_overtaken(Kind(line.kind), line, row, now)
        except Pointless as error:
            pointless.append((line, error.reason))
        else:
            holding.append(Holding(line, row, person))
    holding.sort(key=lambda one: (one.row.starts_at, one.line.id))
    for one in holding:
        if one.person.id != holding[0].person.id:  # by now; it leaves as a mail of its own
            delivery.later(store, one.line, now, "")
    return [one for one in holding if one.person.id == holding[0].person.id], pointless


def made(store: Store, settings: MailSettings, together: Sequence[Holding], now: datetime) -> Post:
    """One mail of several messages of one kind to one patient. Raises ``Invalid`` for what is
    no address.
    """
    first = min(together, key=lambda one: one.line.id)  # its name is the mail's, at every try
    line, person = first.line, first.person
    kind = Kind(line.kind)
    facts = [posting.facts_of(store, one.line, one.row, one.person) for one in together]
    if kind is not Kind.MOVED:
        facts = [replace(one, earlier_at=None) for one in facts]
    language = letters.language_for(line.language, person.language, settings.language)
    whole = replace(facts[0], visits=tuple(facts))
    own = posting.own_words(store, line, TOGETHER[kind])
    letter = letters.composed(TOGETHER[kind], whole, language, own)
    for one in together:
        one.line.recipient = posting.today(one.line, one.person)
    to = posting.addressed(line.recipient, person)
    mail = posting.mail_for(settings, store, line, letter, to, now)
    if kind in posting.METHODS:
        invitations = [
            posting.invitation_for(store, settings, one.line, one.row, letter, to)
            for one in together
        ]
        file = calendar_file.made_together(invitations, is_cancelled=kind is Kind.CANCELLED)
        mail.add_attachment(
            file.encode(), maintype="text", subtype="calendar", filename="appointments.ics"
        )
    mail["Content-Language"] = posting.tag_of(letter)
    return Post(mail, letter.subject, letter.text)
