"""The dates of a series, each with every reason against it and a way out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, Taken
from clinic_desk.rules.spans import Span
from clinic_desk.services import bits, booking, claims, offers
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import SeriesDate
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Wish
from clinic_desk.services.scheduling import wanted_by

WEEK = timedelta(days=7)
MOST_NEXT = 40
"""For so many clashes the next free time is looked up."""


def judged(
    actor: Actor, patient_id: int, dates: Sequence[SeriesDate], together: Collection[int] = ()
) -> list[SeriesDate]:
    """The dates with every reason against each; visits of *together* stand in nobody's way,
    but each date in that of those after it. What is offered instead can be taken for all of
    them. Few queries, and one for each date where somebody stands.
    """
    catalogue = actor.store.catalogue(actor.organisation_id)
    asked = [
        None
        if d.seat is None
        else wanted_by(catalogue, d.seat, patient_id, standing=d.appointment_id is not None)
        for d in dates
    ]
    spans = [None if w is None else w.span.padded(w.before_minutes, w.after_minutes) for w in asked]
    places = [
        (n, *_minutes(span))
        for wanted, span in zip(asked, spans, strict=True)
        if wanted is not None and span is not None
        for n in wanted.resources
    ]
    busy: dict[int, list[tuple[int, int]]] = {}
    held = claims.head(actor.store, actor.organisation_id, datetime.now(UTC)).holds
    for number, begins, ends in (*claims.claims_in(actor.store, places), *held):
        busy.setdefault(number, []).append((begins, ends))
    own: dict[int, list[Taken]] = {}
    planned = [d.seat for d in dates if d.seat is not None]
    out: list[SeriesDate] = []
    looked = 0
    for one, wanted, span in zip(dates, asked, spans, strict=True):
        if wanted is None or span is None or one.seat is None:
            out.append(one)
            continue
        begin, end = _minutes(span)
        touched = any(b < end and e > begin for n in wanted.resources for b, e in busy.get(n, ()))
        standing = [t for n in wanted.resources for t in own.get(n, ()) if t.span.overlaps(span)]
        if touched:
            # Who it is is read for the few dates at which somebody is.
            statement = booking.claims_for(actor, wanted)
            found = booking.taken(actor.store.rows(statement.sql, statement.parameters))
            standing += [
                t
                for t in found
                if t.source not in {APPOINTMENT, EXTRA} or t.source_id not in together
            ]
        reasons = booking.conflicts_of(catalogue, wanted, standing)
        free = None
        if reasons and looked < MOST_NEXT:
            looked += 1
            free = _next(actor, one.seat, patient_id, planned)
            planned += free.seats if free is not None else ()
        for n in wanted.resources:
            taken = wanted.span if n == patient_id else span
            own.setdefault(n, []).append(Taken(n, taken, APPOINTMENT, 0, visit=wanted.span))
        out.append(replace(one, reasons=reasons, next_free=free))
    return out


def _next(actor: Actor, seat: Seat, patient_id: int, planned: Sequence[Seat]) -> TimeOffer | None:
    """The next free time of the same provider within a week, clear of what is *planned*."""
    wish = Wish(
        (Service(seat.type_id, minutes=seat.span.minutes, provider_ids=(seat.provider_id,)),),
        location_id=seat.location_id,
        patient_id=patient_id,
        chosen=tuple(other for other in planned if other is not seat),
    )
    begin = seat.span.starts_at
    found = offers.first(actor, wish, from_at=begin, until=begin + WEEK, count=1)
    return found[0] if found else None


def _minutes(span: Span) -> tuple[int, int]:
    return bits.minute(span.starts_at), bits.minute_up(span.ends_at)
