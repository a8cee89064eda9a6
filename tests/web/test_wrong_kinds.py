"""What is of another kind than the description says is refused, never taken for something else."""

from __future__ import annotations

import httpx
import pytest

from tests.web.conftest import Api


def fields(answer: httpx.Response) -> set[str]:
    return {each["field"] for each in answer.json()["errors"]}


pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.mark.parametrize("wrong", [0, 86400, "0", "86400", "1986-04-12T00:00:00", "1986-02-30"])
def test_a_date_of_birth_is_a_date_and_no_count_of_seconds(api: Api, wrong: object):
    answer = api.ask("POST", "/patients", json={"last_name": "Smith", "date_of_birth": wrong})

    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == ["date_of_birth"]
    assert "date" in answer.json()["detail"].partition(":")[2]


@pytest.mark.parametrize("wrong", [True, "1"])
def test_a_version_is_a_number(api: Api, wrong: object):
    path = f"/appointments/{api.book().json()['uuid']}"
    for answer in (
        api.ask("PATCH", path, json={"notes": "x", "version": wrong}),
        api.ask("POST", f"{path}/cancel", json={"version": wrong}),
    ):
        assert answer.status_code == 422, answer.text
        assert [each["field"] for each in answer.json()["errors"]] == ["version"]
    assert api.ask("PATCH", path, json={"notes": "x", "version": 1.0}).status_code == 200


def test_signs_alone_are_nobodys_name(api: Api):
    assert api.get("/patients", query=" ").json()["total"] == 1
    for signs in ("-", "_", "\\", "' (", "\u200b", "%"):
        answer = api.get("/patients", query=signs)
        assert (answer.status_code, answer.json()["total"]) == (200, 0), signs


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"last_name": "Smith", "last_name": "Jones"}', "last_name"),
        ('{"last_name": "Smith", "x": [{"y": 1, "y": 1}]}', "y"),
        ('{"last_name": "Smith", "\\ud800": 1, "\\ud800": 2}', "?"),
    ],
)
def test_a_field_that_is_given_twice_is_refused(api: Api, body: str, field: str):
    answer = api.ask(
        "POST", "/patients", content=body, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, "repeated")]
    assert api.get("/patients", query="Jones").json()["total"] == 0


def test_a_head_is_what_reading_would_give_without_its_body(api: Api):
    path = f"/appointments/{api.book().json()['uuid']}"
    for place in (path, "/locations", "/patients", "/nothing"):
        read, head = api.ask("GET", place), api.ask("HEAD", place)
        assert (head.status_code, head.content) == (read.status_code, b"")
        for name in ("content-type", "content-length", "etag", "link"):
            assert head.headers.get(name) == read.headers.get(name)
    assert api.ask("HEAD", "/metadata", face="/fhir/r4").status_code == 200


def test_what_is_beyond_all_calendars_is_told_how_far_they_reach(api: Api):
    far = {"scheduled_start": "9999-12-31T23:30-11:00", "scheduled_end": "9999-12-31T23:59-11:00"}
    for answer in (api.get("/appointments", to="9999-12-31"), api.book(**far)):
        assert answer.status_code == 422
        assert answer.json()["detail"] == "The calendar reaches from 1900 to 2200."


def test_half_a_letter_is_told_to_be_none(api: Api):
    for body in (b'{"last_name": "\\ud800"}', b'{"last_name": "Smith", "\\ud800": 1}'):
        sent = {"Content-Type": "application/json", "Accept-Language": "de"}
        answer = api.ask("POST", "/patients", content=body, headers=sent)
        assert answer.status_code == 422
        assert "Input should" not in answer.text


def test_every_text_is_as_long_as_the_description_says_and_no_longer(api: Api):
    schemas = api.client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    told = schemas["NewPatient"]["properties"]
    longest = {
        name: each["maxLength"]
        for name, kind in told.items()
        for each in kind.get("anyOf", [kind])
        if "maxLength" in each
    }
    assert set(longest) == {"first_name", "last_name", "primary_phone", "email", "gender"}

    for name, most in longest.items():
        body = {"last_name": "Smith"} | {name: "x" * (most + 1)}
        answer = api.ask("POST", "/patients", json=body)
        assert (answer.status_code, fields(answer)) == (422, {name})
    whole = {name: "x" * longest[name] for name in ("first_name", "last_name", "gender")}
    assert api.ask("POST", "/patients", json=whole).status_code == 201

    path = f"/appointments/{api.book().json()['uuid']}"
    most = schemas["AppointmentChange"]["properties"]["reason"]["maxLength"]
    wish = {"status": "scheduled", "reason": "x" * (most + 1), "notes": "\a"}
    answer = api.ask("PATCH", path, json=wish)
    assert (answer.status_code, fields(answer)) == (422, {"reason", "notes"})
    assert schemas["Cancelling"]["properties"]["reason"]["maxLength"] == most
    for _again in range(2):
        answer = api.ask("POST", f"{path}/cancel", json={"reason": "x" * (most + 1)})
        assert (answer.status_code, fields(answer)) == (422, {"reason"})
        assert api.ask("POST", f"{path}/cancel", json={"reason": "x" * most}).status_code == 200
