"""A drunken hand: thousands of random statements on a crowded hour, and nothing overlaps."""

from __future__ import annotations

import random
from typing import Any

import peewee as pw
import pytest

from tests.models.hand import Hand
from tests.models.truth import assert_holds

STEPS = 250


class Walker:
    """Types random SQL, sound and unsound, on few resources and a few quarters of an hour."""

    def __init__(self, hand: Hand, seed: int) -> None:
        self.hand, self.random = hand, random.Random(seed)
        self.permits = ["NULL", "NULL", hand.permit, hand.one.permit(), hand.one.permit()]

    def statement(self) -> str:
        h, pick = self.hand, self.random.choice
        begin, end = self._times()
        return pick(
            (
                lambda: h.visit(begin, end, **self._columns()),
                lambda: h.visit(begin, end, **self._columns(), verb=self._verb("INSERT")),
                lambda: h.timed(pick(("calendar_event", "hold")), begin, end, self._who()),
                lambda: h.helper(self._who(), pick((0, 15)), pick((15, 30, 60)), self._visit()),
                lambda: self._update("appointment"),
                lambda: self._update("appointment"),
                lambda: self._update("appointment"),
                lambda: self._update(pick(("calendar_event", "hold"))),
                lambda: f"UPDATE appointment_extra SET to_minute = {pick((10, 20, 45, 90))}",
                lambda: f"DELETE FROM {self._table()} WHERE id % 7 = {pick(range(7))}",
                lambda: f"DELETE FROM claim WHERE source_id = {self._visit()}",
            )
        )()

    def _update(self, table: str) -> str:
        pick, h = self.random.choice, self.hand
        begin, end = self._times()
        what = [f"starts_at = {h.at(begin)}, ends_at = {h.at(end)}"]
        minutes = pick((-60, -30, 15, 30, 60))
        what.append(
            f"starts_at = {h.later('starts_at', minutes)}, ends_at = {h.later('ends_at', minutes)}"
        )
        if table == "appointment":
            what += [
                f"status = '{pick(('cancelled', 'scheduled', 'requested', 'missed'))}'",
                f"provider_id = {pick((h.p, h.q))}",
                f"operatory_id = {pick((h.room, h.room2, 'NULL'))}",
                f"after_minutes = {pick((0, 5, 15))}",
                f"permit_id = {pick(self.permits)}",
                f"{what[0]}, permit_id = {pick(self.permits)}",
                f"id = {self._visit()}",
            ]
        else:
            what.append(f"resource_id = {self._who()}")
        where = pick(("", f"WHERE id = {self._visit()}", f"WHERE id % 3 = {pick((0, 1, 2))}"))
        return f"{self._verb('UPDATE')} {table} SET {pick(what)} {where}"

    def _verb(self, verb: str) -> str:
        if not self.hand.sqlite:
            return verb
        return verb + self.random.choice(("", " OR IGNORE", " OR REPLACE", " OR FAIL"))

    def _columns(self) -> dict[str, Any]:
        h, pick = self.hand, self.random.choice
        wishes: dict[str, Any] = {
            "provider_id": pick((h.p, h.q)),
            "operatory_id": pick((h.room, h.room2, "NULL")),
            "patient_id": pick((h.patient, h.patient2)),
            "before_minutes": pick((0, 5)),
            "after_minutes": pick((0, 15)),
            "permit_id": pick(self.permits),
        }
        if self.random.random() < 0.2:
            wishes["id"] = self._visit()
        return wishes

    def _times(self) -> tuple[str, str]:
        first = self.random.randrange(28, 72)
        last = first + self.random.randrange(1, 6)
        return tuple(f"{q // 4}:{q % 4 * 15:02}" for q in (first, last))  # type: ignore[return-value]

    def _who(self) -> int:
        h = self.hand
        return self.random.choice((h.p, h.q, h.room, h.room2))

    def _visit(self) -> int:
        return self.random.randrange(1, 40)

    def _table(self) -> str:
        return self.random.choice(("appointment", "appointment_extra", "calendar_event", "hold"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_drunken_walk_takes_no_time_twice(db: pw.Database, seed: int) -> None:
    hand = Hand(db)
    walker = Walker(hand, seed)
    done = 0
    for _ in range(STEPS):
        sql = walker.statement()
        done += not hand.type(sql)
        try:
            assert_holds(db)
        except AssertionError as error:
            raise AssertionError(f"after {sql}") from error
    assert done > STEPS / 10
