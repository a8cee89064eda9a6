"""Availability the slow way: look at every minute. What the fast ways are measured against."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_desk.rules.spans import Span

MINUTE = timedelta(minutes=1)


def minutes_of(spans: Iterable[Span]) -> set[datetime]:
    """Every whole minute in *spans* (which begin and end on whole minutes)."""
    return {span.starts_at + n * MINUTE for span in spans for n in range(span.minutes)}


def starts(
    period: Span,
    open_spans: Iterable[Span],
    busy: Iterable[Span],
    *,
    minutes: int,
    before: int,
    after: int,
    step: int,
    zone: ZoneInfo,
) -> list[datetime]:
    """The starts within *period*, beyond whose ends all is claimed."""
    open_minutes = minutes_of(open_spans)
    unclaimed = minutes_of([period]) - minutes_of(busy)
    out = []
    for n in range(period.minutes):
        start = period.starts_at + n * MINUTE
        local = start.astimezone(zone)
        if (local.hour * 60 + local.minute) % step:
            continue
        visit = (start + k * MINUTE for k in range(minutes))
        padded = (start + k * MINUTE for k in range(-before, minutes + after))
        if open_minutes.issuperset(visit) and unclaimed.issuperset(padded):
            out.append(start)
    return out
