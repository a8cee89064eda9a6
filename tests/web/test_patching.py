"""An appointment is changed in one go: all that was sent, or nothing of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from clinic_desk.services import journal
from tests import builders
from tests.builders import TUESDAY
from tests.web.conftest import Api


@pytest.fixture
def path(api: Api) -> str:
    """A booked appointment."""
    return f"/appointments/{api.book().json()['uuid']}"


def test_every_field_of_a_visit_is_changed_by_one_request_in_one_deed(api, path):
    there = builders.a_location(api.clinic, name="Lakeside")
    room = builders.an_operatory(api.clinic, location_id=there)
    colleague = builders.a_provider(api.clinic, hours=None)
    builders.work_hours(
        api.clinic, colleague, location_id=there, weekday=1, starts_minute=480, ends_minute=1080
    )
    kind = builders.a_type(api.clinic, code="LNG", name="Long", minutes=60)
    wish = {
        "status": "confirmed",
        "notes": "Brings a friend",
        "scheduled_start": f"{TUESDAY}T14:00:00",
        "scheduled_end": f"{TUESDAY}T15:00:00",
        "provider_uuid": api.uuid("provider", colleague),
        "operatory_uuid": api.uuid("operatory", room),
        "location_uuid": api.uuid("location", there),
        "appointment_type_uuid": api.uuid("type", kind),
    }

    answer = api.ask("PATCH", path, json=wish, headers={"If-Match": '"1"'})

    assert answer.status_code == 200, answer.text
    told = answer.json()
    for name in ("status", "notes", "scheduled_start", "scheduled_end"):
        assert told[name] == wish[name]
    for name in ("provider", "operatory", "location", "appointment_type"):
        assert told[name]["uuid"] == wish[f"{name}_uuid"]
    number = api.clinic.store.rows("SELECT id FROM appointment")[0][0]
    history = journal.history(builders.an_actor(api.clinic), "appointment", number)
    assert [(d.action, d.actor_name) for d in history] == [
        ("appointment.revise", "Website"),
        ("appointment.book", "Website"),
    ]
    assert answer.headers["etag"] == f'"{told["version"]}"'


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"scheduled_start": f"{TUESDAY}T03:00:00"}, 409),
        ({"status": "scheduled", "provider_uuid": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"scheduled_end": f"{TUESDAY}T09:00:00"}, 422),
        ({"scheduled_start": "9999-12-31T23:50:00Z"}, 422),
        ({"uuid": "mine"}, 422),
        ({"created_at": "2020-01-01T00:00:00Z"}, 422),
        ({"patient_uuid": "00000000-0000-4000-8000-000000000000"}, 422),
        ({"version": 9}, 409),
    ],
)
def test_where_one_field_cannot_be_had_nothing_is_changed(api, path, wrong, status):
    before = api.get(path).json()

    answer = api.ask("PATCH", path, json={"notes": "x", "status": "confirmed"} | wrong)

    assert answer.status_code == status, answer.text
    assert api.get(path).json() == before


def test_nothing_at_all_is_no_change(api, path):
    assert api.ask("PATCH", path, json={}).status_code == 422
    assert api.ask("PATCH", path, json={"reason": "because"}).status_code == 422


def test_at_another_location_a_free_room_is_found(api, path):
    there = builders.a_location(api.clinic, name="Lakeside")
    room = builders.an_operatory(api.clinic, location_id=there)
    colleague = builders.a_provider(api.clinic, hours=None)
    builders.work_hours(
        api.clinic, colleague, location_id=there, weekday=1, starts_minute=480, ends_minute=1080
    )
    wish = {
        "location_uuid": api.uuid("location", there),
        "provider_uuid": api.uuid("provider", colleague),
    }
    key = {"Idempotency-Key": "1"}

    answer = api.ask("PATCH", path, json=wish, headers=key)
    builders.an_operatory(api.clinic, location_id=there, position=-1)
    again = api.ask("PATCH", path, json=wish, headers=key)

    assert answer.status_code == 200, answer.text
    assert answer.json()["operatory"]["uuid"] == api.uuid("operatory", room)
    assert again.json() == answer.json()


def test_whoever_moves_to_another_location_gets_a_room_there_as_long_as_there_is_one(api):
    there = builders.a_location(api.clinic, name="Lakeside")
    rooms = [builders.an_operatory(api.clinic, location_id=there) for _each in range(3)]
    paths, wishes = [], []
    for _each in range(4):
        who, whom = (builders.a_provider(api.clinic, hours=None) for _both in range(2))
        for provider, place in ((who, api.clinic.location_id), (whom, there)):
            hours = {"weekday": 1, "starts_minute": 480, "ends_minute": 1080}
            builders.work_hours(api.clinic, provider, location_id=place, **hours)
        booked = api.book(
            provider_uuid=api.uuid("provider", who),
            patient_uuid=api.uuid("patient", builders.a_patient(api.clinic)),
            operatory_uuid=api.uuid("operatory", builders.an_operatory(api.clinic)),
        )
        paths.append(f"/appointments/{booked.json()['uuid']}")
        wishes.append(
            {
                "location_uuid": api.uuid("location", there),
                "provider_uuid": api.uuid("provider", whom),
            }
        )

    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda at: api.ask("PATCH", paths[at], json=wishes[at]), range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409]
    moved = [answer.json() for answer in answers if answer.status_code == 200]
    assert {each["operatory"]["uuid"] for each in moved} == {
        api.uuid("operatory", room) for room in rooms
    }
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert [reason["kind"] for reason in refused["reasons"]] == ["operatory"]


def test_a_cancelled_visit_comes_back_at_another_time(api, path):
    """Its old time was given away: it must win the new one only."""
    assert api.ask("POST", f"{path}/cancel").status_code == 200
    other = builders.a_patient(api.clinic)
    assert api.book(patient_uuid=api.uuid("patient", other)).status_code == 201

    back = api.ask("PATCH", path, json={"status": "scheduled"})
    later = api.ask(
        "PATCH", path, json={"status": "scheduled", "scheduled_start": f"{TUESDAY}T16:00:00"}
    )

    assert back.status_code == 409
    assert (later.status_code, later.json()["scheduled_end"]) == (200, f"{TUESDAY}T16:30:00")


def test_a_visit_that_is_over_keeps_its_place(api, path):
    assert api.ask("PATCH", path, json={"status": "missed"}).status_code == 200

    moved = api.ask("PATCH", path, json={"scheduled_start": f"{TUESDAY}T16:00:00"})
    noted = api.ask("PATCH", path, json={"notes": "called"})

    assert (moved.status_code, noted.status_code) == (409, 200)


def test_without_a_room_a_visit_stays_at_its_location(api, path):
    answer = api.ask("PATCH", path, json={"operatory_uuid": None})

    assert answer.json()["operatory"] is None
    assert answer.json()["location"]["uuid"] == api.uuid("location")


def test_at_its_own_location_a_visit_keeps_its_room(api, path):
    before = api.get(path).json()
    builders.an_operatory(api.clinic, position=-1)

    answer = api.ask("PATCH", path, json={"location_uuid": api.uuid("location"), "notes": "x"})

    assert answer.json()["operatory"] == before["operatory"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_no_part_of_a_change_is_left_out_in_silence(api, path):
    before = api.get(path).json()
    names = ("status", "notes", "scheduled_start", "scheduled_end", "provider_uuid")

    for body, field in (
        ({"reason": "ill", "notes": "w"}, "reason"),
        ({}, "body"),
        *(({"notes": "w"} | {name: None}, name) for name in names),
        ({"location_uuid": None, "notes": "w"}, "location_uuid"),
        ({"appointment_type_uuid": None, "notes": "w"}, "appointment_type_uuid"),
        ({"reason": None, "notes": "w"}, "reason"),
    ):
        answer = api.ask("PATCH", path, json=body)
        assert answer.status_code == 422, body
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert api.get(path).json() == before


@pytest.mark.parametrize(
    ("tag", "version", "status"),
    [
        ('"1"', 1, 200),
        ('"1"', None, 200),
        ("*", None, 200),
        ("*", 1, 200),
        ('"7", "1"', None, 200),
        ('"abc", "1"', 1, 200),
        ('"1"', 2, 409),
        ('"2"', 1, 412),
        ("*", 2, 409),
        ('"2"', None, 412),
        ('"abc"', None, 412),
        ('W/"1"', None, 412),
        ('W/"1", "3"', None, 412),
        ("nonsense", None, 422),
    ],
)
def test_a_change_goes_by_all_that_is_said_of_the_version(api, path, tag, version, status):
    body = {"notes": "x"} | ({"version": version} if version else {})

    answer = api.ask("PATCH", path, json=body, headers={"If-Match": tag})
    cancelled = api.ask("POST", f"{path}/cancel", headers={"If-Match": '"9"'}, json={"version": 2})

    assert answer.status_code == status, answer.text
    now = 2 if status == 200 else 1
    assert (cancelled.status_code, cancelled.json()["version"]) == (412, now)
    assert answer.json().get("version") == (None if status == 422 else now)
    assert api.get(path).json()["notes"] == ("x" if status == 200 else api.wish()["notes"])


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_time_is_that_of_the_place_which_the_room_says(api, path):
    there = builders.a_location(api.clinic, name="Lakeside", time_zone="America/Chicago")
    room = builders.an_operatory(api.clinic, location_id=there)
    colleague = builders.a_provider(api.clinic, hours=None)
    builders.work_hours(
        api.clinic, colleague, location_id=there, weekday=1, starts_minute=480, ends_minute=1080
    )
    wish = {
        "operatory_uuid": api.uuid("operatory", room),
        "provider_uuid": api.uuid("provider", colleague),
        "scheduled_start": f"{TUESDAY}T10:00:00",
        "scheduled_end": f"{TUESDAY}T10:30:00",
    }

    answer = api.ask("PATCH", path, json=wish)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["scheduled_start"], told["time_zone"]) == (
        f"{TUESDAY}T10:00:00",
        "America/Chicago",
    )


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_repeated_change_with_a_list_of_tags_gets_its_first_answer(api, path):
    headers = {"If-Match": '"1"', "Idempotency-Key": "k"}
    first = api.ask("PATCH", path, json={"notes": "x", "version": 1}, headers=headers)
    api.ask("PATCH", path, json={"notes": "y"})

    again = api.ask("PATCH", path, json={"notes": "x", "version": 1}, headers=headers)

    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_an_appointment_that_is_known_is_not_sent_again(api, path):
    tag = api.get(path).headers["etag"]

    for known, status in (
        (tag, 304), (f"W/{tag}", 304), ("*", 304), (f'"0", {tag}', 304), ('"0"', 200)
    ):  # fmt: skip
        answer = api.ask("GET", path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.headers["etag"]) == (status, tag)
        assert bool(answer.content) == (status == 200)
    api.ask("PATCH", path, json={"notes": "new"})
    assert api.ask("GET", path, headers={"If-None-Match": tag}).status_code == 200
