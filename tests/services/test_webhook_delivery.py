"""Calls to other programs: tried again, made once by many, and never where they must not go."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic_desk.rules import webhooks as rules
from clinic_desk.rules.errors import Refused
from clinic_desk.services import patients, served, webhook_delivery, webhook_http, webhooks
from clinic_desk.services import webhook_keys as keys
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.courier import Courier
from clinic_desk.services.webhook_http import CallTrouble, Target
from tests import builders, webhook_receiver
from tests.services.calling import a_round, added, book, card, states
from tests.services.counting import statements

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("own_safe")

# Trying again ----------------------------------------------------------------------------


def test_an_error_is_tried_again_later_with_the_same_id_and_body(clinic, actor, receiver):
    made = added(actor, receiver)
    receiver.answers = [500]
    book(actor, clinic)
    now = datetime.now(UTC)

    assert a_round(clinic, now).later == 1
    trouble = card(actor)
    assert a_round(clinic, now + timedelta(seconds=50)).sent == 0
    assert a_round(clinic, now + timedelta(seconds=90)).sent == 1

    first, second = receiver.calls
    assert (first.id, first.body) == (second.id, second.body)
    assert second.is_signed_with(made.secret) or int(second.headers["webhook-timestamp"])
    assert trouble.trouble.message == "“{host}” answered with status {status}."
    assert trouble.failing_since is not None
    assert card(actor).failing_since is None


def test_after_the_last_try_it_has_failed_says_why_and_can_be_tried_again(clinic, actor, receiver):
    hook = added(actor, receiver).card
    receiver.answers = [500] * (len(rules.WAITS) + 1)
    book(actor, clinic)
    now = datetime.now(UTC)
    for wait in (timedelta(0), *rules.WAITS):
        now += wait + timedelta(seconds=5)
        a_round(clinic, now)
    assert states(clinic) == ["failed"]
    (call,) = webhooks.calls(actor, hook.id)
    assert call.trouble.params["status"] == 500
    shown = card(actor)
    assert (shown.state, shown.failed) == ("active", 1)

    assert webhooks.retry(actor, hook.id).value == 1
    assert a_round(clinic).sent == 1
    assert len({call.id for call in receiver.calls}) == 1
    with pytest.raises(Refused):
        webhooks.retry(actor, hook.id)


def test_after_days_in_which_nothing_arrived_it_is_stopped_until_it_is_resumed(
    clinic, actor, receiver
):
    hook = added(actor, receiver).card
    receiver.answers = [500, 500]
    now = datetime.now(UTC)
    book(actor, clinic)
    a_round(clinic, now)
    a_round(clinic, now + rules.PATIENCE)
    shown = card(actor)
    book(actor, clinic, 11)
    assert a_round(clinic, now + 2 * rules.PATIENCE).sent == 0

    webhooks.resume(actor, hook.id)
    a_round(clinic, now + 2 * rules.PATIENCE)

    assert (shown.state, shown.waiting) == ("stopped", 1)
    assert shown.trouble.params["status"] == 500
    assert "resume" in shown.trouble.way_out
    assert len(receiver.calls) == 3  # what waited; not what happened meanwhile
    assert card(actor).state == "active"


def test_who_wants_no_more_calls_gets_none(clinic, actor, receiver):
    added(actor, receiver)
    receiver.answers = [410]
    book(actor, clinic)
    book(actor, clinic, 11)

    a_round(clinic)
    a_round(clinic)

    assert len(receiver.calls) == 1
    assert card(actor).state == "stopped"


def test_who_asks_for_a_pause_gets_it(clinic, actor, receiver):
    added(actor, receiver)
    receiver.answers = [(503, {"Retry-After": "7200"})]
    book(actor, clinic)
    now = datetime.now(UTC)
    a_round(clinic, now)

    assert a_round(clinic, now + timedelta(minutes=119)).sent == 0
    assert a_round(clinic, now + timedelta(minutes=121)).sent == 1


def test_a_dead_address_costs_one_try_a_round_and_others_are_called(clinic, actor, receiver):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    dead = f"https://localhost:{port}/"
    webhooks.add(actor, url=dead, events=EVENTS, inside=True)
    added(actor, receiver)
    for hour in (10, 11, 12):
        book(actor, clinic, hour)

    done = a_round(clinic)

    assert (done.sent, done.later) == (3, 1)


def test_a_redirect_is_not_followed(clinic, actor, receiver):
    added(actor, receiver)
    receiver.answers = [(302, {"Location": receiver.url})]
    book(actor, clinic)

    assert a_round(clinic).later == 1
    assert len(receiver.calls) == 1
    assert "leads elsewhere" in card(actor).trouble.message


def test_an_answer_that_does_not_come_is_given_up_in_time(receiver):
    receiver.delay = 3
    target = Target(receiver.url, True, timeout_seconds=0.3)
    begun = time.monotonic()

    with pytest.raises(CallTrouble, match="did not answer in time"):
        webhook_http.post(target, {}, b"{}")

    assert time.monotonic() - begun < 2


def test_an_answer_that_drips_is_cut_off(receiver):
    receiver.delay = 3
    target = Target(receiver.url, True, deadline_seconds=0.3)
    begun = time.monotonic()

    with pytest.raises(CallTrouble):
        webhook_http.post(target, {}, b"{}")

    assert time.monotonic() - begun < 2


def test_in_a_restored_database_nobody_is_called_before_somebody_says_so(clinic, actor, receiver):
    hook = added(actor, receiver).card
    book(actor, clinic)
    webhook_delivery.stop_all(clinic.store)

    assert a_round(clinic).sent == 0
    shown = card(actor)
    assert (shown.state, "backup" in shown.trouble.message) == ("stopped", True)
    webhooks.resume(actor, hook.id)
    book(actor, clinic, 11)
    assert a_round(clinic).sent == 1


# Many senders ----------------------------------------------------------------------------


def test_four_senders_call_each_once(clinic, actor, receiver):
    added(actor, receiver)
    receiver.delay = 0.01
    for number in range(12):
        patients.create(actor, first_name="", last_name=f"P{number}")
    trouble: list[BaseException] = []

    def send() -> None:
        try:
            while a_round(clinic).sent:
                pass
        except BaseException as error:
            trouble.append(error)
        finally:
            clinic.store.forget_connection()

    threads = [threading.Thread(target=send) for _turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert trouble == []
    assert len(receiver.calls) == len({call.id for call in receiver.calls}) == 12
    assert set(states(clinic)) == {"sent"}


def test_a_sender_that_dies_in_the_middle_is_followed_by_another_with_the_same_id(
    clinic, actor, receiver
):
    """The process is killed while the other program has the call and has not answered."""
    added(actor, receiver)
    receiver.delay = 1.5
    book(actor, clinic)
    key = keys.known(clinic.store, clinic.organisation_id)
    code = (
        "import sys; from datetime import UTC, datetime;"
        "from clinic_desk.services import webhook_delivery as w;"
        "from clinic_desk.services.store import open_store;"
        "w.run_once(open_store(sys.argv[1]), int(sys.argv[2]), datetime.now(UTC),"
        " key=sys.argv[3], lease_seconds=1)"
    )
    arguments = [clinic.store.url, str(clinic.organisation_id), str(key)]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT)
    give_up = time.monotonic() + 30
    while not receiver.calls and time.monotonic() < give_up:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert states(clinic) == ["sending"]
    receiver.delay = 0

    while not a_round(clinic).sent and time.monotonic() < give_up:
        time.sleep(0.2)

    assert len(receiver.calls) == 2
    assert len({call.id for call in receiver.calls}) == 1
    assert states(clinic) == ["sent"]


def test_the_courier_of_a_desk_calls_by_itself_and_stops_when_told(clinic, actor, receiver):
    made = added(actor, receiver)
    courier = Courier(clinic.store, [clinic.organisation_id], pause_seconds=0.05)
    courier.start()
    book(actor, clinic)
    give_up = time.monotonic() + 20
    while not receiver.calls and time.monotonic() < give_up:
        time.sleep(0.02)

    assert courier.stop()
    assert receiver.calls[0].is_signed_with(made.secret)


def test_who_calls_for_all_calls_for_a_clinic_that_is_founded_later_too(
    clinic, receiver, monkeypatch
):
    monkeypatch.setattr(served, "LOOK_SECONDS", 0.05)
    courier = Courier(clinic.store, None, pause_seconds=300)
    courier.start()
    try:
        newcomer = builders.a_clinic(clinic.store)
        made = added(builders.an_actor(newcomer), receiver)
        book(builders.an_actor(newcomer), newcomer)
        founded = builders.a_clinic(clinic.store)
        give_up = time.monotonic() + 20
        while not receiver.calls and time.monotonic() < give_up:
            time.sleep(0.02)
    finally:
        assert courier.stop()

    assert founded.organisation_id != newcomer.organisation_id
    assert receiver.calls[0].is_signed_with(made.secret)


def test_a_round_without_news_writes_nothing(clinic, actor, receiver):
    added(actor, receiver)
    a_round(clinic)

    with statements(clinic.store) as seen:
        a_round(clinic)

    assert all(text.lstrip().upper().startswith("SELECT") for text in seen)
    assert len(seen) <= 4


# Where calls may go ---------------------------------------------------------------------


def test_a_name_that_leads_inside_is_not_called(receiver):
    """A name of the world may have any number: the connection itself is guarded."""
    target = Target(receiver.url, inside=False)

    with pytest.raises(CallTrouble, match="inside a network"):
        webhook_http.post(target, {}, b"{}")

    assert receiver.calls == []


def test_a_certificate_that_does_not_hold_is_told(tmp_path):
    with webhook_receiver.running(tmp_path, name="elsewhere.example") as receiver:
        for certificate in ("", receiver.certificate):
            with pytest.raises(CallTrouble, match="certificate of “localhost” does not hold"):
                webhook_http.post(Target(receiver.url, True, certificate), {}, b"{}")


def test_a_name_that_nobody_has_is_told():
    with pytest.raises(CallTrouble, match="is not known"):
        webhook_http.post(Target("https://nobody.invalid/"), {}, b"{}")
