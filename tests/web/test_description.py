"""What the API says of itself is true: requests that nobody thought of find nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import builders

NOT_ASKED = "positive_data_acceptance"
"""Times of the past, of closed days, and ids of nobody fit the description and are refused."""


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
    lines = ["[parameters]", *(f'{name} = "{value}"' for name, value in known.items())]
    (tmp_path / "schemathesis.toml").write_text("\n".join(lines), "utf-8")
    address = str(api.client.base_url).rstrip("/")

    done = subprocess.run(
        [
            *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
            *("run", f"{address}/api/v1/openapi.json", "--url", address, "--no-color"),
            *("--header", f"Authorization: Bearer {api.token}", "--seed", "1"),
            *("--max-examples", "10", "--phases", "examples,coverage,fuzzing"),
            *("--exclude-checks", NOT_ASKED),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )

    assert done.returncode == 0, done.stdout + done.stderr
