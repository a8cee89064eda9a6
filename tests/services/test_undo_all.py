"""Every command that there is: done, taken back, done again, taken back again.

The rows are then as they were before it, and as it left them, but for their versions. What
stays on purpose is written beside its command; what is never taken back is refused and says why.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic_desk.models import people
from clinic_desk.rules.errors import Refused
from clinic_desk.services import journal, undo_kinds
from clinic_desk.services.store import Store, open_store
from tests import builders, databases
from tests.builders import Clinic
from tests.conftest import DIALECTS
from tests.services.test_permission_matrix import CASES, COMMANDS, Scene

NOT_BY_UNDO = {
    "event.begin": "only a rule, without an event",
    "series.begin": "only a rule, without a visit",
    "outbox.retry": "messages have the outbox",
    "outbox.withdraw": "messages have the outbox",
    "patient.keys": "nobody's change: it makes old records findable",
    "patient.merge": "its own step: the whole merge is tried in another test",
    "patient.unmerge": "its own step: the whole merge is tried in another test",
    "reminder.write": "messages have the outbox",
    "report.send": "messages have the outbox",
    "undo": "what others are tried with",
    "undo of another's": "what others are tried with",
    "withdrawn": "a request that never arrived",
}
NOT_TRIED = NOT_BY_UNDO.keys() | {
    line
    for line in CASES
    if line.split()[0] in undo_kinds.NEVER or line.startswith("webhook.")  # of programs
}

WITHDRAWN: dict[str, dict[str, set[Any]]] = {
    "appointment": {"status": {"cancelled"}},
    "patient": {"active": {False}},
    "user_account": {"active": {False}},
    "patient_case": {},
}
"""What an undone creation leaves: the row, out of use; and the case of an undone booking."""

UNSEEN = frozenset({"version", "permit_id"})

TABLES = sorted(undo_kinds.KINDS)


@pytest.fixture(scope="module", params=DIALECTS)
def one_store(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Store]:
    """One database for all lines; each makes a clinic of its own in it."""
    folder: Path = tmp_path_factory.mktemp("undo")
    url, remove = databases.fresh(request.param, folder)
    opened = open_store(url)
    yield opened
    opened.close()
    remove()


def rows(store: Store, organisation_id: int) -> dict[tuple[str, int], dict[str, Any]]:
    """All rows of kinds that can be taken back, without their versions."""
    out: dict[tuple[str, int], dict[str, Any]] = {}
    for table in TABLES:
        model = undo_kinds.KINDS[table].model
        names = [f.column_name for f in model._meta.sorted_fields]
        for values in store.rows(
            f"SELECT {', '.join(names)} FROM {table} WHERE {_owner(names)} = ?", (organisation_id,)
        ):
            told = dict(zip(names, values, strict=True))
            out[table, told["id"]] = {k: v for k, v in told.items() if k not in UNSEEN}
    return out


def _owner(names: list[str]) -> str:
    return "organisation_id" if "organisation_id" in names else "id"


def left_out(
    before: dict[tuple[str, int], dict[str, Any]], now: dict[tuple[str, int], dict[str, Any]]
) -> dict[tuple[str, int], dict[str, Any]]:
    """*now* without new rows that are out of use, as an undone creation may leave them."""
    return {
        (kind, number): row
        for (kind, number), row in now.items()
        if (kind, number) in before
        or kind not in WITHDRAWN
        or any(row[name] not in allowed for name, allowed in WITHDRAWN[kind].items())
    }


@pytest.fixture
def clinic(one_store: Store) -> Iterator[Clinic]:
    """A clinic whose people leave the names, by which they sign in, to the next one."""
    yield builders.a_clinic(one_store)
    people.User.update(name=people.User.uuid).execute()


@pytest.mark.parametrize("line", sorted(CASES.keys() - NOT_TRIED))
def test_what_was_done_is_taken_back_and_done_again(
    clinic: Clinic, one_store: Store, line: str
) -> None:
    actor = builders.an_actor(clinic)
    step = CASES[line](Scene(clinic, actor), actor)
    before = rows(one_store, clinic.organisation_id)

    done = step(actor, str(uuid.uuid4()))
    after = rows(one_store, clinic.organisation_id)
    assert undo_kinds.why_not(done.changed, done.action) is None

    again_for = "He cannot come earlier" if "outside" in line else None
    undone = journal.undo(actor, done.seq)
    assert left_out(before, rows(one_store, clinic.organisation_id)) == before
    again = journal.undo(actor, undone.seq, override=again_for)
    assert rows(one_store, clinic.organisation_id) == after
    journal.undo(actor, again.seq)
    assert left_out(before, rows(one_store, clinic.organisation_id)) == before


@pytest.mark.parametrize("line", sorted(undo_kinds.NEVER.keys() - {"consent.heard"}))
def test_what_stands_says_why_and_what_to_do_instead(clinic: Clinic, line: str) -> None:
    actor = builders.an_actor(clinic)
    done = CASES[line](Scene(clinic, actor), actor)(actor, str(uuid.uuid4()))

    known = undo_kinds.why_not(done.changed, done.action)
    with pytest.raises(Refused) as refusal:
        journal.undo(actor, done.seq)

    why, way_out = undo_kinds.NEVER[line.split(maxsplit=1)[0]]
    assert (refusal.value.message, refusal.value.way_out) == (why, way_out)
    assert known is not None and (known.message, known.way_out) == (why, way_out)


def test_every_command_is_tried_or_has_its_reason() -> None:
    lines = CASES.keys()
    assert {line.split()[0] for line in lines} == set(COMMANDS)
    assert undo_kinds.NEVER.keys() <= set(COMMANDS)
