"""Webhooks: what is told, to whom, signed how; who may add one, and where its secret is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import pytest

from clinic_desk.models.webhooks import Webhook, WebhookCall
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import (
    diary,
    journal,
    patients,
    safe,
    undo,
    webhook_delivery,
    webhook_renewal,
    webhooks,
)
from clinic_desk.services import webhook_keys as keys
from clinic_desk.services.changes import EVENTS
from tests import builders, webhook_receiver
from tests.services.calling import a_round, added, book, card, states
from tests.services.counting import statements

pytestmark = pytest.mark.usefixtures("own_safe")

# Telling ---------------------------------------------------------------------------------


def test_a_booking_is_told_signed_and_says_nothing_of_the_patient(clinic, actor, tmp_path):
    with webhook_receiver.running(tmp_path) as receiver:
        made = added(actor, receiver, certificate=receiver.certificate)
        booked = book(actor, clinic)
        done = a_round(clinic)

    (call,) = receiver.calls
    assert done.sent == 1
    assert call.is_signed_with(made.secret)
    assert call.path == "/hook?of=clinic"
    assert call.headers["content-type"] == "application/json"
    (uuid,) = clinic.store.rows("SELECT uuid FROM appointment WHERE id = ?", (booked.value.id,))[0]
    assert call.told["type"] == "appointment.created"
    assert call.told["data"] == {"uuid": uuid, "version": 1}
    assert call.told["timestamp"].endswith("Z")
    assert b"Smith" not in call.body
    assert card(actor).delivered_at is not None


def test_the_check_that_the_handbook_gives_knows_us_and_nobody_else(clinic, actor, receiver):
    page = resources.files("clinic_desk") / "resources" / "handbook" / "api.md"
    snippet = page.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    known: dict[str, Any] = {}
    exec(snippet, known)
    made = added(actor, receiver)
    book(actor, clinic)
    a_round(clinic)

    (call,) = receiver.calls
    assert known["is_ours"](made.secret, call.headers, call.body)
    assert not known["is_ours"](made.secret, call.headers, call.body + b" ")
    assert not known["is_ours"](keys.new_secret(), call.headers, call.body)


def test_only_the_events_that_are_wanted_are_told_in_their_order(clinic, actor, receiver):
    added(actor, receiver, "appointment.created", "appointment.cancelled")
    booked = book(actor, clinic)
    diary.set_status(actor, booked.value.id, Status.CONFIRMED, version=1)
    diary.set_status(actor, booked.value.id, Status.CANCELLED, version=2)
    patients.create(actor, first_name="Ada", last_name="New")

    a_round(clinic)

    assert [call.told["type"] for call in receiver.calls] == [
        "appointment.created",
        "appointment.cancelled",
    ]


def test_nothing_of_before_and_nothing_of_another_organisation_is_told(clinic, actor, receiver):
    book(actor, clinic)
    added(actor, receiver)
    other = builders.a_clinic(clinic.store)
    book(builders.an_actor(other), other)

    assert a_round(clinic).sent == 0
    assert receiver.calls == []


def test_what_was_refused_leaves_no_call_and_what_is_taken_back_is_told_as_that(
    clinic, actor, receiver
):
    added(actor, receiver)
    booked = book(actor, clinic)
    with pytest.raises(Refused):
        book(actor, clinic)
    journal.undo(actor, booked.seq)

    a_round(clinic)

    assert [call.told["type"] for call in receiver.calls] == [
        "appointment.created",
        "appointment.cancelled",
    ]


def test_many_changes_are_written_down_each_once(clinic, actor, receiver, monkeypatch):
    monkeypatch.setattr(webhook_delivery, "MOST_WRITTEN", 3)
    added(actor, receiver)
    for number in range(10):
        patients.create(actor, first_name="", last_name=f"P{number}")

    assert (
        webhook_delivery.write_down(clinic.store, clinic.organisation_id, datetime.now(UTC)) == 10
    )
    assert webhook_delivery.write_down(clinic.store, clinic.organisation_id, datetime.now(UTC)) == 0


# By hand ---------------------------------------------------------------------------------


def test_a_test_is_sent_and_a_paused_one_is_not_called(clinic, actor, receiver):
    hook = added(actor, receiver).card
    webhooks.send_test(actor, hook.id)
    a_round(clinic)
    assert receiver.calls[0].told["type"] == "webhook.test"

    webhooks.pause(actor, hook.id)
    book(actor, clinic)
    assert a_round(clinic).sent == 0
    with pytest.raises(Refused):
        webhooks.send_test(actor, hook.id)
    webhooks.resume(actor, hook.id)
    book(actor, clinic, 11)

    a_round(clinic)

    assert [call.told["type"] for call in receiver.calls[1:]] == ["appointment.created"]


def test_what_is_removed_is_gone_with_its_calls(clinic, actor, receiver):
    hook = added(actor, receiver).card
    book(actor, clinic)
    webhook_delivery.write_down(clinic.store, clinic.organisation_id, datetime.now(UTC))

    webhooks.remove(actor, hook.id)

    assert webhooks.listed(actor) == ()
    assert WebhookCall.select().count() == 0
    assert a_round(clinic).sent == 0
    with pytest.raises(NotFound):
        webhooks.remove(actor, hook.id)


def test_old_calls_are_forgotten(clinic, actor, receiver):
    added(actor, receiver)
    book(actor, clinic)
    now = datetime.now(UTC)
    a_round(clinic, now)

    webhook_delivery.forget_old(clinic.store, clinic.organisation_id, now + timedelta(days=29))
    assert states(clinic) == ["sent"]
    webhook_delivery.forget_old(clinic.store, clinic.organisation_id, now + timedelta(days=31))
    assert states(clinic) == []


def test_who_may_not_give_access_may_not_add_a_webhook(clinic, actor, receiver):
    guest = builders.an_actor(clinic, frozenset(ALL) - {webhooks.PERMISSION})

    for ask in (
        lambda: added(guest, receiver),
        lambda: webhooks.listed(guest),
        lambda: webhooks.key(guest),
        lambda: webhooks.enter_key(guest, keys.made()),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_lists_take_the_same_few_queries_however_long_they_are(clinic, actor, receiver):
    hook = added(actor, receiver).card
    counts = []
    for number in (1, 4):
        for _turn in range(number):
            added(actor, receiver)
            webhooks.send_test(actor, hook.id)
        with statements(clinic.store) as seen:
            webhooks.listed(actor)
            webhooks.calls(actor, hook.id)
        counts.append(len(seen))

    assert counts == [3, 3]


# Secrets ---------------------------------------------------------------------------------


def test_a_secret_stands_nowhere_and_is_told_once(clinic, actor, receiver):
    key = {"request_id": "once"}
    made = added(actor, receiver, **key)
    again = added(actor, receiver, **key)

    kept = clinic.store.rows("SELECT * FROM webhook")
    told = clinic.store.rows("SELECT body FROM deed_text")
    assert made.secret not in str(kept) + str(told) + repr(made)
    assert made.secret.removeprefix("whsec_") not in str(kept) + str(told)
    assert Webhook.get().sealed_secret not in str(told)
    assert (again.card.id, again.secret) == (made.card.id, "")


def test_a_renewed_secret_and_the_former_one_both_hold_for_a_day(clinic, actor, receiver):
    first = added(actor, receiver)
    number, key = first.card.id, {"request_id": "renewed"}
    done = webhook_renewal.renew(actor, number, **key)
    made = done.value
    again = webhook_renewal.renew(actor, number, **key).value
    third = webhook_renewal.renew(actor, number).value
    now = datetime.now(UTC)
    for hour in (10, 11):
        book(actor, clinic, hour)
        a_round(clinic, now + timedelta(hours=25 * (hour - 10)))

    early, late = receiver.calls
    secrets = [first.secret, made.secret, third.secret]
    assert len({*secrets}) == 3
    assert all(early.is_signed_with(secret) for secret in secrets)
    assert len(early.headers["webhook-signature"].split()) == 3
    assert len(late.headers["webhook-signature"].split()) == 1
    assert (again.card.id, again.secret) == (number, "")
    until = card(actor).former_until
    assert until is not None
    assert timedelta(hours=23) < until - now <= timedelta(hours=24)
    told = clinic.store.rows("SELECT * FROM webhook") + clinic.store.rows("SELECT * FROM deed_text")
    assert not any(secret.removeprefix("whsec_") in str(told) for secret in secrets)
    assert Webhook.get().former_secrets not in str(clinic.store.rows("SELECT * FROM deed_text"))
    with pytest.raises(Refused, match="not brought back"):
        undo.undo(actor, done.seq)


def test_no_more_than_a_few_former_secrets_hold(clinic, actor, receiver):
    hook = added(actor, receiver).card
    renewed = [
        webhook_renewal.renew(actor, hook.id).value
        for _turn in range(webhook_renewal.MOST_FORMER + 2)
    ]
    book(actor, clinic)
    a_round(clinic)

    (call,) = receiver.calls
    assert call.is_signed_with(renewed[-1].secret)
    assert len(call.headers["webhook-signature"].split()) == webhook_renewal.MOST_FORMER + 1


def test_without_the_key_no_secret_is_renewed(clinic, actor, receiver):
    hook = added(actor, receiver).card
    safe.forget(keys.name(clinic.store, clinic.organisation_id))

    with pytest.raises(Refused, match="does not have the key"):
        webhook_renewal.renew(actor, hook.id)
    assert card(actor).former_until is None


def test_a_computer_without_the_key_leaves_the_calls_to_others(clinic, actor, receiver):
    added(actor, receiver)
    key = webhooks.key(actor)
    safe.forget(keys.name(clinic.store, clinic.organisation_id))
    book(actor, clinic)

    assert a_round(clinic).sent == 0
    assert states(clinic) == ["waiting"]
    assert webhooks.key_state(actor) == webhooks.KeyState(True, False, False)
    with pytest.raises(Refused, match="does not have the key"):
        added(actor, receiver)
    for wrong in ("", "whkey_x", keys.made()):
        with pytest.raises(Invalid):
            webhooks.enter_key(actor, wrong)
    webhooks.enter_key(actor, f" {key}\n")

    assert webhooks.key_state(actor) == webhooks.KeyState(True, True, True)
    assert a_round(clinic).sent == 1


def test_a_sealed_secret_opens_only_for_its_own_webhook_and_key():
    key, other = keys.made(), keys.made()
    box = keys.sealed(key, "a", "whsec_x")

    assert keys.opened(key, "a", box) == "whsec_x"
    assert keys.opened(key, "b", box) is keys.opened(other, "a", box) is None
    assert keys.opened(key, "a", "no box") is None


def test_an_address_and_events_are_checked_when_added(actor):
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"url": "http://example.org/", "events": EVENTS}, "url"),
        ({"url": "https://example.org/", "events": ()}, "events"),
        ({"url": "https://example.org/", "events": ("x",)}, "events"),
        ({"url": "https://example.org/", "events": EVENTS, "certificate": "x"}, "certificate"),
    )
    for fields, name in wrong:
        with pytest.raises(Invalid) as refused:
            webhooks.add(actor, **fields)
        assert refused.value.field == name
