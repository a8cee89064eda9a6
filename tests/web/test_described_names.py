"""What a generated client gets from the description: names, types, scopes, headers and webhooks;
and the handbook tells the same words.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.store import Store
from clinic_desk.services.webhook_delivery import body_of
from clinic_desk.web import description, faults
from clinic_desk.web.app import make_app
from tests.web.test_handbook import page


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    # Nothing is asked of the database to describe the calls.
    return make_app(Store.__new__(Store)).openapi()


def calls(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [call for path in told["paths"].values() for call in path.values()]


def test_each_call_has_a_short_name_of_its_own(told: dict[str, Any]) -> None:
    names = [call["operationId"] for call in calls(told)]
    summaries = [call["summary"] for call in calls(told)]

    assert len(set(names)) == len(names) and len(set(summaries)) == len(summaries)
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z]+){1,3}", name), name
    assert {name for name, _summary in description.NAMES.values()} <= set(names)
    assert {tag["name"] for tag in told["tags"]} == {tag for c in calls(told) for tag in c["tags"]}
    assert all("_" not in name and "[" not in name for name in told["components"]["schemas"])


def test_each_call_that_needs_a_token_names_the_scopes_that_are_enough(
    told: dict[str, Any],
) -> None:
    for call in calls(told):
        scopes = set(re.findall(r"`(\w+:\w+)`", call["description"]))
        assert bool(scopes) is bool(call.get("security")), call["operationId"]
        assert scopes <= set(SCOPES)
    by_name = {call["operationId"]: call["description"] for call in calls(told)}
    assert by_name["book_appointment"].endswith("Scope: `appointments:write`.")
    assert "Scope: `patients:read` or `patients:write`." in by_name["get_patient"]


def test_each_parameter_and_each_number_that_is_sent_says_what_it_is(told: dict[str, Any]) -> None:
    for call in calls(told):
        for given in call.get("parameters", ()):
            assert given.get("description"), (call["operationId"], given["name"])
    sent = told["components"]["schemas"]["NewAppointment"]["properties"]
    assert all(told["description"] for name, told in sent.items() if name != "notes")
    version = told["components"]["schemas"]["Cancelling"]["properties"]["version"]["anyOf"][0]
    assert (version["minimum"], version["maximum"]) == (1, 2**31 - 1)


def test_answers_tell_their_types_and_headers(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]
    booked = told["paths"]["/api/v1/{org_id}/appointments"]["post"]["responses"]["201"]

    assert booked["headers"].keys() == {"ETag", "Location"}
    visit = schemas["Appointment"]["properties"]
    assert (visit["uuid"]["format"], visit["starts_at"]["format"]) == ("uuid", "date-time")
    assert "format" not in visit["scheduled_start"]  # it has no offset
    assert schemas["Provider"]["properties"]["default_location_uuid"]["anyOf"][0] == {
        "type": "string",
        "format": "uuid",
    }
    assert (
        "ETag" in told["paths"]["/api/v1/{org_id}/locations"]["get"]["responses"]["200"]["headers"]
    )


def test_the_calls_that_we_make_are_described_as_they_are_made(told: dict[str, Any]) -> None:
    assert set(told["webhooks"]) == {*EVENTS, "webhook.test"}
    made = told["webhooks"]["patient.merged"]["post"]

    shape = made["requestBody"]["content"]["application/json"]["schema"]
    one = {"event": "patient.merged", "subject": "x", "subject_version": 2}
    call: Any = SimpleNamespace(**one, occurred_at=datetime(2031, 5, 20, tzinfo=UTC))
    sent = json.loads(body_of(call))
    assert sent["type"] == shape["properties"]["type"]["const"]
    assert set(sent) == set(shape["required"])
    assert set(sent["data"]) == set(shape["properties"]["data"]["required"])
    assert {p["name"] for p in made["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }


def test_the_handbook_names_every_word_that_programs_go_by() -> None:
    told = set(re.findall(r"`([a-z][a-z .-]*)`", " ".join(page().split())))

    assert set(EVENTS) | {"webhook.test"} <= told
    assert {str(kind) for kind in Kind} - {"no such time"} <= told
    assert set(faults.WORDS) <= told
