"""Many desks at the same slots: the short form of the race, and proof that it can fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def race(url: str, *more: str) -> dict[str, Any]:
    """Run the race in processes of its own; what the judge found."""
    command = [sys.executable, "-m", "tests.races", url, "--slots", "60", *more]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if found["clean"] else 1)
    return found


def test_a_crowd_books_each_slot_once_and_everybody_is_told_the_truth(database_url: str) -> None:
    processes = "8" if database_url.startswith("sqlite") else "16"

    found = race(database_url, "--processes", processes)

    assert found["clean"], found
    assert found["booked"] > 20


def test_without_the_constraint_the_same_race_books_twice(database_url: str) -> None:
    found = race(database_url, "--processes", "4", "--without", "constraint")

    assert found["doubles"] > 0


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_without_the_lock_the_same_race_goes_wrong(database_url: str) -> None:
    found = race(database_url, "--processes", "16", "--without", "lock")

    assert not found["clean"]
    assert found["doubles"] == 0
