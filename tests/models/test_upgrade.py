"""A database of the first version, with rows of every kind, becomes one of the second."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee as pw
import pytest

from clinic_desk.models import base, files, roles, schema
from clinic_desk.models.migrations.first import postgresql as first_postgresql
from clinic_desk.models.migrations.first import sqlite as first_sqlite
from clinic_desk.models.migrations.second import postgresql, sqlite
from clinic_desk.rules.errors import WrongSchema
from clinic_desk.services import backup, check, check_rows, portable, upkeep
from clinic_desk.services.store import open_store
from tests import databases
from tests.models import attacks, full, more_attacks, old
from tests.models.attacks import ANY, Attack
from tests.models.hand import Hand
from tests.models.sample import Practice
from tests.models.truth import assert_holds

SOME = [a for a in (*attacks.TAKING, *attacks.MOVING, *more_attacks.BESIDE) if not a.only][::5]
SOME += [a for a in (*more_attacks.PERMITS, *more_attacks.ACROSS) if not a.only][::3]


@pytest.fixture
def first_url(dialect: str, tmp_path: Path) -> Iterator[str]:
    """A database of the first version, with rows of every kind."""
    url, remove = old.empty(dialect, tmp_path)
    old.first(url, tmp_path)
    yield url
    remove()


@pytest.fixture
def upgraded(first_url: str) -> Iterator[pw.Database]:
    """The same, upgraded."""
    db = base.connect(first_url)
    schema.upgrade(db)
    db.connect(reuse_if_open=True)
    yield db
    db.close()


def test_the_first_step_stays_as_it_was_released() -> None:
    marks = [
        hashlib.sha256("\n".join(module.STATEMENTS).encode()).hexdigest()[:16]
        for module in (first_sqlite, first_postgresql)
    ]
    assert marks == FIRST


def test_an_upgrade_keeps_every_row(first_url: str) -> None:
    db = base.connect(first_url)
    db.connect()
    before = old.kept(db)
    assert [
        name for name, rows in before.items() if len(rows) < 2 and name != "database_info"
    ] == []
    with pytest.raises(WrongSchema, match="older version"):
        schema.require_current(db)
    asked: list[tuple[int, int]] = []
    done = schema.upgrade(db, lambda found, wanted: asked.append((found, wanted)))
    assert done.steps == ("0002_desk",)
    assert asked == [(1, 2)]
    db.connect(reuse_if_open=True)
    assert old.kept(db) == before
    assert_holds(db)
    defaults = "SELECT DISTINCT requests_allowed FROM patient_case"
    assert [bool(v) for (v,) in db.execute_sql(defaults).fetchall()] == [True]
    if isinstance(db, files.FileDatabase):
        assert done.copy is not None
        db.close()
        copied = base.connect(f"sqlite:///{done.copy}")
        assert schema.version(copied) == 1
        assert old.kept(copied) == before
        copied.close()
    db.close()


def test_whoever_could_decide_requests_by_their_role_still_can(first_url: str) -> None:
    """It takes a tick by now; nobody loses what they could, and nobody else gets it."""
    db = base.connect(first_url)
    db.connect()
    names = [name for (name,) in db.execute_sql("SELECT name FROM user_account ORDER BY id")]
    assert len(names) > 1
    one = f"(SELECT role_id FROM user_account WHERE name = '{names[0]}')"
    granted = '["Appointment Reject", "Appointment Show"]'
    db.execute_sql(f"UPDATE role SET permissions = '{granted}' WHERE id = {one}")
    schema.upgrade(db)
    db.connect(reuse_if_open=True)
    found = db.execute_sql("SELECT name, approvals FROM user_account ORDER BY id").fetchall()
    db.close()
    assert [name for name, on in found if on] == [names[0]]


def test_what_was_upgraded_is_sound_and_goes_through_a_backup(
    upgraded: pw.Database, first_url: str, dialect: str, tmp_path: Path
) -> None:
    practice = Practice("New")
    full.fill(practice)
    upgraded.close()
    store = open_store(first_url)
    assert [str(line) for line in check.check(store).findings] == []
    made = backup.backup(store, tmp_path / "b.zip")
    store.close()
    there = "postgresql" if dialect == "sqlite" else "sqlite"
    url, remove = databases.fresh(there, tmp_path)
    backup.restore(url, tmp_path / "b.zip")
    store = open_store(url)
    assert check.check(store).sound
    again = dict(backup.backup(store, tmp_path / "c.zip").tables)
    # The restoring holds back what waited and stops who is called: nothing is told twice.
    for told in ("outbox", "webhook"):
        assert again.pop(told).rows == made.tables[told].rows
    assert again == {name: made.tables[name] for name in again}
    rows = store.rows("SELECT count(merged_into_id) FROM patient")
    assert rows[0][0] == 1
    store.close()
    remove()


def test_after_an_upgrade_people_are_known_by_their_contacts(first_url: str) -> None:
    db = base.connect(first_url)
    db.connect()
    db.execute_sql("UPDATE patient SET email = 'Jane.Doe@Example.org', phone = '+1-773-555-0117'")
    db.close()

    upkeep.migrate(first_url)

    store = open_store(first_url)
    found = store.rows("SELECT DISTINCT email_key, phone_key FROM patient")
    assert [tuple(row) for row in found] == [("jane.doe@example.org", "+17735550117")]
    assert check.check(store).sound
    store.close()


def test_a_new_database_and_an_upgraded_one_are_alike(
    upgraded: pw.Database, database_url: str
) -> None:
    here = _dump(upgraded)
    upgraded.close()
    db = base.connect(database_url)
    db.connect()
    fresh = _dump(db)
    db.close()
    assert len(here) > 500
    assert here == fresh


def _dump(db: pw.Database) -> list[tuple[Any, ...]]:
    """All that the database knows of its schema, but the numbers of its own."""
    if isinstance(db, pw.SqliteDatabase):
        texts = db.execute_sql("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        columns = [
            (table, *column)
            for table in db.get_tables()
            for column in db.execute_sql(f"PRAGMA table_xinfo({table})").fetchall()
        ]
        return sorted([*texts, *columns], key=str)
    asked = (
        (
            "SELECT table_name::text, column_name::text, ordinal_position, data_type::text,"
            " column_default::text, is_nullable::text, collation_name::text,"
            " identity_generation::text"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        (
            "SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        ),
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        (
            "SELECT proname::text, prosrc, prosecdef, proconfig::text FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace AND prolang ="
            " (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')"
        ),
        "SELECT viewname::text, definition FROM pg_views WHERE schemaname = 'public'",
    )
    return sorted((row for sql in asked for row in db.execute_sql(sql).fetchall()), key=str)


@pytest.mark.parametrize("attack", SOME, ids=lambda a: a.name.replace(" ", "-"))
def test_the_guarantee_holds_in_what_was_upgraded(upgraded: pw.Database, attack: Attack) -> None:
    hand = Hand(upgraded)
    answers = [hand.type(sql) for sql in attack.sql(hand)]
    assert_holds(upgraded)
    if attack.met in {"", ANY}:
        assert bool(answers[-1]) == bool(attack.met), answers
    else:
        assert attack.met in answers[-1], answers


KILLED = """
import os, signal, sys
from clinic_desk.models import base, roles, schema
from clinic_desk.models.migrations.second import postgresql, sqlite

url, at = sys.argv[1], int(sys.argv[2])

def dying(statements):
    for number, statement in enumerate(statements):
        if number == at:
            os.kill(os.getpid(), signal.SIGKILL)
        yield statement
    if at == len(statements):
        os.kill(os.getpid(), signal.SIGKILL)

for module in (sqlite, postgresql):
    module.STATEMENTS = dying(module.STATEMENTS)
schema.upgrade(base.connect(url))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nobody is killed like this there")
@pytest.mark.parametrize("part", [0.0, 0.1, 0.35, 0.7, 1.0, 2.0])
def test_a_desk_killed_in_the_middle_leaves_the_old_schema_or_the_new_one(
    first_url: str, dialect: str, part: float
) -> None:
    statements = (sqlite if dialect == "sqlite" else postgresql).STATEMENTS
    db = base.connect(first_url)
    db.connect()
    before, rows = _dump(db), old.kept(db)
    db.close()
    at = int(len(statements) * part)
    done = subprocess.run([sys.executable, "-c", KILLED, first_url, str(at)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert schema.version(db) == (2 if part > 1 else 1)
    assert (_dump(db) == before) == (part <= 1)
    schema.upgrade(db)
    schema.require_current(db)
    db.connect(reuse_if_open=True)
    assert old.kept(db) == rows
    assert_holds(db)
    db.close()


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_desks_may_use_what_is_new(upgraded: pw.Database) -> None:
    roles.grant(upgraded)
    practice = Practice("New")
    upgraded.execute_sql(f"SET ROLE {roles.ROLE}")
    full.fill(practice)
    hand = _typed(upgraded)
    assert hand("DELETE FROM document_part") == ""
    assert "permission denied" in hand("DELETE FROM document")
    assert "permission denied" in hand("DELETE FROM consent")
    upgraded.execute_sql("RESET ROLE")


def _typed(db: pw.Database) -> Any:
    """Runs one statement; gives the refusal, or nothing where it was done."""

    def run(sql: str) -> str:
        try:
            db.execute_sql(sql)
        except pw.PeeweeException as error:
            return str(error)
        return ""

    return run


def test_no_new_row_points_into_another_organisation(db: pw.Database) -> None:
    """Every reference that ``check`` looks at, of every table that is new or has grown."""
    one, two = Practice("One"), Practice("Two")
    ours, theirs = full.fill(one), full.fill(two)
    theirs |= {"operatory": two.operatories[0], "document_part": theirs["document"]}
    hand = _typed(db)
    tried = 0
    for table, column, other in check_rows._REFERENCES:
        if table not in ours or other not in theirs or column == "id":
            continue
        number, foreign = ours[table], theirs[other]
        for verb in ("UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE"):
            if verb == "UPDATE" or isinstance(db, pw.SqliteDatabase):
                sql = f"{verb} {table} SET {column} = {foreign} WHERE id = {number}"
                assert hand(sql), sql
                tried += 1
    assert tried > 40
    assert hand(f"UPDATE consent SET source_patient_id = {two.patients[0]} WHERE id = 1")
    assert hand(f"UPDATE document_part SET organisation_id = {two.id} WHERE document_id = 1")
    for table in ("service_code", "service_modifier", "document", "form"):
        assert hand(f"UPDATE {table} SET organisation_id = {two.id} WHERE id = {ours[table]}")


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_no_code_is_taken_over_by_another_organisation(db: pw.Database) -> None:
    one, two = Practice("One"), Practice("Two")
    ours = full.fill(one)
    hand = _typed(db)
    for table in ("service_code", "service_modifier"):
        number = ours[table]
        assert "related_fixed" in hand(
            f"REPLACE INTO {table} (id, uuid, organisation_id, code, name)"
            f" VALUES ({number}, '{'0' * 36}', {two.id}, 'x', 'x')"
        )
        assert hand(
            f"REPLACE INTO {table} (uuid, organisation_id, code, name)"
            f" SELECT uuid, {two.id}, 'x', 'x' FROM {table} WHERE id = {number}"
        )


def test_a_consent_is_for_another_organisations_patient(db: pw.Database) -> None:
    one, two = Practice("One"), Practice("Two")
    full.fill(one, source=two)
    hand = _typed(db)
    assert hand(f"UPDATE consent SET source_patient_id = {one.patients[0]}")
    assert hand(f"UPDATE consent SET source_organisation_id = {one.id}")


WRONG = {
    "a patient merged into themselves": "UPDATE patient SET merged_into_id = id",
    "a stranger who cancels": "UPDATE appointment SET cancelled_by = 'me'",
    "a part too large": "UPDATE document_part SET content = {large}",
    "a part of nothing": "UPDATE document_part SET content = {none}",
    "a part before the first": "UPDATE document_part SET part = -1",
    "less than nothing": "UPDATE payment SET amount_minor = -1",
    "a size below nothing": "UPDATE document SET size = -1",
    "a state that is none": "UPDATE consent SET state = 'maybe'",
    "an eighth day": "UPDATE provider_weekday SET weekday = 7",
    "a direction that is none": "UPDATE referral SET direction = 'by'",
    "a code without letters": "UPDATE service_code SET code = ''",
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_value_is_refused(db: pw.Database, what: str) -> None:
    full.fill(Practice("One"))
    words = {"large": "decode(repeat('00', 1048577), 'hex')", "none": "''"}
    if isinstance(db, pw.SqliteDatabase):
        words = {"large": "zeroblob(1048577)", "none": "x''"}
    assert _typed(db)(WRONG[what].format(**words))


def test_every_new_table_is_filled_here_and_kept(db: pw.Database) -> None:
    full.fill(Practice("One"))
    shared = {"clinic_hours", "closed_day", "qualification", "provider_qualification",
              "type_qualification", "series", "work_hours", "work_exception", "deed", "deed_text",
              "deed_entity", "appointment_extra", "calendar_event", "setting"}  # fmt: skip
    empty = {
        model._meta.table_name
        for model in portable.TABLES
        if not db.execute_sql(f"SELECT 1 FROM {model._meta.table_name}").fetchone()
    }
    assert empty == shared


FIRST = ["2d3ced810615f89f", "6ddf2272f16a6603"]
"""The beginnings of the sums of the first step, on SQLite and PostgreSQL."""
