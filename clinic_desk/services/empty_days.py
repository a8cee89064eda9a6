"""Why a day of the month offers nothing: past, closed, nobody there, away, or all taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

from clinic_desk.rules import clinic_time
from clinic_desk.rules.spans import Span
from clinic_desk.services import bits
from clinic_desk.services.looking import Look
from clinic_desk.services.offer_cards import DayOffer, EmptyDay
from clinic_desk.services.seats import Piece, Seating


def explained(look: Look, found: Iterable[DayOffer], period: Span) -> tuple[DayOffer, ...]:
    """*found*, the days of *period*, where each that cannot be booked says why; no query."""
    listed = tuple(found)
    if all(offer.bookable for offer in listed):
        return listed
    begin, end = bits.minute(period.starts_at), bits.minute_up(period.ends_at)
    why = partial(_why, look, look.seating(begin, end))
    return tuple(offer if offer.bookable else why(offer.day) for offer in listed)


def _why(look: Look, seating: Seating, day: date) -> DayOffer:
    catalogue, zone = look.catalogue, look.zone
    made = partial(DayOffer, day, None)
    if day < look.now.astimezone(zone).date():
        return made(EmptyDay.PAST)
    places = seating.locations
    closed = [name for place in places if (name := catalogue.closed_name(place, day)) is not None]
    if len(closed) == len(places):
        return made(EmptyDay.CLOSED, ", ".join(dict.fromkeys(filter(None, closed))))
    if not any(catalogue.clinic_spans(place, [day], zone) for place in places):
        return made(EmptyDay.CLOSED)
    whole = clinic_time.day_span(day, zone)
    window = bits.filled(
        bits.minute(whole.starts_at) - seating.start, bits.minute_up(whole.ends_at) - seating.start
    )
    for piece in seating.pieces:
        if any(seating.opened(p, place) & window for place in places for p in piece.able):
            continue
        away = _away(look, piece, day)
        names = ", ".join(catalogue.providers[n].name for n in away)
        return made(EmptyDay.AWAY, names) if away else made(EmptyDay.NOBODY)
    return made(EmptyDay.FULL)


def _away(look: Look, piece: Piece, day: date) -> list[int]:
    """Which of those who may give it have that day off, beside their usual hours."""
    off = look.catalogue.work_exceptions
    return [
        number
        for number in piece.able
        if any(one.day == day and one.starts_minute is None for one in off.get(number, ()))
    ]
