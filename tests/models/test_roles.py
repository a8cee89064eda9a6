"""What a desk's role on a server may do, and what it may not, whatever SQL it sends."""

from __future__ import annotations

from collections.abc import Iterator

import peewee as pw
import pytest

from clinic_desk.models import roles
from tests.models.hand import Hand
from tests.models.truth import assert_holds

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"])


@pytest.fixture
def desk(db: pw.Database) -> Iterator[Hand]:
    """A hand that types with the rights of a desk, on a day made by the owner."""
    hand = Hand(db)
    roles.grant(db)
    db.execute_sql(f"SET ROLE {roles.ROLE}")
    yield hand
    db.execute_sql("RESET ROLE")


def test_a_desk_books_moves_and_cancels(desk: Hand) -> None:
    assert desk.type(desk.visit("20", "21")) == ""
    assert desk.type(desk.moved(desk.a, "7", "8")) == ""
    assert desk.type(desk.set(desk.b, "status = 'cancelled'")) == ""
    assert desk.type("DELETE FROM hold") == ""
    assert_holds(desk.db)


def test_a_desk_is_told_that_time_is_taken(desk: Hand) -> None:
    assert desk.type(desk.visit("9", "10", provider_id=desk.p)) == "claim_overlap"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM claim",
        "UPDATE claim SET ends_at = starts_at + interval '1 minute'",
        "INSERT INTO claim SELECT * FROM claim",
        "TRUNCATE claim",
        "TRUNCATE appointment CASCADE",
        "ALTER TABLE appointment DISABLE TRIGGER ALL",
        "DROP TABLE hold",
        "DROP TRIGGER claims ON appointment",
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE VIEW claim_due AS SELECT * FROM claim",
        "UPDATE deed SET action = 'x'",
        "DELETE FROM deed",
        "UPDATE deed_text SET salt = '', body = ''",
        "UPDATE resource SET kind = 'patient'",
        "UPDATE permit SET reason = 'x'",
        "DELETE FROM permit",
        "UPDATE database_info SET epoch = 'x'",
        "DELETE FROM schema_migration",
        "SET session_replication_role = replica",
    ],
)
def test_a_desk_may_not(desk: Hand, sql: str) -> None:
    answer = desk.type(sql)
    assert "permission denied" in answer or "must be owner" in answer


def test_a_desk_takes_back_what_was_added(desk: Hand) -> None:
    from clinic_desk.services.undo_kinds import KINDS, Gone

    for table, kind in KINDS.items():
        if kind.gone is Gone.DELETED:
            assert desk.type(f"DELETE FROM {table} WHERE id = 0") == "", table


def test_a_desk_cannot_lie_in_the_way_with_its_own_tables(desk: Hand) -> None:
    desk.type("CREATE TEMPORARY TABLE claim AS SELECT * FROM claim WHERE false")
    assert desk.type(desk.visit("9", "10", provider_id=desk.p)) == "claim_overlap"


def test_granting_twice_is_the_same_as_once(db: pw.Database) -> None:
    roles.grant(db)
    roles.grant(db)


@pytest.mark.parametrize("name", ["", "x; DROP TABLE hold", "Desk", "a b", 'a"b'])
def test_a_strange_name_of_a_role_is_refused(db: pw.Database, name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        roles.grant(db, name)
