"""What is asked for a visit: whole cents, one payment a visit, and no card ever."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypedDict

import pytest

from clinic_desk.models.diary import Payment
from clinic_desk.models.people import Organisation
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.services import payments
from clinic_desk.services.actor import Actor
from clinic_desk.services.feed import Feed
from clinic_desk.services.payments import Method, State
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


class Fields(TypedDict):
    amount_minor: int
    method: Method
    note: str


@pytest.fixture
def visit(clinic: Clinic) -> int:
    return builders.an_appointment(clinic)


def stranger(clinic: Clinic) -> Actor:
    return builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))


def test_a_visit_asks_nothing_until_somebody_says_so(actor: Actor, visit: int):
    sheet = payments.of_visit(actor, visit)
    assert (sheet.payment, sheet.currency, sheet.digits) == (None, "EUR", 2)

    made = payments.create(actor, visit, amount_minor=4550, note=" first half ").value

    found = payments.of_visit(actor, visit).payment
    assert found == made == payments.payment(actor, made.id)
    assert (made.state, made.amount_minor, made.currency) == (State.DUE, 4550, "EUR")
    assert (made.note, made.author_id, made.changed_by) == ("first half", actor.user_id, actor.name)


def test_the_currency_is_that_of_the_country_with_its_decimals(
    clinic: Clinic, actor: Actor, visit: int
):
    Organisation.update(country="JP").where(Organisation.id == clinic.organisation_id).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    card = payments.create(actor, visit, amount_minor=4550).value

    assert (card.currency, card.digits) == ("JPY", 0)


@pytest.mark.parametrize("amount", [-1, payments.MOST + 1])
def test_what_is_no_amount_is_refused(actor: Actor, visit: int, amount: int):
    with pytest.raises(Invalid) as refused:
        payments.create(actor, visit, amount_minor=amount)
    assert refused.value.field == "amount"
    assert refused.value.way_out


def test_nobody_pays_without_a_word_on_how(actor: Actor, visit: int):
    with pytest.raises(Invalid) as refused:
        payments.create(actor, visit, amount_minor=1, state=State.PAID)
    assert refused.value.field == "method"
    card = payments.create(actor, visit, amount_minor=1).value
    with pytest.raises(Invalid):
        payments.set_state(actor, card.id, State.PAID, version=1)

    paid = payments.set_state(actor, card.id, State.PAID, version=1, method=Method.CASH).value

    assert (paid.state, paid.method, paid.version) == (State.PAID, Method.CASH, 2)
    with pytest.raises(Invalid):
        payments.change(actor, card.id, version=2, amount_minor=1, method=Method.OPEN, note="")


@pytest.mark.parametrize("note", ["4111 1111 1111 1111", "card 5500-0055-5555-5559 ok"])
def test_a_card_number_is_never_kept(actor: Actor, visit: int, note: str):
    with pytest.raises(Invalid) as refused:
        payments.create(actor, visit, amount_minor=1, note=note)
    assert refused.value.field == "note"
    assert "4111" not in str(refused.value)
    card = payments.create(actor, visit, amount_minor=1).value
    with pytest.raises(Invalid):
        payments.change(actor, card.id, version=1, amount_minor=1, method=Method.CARD, note=note)


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("after", list(State))
def test_only_the_steps_that_are_offered_can_be_taken(
    actor: Actor, visit: int, before: State, after: State
):
    card = payments.create(actor, visit, amount_minor=1, method=Method.CASH).value
    Payment.update(state=str(before)).where(Payment.id == card.id).execute()
    if after is before or after in payments.NEXT[before]:
        done = payments.set_state(actor, card.id, after, version=1)
        assert done.value.state is after
    else:
        with pytest.raises(Refused):
            payments.set_state(actor, card.id, after, version=1)


def test_the_amount_of_a_settled_payment_stays(actor: Actor, visit: int):
    card = payments.create(
        actor, visit, amount_minor=100, state=State.PAID, method=Method.CASH
    ).value
    with pytest.raises(Refused) as refused:
        payments.change(actor, card.id, version=1, amount_minor=99, method=Method.CASH, note="")
    assert refused.value.way_out
    noted = payments.change(
        actor, card.id, version=1, amount_minor=100, method=Method.CARD, note="second terminal"
    ).value
    assert (noted.method, noted.note) == (Method.CARD, "second terminal")


def test_a_visit_has_one_payment_and_the_second_hand_sees_the_first(
    clinic: Clinic, actor: Actor, visit: int
):
    first = payments.create(actor, visit, amount_minor=100).value
    other = builders.an_actor(clinic)
    with pytest.raises(Stale) as refused:
        payments.create(other, visit, amount_minor=200)
    assert refused.value.theirs == first
    payments.set_state(other, first.id, State.WAIVED, version=1)
    with pytest.raises(Stale) as refused:
        payments.change(actor, first.id, version=1, amount_minor=1, method=Method.OPEN, note="")
    assert refused.value.theirs.state is State.WAIVED


def test_one_changes_ones_own_and_others_only_by_permission(clinic: Clinic, visit: int):
    names = frozenset({"Payment Create", "Payment Update", "Payment Show"})
    mine, other = (builders.an_actor(clinic, names) for _n in range(2))
    card = payments.create(mine, visit, amount_minor=100).value
    fields: Fields = {"amount_minor": 200, "method": Method.OPEN, "note": ""}
    with pytest.raises(NotAllowed) as refused:
        payments.change(other, card.id, version=1, **fields)
    assert refused.value.permission == "Payment Update All"
    assert payments.change(mine, card.id, version=1, **fields).value.amount_minor == 200
    chief = builders.an_actor(clinic, names | {"Payment Update All"})
    checked: Fields = {**fields, "note": "Checked"}
    last = payments.change(chief, card.id, version=2, **checked).value
    assert last.author_id == mine.user_id


def test_each_act_has_its_own_permission(clinic: Clinic, actor: Actor, visit: int):
    card = payments.create(actor, visit, amount_minor=100).value
    nobody = builders.an_actor(clinic, frozenset({"Appointment Show"}))
    attempts: dict[str, Callable[[], object]] = {
        "Payment Show": lambda: payments.of_visit(nobody, visit),
        "Payment Get All": lambda: payments.of_patient(nobody, clinic.patient_id),
        "Payment Create": lambda: payments.create(nobody, visit, amount_minor=1),
        "Payment Change Status": lambda: payments.set_state(
            nobody, card.id, State.WAIVED, version=1
        ),
    }
    for permission, attempt in attempts.items():
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.permission == permission


def test_another_organisations_payment_is_not_there(clinic: Clinic, actor: Actor, visit: int):
    card = payments.create(actor, visit, amount_minor=100).value
    other = stranger(clinic)
    for attempt in (
        lambda: payments.of_visit(other, visit),
        lambda: payments.payment(other, card.id),
        lambda: payments.of_patient(other, clinic.patient_id),
        lambda: payments.create(other, visit, amount_minor=1),
        lambda: payments.set_state(other, card.id, State.WAIVED, version=1),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_patients_payments_are_listed_in_two_questions(clinic: Clinic, actor: Actor):
    for day in range(4):
        number = builders.an_appointment(clinic, clinic.span(8 + day))
        payments.create(actor, number, amount_minor=day)
    payments.create(
        actor,
        builders.an_appointment(clinic, clinic.span(14), patient_id=builders.a_patient(clinic)),
        amount_minor=99,
    )
    with statements(actor.store) as seen:
        found = payments.of_patient(actor, clinic.patient_id)
    assert len(seen) == 2
    assert [one.payment.amount_minor for one in found] == [3, 2, 1, 0]
    assert found[0].starts_at == clinic.at(11)


def test_sent_twice_is_asked_once_and_other_desks_hear_of_it(actor: Actor, visit: int):
    feed = Feed(actor.store, actor.organisation_id)
    key = str(uuid.uuid4())
    card = payments.create(actor, visit, amount_minor=1, request_id=key)
    again = payments.create(actor, visit, amount_minor=1, request_id=key)
    assert again == card
    assert [(c.kind, c.id) for c in feed.changes()] == [("payment", card.value.id)]
