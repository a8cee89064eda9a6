"""Letters with codes: nothing that the asking desk sees tells whether one really went out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import argon2
import pytest

from clinic_desk.services import (
    accounts,
    consent,
    consent_code,
    consent_register,
    letters,
    outbox,
    sender,
)
from clinic_desk.services.code_mail import Underway
from clinic_desk.services.consent_cards import AskedCard, Code, State
from clinic_desk.services.sender import Outgoing, Round
from tests import builders, smtp_server
from tests.services import mailing
from tests.services.consenting import Two, ask, pieces, row, two_clinics

REFUSED = {"email": "refused@post.example"}
BUSY = {"email": "busy@post.example"}
DRAFTS = {
    "a record": {"email": "xq.private@post.example"},
    "none": {"email": "nobody@nowhere.example"},
    "no address": {"phone": "+43 660 1112223"},
    "a mailbox that refuses": REFUSED,
    "a mailbox that is busy": BUSY,
}
"""What may be typed, by what becomes of its code."""


@pytest.fixture
def two(store):
    two = two_clinics(store)
    builders.a_patient(two.keeping, phone="+43 660 1112223", phone_key="+436601112223")
    for draft in (REFUSED, BUSY):
        builders.a_patient(two.keeping, **draft, email_key=draft["email"])
    return two


@pytest.fixture
def going(two, tmp_path):
    """Where mails go: to a server at which one mailbox refuses and another one is busy."""
    told = ("--refuse", REFUSED["email"], "--later", BUSY["email"])
    with smtp_server.running(tmp_path, *told) as smtp:
        yield smtp, mailing.sends_mails(two.asker, smtp.port)


def _round(
    two: Two, going: Outgoing, codes: Underway | None = None, **after: float
) -> tuple[Round, datetime]:
    now = datetime.now(UTC) + timedelta(**after)
    return sender.run_once(two.store, going, now, mint=consent_code.mint, codes=codes), now


def test_the_asking_desk_sees_the_same_whatever_becomes_of_the_code(two, going):
    _smtp, settings = going
    asked: dict[int, AskedCard] = {}
    for draft in DRAFTS.values():
        card = ask(two, **draft)
        asked[card.id] = card

    done, now = _round(two, settings)
    again, _later = _round(two, settings, minutes=2)

    assert done == Round(sent=len(DRAFTS))
    assert again == Round()
    told = {
        repr(replace(line, id=0, created_at=now, due_at=now, sent_at=now))
        for line in outbox.lines(two.asker).items
    }
    assert len(told) == 1
    texts = [outbox.text(two.asker, line.id) for line in outbox.lines(two.asker).items]
    assert len(set(texts)) == 1
    assert letters.MASK in texts[0].text
    assert pieces(*told, *map(repr, texts)) == []
    cards = [consent.asked(two.asker, number) for number in asked]
    assert cards == list(asked.values())
    seen = consent_register.consents(two.asker).items
    assert len({replace(one, asked_at=now, expires_at=now, id=0) for one in seen}) == 1
    for card in cards:  # by the version that was read before anything was sent
        consent.withdraw(two.asker, card.id, version=asked[card.id].version, reason="No need")
        assert row(card).state == State.WITHDRAWN


def test_a_busy_mailbox_is_tried_again_with_another_code(two, tmp_path):
    codes = Underway()
    with smtp_server.running(tmp_path, "--drop") as smtp:
        settings = mailing.sends_mails(two.asker, smtp.port)
        ask(two)
        for minutes in (0, 0.5, 2, 30):  # too early, and when nobody waits any more
            _round(two, settings, codes, minutes=minutes)
        received = smtp.received()

    assert len({mail.message_id for mail in received}) == len(received) == 2
    assert len({str(mail.mail.get_body(("plain",))) for mail in received}) == 2


def test_a_server_that_takes_nothing_is_told_and_named_alike(two):
    settings = mailing.sends_mails(two.asker, 1)
    for draft in ({}, DRAFTS["none"]):
        ask(two, **draft)
        done, _now = _round(two, settings)
        assert done.trouble is not None
        _round(two, settings)

    lines = outbox.lines(two.asker).items
    assert {line.state for line in lines} == {"waiting"}
    assert len({str(line.trouble) for line in lines}) == 1


def test_a_code_stands_nowhere_and_its_letter_names_nobody(two, going):
    smtp, settings = going
    card = ask(two)
    _round(two, settings)

    (received,) = smtp.received()
    body = received.mail.get_body(("plain",)).get_content()
    code = next(word for word in body.split() if len(word) == 6 and word.isdigit())
    for table in ("outbox", "deed_text", "setting", "consent"):
        kept = [
            str(value) for values in two.store.rows(f"SELECT * FROM {table}") for value in values
        ]
        assert code not in kept
        assert not any(f'"{code}"' in text or f" {code}\n" in text for text in kept)
    assert consent.verify(two.asker, card.id, Code(code)).value.state is State.VERIFIED


def test_a_code_that_nobody_waits_for_is_withdrawn_whatever_there_is(two, going):
    smtp, settings = going
    for draft in ({}, DRAFTS["none"]):
        card = ask(two, **draft)
        consent.withdraw(two.asker, card.id, version=card.version, reason="No need")

    done, _now = _round(two, settings)

    assert done == Round(withdrawn=2)
    assert smtp.received() == []


def test_what_is_compared_where_nothing_is_takes_as_long_from_the_first_time_on():
    real = accounts.hash_password("something")

    assert argon2.extract_parameters(accounts.NOBODYS) == argon2.extract_parameters(real)
    assert accounts.nobodys() != accounts.NOBODYS
    with pytest.raises(argon2.exceptions.VerifyMismatchError):  # reckoned through, not malformed
        accounts.STANDARD.verify(accounts.NOBODYS, "something")
