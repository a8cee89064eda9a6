"""A request that is sent again with its key gives its first answer, whatever happened since."""

from __future__ import annotations

import json
import socket
import time

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import clinic_types, diary, patients
from clinic_desk.services.cards import Origin
from clinic_desk.services.clinic_cards import TypeDraft
from tests import builders
from tests.builders import TUESDAY
from tests.web.conftest import Api

KEY = {"Idempotency-Key": "order 4711"}


def same(first, again) -> bool:
    return (first.status_code, first.content, first.headers.get("etag")) == (
        again.status_code,
        again.content,
        again.headers.get("etag"),
    )


def number_of(api: Api, uuid: str) -> int:
    found = api.clinic.store.rows("SELECT id FROM appointment WHERE uuid = ?", (uuid,))
    return int(found[0][0])


def test_a_booking_sent_again_gives_its_first_answer_though_all_of_it_was_changed_since(api):
    builders.an_operatory(api.clinic)
    colleague = builders.a_provider(api.clinic)
    desk = builders.an_actor(api.clinic)
    first = api.book(headers=KEY)
    number = number_of(api, first.json()["uuid"])

    diary.change(
        desk, number, version=1, span=api.clinic.span(15, minutes=60), provider_id=colleague,
        notes="Other notes",
    )  # fmt: skip
    diary.set_status(desk, number, Status.CONFIRMED, version=2)
    patients.change(desk, api.clinic.patient_id, version=1, last_name="Miller")
    again = api.book(headers=KEY)

    assert first.status_code == 201
    assert same(first, again)
    now = api.get(f"/appointments/{first.json()['uuid']}").json()
    assert (now["version"], now["notes"], now["patient"]["last_name"]) == (
        3,
        "Other notes",
        "Miller",
    )


def test_the_type_is_told_as_it_was_called_then(api):
    first = api.book(headers=KEY)
    desk = builders.an_actor(api.clinic)
    (before,) = clinic_types.types(desk)
    draft = TypeDraft(name="Long check-up", code="LNG", minutes=45, colour="#aa0000")
    clinic_types.change(desk, before, draft)

    assert api.get("/appointment-types").json()["items"][0]["name"] == "Long check-up"
    assert same(first, api.book(headers=KEY))


def test_a_change_sent_again_gives_its_first_answer(api):
    path = f"/appointments/{api.book().json()['uuid']}"
    wish = {"notes": "one", "status": "confirmed", "scheduled_start": f"{TUESDAY}T12:00:00"}
    first = api.ask("PATCH", path, json=wish, headers=KEY)

    assert api.ask("PATCH", path, json={"notes": "two"}).status_code == 200
    assert api.ask("POST", f"{path}/cancel").status_code == 200
    again = api.ask("PATCH", path, json=wish, headers=KEY)
    other = api.ask("PATCH", path, json=wish | {"notes": "three"}, headers=KEY)

    assert first.status_code == 200, first.text
    assert same(first, again)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert api.get(path).json()["status"] == "cancelled"


def test_a_cancellation_sent_again_gives_its_first_answer(api):
    path = f"/appointments/{api.book().json()['uuid']}"
    first = api.ask("POST", f"{path}/cancel", json={"reason": "ill"}, headers=KEY)

    assert api.ask("PATCH", path, json={"status": "scheduled"}).status_code == 200
    again = api.ask("POST", f"{path}/cancel", json={"reason": "ill"}, headers=KEY)

    assert same(first, again)
    assert first.json()["status"] == "cancelled"
    assert api.get(path).json()["status"] == "scheduled"


def test_a_registration_sent_again_gives_its_first_answer(api):
    body = {"first_name": "Ada", "last_name": "Nkemelu"}
    first = api.ask("POST", "/patients", json=body, headers=KEY)
    found = api.clinic.store.rows(
        "SELECT id, version FROM patient WHERE uuid = ?", (first.json()["uuid"],)
    )
    patients.change(
        builders.an_actor(api.clinic), found[0][0], version=found[0][1], last_name="Byron"
    )

    assert same(first, api.ask("POST", "/patients", json=body, headers=KEY))
    other = api.ask("POST", "/patients", json=body | {"last_name": "King"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


def test_a_key_is_of_its_token_alone(make_api):
    ours = make_api()
    sister = make_api(clinic=ours.clinic)

    first = ours.book(headers=KEY)
    second = sister.book("12:00", "12:30", headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["uuid"] != second.json()["uuid"]


def test_a_refusal_is_judged_anew(api):
    taken = builders.an_appointment(api.clinic, api.clinic.span(10))
    refused = api.book(headers=KEY)
    desk = builders.an_actor(api.clinic, origin=Origin.DESK)
    diary.set_status(desk, taken, Status.CANCELLED, version=1)

    assert (refused.status_code, api.book(headers=KEY).status_code) == (409, 201)


def test_a_request_whose_line_was_cut_is_sent_again_and_gets_the_first_answer(api):
    body = json.dumps(api.wish()).encode()
    head = (
        f"POST /api/v1/{api.org}/appointments HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {api.token}\r\nIdempotency-Key: {KEY['Idempotency-Key']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    address = (api.client.base_url.host, api.client.base_url.port)
    with socket.create_connection(address) as line:
        line.sendall(head.encode() + body)
    # Nobody read an answer; the booking is on its way all the same.
    give_up = time.monotonic() + 20
    while api.get("/appointments").json()["total"] == 0 and time.monotonic() < give_up:
        time.sleep(0.02)

    again = api.book(headers=KEY)
    third = api.book(headers=KEY)

    assert again.status_code == 201, again.text
    assert same(again, third)
    listed = api.get("/appointments").json()
    assert [item["uuid"] for item in listed["items"]] == [again.json()["uuid"]]


def test_a_change_of_nothing_sent_again_changes_nothing_back(api):
    path = f"/appointments/{api.book().json()['uuid']}"
    wish = {"notes": api.get(path).json()["notes"]}
    first = api.ask("PATCH", path, json=wish, headers=KEY)

    assert api.ask("PATCH", path, json={"notes": "later"}).status_code == 200
    again = api.ask("PATCH", path, json=wish, headers=KEY)
    other = api.ask("PATCH", path, json={"notes": "other"}, headers=KEY)

    assert same(first, again)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert api.get(path).json()["notes"] == "later"


def test_a_change_of_nothing_leaves_no_trace_without_a_key(api):
    visit = api.book().json()
    before = api.clinic.store.rows("SELECT COUNT(*) FROM deed")

    answer = api.ask("PATCH", f"/appointments/{visit['uuid']}", json={"notes": visit["notes"]})

    assert (answer.status_code, answer.json()) == (200, visit)
    assert api.clinic.store.rows("SELECT COUNT(*) FROM deed") == before
