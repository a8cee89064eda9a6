"""Consent between organisations: asking for it, the code that proves it, and taking it back.

The asking side never learns whether there is a record, whose it is, or where a code goes,
before the code was verified: with one record, several or none it gets the same card, by the
same statements in the same order. The other organisation reads in its own history who asked,
when and what for; nothing of the asking side's records either.

Registering is :mod:`clinic_desk.services.consent_registration`, the code that is sent
:mod:`clinic_desk.services.consent_code`, the list of all consents
:mod:`clinic_desk.services.consent_register`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.consents import Consent
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import consent_rows as c
from clinic_desk.services import contacts, messages, patient_fields
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.consent_cards import AskedCard, Channel, Code, Share, State
from clinic_desk.services.consent_code import DIGITS, fits
from clinic_desk.services.contacts import Keys
from clinic_desk.services.diary_view import instant
from clinic_desk.services.transaction import Rows, Statement, alone
from clinic_desk.services.work import Work, command, query

TAKE = "Consent Take"
VERIFY = "Consent Verify"

CODE_MINUTES = 10
"""So long a code can be used, from the moment it was asked for."""

PAPER_HOURS = 24
"""So long a form on paper is waited for."""

TO_REGISTER_HOURS = 24
"""So long after the code somebody can still be registered: a desk may have crashed."""

MOST_OF_A_CONTACT = 5
"""So often in 24 hours one organisation may ask about the same contact."""

MOST_AN_HOUR = 30
"""So often in an hour an organisation may ask at all."""

LONGEST_WAIT = timedelta(hours=PAPER_HOURS + TO_REGISTER_HOURS)
"""From asking to registering, however it goes."""

LONGEST_PURPOSE = 200
LONGEST_REASON = 500

NO_PURPOSE = N_("Say what the data are for: the person reads it.")
NO_CONTACT = N_("Enter the e-mail, telephone or national identifier that is in use.")
NO_REASON = N_("Say why; it stands in the history of both clinics.")
TOO_OFTEN = N_("This contact was asked about too often today.")
ASK_PAPER_TOMORROW = N_("Ask again tomorrow, or call the person.")
TOO_MANY = N_("Too many codes were asked for within the hour.")
WAIT_AN_HOUR = N_("Wait an hour. If nobody here asked for them, tell your administrator.")
NOBODY_YET = N_("No clinic has any patients yet.")
REGISTER_AS_USUAL = N_("Register the person as usual.")
SIX_DIGITS = N_("A code has six digits.")
WRONG = N_("This is not the code. Tries left: {count}.")
NEWEST = N_("Compare it with the newest message; only the newest code counts.")
LOCKED = N_("Too many wrong codes: this consent is locked.")
EXPIRED = N_("The time for this consent is over.")
ENDED = N_("This consent was withdrawn.")
VERIFIED = N_("This code was used already.")
ASK_ANEW = N_("Ask for a new code, or use the signed paper form.")
GO_ON = N_("Go on with the third step, “Agree”.")
ON_PAPER = N_("This consent waits for a form on paper, not for a code.")
ADD_FORM = N_("Add the signed form, or ask for a code.")
OVER = N_("There is nothing left to withdraw.")
REPLACED = N_("It was asked for anew.")
"""Kept as the reason, to be told in the reader's language."""
LOOK = N_("Look at the list of consents.")


class WrongCode(Refused):
    """Not the code; ``left`` tries are left."""

    def __init__(self, left: int) -> None:
        super().__init__(WRONG, way_out=NEWEST, count=left)
        self.left = left


class Over(Refused):
    """A consent that is not waited for any more; ``state`` says why."""

    def __init__(self, state: State) -> None:
        message, way_out = _ENDS[state]
        super().__init__(message, way_out=way_out)
        self.state = state


_ENDS = {
    State.LOCKED: (LOCKED, ASK_ANEW),
    State.EXPIRED: (EXPIRED, ASK_ANEW),
    State.WITHDRAWN: (ENDED, ASK_ANEW),
    State.VERIFIED: (VERIFIED, GO_ON),
    State.AGREED: (VERIFIED, LOOK),
}


@command(TAKE, action="consent.take")
def take(
    work: Work,
    draft: Mapping[str, Any],
    *,
    purpose: str,
    shares: Sequence[Share | str],
    channel: Channel = Channel.EMAIL,
    instead_of: int | None = None,
    request_id: str | None = None,
) -> AskedCard:
    """Ask the person whose contact is in *draft* to share these groups of data.

    *draft* is what was typed of the new patient (names of ``patient_fields.NAMES``); its name
    and date of birth help to tell apart those who share a contact. The code goes by e-mail to
    the contact on record, which is told to nobody; with the channel ``PAPER`` none is sent.
    A question about the same person at the same contact, as they were typed, and *instead_of*, a
    consent of this organisation, are not waited for any more with this one.

    Raises ``Invalid`` naming the field, ``Refused`` without a mail server or when this was
    asked too often. Never says whether there is a record.
    """
    if work.actor.user_id is None:
        raise NotAllowed(TAKE)  # a consent is asked for by somebody who can be named
    purpose = fold.clean("purpose", purpose, longest=LONGEST_PURPOSE)
    if not purpose:
        raise Invalid("purpose", NO_PURPOSE)
    wanted = c.groups(list(map(str, shares)))
    given = {k: draft[k] for k in ("country", *patient_fields.CONTACT_KEYS) if draft.get(k)}
    keys, person = patient_fields.keys(patient_fields.checked(work, given)), c.typed(draft)
    if not keys:
        raise Invalid("email", NO_CONTACT)
    locked = work.store.dialect == "postgresql"
    meant, before, waiting, *older = work.lock(
        c.whose(
            work.organisation_id,
            keys,
            first_name=str(draft.get("first_name") or ""),
            last_name=str(draft.get("last_name") or ""),
            born=draft.get("date_of_birth"),
        ),
        c.recent(work.organisation_id, work.now - timedelta(days=1)),
        c.waited_for(work.organisation_id, work.now - LONGEST_WAIT, locked=locked),
        *([] if instead_of is None else [work.locked_row(Consent, instead_of)]),
    )
    _refuse_too_often(work, before, keys)
    if not meant:
        raise Refused(NOBODY_YET, way_out=REGISTER_AS_USUAL)
    organisation_id, patient_id, how = meant[0]
    by_mail = channel is Channel.EMAIL
    lasts = timedelta(minutes=CODE_MINUTES) if by_mail else timedelta(hours=PAPER_HOURS)
    mark = c.contact_mark(keys, person)
    row = work.create(
        Consent,
        uuid=str(uuid.uuid4()),
        source_organisation_id=organisation_id,
        source_patient_id=patient_id,
        purpose=purpose,
        state=str(State.ASKED),
        channel=str(channel),
        code_hash=str(c.Marks(mark, c.NOBODY if how >= c.NO_RECORD else "")),
        tries=0,
        fields=json.dumps(wanted),
        asked_by=work.actor.user_id,
        asked_at=work.now,
        expires_at=work.now + lasts,
        version=1,
    )
    replaced = {one.id: one for one in (c.require(found) for found in older)}
    same = (one for one in r.rows(Consent, waiting) if c.same_question(one, keys, person))
    for one in (replaced | {one.id: one for one in same}).values():
        _replace(work, one)
    if by_mail:
        # Not even masked: the first letters of an address on record would be a part of it.
        language = str(draft.get("language") or "")
        messages.code(work, row.id, messages.masked(""), language=language)
    return c.asked_card(row, work.now)


def _replace(work: Work, row: Consent) -> None:
    """A code that was asked for before is good for nothing from now on, sent or not."""
    if c.state(row, work.now) is State.ASKED:
        work.change(row, state=str(State.WITHDRAWN), withdrawn_at=work.now, reason=REPLACED)


def _refuse_too_often(work: Work, before: Rows, keys: Keys) -> None:
    times = [instant(at) for at, _mark in before]
    same = sum(c.same_contact(str(mark).partition("|")[0], keys) for _at, mark in before)
    if same >= MOST_OF_A_CONTACT:
        raise Refused(TOO_OFTEN, way_out=ASK_PAPER_TOMORROW)
    if sum(at > work.now - timedelta(hours=1) for at in times) >= MOST_AN_HOUR:
        raise Refused(TOO_MANY, way_out=WAIT_AN_HOUR)


@query(TAKE)
def asked(actor: Actor, consent_id: int) -> AskedCard:
    """A consent that this organisation asked for, as it stands. Raises ``NotFound``."""
    return c.asked_card(c.require(actor.store.rows(*c.own(actor, consent_id))))


@query(TAKE)
def waiting(actor: Actor, draft: Mapping[str, Any]) -> AskedCard | None:
    """The newest consent that this organisation asked for with the same data (as :func:`take`
    tells by what was typed) and with which somebody can go on: by its code, or by registering.
    None where there is none, and for contacts that make no sense.
    """
    home = (
        str(draft.get("country") or "")
        or actor.store.catalogue(actor.organisation_id).organisation.country
    )
    mail, phone, national = (str(draft.get(name) or "") for name in _CONTACTS)
    try:
        keys = Keys(
            contacts.email(mail).key,
            contacts.phone(phone, home).key,
            contacts.national(national).key,
        )
    except Invalid:
        return None
    now, person = datetime.now(UTC), c.typed(draft)
    found = actor.store.rows(*c.waited_for(actor.organisation_id, now - LONGEST_WAIT))
    for row in r.rows(Consent, found):
        state = c.state(row, now)
        by_code = state is State.ASKED and row.channel == Channel.EMAIL
        if (by_code or state is State.VERIFIED) and c.same_question(row, keys, person):
            return c.asked_card(row, now)
    return None


_CONTACTS = ("email", "phone", "national_id")


@command(VERIFY, action="consent.verify")
def verify(work: Work, consent_id: int, code: Code, *, request_id: str | None = None) -> AskedCard:
    """Compare the code that the person told. Right: 24 hours are left to register them.

    Each try is counted, for good, before it is answered; a crash gives none back. Raises
    ``WrongCode``, ``Over`` for a consent that ended, ``Invalid`` for what is no code (which
    counts as no try), ``NotFound``.
    """
    digits = "".join(sign for sign in fold.key(code.value) if not sign.isspace())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise Invalid("code", SIX_DIGITS)
    (found,) = work.look_ahead(c.own(work.actor, consent_id))
    row = c.require(found)
    if row.channel == Channel.PAPER and row.state == State.ASKED:
        raise Refused(ON_PAPER, way_out=ADD_FORM)
    tried = alone(work.store, work.organisation_id, _one_more_try(work, consent_id))
    if not tried:
        raise _over(work, consent_id)
    row = r.row(Consent, tried[0])
    mark = row.code_hash
    if not fits(row, digits):
        left = c.MOST_TRIES - row.tries
        raise WrongCode(left) if left > 0 else _over(work, consent_id)
    work.name_too(row.source_organisation_id)
    found, head = work.lock(
        work.locked_row(Consent, consent_id), c.head_of(row.source_organisation_id)
    )
    row = c.require(found)
    if row.state != State.ASKED:  # another desk was faster, or it was withdrawn
        raise Over(State(row.state))
    if row.code_hash != mark:
        raise Stale
    work.change(
        row,
        state=str(State.VERIFIED),
        verified_at=work.now,
        expires_at=work.now + timedelta(hours=TO_REGISTER_HOURS),
        code_hash=str(c.Marks(c.Marks.of(row).contact)),
    )
    c.tell_other(work, row.source_organisation_id, head, row, {"state": str(State.VERIFIED)})
    return c.asked_card(row, work.now)


def _one_more_try(work: Work, consent_id: int) -> Statement:
    now = r.stored(Consent, "expires_at", work.now)
    return Statement(
        "UPDATE consent SET tries = tries + 1, version = version + 1"  # noqa: S608 - our own words
        " WHERE id = ? AND organisation_id = ? AND state = 'asked' AND tries < ?"
        f" AND expires_at > ? RETURNING {', '.join(r.columns(Consent))}",
        (consent_id, work.organisation_id, c.MOST_TRIES, now),
    )


def _over(work: Work, consent_id: int) -> Over:
    """Why no try is left; what time or guessing ended is written down as ended."""
    ended: State = close(work.actor, consent_id).value
    return Over(ended)


@command(VERIFY, action="consent.close")
def close(work: Work, consent_id: int, *, request_id: str | None = None) -> State:
    """Write down that a consent expired or was locked, where it did; gives its state.

    Only in the history of who asked: what happens before the code is right tells the other
    side's desks nothing, and who guesses must not see by the time it takes whether there is one.
    """
    (found,) = work.lock(work.locked_row(Consent, consent_id))
    row = c.require(found)
    ended = c.state(row, work.now)
    if ended in {State.LOCKED, State.EXPIRED}:
        fields: dict[str, Any] = {"state": str(ended)}
        work.change(row, **fields)
    return ended


@command(TAKE, action="consent.withdraw")
def withdraw(
    work: Work, consent_id: int, *, version: int, reason: str, request_id: str | None = None
) -> None:
    """Take a consent back, at either of the two clinics; nothing is read from then on.

    What was registered with it stays with the clinic that registered it. Raises ``Refused``
    where it ended already, ``Stale``, ``NotFound``, ``Invalid`` without a reason.
    """
    reason = fold.clean("reason", reason, lines=True, longest=LONGEST_REASON)
    if not reason:
        raise Invalid("reason", NO_REASON)
    wanted = either(work.actor, consent_id, locked=work.store.dialect == "postgresql")
    (found,) = work.look_ahead(either(work.actor, consent_id))
    row = _mine(work, found)
    # Before the code was right, the two sides do not hear of each other by name.
    other = row.source_organisation_id + row.organisation_id - work.organisation_id
    both = row.verified_at is not None and other != work.organisation_id
    if both:
        work.name_too(other)
    answers = work.lock(wanted, *([c.head_of(other)] if both else []))
    row = _mine(work, answers[0])
    if row.version != version:
        raise Stale
    if c.state(row, work.now) not in {State.ASKED, State.VERIFIED, State.AGREED}:
        raise Refused(OVER, way_out=LOOK)
    work.reason = reason
    work.change(row, state=str(State.WITHDRAWN), withdrawn_at=work.now, reason=reason)
    if both and row.verified_at is not None:
        c.tell_other(work, other, answers[1], row, {"state": str(State.WITHDRAWN)})


def either(actor: Actor, consent_id: int, *, locked: bool = False) -> Statement:
    """A consent that the actor's organisation asked for, or whose record it keeps."""
    return Statement(
        f"{r.selecting(Consent)} WHERE id = ? AND (organisation_id = ?"
        " OR source_organisation_id = ?)" + (" FOR UPDATE" if locked else ""),
        (consent_id, actor.organisation_id, actor.organisation_id),
    )


def _mine(work: Work, found: Rows) -> Consent:
    row = c.require(found)
    if row.organisation_id != work.organisation_id and not c.kept(row):
        raise NotFound  # it only leans on a patient of ours
    return row


def _again(actor: Actor, subject: int) -> AskedCard:
    return asked(actor, subject)


take.again = _again  # type: ignore[attr-defined]
verify.again = _again  # type: ignore[attr-defined]
