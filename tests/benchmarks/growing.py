"""One database asked line by line: ``python -m tests.benchmarks.growing URL TIMES``.

A process for each size, because there is one open database in a process; told by lines what
to do once, each answers how many milliseconds that took.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from clinic_desk.rules.spans import Span
from clinic_desk.services import diary, openings, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import open_store
from tests.benchmarks import booking
from tests.benchmarks.patients import LIMIT, typed
from tests.benchmarks.world import actor_of

DAY = timedelta(days=1)


def main(url: str, times: int) -> None:
    """Do as told until the end of the lines; what was booked is taken away again."""
    store = open_store(url)
    actor = actor_of(store)
    booked: list[int] = []
    try:
        deeds = _deeds(actor, times, booked)
        print("ready", flush=True)
        for line in sys.stdin:
            deed = deeds[line.strip()]
            began = time.perf_counter()
            deed()
            print((time.perf_counter() - began) * 1000, flush=True)
    finally:
        booking.taken_away(actor, booked)
        store.close()


def _deeds(actor: Actor, times: int, booked: list[int]) -> dict[str, Callable[[], object]]:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    weeks = itertools.cycle([Span(midnight + n * 7 * DAY, midnight + (n + 1) * 7 * DAY)
                             for n in range(-2, 12)])  # fmt: skip
    places = booking.places_free(actor)
    words = itertools.cycle(typed(actor, times + 20))
    insert = booking.bare_insert(actor, booked)
    actor.store.occupancy(actor.organisation_id).catch_up()

    def book() -> None:
        provider_id, room_id, patient_id, type_id, span = next(places)
        done = diary.book(
            actor,
            span=span,
            type_id=type_id,
            provider_id=provider_id,
            operatory_id=room_id,
            patient_id=patient_id,
        )
        booked.append(done.value.id)

    return {
        "week read": lambda: diary.view(actor, next(weeks)),
        "booking": book,
        "bare insert": lambda: insert(next(places)),
        "first opening, warm": lambda: openings.next(actor, minutes=45, count=1),
        "patient search": lambda: patients.search(actor, next(words), limit=LIMIT),
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
