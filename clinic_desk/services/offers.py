"""The booking flow's offers: the days of a month and the times of a day.

A month is answered from the occupancy index where it is built (else from the claims); the
times of one day are read from the claims themselves, with everything that stands against each,
and judged by the same rules that decide under the lock when it is booked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_desk.rules import clinic_time
from clinic_desk.rules.conflicts import Conflict, Kind, Taken
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import bits, booking, claims, empty_days, holds, seats
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.looking import chosen_by, looking, resources_of, wanted_for
from clinic_desk.services.occupancy import first_minute
from clinic_desk.services.offer_cards import (
    DayOffer,
    Seat,
    TimeOffer,
    Wish,
)
from clinic_desk.services.seats import Seating
from clinic_desk.services.work import query

HALF_A_YEAR = timedelta(days=183)
A_MINUTE = timedelta(minutes=1)

NO_ROOM = N_("No room is free then ({span}).")
NOT_TOGETHER = N_("These services do not fit one after the other then.")
NOBODY = N_("Nobody who may give {type} is free then.")


@query("Appointment Get All")
def days(
    actor: Actor, wish: Wish, month: date, *, now: datetime | None = None
) -> tuple[DayOffer, ...]:
    """Every day of the month in which *month* lies, each with its first start that can be
    booked, in the zone of the wish's location (else the organisation's); else why it has none.

    Raises ``NotFound`` and ``Invalid`` for a wish that makes no sense.
    """
    now = now or datetime.now(UTC)
    with looking(actor, wish, now) as look:
        zone = look.zone
        listed = _days_of(month, zone)
        period = Span(
            clinic_time.day_span(listed[0], zone).starts_at,
            clinic_time.day_span(listed[-1], zone).ends_at,
        )
        first = dict.fromkeys(listed) | look.first_of_days(period)
        return empty_days.explained(look, (DayOffer(day, first[day]) for day in listed), period)


@query("Appointment Get All")
def first(
    actor: Actor,
    wish: Wish,
    *,
    from_at: datetime | None = None,
    until: datetime | None = None,
    count: int = 5,
    now: datetime | None = None,
) -> tuple[TimeOffer, ...]:
    """The first *count* starts that can be booked from *from_at* (now) until *until* (half a
    year later), the earliest first.
    """
    now = now or datetime.now(UTC)
    begin = max(from_at or now, now)
    with looking(actor, wish, now) as look:
        found: list[TimeOffer] = []
        for offer in look.offers(Span(begin, max(until or begin + HALF_A_YEAR, begin + A_MINUTE))):
            found.append(offer)
            if len(found) == count:
                break
        return tuple(found)


@query("Appointment Get All")
def spread(
    actor: Actor,
    wish: Wish,
    *,
    from_at: datetime | None = None,
    count: int = 4,
    a_day: int = 2,
    now: datetime | None = None,
) -> tuple[TimeOffer, ...]:
    """The next *count* openings to choose from, within half a year from *from_at* (now): none
    begins before the one before it ends, and no more than *a_day* are of one day.
    """
    now = now or datetime.now(UTC)
    begin = max(from_at or now, now)
    found: list[TimeOffer] = []
    of_day: dict[date, int] = {}
    with looking(actor, wish, now) as look:
        for offer in look.offers(Span(begin, begin + HALF_A_YEAR)):
            day = offer.starts_at.astimezone(look.zone).date()
            if offer.starts_at < begin or of_day.get(day, 0) >= a_day:
                continue
            found.append(offer)
            of_day[day] = of_day.get(day, 0) + 1
            begin = offer.seats[-1].span.ends_at
            if len(found) == count:
                break
    return tuple(found)


@query("Appointment Get All")
def times(
    actor: Actor, wish: Wish, day: date, *, now: datetime | None = None
) -> tuple[TimeOffer, ...]:
    """Every start of *day* on the organisation's step inside somebody's hours, in order:
    bookable, or with all the reasons against it. Four queries at the most.

    What is called bookable is what booking accepts. Nothing that is past is listed.
    """
    now = now or datetime.now(UTC)
    store = actor.store
    head = claims.head(store, actor.organisation_id, now)
    catalogue = store.catalogue(actor.organisation_id, at_least=head.catalogue_seq)
    found = seats.pieces(catalogue, wish)
    zone = clinic_time.zone(catalogue.time_zone(wish.location_id))
    whole = clinic_time.day_span(day, zone)
    before, after = seats.reach(found)
    start, end = bits.minute(whole.starts_at) - before, bits.minute_up(whole.ends_at) + after
    resources = resources_of(catalogue, wish, found)
    held = [
        hold
        for hold in holds.live(store, actor.organisation_id, now)
        if not holds.is_own(actor, hold, wish.desk)
    ]
    busy: dict[int, int] = {}
    taken = claims.claims_in(store, [(n, start, end) for n in resources])
    for number, begin, ends in (*taken, *(_minutes(h.resource_id, h.span) for h in held)):
        mask = bits.filled(begin - start, min(ends, end) - start)
        busy[number] = busy.get(number, 0) | mask
    occupancy = store.occupancy(actor.organisation_id)
    snapshot = occupancy.snapshot()
    base = snapshot.base if snapshot else first_minute(now)
    with occupancy.open_time(catalogue, base) as open_time:
        seating = Seating(wish, found, open_time, lambda n: busy.get(n, 0), start, end)
        low = max(bits.minute(whole.starts_at), bits.minute_up(now)) - start
        window = bits.filled(low, bits.minute_up(whole.ends_at) - start)
        judge = _Judge(catalogue, seating, {h.id: h for h in held})
        able = judge.bookable(window)
        refused = judge.refused(window, able)
        if refused:
            # Who stands in the way is read for these alone; it takes longer than all the rest.
            told = Span(
                seating.instant(min(refused) - before), seating.instant(max(refused) + after + 1)
            )
            asked = booking.claims_within(store, resources, told, actor)
            rows = booking.taken(store.rows(asked.sql, asked.parameters))
            judge.stand(holds.others(actor, rows, held, wish.desk)[0] + chosen_by(wish))
        offered = [*able.values(), *(judge.why(at) for at in refused)]
        return tuple(sorted(offered, key=lambda offer: offer.starts_at))


def _minutes(resource_id: int, span: Span) -> claims.Taken:
    return resource_id, bits.minute(span.starts_at), bits.minute_up(span.ends_at)


class _Judge:
    """Tells of every start whether it can be booked, and why not, by the rules of booking."""

    def __init__(
        self, catalogue: Catalogue, seating: Seating, known: dict[int, holds.Held]
    ) -> None:
        self._catalogue = catalogue
        self._seating = seating
        self._known = known
        self._standing: dict[int, list[Taken]] = {}

    def bookable(self, window: int) -> dict[int, TimeOffer]:
        """The minutes of *window* at which the visit can start."""
        seating = self._seating
        out: dict[int, TimeOffer] = {}
        for place in seating.locations:
            for at in seats.each(seating.starts(place) & window):
                found = () if at in out else seating.seat(place, at)
                if found:
                    able = seating.able(place, at)
                    out[at] = TimeOffer(seating.instant(at), found, able)
        return out

    def refused(self, window: int, able: Collection[int]) -> list[int]:
        """The other starts inside somebody's hours, in order."""
        shown = 0
        for place in self._seating.locations:
            shown |= self._seating.shown(place)
        return [at for at in seats.each(shown & window) if at not in able]

    def stand(self, standing: Iterable[Taken]) -> None:
        """What stands in the diary, for :meth:`why`."""
        for claim in standing:
            self._standing.setdefault(claim.resource_id, []).append(claim)

    def why(self, at: int) -> TimeOffer:
        """A start with all reasons against it."""
        seating = self._seating
        places = [p for p in seating.locations if seating.shown(p) >> at & 1]
        found = dict.fromkeys(c for place in places for c in self._why(place, at))
        told = holds.told(found, self._known) or (self._plain(NOT_TOGETHER),)
        return TimeOffer(seating.instant(at), reasons=told)

    def _why(self, location_id: int, at: int) -> Iterator[Conflict]:
        """All reasons, service by service, each for everybody who works then."""
        seating = self._seating
        for number, piece in enumerate(seating.pieces):
            if number:
                at += seating.offset(number - 1, same=self._one_person(number))
            if any(seating.may(number, p, location_id) >> at & 1 for p in piece.able):
                continue
            span = Span.lasting(seating.instant(at), piece.minutes)
            working = [p for p in piece.asked if seating.opened(p, location_id) >> at & 1]
            for provider_id in working or piece.asked:
                yield from self._against_in_a_room(number, provider_id, location_id, at, span)
            if not piece.asked:
                kind = self._catalogue.types[piece.type_id]
                yield self._plain(NOBODY, type=kind.name)

    def _against_in_a_room(
        self, number: int, provider_id: int, location_id: int, at: int, span: Span
    ) -> Iterator[Conflict]:
        piece = self._seating.pieces[number]
        rooms = self._seating.rooms(number, location_id)
        free = [room for room, mask in rooms.items() if mask >> at & 1]
        only = next(iter(rooms)) if len(rooms) == 1 else None
        room = free[0] if free else only
        seat = Seat(piece.type_id, span, provider_id, location_id, room, piece.before, piece.after)
        yield from self._against(seat)
        if room is None and self._seating.needs_room(number, location_id):
            zone = self._catalogue.time_zone(location_id)
            yield replace(self._plain(NO_ROOM, span=seat.padded, zone=zone), kind=Kind.OPERATORY)

    def _one_person(self, number: int) -> bool:
        able = set(self._seating.pieces[number].able)
        return self._seating.wish.same_provider or (
            len(able) == 1 and able == set(self._seating.pieces[number - 1].able)
        )

    def _against(self, seat: Seat) -> tuple[Conflict, ...]:
        wanted = wanted_for(self._catalogue, seat, self._seating.wish.patient_id)
        standing = [t for n in wanted.resources for t in self._standing.get(n, ())]
        return booking.conflicts_of(self._catalogue, wanted, standing)

    def _plain(self, message: str, **params: object) -> Conflict:
        return Conflict(Kind.PROVIDER, None, None, None, None, None, message, params)


def _days_of(month: date, zone: ZoneInfo) -> list[date]:
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    noon = Span(
        clinic_time.earliest(datetime.combine(first, datetime.min.time()), zone),
        clinic_time.earliest(datetime.combine(following, datetime.min.time()), zone),
    )
    return clinic_time.days(noon, zone)
