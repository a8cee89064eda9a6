"""Databases of other versions: empty, older, newer, damaged, and half-made ones never."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import peewee as pw
import pytest
from playhouse.schema_diff import diff_models

from clinic_desk.models import (
    base,
    catalogue,
    claims,
    consents,
    diary,
    documents,
    files,
    forms,
    imports,
    journal,
    people,
    roles,
    schema,
    tokens,
    webhooks,
)
from clinic_desk.models.migrations.first import postgresql, sqlite
from clinic_desk.rules.errors import Damaged, WrongSchema
from tests import databases
from tests.models.sample import Practice
from tests.models.truth import assert_holds

ADDING = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE patient ADD COLUMN shoe_size INTEGER")
    db.execute_sql("CREATE TABLE shoe (id INTEGER PRIMARY KEY)")
"""
FAILING = ADDING + '    db.execute_sql("INSERT INTO nowhere VALUES (1)")\n'

NOT_IN_MODELS = {
    "patient_trigrams",  # of PostgreSQL alone
    "calendar_event_long",  # their conditions are each database's own
    "claim_long",
    "claim_source",  # PostgreSQL has it in the primary key
    "claim_overlap",
}


def _models() -> list[type[pw.Model]]:
    return [
        model
        for module in (
            people,
            catalogue,
            diary,
            claims,
            journal,
            documents,
            forms,
            consents,
            tokens,
            webhooks,
            imports,
        )
        for model in vars(module).values()
        if isinstance(model, type)
        and issubclass(model, pw.Model)
        and model.__module__ == module.__name__
        and model not in {claims.ClaimDue, claims._Claimed}
    ]


def test_the_migrated_schema_is_the_one_of_the_models(db: pw.Database) -> None:
    diff = diff_models(db, _models())
    assert diff.create_tables == diff.add_columns == diff.drop_columns == diff.add_indexes == []
    assert {index.name for index in diff.drop_indexes} - NOT_IN_MODELS == set()


def test_every_table_has_its_row(db: pw.Database) -> None:
    made = {t for t in db.get_tables() if not t.startswith(("patient_search", "sqlite_"))}
    assert made - {schema.HISTORY} == {str(m._meta.table_name) for m in _models()}


def test_every_default_and_null_is_alike_in_rows_and_tables(db: pw.Database) -> None:
    for model in _models():
        null = {c.name: c.null for c in db.get_columns(str(model._meta.table_name))}
        for field in model._meta.sorted_fields:
            if not field.primary_key:
                assert null[field.column_name] == field.null, f"{model.__name__}.{field.name}"


def test_a_new_database_has_the_present_version_and_a_name(db: pw.Database) -> None:
    assert schema.version(db) == schema.VERSION
    schema.require_current(db)
    info = people.DatabaseInfo.get_by_id(1)
    assert len(info.epoch) == 36
    assert info.tzdata == schema.zone_data()


def test_creating_twice_changes_nothing(db: pw.Database, practice: Practice) -> None:
    epoch = people.DatabaseInfo.get_by_id(1).epoch
    assert schema.upgrade(db).steps == ()
    assert people.DatabaseInfo.get_by_id(1).epoch == epoch


def _stepped(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Make this a program of the next version, with one more step."""
    steps = folder / "steps"
    steps.mkdir()
    for step in schema.MIGRATIONS.glob("0*.py"):
        shutil.copy(step, steps)
    (steps / f"{schema.VERSION + 1:04}_next.py").write_text(text, "utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)


def test_an_older_database_is_named_and_upgraded(
    db: pw.Database, practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.book()
    before = schema.VERSION
    _stepped(tmp_path, monkeypatch, ADDING)
    with pytest.raises(WrongSchema, match="older version") as refusal:
        schema.require_current(db)
    assert "clinic-desk migrate" in str(refusal.value)
    asked: list[tuple[int, int]] = []
    done = schema.upgrade(db, lambda old, new: asked.append((old, new)))
    assert done.steps == (f"{before + 1:04}_next",)
    assert asked == [(before, before + 1)]
    schema.require_current(db)
    assert db.execute_sql("SELECT shoe_size FROM patient").fetchall() == [(None,), (None,)]
    db.connect(reuse_if_open=True)
    assert_holds(db)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_file_is_copied_before_it_is_upgraded(
    db: files.FileDatabase, practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.book()
    before = schema.VERSION
    _stepped(tmp_path, monkeypatch, ADDING)
    copied = schema.upgrade(db).copy
    assert copied is not None
    assert copied.parent == Path(db.database).parent
    db.close()
    old = base.connect(f"sqlite:///{copied}")
    assert schema.version(old) == before
    assert diary.Appointment.select().count() == 1
    old.close()


def test_saying_no_leaves_an_older_database_as_it_is(
    db: pw.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(old: int, new: int) -> None:
        raise KeyboardInterrupt

    _stepped(tmp_path, monkeypatch, ADDING)
    with pytest.raises(KeyboardInterrupt):
        schema.upgrade(db, no)
    assert schema.version(db) == schema.VERSION - 1


def test_a_step_that_fails_leaves_nothing_behind(
    db: pw.Database, practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stepped(tmp_path, monkeypatch, FAILING)
    with pytest.raises(pw.PeeweeException):
        schema.upgrade(db)
    assert schema.version(db) == schema.VERSION - 1
    assert "shoe" not in db.get_tables()
    assert "shoe_size" not in {c.name for c in db.get_columns("patient")}


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.99])
def test_a_first_schema_that_fails_half_way_leaves_an_empty_database(
    dialect: str, part: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sqlite if dialect == "sqlite" else postgresql
    whole = module.STATEMENTS
    cut = max(int(len(whole) * part), 3)
    monkeypatch.setattr(module, "STATEMENTS", (*whole[:cut], "SELECT * FROM nowhere"))
    url, remove = _empty(dialect, tmp_path)
    db = base.connect(url)
    with pytest.raises(pw.PeeweeException):
        schema.create(db)
    assert schema.version(db) == 0
    monkeypatch.undo()
    schema.create(db)
    schema.require_current(db)
    db.close()
    remove()


def test_two_desks_that_create_at_once_make_one_schema(dialect: str, tmp_path: Path) -> None:
    url, remove = _empty(dialect, tmp_path)
    db = base.connect(url)
    errors: list[BaseException] = []

    def create() -> None:
        try:
            schema.create(db)
        except BaseException as error:
            errors.append(error)
        finally:
            db.close()

    desks = [threading.Thread(target=create) for _ in range(4)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    assert errors == []
    assert people.DatabaseInfo.select().count() == 1
    db.close()
    remove()


def _empty(dialect: str, folder: Path) -> tuple[str, Callable[[], None]]:
    """A database without any schema."""
    if dialect == "sqlite":
        return f"sqlite:///{folder / 'new.db'}", lambda: None
    url, remove = databases.fresh("postgresql", folder)
    name = url.rsplit("/", 1)[1]
    remove()
    databases.administer(f"CREATE DATABASE {name}")
    return url, remove


def test_a_newer_database_is_refused_and_not_touched(
    db: pw.Database, practice: Practice, database_url: str
) -> None:
    db.execute_sql(
        f"INSERT INTO {schema.HISTORY} (name, applied) VALUES ('0007_later', '2031-01-01')"
    )
    db.close()
    before = _content(database_url)
    for ask in (schema.require_current, schema.create, schema.upgrade):
        with pytest.raises(WrongSchema, match="newer version") as refusal:
            ask(db)
        assert "schema 7" in str(refusal.value)
        db.close()
    assert _content(database_url) == before


def _content(url: str) -> str:
    """What would differ if the file had been written."""
    if not url.startswith("sqlite"):
        return ""
    return hashlib.sha256(Path(url.removeprefix("sqlite:///")).read_bytes()).hexdigest()


def test_an_empty_database_says_so(dialect: str, tmp_path: Path) -> None:
    url, remove = _empty(dialect, tmp_path)
    db = base.connect(url)
    with pytest.raises(WrongSchema, match="empty"):
        schema.require_current(db)
    db.close()
    remove()


def test_a_server_with_other_tables_is_left_alone(tmp_path: Path) -> None:
    url, remove = _empty("postgresql", tmp_path)
    db = base.connect(url)
    db.connect()
    db.execute_sql("CREATE TABLE accounts (id int)")
    with pytest.raises(Damaged, match="another program"):
        schema.create(db)
    assert db.get_tables() == ["accounts"]
    db.close()
    remove()


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_desks_get_their_rights_again_after_an_upgrade(
    db: pw.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles.grant(db)
    monkeypatch.setitem(roles.RIGHTS, "SELECT", [*roles.RIGHTS["SELECT"], "shoe"])
    _stepped(tmp_path, monkeypatch, ADDING)
    schema.upgrade(db)
    asked = db.execute_sql("SELECT has_table_privilege(%s, 'shoe', 'SELECT')", (roles.ROLE,))
    assert asked.fetchone() == (True,)
