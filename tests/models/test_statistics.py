"""What the planner of a file is told, whoever made the file and however it was counted before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import peewee as pw

from clinic_desk.models import schema, statistics
from clinic_desk.models.files import FileDatabase

HISTORY = (
    "SELECT d.at FROM deed d JOIN deed_entity e ON e.organisation_id = d.organisation_id"
    " AND e.seq = d.seq WHERE e.organisation_id = 1 AND e.kind = 'patient' AND e.entity_id = 7"
    " ORDER BY d.seq DESC LIMIT 9"
)


def made(path: Path) -> Any:
    """A new database."""
    database = FileDatabase(str(path / "clinic.db"))
    schema.create(database)
    return database


def told(database: pw.Database) -> dict[str, str]:
    """The numbers of each index."""
    return dict(database.execute_sql("SELECT idx, stat FROM sqlite_stat1").fetchall())


def test_a_new_file_is_told_of_every_index_of_what_grows(tmp_path: Path) -> None:
    database = made(tmp_path)
    known = told(database)
    named = database.execute_sql(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    )

    assert {name for (name,) in named} <= known.keys()
    assert known["appointment_window"].split()[:2] == ["100000", "100000"]
    assert known["claim"].split()[0] == "100000"
    assert set(database.get_tables()) >= statistics.GROWING
    database.close()


def test_the_history_of_a_record_is_read_by_its_index(tmp_path: Path) -> None:
    database = made(tmp_path)
    plan = str(database.execute_sql(f"EXPLAIN QUERY PLAN {HISTORY}").fetchall())

    assert "deed_entity_history (kind=? AND entity_id=?" in plan
    assert "d USING PRIMARY KEY (organisation_id=? AND seq=?)" in plan
    database.close()


def test_what_somebody_counted_gives_way_to_our_numbers(tmp_path: Path) -> None:
    database = made(tmp_path)
    ours = told(database)
    database.execute_sql("ANALYZE")
    assert told(database) != ours

    with database.atomic():
        statistics.tell(database)

    assert told(database) == ours
    assert database.execute_sql("SELECT COUNT(*) FROM sqlite_stat4").fetchone() == (0,)
    database.close()
