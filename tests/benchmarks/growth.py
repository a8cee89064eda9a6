"""What a hundred times the past costs: the same diary ahead, 10,000 and 1,000,000 visits.

Two processes, one on each database, in turns. Where the engine's own bare operation grows,
that is told in the note.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks.clock import Times
from tests.benchmarks.start import Start
from tests.benchmarks.table import Row
from tests.benchmarks.world import Size, World

GOAL = 1.3
SUBJECTS = ("week read", "booking", "bare insert", "first opening, warm", "patient search")


def rows(world: World) -> list[Row]:
    """Both databases."""
    return [*_of(world, "sqlite", "SQLite"), *_of(world, "postgresql", "PostgreSQL")]


def _of(world: World, dialect: str, shown: str) -> list[Row]:
    times, scale = world.scale.times, world.scale
    urls = [world.url(dialect, size) for size in (scale.large, scale.small)]
    out = []
    with _asked(urls[0], times) as large, _asked(urls[1], times) as small:
        for subject in SUBJECTS:
            many, few = Times(), Times()
            for number in range(-10, times):
                found = large(subject), small(subject)
                if number >= 0:
                    many.values.append(found[0])
                    few.values.append(found[1])
            out.append(_row(f"{subject}, {shown}", scale.large, scale.small, many, few))
    starts = [Start(url) for url in urls]
    many, few = Times(), Times()
    for number in range(1) if scale.quick else range(-1, 7):
        found = starts[0].once()[1], starts[1].once()[1]
        if number >= 0:
            many.values.append(found[0])
            few.values.append(found[1])
    out.append(_row(f"start to calendar, {shown}", scale.large, scale.small, many, few))
    return out


def _row(subject: str, large: Size, small: Size, many: Times, few: Times) -> Row:
    goal = None if subject.startswith("bare") else GOAL
    return Row(
        f"{subject}, {large.appointments:,} visits",
        many.p50,
        f"the same with {small.appointments:,}",
        few.p50,
        goal,
        note=f"p95 {many.p95:.2f} and {few.p95:.2f} ms",
    )


@contextlib.contextmanager
def _asked(url: str, times: int) -> Iterator[Callable[[str], float]]:
    """Another process on the database; gives what it takes to do something once, in ms."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.growing", url, str(times)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin is not None and process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(subject: str) -> float:
        stdin.write(subject + "\n")
        return float(stdout.readline())

    try:
        if stdout.readline().strip() != "ready":
            raise RuntimeError("a process could not open its database")
        yield ask
    finally:
        stdin.close()
        process.wait(60)
        stdout.close()
