"""Looking through weeks for places of a wish: on the occupancy index where it is built, else on
the claims themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_desk.rules import clinic_time
from clinic_desk.rules.conflicts import APPOINTMENT, Taken
from clinic_desk.rules.spans import Span
from clinic_desk.services import bits, claims, holds, seats
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import Wanted
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.occupancy import first_minute
from clinic_desk.services.offer_cards import Seat, TimeOffer, Wish
from clinic_desk.services.seats import Piece, Seating
from clinic_desk.services.snapshot import BLOCK


def wanted_for(catalogue: Catalogue, seat: Seat, patient_id: int | None) -> Wanted:
    """The seat as booking's rules are asked about it."""
    return Wanted(
        span=seat.span,
        before_minutes=seat.before_minutes,
        after_minutes=seat.after_minutes,
        provider_id=seat.provider_id,
        operatory_id=seat.operatory_id,
        patient_id=patient_id,
        type_id=seat.type_id,
        location_id=seat.location_id,
        time_zone=catalogue.time_zone(seat.location_id),
    )


@dataclass
class Look:
    """A search over weeks for one wish, as the diary stands now."""

    catalogue: Catalogue
    wish: Wish
    pieces: tuple[Piece, ...]
    now: datetime
    seating: Callable[[int, int], Seating]

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose days are meant."""
        return clinic_time.zone(self.catalogue.time_zone(self.wish.location_id))

    def first_of_days(self, period: Span) -> dict[date, datetime | None]:
        """Each day of *period* that has one to its first start."""
        found: dict[date, datetime | None] = {}
        seating, window = self._stretch(period)
        for day in clinic_time.days(period, self.zone):
            span = clinic_time.day_span(day, self.zone)
            begin, end = (bits.minute(t) - seating.start for t in (span.starts_at, span.ends_at))
            offer = next(self._in(seating, window & bits.filled(begin, end)), None)
            if offer is not None:
                found[day] = offer.starts_at
        return found

    def offers(self, period: Span) -> Iterator[TimeOffer]:
        """Every start of *period* that can be booked, the earliest first, block by block."""
        begin = period.starts_at
        while begin < period.ends_at:
            end = min(begin + timedelta(minutes=BLOCK), period.ends_at)
            seating, window = self._stretch(Span(begin, end))
            yield from self._in(seating, window)
            begin = end

    def works(self, period: Span) -> bool:
        """Whether anybody who may give the first service works in *period* at all."""
        seating, window = self._stretch(period)
        return any(
            seating.opened(provider_id, place) & window
            for place in seating.locations
            for provider_id in seating.pieces[0].able
        )

    def _stretch(self, period: Span) -> tuple[Seating, int]:
        before, after = seats.reach(self.pieces)
        begin, end = bits.minute_up(period.starts_at), bits.minute_up(period.ends_at)
        seating = self.seating(begin - before, end + after)
        low = max(begin, bits.minute_up(self.now)) - seating.start
        return seating, bits.filled(low, end - seating.start)

    @staticmethod
    def _in(seating: Seating, window: int) -> Iterator[TimeOffer]:
        masks = {place: seating.starts(place) & window for place in seating.locations}
        everywhere = 0
        for mask in masks.values():
            everywhere |= mask
        for at in seats.each(everywhere):
            for place, mask in masks.items():
                found = seating.seat(place, at) if mask >> at & 1 else ()
                if found:
                    yield TimeOffer(seating.instant(at), found, seating.able(place, at))
                    break


@contextmanager
def looking(actor: Actor, wish: Wish, now: datetime) -> Iterator[Look]:
    """A search on the occupancy index where it is built, else on the claims."""
    store, organisation_id = actor.store, actor.organisation_id
    occupancy = store.occupancy(organisation_id)
    snapshot = occupancy.catch_up() if occupancy.ready else None
    head = snapshot.head if snapshot else claims.head(store, organisation_id, now)
    catalogue = store.catalogue(organisation_id, at_least=head.catalogue_seq)
    found = seats.pieces(catalogue, wish)
    held = _without_own(actor, wish, head.holds, now)
    if snapshot is not None:
        snapshot = snapshot.renewed(head._replace(holds=held))
    base = snapshot.base if snapshot else first_minute(now)
    resources = resources_of(catalogue, wish, found)
    with occupancy.open_time(catalogue, base) as open_time:

        def seating(start: int, end: int) -> Seating:
            def warm(number: int) -> int:
                assert snapshot is not None
                return snapshot.taken(number, start, end)

            if snapshot is not None and start >= base:
                return Seating(wish, found, open_time, warm, start, end)
            busy: dict[int, int] = {}
            wanted = [(n, start, end) for n in resources]
            for number, begin, ends in (*claims.claims_in(store, wanted), *held):
                mask = bits.filled(begin - start, min(ends, end) - start)
                busy[number] = busy.get(number, 0) | mask
            return Seating(wish, found, open_time, lambda n: busy.get(n, 0), start, end)

        yield Look(catalogue, wish, found, now, seating)


def _without_own(
    actor: Actor, wish: Wish, held: tuple[claims.Taken, ...], now: datetime
) -> tuple[claims.Taken, ...]:
    if not wish.desk or not held:
        return held
    own = {
        (h.resource_id, bits.minute(h.span.starts_at), bits.minute(h.span.ends_at))
        for h in holds.live(actor.store, actor.organisation_id, now)
        if holds.is_own(actor, h, wish.desk)
    }
    return tuple(taken for taken in held if taken not in own)


def resources_of(catalogue: Catalogue, wish: Wish, found: Sequence[Piece]) -> list[int]:
    """Everybody and everything whose time may matter."""
    providers = {n for piece in found for n in (*piece.asked, *piece.able)}
    rooms = {
        room.id
        for room in catalogue.operatories.values()
        if wish.location_id in {None, room.location_id}
    }
    patient = set() if wish.patient_id is None else {wish.patient_id}
    return sorted(providers | rooms | patient)


def chosen_by(wish: Wish) -> list[Taken]:
    """What the dialog has chosen for other visits, as if it stood in the diary."""
    out = []
    for seat in wish.chosen:
        rooms = () if seat.operatory_id is None else (seat.operatory_id,)
        out += [
            Taken(n, seat.padded, APPOINTMENT, 0, visit=seat.span)
            for n in (seat.provider_id, *rooms)
        ]
        if wish.patient_id is not None:
            out.append(Taken(wish.patient_id, seat.span, APPOINTMENT, 0, visit=seat.span))
    return out
