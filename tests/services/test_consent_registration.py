"""Somebody who agreed is registered: by copied fields, after the code or with a signed form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from clinic_desk.models.consents import Consent
from clinic_desk.models.documents import Document, DocumentPart
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotAllowed, Refused, Stale
from clinic_desk.services import (
    check,
    consent,
    consent_code,
    consent_register,
    consent_registration,
    patients,
)
from clinic_desk.services.consent import Over
from clinic_desk.services.consent_cards import Channel, Code, Scan, Share, Side, State
from clinic_desk.services.consent_registration import RegisteredHere
from tests import builders
from tests.services.consenting import (
    ask,
    at_once,
    code_of,
    history_of,
    later,
    row,
    two_clinics,
    verified,
)
from tests.services.counting import statements

PDF = Scan("form.pdf", "application/pdf", b"%PDF-1.7 signed")


@pytest.fixture
def two(store):
    return two_clinics(store)


def test_what_was_consented_is_copied_and_nothing_else(two):
    card = verified(two, Share.PERSON, Share.CONTACT)

    made = consent_registration.agree(two.asker, card.id, {"city": "Typed here"}).value

    person = Patient.get_by_id(made.id)
    assert person.organisation_id == two.asking.organisation_id
    assert (person.first_name, person.date_of_birth) == ("Xanthippe", date(1971, 3, 9))
    assert person.email_key == "xq.private@post.example"
    assert person.city == "Typed here"
    assert (person.address, person.national_id, person.alert, person.medical_alert) == ("",) * 4
    assert row(card).patient_id == made.id
    assert row(card).state == "agreed"
    assert check.check(two.store).findings == ()


def test_the_consented_fields_win_over_the_draft_and_fewer_may_be_shared(two):
    card = verified(two, Share.CONTACT, Share.ADDRESS)

    made = consent_registration.agree(
        two.asker,
        card.id,
        {"last_name": "Misspelt", "address": "Typed 1"},
        shares=[Share.CONTACT],
    ).value

    person = Patient.get_by_id(made.id)
    assert (person.last_name, person.address) == ("Quarrington", "Typed 1")
    assert consent_register.consent(two.keeper, card.id).shares == (Share.PERSON, Share.CONTACT)


def test_the_copy_lives_alone(two):
    made = consent_registration.agree(two.asker, verified(two).id, {}).value
    record = Patient.get_by_id(two.record_id)

    patients.change(two.keeper, two.record_id, version=record.version, first_name="Renamed")

    assert Patient.get_by_id(made.id).first_name == "Xanthippe"


def test_nothing_is_copied_before_the_code_nor_after_the_end(two):
    late, gone, early = verified(two), verified(two), ask(two)
    later(late, hours=25)
    consent.withdraw(two.keeper, gone.id, version=row(gone).version, reason="Asked for")

    with pytest.raises(Refused) as told:
        consent_registration.agree(two.asker, early.id, {})
    assert told.value.message == consent_registration.NOT_VERIFIED
    for card, state in ((late, State.EXPIRED), (gone, State.WITHDRAWN)):
        with pytest.raises(Over) as over:
            consent_registration.agree(two.asker, card.id, {})
        assert over.value.state is state
    assert Patient.select().where(Patient.first_name == "Xanthippe").count() == 1


def test_more_than_was_asked_for_cannot_be_shared(two):
    card = verified(two, Share.PERSON)

    with pytest.raises(Invalid):
        consent_registration.agree(two.asker, card.id, {}, shares=[Share.ADDRESS])
    with pytest.raises(Invalid):
        consent_registration.agree(
            two.asker, card.id, {}, until=datetime.now(UTC) - timedelta(seconds=1)
        )


def test_nobody_is_registered_twice_from_one_record(two):
    first, second = verified(two), verified(two, Share.PERSON)
    made = consent_registration.agree(two.asker, first.id, {}).value

    with pytest.raises(RegisteredHere) as told:
        consent_registration.agree(two.asker, second.id, {})

    assert told.value.patient.id == made.id
    assert made.number in told.value.params["patient"]
    assert row(second).state == "verified"
    assert _here(two) == 1
    with pytest.raises(RegisteredHere):
        consent_registration.paper(two.asker, ask(two).id, {}, PDF, reason="On paper")
    Patient.update(active=False).where(Patient.id == made.id).execute()
    assert consent_registration.agree(two.asker, second.id, {}).value.id != made.id
    assert check.check(two.store).findings == ()


def test_two_desks_register_at_once_and_one_of_them_does(two):
    cards = [verified(two), verified(two)]

    answers = at_once(
        two, *(partial(consent_registration.agree, two.asker, card.id, {}) for card in cards)
    )

    assert sum(isinstance(answer, RegisteredHere) for answer in answers) == 1, answers
    assert _here(two) == 1


@pytest.mark.parametrize(
    ("known", "refused"),
    [
        ({"national_key": "zx771234"}, True),
        ({"date_of_birth": date(1971, 3, 9), "email_key": "xq.private@post.example"}, True),
        ({"date_of_birth": date(1971, 3, 9), "phone_key": "+436605550147"}, True),
        ({"email_key": "xq.private@post.example"}, False),
        ({"date_of_birth": date(1971, 3, 9)}, False),
        ({"national_key": "zx771234", "active": False}, False),
    ],
)
def test_who_was_written_down_here_otherwise_is_not_registered_twice(two, known, refused):
    person = {"first_name": "Xanthippe", "last_name": "Quarrington", **known}
    here = builders.a_patient(two.asking, search="quarrington xanthippe k7", **person)
    card = verified(two, Share.CONTACT, Share.IDENTIFIER)

    if not refused:
        assert consent_registration.agree(two.asker, card.id, {}).value.id != here
        return
    with pytest.raises(RegisteredHere) as told:
        consent_registration.agree(two.asker, card.id, {})
    assert told.value.patient.id == here


def _here(two) -> int:
    mine = Patient.organisation_id == two.asking.organisation_id
    return int(Patient.select().where(mine & (Patient.first_name == "Xanthippe")).count())


def test_a_desk_that_crashed_after_the_code_goes_on_at_another(two):
    card = verified(two)
    colleague = builders.an_actor(two.asking)

    (waiting,) = consent_register.consents(colleague, states=[State.VERIFIED]).items
    made = consent_registration.agree(colleague, waiting.id, {}).value

    assert waiting.id == card.id
    assert waiting.person == "Quarrington, Xanthippe"
    assert waiting.other == "Keeper House"
    assert made.first_name == "Xanthippe"


def test_a_request_that_is_sent_twice_registers_once(two):
    card = verified(two)
    first, second = (
        consent_registration.agree(two.asker, card.id, {}, request_id="twice") for _ in range(2)
    )

    assert first.value.id == second.value.id
    assert Patient.select().where(Patient.first_name == "Xanthippe").count() == 2


def test_a_consent_for_a_time_ends_by_itself(two):
    card = verified(two)
    until = datetime.now(UTC) + timedelta(days=30)
    consent_registration.agree(two.asker, card.id, {}, until=until)
    assert consent_register.consent(two.asker, card.id).state is State.AGREED

    later(card, days=31)

    assert consent_register.consent(two.asker, card.id).state is State.EXPIRED
    assert consent_register.consents(two.keeper).counts[State.EXPIRED] == 1


def test_a_signed_form_stands_in_for_the_code(two):
    card = consent.take(
        two.asker,
        {"phone": "+43 660 5550147"},
        purpose="Treatment",
        shares=[Share.CONTACT],
        channel=Channel.PAPER,
    ).value
    big = Scan("form.pdf", "application/pdf", b"%PDF-" + b"x" * (2 * 1024 * 1024 + 7))

    made = consent_registration.paper(two.asker, card.id, {}, big, reason="No e-mail at hand").value

    document = Document.get(Document.patient_id == made.id)
    parts = DocumentPart.select().where(DocumentPart.document_id == document.id)
    content = b"".join(bytes(p.content) for p in parts.order_by(DocumentPart.part))
    assert content == big.content
    assert (row(card).document_id, row(card).channel) == (document.id, "paper")
    seen = consent_register.consent(two.keeper, card.id)
    assert (seen.state, seen.reason) == (State.AGREED, "No e-mail at hand")
    assert "xxxx" not in history_of(two.store, two.asking.organisation_id)
    assert "consent.paper" in history_of(two.store, two.keeping.organisation_id)
    assert check.check(two.store).findings == ()


def test_a_form_also_ends_the_waiting_for_a_code(two):
    card = ask(two)
    code = code_of(two, card)
    consent_registration.paper(two.asker, card.id, {}, PDF, reason="Mail is down")

    with pytest.raises(Over):
        consent.verify(two.asker, card.id, Code(code))


@pytest.mark.parametrize(
    ("scan", "reason", "field"),
    [
        (PDF, " ", "reason"),
        (Scan("a.pdf", "", b""), "Why", "scan"),
        (Scan("a.pdf", "", b"MZ a program"), "Why", "scan"),
        (Scan("a.pdf", "", b"%PDF-" + b"x" * (10 * 1024 * 1024)), "Why", "scan"),
    ],
)
def test_a_form_that_is_none_is_refused_at_its_field(two, scan, reason, field):
    card = ask(two)
    with pytest.raises(Invalid) as told:
        consent_registration.paper(two.asker, card.id, {}, scan, reason=reason)
    assert told.value.field == field
    assert row(card).state == "asked"


def test_a_form_about_nobodys_data_registers_nobody(two):
    card = ask(two, email="nobody@nowhere.example")
    before = Patient.select().count()

    with pytest.raises(Refused) as told:
        consent_registration.paper(two.asker, card.id, {}, PDF, reason="On paper")

    assert told.value.message == consent_registration.NO_RECORD
    assert Patient.select().count() == before


def test_each_step_needs_its_own_permission(two):
    card = verified(two)
    only = builders.an_actor(two.asking, frozenset({"Consent Paper Form"}))
    with pytest.raises(NotAllowed):
        consent_registration.paper(only, card.id, {}, PDF, reason="On paper")
    with pytest.raises(NotAllowed):
        consent_registration.agree(only, card.id, {})
    with pytest.raises(NotAllowed):
        consent_register.consents(only)


def test_a_record_that_changes_in_the_same_moment_is_not_copied_half(two, monkeypatch):
    card = verified(two)
    register = patients.register

    def meanwhile(work, given, **more):
        Patient.update(first_name="Other").where(Patient.id == two.record_id).execute()
        return register(work, given, **more)

    monkeypatch.setattr(patients, "register", meanwhile)
    with pytest.raises(Stale):
        consent_registration.agree(two.asker, card.id, {})
    assert row(card).state == "verified"


def test_the_register_is_two_questions_however_many_there_are(two):
    for n in range(12):
        ask(two, email=f"somebody{n}@post.example")
    verified(two)
    with statements(two.store) as few:
        page = consent_register.consents(two.asker, page_size=5)
    assert (page.total, len(page.items)) == (13, 5)
    with statements(two.store) as many:
        consent_register.consents(two.asker, page_size=50)
    assert len(few) == len(many)
    assert consent_register.consents(two.asker, states=[State.VERIFIED]).total == 1
    assert consent_register.consents(two.asker, side=Side.KEEPS).total == 0
    (kept,) = consent_register.consents(two.keeper, patient_id=two.record_id).items
    assert (kept.other, kept.side) == ("Asker", Side.KEEPS)
    with pytest.raises(Invalid):
        consent_register.consents(two.asker, page=0)


def test_a_mail_that_was_asked_for_before_the_form_makes_no_code_afterwards(two):
    card = ask(two)
    consent_registration.paper(two.asker, card.id, {}, PDF, reason="In a hurry")

    assert consent_code.mint(two.store, card.id, datetime.now(UTC)) is None
    assert Consent.get_by_id(card.id).state == "agreed"
