"""Time as bits: minute *n* of a stretch is bit *n* of a Python integer.

Whole weeks of a resource are then taken, freed and searched by a handful of operations on
integers instead of a loop over periods. Minutes count from 1970 in UTC, so no clock change
ever moves a bit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DAY = 24 * 60
"""Minutes of a UTC day."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minute(instant: datetime) -> int:
    """The minute (since 1970, UTC) in which *instant* lies."""
    return (instant - _EPOCH) // _MINUTE


def minute_up(instant: datetime) -> int:
    """The first whole minute not before *instant*."""
    return -((_EPOCH - instant) // _MINUTE)


def instant(minute: int) -> datetime:
    """The instant at which a minute begins."""
    return _EPOCH + minute * _MINUTE


def ones(count: int) -> int:
    """The lowest *count* bits set; none where *count* is not positive."""
    return (1 << count) - 1 if count > 0 else 0


def filled(start: int, end: int) -> int:
    """Bits *start* up to, but not including, *end*; parts below bit 0 are cut off."""
    start = max(start, 0)
    return ones(end - start) << start


def runs(bits: int, length: int) -> int:
    """Where *length* set bits begin that stand in a row; doubling, so log2(length) steps."""
    have = 1
    while have < length and bits:
        step = min(have, length - have)
        bits &= bits >> step
        have += step
    return bits


def longest_run(bits: int) -> int:
    """How many set bits stand in a row at the most."""
    if not bits:
        return 0
    have, known = 1, {1: bits}
    while longer := bits & (bits >> have):
        have *= 2
        bits = known[have] = longer
    # Between this power of two and the next: try the smaller ones on top, largest first.
    step = have // 2
    grown = have
    while step:
        if longer := bits & (known[step] >> grown):
            bits, grown = longer, grown + step
        step //= 2
    return grown


def first(bits: int) -> int:
    """The number of the lowest set bit; -1 where there is none."""
    return (bits & -bits).bit_length() - 1


def stretches(bits: int) -> list[tuple[int, int]]:
    """The set bits as half-open (start, end) pairs, in order."""
    out: list[tuple[int, int]] = []
    offset = 0
    while bits:
        skip = first(bits)
        bits >>= skip
        length = first(~bits)
        out.append((offset + skip, offset + skip + length))
        bits >>= length
        offset += skip + length
    return out


def every(step: int, count: int) -> int:
    """Bits 0, *step*, 2·*step* … below *count*."""
    times = -(-count // step)
    pattern, have = 1, 1
    while have < times:
        pattern |= pattern << (have * step)
        have *= 2
    return pattern & ones(count)
