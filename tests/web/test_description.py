"""What the API says of itself is true: requests that nobody thought of find nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests import builders

NOT_ALWAYS = r"(POST|PATCH) .*|GET .*/(appointments|availability|changes)$"
"""Calls that take times, cursors or keys: the 30th of February, a time that the clocks skip, an
end before its beginning, a cursor of nobody and a key that was used fit every description.
"""

CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "404", "409", "412"]

[[operations]]
include-name-regex = {not_always}
checks.positive_data_acceptance.enabled = false

[parameters]
{parameters}
"""
"""What fits the description is granted, or its record is not there, or not free, or newer."""


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
    for calls in told["paths"].values():
        assert all(
            {"401", "403", "409", "422"} <= call["responses"].keys() for call in calls.values()
        )


def test_what_a_path_allows_is_told(api):
    answer = api.ask("DELETE", "/patients")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.slow
def test_requests_that_nobody_thought_of_find_nothing(api, tmp_path):
    visit = builders.an_appointment(api.clinic, api.clinic.span(15))
    known = {
        "org_id": api.org,
        "appointment_uuid": api.uuid("appointment", visit),
        "appointment_type_uuid": api.uuid("type"),
        **{f"{kind}_uuid": api.uuid(kind) for kind in ("location", "provider", "patient")},
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
