"""What is asked for a visit, and whether it came: one payment a visit, and never card data.

Amounts are whole numbers of the currency's smallest unit (cents, yen), so nothing is ever
rounded. The currency is that of the organisation's country at the time of writing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from clinic_desk.models.diary import Appointment, Payment
from clinic_desk.rules import fold
from clinic_desk.rules.card_numbers import holds_card_number
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

MOST = 1_000_000_000_000
"""Minor units; more is a slip of the hand."""

LONGEST = 1_000
"""Characters of a payment's note."""

NO_CURRENCY = "XXX"
"""ISO 4217 for "no currency": where the organisation's country is not known."""

ANYBODYS = "Payment Update All"


class State(StrEnum):
    """Whether the money came."""

    DUE = "due"
    PAID = "paid"
    WAIVED = "waived"
    REFUNDED = "refunded"


NEXT = {
    State.DUE: (State.PAID, State.WAIVED),
    State.PAID: (State.REFUNDED, State.DUE),
    State.WAIVED: (State.DUE,),
    State.REFUNDED: (State.PAID,),
}
"""What may follow; the last of each is the correction of a slip."""


class Method(StrEnum):
    """How it was paid; no more is kept than this word."""

    OPEN = ""
    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    INSURANCE = "insurance"
    OTHER = "other"


BAD_AMOUNT = N_("This is no amount of money.")
TYPE_AMOUNT = N_("Type it in figures, such as 45.00.")
NO_METHOD = N_("How it was paid is missing.")
CHOOSE_METHOD = N_("Choose how it was paid, then mark it as paid.")
CARD_DATA = N_("This looks like the number of a payment card, which must not be kept here.")
TAKE_OUT = N_("Take the number out. “Card” as the way of payment says enough.")
NO_STEP = N_("The payment cannot become that from what it is now.")
LOOK = N_("Choose one of the steps that are offered.")
SETTLED = N_("The amount of a payment that is settled stays as it is.")
REOPEN = N_("Set it back to “Due” first.")


@dataclass(frozen=True, slots=True)
class PaymentCard:
    """A payment: ``amount_minor`` in the smallest unit of ``currency`` (ISO 4217), which has
    ``digits`` decimals. ``author_id`` made it, ``changed_by`` is who wrote it last.
    """

    id: int
    version: int
    appointment_id: int
    state: State
    amount_minor: int
    currency: str
    digits: int
    method: Method
    note: str
    author_id: int | None
    changed_by: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentSheet:
    """What stands on a visit: its payment, or none yet, and the currency to ask for it in."""

    payment: PaymentCard | None
    currency: str
    digits: int


@dataclass(frozen=True, slots=True)
class PatientPayment:
    """A payment in the list of a patient's, with the visit's beginning and its zone."""

    payment: PaymentCard
    starts_at: datetime
    time_zone: str


_SELECT = (
    "SELECT p.id, p.version, p.appointment_id, p.state, p.amount_minor, p.currency, p.method,"
    " p.note, d.actor_id, COALESCE(u.display_name, ''), l.at{more} FROM payment p"
    # The history tells who made it and who wrote it last.
    " LEFT JOIN deed d ON d.organisation_id = p.organisation_id AND d.seq = (SELECT MIN(e.seq)"
    " FROM deed_entity e WHERE e.kind = 'payment' AND e.entity_id = p.id"
    " AND e.organisation_id = p.organisation_id)"
    " LEFT JOIN deed l ON l.organisation_id = p.organisation_id AND l.seq = (SELECT MAX(e.seq)"
    " FROM deed_entity e WHERE e.kind = 'payment' AND e.entity_id = p.id"
    " AND e.organisation_id = p.organisation_id)"
    " LEFT JOIN user_account u ON u.id = l.actor_id"
)


def currency_of(actor: Actor) -> tuple[str, int]:
    """The currency of the organisation's country today (ISO 4217), and its decimals."""
    from babel.numbers import get_territory_currencies

    country = actor.store.catalogue(actor.organisation_id).organisation.country
    found = get_territory_currencies(country.upper())
    code = found[0] if found else NO_CURRENCY
    return code, digits_of(code)


def digits_of(currency: str) -> int:
    """How many decimals amounts of *currency* have: 2 for euros, none for yen."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))


@query("Payment Show")
def of_visit(actor: Actor, appointment_id: int) -> PaymentSheet:
    """What stands on a visit; two queries. Raises ``NotFound``."""
    if not actor.store.rows(*patient_access.row(actor, Appointment, appointment_id)):
        raise NotFound
    found = actor.store.rows(
        f"{_SELECT.format(more='')} WHERE p.appointment_id = ? AND p.organisation_id = ?",
        (appointment_id, actor.organisation_id),
    )
    return PaymentSheet(_card(found[0]) if found else None, *currency_of(actor))


@query("Payment Show")
def payment(actor: Actor, payment_id: int) -> PaymentCard:
    """One payment. Raises ``NotFound``."""
    visible, values = patient_access.seen(actor, patient_access.of_visit("p"))
    found = actor.store.rows(
        f"{_SELECT.format(more='')} WHERE p.id = ? AND p.organisation_id = ? AND {visible}",
        (payment_id, actor.organisation_id, *values),
    )
    if not found:
        raise NotFound
    return _card(found[0])


@query("Payment Get All")
def of_patient(actor: Actor, patient_id: int, *, limit: int = 200) -> tuple[PatientPayment, ...]:
    """The newest payments of a patient's visits, the newest visit first; two queries.

    Raises ``NotFound``.
    """
    patient_access.require_seen(actor, patient_id)
    found = actor.store.rows(
        f"{_SELECT.format(more=', v.starts_at, v.time_zone')}"
        " JOIN appointment v ON v.id = p.appointment_id"
        " WHERE v.patient_id = ? AND v.organisation_id = ? AND p.organisation_id = ?"
        " ORDER BY v.starts_at DESC, p.id DESC LIMIT ?",
        (patient_id, actor.organisation_id, actor.organisation_id, limit),
    )
    return tuple(PatientPayment(_card(values), instant(at), zone) for *values, at, zone in found)


@command("Payment Create", action="payment.create")
def create(
    work: Work,
    appointment_id: int,
    *,
    amount_minor: int,
    state: State = State.DUE,
    method: Method = Method.OPEN,
    note: str = "",
    request_id: str | None = None,
) -> PaymentCard:
    """Ask something for a visit that asks nothing yet, whatever its status.

    Raises ``Invalid`` (fields "amount", "method", "note"), ``Stale`` where somebody else was
    first, ``NotFound``.
    """
    _refuse_amount(amount_minor)
    clean = _clean_note(note)
    if state is State.REFUNDED:
        raise Refused(NO_STEP, way_out=LOOK)
    _refuse_method(state, method)
    code, _digits = currency_of(work.actor)
    visits, there = work.lock(
        work.seen(Appointment, appointment_id),
        Statement(
            f"{_SELECT.format(more='')} WHERE p.appointment_id = ? AND p.organisation_id = ?",
            (appointment_id, work.organisation_id),
        ),
    )
    if not visits:
        raise NotFound
    if there:
        raise Stale(_card(there[0]))
    row = work.create(
        Payment,
        uuid=str(uuid.uuid4()),
        appointment_id=appointment_id,
        state=str(state),
        amount_minor=amount_minor,
        currency=code,
        method=str(method),
        note=clean,
        version=1,
    )
    return _written(work, row, work.actor.user_id)


@command("Payment Update", action="payment.change")
def change(
    work: Work,
    payment_id: int,
    *,
    version: int,
    amount_minor: int,
    method: Method,
    note: str,
    request_id: str | None = None,
) -> PaymentCard:
    """Change what a payment says. One that somebody else made needs "Payment Update All".

    Raises ``Invalid`` as :func:`create`, ``Refused`` for another amount of a settled payment,
    ``NotAllowed``, ``Stale``, ``NotFound``.
    """
    _refuse_amount(amount_minor)
    clean = _clean_note(note)
    row, before = _locked(work, payment_id, version)
    if work.actor.user_id is None or before.author_id != work.actor.user_id:
        work.require(ANYBODYS)
    if amount_minor != row.amount_minor and before.state is not State.DUE:
        raise Refused(SETTLED, way_out=REOPEN)
    _refuse_method(before.state, method)
    work.change(row, amount_minor=amount_minor, method=str(method), note=clean)
    return _written(work, row, before.author_id)


@command("Payment Change Status", action="payment.state")
def set_state(
    work: Work,
    payment_id: int,
    state: State,
    *,
    version: int,
    method: Method | None = None,
    request_id: str | None = None,
) -> PaymentCard:
    """The money came, is waived, went back, or none of it is true; *method* is how it came.

    Raises ``Refused`` for a step that :data:`NEXT` does not know, ``Invalid`` (field "method")
    where it is not known how it was paid, ``Stale``, ``NotFound``.
    """
    row, before = _locked(work, payment_id, version)
    if state is not before.state and state not in NEXT[before.state]:
        raise Refused(NO_STEP, way_out=LOOK)
    how = before.method if method is None else method
    _refuse_method(state, how)
    work.change(row, state=str(state), method=str(how))
    return _written(work, row, before.author_id)


def _locked(work: Work, payment_id: int, version: int) -> tuple[Payment, PaymentCard]:
    found, cards = work.lock(
        work.locked_row(Payment, payment_id, seen=True),
        Statement(
            f"{_SELECT.format(more='')} WHERE p.id = ? AND p.organisation_id = ?",
            (payment_id, work.organisation_id),
        ),
    )
    row = work.found(Payment, found)
    card = _card(cards[0])
    if row.version != version:
        raise Stale(card)
    return row, card


def _refuse_amount(amount_minor: int) -> None:
    if not 0 <= amount_minor <= MOST:
        raise Invalid("amount", BAD_AMOUNT, way_out=TYPE_AMOUNT)


def _refuse_method(state: State, method: Method) -> None:
    if state is State.PAID and method is Method.OPEN:
        raise Invalid("method", NO_METHOD, way_out=CHOOSE_METHOD)


def _clean_note(note: str) -> str:
    clean = fold.clean("note", note, lines=True, longest=LONGEST)
    if holds_card_number(clean):
        raise Invalid("note", CARD_DATA, way_out=TAKE_OUT)
    return clean


def _written(work: Work, row: Payment, author_id: int | None) -> PaymentCard:
    return PaymentCard(
        row.id,
        row.version,
        row.appointment_id,
        State(row.state),
        row.amount_minor,
        row.currency,
        digits_of(row.currency),
        Method(row.method),
        row.note,
        author_id,
        work.actor.name,
        work.now,
    )


def _card(values: Any) -> PaymentCard:
    number, version, visit, state, amount, currency, method, note, author, name, at = values
    return PaymentCard(
        number,
        version,
        visit,
        State(state),
        amount,
        currency,
        digits_of(currency),
        Method(method),
        note,
        author,
        name,
        None if at is None else instant(at),
    )


create.again = payment  # type: ignore[attr-defined]
change.again = payment  # type: ignore[attr-defined]
set_state.again = payment  # type: ignore[attr-defined]
