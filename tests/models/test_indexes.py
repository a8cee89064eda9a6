"""Indexes: patient search is kept by the database itself, and no window reads a table through."""

from __future__ import annotations

from datetime import timedelta

import peewee as pw
import pytest

from clinic_desk.models.people import Patient
from tests.models.sample import NINE, Practice


def _found(db: pw.Database, part: str) -> set[int]:
    if isinstance(db, pw.SqliteDatabase):
        sql = "SELECT rowid FROM patient_search WHERE patient_search MATCH ?"
        return {n for (n,) in db.execute_sql(sql, (f'"{part}"',)).fetchall()}
    sql = "SELECT id FROM patient WHERE search LIKE %s"
    return {n for (n,) in db.execute_sql(sql, (f"%{part}%",)).fetchall()}


def test_a_part_of_a_name_is_found(db: pw.Database, practice: Practice) -> None:
    assert _found(db, "arci") == {practice.patients[0]}


def test_a_new_name_replaces_the_old_one(db: pw.Database, practice: Practice) -> None:
    first = practice.patients[0]
    Patient.update(search="okonkwo chidi").where(Patient.id == first).execute()
    assert _found(db, "garcia") == set()
    assert _found(db, "nkwo ch") == {first}


def test_a_deleted_patient_is_not_found(db: pw.Database, practice: Practice) -> None:
    number = practice.patient("Zimmermann")
    assert _found(db, "zimmer") == {number}
    Patient.delete().where(Patient.id == number).execute()
    assert _found(db, "zimmer") == set()


def _many_patients(db: pw.Database) -> None:
    """Enough for a planner to care about the order of an index."""
    db.execute_sql(
        "INSERT INTO resource (organisation_id, kind) WITH RECURSIVE n (i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT 1, 'patient' FROM n"
    )
    db.execute_sql(
        "INSERT INTO patient (id, uuid, organisation_id, number, last_name, search)"
        f" SELECT id, '{'0' * 32}' || (1000 + id), 1, 'n' || id, 'name', 'ga' || id FROM resource"
        " WHERE kind = 'patient' AND id NOT IN (SELECT id FROM patient)"
    )
    if isinstance(db, pw.PostgresqlDatabase):  # a file is told by the schema
        db.execute_sql("ANALYZE patient")


QUERIES = {
    "the week": (
        (
            "SELECT id FROM appointment WHERE organisation_id = 1 AND starts_at > {0}"
            " AND starts_at < {1} AND ends_at > {0}"
        ),
        "appointment_window",
    ),
    "a provider's week": (
        "SELECT id FROM appointment WHERE provider_id = 1 AND starts_at > {0} AND starts_at < {1}",
        "appointment_provider",
    ),
    "a patient's visits": (
        "SELECT id FROM appointment WHERE patient_id = 1 ORDER BY starts_at DESC LIMIT 9",
        "appointment_patient",
    ),
    "waiting requests": (
        (
            "SELECT id FROM appointment WHERE organisation_id = 1 AND status = 'requested'"
            " ORDER BY starts_at"
        ),
        "appointment_requested",
    ),
    "long events": (
        (
            "SELECT id FROM calendar_event WHERE organisation_id = 1 AND starts_at < {1}"
            " AND ends_at - starts_at > {day}"
        ),
        "calendar_event_long",
    ),
    "a record's history": (
        "SELECT seq FROM deed_entity WHERE kind = 'patient' AND entity_id = 5 ORDER BY seq DESC",
        "deed_entity_history",
    ),
    "what is due to be sent": (
        "SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= {1}",
        "outbox_due",
    ),
    "a repeated request": (
        (
            "SELECT seq FROM deed WHERE organisation_id = 1 AND COALESCE(actor_id, 0) = 2"
            " AND request_id = 'x'"
        ),
        "deed_request",
    ),
    "the beginning of a name": (
        (
            "SELECT id FROM patient WHERE organisation_id = 1 AND active = {yes}"
            " AND search >= 'ga4' AND search < 'ga5'"
        ),
        "patient_listed",
    ),
    "an address in all organisations": (
        "SELECT id FROM patient WHERE email_key = 'a@b.c' AND email_key <> ''",
        "patient_email",
    ),
    "a number in this organisation": (
        (
            "SELECT id FROM patient WHERE organisation_id = 1 AND phone_key = '123'"
            " AND phone_key <> ''"
        ),
        "patient_phone",
    ),
    "who has this national number": (
        "SELECT id FROM patient WHERE national_key = '123' AND national_key <> ''",
        "patient_national",
    ),
    "who was merged into a patient": (
        "SELECT id FROM patient WHERE merged_into_id = 5",
        "patient_merged",
    ),
    "what is not being sent any more": (
        "SELECT id FROM outbox WHERE state = 'sending' AND lease_until <= {1}",
        "outbox_lease",
    ),
    "the outbox, state by state": (
        (
            "SELECT id FROM outbox WHERE organisation_id = 1 AND state = 'sent'"
            " ORDER BY id DESC LIMIT 50"
        ),
        "outbox_state",
    ),
    "what was sent about a visit": (
        "SELECT id FROM outbox WHERE appointment_id = 5",
        "outbox_appointment",
    ),
    "a visit's answers": (
        "SELECT id FROM form_answer WHERE appointment_id = 5",
        "form_answer_pair",
    ),
    "a visit's payment": ("SELECT id FROM payment WHERE appointment_id = 5", "payment_appointment"),
    "a visit's notes": (
        "SELECT id FROM patient_note WHERE appointment_id = 5",
        "patient_note_appointment",
    ),
    "a patient's documents": (
        "SELECT id FROM document WHERE patient_id = 5 ORDER BY written_at DESC",
        "document_patient",
    ),
    "whom a user looks after": (
        "SELECT patient_id FROM care_team WHERE organisation_id = 1 AND user_id = 5",
        "care_team_user",
    ),
    "what is known of another's patient": (
        ("SELECT id FROM consent WHERE source_organisation_id = 1 AND source_patient_id = 5"),
        "consent_source",
    ),
    "claims of one source": ("SELECT 1 FROM claim WHERE source_id = 1 AND source = 'a'", "claim_"),
}


@pytest.mark.parametrize("what", QUERIES)
def test_every_window_has_its_index(db: pw.Database, practice: Practice, what: str) -> None:
    sql, index = QUERIES[what]
    _many_patients(db)
    if isinstance(db, pw.SqliteDatabase):
        plan = "EXPLAIN QUERY PLAN " + sql.format("1893229200", "1893834000", day="86400", yes="1")
    else:
        db.execute_sql("SET enable_seqscan = off")
        times = ("timestamptz '2030-01-07Z'", "timestamptz '2030-01-14Z'")
        plan = "EXPLAIN " + sql.format(*times, day="interval '24 hours'", yes="true")
    lines = " ".join(str(row) for row in db.execute_sql(plan).fetchall())
    assert index in lines
    assert "SCAN" not in lines.upper().replace("INDEX SCAN", "").replace("HEAP SCAN", "").replace(
        "INDEX ONLY SCAN", ""
    )


@pytest.mark.parametrize("source", ["a", "x", "e", "h"])
def test_what_is_due_is_found_by_number(db: pw.Database, practice: Practice, source: str) -> None:
    """The triggers ask this at every booking; reading a table from end to end would grow."""
    practice.book()
    sql = f"SELECT * FROM claim_due WHERE source = '{source}' AND source_id = 1"
    sqlite = isinstance(db, pw.SqliteDatabase)
    if not sqlite:
        db.execute_sql("SET enable_seqscan = off")
    plan = db.execute_sql(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + sql).fetchall()
    lines = [str(row[-1]) for row in plan]
    assert not [line for line in lines if "Seq Scan" in line]
    assert not [line for line in lines if line.startswith("SCAN") and "claim_due" not in line]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_booking_takes_no_more_steps_among_many_visits(db: pw.Database, practice: Practice) -> None:
    """SQLite counts the steps of a statement: no trigger may read a table through."""

    def steps(hour: int) -> int:
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        connection = db.connection()
        connection.set_progress_handler(step, 1)
        practice.book(NINE + timedelta(hours=hour))
        connection.set_progress_handler(None, 1)
        return count

    few = steps(0)
    for hour in range(1, 200):
        practice.book(NINE + timedelta(hours=hour))
    assert steps(200) < few * 1.3
