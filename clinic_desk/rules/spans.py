"""Half-open periods of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The instants from ``starts_at`` up to, but not including, ``ends_at``.

    Both must be aware and are kept in UTC, so that arithmetic and comparison are between
    instants (Python compares two times of one zone by the wall, which is wrong in the hour
    that a change of clocks repeats). Two spans that touch do not overlap.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is not UTC:
            object.__setattr__(self, "starts_at", _utc(self.starts_at))
        if self.ends_at.tzinfo is not UTC:
            object.__setattr__(self, "ends_at", _utc(self.ends_at))
        if self.starts_at >= self.ends_at:
            raise ValueError("a span ends after it starts")

    @classmethod
    def lasting(cls, starts_at: datetime, minutes: int) -> Span:
        """The span of *minutes* (elapsed, not on the wall) that begins at *starts_at*."""
        begin = _utc(starts_at)
        return cls(begin, begin + timedelta(minutes=minutes))

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes."""
        return (self.ends_at - self.starts_at) // _MINUTE

    def overlaps(self, other: Span) -> bool:
        """Whether some instant is in both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, other: Span) -> bool:
        """Whether every instant of *other* is in this span."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def holds(self, instant: datetime) -> bool:
        """Whether *instant* (aware) is in this span; its end is not."""
        return self.starts_at <= instant < self.ends_at

    def padded(self, before_minutes: int, after_minutes: int) -> Span:
        """The span with buffers of whole minutes before and after it."""
        if not before_minutes and not after_minutes:
            return self
        return Span(
            self.starts_at - timedelta(minutes=before_minutes),
            self.ends_at + timedelta(minutes=after_minutes),
        )

    def shifted(self, by: timedelta) -> Span:
        """The same length, earlier or later by elapsed time."""
        return Span(self.starts_at + by, self.ends_at + by)

    def clipped(self, to: Span) -> Span | None:
        """What both have in common, or None."""
        begin, end = max(self.starts_at, to.starts_at), min(self.ends_at, to.ends_at)
        return Span(begin, end) if begin < end else None


_MINUTE = timedelta(minutes=1)


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("a span needs aware instants")
    return instant.astimezone(UTC)


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


def covered(span: Span, by: Iterable[Span]) -> bool:
    """Whether every instant of *span* is in one or another of *by*, in any order."""
    by = tuple(by)
    if any(one.contains(span) for one in by):
        return True
    return any(one.contains(span) for one in merged(by))


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
