"""Half-open periods of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The instants from ``starts_at`` up to, but not including, ``ends_at``.

    Both are aware; arithmetic is between instants, so a span over a change of clocks
    lasts as long as it lasts. Two spans that touch do not overlap.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise ValueError("a span needs aware instants")
        if self.starts_at.astimezone(UTC) >= self.ends_at.astimezone(UTC):
            raise ValueError("a span ends after it starts")

    @classmethod
    def lasting(cls, starts_at: datetime, minutes: int) -> Span:
        """The span of *minutes* (elapsed, not on the wall) that begins at *starts_at*."""
        begin = starts_at.astimezone(UTC)
        return cls(begin, begin + timedelta(minutes=minutes))

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes."""
        return int((self.ends_at.astimezone(UTC) - self.starts_at.astimezone(UTC)).total_seconds()) // 60

    def overlaps(self, other: Span) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, other: Span) -> bool:
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def holds(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at

    def padded(self, before_minutes: int, after_minutes: int) -> Span:
        """The span with buffers of whole minutes before and after it."""
        begin, end = self.starts_at.astimezone(UTC), self.ends_at.astimezone(UTC)
        return Span(begin - timedelta(minutes=before_minutes), end + timedelta(minutes=after_minutes))

    def shifted(self, by: timedelta) -> Span:
        return Span(self.starts_at.astimezone(UTC) + by, self.ends_at.astimezone(UTC) + by)

    def clipped(self, to: Span) -> Span | None:
        """What both have in common, or None."""
        begin, end = max(self.starts_at, to.starts_at), min(self.ends_at, to.ends_at)
        return Span(begin, end) if begin < end else None


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same instants as few, sorted, disjoint spans; touching spans are joined."""
    out: list[Span] = []
    for span in sorted(spans):
        if out and span.starts_at <= out[-1].ends_at:
            if span.ends_at > out[-1].ends_at:
                out[-1] = Span(out[-1].starts_at, span.ends_at)
        else:
            out.append(span)
    return out


def minus(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The instants in *spans* that are in none of *taken*, as sorted disjoint spans."""
    return list(_minus(merged(spans), merged(taken)))


def _minus(spans: list[Span], taken: list[Span]) -> Iterator[Span]:
    first = 0
    for span in spans:
        begin = span.starts_at
        while first < len(taken) and taken[first].ends_at <= begin:
            first += 1
        index = first
        while index < len(taken) and taken[index].starts_at < span.ends_at:
            if begin < taken[index].starts_at:
                yield Span(begin, taken[index].starts_at)
            begin = max(begin, taken[index].ends_at)
            index += 1
        if begin < span.ends_at:
            yield Span(begin, span.ends_at)


def common(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """The instants that are in both, as sorted disjoint spans."""
    out: list[Span] = []
    a, b = merged(left), merged(right)
    i = j = 0
    while i < len(a) and j < len(b):
        both = a[i].clipped(b[j])
        if both:
            out.append(both)
        if a[i].ends_at < b[j].ends_at:
            i += 1
        else:
            j += 1
    return out
