"""Free time as slots that have a name: who can be booked where, and when from step to step.

A slot is what the search for openings finds for one provider at one location, so whatever is
free here can be booked; and a slot that was told once can be asked after, also when it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.spans import Span, common
from clinic_desk.rules.words import N_
from clinic_desk.services import openings
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue, catalogue
from clinic_desk.services.work import query

Place = tuple[int, int]
"""The numbers of a provider and of a location where they work."""

LONGEST = timedelta(days=366)
MOST = openings.MOST - 1
MOST_PLACES = 20

TOO_LONG = N_("Ask for a year at the most.")
TOO_MANY = N_("Ask for {most} schedules at the most.")


class State(StrEnum):
    """Whether a slot can be had: ``OVER`` is what has begun."""

    FREE = "free"
    TAKEN = "taken"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of one provider at one location; without a type it is one step long."""

    place: Place
    span: Span
    type_id: int | None
    state: State = State.FREE


@query("Appointment Get All")
def places(actor: Actor) -> tuple[Place, ...]:
    """Who works where, of all providers and locations that hours are known of; one query at
    the most.
    """
    known = catalogue(actor)
    found: dict[Place, None] = {}
    for provider_id in known.providers:
        at = [w.location_id for w in known.work_hours.get(provider_id, ())]
        at += [e.location_id for e in known.work_exceptions.get(provider_id, ())]
        there = {n for n in at if n is not None and n in known.locations}
        found |= {(provider_id, n): None for n in sorted(there)}
    return tuple(found)


@query("Appointment Get All")
def listed(
    actor: Actor,
    wanted: Sequence[Place],
    *,
    type_id: int | None = None,
    begin: datetime | None = None,
    end: datetime,
    after: tuple[datetime, int] | None = None,
    count: int = 50,
    now: datetime | None = None,
) -> tuple[Slot, ...]:
    """The first *count* free slots that begin from *begin* (now, if that is later) until before
    *end*, by their beginning and then in the order of *wanted*; with *after* those behind the
    slot that begins then at the place of that number in *wanted*.

    Raises ``Invalid`` for more than a year or too many places.
    """
    now = now or datetime.now(UTC)
    first = max(begin or now, now)
    if len(wanted) > MOST_PLACES:
        raise Invalid("schedule", TOO_MANY, most=MOST_PLACES)
    if end - first > LONGEST:
        raise Invalid("start", TOO_LONG)
    if after is not None:
        first = max(first, after[0])
    known = actor.store.catalogue(actor.organisation_id)
    minutes, before, buffer = _lengths(known, type_id)
    if first >= end or (type_id is not None and not known.types[type_id].active):
        return ()
    found: list[tuple[datetime, int, Slot]] = []
    for order, place in enumerate(wanted):
        if not _open(known, place):
            continue
        cards = openings.next(
            actor,
            minutes=minutes,
            before=before,
            after=buffer,
            provider_ids=(place[0],),
            type_id=type_id,
            location_id=place[1],
            from_at=first,
            until=end + timedelta(minutes=minutes - 1),
            # The first may be one that was told already.
            count=min(count, MOST) + 1,
        )
        found += [(c.span.starts_at, order, Slot(place, c.span, type_id)) for c in cards]
    ordered = sorted(found, key=lambda each: each[:2])
    rest = (each for each in ordered if after is None or each[:2] > after)
    return tuple(slot for _start, _order, slot in rest)[:count]


@query("Appointment Get All")
def one(
    actor: Actor,
    place: Place,
    start: datetime,
    *,
    minutes: int,
    type_id: int | None = None,
    now: datetime | None = None,
) -> Slot:
    """A slot that was told before, as it stands now. Raises ``NotFound`` where none can be:
    out of hours, off the steps, or of another length than its type has by now.
    """
    known = actor.store.catalogue(actor.organisation_id)
    length, before, after = _lengths(known, type_id)
    slot = Slot(place, Span.lasting(start, minutes), type_id, State.OVER)
    if minutes != length or not _open(known, place) or not _within_hours(known, slot):
        raise NotFound
    if start < (now or datetime.now(UTC)):
        return slot
    found = openings.next(
        actor,
        minutes=minutes,
        before=before,
        after=after,
        provider_ids=(place[0],),
        type_id=type_id,
        location_id=place[1],
        from_at=start,
        until=slot.span.ends_at,
        count=1,
    )
    return Slot(place, slot.span, type_id, State.FREE if found else State.TAKEN)


def _open(known: Catalogue, place: Place) -> bool:
    return known.providers[place[0]].active and known.locations[place[1]].active


def _lengths(known: Catalogue, type_id: int | None) -> tuple[int, int, int]:
    """How long a slot is, and the buffers before and after it."""
    if type_id is None:
        return known.organisation.step_minutes, 0, 0
    kind = known.types[type_id]
    return kind.minutes, kind.before_minutes, kind.after_minutes


def _within_hours(known: Catalogue, slot: Slot) -> bool:
    provider_id, location_id = slot.place
    zone = clinic_time.zone(known.time_zone(location_id))
    local = slot.span.starts_at.astimezone(zone)
    if (local.hour * 60 + local.minute) % known.organisation.step_minutes or local.second:
        return False
    days = [local.date() - timedelta(days=1), local.date()]  # work may begin the day before
    worked = [s for at, s in known.provider_hours(provider_id, days, zone) if at == location_id]
    clinic = known.clinic_spans(location_id, days, zone)
    return any(
        s.starts_at <= slot.span.starts_at and slot.span.ends_at <= s.ends_at
        for s in common(worked, clinic)
    )
