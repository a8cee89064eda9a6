"""Where a visit fits next: the first openings among many providers in the coming months.

The search goes from block to block of four weeks (:mod:`clinic_desk.services.snapshot`) and
stops at the first that holds enough. It runs on the occupancy index where that is built;
a desk that has just started reads the claims of the providers asked for, block by block.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinic_desk.rules.conflicts import Ref
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import bits, booking, visit
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import OpeningCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.occupancy import first_minute
from clinic_desk.services.open_time import OpenTime
from clinic_desk.services.opening_sources import WHOLE, Cold, Source, Warm, Without, holes_of
from clinic_desk.services.snapshot import BLOCK, joined
from clinic_desk.services.work import query

HALF_A_YEAR = timedelta(days=183)
LONGEST = timedelta(days=2 * 366)
"""Nobody looks further ahead: series end there too."""

MOST = 500


@dataclass(frozen=True)
class Wish:
    """What is looked for. Times are minutes since 1970; ``rooms`` None: any of the location,
    if it has some; empty: none is needed.
    """

    minutes: int
    before: int
    after: int
    provider_ids: tuple[int, ...]
    location_id: int | None
    rooms: tuple[int, ...] | None
    patient_id: int | None
    start: int
    end: int
    count: int

    @property
    def whole(self) -> int:
        """Minutes with the buffers."""
        return self.before + self.minutes + self.after


@query("Appointment Get All")
def next(  # noqa: A001 - openings.next says what it is
    actor: Actor,
    *,
    minutes: int,
    before: int = 0,
    after: int = 0,
    provider_ids: Collection[int] | None = None,
    type_id: int | None = None,
    location_id: int | None = None,
    operatory_ids: Collection[int] | None = None,
    patient_id: int | None = None,
    from_at: datetime | None = None,
    until: datetime | None = None,
    count: int = 10,
    ignore: Ref | None = None,
    desk: str = "",
) -> tuple[OpeningCard, ...]:
    """The first *count* openings of *minutes*, with *before* and *after* minutes unclaimed.

    Of these providers (in this order where they are free at once; all active ones unless
    given; only the qualified where *type_id* is), at *location_id* or wherever they work, in
    one of *operatory_ids* (any of the location unless given; an empty collection: no room is
    needed), where *patient_id* has no other visit. A visit lies between *from_at* (now) and
    *until* (half a year later), inside work hours and clinic hours, and starts on the
    organisation's step of the wall clock. Openings that differ by the room only are one.
    What *ignore* names takes no time (the visit that is to be moved, by source and number),
    nor does what the dialog *desk* of the actor holds.

    Raises ``Invalid`` for lengths and counts that make no sense, ``NotFound`` for a patient,
    provider, type or place of elsewhere.
    """
    store = actor.store
    occupancy = store.occupancy(actor.organisation_id)
    from_at = from_at or datetime.now(UTC)
    until = until or from_at + HALF_A_YEAR
    _check(minutes, before, after, count, until - from_at)
    snapshot = occupancy.catch_up() if occupancy.ready else None
    store.catalogue(actor.organisation_id, at_least=snapshot.head.catalogue_seq if snapshot else 0)
    catalogue = booking.catalogue_with(
        actor,
        type_ids=[type_id],
        provider_ids=provider_ids or (),
        operatory_ids=operatory_ids or (),
        location_ids=[location_id],
    )
    if patient_id is not None:
        visit.check_patient(actor, patient_id)
    wish = Wish(
        minutes=minutes,
        before=before,
        after=after,
        provider_ids=_providers(catalogue, provider_ids, type_id),
        location_id=location_id,
        rooms=None if operatory_ids is None else tuple(operatory_ids),
        patient_id=patient_id,
        start=bits.minute_up(from_at),
        end=bits.minute(until),
        count=count,
    )
    base = snapshot.base if snapshot is not None else first_minute(datetime.now(UTC))
    if wish.start - before < base:  # the past, which no index knows
        snapshot, base = None, first_minute(from_at - timedelta(minutes=before))
    source: Source = (
        Cold(store, actor.organisation_id, base, minutes, wish.end)
        if snapshot is None
        else Warm(snapshot)
    )
    if ignore is not None or desk:
        source = Without(source, base, holes_of(actor, ignore, desk, wish.whole))
    with occupancy.open_time(catalogue, base) as open_time:
        return tuple(search(source, open_time, wish))


def search(source: Source, open_time: OpenTime, wish: Wish) -> Iterator[OpeningCard]:
    """The openings of *wish*, the earliest first."""
    base, left = open_time.base, wish.count
    first = (wish.start - wish.before - base) // BLOCK
    last = (wish.end - wish.minutes - wish.before - base) // BLOCK
    for number in range(first, last + 1):
        for card in _in_block(source, open_time, wish, number, left):
            yield card
            left -= 1
        if left <= 0:
            return


def _in_block(
    source: Source, open_time: OpenTime, wish: Wish, number: int, count: int
) -> list[OpeningCard]:
    """The first openings whose buffer before begins in one block."""
    catalogue = open_time.catalogue
    origin = open_time.base + number * BLOCK
    window = _window(wish, origin)
    step = catalogue.organisation.step_minutes
    patient: int | None = None
    rooms: dict[int, _Rooms] = {}
    found: list[tuple[int, int, int, int]] = []  # first start, order, location, all starts
    taken = source.blocks(wish.provider_ids, number)
    for order, (provider_id, busy) in enumerate(zip(wish.provider_ids, taken, strict=True)):
        for location_id in open_time.places(provider_id):
            if wish.location_id not in {None, location_id}:
                continue
            place = (provider_id, location_id, number)
            if source.lasting and open_time.fits(*place, busy) < wish.minutes:
                continue
            starts = _starts(open_time.block(*place), joined(busy), wish)
            starts &= open_time.steps(location_id, step, number) >> wish.before & window
            if not starts:
                continue
            if wish.patient_id is not None:
                if patient is None:
                    patient = joined(source.blocks([wish.patient_id], number)[0])
                starts &= bits.runs(WHOLE & ~patient, wish.minutes) >> wish.before
            if location_id not in rooms:
                rooms[location_id] = _Rooms(source, catalogue, wish, location_id, number)
            starts &= rooms[location_id].starts
            if starts:
                found.append((bits.first(starts), order, location_id, starts))
    return _earliest(found, rooms, wish, catalogue, origin, count)


def _starts(open_: int, busy: int, wish: Wish) -> int:
    """Where the buffer before may begin: all of it unclaimed, the visit itself in open time."""
    free = WHOLE & ~busy
    if wish.whole == wish.minutes:
        return bits.runs(open_ & free, wish.minutes)
    inside = bits.runs(open_ & free, wish.minutes) >> wish.before
    return inside and inside & bits.runs(free, wish.whole)


def _window(wish: Wish, origin: int) -> int:
    """The places of the block at which the wish's buffer before may begin."""
    first = max(wish.start - wish.before - origin, 0)
    last = wish.end - wish.minutes - wish.before - origin
    return bits.filled(min(first, BLOCK), min(last + 1, BLOCK))


class _Rooms:
    """The rooms of a location in one block. ``starts``: where some room is free."""

    def __init__(
        self, source: Source, catalogue: Catalogue, wish: Wish, location_id: int, number: int
    ) -> None:
        self.wanted = [
            room.id
            for room in catalogue.operatories.values()
            if room.location_id == location_id
            and room.active
            and (wish.rooms is None or room.id in wish.rooms)
        ]
        taken = source.blocks(self.wanted, number)
        self.taken = {n: joined(pair) for n, pair in zip(self.wanted, taken, strict=True)}
        # A place without rooms books without them; a wish for certain rooms needs one.
        self.needed = bool(self.wanted) if wish.rooms is None else bool(wish.rooms)
        self.starts = 0 if self.needed else WHOLE
        for busy in self.taken.values():
            self.starts |= bits.runs(WHOLE & ~busy, wish.whole)

    def free_at(self, place: int, minutes: int, usual: int | None) -> int | None:
        """A room that is free from *place* on: the provider's usual one if it is."""
        for room in sorted(self.wanted, key=lambda number: number != usual):
            if not self.taken[room] >> place & bits.ones(minutes):
                return room
        return None


def _earliest(
    found: list[tuple[int, int, int, int]],
    rooms: dict[int, _Rooms],
    wish: Wish,
    catalogue: Catalogue,
    origin: int,
    count: int,
) -> list[OpeningCard]:
    out: list[OpeningCard] = []
    heapq.heapify(found)
    while found and len(out) < count:
        place, order, location_id, starts = heapq.heappop(found)
        provider_id = wish.provider_ids[order]
        start = bits.instant(origin + place + wish.before)
        usual = catalogue.usual_room(provider_id, location_id, start)
        room = rooms[location_id].free_at(place, wish.whole, usual)
        out.append(OpeningCard(Span.lasting(start, wish.minutes), provider_id, location_id, room))
        starts &= starts - 1
        if starts:
            heapq.heappush(found, (bits.first(starts), order, location_id, starts))
    return out


def _providers(
    catalogue: Catalogue, wanted: Collection[int] | None, type_id: int | None
) -> tuple[int, ...]:
    return tuple(
        number
        for number in dict.fromkeys(catalogue.providers if wanted is None else wanted)
        if catalogue.providers[number].active
        and (type_id is None or catalogue.qualified(number, type_id))
    )


def _check(minutes: int, before: int, after: int, count: int, ahead: timedelta) -> None:
    if not (1 <= minutes <= bits.DAY and 0 <= before <= bits.DAY and 0 <= after <= bits.DAY):
        raise Invalid("minutes", N_("A visit and its buffers last a day at the most."))
    if not 1 <= count <= MOST:
        raise Invalid("count", N_("Ask for 1 to {most} openings."), most=MOST)
    if ahead > LONGEST:
        raise Invalid("until", N_("Openings are looked for two years ahead at the most."))
