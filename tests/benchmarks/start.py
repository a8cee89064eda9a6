"""From the start of the process to a window one can use, beside a bare PySide6 window.

Both are fresh processes, in turns, with their files in the system's cache. *Sign-in* is when
one can type a name; *calendar* adds what passes between the click on "Sign in" and a painted
week, checking the password included, which is slow on purpose.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clinic_desk.services import fill
from clinic_desk.services.store import open_store
from tests.benchmarks.clock import Times
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

GOAL = 3.0


def rows(world: World) -> list[Row]:
    """Both databases, with the half year of ``openings`` in them."""
    size, times = world.scale.openings, 1 if world.scale.quick else 9
    bare = Times()
    found: dict[str, tuple[Times, Times]] = {}
    started = [
        ("SQLite", Start(world.url("sqlite", size))),
        ("PostgreSQL", Start(world.url("postgresql", size))),
    ]
    for number in range(0 if world.scale.quick else -1, times):
        alone = bare_start()
        for shown, start in started:
            sign_in, calendar = start.once()
            if number >= 0:
                both = found.setdefault(shown, (Times(), Times()))
                both[0].values.append(sign_in)
                both[1].values.append(calendar)
        if number >= 0:
            bare.values.append(alone)
    beside = "bare PySide6 window"
    return [
        Row(f"start to {what}, {shown}", mine.p50, beside, bare.p50, GOAL,
            note=f"least {min(mine.values):.0f} and {min(bare.values):.0f} ms,"
            f" {size.appointments:,} appointments")
        for shown, both in found.items()
        for what, mine in zip(("sign-in", "calendar"), both, strict=True)
    ]  # fmt: skip


class Start:
    """The program on one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        store = open_store(url)
        self._user = str(store.rows("SELECT name FROM user_account ORDER BY id LIMIT 1")[0][0])
        store.close()

    def once(self) -> tuple[float, float]:
        """Milliseconds until one can sign in, and until the week is there."""
        began, (painted, more) = _run(self._url, self._user, fill.PASSWORD)
        sign_in = (float(painted) - began) * 1000
        return sign_in, sign_in + float(more) * 1000


def bare_start() -> float:
    """Milliseconds until a bare window is painted."""
    began, (painted,) = _run()
    return (float(painted) - began) * 1000


def _run(*arguments: str) -> tuple[float, list[str]]:
    """When it was started, and the lines that it said."""
    with tempfile.TemporaryDirectory(prefix="clinic-desk-bench-") as home:
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "CLINIC_DESK_HOME": home}
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.starting", *arguments],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
    return began, done.stdout.split()
