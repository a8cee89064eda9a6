"""The ⚠ of an overbooking stands exactly where two visits share time, whatever is done."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clinic_desk.rules.errors import Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary, journal
from clinic_desk.services.cards import Override
from clinic_desk.services.store import Store, open_store
from tests import builders, databases

WHY = Override("She is in pain")
QUARTERS = st.integers(0, 6)
LENGTHS = st.sampled_from((15, 30, 60))

SHARING = (
    "SELECT DISTINCT m.source_id FROM claim m JOIN claim o ON o.resource_id = m.resource_id"
    " AND o.starts_at < m.ends_at AND o.ends_at > m.starts_at AND o.source_id <> m.source_id"
)
"""The visits that share time with another one; there are no events, extras and holds here."""


def marked(store: Store) -> set[int]:
    return {n for (n,) in store.rows("SELECT id FROM appointment WHERE permit_id IS NOT NULL")}


def sharing(store: Store) -> set[int]:
    return {n for (n,) in store.rows(SHARING)}


class Overbooking(RuleBasedStateMachine):
    """One desk that squeezes in, moves, calls off and takes back, at two providers and rooms."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        url, _ = databases.fresh("sqlite", Path(self.folder.name))
        self.store = open_store(url)
        self.clinic = builders.a_clinic(self.store)
        self.actor = builders.an_actor(self.clinic)
        clinic = self.clinic
        self.buffered = builders.a_type(clinic, code="SUR", before_minutes=15)
        self.providers = [clinic.provider_id, builders.a_provider(clinic)]
        self.rooms = [clinic.operatory_id, builders.an_operatory(clinic), None]
        self.visits: list[int] = []
        self.deeds: list[int] = []

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def at(self, quarter: int, minutes: int) -> Any:
        return self.clinic.span(10 + quarter // 4, quarter % 4 * 15, minutes=minutes)

    def version(self, visit: int) -> int:
        return diary.appointment(self.actor, visit).version

    @rule(q=QUARTERS, minutes=LENGTHS, who=st.integers(0, 1), room=st.integers(0, 2),
          buffered=st.booleans())  # fmt: skip
    def book(self, q: int, minutes: int, who: int, room: int, buffered: bool) -> None:
        done = diary.book(
            self.actor,
            span=self.at(q, minutes),
            type_id=self.buffered if buffered else self.clinic.type_id,
            provider_id=self.providers[who],
            operatory_id=self.rooms[room],
            patient_id=builders.a_patient(self.clinic),
            override=WHY,
        )
        self.visits.append(done.value.id)
        self.deeds.append(done.seq)

    @precondition(lambda self: self.visits)
    @rule(data=st.data(), q=QUARTERS, who=st.integers(0, 1), room=st.integers(0, 2),
          override=st.booleans())  # fmt: skip
    def move(self, data: st.DataObject, q: int, who: int, room: int, override: bool) -> None:
        visit = data.draw(st.sampled_from(self.visits))
        minutes = diary.appointment(self.actor, visit).span.minutes
        self.attempt(
            diary.move,
            visit,
            span=self.at(q, minutes),
            version=self.version(visit),
            provider_id=self.providers[who],
            operatory_id=self.rooms[room],
            override=WHY if override else None,
        )

    @precondition(lambda self: self.visits)
    @rule(data=st.data(), status=st.sampled_from((Status.CANCELLED, Status.SCHEDULED)))
    def follow(self, data: st.DataObject, status: Status) -> None:
        visit = data.draw(st.sampled_from(self.visits))
        self.attempt(diary.set_status, visit, status, version=self.version(visit), override=WHY)

    @precondition(lambda self: self.deeds)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self.attempt(journal.undo, data.draw(st.sampled_from(self.deeds[-4:])))

    def attempt(self, command: Any, *args: Any, **kwargs: Any) -> None:
        try:
            self.deeds.append(command(self.actor, *args, **kwargs).seq)
        except Stale:
            raise  # nobody else is at work here
        except Refused:
            pass

    @invariant()
    def the_mark_stands_where_time_is_shared(self) -> None:
        assert marked(self.store) == sharing(self.store)


Overbooking.TestCase.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
test_marks = Overbooking.TestCase
