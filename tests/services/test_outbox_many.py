"""The outbox of years: a page is read by the index, whichever states and page are asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_desk.models.base import database
from clinic_desk.models.journal import Outbox
from clinic_desk.services import messages, outbox
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic

MANY = 12_000
DUE = datetime(2031, 5, 20, tzinfo=UTC)


@pytest.fixture
def many(clinic: Clinic) -> int:
    """An outbox with thousands of messages, nearly all of them sent; one patient has a hundred
    of them. The patient's number.
    """
    mark = "?" if clinic.store.dialect == "sqlite" else "%s"
    number = builders.a_patient(clinic)
    # One thing to look up is done so often that no planner may choose to read all.
    database.execute_sql(
        "INSERT INTO outbox (uuid, organisation_id, seq, kind, recipient, body, due_at, state,"
        " patient_id) WITH RECURSIVE n (i) AS"
        f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
        " SELECT '00000000-0000-0000-0000-' || CAST(100000000000 + i AS TEXT),"
        f" {clinic.organisation_id}, 1, 'confirmed', 'a@example.com', '{{}}', {mark},"
        " CASE WHEN i - i / 40 * 40 = 0 THEN 'failed' WHEN i - i / 41 * 41 = 0 THEN 'waiting'"
        " WHEN i - i / 43 * 43 = 0 THEN 'withdrawn' ELSE 'sent' END,"
        f" CASE WHEN i - i / 120 * 120 = 0 THEN {number} END FROM n",
        (r.stored(Outbox, "due_at", DUE),),
    )
    if clinic.store.dialect == "postgresql":
        database.execute_sql("ANALYZE")
    return number


def plan(actor: Actor, states: tuple[str, ...], patient_id: int | None) -> str:
    """How the database reads a page."""
    wanted = outbox.page_of(actor, states, patient_id, 100, 50)
    asked = "EXPLAIN QUERY PLAN " if actor.store.dialect == "sqlite" else "EXPLAIN "
    return " ".join(str(row) for row in actor.store.rows(asked + wanted.sql, wanted.parameters))


@pytest.mark.parametrize("states", [("failed",), ("waiting", "sending"), messages.STATES])
def test_a_page_is_read_by_the_index(actor: Actor, many: int, states: tuple[str, ...]) -> None:
    told = plan(actor, states, None)

    assert "outbox_state" in told
    assert "SCAN outbox" not in told and "Seq Scan on outbox" not in told


def test_a_patients_messages_are_read_by_the_patients_index(actor: Actor, many: int) -> None:
    told = plan(actor, messages.STATES, many)

    assert "outbox_patient" in told
    assert "outbox_state" not in told


@pytest.mark.parametrize("states", [("failed",), ("failed", "sent", "withdrawn"), ()])
@pytest.mark.parametrize("of_patient", [False, True])
def test_each_page_holds_what_a_plain_sorting_gives(
    clinic: Clinic, actor: Actor, many: int, states: tuple[str, ...], of_patient: bool
) -> None:
    rows: list[tuple[Any, ...]] = clinic.store.rows(
        "SELECT id, state, patient_id FROM outbox ORDER BY id DESC"
    )
    wanted = [
        number
        for number, state, patient in rows
        if (not states or state in states) and (not of_patient or patient == many)
    ]

    for page in (1, 2, 7):
        found = outbox.lines(
            actor,
            states=states,
            patient_id=many if of_patient else None,
            page=page,
            page_size=50,
        )
        assert [line.id for line in found.items] == wanted[(page - 1) * 50 : page * 50]
        assert found.total == len(wanted)
