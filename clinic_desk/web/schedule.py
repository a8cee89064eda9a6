"""Free time: where an appointment fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from clinic_desk.i18n import _, filled, language
from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import no_day, openings
from clinic_desk.services.cards import LocationCard, OpeningCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.offer_cards import Service, TimeOffer, Wish
from clinic_desk.web import shapes, times
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.lists import numbered
from clinic_desk.web.problems import Checks
from clinic_desk.web.security import Asking, needs
from clinic_desk.web.times import Edge

routes = APIRouter(tags=["Scheduling"], route_class=Endpoint)

DEFAULT_DAYS = 7
WALL = len("2025-05-20T10:00:00")
"""So long is a time without its offset; an opening begins and ends on a whole minute."""

PAST = N_("These times are past.")
LATER = N_("Ask for a later day.")

Begin = Annotated[Edge | None, Query(alias="from", description="Now, unless given.")]
End = Annotated[Edge | None, Query(alias="to", description="A week later, unless given.")]


@routes.get(
    "/schedule/availability",
    response_model_exclude_none=False,
    openapi_extra=needs("Appointment Get All"),
)
def availability(
    caller: Asking,
    response: Response,
    location_uuid: UUID,
    appointment_type_uuid: UUID,
    provider_uuid: UUID | None = None,
    begin: Begin = None,
    end: End = None,
    minutes: Annotated[
        int | None, Query(ge=1, le=1440, description="As long as the type says, unless given.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=499, description="So many at the most.")] = 100,
    reasons: Annotated[bool, Query(description="Say why, where nothing is free.")] = False,
) -> shapes.Availability:
    """Starts that can be booked at a location, for one provider or for all who may give the
    type. Never in the past; a year ahead at the most.
    """
    known = caller.catalogue()
    now = datetime.now(UTC)
    checks = Checks()
    location_id = checks.of("location_uuid", numbered, known.locations.values(), location_uuid)
    types = known.types.values()
    type_id = checks.of("appointment_type_uuid", numbered, types, appointment_type_uuid)
    chosen: tuple[int, ...] | None = None
    if provider_uuid:
        person = checks.of("provider_uuid", numbered, known.providers.values(), provider_uuid)
        chosen = (person,) if person else None
    zone = clinic_time.zone(known.time_zone(location_id))
    asked = checks.of("from", _edge, begin, zone, "from", now) if begin else None
    until = checks.of("to", _edge, end, zone, "to", now) if end else None
    if asked and until and until <= asked:
        checks.wrong(Invalid("to", times.PERIOD))
    checks.done()
    assert location_id is not None
    assert type_id is not None
    kind, place = known.types[type_id], known.locations[location_id]
    first = max(asked or now, now)
    last = until or first + timedelta(days=DEFAULT_DAYS)
    found: tuple[OpeningCard, ...] = ()
    length = minutes or kind.minutes
    if first < last and kind.active and place.active:
        found = openings.next(
            caller.actor,
            minutes=length,
            before=kind.before_minutes,
            after=kind.after_minutes,
            provider_ids=chosen,
            type_id=type_id,
            location_id=location_id,
            from_at=first,
            until=last,
            count=limit + 1,
        )
    items = [_opening(known, card, place, zone) for card in found[:limit]]
    why = None
    if not items and reasons and first < last:
        wish = Wish((Service(type_id, length, chosen),), location_id)
        none = no_day.why_none(caller.actor, wish, from_at=first, until=last, now=now)
        if none is not None:
            detail, way_out = (filled(t, none.params, zone) for t in (none.message, none.way_out))
            later = _next(known, none.opening)
            why = shapes.WhyNone(
                kind=str(none.why), detail=detail, way_out=way_out, next_opening=later
            )
    elif reasons and first >= last:
        why = shapes.WhyNone(kind="past", detail=_(PAST), way_out=_(LATER))
    if why is not None:
        response.headers["Content-Language"] = language().replace("_", "-")
    return shapes.Availability(
        items=items, total=len(items), complete=len(found) <= limit, reason=why
    )


def _opening(
    known: Catalogue, card: OpeningCard, place: LocationCard, zone: ZoneInfo
) -> shapes.Opening:
    # A page has hundreds of them: each time is turned into the zone once, not twice.
    begin, end = (times.offset(at, zone) for at in (card.span.starts_at, card.span.ends_at))
    return shapes.Opening(
        scheduled_start=begin[:WALL],
        scheduled_end=end[:WALL],
        starts_at=begin,
        ends_at=end,
        time_zone=place.time_zone,
        provider_uuid=known.providers[card.provider_id].uuid,
        location_uuid=place.uuid,
        operatory_uuid=known.operatories[card.operatory_id].uuid if card.operatory_id else None,
    )


def _next(known: Catalogue, offer: TimeOffer | None) -> shapes.Opening | None:
    """The first start that anybody has, where there is one."""
    seat = offer.seats[0] if offer else None
    if seat is None or seat.location_id is None:
        return None
    place = known.locations[seat.location_id]
    card = OpeningCard(seat.span, seat.provider_id, seat.location_id, seat.operatory_id)
    return _opening(known, card, place, clinic_time.zone(place.time_zone))


def _edge(text: str, zone: ZoneInfo, field: str, now: datetime) -> datetime:
    """An edge of the period that is asked for. Raises ``Invalid`` naming *field*."""
    at = times.edge(text, zone, field, last=field == "to")
    return times.within_reach(at, now, field)
