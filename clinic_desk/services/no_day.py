"""Why the booking flow can offer no day, and which ways out there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.looking import Look, looking
from clinic_desk.services.offer_cards import NoDay, Service, Way, Why, Wish
from clinic_desk.services.offers import A_MINUTE, HALF_A_YEAR, first
from clinic_desk.services.work import query


@query("Appointment Get All")
def why_none(
    actor: Actor,
    wish: Wish,
    *,
    from_at: datetime | None = None,
    until: datetime | None = None,
    now: datetime | None = None,
) -> NoDay | None:
    """Why no day can be offered from *from_at* (now) until *until* (half a year later), and
    which ways out there are; None where a day can be offered after all.

    The ways: the days of the provider, or of whoever may give it (for those who may change them),
    another provider, and the first opening that anybody who may give it has, which is computed:
    at the location asked for, or else at any.
    """
    now = now or datetime.now(UTC)
    begin = max(from_at or now, now)
    period = Span(begin, max(until or begin + HALF_A_YEAR, begin + A_MINUTE))
    with looking(actor, wish, now) as look:
        if next(look.offers(period), None) is not None:
            return None
        found = _reason(look, period)
    if found.why is Why.TYPE_INACTIVE:
        return found
    anybody = replace(
        wish,
        services=tuple(replace(s, provider_ids=None) for s in wish.services),
        location_id=None if found.why is Why.LOCATION_CLOSED else wish.location_id,
    )
    openings = first(actor, anybody, from_at=begin, count=1, now=now)
    if not openings and anybody.location_id is not None:
        openings = first(actor, replace(anybody, location_id=None), from_at=begin, count=1, now=now)
    asked = set(wish.services[0].provider_ids or ())
    able = _qualified(look.catalogue, wish.services[0])
    others = tuple(number for number in able if number not in asked)
    workless = found.why is Why.NO_HOURS and bool(others)
    ways = tuple(
        way
        for way, applies in (
            (Way.PROVIDER_DAYS, (bool(asked) or workless) and actor.may("Hours Update")),
            (Way.ANOTHER_PROVIDER, bool(asked) and bool(others)),
            (Way.FIRST_OPENING, bool(openings)),
        )
        if applies
    )
    opening = openings[0] if openings else None
    elsewhere = opening is not None and wish.location_id not in (
        None,
        *(seat.location_id for seat in opening.seats),
    )
    return replace(
        found,
        way_out=_way_out(found, ways, elsewhere=elsewhere),
        ways=ways,
        provider_ids=others,
        opening=opening,
    )


def _way_out(found: NoDay, ways: Collection[Way], *, elsewhere: bool) -> str:
    """What to do next, by what there is: nobody is sent to what helps nobody."""
    another = Way.ANOTHER_PROVIDER in ways
    if found.why is Why.LOCATION_CLOSED:
        return _OTHER_LOCATION
    if found.why is Why.NO_HOURS and Way.PROVIDER_DAYS in ways:
        return _SET_HOURS if another else _SET_HOURS_ONLY
    if "day" in found.params:
        return _LOOK_LATER if another else _GO_THERE
    if another:
        return _TAKE_ANOTHER
    if elsewhere:
        return _OTHER_LOCATION
    return _ASK_FOR_HOURS if found.why is Why.NO_HOURS else _OTHER_TYPE


def _qualified(catalogue: Catalogue, service: Service) -> tuple[int, ...]:
    return tuple(
        provider.id
        for provider in catalogue.providers.values()
        if provider.active and catalogue.qualified(provider.id, service.type_id)
    )


def _reason(look: Look, period: Span) -> NoDay:
    """The one reason that stands before all others."""
    catalogue, wish = look.catalogue, look.wish
    names = {"provider": "", "type": "", "location": ""}
    for piece in look.pieces:
        kind = catalogue.types[piece.type_id]
        names["type"] = kind.name
        if not kind.active:
            return NoDay(Why.TYPE_INACTIVE, _TYPE_INACTIVE, names, _OTHER_TYPE)
        named = [catalogue.providers[n] for n in piece.asked]
        names["provider"] = ", ".join(p.name for p in named)
        if named and not any(p.active for p in named):
            return NoDay(Why.PROVIDER_INACTIVE, _PROVIDER_INACTIVE, names)
        if not piece.able:
            message = _NOT_QUALIFIED if named else _NOBODY_QUALIFIED
            return NoDay(Why.NOBODY_QUALIFIED, message, names)
    alone = wish.services[0].provider_ids is not None
    names["provider"] = ", ".join(catalogue.providers[n].name for n in look.pieces[0].able)
    if wish.location_id is not None:
        place = catalogue.locations[wish.location_id]
        names["location"] = place.name
        if not place.active:
            return NoDay(Why.LOCATION_CLOSED, _LOCATION_CLOSED, names)
    if not look.works(period):
        if alone and any(catalogue.work_hours.get(n) for n in look.pieces[0].able):
            return NoDay(Why.NO_HOURS, _NO_HOURS_THERE, names)
        message = _NO_HOURS if alone else _NOBODY_WORKS
        return NoDay(Why.NO_HOURS, message, names)
    later = Span(period.ends_at, period.ends_at + HALF_A_YEAR)
    then = next(look.offers(later), None)
    if then is not None:
        local = then.starts_at.astimezone(look.zone).date()
        message = _FULL_UNTIL if alone else _ALL_FULL_UNTIL
        return NoDay(Why.FULL, message, {**names, "day": local})
    return NoDay(Why.FULL, _FULL if alone else _ALL_FULL, names)


_TYPE_INACTIVE = N_("{type} is not offered any more.")
_PROVIDER_INACTIVE = N_("{provider} is not available for booking any more.")
_NOT_QUALIFIED = N_("{provider} is not qualified for {type}.")
_NOBODY_QUALIFIED = N_("Nobody here is qualified for {type}.")
_LOCATION_CLOSED = N_("{location} is closed for good.")
_NO_HOURS = N_("{provider} has no work hours yet.")
_NO_HOURS_THERE = N_("{provider} does not work there in that time.")
_NOBODY_WORKS = N_("Nobody who may give {type} works in that time.")
_FULL_UNTIL = N_("{provider} is fully booked until {day}.")
_ALL_FULL_UNTIL = N_("Everybody who may give {type} is fully booked until {day}.")
_FULL = N_("{provider} has no free time for {type} in the coming months.")
_ALL_FULL = N_("Nobody has a free time for {type} in the coming months.")
_OTHER_TYPE = N_("Choose another service.")
_TAKE_ANOTHER = N_("Choose another provider.")
_OTHER_LOCATION = N_("Choose another location.")
_SET_HOURS = N_("Set the hours, or choose another provider.")
_SET_HOURS_ONLY = N_("Set the hours of somebody who may give it.")
_ASK_FOR_HOURS = N_("Ask an administrator to set the hours of somebody who may give it.")
_GO_THERE = N_("Go to that day.")
_LOOK_LATER = N_("Go to that day, or choose another provider.")
