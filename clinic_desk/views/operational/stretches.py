"""Exceptions of a provider's hours, as a list of stretches of days. No Qt, no database.

Fourteen days of vacation are fourteen rows in the database and one line for the user; what
was changed in the list becomes as few deeds as it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_desk.rules.hours import OneDay
from clinic_desk.services.clinic_cards import DayCard

MOST = 92
"""So many days one deed may concern."""

Piece = tuple[int | None, int | None, int | None]
"""Start and end as minutes of the day (None: away), and the location (None: all)."""

AWAY: tuple[Piece, ...] = ((None, None, None),)


@dataclass(frozen=True, slots=True)
class Other:
    """What holds on one day in place of the weekly hours, and why."""

    pieces: tuple[Piece, ...]
    reason: str = ""

    @property
    def away(self) -> bool:
        """Whether the provider is nowhere on that day."""
        return (None, None, None) in self.pieces


Days = Mapping[date, Other]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive days, both included, with the same exception."""

    first: date
    last: date
    what: Other


@dataclass(frozen=True, slots=True)
class Deed:
    """``what`` for all these days; None gives them their weekly hours back."""

    first: date
    last: date
    what: Other | None


def days_of(cards: Iterable[DayCard]) -> dict[date, Other]:
    """The exceptions of each day."""
    pieces: dict[date, list[Piece]] = {}
    reasons: dict[date, str] = {}
    for card in cards:
        day = card.hours.day
        hours = (card.hours.starts_minute, card.hours.ends_minute, card.hours.location_id)
        pieces.setdefault(day, []).append(hours)
        reasons[day] = reasons.get(day) or card.reason
    return {day: Other(in_order(found), reasons[day]) for day, found in pieces.items()}


def in_order(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Pieces by time and place, each once."""
    return tuple(sorted(set(pieces), key=lambda p: (p[0] or 0, p[1] or 0, p[2] or 0)))


def hours_of(day: date, what: Other | None) -> tuple[OneDay, ...]:
    """The same as the services take it."""
    return tuple(
        OneDay(day, begin, end, location_id=place)
        for begin, end, place in (what.pieces if what else ())
    )


def stretches(days: Days) -> list[Stretch]:
    """The days in order, equal neighbours as one."""
    return [Stretch(first, last, what) for first, last, what in _runs(days) if what is not None]


def added(days: Days, day: date, piece: Piece, reason: str) -> dict[date, Other] | None:
    """*days* with other hours on one; an absence of that day gives way. None where the hours
    overlap others of that day.
    """
    begin, end, _place = piece
    standing = days.get(day)
    kept = () if standing is None else tuple(p for p in standing.pieces if p[0] is not None)
    if any((begin or 0) < (p[1] or 0) and (p[0] or 0) < (end or 0) for p in kept):
        return None
    reason = reason or (standing.reason if standing is not None and kept else "")
    return {**days, day: Other(in_order((*kept, piece)), reason)}


def absent(days: Days, first: date, last: date, reason: str) -> dict[date, Other]:
    """*days* with an absence from *first* to *last*; what stood there gives way."""
    away = Other(AWAY, reason)
    return {**days, **dict.fromkeys(_each(first, last), away)}


def without(days: Days, stretch: Stretch) -> dict[date, Other]:
    """*days* without those of *stretch*."""
    gone = set(_each(stretch.first, stretch.last))
    return {day: what for day, what in days.items() if day not in gone}


def deeds(before: Days, after: Days) -> list[Deed]:
    """What makes *after* of *before*: absences and what is given back in stretches, other
    hours day by day.
    """
    changed = {
        day: after.get(day)
        for day in sorted({*before, *after})
        if before.get(day) != after.get(day)
    }
    out: list[Deed] = []
    for first, last, what in _runs(changed):
        long = what is None or what.pieces == AWAY
        step = MOST if long else 1
        start = first
        while start <= last:
            end = min(last, start + timedelta(days=step - 1))
            out.append(Deed(start, end, what))
            start = end + timedelta(days=1)
    return out


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _runs(
    days: Mapping[date, Other | None],
) -> Iterator[tuple[date, date, Other | None]]:
    begun: tuple[date, date, Other | None] | None = None
    for day, what in sorted(days.items(), key=lambda pair: pair[0]):
        if begun is not None and begun[2] == what and day - begun[1] == timedelta(days=1):
            begun = (begun[0], day, what)
            continue
        if begun is not None:
            yield begun
        begun = (day, day, what)
    if begun is not None:
        yield begun
