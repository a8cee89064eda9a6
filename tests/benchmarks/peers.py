"""The rival that is run beside ours: DayPilot Lite in a headless Chromium.

It is no part of the project. ``CLINIC_DESK_PEERS`` names a folder in which it was installed;
where it is missing, the rows say so and how to get it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VARIABLE = "CLINIC_DESK_PEERS"
PACKAGES = ("playwright-core", "@daypilot/daypilot-lite-javascript")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
HERE = Path(__file__).parent


class Missing(Exception):
    """The rival cannot be run; the sentence says why and what to do."""


def _needed() -> tuple[str, str, str]:
    folder, node = os.environ.get(VARIABLE, ""), shutil.which("node")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not folder:
        raise Missing(
            f"not measured: run “npm install {' '.join(PACKAGES)}” in some folder"
            f" and set {VARIABLE} to it"
        )
    lacking = [name for name in PACKAGES if not (Path(folder) / "node_modules" / name).is_dir()]
    if lacking:
        raise Missing(f"not measured: run “npm install {' '.join(lacking)}” in {VARIABLE}")
    if node is None or browser is None:
        raise Missing("not measured: Node.js and Chromium must be installed and in PATH")
    return node, folder, browser


class DayPilot:
    """A browser that shows what it is told. Close it. Raises ``Missing``."""

    def __init__(self) -> None:
        node, folder, browser = _needed()
        self._process = subprocess.Popen(
            [node, str(HERE / "peer.mjs"), folder, browser],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._answer()

    def load(self, file: Path, events: Sequence[dict[str, str]], first: str) -> None:
        """Have these events in the page's memory; the week begins on *first*, an ISO date."""
        file.write_text(json.dumps(list(events)), encoding="utf-8")
        self._ask(do="load", events=str(file), first=first)

    def open(self) -> float:
        """Make the calendar anew on them; milliseconds until it was painted."""
        found = self._ask(do="open")
        if not found["drawn"]:
            raise RuntimeError("DayPilot painted nothing")
        return float(found["ms"])

    def turn(self, days: int) -> float:
        """Show another week; milliseconds until it was painted."""
        return float(self._ask(do="turn", days=days)["ms"])

    def close(self) -> None:
        """End the browser."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, **wish: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the browser has ended")
        found: dict[str, Any] = json.loads(line)
        return found
