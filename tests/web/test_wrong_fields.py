"""What is wrong with a request: every field of it, by the name that the API gives it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from clinic_desk.web import times
from tests import builders
from tests.builders import TUESDAY
from tests.web.conftest import YEAR, Api

NOBODY = str(uuid.uuid4())


def fields(answer) -> set[str]:
    return {each["field"] for each in answer.json()["errors"]}


def place(api: Api) -> dict[str, str]:
    return {"location_uuid": api.uuid("location"), "appointment_type_uuid": api.uuid("type")}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_free_times_are_told_for_a_year_and_refused_beyond(api, monkeypatch):
    monkeypatch.setattr(times, "AHEAD", YEAR)
    today = datetime.now(UTC).date()
    year = {"from": str(today), "to": str(today + timedelta(days=365))}

    assert api.get("/schedule/availability", **place(api), **year).status_code == 200
    for asked, field in (
        ({"from": "9999-12-30"}, "from"),
        ({"from": "9999-12-31T23:59:59Z"}, "from"),
        ({"from": "2036-03-01"}, "from"),
        ({"to": str(today + timedelta(days=369))}, "to"),
    ):
        answer = api.get("/schedule/availability", **place(api), **asked, reasons=True)
        assert (answer.status_code, fields(answer)) == (422, {field})
        assert "a year ahead" in answer.json()["detail"]
    both = {"from": "9999-12-20", "to": "9999-12-30"}
    answer = api.get("/schedule/availability", **place(api), **both, reasons=True)
    assert (answer.status_code, fields(answer)) == (422, {"from", "to"})


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_is_past_says_so_and_what_runs_backwards_is_refused(api):
    past = {"from": "2020-01-01", "to": "2020-01-02"}

    told = api.get("/schedule/availability", **place(api), **past, reasons=True).json()
    bare = api.get("/schedule/availability", **place(api), **past).json()
    answer = api.get(
        "/schedule/availability", **place(api), **{"from": str(TUESDAY), "to": "2031-05-19"}
    )

    assert (told["items"], told["reason"]["kind"]) == ([], "past")
    assert bare["reason"] is None
    assert (answer.status_code, fields(answer)) == (422, {"to"})


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_every_unknown_number_of_a_question_is_named(api):
    asked = {"location_uuid": NOBODY, "appointment_type_uuid": NOBODY, "provider_uuid": NOBODY}

    answer = api.get("/schedule/availability", **asked)

    assert (answer.status_code, fields(answer)) == (404, set(asked))
    assert "Refresh" not in answer.text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_every_field_of_a_patient_that_is_wrong_is_told_at_once(api):
    wrong = {
        "first_name": "\u0007",
        "last_name": "x" * 150,
        "date_of_birth": "2999-01-01",
        "primary_phone": "tomorrow",
        "email": "nobody",
        "preferred_provider_uuid": NOBODY,
    }

    answer = api.ask("POST", "/patients", json=wrong)
    one = api.ask("POST", "/patients", json={"last_name": "X", "primary_phone": "tomorrow"})

    assert (answer.status_code, fields(answer)) == (422, set(wrong))
    assert (one.status_code, fields(one)) == (422, {"primary_phone"})
    for name, value in wrong.items():
        status = 404 if name == "preferred_provider_uuid" else 422
        alone = api.ask("POST", "/patients", json={"last_name": "X"} | {name: value})
        assert (alone.status_code, fields(alone)) == (status, {name})


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_an_unknown_number_in_an_address_has_a_way_out_for_a_program(api):
    for path in (f"/patients/{NOBODY}", f"/appointments/{NOBODY}"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.json()["way_out"] == "Look its number up again."
    for path, field in (
        (f"/operatories?location_uuid={NOBODY}", "location_uuid"),
        (f"/providers?appointment_type_uuid={NOBODY}", "appointment_type_uuid"),
    ):
        assert fields(api.get(path)) == {field}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_every_field_of_a_booking_that_is_wrong_is_told_at_once(api):
    unknown = {
        f"{name}_uuid": NOBODY
        for name in ("patient", "appointment_type", "location", "provider", "operatory")
    }

    lost = api.book(**unknown)
    wrong = api.book(
        **unknown, scheduled_start="2031-02-30T10:00", scheduled_end="2031-13-01T10:00", notes="\a"
    )

    assert (lost.status_code, fields(lost)) == (404, set(unknown))
    assert {each["code"] for each in lost.json()["errors"]} == {"unknown"}
    assert lost.json()["way_out"] == "Take it from the list of these records as it stands now."
    assert wrong.status_code == 422
    assert fields(wrong) == {*unknown, "scheduled_start", "scheduled_end", "notes"}
    for name in unknown:
        alone = api.book(**{name: NOBODY})
        assert (alone.status_code, fields(alone)) == (404, {name})


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_fields_of_a_time_are_named_as_the_api_calls_them(api):
    times_of = {"scheduled_start", "scheduled_end"}
    room = api.uuid("operatory")
    path = f"/appointments/{api.book(operatory_uuid=room).json()['uuid']}"
    for start, end in (
        (f"{TUESDAY}T12:00:30", f"{TUESDAY}T13:00:00"),
        ("2231-05-20T12:00:00", "2231-05-20T13:00:00"),
        (f"{TUESDAY}T12:00:00", "2031-05-22T13:00:00"),
    ):
        wish = {"scheduled_start": start, "scheduled_end": end}
        for answer in (
            api.book(**wish),
            api.book(**wish, operatory_uuid=room),
            api.ask("PATCH", path, json=wish),
        ):
            assert (answer.status_code, fields(answer)) == (422, times_of)
    elsewhere = builders.an_operatory(
        api.clinic, location_id=builders.a_location(api.clinic, name="Lakeside")
    )
    answer = api.book("14:00", "14:30", operatory_uuid=api.uuid("operatory", elsewhere))
    assert (answer.status_code, fields(answer)) == (422, {"operatory_uuid"})


def test_a_part_of_the_address_is_no_question(api):
    answer = api.get("/locations", org_id=api.org)

    assert answer.status_code == 422
    assert [wrong["field"] for wrong in answer.json()["errors"]] == ["org_id"]
