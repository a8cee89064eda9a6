"""Before the code was verified, nothing tells of the other record: the laws of consent."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_desk.models.people import Organisation
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services import (
    batch,
    consent,
    consent_code,
    consent_register,
    consent_registration,
    journal,
    outbox,
)
from clinic_desk.services.consent_cards import AskedCard, Channel, Code, Scan, Share
from tests import builders
from tests.services.consenting import Two, ask, history_of, pieces, row, two_clinics
from tests.services.counting import statements

DRAFTS = {
    "one": {"email": "xq.private@post.example"},
    "several": {"email": "shared@post.example"},
    "none": {"email": "nobody@nowhere.example"},
    "only a phone": {"phone": "+43 660 1112223"},
}
"""What may be typed, by what there is to find."""


@pytest.fixture
def two(store):
    two = two_clinics(store)
    for _ in range(2):
        builders.a_patient(
            two.keeping, email="shared@post.example", email_key="shared@post.example"
        )
    builders.a_patient(two.keeping, phone="+43 660 1112223", phone_key="+436601112223")
    return two


def _shape(seen: list[str]) -> list[str]:
    """Statements without their values, which the file's driver writes into them."""
    return [re.sub(r"'[^']*'|\b\d+\b", "?", text) for text in seen]


def _wrong_code(two: Two, card: AskedCard) -> str:
    with pytest.raises(ClinicError) as told:
        consent.verify(two.asker, card.id, Code("000000"))
    return str(told.value)


@contextlib.contextmanager
def _all_statements(store, monkeypatch):
    """Also those that travel in a batch, which no cursor sees; the blocks of ids aside."""
    with statements(store) as seen, monkeypatch.context() as patch:
        exchange = batch.exchange

        def told(connection, wanted):
            seen.extend(statement.sql for statement in wanted)
            return exchange(connection, wanted)

        patch.setattr(batch, "exchange", told)
        yield seen
    seen[:] = [text for text in seen if "nextval" not in text]


def test_asking_and_guessing_are_the_same_statements_whatever_there_is_to_find(two, monkeypatch):
    ask(two, email="warm@up.example")  # what is prepared and remembered once
    _wrong_code(two, ask(two, email="warm@up.example"))
    asked, again, guessed = [], [], []
    for draft in DRAFTS.values():
        with _all_statements(two.store, monkeypatch) as seen:
            card = ask(two, **draft)
        asked.append(_shape(seen))
        consent_code.mint(two.store, card.id, datetime.now(UTC))
        with _all_statements(two.store, monkeypatch) as seen:
            card = ask(two, **draft)  # what was asked before is replaced
        again.append(_shape(seen))
        with _all_statements(two.store, monkeypatch) as seen:
            for _ in range(6):  # to the lock, and beyond
                _wrong_code(two, card)
        guessed.append(_shape(seen))

    assert asked[0]
    assert all(shape == asked[0] for shape in asked)
    assert all(shape == again[0] for shape in again)
    assert len(again[0]) > len(asked[0])
    assert guessed[0]
    assert all(shape == guessed[0] for shape in guessed)


def test_asking_and_guessing_get_the_same_answers_whatever_there_is_to_find(two):
    answers = []
    for draft in DRAFTS.values():
        card = ask(two, **draft)
        told = [re.sub(r"id=\d+", "", repr(card).replace(str(card.asked_at), ""))]
        told = [re.sub(r"datetime.datetime\([^)]*\)", "", text) for text in told]
        told += [_wrong_code(two, card) for _ in range(6)]
        answers.append(told)

    assert all(told == answers[0] for told in answers)


def test_the_history_of_who_asks_is_the_same_whatever_there_is_to_find(two):
    bodies = []
    for draft in DRAFTS.values():
        done = consent.take(two.asker, draft, purpose="Treatment", shares=[Share.PERSON])
        ((text,),) = two.store.rows(
            "SELECT body FROM deed_text WHERE organisation_id = ? AND seq = ?",
            (two.asking.organisation_id, done.seq),
        )
        bodies.append(sorted(_names(json.loads(text))))

    assert all(body == bodies[0] for body in bodies)


def _names(body: Any) -> Iterator[tuple[str, str, Any]]:
    for change in body["changes"]:
        for name, value in change["after"].items():
            fixed = value if name in {"state", "code_hash", "recipient", "tries"} else ""
            yield change["kind"], name, fixed
            if name.startswith("source_") or name == "code_hash":
                assert value == "•••"


@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
def test_no_piece_of_the_record_is_told_before_the_code(two, draft):
    told = []
    card = ask(two, **draft)
    told.append(repr(card))
    consent_code.mint(two.store, card.id, datetime.now(UTC))
    told.append(repr(consent.asked(two.asker, card.id)))
    told.append(repr(consent_register.consent(two.asker, card.id)))
    told.append(repr(consent_register.consents(two.asker)))
    told.append(repr(outbox.lines(two.asker)))
    told += [repr(outbox.text(two.asker, line.id)) for line in outbox.lines(two.asker).items]
    told.append(repr(journal.history(two.asker, "consent", card.id)))
    for step in (
        lambda: consent.verify(two.asker, card.id, Code("000000")),
        lambda: consent_registration.agree(two.asker, card.id, draft),
        lambda: consent_register.consent(two.asker, row(card).source_patient_id + 1000),
        lambda: consent_registration.paper(
            two.asker, card.id, draft, Scan("x", "", b"no scan"), reason="On paper"
        ),
    ):
        with pytest.raises(ClinicError) as error:
            step()
        told.append(f"{error.value} {error.value.way_out} {error.value.params!r}")
    told.append(history_of(two.store, two.asking.organisation_id))

    assert pieces(*told) == []


def test_the_keeper_hears_who_asks_once_and_nothing_that_was_typed(two):
    card = ask(two, email="xq.private@post.example", first_name="Typed", last_name="Atthedesk")
    for _ in range(2):
        consent_code.mint(two.store, card.id, datetime.now(UTC))

    kept = history_of(two.store, two.keeping.organisation_id)
    assert kept.count("consent.heard") == 1
    assert "Asker" in kept
    assert "Typed" not in kept
    assert "Atthedesk" not in kept


def test_who_asks_about_nobody_is_heard_nowhere_and_in_no_register(two):
    card = ask(two, email="nobody@nowhere.example")

    assert consent_code.mint(two.store, card.id, datetime.now(UTC)) is None
    assert "consent" not in history_of(two.store, two.keeping.organisation_id)
    assert consent_register.consents(two.keeper).items == ()
    assert consent_register.consents(two.asker).total == 1


def test_a_clinic_without_patients_asks_about_nobody_like_any_other(two):
    fresh = Organisation.create(uuid=str(uuid.uuid4()), name="Fresh", time_zone="UTC", country="AT")
    clinic = builders.Clinic(two.store, fresh.id, "UTC", 0, 0, 0, 0, 0)
    actor = builders.an_actor(clinic)
    two.store.forget_catalogue(fresh.id)

    card = consent.take(
        actor, DRAFTS["none"], purpose="x", shares=[Share.PERSON], channel=Channel.PAPER
    ).value

    assert consent_register.consents(two.keeper).items == ()
    assert consent_register.consents(two.asker).items == ()
    with pytest.raises(ClinicError):
        consent.withdraw(two.asker, card.id, version=1, reason="Not ours")
    with pytest.raises(ClinicError):
        consent.withdraw(two.keeper, card.id, version=1, reason="Not ours")


def test_no_code_stands_anywhere_and_no_request_tells_it(two):
    card = ask(two)
    minted = consent_code.mint(two.store, card.id, datetime.now(UTC))
    assert minted is not None
    consent.verify(two.asker, card.id, Code(minted.code))

    whole = "".join(
        history_of(two.store, number)
        for number in (two.asking.organisation_id, two.keeping.organisation_id)
    )
    assert minted.code not in re.findall(r"(?<![0-9a-f])\d{6}(?![0-9a-f])", whole)
    assert repr(Code(minted.code)) == "•••"
