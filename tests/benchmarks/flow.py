"""The steps of a booking, as the window asks for them, in a practice of many years.

Each step is measured in a database of a million appointments and 200,000 patients beside the
same step in a small one with as many providers: what somebody waits for at the desk must not
depend on how long the practice has been there. Steps, not the window: what lies between a
click and its answer.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import cases, diary, holds, offers, patients, scheduling, wish_words
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.case_cards import Plan, Scheduled
from clinic_desk.services.holds import Slot
from clinic_desk.services.offer_cards import Service, TimeOffer, Wish
from tests.benchmarks.clock import Times, in_turns
from tests.benchmarks.patients import typed
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

GROWN = 1.3
"""At most so much slower than in the small practice."""

AHEAD = timedelta(weeks=30)
"""What is filled in ends before."""

Step = Callable[[], object]


def rows(world: World) -> list[Row]:
    """Each step on both databases."""
    out = []
    for dialect, shown in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        with (
            world.open(dialect, world.scale.small) as small,
            world.open(dialect, world.scale.busy) as large,
        ):
            beside = f"{world.scale.small.appointments:,} appointments"
            count = max(world.scale.times // 4, 5)
            for name, ours, theirs in _in_turns(Flow(large, count), Flow(small, count), count):
                note = f"p95 {ours.p95:.1f} and {theirs.p95:.1f} ms"
                subject = f"booking flow, {name}, {shown}"
                out.append(Row(subject, ours.p50, beside, theirs.p50, GROWN, note=note))
    return out


def _in_turns(large: Flow, small: Flow, count: int) -> Iterator[tuple[str, Times, Times]]:
    for (name, ours), (_same, theirs) in zip(large.steps(), small.steps(), strict=True):
        mine, others = in_turns(count, ours, theirs, warm=3)
        yield name, mine, others
    large.clear()
    small.clear()


class Flow:
    """One receptionist who books again and again: any provider, at one location."""

    def __init__(self, actor: Actor, count: int) -> None:
        self._actor = actor
        self._catalogue = actor.store.catalogue(actor.organisation_id)
        self._desk = str(uuid.uuid4())
        kinds = [kind for kind in self._catalogue.types.values() if kind.active]
        self._kind = min(kinds, key=lambda kind: (kind.minutes, kind.id))
        self._place = min(self._catalogue.locations)
        self._words = itertools.cycle(typed(actor, 60))
        self._people = itertools.cycle(self._found())
        self._spare = iter(self._openings(2 * count + 20))
        self._booked: list[int] = []

    def steps(self) -> list[tuple[str, Step]]:
        """In the order of the window."""
        offer = next(self._spare)
        return [
            ("main problems suggested", lambda: cases.suggestions(self._actor, "cl")),
            ("days of a month", lambda: offers.days(self._actor, self._wish, self._day)),
            ("times of a day with reasons",
             lambda: offers.times(self._actor, self._wish, self._day)),
            ("next openings", lambda: offers.spread(self._actor, self._wish)),
            ("patient found", lambda: patients.search(self._actor, next(self._words), limit=20)),
            ("time held", lambda: holds.take(self._actor, self._desk, _slots(offer))),
            ("what stands in the way", lambda: scheduling.check(self._actor, self._plan(offer))),
            ("schedule appointments", self._schedule),
            ("six offers for a line of words",
             lambda: wish_words.offers_for(self._actor, f"{next(self._words)} {self._kind.code}")),
        ]  # fmt: skip

    def clear(self) -> None:
        """Let go of what is held, and take back what was booked."""
        holds.release(self._actor, self._desk)
        for number in self._booked:
            card = diary.appointment(self._actor, number)
            diary.set_status(
                self._actor, number, Status.CANCELLED, version=card.version, reason="x"
            )

    @property
    def _wish(self) -> Wish:
        return Wish((Service(self._kind.id),), location_id=self._place, desk=self._desk)

    @property
    def _day(self) -> date:
        return (datetime.now(UTC) + timedelta(days=10)).date()

    def _found(self) -> list[PatientCard]:
        found: dict[int, PatientCard] = {}
        for word in itertools.islice(self._words, 40):
            found |= {card.id: card for card in patients.search(self._actor, word, limit=5)}
        return list(found.values())

    def _openings(self, count: int) -> tuple[TimeOffer, ...]:
        """Free times that do not touch each other, for as many bookings; where nobody has a
        visit yet, so that whoever is booked is free then.
        """
        soon = datetime.now(UTC) + AHEAD
        return offers.spread(self._actor, self._wish, from_at=soon, count=count, a_day=count)

    def _plan(self, offer: TimeOffer) -> Plan:
        return Plan(next(self._people).id, "Cleaning", (offer.seats,), desk=self._desk)

    def _schedule(self) -> None:
        done: Done[Scheduled] = cases.schedule(self._actor, self._plan(next(self._spare)))
        self._booked += [card.id for card in done.value.appointments]


def _slots(offer: TimeOffer) -> list[Slot]:
    return [
        Slot(
            seat.span, seat.provider_id, seat.operatory_id, seat.before_minutes, seat.after_minutes
        )
        for seat in offer.seats
    ]
