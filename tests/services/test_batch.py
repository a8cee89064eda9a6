"""Many statements in one exchange with a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from clinic_desk.services import batch
from tests import databases

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"])

NINE = datetime(2031, 5, 20, 9, tzinfo=UTC)


@pytest.fixture
def line(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE note (id bigint PRIMARY KEY, text text)")
        yield connection


def _notes(line: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return line.execute("SELECT id, text FROM note ORDER BY id").fetchall()


def test_the_answers_come_in_the_order_of_the_questions(line: psycopg.Connection[Any]) -> None:
    found = batch.exchange(
        line,
        [
            ("SELECT ?::bigint, ?", (7, "seven")),
            ("INSERT INTO note (id, text) VALUES (?, ?)", (1, None)),
            ("SELECT ?::timestamptz, true WHERE ?::bigint = 1", (NINE, 2)),
            ("SELECT id, text FROM note", ()),
        ],
    )

    assert found == [[(7, "seven")], [], [], [(1, None)]]


def test_the_same_statement_takes_values_of_other_types(line: psycopg.Connection[Any]) -> None:
    for number, text in ((1, "a"), (2, None), (3, "ä ✓")):
        batch.exchange(line, [("INSERT INTO note (id, text) VALUES (?, ?)", (number, text))])

    assert _notes(line) == [(1, "a"), (2, None), (3, "ä ✓")]


def test_after_a_failure_nothing_more_is_run_and_the_line_is_usable(
    line: psycopg.Connection[Any],
) -> None:
    add = "INSERT INTO note (id, text) VALUES (?, ?)"

    with pytest.raises(psycopg.errors.UniqueViolation):
        batch.exchange(line, [(add, (1, "a")), (add, (1, "b")), (add, (2, "c"))])

    assert _notes(line) == []
    assert batch.exchange(line, [("SELECT 1", ())]) == [[(1,)]]


def test_a_rollback_keeps_what_was_prepared(line: psycopg.Connection[Any]) -> None:
    add = ("INSERT INTO note (id, text) VALUES (?, ?)", (1, "a"))
    batch.exchange(line, [("BEGIN", ()), add])
    batch.roll_back(line)

    batch.exchange(line, [("BEGIN", ()), add, ("COMMIT", ())])

    assert _notes(line) == [(1, "a")]
    names = line.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert names == (3,)


def test_what_somebody_let_go_of_is_prepared_again(line: psycopg.Connection[Any]) -> None:
    batch.exchange(line, [("SELECT 1", ())])
    line.execute("DEALLOCATE ALL")

    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        batch.exchange(line, [("SELECT 1", ())])

    assert batch.exchange(line, [("SELECT 1", ())]) == [[(1,)]]


def test_a_value_that_cannot_be_sent_leaves_the_line_as_it_was(
    line: psycopg.Connection[Any],
) -> None:
    with pytest.raises(psycopg.ProgrammingError):
        batch.exchange(line, [("SELECT 1", ()), ("SELECT ?", (object(),))])

    assert batch.exchange(line, [("SELECT 2", ())]) == [[(2,)]]


def test_a_line_that_ends_in_the_middle_is_told(line: psycopg.Connection[Any]) -> None:
    number = line.info.backend_pid
    databases.administer(f"SELECT pg_terminate_backend({number})")

    with pytest.raises(psycopg.OperationalError):
        batch.exchange(line, [("SELECT 1", ())])


def test_a_plan_for_all_values_is_used_only_in_the_exchange(
    line: psycopg.Connection[Any],
) -> None:
    (inside,) = batch.exchange(line, [("SHOW plan_cache_mode", ())])

    assert inside == [("force_generic_plan",)]
    assert line.execute("SHOW plan_cache_mode").fetchone() == ("auto",)


def test_what_fails_again_and_again_is_prepared_once(line: psycopg.Connection[Any]) -> None:
    add = "INSERT INTO note (id, text) VALUES (?, ?)"
    batch.exchange(line, [("SELECT 1", ())])
    line.execute("INSERT INTO note VALUES (1, 'there')")
    for _ in range(3):
        with pytest.raises(psycopg.errors.UniqueViolation):
            batch.exchange(line, [(add, (1, "again"))])

    known = line.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert known == (2,)
