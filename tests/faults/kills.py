"""Kill a desk in mid-write, again and again, and ask the database whether it kept its word."""

from __future__ import annotations

import dataclasses
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from clinic_desk.services import check
from clinic_desk.services.store import open_store
from tests.races import clinic

ROOT = Path(__file__).parents[2]


def run(url: str, times: int, *, seed: int = 1) -> dict[str, Any]:
    """Start a desk, kill it up to a tenth of a second after its first bookings; *times* over.

    The answer: how much was acknowledged, how much of it is lost, what the check found.
    """
    chance = random.Random(seed)
    store = open_store(url)
    arena = clinic.build()
    store.close()
    told: dict[str, int] = {}
    start = 0
    for _ in range(times):
        lines = _one_life(url, arena, start, chance.uniform(0, 0.1))
        for number, request_id, appointment_id in lines:
            told[request_id] = appointment_id
            start = max(start, number + 1)
    store = open_store(url)
    kept = dict(
        store.rows(
            "SELECT d.request_id, e.entity_id FROM deed d JOIN deed_entity e"
            " ON e.organisation_id = d.organisation_id AND e.seq = d.seq"
            " WHERE e.kind = 'appointment'"
        )
    )
    report = check.check(store)
    store.close()
    return {
        "kills": times,
        "acknowledged": len(told),
        "lost": len([r for r, number in told.items() if kept.get(r) != number]),
        "kept_unheard": len(set(kept) - set(told)),
        "findings": [str(finding) for finding in report.findings],
    }


def _one_life(url: str, arena: clinic.Arena, start: int, seconds: float) -> list[Any]:
    command = [
        sys.executable,
        "-m",
        "tests.faults.writer",
        url,
        json.dumps(dataclasses.asdict(arena)),
        str(start),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        lines = [desk.stdout.readline()]  # it has started and booked once
        time.sleep(seconds)
        desk.kill()
        lines += desk.stdout.readlines()
    return [json.loads(line) for line in lines if line.endswith("\n")]
