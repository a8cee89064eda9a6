from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from clinic_desk.rules import colour, form_fields, lifecycle, permissions
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import APPROVERS
from clinic_desk.rules.spans import Span, common, merged
from clinic_desk.services import (
    accounts,
    catalogue,
    check,
    contacts,
    demo,
    demo_forms,
    demo_mark,
    diary,
    form_categories,
    forms,
    journal,
    patients,
    portable,
    questionnaires,
)
from clinic_desk.services.cards import Origin
from clinic_desk.services.demo_clinic import DENTAL
from clinic_desk.services.store import Store, open_store
from tests import databases
from tests.builders import a_clinic

AFTERNOON = datetime(2031, 5, 20, 18, 20, tzinfo=UTC)  # a Tuesday, 14:20 in New York


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[demo.DemoInfo]:
    """One demo for all tests that only look at it."""
    url, remove = databases.fresh(str(request.param), tmp_path_factory.mktemp("demo"))
    yield demo.prepare(url, now=AFTERNOON)
    remove()


@pytest.fixture
def store(made: demo.DemoInfo) -> Iterator[Store]:
    opened = open_store(made.url)
    yield opened
    opened.close()


def count(store: Store, rest: str, *parameters: object) -> int:
    return int(store.rows(f"SELECT count(*) FROM {rest}", parameters)[0][0])


def test_the_demo_is_what_was_promised(made: demo.DemoInfo, store: Store) -> None:
    dental, other = made.organisations
    assert len(dental.locations) == 3
    assert {p.time_zone for p in dental.locations} == {"America/New_York", "America/Chicago"}
    assert {u.role for u in dental.users} == set(permissions.ROLES)
    assert other.users
    found = store.catalogue(1)
    assert found.organisation.uuid == dental.uuid
    assert len(found.providers) == 8
    assert len(found.types) == 15
    assert count(store, "patient WHERE organisation_id = 1") == 400
    assert count(store, "appointment WHERE status = 'requested'") == 6
    assert count(store, "work_hours WHERE weeks <> 'every'") > 0
    assert count(store, "work_exception") > 0
    assert count(store, "closed_day") > 0
    assert count(store, "calendar_event WHERE series_id IS NULL") > 5
    for status in Status:
        assert count(store, "appointment WHERE status = ?", str(status)) or status == "declined"


def test_there_are_forms_in_categories_and_some_of_them_are_answered(store: Store) -> None:
    actor = accounts.sign_in(store, "admin", demo_mark.PASSWORD)
    found = form_categories.categories(actor)
    assert [(one.name, one.owner) for one in found] == [
        ("Medical history", "Dr Michael Chen"), ("Reason for the visit", "Dr Michael Chen"),
    ]  # fmt: skip
    triage, approval = forms.forms(actor), questionnaires.questionnaires(actor)
    assert {one.name for one in triage} == {
        "First visit: medical questions", "Emergency: pain", "Hygiene: before cleaning",
    }  # fmt: skip
    assert {one.category_id for one in (*triage, *approval)} == {one.id for one in found}
    for card in (*triage, *approval):
        assert form_fields.checked_questions(card.questions) == card.questions
        assert card.type_ids
    numbers = store.rows(
        "SELECT a.id, a.appointment_id, a.form_id FROM form_answer a JOIN form f"
        " ON f.id = a.form_id WHERE f.kind = 'triage' ORDER BY a.id"
    )
    assert len(numbers) == 3 * demo_forms.FILLED
    for number, visit, form_id in numbers:
        given = next(one for one in forms.of_visit(actor, visit) if one.form_id == form_id)
        clean = form_fields.checked_answers(given.questions, given.answers)
        assert (clean, given.answered_by) == (given.answers, "Sam Okoye")
        assert [d.action for d in journal.history(actor, "form_answer", number)] == [
            "triage.answer"
        ]


def test_every_request_of_the_demo_can_be_approved_as_it_stands(store: Store) -> None:
    actor = accounts.sign_in(store, "admin", demo_mark.PASSWORD)
    waiting = store.rows("SELECT id FROM appointment WHERE status = 'requested'")
    for (number,) in waiting:
        assert not any(one.missing for one in questionnaires.of_request(actor, number))


def test_the_three_types_of_the_api_are_as_in_its_document(store: Store) -> None:
    types = {t.code: t for t in store.catalogue(1).types.values()}
    told = {
        code: (t.name, t.minutes, t.colour, t.requires_exam)
        for code, t in types.items()
        if code in {"NPE", "HYG", "EMG"}
    }
    assert told == {
        "NPE": ("New Patient Exam", 60, "#4f46e5", True),
        "HYG": ("Hygiene / Cleaning", 45, "#059669", False),
        "EMG": ("Emergency Visit", 30, "#dc2626", True),
    }


def test_every_type_is_seen_on_paper_and_no_two_look_alike() -> None:
    colours = [colour.parse(s.colour) for s in DENTAL.services]
    assert all(colour.contrast(c, colour.WHITE) >= 3 for c in colours)
    for one, other in combinations(colours, 2):
        assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 60


def test_a_demo_is_sound_and_its_chains_are_whole(store: Store) -> None:
    report = check.check(store)
    assert report.sound, [str(line) for line in report.findings]


def test_about_four_fifths_of_the_open_time_are_taken(store: Store) -> None:
    found = catalogue.load(store, 1)
    claims: dict[int, list[Span]] = {}
    for resource_id, begin, end in store.rows("SELECT resource_id, starts_at, ends_at FROM claim"):
        claims.setdefault(resource_id, []).append(Span(_instant(begin), _instant(end)))
    open_minutes = taken_minutes = 0
    for provider_id in found.providers:
        taken = merged(claims[provider_id])
        for number in range(-42, 56):
            day = AFTERNOON.date() + timedelta(days=number)
            for location_id, hours in found.provider_hours(provider_id, [day]):
                spans = common([hours], found.clinic_spans(location_id, [day]))
                open_minutes += sum(s.minutes for s in spans)
                taken_minutes += sum(s.minutes for s in common(spans, taken))
    assert 0.76 < taken_minutes / open_minutes < 0.84


def test_no_visit_of_the_demo_conflicts_with_anything(store: Store) -> None:
    actor = accounts.sign_in(store, "admin", demo_mark.PASSWORD)
    week = Span(AFTERNOON - timedelta(days=3), AFTERNOON + timedelta(days=4))
    for card in diary.view(actor, week).appointments:
        if card.status in lifecycle.HOLDING:
            found = diary.check(
                actor,
                span=card.span,
                type_id=card.type.id,
                provider_id=card.provider.id,
                patient_id=card.patient_id,
                operatory_id=card.operatory.id if card.operatory else None,
                location_id=card.location.id if card.location else None,
                ignore_id=card.id,
            )
            assert not found, (card, found)


def test_the_days_go_from_done_to_planned(store: Store) -> None:
    now = AFTERNOON if store.dialect == "postgresql" else int(AFTERNOON.timestamp())
    over = {s for (s,) in store.rows("SELECT status FROM appointment WHERE ends_at <= ?", (now,))}
    assert over == {"completed", "missed", "cancelled"}
    later = {s for (s,) in store.rows("SELECT status FROM appointment WHERE starts_at > ?", (now,))}
    assert later - {"arrived"} == {"scheduled", "confirmed", "cancelled", "requested"}
    assert count(store, "appointment WHERE status = 'arrived' AND in_room_at IS NOT NULL")
    assert count(store, "appointment WHERE status = 'completed' AND completed_at IS NULL") == 0


def test_a_visit_of_the_demo_has_a_life_that_the_rules_allow(store: Store) -> None:
    actor = accounts.sign_in(store, "admin", demo_mark.PASSWORD)
    rows = store.rows(
        "SELECT id, status, version FROM appointment WHERE organisation_id = 1"
        " ORDER BY id LIMIT 300"
    )
    for number, status, version in rows[::25]:
        deeds = journal.history(actor, "appointment", number)[::-1]
        assert len(deeds) == version
        assert [d.at for d in deeds] == sorted(d.at for d in deeds)
        values: dict[str, object] = {}
        for deed in deeds:
            for field in deed.changes[0].fields:
                if field.name == "status" and field.before is not None:
                    assert values["status"] == field.before
                    lifecycle.check_step(Status(field.before), Status(str(field.after)))
                values[field.name] = field.after
        assert values["status"] == status


def test_names_come_from_many_scripts_and_nobody_can_be_called(store: Store) -> None:
    rows = store.rows("SELECT first_name, last_name, phone, email FROM patient")
    letters = {ch for first, last, _, _ in rows for ch in first + last}
    for sample in "éαжאل伟花민अท":
        block = ord(sample) >> 8
        assert any(ord(letter) >> 8 == block for letter in letters), sample
    assert all("-555-01" in phone for _, _, phone, _ in rows)
    assert all(not mail or mail.endswith(("@example.com", "@example.org")) for *_, mail in rows)


def test_some_people_are_patients_of_both_organisations(store: Store) -> None:
    pairs = store.rows(
        "SELECT a.first_name, b.first_name FROM patient a JOIN patient b ON b.email = a.email"
        " AND b.phone = a.phone AND b.email <> '' AND b.last_name = a.last_name"
        " WHERE a.organisation_id = 1 AND b.organisation_id > 1"
    )
    assert len([1 for one, other in pairs if one == other]) >= 3
    by_accident = store.rows(
        "SELECT count(*) FROM patient a JOIN patient b ON b.phone = a.phone"
        " WHERE a.organisation_id = 1 AND b.organisation_id > 1 AND b.last_name <> a.last_name"
    )
    assert by_accident[0][0] <= 2


def test_everybody_can_sign_in_with_the_stated_password(made: demo.DemoInfo, store: Store) -> None:
    for organisation in made.organisations:
        for user in organisation.users:
            actor = accounts.sign_in(store, user.name, user.password)
            assert actor.origin is Origin.DESK
            assert actor.role == user.role
            assert actor.may("Appointment Reject") == (user.role in APPROVERS)
            assert store.catalogue(actor.organisation_id).organisation.uuid == organisation.uuid


def test_what_is_printed_is_json_with_all_that_one_needs(made: demo.DemoInfo) -> None:
    told = json.loads(demo.as_json(made))
    assert told["url"] == made.url
    first = told["organisations"][0]
    assert {"uuid", "name", "locations", "users"} <= first.keys()
    assert {"name", "password", "role"} <= first["users"][0].keys()
    assert made.organisations[0].uuid in demo.as_text(made)


def test_the_same_day_gives_the_same_clinic(tmp_path: Path) -> None:
    uuids = []
    for name in ("one", "two"):
        info = demo.prepare(f"sqlite:///{tmp_path / name}.db", now=AFTERNOON)
        store = open_store(info.url)
        uuids.append(store.rows("SELECT uuid, starts_at, status FROM appointment ORDER BY id"))
        store.close()
    assert uuids[0] == uuids[1]


@pytest.mark.parametrize("day", [24, 25])
def test_it_can_be_made_on_a_weekend_too(tmp_path: Path, day: int) -> None:
    info = demo.prepare(f"sqlite:///{tmp_path}/demo.db", now=AFTERNOON.replace(day=day))
    store = open_store(info.url)
    assert count(store, "appointment WHERE status = 'requested'") == 6
    store.close()


def test_a_demo_is_used_as_it_stands_until_a_fresh_one_is_wanted(database_url: str) -> None:
    first = demo.prepare(database_url, now=AFTERNOON)
    store = open_store(database_url)
    epoch = databases.epoch(store)
    store.database.execute_sql("DELETE FROM calendar_event WHERE title = 'Study club'")
    store.close()
    assert demo.prepare(database_url, now=AFTERNOON + timedelta(days=9)) == first

    later = demo.prepare(database_url, fresh=True, now=AFTERNOON + timedelta(days=9))
    assert later.prepared_at != first.prepared_at
    store = open_store(database_url)
    assert databases.epoch(store) != epoch
    assert check.check(store).sound
    store.close()


def test_a_half_made_demo_is_made_anew(database_url: str) -> None:
    demo.prepare(database_url, now=AFTERNOON)
    whole = demo.OUTLINES
    try:
        demo.OUTLINES = whole[:1]  # type: ignore[assignment]
        demo.prepare(database_url, fresh=True, now=AFTERNOON)
    finally:
        demo.OUTLINES = whole
    assert len(demo.prepare(database_url, now=AFTERNOON).organisations) == 2


@pytest.mark.parametrize("fresh", [False, True])
def test_real_records_are_never_touched(database_url: str, fresh: bool) -> None:
    store = open_store(database_url)
    a_clinic(store, name="A real practice")
    before = list(_everything(store))
    store.close()
    with pytest.raises(Refused, match="A real practice"):
        demo.prepare(database_url, fresh=fresh, now=AFTERNOON)
    store = open_store(database_url)
    assert list(_everything(store)) == before
    store.close()


def test_a_real_practice_beside_the_demo_is_not_wiped_with_it(database_url: str) -> None:
    demo.prepare(database_url, now=AFTERNOON)
    store = open_store(database_url)
    a_clinic(store, name="A real practice")
    store.close()
    assert len(demo.prepare(database_url, now=AFTERNOON).organisations) == 2
    with pytest.raises(Refused, match="A real practice"):
        demo.prepare(database_url, fresh=True, now=AFTERNOON)


def _everything(store: Store) -> Iterator[object]:
    for model in portable.TABLES:
        yield from store.rows(f"SELECT * FROM {model._meta.table_name}")


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromtimestamp(int(str(value)), UTC)


def test_the_history_never_tells_a_password_hash(store: Store) -> None:
    bodies = [body for (body,) in store.rows("SELECT body FROM deed_text")]
    about_users = [body for body in bodies if "password_hash" in body]
    assert about_users
    assert not any("argon2" in body for body in bodies)


def test_a_patient_of_the_demo_is_found_by_name_number_and_telephone(store: Store) -> None:
    actor = accounts.sign_in(store, "admin", demo_mark.PASSWORD)
    first, last, number, phone = store.rows(
        "SELECT first_name, last_name, number, phone FROM patient"
        " WHERE organisation_id = 1 AND length(phone) > 8 ORDER BY id LIMIT 1"
    )[0]
    for typed in (f"{last} {first}", str(number), str(phone)):
        found = patients.search(actor, typed)
        assert number in {card.number for card in found}, typed


def test_everybody_is_known_by_their_contacts_elsewhere_too(store: Store) -> None:
    rows = store.rows("SELECT email, phone, email_key, phone_key FROM patient")
    for email, phone, email_key, phone_key in rows:
        assert email_key == contacts.email(email).key
        assert phone_key == contacts.phone(phone, "").key
    with_address = [row for row in rows if row[0]]
    assert len(with_address) > 300

    ours, theirs = (
        organisation for (organisation,) in store.rows("SELECT id FROM organisation ORDER BY id")
    )
    (address,), *_rest = store.rows(
        "SELECT email FROM patient WHERE organisation_id = ? AND email <> ''", (theirs,)
    )
    asked = contacts.in_use_elsewhere(ours, contacts.Keys(email=contacts.email(address).key))
    assert bool(store.rows(*asked)[0][0])
