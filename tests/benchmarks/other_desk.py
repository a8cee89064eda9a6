"""Somebody at another desk: ``python -m tests.benchmarks.other_desk URL``, told by lines.

``move ID VERSION BEGIN`` moves a visit through the door, ``bare`` does the least that tells
another process something. Answers by the machine's clock: when the move had been committed,
and when the least began, since that can be heard before it has returned.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime

from clinic_desk.rules.spans import Span
from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import open_store
from tests.benchmarks.world import actor_of

CHANNEL = "bench_bare"


def main(url: str) -> None:
    """Do as told until the end of the lines."""
    store = open_store(url)
    actor = actor_of(store)
    bare = _notify(actor) if store.dialect == "postgresql" else _version(actor)
    print("ready", flush=True)
    for line in sys.stdin:
        words, began = line.split(), time.time()
        if words[0] == "move":
            card = diary.appointment(actor, int(words[1]))
            span = Span.lasting(datetime.fromisoformat(words[3]), card.span.minutes)
            diary.move(actor, card.id, version=int(words[2]), span=span)
            print(time.time(), flush=True)
        else:
            bare()
            print(began, flush=True)
    store.close()


def _notify(actor: Actor) -> Callable[[], object]:
    connection = actor.store.connection()
    return lambda: connection.execute(f"NOTIFY {CHANNEL}".encode())


def _version(actor: Actor) -> Callable[[], object]:
    """A commit of one row that nobody knows of."""
    connection = actor.store.connection()
    connection.execute("CREATE TABLE IF NOT EXISTS bench_bare (n INTEGER)")
    return lambda: connection.execute("INSERT INTO bench_bare VALUES (1)")


if __name__ == "__main__":
    main(sys.argv[1])
