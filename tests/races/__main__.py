"""Run a race and judge it. Exit code 0 when nothing was booked twice and nothing was lost."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from typing import Any

from tests.races.judge import judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("url", help="an empty database: sqlite:///… or postgresql://…")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--slots", type=int, default=1000)
    parser.add_argument("--by-hand", type=int, default=2, help="racers who type SQL")
    parser.add_argument("--without", choices=["nothing", "lock", "constraint"], default="nothing")
    args = parser.parse_args()
    result = run(args.url, args.processes, args.slots, args.by_hand, args.without)
    print(json.dumps(result, indent=1))
    return 0 if result["clean"] else 1


def run(url: str, processes: int, count: int, by_hand: int, without: str) -> dict[str, Any]:
    """The whole race; the answer is what :func:`tests.races.judge.judge` found, and figures."""
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    with context.Pool(1) as pool:
        arena, places = pool.apply(_prepare, (url, count, without))
    began = time.perf_counter()
    with context.Pool(processes + by_hand, maxtasksperchild=1) as pool:
        runs = [
            pool.apply_async(_race, (url, arena, places, n, without, n >= processes))
            for n in range(processes + by_hand)
        ]
        logs = [run.get(timeout=1200) for run in runs]
    seconds = time.perf_counter() - began
    with context.Pool(1) as pool:
        return pool.apply(judge, (url, arena, logs, seconds))


def _prepare(url: str, count: int, without: str) -> Any:
    from clinic_desk.models import base, schema
    from tests.races import clinic
    from tests.races.judge import drop_constraint

    database = base.connect(url)
    if schema.version(database) != schema.VERSION:
        schema.create(database)
    arena = clinic.build()
    if without == "constraint":
        drop_constraint(database)
    database.close()
    return arena, clinic.slots(arena, count)


def _race(url: str, arena: Any, places: Any, number: int, without: str, hand: bool) -> Any:
    from tests.races import worker

    if hand:
        return worker.race_by_hand(url, arena, places, number)
    return worker.race(url, arena, places, number, without)


if __name__ == "__main__":
    sys.exit(main())
