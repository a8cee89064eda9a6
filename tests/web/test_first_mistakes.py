"""The mistakes of somebody who meets the API for the first time: each answer says what it was, and
what to send instead.
"""

from __future__ import annotations

import json
import re
import uuid

import pytest

from tests import builders
from tests.web.conftest import Api, MakeApi

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Token {token}", "{token}"])
def test_a_request_without_a_bearer_token_is_told_how_to_send_it(api: Api, header: str):
    path = f"/api/v1/{api.org}/locations"
    sent = {"Authorization": header.format(token=api.token)} if header else {}

    answer = api.client.get(path, headers=sent)
    wrong = api.client.get(path, headers={"Authorization": "Bearer wrong"})

    assert answer.status_code == wrong.status_code == 401
    assert answer.json()["detail"] == "No token came with this request."
    assert "Authorization: Bearer" in answer.json()["way_out"]
    assert "withdrawn" in wrong.json()["detail"]


def test_a_token_that_may_not_is_told_the_scopes_and_that_its_role_may_lack_it(make_api: MakeApi):
    reader = make_api("catalogue:read")
    role = builders.a_role(reader.clinic, frozenset({"Location Get All"}))
    bound = make_api(clinic=reader.clinic, role_id=role)

    for api in (reader, bound):
        told = api.get("/patients").json()
        hospital = api.ask("GET", f"/Patient/{api.uuid('patient')}", face="/fhir/r4").json()
        assert told["detail"].startswith("The token may not do this: ")
        assert told["scopes"] == ["patients:read", "patients:write"]
        assert "patients:read, patients:write" in told["way_out"]
        assert "bound to a role" in told["way_out"]
        assert "patients:read, patients:write" in hospital["issue"][0]["details"]["text"]


def test_another_organisation_is_told_apart_from_a_missing_record(api: Api):
    nobody = uuid.uuid4()

    house = api.client.get(
        f"/api/v1/{nobody}/locations", headers={"Authorization": f"Bearer {api.token}"}
    ).json()
    record = api.get(f"/patients/{nobody}").json()
    field = api.book(provider_uuid=str(nobody)).json()

    assert house["detail"].startswith("The token does not belong to the organisation")
    assert record["detail"] == "There is no such record in this organisation."
    assert field["errors"][0]["detail"] == record["detail"]
    for told in (house, record, field):
        assert told["code"] == "not-found"
        assert "any more" not in json.dumps(told)
        assert told["way_out"]


def test_a_body_that_is_not_called_json_is_told_which_header_is_missing(api: Api):
    text = json.dumps(api.wish()).encode()

    for kind in ({}, {"Content-Type": "application/x-www-form-urlencoded"}):
        answer = api.ask("POST", "/appointments", content=text, headers=kind)
        (told,) = answer.json()["errors"]
        assert (answer.status_code, told["field"], told["code"]) == (422, "body", "not-json")
        assert "Content-Type: application/json" in told["detail"]
    nothing = api.ask("POST", "/appointments").json()["errors"]
    assert nothing[0]["code"] == "not-json"
    called = {"Content-Type": "application/json; charset=utf-8"}
    assert api.ask("POST", "/appointments", content=text, headers=called).status_code == 201


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("/appointments?from=02.03.2031", "malformed", "Write a day as 2027-03-02"),
        ("/appointments?from=2031-03-02T10:00:00+01:00", "malformed", "written %2B"),
        ("/appointments?date=2031-03-02", "no-such-field", "there are: from, to, provider_uuid"),
        ("/appointments?status=done", "not-listed", "'confirmed'"),
        ("/appointments?page_size=101", "too-large", "more than 100"),
        ("/patients/4711", "malformed", "not a uuid"),
        ("/patients/{patient}?x=1", "no-such-field", "There is no such field."),
    ],
)
def test_a_question_that_is_written_wrong_is_told_how_it_is_written(
    api: Api, path: str, code: str, words: str
):
    answer = api.get(path.format(patient=api.uuid("patient")))

    (told,) = answer.json()["errors"]
    assert (answer.status_code, told["code"]) == (422, code)
    assert words in told["detail"]
    assert not {"^", "\\"} & set(answer.text.replace('\\"', ""))


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"name": "Joe"}, "no-such-field", "first_name, last_name, date_of_birth"),
        ({"last_name": " "}, "malformed", "This is empty."),
        ({"last_name": ""}, "too-short", "This is empty."),
        ({"date_of_birth": "10.8.1996"}, "malformed", "write one as 1996-08-10"),
        ({"last_name": None}, "malformed", "not a text"),
    ],
)
def test_a_field_that_is_written_wrong_is_told_how_it_is_written(
    api: Api, body: dict[str, object], code: str, words: str
):
    answer = api.ask("POST", "/patients", json={"last_name": "Doe"} | body)

    (told,) = answer.json()["errors"]
    assert (answer.status_code, told["code"]) == (422, code)
    assert words in told["detail"]


def test_an_etag_without_its_quotation_marks_is_told_how_it_is_written(api: Api):
    visit = api.book().json()["uuid"]

    answer = api.ask(
        "PATCH", f"/appointments/{visit}", json={"notes": "x"}, headers={"If-Match": "v3"}
    )

    assert answer.status_code == 422
    assert 'such as "3"' in answer.json()["errors"][0]["detail"]


def test_an_unknown_address_leads_to_the_description_and_a_method_to_those_known(api: Api):
    for path in ("/", "/docs", "/api/v1", f"/api/v1/{api.org}/rooms"):
        told = api.client.get(path).json()
        assert (told["status"], told["code"]) == (404, "no-such-address")
        assert "/api/v1/openapi.json" in told["way_out"]
    told = api.ask("DELETE", "/patients").json()
    assert (told["status"], told["code"]) == (405, "no-such-method")
    assert {"GET", "POST"} <= set(re.findall(r"[A-Z]{3,}", told["way_out"]))
    hospital = api.ask("GET", "/Encounter", face="/fhir/r4").json()
    assert "metadata" in hospital["issue"][0]["details"]["text"]


def test_every_question_to_the_list_of_appointments_that_is_wrong_is_told_at_once(api: Api):
    nobody = str(uuid.uuid4())
    unknown = {f"{name}_uuid": nobody for name in ("patient", "provider", "location")}

    lost = api.get("/appointments", **unknown)
    backwards = api.get("/appointments", **{"from": "2031-05-02", "to": "2031-05-01"})

    assert lost.status_code == 404
    assert {each["field"] for each in lost.json()["errors"]} == set(unknown)
    assert (backwards.status_code, backwards.json()["errors"][0]["field"]) == (422, "to")
    day = {"from": "2031-05-02", "to": "2031-05-02"}
    assert api.get("/appointments", **day).status_code == 200


def test_where_nothing_is_free_the_next_start_is_told_as_one_that_can_be_booked(api: Api):
    place = {"location_uuid": api.uuid("location"), "appointment_type_uuid": api.uuid("type")}
    night = {"from": "2031-05-20T01:00:00", "to": "2031-05-20T02:00:00"}

    bare = api.get("/schedule/availability", **place, **night).json()
    told = api.get("/schedule/availability", **place, **night, reasons=True).json()
    later = told["reason"]["next_opening"]
    first = api.get("/schedule/availability", **place, **{"from": "2031-05-20"}, limit=1).json()
    booked = api.book(
        scheduled_start=later["starts_at"],
        scheduled_end=later["ends_at"],
        provider_uuid=later["provider_uuid"],
    )

    assert (bare["reason"], told["items"]) == (None, [])
    assert [later] == first["items"]
    assert booked.status_code == 201


def test_a_patient_is_found_by_number_and_birth_date_as_they_are_told(api: Api):
    born = {"last_name": "Doe", "first_name": "Joe", "email": "joe-1996-08-10@example.org"}
    made = api.ask(
        "POST",
        "/patients",
        json=born | {"date_of_birth": "1996-08-10", "primary_phone": "+49 30 1234567"},
    ).json()
    api.ask("POST", "/patients", json={"last_name": "Doe", "date_of_birth": "1996-08-11"})

    for query in (
        made["date_of_birth"],
        "doe 1996-08-10",
        made["primary_phone"],
        "doe +49 (30) 123-45-67",
        "0049 30 1234567",
        "4930123",
        made["email"],
    ):
        found = api.get("/patients", query=query).json()["items"]
        assert [one["uuid"] for one in found] == [made["uuid"]], query
    assert api.get("/patients", query="doe 1996-08-12").json()["total"] == 0
