"""Finding a patient, beside the engine's own indexed query for the same words.

The bare side is the driver and one query of the trigram index (FTS5; pg_trgm) over the
folded key, twenty rows to the client, nothing made of them. Words are what people type:
the beginning of a last name, a whole name, a part of one, a number.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence

from clinic_desk.services import patients
from clinic_desk.services.actor import Actor
from tests.benchmarks.clock import Times, in_turns
from tests.benchmarks.table import Row
from tests.benchmarks.world import SEED, World

GOAL = 2.0
LIMIT = 20


def rows(world: World) -> list[Row]:
    """Both databases; the goal is of the 95th percentile."""
    out = []
    for dialect, shown in (("sqlite", "SQLite, FTS5"), ("postgresql", "PostgreSQL, pg_trgm")):
        with world.open(dialect, world.scale.patients) as actor:
            ours, bare = measure(actor, world.scale.times * 2)
            name = f"patient search in {world.scale.patients.patients:,}, {shown}"
            beside = "the engine's indexed query"
            out += [
                Row(f"{name}, p50", ours.p50, beside, bare.p50),
                Row(f"{name}, p95", ours.p95, beside, bare.p95, GOAL),
            ]
    return out


def measure(actor: Actor, times: int) -> tuple[Times, Times]:
    """Ours and the engine's query, in turns, each with the same words."""
    words = typed(actor, times + 20)
    mine, theirs = itertools.cycle(words), itertools.cycle(words)
    ask = engines_query(actor)
    ours, bare = in_turns(
        times,
        lambda: patients.search(actor, next(mine), limit=LIMIT),
        lambda: ask(next(theirs).split()),
        warm=20,
    )
    return ours, bare


def typed(actor: Actor, count: int) -> list[str]:
    """What people type, from patients that are there; three letters at least, so that the
    engine's index can answer.
    """
    chance = random.Random(SEED)
    found = actor.store.rows(
        "SELECT first_name, last_name, number FROM patient WHERE organisation_id = ?"
        " AND id - id / 7 * 7 = 3 AND length(last_name) > 4 AND length(first_name) > 2"
        " ORDER BY number LIMIT 3000",
        (actor.organisation_id,),
    )
    out: list[str] = []
    for first, last, number in chance.sample(found, min(count, len(found))):
        kind = len(out) % 5
        out.append(
            (last[:4], f"{last} {first[:3]}", f"{first} {last}", last[1:5], str(number))[kind]
        )
    return [text for text in out if text.strip()]


def engines_query(actor: Actor) -> Callable[[Sequence[str]], object]:
    """The engine's own query, as its manual would write it."""
    from clinic_desk.rules import fold

    connection = actor.store.connection()
    if actor.store.dialect == "sqlite":
        table = "SELECT p.* FROM patient_search s JOIN patient p ON p.id = s.rowid"
        text = f"{table} WHERE patient_search MATCH ? AND p.organisation_id = ? LIMIT {LIMIT}"

        def in_file(words: Sequence[str]) -> object:
            match = " ".join(f'"{fold.key(word)}"' for word in words)
            return connection.execute(text, (match, actor.organisation_id)).fetchall()

        return in_file

    def on_server(words: Sequence[str]) -> object:
        likes = " AND ".join(["search LIKE %s"] * len(words))
        text = f"SELECT * FROM patient WHERE organisation_id = %s AND {likes} LIMIT {LIMIT}"
        values = [actor.organisation_id, *(f"%{fold.key(word)}%" for word in words)]
        return connection.execute(text, values).fetchall()

    return on_server
