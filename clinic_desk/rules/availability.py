"""Where a visit fits: open hours minus what stands there, on the step of the wall clock.

Two things are kept apart because buffers may lie where visits may not: *open* is when a visit
may take place (work hours within clinic hours), *free* is when nothing claims the resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice

from clinic_desk.rules.clinic_time import DAY_MINUTES
from clinic_desk.rules.spans import Span, merged, minus

_MINUTE = timedelta(minutes=1)


def free(open_spans: Iterable[Span], busy_spans: Iterable[Span]) -> list[Span]:
    """The instants of *open_spans* in none of *busy_spans*: sorted, disjoint spans."""
    return minus(open_spans, busy_spans)


def starts(
    free: Iterable[Span],
    *,
    minutes: int,
    before: int,
    after: int,
    step_minutes: int,
    zone: tzinfo,
    open_spans: Iterable[Span],
) -> Iterator[datetime]:
    """Every start (UTC) of a visit of *minutes* with buffers of *before* and *after* minutes.

    The visit lies inside *open_spans*; visit and buffers lie inside *free*, which is the
    unclaimed time, closed hours included: ``free([the whole period], busy_spans)``. Give
    *open_spans* without the patient's own visits, and those are kept clear too, without
    buffers. Starts stand on multiples of *step_minutes* of the wall clock in *zone*, counted
    from midnight; the step divides a day. A repeated hour offers its times twice.
    """
    _check(minutes, before, after, step_minutes)
    unclaimed = merged(free)
    index = 0
    for hours in merged(open_spans):
        latest = hours.ends_at - minutes * _MINUTE
        while index < len(unclaimed):
            gap = unclaimed[index]
            first = max(hours.starts_at, gap.starts_at + before * _MINUTE)
            last = min(latest, gap.ends_at - (minutes + after) * _MINUTE)
            if first <= last:
                yield from on_step(first, last, step_minutes, zone)
            if gap.ends_at >= hours.ends_at + after * _MINUTE:
                break  # it may reach into the next hours too; a shorter one cannot
            index += 1


def on_step(first: datetime, last: datetime, step_minutes: int, zone: tzinfo) -> Iterator[datetime]:
    """The instants from *first* to *last*, both included, whose wall time is on the step."""
    instant = first
    if first.second or first.microsecond:
        instant = first.replace(second=0, microsecond=0) + _MINUTE
    local = instant.astimezone(zone)
    while instant <= last:
        rest = (local.hour * 60 + local.minute) % step_minutes
        if not rest:
            yield instant
        target = instant + (step_minutes - rest) * _MINUTE
        then = target.astimezone(zone)
        if then.utcoffset() != local.utcoffset():  # a change of clocks between: minute by minute
            target = instant + _MINUTE
            then = target.astimezone(zone)
        instant, local = target, then


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to place a visit (a provider, with or without a room): its open and free time.

    ``key`` is the caller's; candidates that fit at the same instant come in the order of keys.
    """

    key: int
    open_spans: Sequence[Span]
    free: Sequence[Span]
    zone: tzinfo


def first_openings(
    candidates: Iterable[Candidate],
    *,
    minutes: int,
    before: int,
    after: int,
    step_minutes: int,
    count: int,
    not_before: datetime | None = None,
) -> list[tuple[datetime, int]]:
    """The first *count* openings of all candidates, as (start, key), the earliest first."""
    found = merge(
        *(
            _keyed(candidate, minutes, before, after, step_minutes, not_before)
            for candidate in candidates
        )
    )
    return list(islice(found, count))


def _keyed(
    candidate: Candidate,
    minutes: int,
    before: int,
    after: int,
    step_minutes: int,
    not_before: datetime | None,
) -> Iterator[tuple[datetime, int]]:
    found = starts(
        candidate.free,
        minutes=minutes,
        before=before,
        after=after,
        step_minutes=step_minutes,
        zone=candidate.zone,
        open_spans=candidate.open_spans,
    )
    for start in found:
        if not_before is None or start >= not_before:
            yield start, candidate.key


def _check(minutes: int, before: int, after: int, step_minutes: int) -> None:
    if minutes < 1 or before < 0 or after < 0:
        raise ValueError("a visit lasts at least a minute; buffers are not negative")
    if step_minutes < 1 or DAY_MINUTES % step_minutes:
        raise ValueError("the step of offered starts divides a day")
