"""The four calls of the scheduling document, and what is refused on the way."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from clinic_desk.services import journal
from clinic_desk.services.cards import Origin
from tests import builders
from tests.builders import TUESDAY


def test_a_visit_is_booked_in_four_calls(api):
    smith = builders.a_patient(api.clinic, first_name="Nora", last_name="Whitfield", phone="+1-415")

    found = api.get("/patients", query="nor whit", page=1, page_size=5).json()
    kinds = api.get("/appointment-types", is_active=True).json()
    free = api.get(
        "/schedule/availability",
        location_uuid=api.uuid("location"),
        appointment_type_uuid=kinds["items"][0]["uuid"],
        **{"from": f"{TUESDAY}T10:00:00", "to": f"{TUESDAY}T11:00:00"},
    ).json()
    start = free["items"][0]
    made = api.book(patient_uuid=found["items"][0]["uuid"], provider_uuid=start["provider_uuid"])

    assert (found["page"], found["page_size"], found["total"]) == (1, 5, 1)
    assert found["items"] == [
        {
            "uuid": api.uuid("patient", smith),
            "first_name": "Nora",
            "last_name": "Whitfield",
            "date_of_birth": None,
            "primary_phone": "+1-415",
            "email": None,
            "preferred_provider_uuid": None,
        }
    ]
    assert kinds == {
        "items": [
            {
                "uuid": api.uuid("type"),
                "code": "CHK",
                "name": "Check-up",
                "duration_minutes": 30,
                "color": "#0067db",
                "requires_exam": False,
                "is_active": True,
            }
        ],
        "total": 1,
    }
    assert [item["scheduled_start"][11:16] for item in free["items"]] == ["10:00", "10:15", "10:30"]
    assert made.status_code == 201, made.text
    visit = made.json()
    assert visit["status"] == "scheduled"
    assert visit["patient"] == {
        "uuid": api.uuid("patient", smith), "first_name": "Nora", "last_name": "Whitfield"
    }  # fmt: skip
    assert visit["appointment_type"] == {
        "uuid": api.uuid("type"), "name": "Check-up", "duration_minutes": 30, "color": "#0067db"
    }  # fmt: skip
    assert visit["location"] == {"uuid": api.uuid("location"), "name": "Main Street"}
    assert visit["provider"].keys() == {"uuid", "first_name", "last_name", "title"}
    assert visit["operatory"]["uuid"] == api.uuid("operatory")
    assert visit["scheduled_start"] == f"{TUESDAY}T10:00:00"
    assert visit["scheduled_end"] == f"{TUESDAY}T10:30:00"
    assert visit["starts_at"] == f"{TUESDAY}T10:00:00+02:00"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", visit["created_at"])
    assert (visit["notes"], visit["version"]) == ("New patient — first visit", 1)
    assert (
        api.client.get(
            made.headers["location"], headers={"Authorization": f"Bearer {api.token}"}
        ).json()
        == visit
    )


def test_a_booking_stands_in_the_history_with_its_program(api):
    number = api.book().json()["uuid"]
    actor = builders.an_actor(api.clinic)
    rows = api.clinic.store.rows("SELECT id FROM appointment WHERE uuid = ?", (number,))

    (deed,) = journal.history(actor, "appointment", rows[0][0])

    assert (deed.actor_name, deed.origin) == ("Website", Origin.API)


def test_a_taken_time_is_a_conflict_with_every_reason_and_nobodys_name(api):
    other = builders.a_patient(api.clinic, first_name="Secret", last_name="Somebody")
    assert api.book(patient_uuid=api.uuid("patient", other)).status_code == 201

    clash = api.book("10:15", "10:45", operatory_uuid=api.uuid("operatory"))

    assert clash.status_code == 409
    assert clash.headers["content-type"] == "application/problem+json"
    told = clash.json()
    assert [reason["kind"] for reason in told["reasons"]] == ["provider", "operatory"]
    assert told["reasons"][0]["starts_at"] == f"{TUESDAY}T08:00:00Z"
    assert told["reasons"][0]["ends_at"] == f"{TUESDAY}T08:30:00Z"
    assert "Secret" not in clash.text
    assert "Somebody" not in clash.text


def test_a_free_room_is_found_and_none_that_is_taken(api):
    second = builders.an_operatory(api.clinic)
    colleague = builders.a_provider(api.clinic)
    somebody = builders.a_patient(api.clinic)

    one = api.book().json()
    two = api.book(
        provider_uuid=api.uuid("provider", colleague), patient_uuid=api.uuid("patient", somebody)
    ).json()

    assert {one["operatory"]["uuid"], two["operatory"]["uuid"]} == {
        api.uuid("operatory"),
        api.uuid("operatory", second),
    }


def test_the_same_key_books_once_and_gives_the_first_answer(api):
    builders.an_operatory(api.clinic)
    key = {"Idempotency-Key": "order 4711"}

    first = api.book(headers=key)
    again = api.book(headers=key)
    other = api.book("12:00", "12:30", headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert other.status_code == 422
    assert other.json()["type"].endswith("key-reused")
    assert api.get("/appointments").json()["total"] == 1


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2031-03-30T02:30:00", "2031-03-30T03:30:00", "does not exist"),
        ("2031-10-26T02:30:00", "2031-10-26T03:30:00", "comes twice"),
        ("2031-05-20T11:00:00", "2031-05-20T10:00:00", "ends after it starts"),
        ("2031-05-32T11:00:00", "2031-05-20T10:00:00", "not a time"),
        ("2031-05-20T10:00:00-05:75", "2031-05-20T20:00:00Z", "Write a time as"),
        ("2031-05-20T10:00:00Z", "2031-05-20T20:00:00+09:99", "Write a time as"),
        ("tomorrow", "2031-05-20T10:00:00", "Write a time as"),
    ],
)
def test_a_time_that_makes_no_sense_is_told_to_be_so(api, start, end, words):
    answer = api.book(scheduled_start=start, scheduled_end=end)

    assert answer.status_code == 422
    assert words in answer.text
    assert answer.json()["errors"][0]["field"] in {"scheduled_start", "scheduled_end"}


def test_an_offset_says_which_of_two_times_is_meant(api):
    answer = api.book(
        scheduled_start="2031-05-20T12:00:00+04:00", scheduled_end="2031-05-20T08:30:00Z"
    )

    assert answer.json()["scheduled_start"] == "2031-05-20T10:00:00"


def test_a_field_that_nobody_knows_is_refused(api):
    answer = api.book(status="completed")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "status"


def test_a_visit_goes_through_its_life(api):
    path = f"/appointments/{api.book().json()['uuid']}"

    for status in ("confirmed", "arrived", "completed"):
        answer = api.ask("PATCH", path, json={"status": status})
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    late = api.ask("PATCH", path, json={"status": "missed"})

    assert late.status_code == 409


def test_a_visit_is_moved_noted_and_cancelled_by_its_version(api):
    made = api.book()
    path, tag = f"/appointments/{made.json()['uuid']}", made.headers["etag"]

    moved = api.ask(
        "PATCH", path, headers={"If-Match": tag},
        json={"scheduled_start": f"{TUESDAY}T14:00:00", "notes": "later"},
    )  # fmt: skip
    stale = api.ask("PATCH", path, json={"notes": "mine"}, headers={"If-Match": tag})
    older = api.ask("PATCH", path, json={"notes": "mine", "version": 1})
    gone = api.ask("POST", f"{path}/cancel", json={"reason": "ill", "version": 2})

    assert moved.status_code == 200, moved.text
    assert moved.json()["scheduled_end"] == f"{TUESDAY}T14:30:00"
    assert (stale.status_code, older.status_code) == (412, 409)
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")
    assert api.book("14:00", "14:30").status_code == 201


def test_appointments_are_listed_page_by_page(api):
    for hour in (9, 10, 11):
        api.book(f"{hour:02d}:00", f"{hour:02d}:30")

    page = api.get("/appointments", page=2, page_size=2, **{"from": f"{TUESDAY}T00:00:00"}).json()
    none = api.get("/appointments", status="cancelled").json()

    assert (page["total"], len(page["items"]), none["total"]) == (3, 1, 0)
    assert page["items"][0]["scheduled_start"] == f"{TUESDAY}T11:00:00"
    assert api.get("/appointments", page_size=1000).status_code == 422


def test_what_does_not_exist_is_not_found(api):
    for path in (f"/appointments/{uuid.uuid4()}", f"/patients/{uuid.uuid4()}", "/nothing"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_same_key_on_many_lines_at_once_books_once(api):
    for _ in range(4):
        builders.an_operatory(api.clinic)
    key = {"Idempotency-Key": "impatient"}

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: api.book(headers=key), range(16)))

    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["uuid"] for a in answers}) == 1
    assert api.get("/appointments").json()["total"] == 1


def test_a_day_without_free_time_says_why_when_asked(api):
    api.book("10:00", "11:00")
    place = {
        "location_uuid": api.uuid("location"),
        "appointment_type_uuid": api.uuid("type"),
        "provider_uuid": api.uuid("provider"),
        "from": f"{TUESDAY}T10:00:00",
        "to": f"{TUESDAY}T11:00:00",
    }

    bare = api.get("/schedule/availability", **place).json()
    told = api.get("/schedule/availability", **place, reasons=True).json()

    assert (bare["items"], bare["reason"]) == ([], None)
    assert told["reason"]["kind"] == "full"
    assert told["reason"]["way_out"]


def test_what_is_offered_can_be_booked(api):
    builders.an_event(api.clinic)
    place = {"location_uuid": api.uuid("location"), "appointment_type_uuid": api.uuid("type")}
    day = {"from": f"{TUESDAY}T00:00:00", "to": f"{TUESDAY}T23:59:00"}

    booked = 0
    while items := api.get("/schedule/availability", **place, **day, limit=1).json()["items"]:
        first = items[0]
        wish = {k: v for k, v in first.items() if k.startswith("scheduled") or k.endswith("uuid")}
        answer = api.book(**wish)
        assert answer.status_code == 201, answer.text
        booked += 1

    assert booked == 19
    assert api.get("/schedule/availability", **place, **day).json()["complete"]


def test_a_day_as_the_edge_of_a_period_counts_whole(api):
    api.book("17:30", "18:00")
    day = {"from": f"{TUESDAY}", "to": f"{TUESDAY}"}
    place = {"location_uuid": api.uuid("location"), "appointment_type_uuid": api.uuid("type")}

    free = api.get("/schedule/availability", **place, **day).json()["items"]

    assert api.get("/appointments", **day).json()["total"] == 1
    assert (free[0]["scheduled_start"][11:], free[-1]["scheduled_end"][11:]) == (
        "08:00:00",
        "17:30:00",
    )
    assert api.get("/appointments", **{"from": "2031-02-30"}).status_code == 422


def test_a_time_as_browsers_write_it_is_understood(api):
    answer = api.book(
        scheduled_start="2031-05-20T08:00:00.000Z", scheduled_end="2031-05-20T08:30:00.000Z"
    )

    assert answer.json()["scheduled_start"] == "2031-05-20T10:00:00"
