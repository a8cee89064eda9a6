"""Where the services of a visit fit, one after the other: bits of a minute for a whole month.

For each service and provider one integer says at which minutes it may begin: inside open
hours, buffers unclaimed, some room free, the patient free. The order of the services is then
walked backwards on whole integers, so a month of fifty providers takes a few milliseconds; who
sits where is worked out only for the starts that somebody looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import bits
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.offer_cards import Seat, Service, Wish
from clinic_desk.services.open_time import OpenTime
from clinic_desk.services.snapshot import BLOCK

MOST_SERVICES = 8
LONGEST = bits.DAY

Busy = Callable[[int], int]
"""Resource to its taken minutes, the first minute of the stretch being bit 0."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A service of the wish with what its type and the catalogue say of it."""

    type_id: int
    minutes: int
    before: int
    after: int
    gap: int
    asked: tuple[int, ...]
    able: tuple[int, ...]
    rooms: tuple[int, ...] | None

    @property
    def whole(self) -> int:
        """Minutes with the buffers."""
        return self.before + self.minutes + self.after


def pieces(catalogue: Catalogue, wish: Wish) -> tuple[Piece, ...]:
    """The services of *wish*, looked up. Raises ``NotFound`` for what is of elsewhere and
    ``Invalid`` for lengths that make no visit.
    """
    if not 1 <= len(wish.services) <= MOST_SERVICES:
        raise Invalid("services", N_("Choose 1 to {most} services."), most=MOST_SERVICES)
    if wish.location_id is not None and wish.location_id not in catalogue.locations:
        raise NotFound
    found = tuple(_piece(catalogue, service) for service in wish.services)
    if not wish.same_provider or len(found) == 1:
        return found
    both = [n for n in found[0].able if all(n in p.able for p in found)]
    return tuple(_only(piece, tuple(both)) for piece in found)


def _piece(catalogue: Catalogue, service: Service) -> Piece:
    kind = catalogue.types.get(service.type_id)
    wanted = service.provider_ids
    if kind is None or not set(wanted or ()) <= catalogue.providers.keys():
        raise NotFound
    if not set(service.operatory_ids or ()) <= catalogue.operatories.keys():
        raise NotFound
    minutes = kind.minutes if service.minutes is None else service.minutes
    if not (1 <= minutes <= LONGEST and 0 <= service.gap_minutes <= LONGEST):
        raise Invalid("minutes", N_("A service and the pause before it last a day at the most."))
    able = tuple(
        number
        for number in dict.fromkeys(catalogue.providers if wanted is None else wanted)
        if kind.active
        and catalogue.providers[number].active
        and catalogue.qualified(number, kind.id)
    )
    return Piece(
        kind.id,
        minutes,
        kind.before_minutes,
        kind.after_minutes,
        service.gap_minutes,
        able if wanted is None else tuple(dict.fromkeys(wanted)),
        able,
        service.operatory_ids,
    )


def _only(piece: Piece, providers: tuple[int, ...]) -> Piece:
    return Piece(
        piece.type_id,
        piece.minutes,
        piece.before,
        piece.after,
        piece.gap,
        piece.asked,
        providers,
        piece.rooms,
    )


def reach(found: Sequence[Piece]) -> tuple[int, int]:
    """How many minutes before its start and after it a visit may touch at the most."""
    after = sum(
        p.minutes + p.after + max(p.gap, (found[i - 1].after + p.before) if i else 0)
        for i, p in enumerate(found)
    )
    return max(p.before for p in found), after


class Seating:
    """The visit in one stretch of minutes, *start* to *end* (since 1970), at all locations of
    the wish. Not for two threads at once.
    """

    def __init__(
        self, wish: Wish, found: tuple[Piece, ...], open_time: OpenTime, busy: Busy, start: int,
        end: int,
    ) -> None:  # fmt: skip
        self.wish = wish
        self.pieces = found
        self.start, self.end = start, end
        self._open_time = open_time
        self._busy = busy
        self._all = bits.ones(end - start)
        self._free: dict[int, int] = {}
        self._opened: dict[tuple[int, int], int] = {}
        self._may: dict[tuple[int, int, int], int] = {}
        self._rooms: dict[tuple[int, int], dict[int, int]] = {}
        self._chains: dict[int, list[dict[int, int]]] = {}

    @property
    def locations(self) -> list[int]:
        """The locations at which the visit may be, in the order of the catalogue."""
        wanted = self.wish.location_id
        places = self._open_time.catalogue.locations.values()
        return [p.id for p in places if p.active and wanted in {None, p.id}]

    def starts(self, location_id: int) -> int:
        """The minutes on the step at which the visit may start there."""
        out = 0
        for mask in self._chain(location_id)[0].values():
            out |= mask
        return out & self._steps(location_id)

    def shown(self, location_id: int) -> int:
        """The minutes on the step inside the hours of anybody who is asked for."""
        out = 0
        for provider_id in self.pieces[0].asked:
            out |= self.opened(provider_id, location_id)
        return out & self._steps(location_id)

    def opened(self, provider_id: int, location_id: int) -> int:
        """The minutes in which a provider works at a location that is open."""
        key = (provider_id, location_id)
        if key not in self._opened:
            self._opened[key] = self._laid(lambda n: self._open_time.block(*key, n))
        return self._opened[key]

    def able(self, location_id: int, at: int) -> tuple[int, ...]:
        """Who may give the first service at minute *at* of the stretch."""
        first = self._chain(location_id)[0]
        return tuple(n for n in self.pieces[0].able if first.get(n, 0) >> at & 1)

    def may(self, number: int, provider_id: int, location_id: int) -> int:
        """The minutes at which a provider may begin service *number*, the others aside."""
        key = (number, provider_id, location_id)
        if key not in self._may:
            piece = self.pieces[number]
            mask = self._fits(piece, self.opened(provider_id, location_id), provider_id)
            if mask and self.wish.patient_id is not None:
                mask &= bits.runs(self._is_free(self.wish.patient_id), piece.minutes)
            if mask and self.needs_room(number, location_id):
                rooms = 0
                for free in self.rooms(number, location_id).values():
                    rooms |= free
                mask &= rooms
            self._may[key] = mask
        return self._may[key]

    def needs_room(self, number: int, location_id: int) -> bool:
        """A place without rooms books without them; a wish for certain rooms needs one."""
        wanted = self.pieces[number].rooms
        return bool(self.rooms(number, location_id)) if wanted is None else bool(wanted)

    def rooms(self, number: int, location_id: int) -> dict[int, int]:
        """The rooms for service *number*, each with the minutes at which it may begin there."""
        key = (number, location_id)
        if key not in self._rooms:
            piece = self.pieces[number]
            self._rooms[key] = {
                room.id: bits.runs(self._is_free(room.id), piece.whole) << piece.before
                for room in self._open_time.catalogue.operatories.values()
                if room.location_id == location_id
                and room.active
                and (piece.rooms is None or room.id in piece.rooms)
            }
        return self._rooms[key]

    def seat(self, location_id: int, at: int) -> tuple[Seat, ...]:
        """Who sits where when the visit starts at minute *at*; empty where nobody can."""
        return tuple(self._seated(location_id, 0, at, ()) or ())

    def offset(self, number: int, *, same: bool) -> int:
        """Minutes from the start of service *number* to that of the next one."""
        piece, after = self.pieces[number], self.pieces[number + 1]
        gap = max(after.gap, piece.after + after.before) if same else after.gap
        return piece.minutes + gap

    def instant(self, at: int) -> datetime:
        """The instant of a minute of the stretch."""
        return bits.instant(self.start + at)

    def _seated(
        self, location_id: int, number: int, at: int, before: tuple[Seat, ...]
    ) -> list[Seat] | None:
        if number == len(self.pieces):
            return list(before)
        last = before[-1].provider_id if before else None
        chain = self._chain(location_id)[number]
        known = [last] if last in chain else []
        for provider_id in dict.fromkeys([*known, *self.pieces[number].able]):
            if self.wish.same_provider and last not in {None, provider_id}:
                continue
            begins = at + self.offset(number - 1, same=provider_id == last) if number else at
            if not chain.get(provider_id, 0) >> begins & 1:
                continue
            seat = self._chair(location_id, number, provider_id, begins, before)
            if seat is not None:
                found = self._seated(location_id, number + 1, begins, (*before, seat))
                if found is not None:
                    return found
        return None

    def _chair(
        self, location_id: int, number: int, provider_id: int, at: int, before: tuple[Seat, ...]
    ) -> Seat | None:
        """The seat in a free room: the one of the service before, the usual one, any."""
        piece = self.pieces[number]
        start = self.instant(at)
        room: int | None = None
        padded = Span.lasting(start, piece.minutes).padded(piece.before, piece.after)
        if any(s.provider_id == provider_id and s.padded.overlaps(padded) for s in before):
            return None
        if self.needs_room(number, location_id):
            usual = self._open_time.catalogue.usual_room(provider_id, location_id, start)
            last = before[-1].operatory_id if before else None
            rooms = self.rooms(number, location_id)
            ranked = sorted(rooms, key=lambda n: (n != last, n != usual))
            free = (
                n
                for n in ranked
                if rooms[n] >> at & 1
                and not any(s.operatory_id == n and s.padded.overlaps(padded) for s in before)
            )
            room = next(free, None)
            if room is None:
                return None
        return Seat(
            piece.type_id,
            Span.lasting(start, piece.minutes),
            provider_id,
            location_id,
            room,
            piece.before,
            piece.after,
        )

    def _chain(self, location_id: int) -> list[dict[int, int]]:
        """For each service, provider to the minutes from which it and all that follow fit."""
        if location_id in self._chains:
            return self._chains[location_id]
        last = len(self.pieces) - 1
        out: list[dict[int, int]] = [{} for _ in self.pieces]
        for number in range(last, -1, -1):
            later = out[number + 1] if number < last else {}
            anybody, twice = 0, 0  # after whom more than one may follow
            for mask in later.values():
                twice |= anybody & mask
                anybody |= mask
            for provider_id in self.pieces[number].able:
                mask = self.may(number, provider_id, location_id)
                if number < last and mask:
                    own = later.get(provider_id, 0)
                    follows = own >> self.offset(number, same=True)
                    if not self.wish.same_provider:
                        others = (anybody & ~own) | twice
                        follows |= others >> self.offset(number, same=False)
                    mask &= follows
                if mask:
                    out[number][provider_id] = mask
        self._chains[location_id] = out
        return out

    def _fits(self, piece: Piece, opened: int, provider_id: int) -> int:
        if not opened:
            return 0
        free = self._is_free(provider_id)
        inside = bits.runs(opened & free, piece.minutes)
        if piece.whole == piece.minutes or not inside:
            return inside
        return inside & bits.runs(free, piece.whole) << piece.before

    def _is_free(self, resource_id: int) -> int:
        if resource_id not in self._free:
            taken = self._busy(resource_id)
            for seat in self.wish.chosen:
                if resource_id in {seat.provider_id, seat.operatory_id}:
                    taken |= self._bits(seat.padded)
                elif resource_id == self.wish.patient_id:
                    taken |= self._bits(seat.span)
            self._free[resource_id] = self._all & ~taken
        return self._free[resource_id]

    def _bits(self, span: Span) -> int:
        begin, end = bits.minute(span.starts_at), bits.minute_up(span.ends_at)
        return bits.filled(begin - self.start, end - self.start)

    def _steps(self, location_id: int) -> int:
        step = self._open_time.catalogue.organisation.step_minutes
        return self._laid(lambda n: self._open_time.steps(location_id, step, n))

    def _laid(self, block: Callable[[int], int]) -> int:
        """The minutes of the stretch out of blocks that begin elsewhere."""
        base, out = self._open_time.base, 0
        for number in range((self.start - base) // BLOCK, (self.end - 1 - base) // BLOCK + 1):
            offset = base + number * BLOCK - self.start
            own = block(number) & _WHOLE
            out |= own << offset if offset >= 0 else own >> -offset
        return out & self._all


_WHOLE = bits.ones(BLOCK)


def each(mask: int) -> Iterator[int]:
    """The numbers of the set bits, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
