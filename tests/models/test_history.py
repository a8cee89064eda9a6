"""The history can be added to, never changed; its texts can be emptied, never altered."""

from __future__ import annotations

import peewee as pw
import pytest

from clinic_desk.models.journal import Deed, DeedEntity, DeedText
from tests.models.sample import NINE, Practice


@pytest.fixture
def deed(practice: Practice) -> Practice:
    """One deed with its text and the record it touched."""
    Deed.insert(_deed(practice.id, 1)).execute()
    DeedText.insert(organisation_id=practice.id, seq=1, salt="s", body="{}").execute()
    DeedEntity.insert(organisation_id=practice.id, seq=1, kind="patient", entity_id=1).execute()
    return practice


def _deed(organisation_id: int, seq: int, **more: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "organisation_id": organisation_id,
        "seq": seq,
        "request_id": f"request-{seq}",
        "origin": "desk",
        "action": "test",
        "at": NINE,
        "schema_version": 1,
        "digest": "d",
        "chain": "c",
    }
    return fields | more


def _content() -> list[tuple[object, ...]]:
    return [
        tuple(row.__data__.values())
        for model in (Deed, DeedText, DeedEntity)
        for row in model.select().order_by(model.seq)
    ]


CHANGES = [
    "UPDATE deed SET action = 'other'",
    "UPDATE deed SET seq = 2",
    "DELETE FROM deed",
    "UPDATE deed_entity SET entity_id = 2",
    "DELETE FROM deed_entity",
    "DELETE FROM deed_text",
    "UPDATE deed_text SET body = '[]'",
    "UPDATE deed_text SET body = ''",
    "UPDATE deed_text SET salt = '', body = '', seq = 2",
    (
        "INSERT INTO deed SELECT * FROM deed WHERE true ON CONFLICT (organisation_id, seq)"
        " DO UPDATE SET action = 'other'"
    ),
]
IN_SQLITE = [
    "REPLACE INTO deed SELECT * FROM deed",
    "REPLACE INTO deed_text SELECT * FROM deed_text",
    "UPDATE OR REPLACE deed SET action = 'other'",
    (
        "INSERT OR REPLACE INTO deed (organisation_id, seq, request_id, origin, action, at,"
        " schema_version, digest, chain) SELECT organisation_id, 2, request_id, origin, 'other',"
        " at, 1, 'd', 'c' FROM deed"
    ),
]
IN_POSTGRESQL = ["TRUNCATE deed CASCADE", "TRUNCATE deed_text", "TRUNCATE deed_entity"]


@pytest.mark.parametrize("sql", [*CHANGES, *IN_SQLITE, *IN_POSTGRESQL])
def test_the_history_stays_as_it_was(db: pw.Database, deed: Practice, sql: str) -> None:
    before = _content()
    with pytest.raises(pw.PeeweeException):
        db.execute_sql(sql)
    assert _content() == before


def test_a_text_can_be_emptied(db: pw.Database, deed: Practice) -> None:
    db.execute_sql("UPDATE deed_text SET salt = '', body = ''")
    assert [(t.salt, t.body) for t in DeedText.select()] == [("", "")]


def test_a_number_is_given_once(deed: Practice) -> None:
    with pytest.raises(pw.IntegrityError):
        Deed.insert(_deed(deed.id, 1, request_id="another")).execute()


@pytest.mark.parametrize("actor_id", [None, 7])
def test_a_request_stands_once_for_each_actor(deed: Practice, actor_id: int | None) -> None:
    Deed.insert(_deed(deed.id, 2, actor_id=actor_id, request_id="same")).execute()
    with pytest.raises(pw.IntegrityError):
        Deed.insert(_deed(deed.id, 3, actor_id=actor_id, request_id="same")).execute()
    Deed.insert(_deed(deed.id, 3, actor_id=8, request_id="same")).execute()
    assert Deed.select().count() == 3
