"""The six digits: made when the message leaves, kept as a hash, good for minutes.

Whoever sends the outbox makes the code (``sender.Mint``); nobody at the asking desk, and
nobody who reads the database, ever sees one. See ``messages.code`` for what this is against.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from argon2.exceptions import InvalidHashError, VerificationError

from clinic_desk.models.consents import Consent
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid
from clinic_desk.services import consent_rows as c
from clinic_desk.services import mailer, messages
from clinic_desk.services import rows as r
from clinic_desk.services.accounts import NOBODYS, STANDARD
from clinic_desk.services.actor import Actor
from clinic_desk.services.consent_cards import SHARE_NAMES, Channel, State
from clinic_desk.services.posting import Minted
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement, alone
from clinic_desk.services.work import Work, command

DIGITS = 6

HEARING = "Consent Take"


def mint(store: Store, consent_id: int, now: datetime) -> Minted | None:
    """Make the code of a consent that is waited for: ``sender.Mint``.

    Tells the organisation that keeps the record (once, in its history) who asks, stores the
    hash of the new code in place of an older one, and gives the code with what its letter has
    to say. None where nothing is waited for any more, or nobody can be written to.
    """
    found = store.rows(f"{r.selecting(Consent)} WHERE id = ?", (consent_id,))
    row = r.row(Consent, found[0]) if found else None
    if row is None or c.state(row, now) is not State.ASKED or row.channel != Channel.EMAIL:
        return None
    if not c.kept(row):
        return None
    person = record(store, row)
    if person is None:
        return None
    _tell_once(store, row)
    to = messages.recipient(person)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    if not _is_address(to) or not _stored(store, row, code):
        return None
    _void_others(store, row, person)
    return Minted(
        code=code,
        recipient=to,
        patient=f"{person.first_name} {person.last_name}".strip(),
        shared=tuple(SHARE_NAMES[share] for share in c.shares(row)),
        purpose=row.purpose,
        until=row.expires_at,
        time_zone=store.catalogue(row.organisation_id).organisation.time_zone,
        language=person.language,
    )


def fits(row: Consent, digits: str) -> bool:
    """Whether these are the digits of the row's newest code. Takes as long where there is none."""
    stored = c.Marks.of(row).code
    some = stored not in {"", c.NOBODY}
    try:
        STANDARD.verify(stored if some else NOBODYS, _bound(row, digits))
    except (VerificationError, InvalidHashError):
        return False
    return some


def record(store: Store, row: Consent) -> Patient | None:
    """The record that is meant, as it stands now; None where it is no longer active."""
    found = store.rows(*c.source(row))
    person = r.row(Patient, found[0]) if found else None
    return person if person is not None and person.active else None


def _is_address(text: str) -> bool:
    """Whether mail can go there at all: a refusal of the text would stand in the outbox."""
    try:
        mailer.address(text)
    except Invalid:
        return False
    return True


def _stored(store: Store, row: Consent, code: str) -> bool:
    marks = c.Marks(c.Marks.of(row).contact, STANDARD.hash(_bound(row, code)))
    statement = Statement(
        # The version stays: whoever asked for it must not see by it that a code went out.
        "UPDATE consent SET code_hash = ?"
        " WHERE id = ? AND state = 'asked' AND code_hash = ? RETURNING id",
        (str(marks), row.id, row.code_hash),
    )
    return bool(alone(store, row.organisation_id, statement))


def _void_others(store: Store, row: Consent, person: Patient) -> None:
    """Only the newest code of a record counts, by whatever contact it was asked for. Nothing else
    of the other questions changes: their fate would tell which contacts are one person's.
    """
    found = store.rows(
        "SELECT id, code_hash FROM consent WHERE organisation_id = ? AND asked_at > ?"
        " AND state = 'asked' AND id <> ? AND COALESCE((SELECT p.merged_into_id FROM patient p"
        " WHERE p.id = source_patient_id), source_patient_id) = ?",
        (
            row.organisation_id,
            r.stored(Consent, "asked_at", row.asked_at - timedelta(days=1)),
            row.id,
            person.id,
        ),
    )
    for number, marks in found:
        contact, _, code = str(marks).partition("|")
        if code not in {"", c.NOBODY}:
            void = Statement(
                "UPDATE consent SET code_hash = ? WHERE id = ? AND code_hash = ? RETURNING id",
                (str(c.Marks(contact)), number, marks),
            )
            alone(store, row.organisation_id, void)


def _tell_once(store: Store, row: Consent) -> None:
    """The keeping clinic's history: that somebody asked. A second try of the mail adds nothing."""
    keeper = row.source_organisation_id
    program = Actor(store, keeper, None, "Clinic Desk", "", frozenset({HEARING}))
    hear(program, row.id, request_id=f"consent {row.uuid}")


@command(HEARING, action="consent.heard")
def hear(work: Work, consent_id: int, *, request_id: str | None = None) -> None:
    """Write into this organisation's history that another one asks for one of its records."""
    wanted = Statement(
        f"{r.selecting(Consent)} WHERE id = ? AND source_organisation_id = ?",
        (consent_id, work.organisation_id),
    )
    (found,) = work.lock(wanted)
    row = c.require(found)
    if not c.kept(row):
        return
    asking = work.store.catalogue(row.organisation_id).organisation.name
    told = {
        "organisation": asking,
        "state": row.state,
        "purpose": row.purpose,
        "fields": row.fields,
    }
    work._note(row, row.id, False, {}, told)  # noqa: SLF001 - the row is the other one's


def _bound(row: Consent, digits: str) -> str:
    """A code of one consent is none of another."""
    return f"{row.uuid}:{digits}"
