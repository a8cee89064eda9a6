from __future__ import annotations

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.lanes import assign

items = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))),
    max_size=25,
)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def clusters(found: list[tuple[int, int]]) -> list[set[int]]:
    """Groups of items that hang together by overlaps, the slow way."""
    out: list[set[int]] = []
    for index, item in enumerate(found):
        touching = [c for c in out if any(overlap(item, found[m]) for m in c)]
        out = [c for c in out if c not in touching]
        out.append({index}.union(*touching))
    return out


def test_items_that_touch_share_one_lane_of_full_width():
    assert assign([(0, 30), (30, 60)]) == [(0, 1), (0, 1)]


def test_a_freed_lane_is_used_again():
    assert assign([(0, 60), (0, 20), (20, 40)]) == [(0, 2), (1, 2), (1, 2)]


def test_a_cluster_shares_its_width_and_the_next_one_starts_afresh():
    assert assign([(0, 20), (10, 30), (25, 40), (40, 50)]) == [(0, 2), (1, 2), (0, 2), (0, 1)]


def test_an_item_without_length_still_has_a_place():
    assert assign([(10, 10), (10, 20), (10, 10)]) == [(1, 3), (0, 3), (2, 3)]
    assert assign([]) == []


def test_ten_thousand_items_are_laid_out_before_a_frame_is_due():
    rng = random.Random(1)
    many = [(s, s + rng.randint(10, 90)) for s in (rng.randint(0, 40_000) for _ in range(10_000))]
    best = 1.0
    for _ in range(5):
        begun = time.perf_counter()
        assign(many)
        best = min(best, time.perf_counter() - begun)

    assert best < 0.1  # 12 ms on a quiet core; the build's are not quiet


@given(items)
def test_overlapping_items_never_share_a_lane(found):
    lanes = assign(found)

    for i, one in enumerate(found):
        for j in range(i):
            assert not overlap(one, found[j]) or lanes[i][0] != lanes[j][0]


@given(items)
def test_a_cluster_is_as_wide_as_its_fullest_instant_and_no_wider(found):
    lanes = assign(found)

    for cluster in clusters(found):
        fullest = max(
            sum(found[m][0] <= instant < found[m][1] for m in cluster)
            for instant in (found[m][0] for m in cluster)
        )
        assert {lanes[m][1] for m in cluster} == {fullest}
        assert {lanes[m][0] for m in cluster} == set(range(fullest))


@given(items, st.integers(-1000, 1000))
def test_shifting_everything_changes_no_lane(found, by):
    assert assign([(a + by, b + by) for a, b in found]) == assign(found)
