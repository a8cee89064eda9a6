"""The history tells everything, and nobody can change it unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_desk.rules.errors import NotAllowed, NotFound
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary, events, journal, patients, settings
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Override
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import booked


def test_every_change_stands_with_who_when_before_and_after(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    diary.move(actor, card.id, span=clinic.span(14), version=1)

    newest, first = journal.history(actor, "appointment", card.id)

    assert (newest.action, first.action) == ("appointment.move", "appointment.book")
    assert newest.actor_name == "Test User"
    (change,) = newest.changes
    fields = {f.name: (f.before, f.after) for f in change.fields}
    assert fields["starts_at"] == (clinic.at(10).isoformat(), clinic.at(14).isoformat())
    assert "provider_id" not in fields


def test_numbers_run_without_a_gap_in_each_organisation(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_clinic(clinic.store, name="Other")
    chief = builders.an_actor(other)
    for hour in (9, 11, 13):
        booked(clinic, actor, clinic.span(hour))
        booked(other, chief, other.span(hour))

    found = clinic.store.rows("SELECT organisation_id, seq FROM deed ORDER BY 1, 2")

    assert found == [
        (number, seq)
        for number in (clinic.organisation_id, other.organisation_id)
        for seq in (1, 2, 3)
    ]


def test_the_chain_is_whole(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor, notes="ünïcödé ✓")
    diary.set_status(actor, card.id, Status.CONFIRMED, version=1)
    settings.put(actor, "pinboard", [card.id])

    assert list(journal.broken_links(clinic.store, clinic.organisation_id)) == []


@pytest.mark.parametrize(
    ("tampering", "seq", "what"),
    [
        ("UPDATE deed SET action = 'nothing' WHERE seq = 2", 2, "link"),
        ("UPDATE deed_text SET body = '{}' WHERE seq = 2", 2, "text"),
        ("DELETE FROM deed WHERE seq = 2", 2, "missing"),
        ("UPDATE deed SET actor_id = 77 WHERE seq = 1", 1, "link"),
    ],
)
def test_tampering_is_found_and_named(
    clinic: Clinic, actor: Actor, tampering: str, seq: int, what: str
) -> None:
    for hour in (9, 11, 13):
        booked(clinic, actor, clinic.span(hour))
    _open_the_history(clinic)

    clinic.store.database.execute_sql(tampering)

    assert (seq, what) in list(journal.broken_links(clinic.store, clinic.organisation_id))


def test_an_erased_text_leaves_the_chain_whole(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)
    booked(clinic, actor, clinic.span(11))

    clinic.store.database.execute_sql("UPDATE deed_text SET salt = '', body = '' WHERE seq = 1")

    assert list(journal.broken_links(clinic.store, clinic.organisation_id)) == []
    assert journal.deed(actor, 1).changes == ()


def test_a_setting_is_kept_for_its_user_alone(clinic: Clinic, actor: Actor) -> None:
    colleague = builders.an_actor(clinic)
    settings.put(actor, "pinboard", [1, 2])
    settings.put(actor, "pinboard", [2])

    assert settings.get(actor, "pinboard") == [2]
    assert settings.get(colleague, "pinboard", []) == []


def holding(clinic: Clinic, actor: Actor, *names: str) -> Actor:
    """A program of the same organisation that may do just this."""
    return replace(actor, user_id=None, permissions=frozenset(names))


@pytest.mark.parametrize(
    ("kind", "permission"),
    [
        ("appointment", "Appointment Show"),
        ("patient_case", "Appointment Show"),
        ("calendar_event", "Appointment Get All"),
        ("patient", "Customer Show"),
        ("setting", "History Show"),
        ("role", "History Show"),
        ("user_account", "History Show"),
        ("whatever comes", "History Show"),
    ],
)
def test_the_history_of_a_record_opens_to_whoever_may_open_the_record(
    clinic: Clinic, actor: Actor, kind: str, permission: str
) -> None:
    others = {"Appointment Show", "Appointment Get All", "Customer Show", "History Show"}
    others -= {permission}
    booked(clinic, actor)
    patients.create(actor, first_name="Ann", last_name="Other")
    events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Tea")
    settings.put(actor, "pinboard", [1])
    touched = clinic.store.rows("SELECT entity_id FROM deed_entity WHERE kind = ?", (kind,))
    number = touched[0][0] if touched else 1

    seen = journal.history(holding(clinic, actor, permission), kind, number)
    assert len(seen) == len(touched)
    told = {c.kind for card in seen for c in card.changes}
    assert {journal.SHOWN_BY.get(k, journal.EVERYTHING) for k in told} <= {permission}
    with pytest.raises(NotAllowed, match=permission):
        journal.history(holding(clinic, actor, *others), kind, number)


def test_a_deed_tells_only_of_records_that_one_may_open(clinic: Clinic, actor: Actor) -> None:
    made = patients.create(actor, first_name="Ann", last_name="Other")
    kept = settings.put(actor, "pinboard", [1])
    visit = diary.book(
        actor,
        span=clinic.span(19),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        override=Override("She is in pain"),
    )
    reader = holding(clinic, actor, "Appointment Show")

    assert journal.deed(reader, made.seq).changes == ()
    assert journal.deed(reader, kept.seq).changes == ()
    assert journal.deed(reader, visit.seq) == journal.deed(actor, visit.seq)
    assert journal.deed(reader, visit.seq).reason == "She is in pain"
    chief = holding(clinic, actor, "Appointment Show", "Customer Show", "History Show")
    assert {c.kind for c in journal.deed(chief, made.seq).changes} == {"patient", "resource"}
    with pytest.raises(NotAllowed):
        journal.deed(holding(clinic, actor, "Customer Show"), made.seq)


def test_nobody_reads_the_history_of_another_organisation(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_clinic(clinic.store, name="Other")
    chief = builders.an_actor(other)
    card = booked(clinic, actor)
    booked(other, chief)
    booked(clinic, actor, clinic.span(11))

    assert journal.history(chief, "appointment", card.id) == ()
    with pytest.raises(NotFound):
        journal.deed(chief, 2)
    with pytest.raises(NotFound):
        journal.undo(chief, 2)


def test_a_repeated_request_answers_with_the_visit_it_was_about(
    clinic: Clinic, actor: Actor
) -> None:
    newer, other = builders.a_patient(clinic), builders.a_patient(clinic)
    first = booked(clinic, actor, clinic.span(9), patient_id=newer)
    second = booked(clinic, actor, patient_id=other)

    def squeeze_in() -> int:
        return diary.move(
            actor,
            first.id,
            span=clinic.span(10),
            version=1,
            override=Override("She is in pain"),
            request_id="00000000-0000-0000-0000-000000000001",
        ).value.id

    assert (squeeze_in(), squeeze_in()) == (first.id, first.id)
    assert diary.appointment(actor, second.id).overbooked


def _open_the_history(clinic: Clinic) -> None:
    """As somebody who owns the database could: take its guards away."""
    if clinic.store.dialect == "sqlite":
        found = clinic.store.rows(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN"
            " ('deed', 'deed_text', 'deed_entity')"
        )
        clinic.store.database.execute_sql("PRAGMA foreign_keys = 0")
        for (name,) in found:
            clinic.store.database.execute_sql(f"DROP TRIGGER {name}")
        return
    for table in ("deed", "deed_text", "deed_entity"):
        clinic.store.database.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    clinic.store.database.execute_sql("SET session_replication_role = replica")
