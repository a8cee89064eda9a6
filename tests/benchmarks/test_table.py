"""What a row says, and how the table prints it."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks import table
from tests.benchmarks.clock import Times, in_turns
from tests.benchmarks.table import Row


def test_the_ratio_is_ours_by_theirs() -> None:
    assert Row("week", 5.0, "rival", 20.0).ratio == 0.25


@pytest.mark.parametrize("row", [Row("week", 5.0), Row("week", None, "rival", 20.0)])
def test_without_both_sides_there_is_no_ratio(row: Row) -> None:
    assert row.ratio is None


@pytest.mark.parametrize(("ours", "met"), [(4.0, True), (4.1, False)])
def test_a_relative_goal_is_of_ours_by_theirs_and_may_be_just_met(ours: float, met: bool) -> None:
    assert Row("week", ours, "rival", 20.0, 1 / 5).met is met


@pytest.mark.parametrize(("ours", "met"), [(4.0, True), (4.1, False)])
def test_an_absolute_goal_is_of_ours_alone(ours: float, met: bool) -> None:
    assert Row("frame", ours, "floor", 0.1, 4.0, absolute=True).met is met


@pytest.mark.parametrize(
    "row",
    [
        Row("no goal", 5.0, "rival", 20.0),
        Row("no rival", 5.0, "rival", None, 1 / 5),
        Row("nothing measured", None, "rival", 20.0, 1 / 5),
        Row("nothing measured", None, at_most=4.0, absolute=True),
    ],
    ids=lambda row: row.subject,
)
def test_a_goal_that_cannot_be_judged_is_neither_met_nor_missed(row: Row) -> None:
    assert row.met is None


@pytest.mark.parametrize(
    ("row", "goal"),
    [
        (Row("a", 1.0), ""),
        (Row("a", 1.0, at_most=4.0, absolute=True), "≤ 4 ms"),
        (Row("a", 1.0, at_most=1 / 20), "≤ 1/20"),
        (Row("a", 1.0, at_most=1.3), "≤ 1.3×"),
    ],
)
def test_a_goal_is_said_in_a_few_letters(row: Row, goal: str) -> None:
    assert row.goal == goal


def test_a_missed_goal_stays_in_the_table_with_its_ratio() -> None:
    text = table.printed([Row("week", 50.0, "rival", 20.0, 1 / 5)])

    (line,) = [line for line in text.splitlines() if line.startswith("week")]
    assert line.split() == ["week", "50", "rival", "20", "2.5×", "≤", "1/5", "NO"]


def test_a_missing_rival_is_a_dash_and_its_note_stands_below() -> None:
    text = table.printed([Row("week", 50.0, "rival", None, 1 / 5, note="not measured: install it")])

    (line,) = [line for line in text.splitlines() if line.startswith("week  ")]
    assert line.split() == ["week", "50", "rival", "–", "–", "≤", "1/5", "–"]
    assert text.endswith("week: not measured: install it")


def test_columns_stand_below_each_other() -> None:
    lines = table.printed([Row("a", 1.0, "x", 2.0), Row("a long name", 1000.0, "y", 3.0)])
    places = {line.index(name) for line, name in zip(lines.splitlines()[2:], "xy", strict=False)}

    assert len(places) == 1


def test_rows_survive_the_way_through_json() -> None:
    rows = [
        Row("week", 5.0, "rival", 20.0, 1 / 5, note="p95 7 ms"),
        Row("drag", 3.0, at_most=4.0, absolute=True),
        Row("growth", None, failed=True),
    ]

    assert table.from_json(table.as_json(rows)) == rows


def test_json_tells_the_ratio_and_whether_the_goal_is_met() -> None:
    (found,) = json.loads(table.as_json([Row("week", 5.0, "rival", 20.0, 1 / 5)]))

    assert (found["ratio"], found["met"]) == (0.25, False)


def test_percentiles_are_values_that_were_measured() -> None:
    times = Times([float(n) for n in range(100, 0, -1)])

    assert (times.p50, times.p95, times.most) == (50.5, 96.0, 100.0)
    assert times.at(0.0) == 1.0


def test_deeds_take_turns_and_warming_up_does_not_count() -> None:
    said: list[str] = []
    one, other = in_turns(2, lambda: said.append("a"), lambda: said.append("b"), warm=1)

    assert said == ["a", "b"] * 3
    assert (len(one.values), len(other.values)) == (2, 2)
