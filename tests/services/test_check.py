from __future__ import annotations

from typing import Any

import pytest

from clinic_desk.models import base, schema
from clinic_desk.rules.errors import WrongSchema
from clinic_desk.services import chain, check, check_structure, diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Override
from clinic_desk.services.check_history import present_head
from clinic_desk.services.store import Store, open_store
from tests.builders import (
    Clinic,
    a_case,
    a_clinic,
    a_patient,
    an_actor,
    an_appointment,
    an_event,
    an_operatory,
)


def findings(store: Store, **more: Any) -> list[str]:
    return [str(line) for line in check.check(store, **more).findings]


def by_hand(store: Store, sql: str, *parameters: object) -> None:
    """SQL of somebody who owns the database and has taken its guards off first."""
    connection = store.connection()
    if store.dialect == "postgresql":
        connection.execute("SET session_replication_role = replica")
        connection.execute(sql.replace("?", "%s"), parameters)
        connection.execute("SET session_replication_role = DEFAULT")
        return
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = rows.fetchall()
    connection.execute("PRAGMA foreign_keys = 0")
    connection.execute("PRAGMA ignore_check_constraints = 1")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(sql, parameters)
    for _, text in triggers:
        connection.execute(text)
    connection.execute("PRAGMA ignore_check_constraints = 0")
    connection.execute("PRAGMA foreign_keys = 1")


def booked(actor: Actor, clinic: Clinic, hour: int) -> int:
    done = diary.book(
        actor,
        span=clinic.span(hour),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )
    return done.value.id


def test_a_clinic_at_work_is_sound(store: Store, clinic: Clinic, actor: Actor) -> None:
    for hour in (9, 10, 11):
        booked(actor, clinic, hour)
    an_event(clinic)
    steps: list[tuple[int, int, str]] = []
    report = check.check(store, lambda *step: steps.append(step))
    assert report.sound
    assert [n for n, _, _ in steps] == list(range(1, steps[0][1] + 1))
    line, _shared = check.lines(report)
    assert "3 appointments" in str(line)
    assert "3 deeds" in str(line)


def test_an_empty_database_is_sound(store: Store) -> None:
    assert check.check(store).sound


def test_a_visit_without_a_claim_is_found(store: Store, clinic: Clinic) -> None:
    number = an_appointment(clinic)
    by_hand(store, "DELETE FROM claim WHERE resource_id = ?", clinic.provider_id)
    (line,) = findings(store)
    assert f"appointment {number} takes the time of resource {clinic.provider_id}" in line


def test_a_claim_that_nothing_asks_for_is_found(store: Store, clinic: Clinic) -> None:
    number = an_appointment(clinic)
    by_hand(store, "UPDATE appointment SET status = 'cancelled' WHERE id = ?", number)
    found = findings(store)
    assert len(found) == 2
    assert all(f"by appointment {number}, which does not ask for it" in line for line in found)


def test_two_visits_at_one_time_are_found_by_the_sweep(store: Store, clinic: Clinic) -> None:
    one = an_appointment(clinic)
    two = an_appointment(clinic, clinic.span(11), patient_id=a_patient(clinic))
    hour = "interval '1 hour'" if store.dialect == "postgresql" else "3600"
    moved = f"starts_at = starts_at - {hour}, ends_at = ends_at - {hour}"
    by_hand(store, f"UPDATE appointment SET {moved} WHERE id = ?", two)
    found = findings(store)
    assert any(
        f"Resource {clinic.provider_id} is taken twice" in line and str(one) in line
        for line in found
    )


def test_an_event_over_a_visit_is_found_by_the_sweep(store: Store, clinic: Clinic) -> None:
    an_appointment(clinic)
    number = an_event(clinic)
    by_hand(
        store,
        "UPDATE calendar_event SET starts_at = (SELECT starts_at FROM appointment),"
        " ends_at = (SELECT ends_at FROM appointment) WHERE id = ?",
        number,
    )
    assert any("is taken twice" in line and "calendar_event" in line for line in findings(store))


def test_visits_that_touch_and_buffers_that_fit_are_no_overlap(
    store: Store, clinic: Clinic
) -> None:
    an_appointment(clinic, clinic.span(9))
    an_appointment(clinic, clinic.span(10), before_minutes=30)
    an_appointment(clinic, clinic.span(10, 30))
    assert findings(store) == []


def test_visits_squeezed_in_under_a_permit_are_no_finding(store: Store, clinic: Clinic) -> None:
    from clinic_desk.models.catalogue import Permit
    from tests.builders import TUESDAY, a_user

    user = a_user(clinic)
    permit = Permit.create(
        organisation_id=clinic.organisation_id,
        user_id=user,
        reason="Pain",
        granted_at=clinic.at(8, day=TUESDAY),
    )
    for _ in range(2):
        an_appointment(clinic, permit_id=permit.id, patient_id=a_patient(clinic))
    assert findings(store) == []


@pytest.mark.parametrize("column", ["patient_id", "type_id", "location_id", "case_id"])
def test_a_row_of_another_organisation_is_found(store: Store, clinic: Clinic, column: str) -> None:
    other = a_clinic(store, name="Other")
    number = an_appointment(clinic)
    foreign = {
        "patient_id": other.patient_id,
        "type_id": other.type_id,
        "location_id": other.location_id,
        "case_id": a_case(other),
    }[column]
    by_hand(store, f"UPDATE appointment SET {column} = ? WHERE id = ?", foreign, number)
    assert any(f"appointment {number} points by {column}" in line for line in findings(store))


def test_unknown_values_are_found(store: Store, clinic: Clinic) -> None:
    number = an_appointment(clinic)
    if store.dialect == "sqlite":  # a server's CHECK cannot be switched off
        by_hand(store, "UPDATE appointment SET status = 'lost' WHERE id = ?", number)
        assert f"Appointment {number} has the unknown status “lost”." in findings(store)
    by_hand(store, "UPDATE patient SET version = 0 WHERE id = ?", clinic.patient_id)
    by_hand(store, "UPDATE location SET time_zone = 'Mars/Olympus'")
    found = findings(store)
    assert f"patient {clinic.patient_id} has the version 0; versions count from 1." in found
    assert any("Mars/Olympus" in line for line in found)


TAMPERED: dict[str, tuple[str, int, str]] = {
    "changed text": (
        "UPDATE deed_text SET body = replace(body, '\"', ' ') WHERE seq = 2",
        2,
        "text",
    ),
    "emptied salt": ("UPDATE deed_text SET salt = '' WHERE seq = 2", 2, "salt"),
    "another author": ("UPDATE deed SET actor_id = 4711 WHERE seq = 2", 2, "changed"),
    "another action": ("UPDATE deed SET action = 'nothing' WHERE seq = 3", 3, "changed"),
    "another digest": ("UPDATE deed SET digest = chain WHERE seq = 1", 1, ""),
    "taken out": ("DELETE FROM deed WHERE seq = 2", 2, "missing"),
    "the first taken out": ("DELETE FROM deed WHERE seq = 1", 1, "missing"),
    "text taken out": ("DELETE FROM deed_text WHERE seq = 2", 2, "missing"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_history_that_was_tampered_with_names_the_first_bad_deed(
    store: Store, clinic: Clinic, actor: Actor, how: str
) -> None:
    for hour in (9, 10, 11, 12):
        booked(actor, clinic, hour)
    sql, seq, word = TAMPERED[how]
    by_hand(store, sql)
    found = [line for line in findings(store) if line.startswith("Test Clinic: ")]
    assert f"deed {seq}" in found[0]
    assert word in found[0]


def test_an_erased_text_is_no_tampering(store: Store, clinic: Clinic, actor: Actor) -> None:
    booked(actor, clinic, 9)
    booked(actor, clinic, 10)
    store.connection().execute("UPDATE deed_text SET salt = '', body = '' WHERE seq = 1")
    assert findings(store) == []


def test_a_tail_that_was_cut_off_is_found_with_the_sealed_head(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    for hour in (9, 10, 11):
        booked(actor, clinic, hour)
    uuid = store.catalogue(clinic.organisation_id).organisation.uuid
    heads = {uuid: present_head(store, clinic.organisation_id)}
    booked(actor, clinic, 12)
    assert findings(store, heads=heads) == []
    by_hand(store, "DELETE FROM deed_entity WHERE seq > 2")
    by_hand(store, "DELETE FROM deed_text WHERE seq > 2")
    by_hand(store, "DELETE FROM deed WHERE seq > 2")
    assert findings(store) == []
    assert findings(store, heads=heads) == [
        "Test Clinic: the history ends at deed 2, but it was once sealed at 3."
    ]
    assert findings(store, heads={uuid: chain.Head(2, "0" * 64)}) == [
        "Test Clinic: deed 2 is not the one that was sealed."
    ]
    assert "is missing" in findings(store, heads={"nobody": chain.Head(1, "")})[0]


def test_a_guard_that_was_taken_away_is_named(store: Store) -> None:
    if store.dialect == "sqlite":
        store.connection().execute("DROP TRIGGER claim_insert")
        assert findings(store) == ["The trigger “claim_insert” of the schema is missing."]
        store.connection().execute(
            "CREATE TRIGGER claim_insert AFTER INSERT ON claim BEGIN SELECT 1; END"
        )
        assert findings(store) == ["The trigger “claim_insert” is not as this program made it."]
        return
    store.connection().execute("ALTER TABLE appointment DISABLE TRIGGER claims")
    assert findings(store) == ["The trigger “appointment.claims” is switched off."]
    store.connection().execute("DROP TRIGGER claims ON appointment")
    store.connection().execute("ALTER TABLE claim DROP CONSTRAINT claim_overlap")
    assert findings(store) == [
        "The trigger “appointment.claims” of the schema is missing.",
        "The constraint “claim_overlap” of the schema is missing.",
    ]


def test_the_list_of_a_servers_guards_is_the_one_of_a_new_database(store: Store) -> None:
    if store.dialect == "postgresql":
        rows = store.rows(
            "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger WHERE NOT tgisinternal"
        )
        assert set(rows) == check_structure.SERVER_TRIGGERS


def test_only_the_first_findings_of_a_kind_are_told_one_by_one(
    store: Store, clinic: Clinic
) -> None:
    for hour in range(8, 18):
        an_appointment(clinic, clinic.span(hour))
        an_appointment(clinic, clinic.span(hour, 30))
    room = an_operatory(clinic)
    by_hand(store, "UPDATE appointment SET operatory_id = ?, version = 0", room)
    report = check.check(store)
    assert not report.sound
    told = [str(line) for line in check.lines(report)]
    assert told[0].startswith("The database is not sound: 40 findings")
    assert "backup" in told[-1]


def test_a_damaged_page_is_a_finding_and_not_a_crash(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/torn.db"
    database = base.connect(url)
    schema.create(database)
    store = open_store(url)
    clinic = a_clinic(store)
    actor = an_actor(clinic)
    for hour in range(8, 18):
        booked(actor, clinic, hour)
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ((page,),) = store.rows("SELECT rootpage FROM sqlite_master WHERE name = 'appointment'")
    store.close()
    file = tmp_path / "torn.db"
    data = bytearray(file.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 600] = b"\xa5" * 600
    file.write_bytes(data)
    store = open_store(url)
    assert findings(store)
    store.close()


def test_a_database_of_another_version_is_told_apart_before(store: Store) -> None:
    store.connection().execute(
        "UPDATE schema_migration SET name = '9999_future' WHERE name LIKE '0001%'"
    )
    assert any("version 9999" in line for line in findings(store))
    with pytest.raises(WrongSchema):
        open_store(store.url)


def test_the_report_tells_what_stands_side_by_side_on_purpose(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    assert "no appointment shares" in str(check.lines(check.check(store))[1])
    for number in range(2):
        diary.book(
            actor,
            span=clinic.span(10),
            patient_id=a_patient(clinic),
            operatory_id=None,
            override=Override("emergency") if number else None,
            provider_id=clinic.provider_id,
            type_id=clinic.type_id,
        )
    assert str(check.lines(check.check(store))[1]).startswith(
        "Nobody is in two places. 2 appointments share"
    )
