"""From a line of the outbox to a mail: what it says is looked up when it leaves.

A line says which visit it is about and when that was; names, addresses and words are those of
today. Where the diary has gone another way meanwhile, the mail would be wrong: it is not made.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeVar

import peewee

from clinic_desk.models.catalogue import Location
from clinic_desk.models.diary import Appointment
from clinic_desk.models.documents import Document
from clinic_desk.models.journal import MessageTemplate, Outbox
from clinic_desk.models.people import Patient
from clinic_desk.rules.lifecycle import OPEN, Status
from clinic_desk.rules.words import N_
from clinic_desk.services import calendar_file, delivery, letters, mailer, messages
from clinic_desk.services import rows as r
from clinic_desk.services.calendar_file import CANCEL, REQUEST, Invitation
from clinic_desk.services.letter_texts import Kind, Words
from clinic_desk.services.letters import Facts, Letter, OwnWords
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.store import Store

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

R = TypeVar("R", bound=peewee.Model)

BEGUN = N_("The visit had begun before this could be sent.")
GONE = N_("The appointment or the patient does not exist any more.")
NOT_WANTED = N_("The consent is not waited for any more.")
NO_DOCUMENT = N_("The document of this report does not exist any more.")

METHODS = {
    Kind.CONFIRMATION: REQUEST,
    Kind.MOVED: REQUEST,
    Kind.APPROVED: REQUEST,
    Kind.CANCELLED: CANCEL,
}
"""Which letters carry a calendar file, and what it does in the patient's calendar."""

_HOLDS = {Kind.CANCELLED: {Status.CANCELLED}, Kind.DECLINED: {Status.DECLINED}}


class Pointless(Exception):
    """There is nothing to send any more; ``reason`` says why, for translation."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Minted:
    """A code that was just made, with what its letter has to say. It exists nowhere else.

    ``recipient`` is the contact on record, ``patient`` how the letter greets, ``shared``
    what the asking clinic would see (for translation), ``purpose`` what for, as it says itself,
    ``until`` when the code ends.
    """

    code: str
    recipient: str
    patient: str
    shared: tuple[str, ...]
    purpose: str
    until: datetime
    time_zone: str
    language: str = ""

    def __repr__(self) -> str:
        return "Minted(•••)"


Mint = Callable[[Store, int, datetime], Minted | None]
"""Makes the code of a consent by its id: stores the hash, commits, and gives it back once.
None where no code is waited for any more, or there is nobody to write to. Tries, expiry and
version stay as they are.
"""


@dataclass(frozen=True, slots=True)
class Post:
    """A mail (None: it leaves later), and what of it may be kept: never a code."""

    mail: EmailMessage | None
    subject: str
    text: str


def made(store: Store, settings: MailSettings, line: Outbox, now: datetime) -> Post:
    """The mail of *line*, which is none of a code (see :func:`code_mail`). Raises
    :class:`Pointless`, ``Invalid`` for what is no address.
    """
    kind = Kind(line.kind)
    row, person = visit_of(store, line)
    if kind is not Kind.REPORT:
        refuse_overtaken(kind, line, row, now)
    letter = _letter(store, settings, line, row, person)
    line.recipient = today(line, person)
    to = addressed(line.recipient, person)
    mail = mail_for(settings, store, line, letter, to, now)
    if kind in METHODS:
        invitation = invitation_for(store, settings, line, row, letter, to)
        text = calendar_file.made(invitation, METHODS[kind])
        mail.add_alternative(text, subtype="calendar", params={"method": METHODS[kind]})
        mail.add_attachment(
            text.encode(), maintype="application", subtype="ics", filename="appointment.ics"
        )
    if kind is Kind.REPORT:
        _attach(store, line, row, mail)
    mail["Content-Language"] = tag_of(letter)  # last: parts that are added take such lines along
    return Post(mail, letter.subject, letter.text)


def shown(store: Store, settings: MailSettings, line: Outbox) -> Letter | None:
    """The letter of a line as it would leave now, without a code; None where it cannot be made."""
    if line.kind == Kind.CODE:
        catalogue = store.catalogue(line.organisation_id)
        asked = store.rows(
            "SELECT purpose FROM consent WHERE id = ? AND organisation_id = ?",
            (json.loads(line.body)["consent_id"], line.organisation_id),
        )
        purpose = str(asked[0][0]) if asked else ""
        facts = Facts(clinic=catalogue.organisation.name, code=letters.MASK, purpose=purpose)
        language = letters.language_for(line.language, settings.language)
        return letters.composed(Kind.CODE, facts, language, own_words(store, line))
    try:
        return _letter(store, settings, line, *visit_of(store, line))
    except Pointless:
        return None


def code_mail(
    store: Store, settings: MailSettings, line: Outbox, fresh: Minted, now: datetime
) -> EmailMessage:
    """The mail with a code that was just made. Raises ``Invalid`` for what is no address."""
    catalogue = store.catalogue(line.organisation_id)
    facts = Facts(
        patient=fresh.patient,
        clinic=catalogue.organisation.name,
        time_zone=fresh.time_zone,
        code=fresh.code,
        until=fresh.until,
        shared=fresh.shared,
        purpose=fresh.purpose,
    )
    language = letters.language_for(fresh.language, line.language, settings.language)
    letter = letters.composed(Kind.CODE, facts, language, own_words(store, line))
    to = mailer.address(fresh.recipient)
    mail = mail_for(settings, store, line, letter, to, now)
    mail["Content-Language"] = tag_of(letter)
    return mail


def visit_of(store: Store, line: Outbox) -> tuple[Appointment, Patient]:
    """The visit of *line* and whose it is, also where that is another record by now (two were
    merged, or taken apart again). Raises :class:`Pointless` where one is gone.
    """
    organisation = line.organisation_id
    found = _one(store, Appointment, organisation, line.appointment_id)
    person = _one(store, Patient, organisation, found.patient_id if found else None)
    if found is None or person is None:
        raise Pointless(GONE)
    return found, person


def refuse_overtaken(kind: Kind, line: Outbox, row: Appointment, now: datetime) -> None:
    """Raise :class:`Pointless` where what *line* says does not hold any more."""
    then = messages.facts(line, "now")
    if row.starts_at <= now:
        raise Pointless(BEGUN)
    holds = Status(row.status) in _HOLDS.get(kind, OPEN)
    if then is None or not holds or then.place != messages.seen(row).place:
        raise Pointless(messages.OVERTAKEN)


def _letter(
    store: Store, settings: MailSettings, line: Outbox, row: Appointment, person: Patient
) -> Letter:
    language = letters.language_for(line.language, person.language, settings.language)
    facts = facts_of(store, line, row, person)
    return letters.composed(Kind(line.kind), facts, language, own_words(store, line))


def facts_of(store: Store, line: Outbox, row: Appointment, person: Patient) -> Facts:
    """What the letter of *line* tells of its visit."""
    catalogue = store.catalogue(line.organisation_id)
    then = messages.facts(line, "now") or messages.seen(row)
    earlier = messages.facts(line, "before")
    place = _one(store, Location, line.organisation_id, then.location_id)
    provider = catalogue.providers.get(then.provider_id)
    return Facts(
        patient=_name(person),
        clinic=catalogue.organisation.name,
        starts_at=then.starts_at,
        time_zone=catalogue.time_zone(then.location_id),
        provider=provider.name if provider else "",
        location=place.name if place else "",
        address=place.address if place else "",
        phone=_phone(store, line, place),
        earlier_at=earlier.starts_at if earlier else None,
        reason=json.loads(line.body).get("reason", ""),
    )


def _name(person: Patient) -> str:
    """The name as one writes to somebody, not as lists sort it."""
    return f"{person.first_name} {person.last_name}".strip()


def tag_of(letter: Letter) -> str:
    """The language of a letter as mails name it."""
    return letter.language.replace("_", "-")


def _phone(store: Store, line: Outbox, place: Location | None) -> str:
    """The location's number; without a location, that of the first one that has any."""
    if place is not None:
        return place.phone
    found = store.rows(
        "SELECT phone FROM location WHERE organisation_id = ? AND phone <> '' ORDER BY id LIMIT 1",
        (line.organisation_id,),
    )
    return str(found[0][0]) if found else ""


def own_words(store: Store, line: Outbox, kind: Kind | None = None) -> OwnWords:
    """The clinic's own words for the kind of *line*, or for *kind*, in every language."""
    found = store.rows(
        f"{r.selecting(MessageTemplate)} WHERE organisation_id = ? AND kind = ?",
        (line.organisation_id, str(kind or line.kind)),
    )
    rows = r.rows(MessageTemplate, found)
    return {(row.kind, row.language): Words(row.subject, row.body) for row in rows}


def today(line: Outbox, person: Patient) -> str:
    """Where the mail of *line* goes: as it says, unless that is no address of the patient any
    more, and they have another one. Empty where it is somebody else's by now, who has none.
    """
    if line.recipient in {person.email.strip(), person.guardian_email.strip()}:
        return line.recipient
    former = line.recipient if line.patient_id == person.id else ""
    return messages.recipient(person) or former


def addressed(text: str, person: Patient) -> Address:
    """Where a mail goes, with the name of who reads it. Raises ``Invalid`` for no address."""
    plain = mailer.address(text)
    name = person.guardian_name if text == person.guardian_email else ""
    name = name or _name(person)
    tidy = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return Address(display_name=tidy, username=plain.username, domain=plain.domain)


def mail_for(
    settings: MailSettings,
    store: Store,
    line: Outbox,
    letter: Letter,
    to: Address,
    now: datetime,
) -> EmailMessage:
    """A mail with its head and the text of *letter*; it is known by the name of *line*."""
    sender = mailer.address(settings.sender, "sender")
    name = settings.sender_name or store.catalogue(line.organisation_id).organisation.name
    mail = EmailMessage()
    mail["From"] = Address(name, sender.username, sender.domain)
    mail["To"] = to
    if settings.reply_to:
        mail["Reply-To"] = mailer.address(settings.reply_to, "reply_to")
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = delivery.message_id(line, sender.domain)
    # So that no answering machine answers, and no two machines ever talk to each other.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


def invitation_for(
    store: Store,
    settings: MailSettings,
    line: Outbox,
    row: Appointment,
    letter: Letter,
    to: Address,
) -> Invitation:
    """What a calendar is told of the visit of *line*."""
    catalogue = store.catalogue(line.organisation_id)
    then = messages.facts(line, "now") or messages.seen(row)
    place = catalogue.locations.get(then.location_id or 0)
    where = ", ".join(filter(None, (place.name, place.address))) if place else ""
    return Invitation(
        uuid=row.uuid,
        sequence=line.sequence,
        starts_at=then.starts_at,
        ends_at=then.ends_at,
        time_zone=catalogue.time_zone(then.location_id),
        summary=letters.summary(catalogue.organisation.name, letter.language),
        organiser=settings.sender,
        organiser_name=settings.sender_name or catalogue.organisation.name,
        attendee=to.addr_spec,
        attendee_name=to.display_name,
        made_at=line.created_at or then.starts_at,
        location=where,
        description="\n".join(_allowed(catalogue, settings, row, then.provider_id)),
        language=letter.language,
    )


def _allowed(
    catalogue: Catalogue, settings: MailSettings, row: Appointment, provider_id: int
) -> list[str]:
    """What the clinic lets a calendar say beside time and place."""
    out = []
    if settings.tell_type and row.type_id in catalogue.types:
        out.append(catalogue.types[row.type_id].name)
    if settings.tell_provider and provider_id in catalogue.providers:
        out.append(catalogue.providers[provider_id].name)
    return out


def _attach(store: Store, line: Outbox, row: Appointment, mail: EmailMessage) -> None:
    document = _one(store, Document, line.organisation_id, json.loads(line.body)["document_id"])
    # While two records are merged, the document may be a step ahead of its message.
    if document is None or document.patient_id not in {line.patient_id, row.patient_id}:
        raise Pointless(NO_DOCUMENT)
    parts = store.rows(
        "SELECT content FROM document_part WHERE organisation_id = ? AND document_id = ?"
        " ORDER BY part",
        (line.organisation_id, document.id),
    )
    main, _, sub = document.media_type.partition("/")
    mail.add_attachment(
        b"".join(bytes(content) for (content,) in parts),
        maintype=main if sub else "application",
        subtype=sub or "octet-stream",
        filename=document.name,
    )


def _one(store: Store, model: type[R], organisation_id: int, number: int | None) -> R | None:
    if number is None:
        return None
    wanted = r.by_id(model, organisation_id, number)
    found = store.rows(wanted.sql, wanted.parameters)
    return r.row(model, found[0]) if found else None
