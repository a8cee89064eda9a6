"""Killed in mid-write: nothing that was acknowledged is lost, nothing is half done."""

from __future__ import annotations

from tests.faults import kills


def test_a_killed_desk_loses_nothing_that_was_acknowledged(database_url: str) -> None:
    found = kills.run(database_url, 5)

    assert found["acknowledged"] >= 5
    assert (found["lost"], found["findings"]) == (0, [])
