"""Other programs follow what changes: in order, without a gap, and no more than they may know."""

from __future__ import annotations

import base64
import threading
import uuid

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import changes, diary, journal, patients
from clinic_desk.services.changes import Follower, Position
from tests import builders
from tests.services.counting import statements


def told(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(item["kind"], item["uuid"]) for item in answer.json()["items"]]


def test_a_program_follows_a_visit_from_its_cursor_on(api):
    builders.an_appointment(api.clinic, api.clinic.span(15))
    first = api.get("/changes").json()
    assert first == {"items": [], "next_cursor": first["next_cursor"], "has_more": False}

    visit = api.book().json()
    place = f"/appointments/{visit['uuid']}"
    assert api.ask("PATCH", place, json={"notes": "moved"}).status_code == 200
    cancelled = api.ask("POST", f"{place}/cancel").json()
    answer = api.get("/changes", since=first["next_cursor"])

    assert told(answer) == [
        ("appointment.created", visit["uuid"]),
        ("appointment.updated", visit["uuid"]),
        ("appointment.cancelled", visit["uuid"]),
    ]
    assert [item["version"] for item in answer.json()["items"]] == [1, 2, 3]
    last = answer.json()["items"][-1]
    assert (last["version"], last["origin"]) == (cancelled["version"], "api")
    assert last["occurred_at"].endswith("Z")
    again = api.get("/changes", since=answer.json()["next_cursor"]).json()
    assert (again["items"], again["next_cursor"]) == ([], answer.json()["next_cursor"])


def test_from_the_beginning_page_by_page_each_is_told_once(api):
    wanted = [api.book(f"{hour:02}:00", f"{hour:02}:30").json()["uuid"] for hour in range(9, 16)]

    seen, cursor, more = [], "beginning", True
    while more:
        page = api.get("/changes", since=cursor, limit=2).json()
        assert len(page["items"]) <= 2
        seen += page["items"]
        cursor, more = page["next_cursor"], page["has_more"]

    booked = [item["uuid"] for item in seen if item["kind"] == "appointment.created"]
    assert booked == wanted
    middle = api.get("/changes", since=seen[2]["cursor"]).json()["items"]
    assert middle == seen[3:]


def test_a_page_tells_of_a_patient_without_a_word_about_them(api):
    cursor = api.get("/changes").json()["next_cursor"]
    body = {"first_name": "Ada", "last_name": "Nkemelu", "email": "ada@example.org"}
    number = api.ask("POST", "/patients", json=body).json()["uuid"]

    answer = api.get("/changes", since=cursor)

    assert told(answer) == [("patient.created", number)]
    assert not any(word in answer.text for word in ("Ada", "Nkemelu", "example.org"))
    assert set(answer.json()["items"][0]) == {
        *("cursor", "occurred_at", "kind", "uuid", "version", "origin")
    }  # fmt: skip


def test_a_token_follows_only_what_it_may_read(make_api):
    api = make_api()
    clinic = api.clinic
    api.book()
    api.ask("POST", "/patients", json={"last_name": "New"})

    def kinds(*scopes: str) -> set[str]:
        answer = make_api(*scopes, clinic=clinic).get("/changes", since="beginning")
        return {kind.split(".")[0] for kind, _uuid in told(answer)}

    assert kinds("patients:read") == {"patient"}
    assert kinds("appointments:read") == {"appointment"}
    refused = make_api("catalogue:read", clinic=clinic).get("/changes", since="beginning")
    assert (refused.status_code, refused.json()["title"]) == (403, "The token may not do this")


def test_nothing_of_another_organisation_is_told_and_its_cursor_is_lost(make_api):
    ours, theirs = make_api(), make_api()
    theirs.book()
    cursor = theirs.get("/changes").json()["next_cursor"]

    assert told(ours.get("/changes", since="beginning")) == []
    lost = ours.get("/changes", since=cursor)

    assert (lost.status_code, lost.json()["type"]) == (410, "urn:clinic-desk:problem:cursor-lost")
    assert "since=beginning" in lost.json()["way_out"]


def test_after_a_restore_a_cursor_is_lost(api):
    cursor = api.get("/changes").json()["next_cursor"]
    database = api.clinic.store.database
    mark = "?" if api.clinic.store.dialect == "sqlite" else "%s"

    database.execute_sql(f"UPDATE database_info SET epoch = {mark}", (str(uuid.uuid4()),))

    assert api.get("/changes", since=cursor).status_code == 410


def test_a_cursor_that_nobody_gave_out_is_refused_with_the_way_out(api):
    cursor = api.get("/changes").json()["next_cursor"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    forged = base64.urlsafe_b64encode(raw[:23] + b"\x00" + raw[24:]).decode().rstrip("=")

    for text in ("x", "beginnin", "ä" * 40, "A" * 60, forged, f"{cursor}A", "%00"):
        answer = api.get("/changes", since=text)
        assert answer.status_code in {410, 422}, text
        assert "since=beginning" in answer.json()["way_out"]
    assert api.get("/changes", since=forged).status_code == 422


def test_what_is_taken_back_and_what_is_merged_is_told_by_its_name(store, make_api):
    clinic = builders.a_clinic(store)
    actor = builders.an_actor(clinic)
    booked = diary.book(
        actor,
        span=clinic.span(10),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )
    journal.undo(actor, booked.seq)

    page = Follower(actor).page(Position())

    assert [c.event for c in page.items] == ["appointment.created", "appointment.cancelled"]
    assert {c.event for c in page.items} <= set(changes.EVENTS)
    assert page.items[0].origin == "desk"


def test_a_deed_without_its_text_is_told_all_the_same(store):
    clinic = builders.a_clinic(store)
    actor = builders.an_actor(clinic)
    patients.create(actor, first_name="", last_name="Erased")
    store.database.execute_sql("UPDATE deed_text SET salt = '', body = ''")

    (change,) = Follower(actor).page(Position()).items

    assert change.event == "patient.updated"


def test_a_page_takes_the_same_few_queries_however_long_it_is(store):
    clinic = builders.a_clinic(store)
    actor = builders.an_actor(clinic)
    counts = []
    for number in (1, 8):
        for _turn in range(number):
            patients.create(actor, first_name="", last_name="Smith")
        with statements(store) as seen:
            Follower(actor).page(Position())
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 5


def test_nothing_is_skipped_while_many_write_at_once(store):
    """What matters is a deed that is numbered early and committed late."""
    clinic = builders.a_clinic(store)
    actor = builders.an_actor(clinic)
    each, writers = 12, 4
    over = threading.Event()
    trouble: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(each):
                patients.create(actor, first_name="", last_name=f"W{writer}-{number}")
        except BaseException as error:
            trouble.append(error)
        finally:
            store.forget_connection()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    position = Position()
    seen: list[changes.Change] = []
    for thread in threads:
        thread.start()

    def reap() -> None:
        for thread in threads:
            thread.join()
        over.set()

    threading.Thread(target=reap).start()
    last = False
    while True:
        page = Follower(actor).page(position, limit=3)
        seen += page.items
        position = page.position
        if not page.more:
            if last:
                break
            last = over.is_set()

    assert not trouble
    numbers = [change.position.seq for change in seen]
    assert numbers == sorted(set(numbers))
    assert len(seen) == each * writers


def test_a_deed_that_is_not_committed_yet_is_not_passed_by(store):
    clinic = builders.a_clinic(store)
    actor = builders.an_actor(clinic)
    follower = Follower(actor)
    cursor = follower.written(follower.now)
    before = changes.read(store, clinic.organisation_id, follower.now, 10)
    visit = builders.an_appointment(clinic)

    diary.set_status(actor, visit, Status.CONFIRMED, version=1)

    assert before.position == follower.now
    (change,) = follower.page(Follower(actor).position(cursor)).items
    assert change.event == "appointment.updated"
