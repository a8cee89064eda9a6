"""FHIR: what hospitals' programs read, held against the models of the standard."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fhir.resources.R4B.appointment import Appointment
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.location import Location
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.practitioner import Practitioner
from fhir.resources.R4B.schedule import Schedule
from fhir.resources.R4B.slot import Slot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.rules import clinic_time
from clinic_desk.rules.lifecycle import Status
from clinic_desk.web import times
from clinic_desk.web.app import make_app
from clinic_desk.web.fhir import capability, resources, search
from clinic_desk.web.limits import MOST_BYTES
from tests import builders
from tests.builders import TUESDAY
from tests.web.conftest import YEAR, Api

MODELS: dict[str, Any] = {
    "Appointment": Appointment,
    "Bundle": Bundle,
    "CapabilityStatement": CapabilityStatement,
    "Location": Location,
    "OperationOutcome": OperationOutcome,
    "Patient": Patient,
    "Practitioner": Practitioner,
    "Schedule": Schedule,
    "Slot": Slot,
}
DAY = [("date", f"ge{TUESDAY}"), ("date", f"le{TUESDAY}")]
MORNING = [("start", f"ge{TUESDAY}T10:00:00"), ("start", f"lt{TUESDAY}T11:00:00")]


def ask(api: Api, path: str, params: Any = None, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {api.token}"} | headers
    return api.client.get(f"/fhir/r4/{api.org}{path}", params=params, headers=given)


def checked(answer: httpx.Response) -> dict[str, Any]:
    """An answer that the standard's own model takes, and in which nothing gets lost."""
    assert answer.headers["content-type"] == "application/fhir+json"
    told: dict[str, Any] = answer.json()
    model = MODELS[told["resourceType"]].model_validate(told)
    assert model.model_dump(mode="json").keys() == told.keys()
    return told


def found(api: Api, path: str, params: Any = None) -> list[dict[str, Any]]:
    answer = ask(api, path, params)
    assert answer.status_code == 200, answer.text
    return [each["resource"] for each in checked(answer).get("entry", [])]


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The sentence of a refusal."""
    assert answer.status_code == status, answer.text
    told = checked(answer)
    assert told["resourceType"] == "OperationOutcome"
    assert [issue["code"] for issue in told["issue"]] == [code]
    return str(told["issue"][0]["diagnostics"])


def schedule_of(api: Api) -> str:
    (one,) = found(api, "/Schedule", {"actor": f"Practitioner/{api.uuid('provider')}"})
    return str(one["id"])


def test_the_server_tells_what_it_can_do_before_anybody_signs_in(api):
    answer = api.client.get(f"/fhir/r4/{api.org}/metadata")

    told = checked(answer)

    assert answer.status_code == 200
    assert told["fhirVersion"] == "4.3.0"
    kinds = {each["type"] for each in told["rest"][0]["resource"]}
    assert {"Appointment", "Schedule", "Slot"} <= kinds
    for each in told["rest"][0]["resource"]:
        modes = [mode["valueCode"] for mode in each.get("extension", ())]
        assert modes == (["GET"] if "searchParam" in each else [])


def test_an_appointment_is_read_with_all_who_take_part(api):
    made = api.book(operatory_uuid=api.uuid("operatory")).json()

    answer = ask(api, f"/Appointment/{made['uuid']}")
    told = checked(answer)

    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"1"')
    assert (told["id"], told["status"]) == (made["uuid"], "booked")
    assert (told["start"], told["end"]) == (
        f"{TUESDAY}T10:00:00+02:00",
        f"{TUESDAY}T10:30:00+02:00",
    )
    assert told["minutesDuration"] == 30
    assert told["serviceType"][0]["coding"][0]["code"] == "CHK"
    assert [(each["actor"]["reference"], each["status"]) for each in told["participant"]] == [
        (f"Patient/{api.uuid('patient')}", "needs-action"),
        (f"Practitioner/{api.uuid('provider')}", "accepted"),
        (f"Location/{api.uuid('location')}", "accepted"),
        (f"Location/{api.uuid('operatory')}", "accepted"),
    ]
    assert told["participant"][0]["actor"]["display"] == f"Jane Smith{api.clinic.patient_id}"
    again = ask(api, f"/Appointment/{made['uuid']}", **{"If-None-Match": 'W/"1"'})
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_takes_part_can_be_read_by_the_reference(api):
    made = api.book(operatory_uuid=api.uuid("operatory")).json()
    told = checked(ask(api, f"/Appointment/{made['uuid']}"))

    for each in told["participant"]:
        reference = each["actor"]["reference"]
        whole = checked(ask(api, f"/{reference}"))
        assert f"{whole['resourceType']}/{whole['id']}" == reference


WORDS = {
    "requested": ("pending", "accepted"),
    "scheduled": ("booked", "needs-action"),
    "confirmed": ("booked", "accepted"),
    "arrived": ("arrived", "accepted"),
    "completed": ("fulfilled", "accepted"),
    "cancelled": ("cancelled", "declined"),
    "missed": ("noshow", "accepted"),
    "declined": ("cancelled", "accepted"),
}
"""Each status of ours in FHIR's words: the appointment's, and the patient's own."""


def test_every_status_has_its_word_and_is_found_by_it(api):
    visits = {
        api.uuid(
            "appointment",
            builders.an_appointment(
                api.clinic,
                api.clinic.span(8 + hour),
                status=status,
                patient_id=builders.a_patient(api.clinic),
            ),
        ): status
        for hour, status in enumerate(WORDS)
    }

    for told in found(api, "/Appointment"):
        assert (told["status"], told["participant"][0]["status"]) == WORDS[visits[told["id"]]]
    for code in resources.CODES:
        named = {visits[each["id"]] for each in found(api, "/Appointment", {"status": code})}
        assert named == {status for status, words in WORDS.items() if words[0] == code}


def test_no_status_is_left_without_a_word():
    assert set(resources.STATUS) == set(Status)


def test_appointments_are_searched_by_day_and_by_who_takes_part(api):
    other = builders.a_provider(api.clinic)
    patient = builders.a_patient(api.clinic)
    mine = builders.an_appointment(
        api.clinic, api.clinic.span(9), operatory_id=api.clinic.operatory_id
    )
    theirs = builders.an_appointment(
        api.clinic, api.clinic.span(9), provider_id=other, patient_id=patient
    )
    late = builders.an_appointment(api.clinic, api.clinic.span(9, day=date(2031, 5, 21)))
    numbers = {api.uuid("appointment", n): n for n in (mine, theirs, late)}

    def numbered(*params: tuple[str, str]) -> set[int]:
        return {numbers[each["id"]] for each in found(api, "/Appointment", list(params))}

    provider, place = f"Practitioner/{api.uuid('provider')}", f"Location/{api.uuid('location')}"
    assert numbered(*DAY) == {mine, theirs}
    assert numbered(("date", str(TUESDAY))) == {mine, theirs}
    assert numbered(("date", "2031-05")) == numbered(("date", "2031")) == {mine, theirs, late}
    assert numbered(("date", f"gt{TUESDAY}")) == {late}
    assert numbered(("date", f"lt{TUESDAY}T07:00:00Z")) == set()
    assert numbered(("date", f"le{TUESDAY}T07:00:00Z")) == {mine, theirs}
    assert numbered(("date", f"{TUESDAY}T09:00")) == {mine, theirs}
    assert numbered(("practitioner", provider)) == numbered(("actor", provider)) == {mine, late}
    assert numbered(("patient", api.uuid("patient", patient))) == {theirs}
    assert numbered(("patient", str(uuid.uuid4()))) == set()
    assert numbered(("location", place), *DAY) == {mine, theirs}
    assert numbered(("location", f"Location/{api.uuid('operatory')}")) == {mine}
    assert numbered(("actor", api.uuid("operatory"))) == {mine}
    assert numbered(("actor", place), ("practitioner", provider)) == {mine, late}
    assert numbered(("_id", ",".join(list(numbers)[:2]))) == {mine, theirs}


def test_pages_follow_each_other_whatever_is_booked_meanwhile(api):
    for quarter in range(5):
        builders.an_appointment(
            api.clinic, api.clinic.span(9 + quarter), patient_id=builders.a_patient(api.clinic)
        )
    first = checked(ask(api, "/Appointment", [*DAY, ("_count", "2")]))
    builders.an_appointment(
        api.clinic, api.clinic.span(8), patient_id=builders.a_patient(api.clinic)
    )

    pages, told = [first], first
    while more := [link["url"] for link in told["link"] if link["relation"] == "next"]:
        told = checked(api.client.get(more[0], headers={"Authorization": f"Bearer {api.token}"}))
        pages.append(told)

    starts = [each["resource"]["start"][11:13] for page in pages for each in page["entry"]]
    assert starts == ["09", "10", "11", "12", "13"]
    assert first["total"] == 5
    assert first["entry"][0]["fullUrl"].endswith(
        f"/fhir/r4/{api.org}/Appointment/{first['entry'][0]['resource']['id']}"
    )


def test_a_schedule_is_one_provider_at_one_location(api):
    second = builders.a_location(api.clinic, name="Harbour")
    builders.work_hours(api.clinic, api.clinic.provider_id, location_id=second)
    idle = builders.a_provider(api.clinic, active=False)

    both = found(api, "/Schedule", {"actor": api.uuid("provider")})
    (one,) = found(api, "/Schedule", {"actor": f"Location/{api.uuid('location', second)}"})

    assert len(both) == 2
    assert [actor["reference"] for actor in one["actor"]] == [
        f"Practitioner/{api.uuid('provider')}",
        f"Location/{api.uuid('location', second)}",
    ]
    assert checked(ask(api, f"/Schedule/{one['id']}")) == one
    assert len(found(api, "/Schedule", {"active": "true"})) == 2
    (gone,) = found(api, "/Schedule", {"active": "false"})
    assert gone["actor"][0]["reference"] == f"Practitioner/{api.uuid('provider', idle)}"


def test_what_is_free_is_what_the_rest_of_the_api_offers(api):
    builders.an_appointment(api.clinic, api.clinic.span(10, 30))
    name = schedule_of(api)
    asked = {"schedule": f"Schedule/{name}", "service-type": f"{resources.TYPES}|CHK"}

    slots = found(api, "/Slot", [*asked.items(), *MORNING, ("status", "free")])
    offered = api.get(
        "/schedule/availability",
        location_uuid=api.uuid("location"),
        appointment_type_uuid=api.uuid("type"),
        **{"from": f"{TUESDAY}T10:00:00", "to": f"{TUESDAY}T11:29:00"},
    ).json()["items"]

    assert [slot["start"] for slot in slots] == [f"{TUESDAY}T10:00:00+02:00"]
    assert [slot["start"] for slot in slots] == [each["starts_at"] for each in offered]
    assert slots[0]["end"] == offered[0]["ends_at"]
    assert slots[0]["schedule"]["reference"] == f"Schedule/{name}"


def test_a_slot_is_asked_after_by_its_id_also_when_it_is_taken(api):
    asked = {"schedule": schedule_of(api), "service-type": "CHK"}
    (slot, *_rest) = found(api, "/Slot", [*asked.items(), *MORNING])
    free = checked(ask(api, f"/Slot/{slot['id']}"))

    booked = api.book("10:00", "10:30", notes="Not for others").json()
    answer = ask(api, f"/Slot/{slot['id']}")

    assert free == slot
    assert checked(answer)["status"] == "busy"
    assert booked["patient"]["last_name"] not in answer.text
    assert len(slot["id"]) <= 64


def test_without_a_type_slots_are_as_long_as_the_clinics_step(api):
    slots = found(api, "/Slot", [("schedule", schedule_of(api)), *MORNING])

    assert [slot["start"][11:16] for slot in slots] == ["10:00", "10:15", "10:30", "10:45"]
    assert slots[0]["end"] == slots[1]["start"]
    assert "serviceType" not in slots[0]


def test_pages_of_slots_join_to_the_whole_over_several_schedules(api):
    second = builders.a_provider(api.clinic)
    names = ",".join(each["id"] for each in found(api, "/Schedule"))
    asked = [("schedule", names), ("service-type", "CHK"), *MORNING]

    whole = found(api, "/Slot", asked)
    told = checked(ask(api, "/Slot", [*asked, ("_count", "3")]))
    pages = [each["resource"] for each in told["entry"]]
    while more := [link["url"] for link in told["link"] if link["relation"] == "next"]:
        assert "total" not in told
        told = checked(api.client.get(more[0], headers={"Authorization": f"Bearer {api.token}"}))
        pages += [each["resource"] for each in told["entry"]]

    assert pages == whole
    assert len(whole) == 8
    assert second


def test_a_slot_that_cannot_be_is_not_found(api):
    (slot, *_rest) = found(api, "/Slot", [("schedule", schedule_of(api)), *MORNING])
    place, kind, start, length = slot["id"].split("-")

    for name in (
        f"{place}-{kind}-{int(start, 16) + 7:x}-{length}",  # off the steps
        f"{place}-{kind}-{int(start, 16) + 12 * 60:x}-{length}",  # at night
        f"{place}-{kind}-{start}-1e",
        f"{place}-{'f' * 16}-{start}-{length}",
        f"{'0' * 32}-{kind}-{start}-{length}",
        f"{place}-{kind}-ffffffff-{length}",  # too far
        "anything",
    ):
        refused(ask(api, f"/Slot/{name}"), 404, "not-found")
    past = f"{place}-{kind}-{int(start, 16) - 7 * 24 * 60 * 800:x}-{length}"
    assert checked(ask(api, f"/Slot/{past}"))["status"] == "busy-unavailable"


SENSELESS: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    ("/Appointment", [("praktitioner", "x")]),
    ("/Appointment", [("patient", "Jane")]),
    ("/Appointment", [("patient", f"Practitioner/{uuid.uuid4()}")]),
    ("/Appointment", [("status", "scheduled")]),
    ("/Appointment", [("date", "tomorrow")]),
    ("/Appointment", [("date", "ne2031-05-20")]),
    ("/Appointment", [("date", "2031-02-30")]),
    ("/Appointment", [("date", "2031-03-30T02:30:00")]),
    ("/Appointment", [("date", "9999")]),
    ("/Appointment", [("date", "0001-01-01T00:00:00+14:00")]),
    ("/Appointment", [("_count", "-1")]),
    ("/Appointment", [("_count", "0")]),
    ("/Appointment", [("_page", "1")]),
    ("/Appointment", [("_sort", "patient")]),
    ("/Appointment", [("status", "booked"), ("status", "arrived")]),
    ("/Appointment", [("status", "")]),
    ("/Schedule", [("actor", ",")]),
    ("/Schedule", [("active", "")]),
    ("/Schedule", [("active", "perhaps")]),
    ("/Schedule", [("date", "2031")]),
    ("/Slot", []),
    ("/Slot", [("schedule", str(uuid.uuid4())), ("status", "busy")]),
    ("/Slot", [("schedule", str(uuid.uuid4())), ("service-type", "NONE")]),
    ("/Slot", [("schedule", str(uuid.uuid4())), ("start", "lt2040")]),
    ("/Slot", [("schedule", str(uuid.uuid4())), ("start", "ge9999-12-30")]),
    ("/Slot", [("schedule", str(uuid.uuid4())), ("start", "lt9999-12-30")]),
    ("/Slot", [("schedule", str(uuid.uuid4())), ("start", "ge2031-05-20T10:00:00+09:99")]),
)


def test_a_search_that_makes_no_sense_is_refused_in_fhirs_own_words(api):
    for path, params in SENSELESS:
        assert refused(ask(api, path, params), 400, "invalid"), (path, params)


def test_free_slots_are_told_for_a_year(api, monkeypatch):
    monkeypatch.setattr(times, "AHEAD", YEAR)
    today = datetime.now(UTC).date()

    for days, status in ((365, 200), (369, 400), (3650, 400)):
        asked = {"schedule": schedule_of(api), "start": f"ge{today + timedelta(days=days)}"}
        assert ask(api, "/Slot", asked).status_code == status


def test_a_page_is_bounded_whatever_is_asked_for(api):
    asked = [("schedule", schedule_of(api)), ("start", f"ge{TUESDAY}"), ("start", "lt2031-05-27")]

    told = checked(ask(api, "/Slot", [*asked, ("_count", "100000")]))

    assert len(told["entry"]) == 100
    assert [link["relation"] for link in told["link"]] == ["self", "next"]


def test_only_json_is_spoken(api):
    refused(ask(api, "/Appointment", {"_format": "xml"}), 406, "not-supported")
    refused(ask(api, "/Appointment", Accept="application/fhir+xml"), 406, "not-supported")
    assert ask(api, "/Appointment", {"_format": "application/fhir+json"}).status_code == 200
    assert ask(api, "/Appointment", Accept="application/fhir+json").status_code == 200


def test_whatever_goes_wrong_is_told_as_an_outcome(api):
    nobody = api.client.get(f"/fhir/r4/{api.org}/Appointment")
    refused(nobody, 401, "login")
    assert nobody.headers["www-authenticate"] == "Bearer"
    refused(ask(api, f"/Appointment/{uuid.uuid4()}"), 404, "not-found")
    refused(ask(api, "/Appointment/17"), 404, "not-found")
    refused(ask(api, "/Observation"), 404, "not-found")
    refused(
        api.client.post(
            f"/fhir/r4/{api.org}/Appointment", headers={"Authorization": f"Bearer {api.token}"}
        ),
        405,
        "not-supported",
    )


def test_who_asks_too_often_or_sends_too_much_is_refused_in_fhirs_words_too(store):
    clinic = builders.a_clinic(store)
    org = store.rows("SELECT uuid FROM organisation WHERE id = ?", (clinic.organisation_id,))[0][0]
    app = make_app(store, rate=2)

    async def asked(method: str, **more: Any) -> httpx.Response:
        way = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=way, base_url="http://test") as client:
            return await client.request(method, f"/fhir/r4/{org}/metadata", **more)

    large = asyncio.run(asked("POST", content=b"x" * (MOST_BYTES + 1)))
    first = asyncio.run(asked("GET"))
    often = asyncio.run(asked("GET"))

    refused(large, 413, "too-long")
    assert first.status_code == 200
    refused(often, 429, "throttled")
    assert int(often.headers["retry-after"]) > 0


ALWAYS = ("_count", "_page", "_sort", "_format")
ASKED = [
    (path, name)
    for path, known in (
        ("/Appointment", capability.APPOINTMENTS),
        ("/Schedule", capability.SCHEDULES),
        ("/Slot", capability.SLOTS),
    )
    for name in (*known, *ALWAYS)
]
VALUES = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"\A(g|l|e|n)[etq]\d{1,5}(-\d\d){0,2}(T\d\d:\d\d(:\d\d)?Z?)?\Z"),
    st.dates().map(lambda day: f"ge{day}"),
    st.from_regex(r"\A\d{1,12}(\.[0-9a-f-]{0,36})?\Z"),
    st.sampled_from(["free", "booked", "CHK", "true", "json"]),
    st.uuids().map(lambda one: f"Patient/{one}"),
    st.uuids().map(str),
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=st.sampled_from(ASKED), value=VALUES, read=st.text(max_size=60))
def test_whatever_is_asked_the_server_answers_and_never_stumbles(api, asked, value, read):
    path, name = asked
    needed = [("schedule", schedule_of(api))] if path == "/Slot" and name != "schedule" else []

    answers = [
        ask(api, path, [*needed, (name, value)]),
        ask(api, f"{path}/{quote(read or value, safe='')}"),
    ]

    for answer in answers:
        assert answer.status_code in {200, 400, 404, 406}, answer.text
        checked(answer)


@settings(max_examples=200, deadline=None)
@given(at=st.dates(date(1000, 1, 1), date(9000, 1, 1)), length=st.sampled_from([4, 7, 10]))
def test_a_date_means_all_its_instants_and_no_other(at, length):
    zone = clinic_time.zone("Europe/Vienna")
    text = at.isoformat()[:length]
    _, (begin, end) = search.edges_of("date", text, zone)

    assert begin < end
    assert search.edges_of("date", f"ge{text}", zone) == ("ge", (begin, end))
    for inside in (begin, end - timedelta(seconds=1)):
        assert inside.astimezone(zone).isoformat()[:length] == text
    for outside in (begin - timedelta(seconds=1), end):
        assert outside.astimezone(zone).isoformat()[:length] != text


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("appointments:read", {"Appointment", "Schedule", "Slot"}),
        ("availability:read", {"Schedule", "Slot"}),
        ("catalogue:read", {"Practitioner", "Location"}),
        ("patients:read", {"Patient"}),
    ],
)
def test_a_scope_opens_these_resources_and_no_other(make_api, scope, opened):
    api = make_api(scope)
    everything = make_api(clinic=api.clinic)
    visit = builders.an_appointment(api.clinic, api.clinic.span(15))
    name = schedule_of(everything)
    paths = {
        "Appointment": f"/Appointment/{api.uuid('appointment', visit)}",
        "Schedule": f"/Schedule/{name}",
        "Slot": f"/Slot?schedule={name}",
        **{
            each: f"/{each}/{api.uuid(kind)}"
            for each, kind in (
                ("Practitioner", "provider"),
                ("Location", "location"),
                ("Patient", "patient"),
            )
        },
    }

    for kind, path in paths.items():
        answer = ask(api, path)
        if kind in opened:
            assert answer.status_code == 200, answer.text
        else:
            refused(answer, 403, "forbidden")


def test_nothing_of_another_organisation_is_reached(make_api):
    ours, theirs = make_api(), make_api()
    visit = builders.an_appointment(theirs.clinic)
    name = schedule_of(theirs)
    (slot, *_rest) = found(theirs, "/Slot", [("schedule", name), *MORNING])

    for path in (
        f"/Appointment/{theirs.uuid('appointment', visit)}",
        f"/Schedule/{name}",
        f"/Slot/{slot['id']}",
        f"/Patient/{theirs.uuid('patient')}",
        f"/Practitioner/{theirs.uuid('provider')}",
        f"/Location/{theirs.uuid('location')}",
    ):
        refused(ask(ours, path), 404, "not-found")
    assert found(ours, "/Appointment") == []
    assert found(ours, "/Appointment", {"patient": theirs.uuid("patient")}) == []
    assert found(ours, "/Slot", [("schedule", name), *MORNING]) == []
    foreign = ours.client.get(
        f"/fhir/r4/{theirs.org}/Appointment", headers={"Authorization": f"Bearer {ours.token}"}
    )
    refused(foreign, 404, "not-found")
