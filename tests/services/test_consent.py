"""Consent between two clinics of one database: asking, the code, withdrawing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_desk.models.consents import Consent
from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.services import check, consent, consent_code, consent_register, sender
from clinic_desk.services.actor import Actor
from clinic_desk.services.consent import Over, WrongCode
from clinic_desk.services.consent_cards import Channel, Code, Share, Side, State
from tests import builders, smtp_server
from tests.services import consenting, mailing
from tests.services.consenting import (
    ask,
    at_once,
    code_of,
    history_of,
    later,
    row,
    two_clinics,
    verified,
    wrong,
)


@pytest.fixture
def two(store):
    return two_clinics(store)


def test_a_code_travels_to_the_contact_on_record_and_verifies(two, tmp_path):
    with smtp_server.running(tmp_path) as smtp:
        going = mailing.sends_mails(two.asker, smtp.port)
        card = ask(two)
        done = sender.run_once(two.store, going, datetime.now(UTC), mint=consent_code.mint)
        (received,) = smtp.received()

    assert done.sent == 1
    assert received.recipients == ("xq.private@post.example",)
    plain = received.mail.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert "Xanthippe Quarrington" in text
    assert "Asker" in text
    assert "Treatment here" in text
    code = next(word for word in text.split() if len(word) == 6 and word.isdigit())
    answer = consent.verify(two.asker, card.id, Code(code)).value
    assert answer.state is State.VERIFIED
    assert code not in history_of(two.store, two.asking.organisation_id)
    assert row(card).code_hash.endswith("|")


def test_a_code_may_be_typed_with_blanks_and_in_any_digits(two):
    card = ask(two)
    code = code_of(two, card)
    arabic = code.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})

    answer = consent.verify(two.asker, card.id, Code(f" {arabic[:3]} {arabic[3:]} ")).value

    assert answer.state is State.VERIFIED


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12a456"])
def test_what_is_no_code_counts_as_no_try(two, text):
    card = ask(two)

    with pytest.raises(Invalid):
        consent.verify(two.asker, card.id, Code(text))

    assert row(card).tries == 0


def test_five_wrong_codes_lock_and_the_right_one_comes_too_late(two):
    card = ask(two)
    code = code_of(two, card)

    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as told:
            consent.verify(two.asker, card.id, wrong(code))
        assert told.value.left == left
    for tried in (wrong(code), Code(code)):
        with pytest.raises(Over) as over:
            consent.verify(two.asker, card.id, tried)
        assert over.value.state is State.LOCKED

    assert row(card).state == "locked"
    assert "consent.close" in history_of(two.store, two.asking.organisation_id)


def test_the_fifth_try_may_still_be_right(two):
    card = ask(two)
    code = code_of(two, card)
    for _ in range(4):
        with pytest.raises(WrongCode):
            consent.verify(two.asker, card.id, wrong(code))

    assert consent.verify(two.asker, card.id, Code(code)).value.state is State.VERIFIED


def test_a_try_is_counted_even_if_the_desk_dies_before_the_answer(two, monkeypatch):
    card = ask(two)
    code = code_of(two, card)

    def dies(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(consent, "fits", dies)
    with pytest.raises(KeyboardInterrupt):
        consent.verify(two.asker, card.id, Code(code))

    assert row(card).tries == 1


def test_a_code_is_over_after_ten_minutes(two):
    card = ask(two)
    code = code_of(two, card)
    later(card, minutes=10)

    with pytest.raises(Over) as over:
        consent.verify(two.asker, card.id, Code(code))

    assert over.value.state is State.EXPIRED
    assert row(card).state == "expired"


def test_a_code_is_good_once_and_for_its_own_consent_alone(two):
    first = ask(two)
    code = code_of(two, first)
    second = ask(two, email="somebody.else@post.example")

    with pytest.raises(WrongCode):
        consent.verify(two.asker, second.id, Code(code))
    consent.verify(two.asker, first.id, Code(code))
    with pytest.raises(Over) as over:
        consent.verify(two.asker, first.id, Code(code))
    assert over.value.state is State.VERIFIED


def test_only_the_newest_code_counts(two):
    card = ask(two)
    old, new = code_of(two, card), code_of(two, card)

    if old != new:
        with pytest.raises(WrongCode):
            consent.verify(two.asker, card.id, Code(old))
    assert consent.verify(two.asker, card.id, Code(new)).value.state is State.VERIFIED


def test_no_code_is_made_for_what_is_not_waited_for(two):
    expired, gone = ask(two, phone="0660 5550147"), ask(two)
    consent.withdraw(two.asker, gone.id, version=1, reason="Wrong person")
    later(expired, minutes=11)

    for card in (expired, gone):
        assert consent_code.mint(two.store, card.id, datetime.now(UTC)) is None
    assert consent_code.mint(two.store, 999_999, datetime.now(UTC)) is None


def test_another_organisation_cannot_verify_what_this_one_asked(two):
    card = ask(two)
    code = code_of(two, card)

    with pytest.raises(NotFound):
        consent.verify(two.keeper, card.id, Code(code))
    assert row(card).tries == 0


def test_a_request_that_is_sent_twice_is_one_consent_and_one_try(two):
    typed = {"email": "xq.private@post.example"}
    cards = [
        consent.take(
            two.asker, typed, purpose="Treatment", shares=[Share.PERSON], request_id="twice"
        ).value
        for _ in range(2)
    ]
    assert cards[0] == cards[1]
    code = code_of(two, cards[0])

    for _ in range(2):
        done = consent.verify(two.asker, cards[0].id, Code(code), request_id="twice too")
        assert done.value.state is State.VERIFIED
    assert row(cards[0]).tries == 1


def test_two_desks_verify_at_once_and_one_of_them_does(two):
    card = ask(two)
    code = code_of(two, card)

    def desk():
        return consent.verify(two.asker, card.id, Code(code)).value.state

    answers = at_once(two, desk, desk)

    assert answers.count(State.VERIFIED) == 1
    assert sum(isinstance(a, Over) and a.state is State.VERIFIED for a in answers) == 1
    assert row(card).state == "verified"


def test_a_phone_alone_or_an_identifier_alone_finds_the_record(two):
    for draft in ({"phone": "0660 5550147"}, {"national_id": "zx 77 1234"}):
        card = ask(two, **draft)
        minted = consent_code.mint(two.store, card.id, datetime.now(UTC))
        assert minted is not None
        assert minted.recipient == "xq.private@post.example"


def test_a_guardian_gets_the_code(two):
    builders.a_patient(
        two.keeping,
        phone_key="+436601112223",
        guardian_name="Mother",
        guardian_email="mother@post.example",
    )

    minted = consent_code.mint(two.store, ask(two, phone="+436601112223").id, datetime.now(UTC))

    assert minted is not None
    assert minted.recipient == "mother@post.example"


def test_of_those_who_share_an_address_it_is_the_one_whose_birth_and_name_were_typed(two):
    child = builders.a_patient(
        two.keeping,
        first_name="Bo",
        last_name="Quarrington",
        search="quarrington bo",
        email="xq.private@post.example",
        email_key="xq.private@post.example",
        date_of_birth=date(2020, 1, 2),
    )
    typed = {"email": "xq.private@post.example"}

    by_birth = ask(two, **typed, date_of_birth=date(2020, 1, 2))
    by_name = ask(two, **typed, first_name="Bo", last_name="Quarrington")
    by_age = ask(two, **typed)

    assert row(by_birth).source_patient_id == child
    assert row(by_name).source_patient_id == child
    assert row(by_age).source_patient_id == two.record_id


def test_a_record_that_was_merged_or_closed_is_no_record(two):
    Patient.update(active=False).where(Patient.id == two.record_id).execute()

    assert consent_code.mint(two.store, ask(two).id, datetime.now(UTC)) is None


def test_without_a_mail_server_the_paper_form_is_the_way(store):
    two = two_clinics(store)
    asker = builders.an_actor(two.keeping)

    with pytest.raises(Refused) as told:
        consent.take(asker, {"email": "a@b.example"}, purpose="Treatment", shares=[Share.PERSON])
    assert "paper" in told.value.way_out
    card = consent.take(
        asker,
        {"email": "a@b.example"},
        purpose="Treatment",
        shares=[Share.PERSON],
        channel=Channel.PAPER,
    ).value
    assert Outbox.select().where(Outbox.organisation_id == asker.organisation_id).count() == 0
    with pytest.raises(Refused):
        consent.verify(asker, card.id, Code("123456"))


@pytest.mark.parametrize(
    ("draft", "purpose", "shares", "field"),
    [
        ({}, "Treatment", [Share.PERSON], "email"),
        ({"email": "no address"}, "Treatment", [Share.PERSON], "email"),
        ({"email": "a@b.example"}, " ", [Share.PERSON], "purpose"),
        ({"email": "a@b.example"}, "Treatment", ["diary"], "shares"),
    ],
)
def test_what_cannot_be_asked_names_its_field(two, draft, purpose, shares, field):
    with pytest.raises(Invalid) as told:
        consent.take(two.asker, draft, purpose=purpose, shares=shares)
    assert told.value.field == field


def test_a_contact_is_asked_about_five_times_a_day_and_no_more(two):
    asked = [ask(two) for _ in range(consent.MOST_OF_A_CONTACT)]
    with pytest.raises(Refused) as told:
        ask(two, email="xq.private@post.example", phone="+436609999999")
    assert told.value.message == consent.TOO_OFTEN
    ask(two, email="somebody.else@post.example")
    later(asked[-1], hours=25)
    ask(two)


def test_an_organisation_asks_thirty_times_an_hour_and_no_more(two):
    asked = [ask(two, email=f"somebody{n}@post.example") for n in range(consent.MOST_AN_HOUR)]
    with pytest.raises(Refused) as told:
        ask(two)
    assert told.value.message == consent.TOO_MANY
    later(asked[-1], minutes=61)
    ask(two)


def test_both_clinics_have_a_deed_and_both_chains_hold(two):
    card = verified(two)

    kept = history_of(two.store, two.keeping.organisation_id)
    assert "consent.heard" in kept
    assert "consent.verify" in kept
    assert "Treatment here" in kept
    assert "Test User" not in kept.split("consent.heard")[1]  # nobody of the other clinic
    assert check.check(two.store).findings == ()
    assert card.state is State.VERIFIED


def test_what_was_asked_before_ends_where_it_is_asked_for_anew(two):
    old = ask(two)
    code = code_of(two, old)
    new = consent.take(
        two.asker,
        {"email": "xq.private@post.example"},
        purpose="Treatment here",
        shares=[Share.PERSON],
        instead_of=old.id,
    ).value

    assert row(old).state == "withdrawn"
    assert row(old).reason == consent.REPLACED
    assert consent_code.mint(two.store, old.id, datetime.now(UTC)) is None
    with pytest.raises(Over) as over:
        consent.verify(two.asker, old.id, Code(code))
    assert over.value.state is State.WITHDRAWN
    done = consent.verify(two.asker, new.id, Code(code_of(two, new)))
    assert done.value.state is State.VERIFIED
    assert check.check(two.store).findings == ()


def test_only_ones_own_open_question_can_be_replaced(two):
    card = verified(two)

    def asked_instead(actor: Actor) -> None:
        typed = {"email": "somebody@post.example"}
        consent.take(actor, typed, purpose="Treatment", shares=[Share.PERSON], instead_of=card.id)

    mailing.sends_mails(two.asker)
    asked_instead(two.asker)
    mailing.sends_mails(two.keeper)
    with pytest.raises(NotFound):
        asked_instead(two.keeper)
    assert row(card).state == "verified"


ZOE = {"first_name": "Zoe", "last_name": "Q", "email": "XQ.private@post.example"}


def test_a_second_question_about_the_same_person_replaces_the_first(two):
    old = ask(two, **ZOE)
    code = code_of(two, old)
    sibling = ask(two, **ZOE | {"first_name": "Bo"})
    new = ask(two, **ZOE | {"phone": "+43 660 7770000"})

    with pytest.raises(Over) as over:
        consent.verify(two.asker, old.id, Code(code))
    assert over.value.state is State.WITHDRAWN
    assert row(old).reason == consent.REPLACED
    assert row(sibling).state == "asked"  # shares the address, and is somebody else
    assert consent.verify(two.asker, new.id, Code(code_of(two, new))).value.id == new.id
    assert check.check(two.store).findings == ()


def test_a_newer_message_makes_the_codes_by_any_other_contact_void_unseen(two):
    old = ask(two)
    code = code_of(two, old)
    other = ask(two, phone="0660 5550147")
    before = consent.asked(two.asker, old.id)
    newer = code_of(two, other)

    assert consent.asked(two.asker, old.id) == before
    with pytest.raises(WrongCode):
        consent.verify(two.asker, old.id, Code(code))
    assert consent.verify(two.asker, other.id, Code(newer)).value.state is State.VERIFIED


def test_two_desks_ask_at_once_and_one_question_stays_open(two):
    at_once(two, lambda: ask(two, **ZOE), lambda: ask(two, **ZOE))

    states = [one.state for one in Consent.select().order_by(Consent.id)]
    assert states == ["withdrawn", "asked"]


def test_an_open_question_is_found_again_by_the_same_data_alone(two):
    ask(two, **ZOE)
    newest = ask(two, **ZOE)

    assert consent.waiting(two.asker, ZOE | {"first_name": "ZOE", "gender": "x"}) == newest
    for other in ({"first_name": "Bo"}, {"email": "somebody@post.example"}, {"email": "no mail"}):
        assert consent.waiting(two.asker, ZOE | other) is None
    assert consent.waiting(two.keeper, ZOE) is None
    later(newest, minutes=11)
    assert consent.waiting(two.asker, ZOE) is None
    again = ask(two, **ZOE)
    consent.verify(two.asker, again.id, Code(code_of(two, again)))
    found = consent.waiting(two.asker, ZOE)
    assert found is not None
    assert (found.id, found.state) == (again.id, State.VERIFIED)


@pytest.mark.parametrize("side", list(Side))
def test_either_clinic_withdraws_and_both_histories_say_so(two, side):
    card = verified(two)
    actor = two.asker if side is Side.ASKS else two.keeper
    seen = consent_register.consent(actor, card.id)

    consent.withdraw(actor, card.id, version=seen.version, reason="The patient asked for it")

    assert row(card).state == "withdrawn"
    for other in (two.asker, two.keeper):
        assert consent_register.consent(other, card.id).state is State.WITHDRAWN
        assert "consent.withdraw" in history_of(two.store, other.organisation_id)
    with pytest.raises(Refused):
        consent.withdraw(actor, card.id, version=row(card).version, reason="Again")


def test_withdrawing_needs_a_reason_and_the_present_version(two):
    card = ask(two)

    with pytest.raises(Invalid):
        consent.withdraw(two.asker, card.id, version=1, reason=" ")
    with pytest.raises(Stale):
        consent.withdraw(two.asker, card.id, version=7, reason="Wrong person")
    third = builders.an_actor(builders.a_clinic(two.store))
    with pytest.raises(NotFound):
        consent.withdraw(third, card.id, version=1, reason="Wrong person")


def test_a_keeper_who_withdraws_before_the_code_stays_unknown(two):
    card = ask(two)
    code_of(two, card)
    seen = consent_register.consent(two.keeper, card.id)

    consent.withdraw(two.keeper, card.id, version=seen.version, reason="Quarrington said no")

    mine = consent_register.consent(two.asker, card.id)
    assert mine.state is State.WITHDRAWN
    told = repr(mine) + history_of(two.store, two.asking.organisation_id)
    assert consenting.pieces(told) == []


def test_a_program_cannot_ask(two):
    nobody = type(two.asker)(
        two.store, two.asking.organisation_id, None, "Bot", "", frozenset({"Consent Take"})
    )
    with pytest.raises(NotAllowed):
        consent.take(nobody, {"email": "a@b.example"}, purpose="x", shares=[Share.PERSON])


def test_what_was_asked_for_is_what_the_message_names(two):
    card = ask(two, Share.ADDRESS)
    minted = consent_code.mint(two.store, card.id, datetime.now(UTC) + timedelta(minutes=1))

    assert minted is not None
    assert card.shares == (Share.PERSON, Share.ADDRESS)
    assert len(minted.shared) == 2
    assert json.loads(Consent.get_by_id(card.id).fields) == ["person", "address"]
    assert "•••" in repr(minted)
