"""Where a visit fits next: the first openings among many providers in the coming months.

The search goes from block to block of four weeks (:mod:`clinic_desk.services.snapshot`) and
stops at the first that holds enough. It runs on the occupancy index where that is built;
a desk that has just started reads the claims of the providers asked for, block by block.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from clinic_desk.models.claims import Claim
from clinic_desk.rules import clinic_time
from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, HOLD, Ref
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import bits, booking, claims, holds, visit
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import OpeningCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.occupancy import first_minute
from clinic_desk.services.open_time import OpenTime
from clinic_desk.services.snapshot import BLOCK, OVERLAP, Pair, Snapshot, joined
from clinic_desk.services.store import Store
from clinic_desk.services.work import query

HALF_A_YEAR = timedelta(days=183)
LONGEST = timedelta(days=2 * 366)
"""Nobody looks further ahead: series end there too."""

MOST = 500
_WHOLE = bits.ones(BLOCK + OVERLAP)

Holes = Mapping[int, Sequence[tuple[int, int, int]]]


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
        _Cold(store, actor.organisation_id, base, wish) if snapshot is None else _Warm(snapshot)
    )
    if ignore is not None or desk:
        source = _Without(source, base, _holes(actor, ignore, desk, wish.whole))
    with occupancy.open_time(catalogue, base) as open_time:
        return tuple(search(source, open_time, wish))


class Source(Protocol):
    """Whatever knows what is taken. ``lasting``: the next question is likely to find the same."""

    lasting: bool

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        """The taken minutes of a block and of the next (or both in one) for each resource."""


class _Warm:
    """The occupancy index."""

    lasting = True

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        return [self._snapshot.pair(resource_id, number) for resource_id in resource_ids]


class _Cold:
    """The claims themselves, for those who are asked for: a block first, then two, four …

    A gap too short for the visit is as good as taken, so only the longer ones are read.
    """

    lasting = False

    def __init__(self, store: Store, organisation_id: int, base: int, wish: Wish) -> None:
        self._store = store
        self._base = base
        self._wish = wish
        self._held = claims.head(store, organisation_id, datetime.now(UTC)).holds
        self._read: dict[tuple[tuple[int, ...], int], dict[int, int]] = {}
        self._ahead: dict[tuple[int, ...], int] = {}

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        who = tuple(resource_ids)
        if (who, number) not in self._read:
            self._read_on(who, number)
        free = self._read.pop((who, number))
        return [(_WHOLE ^ free[n], 0) for n in who]

    def _read_on(self, who: tuple[int, ...], number: int) -> None:
        start = self._base + number * BLOCK
        ahead = self._ahead[who] = 2 * self._ahead.get(who, 0) or 1
        blocks = min(ahead, max((self._wish.end - start) // BLOCK + 1, 1))
        end = start + blocks * BLOCK + OVERLAP
        free = [dict.fromkeys(who, 0) for _ in range(blocks)]
        for gap in claims.gaps(self._store, who, start, end, self._wish.minutes):
            resource_id, begins, ends = gap
            place, at = divmod(begins - start, BLOCK)
            if at + ends - begins <= BLOCK and (at >= OVERLAP or not place):  # nearly all of them
                free[place][resource_id] |= ((1 << (ends - begins)) - 1) << at
                continue
            for place, _, minutes in _cut(gap, start, blocks):
                free[place][resource_id] |= minutes
        for hold in self._held:
            for place, resource_id, minutes in _cut(hold, start, blocks):
                if resource_id in free[place]:
                    free[place][resource_id] &= ~minutes
        for place, found in enumerate(free):
            self._read[who, number + place] = found


class _Without:
    """Another source, but for what does not count. *holes*: by resource the minutes around
    it, from and until, and which of them others have taken.
    """

    def __init__(self, source: Source, base: int, holes: Holes) -> None:
        self.lasting = source.lasting
        self._source = source
        self._base = base
        self._holes = holes

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        pairs = self._source.blocks(resource_ids, number)
        return [
            (self._mended(resource_id, joined(pair), number), 0)
            if resource_id in self._holes
            else pair
            for resource_id, pair in zip(resource_ids, pairs, strict=True)
        ]

    def _mended(self, resource_id: int, taken: int, number: int) -> int:
        origin = self._base + number * BLOCK
        for start, end, busy in self._holes[resource_id]:
            at = start - origin
            hole = bits.filled(at, min(end - origin, BLOCK + OVERLAP))
            taken = taken & ~hole | (busy << at if at >= 0 else busy >> -at) & hole
        return taken


def _holes(actor: Actor, ignore: Ref | None, desk: str, around: int) -> Holes:
    """What does not count, with the minutes *around* it: a gap that is too short beside it is
    told as taken, and may be long enough together with it.
    """
    store = actor.store
    live = {h.id: h for h in holds.live(store, actor.organisation_id, datetime.now(UTC))}
    own = {(HOLD, n) for n, h in live.items() if desk and holds.is_own(actor, h, desk)}
    places = [(live[n].resource_id, live[n].span) for _, n in own]
    if ignore is not None:
        own |= {ignore, (EXTRA, ignore[1])} if ignore[0] == APPOINTMENT else {ignore}
        found = store.rows(
            f"{r.selecting(Claim)} WHERE source = ? AND source_id = ?"  # noqa: S608 - our own text
            " OR ? = 'a' AND source = 'x'"
            " AND source_id IN (SELECT id FROM appointment_extra WHERE appointment_id = ?)",
            (*ignore, *ignore),
        )
        places += [(c.resource_id, Span(c.starts_at, c.ends_at)) for c in r.rows(Claim, found)]
    out: dict[int, list[tuple[int, int, int]]] = {}
    for resource_id, span in places:
        start, end = bits.minute(span.starts_at) - around, bits.minute(span.ends_at) + around
        near = Span(bits.instant(start), bits.instant(end))
        statement = booking.claims_within(store, [resource_id], near)
        busy = 0
        for claim in booking.taken(store.rows(statement.sql, statement.parameters)):
            is_gone = claim.source == HOLD and claim.source_id not in live
            if (claim.source, claim.source_id) not in own and not is_gone:
                begins, ends = bits.minute(claim.span.starts_at), bits.minute(claim.span.ends_at)
                busy |= bits.filled(begins - start, ends - start)
        out.setdefault(resource_id, []).append((start, end, busy))
    return out


def _cut(times: claims.Taken, start: int, blocks: int) -> Iterator[tuple[int, int, int]]:
    """The pieces of some time in blocks from *start* on, the overlap of each counted."""
    resource_id, begins, ends = times
    first = max((begins - start - OVERLAP) // BLOCK, 0)
    for place in range(first, min((ends - 1 - start) // BLOCK + 1, blocks)):
        offset = start + place * BLOCK
        piece = bits.filled(begins - offset, min(ends - offset, BLOCK + OVERLAP))
        if piece:
            yield place, resource_id, piece


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
                starts &= bits.runs(_WHOLE & ~patient, wish.minutes) >> wish.before
            if location_id not in rooms:
                rooms[location_id] = _Rooms(source, catalogue, wish, location_id, number)
            starts &= rooms[location_id].starts
            if starts:
                found.append((bits.first(starts), order, location_id, starts))
    return _earliest(found, rooms, wish, catalogue, origin, count)


def _starts(open_: int, busy: int, wish: Wish) -> int:
    """Where the buffer before may begin: all of it unclaimed, the visit itself in open time."""
    free = _WHOLE & ~busy
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
        self.starts = 0 if self.needed else _WHOLE
        for busy in self.taken.values():
            self.starts |= bits.runs(_WHOLE & ~busy, wish.whole)

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
        usual = _usual_room(catalogue, provider_id, location_id, start)
        room = rooms[location_id].free_at(place, wish.whole, usual)
        out.append(OpeningCard(Span.lasting(start, wish.minutes), provider_id, location_id, room))
        starts &= starts - 1
        if starts:
            heapq.heappush(found, (bits.first(starts), order, location_id, starts))
    return out


def _usual_room(
    catalogue: Catalogue, provider_id: int, location_id: int, start: datetime
) -> int | None:
    """The room that the provider's work hours name for that time."""
    local = start.astimezone(clinic_time.zone(catalogue.time_zone(location_id)))
    minute, day = local.hour * 60 + local.minute, local.date()
    for hours in catalogue.work_hours.get(provider_id, ()):
        if (
            hours.location_id == location_id
            and hours.starts_minute <= minute < hours.ends_minute
            and hours.holds_on(day)
        ):
            return hours.operatory_id
    return None


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
