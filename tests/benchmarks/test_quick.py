"""The measurements run: every subject gives rows on both databases. How fast is not asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.benchmarks import table
from tests.benchmarks.table import Row
from tests.benchmarks.world import Scale

ROOT = Path(__file__).parents[2]
ON_BOTH = {
    "openings": "first opening",
    "booking": "booking on",
    "patients": "patient search",
    "flow": "booking flow",
    "refresh": "refresh",
    "start": "start to",
    "growth": "week read",
    "api": "API booking on",
}
ON_ONE = {"week": "week opened", "drag": "drag,"}
QUICK_SECONDS = 60


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The whole quick form, without a rival in the way, on the tests' own server."""
    folder = tmp_path_factory.mktemp("benchmarks")
    environment = {k: v for k, v in os.environ.items() if k != "CLINIC_DESK_PEERS"}
    environment["CLINIC_DESK_TEST_DATABASE"] = databases.server_url()
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--json"]
    done = subprocess.run(
        [*command, "--folder", str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=5 * QUICK_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return table.from_json(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ON_BOTH.values(), *ON_ONE.values()])
def test_every_subject_gives_rows_with_positive_times(rows: list[Row], name: str) -> None:
    found = [row for row in rows if row.subject.startswith(name)]

    assert found
    for row in found:
        assert row.ours is not None and row.ours > 0, row
        assert row.theirs is None or row.theirs > 0, row


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_BOTH.values())
@pytest.mark.parametrize("shown", ["SQLite", "PostgreSQL"])
def test_what_touches_a_database_is_measured_on_both(
    rows: list[Row], name: str, shown: str
) -> None:
    assert any(row.subject.startswith(name) and shown in row.subject for row in rows)


@pytest.mark.slow
def test_a_rival_that_is_not_there_is_told_and_not_invented(rows: list[Row]) -> None:
    rivals = [row for row in rows if "DayPilot" in row.beside]

    assert rivals
    for row in rivals:
        assert row.theirs is None
        assert row.met is None
        assert "CLINIC_DESK_PEERS" in row.note


@pytest.mark.slow
def test_the_quick_form_sets_no_goals(rows: list[Row]) -> None:
    assert {row.met for row in rows} == {None}


def test_the_quick_form_is_smaller_than_the_whole() -> None:
    quick, whole = Scale(quick=True), Scale(quick=False)

    assert quick.large.appointments < whole.large.appointments
    assert quick.times < whole.times
    assert set(quick.visits) < set(whole.visits)
