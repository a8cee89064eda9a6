"""What the API says of itself is true: requests that nobody thought of find nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.web import test_feeds, walking

NOT_ALWAYS = (
    r"(POST|PATCH) .*|GET .*/(patients|appointments|availability|changes)$"
    r"|GET .*/(Appointment|Schedule|Slot)$"
)
"""Calls that take times, cursors or keys: the 30th of February, a time that the clocks skip, an
end before its beginning, a cursor of nobody and a key that was used fit every description; so
do a page and a code of nobody in FHIR's searches.
"""

CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "404", "409", "412"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "422", "429"]

[[operations]]
include-name-regex = {not_always}
checks.positive_data_acceptance.enabled = false

[parameters]
{parameters}
"""
"""What fits the description is granted, or its record is not there, or not free, or newer. What
does not is refused: a text that is far too long because its request is (413).
"""


def test_the_description_names_all_calls_of_the_document(api):
    told = api.client.get("/api/v1/openapi.json").json()

    assert told["openapi"].startswith("3.1")
    paths = {
        path.removeprefix("/api/v1/{org_id}"): set(told["paths"][path]) for path in told["paths"]
    }
    assert paths["/patients"] == {"get", "post"}
    assert paths["/appointment-types"] == {"get"}
    assert paths["/schedule/availability"] == {"get"}
    assert paths["/appointments"] == {"get", "post"}
    assert paths["/appointments/{appointment_uuid}"] == {"get", "patch"}
    assert "Problem" in told["components"]["schemas"]
    for path, calls in told["paths"].items():
        if path.startswith("/api/v1/"):
            assert all(
                {"401", "403", "409", "422"} <= call["responses"].keys() for call in calls.values()
            )


def test_the_description_names_what_hospitals_and_calendars_ask_for_too(api):
    told = api.client.get("/api/v1/openapi.json").json()

    kinds = {
        path.removeprefix("/fhir/r4/{org_id}/").partition("/")[0]: calls["get"]
        for path, calls in told["paths"].items()
        if path.startswith("/fhir/r4/")
    }
    assert kinds.keys() == {
        *("Appointment", "Schedule", "Slot"),
        *("Patient", "Practitioner", "Location", "metadata"),
    }
    for call in kinds.values():
        for status, answer in call["responses"].items():
            if status not in {"200", "304"}:
                assert answer["content"] == {
                    "application/fhir+json": {
                        "schema": {"$ref": "#/components/schemas/FhirOperationOutcome"}
                    }
                }
        assert "422" not in call["responses"]
    feed = told["paths"]["/feeds/{address}"]["get"]["responses"]
    assert list(feed["200"]["content"]) == ["text/calendar"]
    assert list(feed["404"]["content"]) == ["application/problem+json"]
    assert api.client.delete("/feeds/x.ics").headers["allow"] == "GET, HEAD"
    assert "HTTPValidationError" not in told["components"]["schemas"]


def test_what_a_path_allows_is_told(api):
    answer = api.ask("DELETE", "/patients")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.slow
def test_requests_that_nobody_thought_of_find_nothing(api, tmp_path):
    own = walking.known(api)
    known = {name: own[kind] for name, kind in (walking.UUIDS | walking.IDS).items()} | {
        "org_id": api.org,
        "address": test_feeds.made(api).path.removeprefix("/feeds/"),
    }
    lines = "\n".join(f'{name} = "{value}"' for name, value in known.items())
    config = CONFIG.format(not_always=json.dumps(NOT_ALWAYS), parameters=lines)
    (tmp_path / "schemathesis.toml").write_text(config, "utf-8")
    address = str(api.client.base_url).rstrip("/")

    done = subprocess.run(
        [
            *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
            *("run", f"{address}/api/v1/openapi.json", "--url", address, "--no-color"),
            *("--header", f"Authorization: Bearer {api.token}", "--seed", "1"),
            *("--max-examples", "10", "--phases", "examples,coverage,fuzzing"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )

    assert done.returncode == 0, done.stdout + done.stderr
