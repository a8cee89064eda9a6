"""A fault of ours: whoever asks is told no more than that, in their language and in their form."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_desk.web import lists
from clinic_desk.web.fhir import resources
from tests.web.conftest import Api

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

GERMAN = {"Accept-Language": "de"}


def stumbles(*_all: Any, **_more: Any) -> Any:
    raise RuntimeError("Jane Smith is in the way")


def test_a_bug_is_told_as_every_refusal_is_and_the_line_is_kept(api: Api, monkeypatch, caplog):
    monkeypatch.setattr(lists, "_answer", stumbles)
    monkeypatch.setattr(resources, "appointment", stumbles)
    api.book()

    plain = api.ask("GET", "/locations", headers=GERMAN)
    fhir = api.ask("GET", "/Appointment", face="/fhir/r4", headers=GERMAN)

    assert (plain.status_code, plain.json()["code"]) == (500, "bug")
    assert plain.headers["content-type"] == "application/problem+json"
    assert plain.headers["content-language"] == "de"
    assert (fhir.status_code, fhir.json()["resourceType"]) == (500, "OperationOutcome")
    assert fhir.headers["content-type"].startswith("application/fhir+json")
    assert "Jane" not in plain.text + fhir.text
    assert caplog.text.count("Jane Smith is in the way") == 2
    assert "GET /locations could not be answered" in caplog.text
    assert api.org not in caplog.text
    lines = {answer.extensions["network_stream"] for answer in (plain, fhir)}
    assert len(lines) == 1
    assert api.get("/appointments").status_code == 200
