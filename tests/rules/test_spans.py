from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from clinic_desk.rules.spans import Span, common, covered, merged, minus
from tests.rules.sweep import minutes_of
from tests.strategies import MONDAY, span_lists, spans


def span(begin: int, end: int) -> Span:
    return Span(MONDAY + timedelta(minutes=begin), MONDAY + timedelta(minutes=end))


def test_spans_that_touch_do_not_overlap():
    assert not span(0, 30).overlaps(span(30, 60))
    assert span(0, 31).overlaps(span(30, 60))


def test_a_span_needs_aware_instants_in_order():
    with pytest.raises(ValueError, match="aware"):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001
    with pytest.raises(ValueError, match="after it starts"):
        span(30, 30)


def test_instants_are_kept_in_utc_so_that_the_repeated_hour_is_in_order():
    vienna = ZoneInfo("Europe/Vienna")
    first = datetime(2026, 10, 25, 2, 45, tzinfo=vienna, fold=0)
    second = datetime(2026, 10, 25, 2, 15, tzinfo=vienna, fold=1)
    assert first > second  # Python compares the wall

    later = Span(first, second)

    assert later.minutes == 30
    assert later.starts_at.tzinfo is UTC


def test_the_end_is_not_held():
    assert span(0, 30).holds(MONDAY)
    assert not span(0, 30).holds(MONDAY + timedelta(minutes=30))


def test_several_touching_spans_cover_what_none_covers_alone():
    assert covered(span(10, 50), [span(30, 60), span(0, 30)])
    assert not covered(span(10, 50), [span(0, 29), span(30, 60)])
    assert not covered(span(10, 50), [])


@given(spans(), spans())
def test_overlap_is_mutual_and_is_what_clipping_finds(one, other):
    assert one.overlaps(other) == other.overlaps(one) == (one.clipped(other) is not None)


@given(span_lists())
def test_merging_keeps_every_minute_and_leaves_gaps_between(found):
    out = merged(found)

    assert minutes_of(out) == minutes_of(found)
    assert all(a.ends_at < b.starts_at for a, b in pairwise(out))


@given(span_lists(), span_lists())
def test_what_is_left_and_what_is_common_make_the_whole(left, right):
    rest, both = minus(left, right), common(left, right)

    assert minutes_of(rest) == minutes_of(left) - minutes_of(right)
    assert minutes_of(both) == minutes_of(left) & minutes_of(right)
    assert merged(rest + both) == merged(left)


@given(spans())
def test_buffers_and_shifts_are_elapsed_time(one):
    assert one.padded(10, 20).minutes == one.minutes + 30
    assert one.padded(10, 20).contains(one)
    assert one.shifted(timedelta(hours=25)).minutes == one.minutes
