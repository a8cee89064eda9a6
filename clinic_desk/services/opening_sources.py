"""Where the search for openings learns what is taken: the index, the claims, or either of them
without what does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from clinic_desk.models.claims import Claim
from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, HOLD, Ref
from clinic_desk.rules.spans import Span
from clinic_desk.services import bits, booking, claims, holds
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.snapshot import BLOCK, OVERLAP, Pair, Snapshot, joined
from clinic_desk.services.store import Store

WHOLE = bits.ones(BLOCK + OVERLAP)
"""All minutes of a block and of the overlap after it."""

Holes = Mapping[int, Sequence[tuple[int, int, int]]]
"""By resource: from and until which minute, and which of those others have taken."""


class Source(Protocol):
    """Whatever knows what is taken. ``lasting``: the next question is likely to find the same."""

    lasting: bool

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        """The taken minutes of a block and of the next (or both in one) for each resource."""


class Warm:
    """The occupancy index."""

    lasting = True

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        """As the protocol says."""
        return [self._snapshot.pair(resource_id, number) for resource_id in resource_ids]


class Cold:
    """The claims themselves, for those who are asked for: a block first, then two, four …

    A gap too short for a visit of *minutes* is as good as taken, so only the longer ones are
    read; nothing after *end* is asked for.
    """

    lasting = False

    def __init__(
        self, store: Store, organisation_id: int, base: int, minutes: int, end: int
    ) -> None:
        self._store = store
        self._base = base
        self._minutes = minutes
        self._end = end
        self._held = claims.head(store, organisation_id, datetime.now(UTC)).holds
        self._read: dict[tuple[tuple[int, ...], int], dict[int, int]] = {}
        self._ahead: dict[tuple[int, ...], int] = {}

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        """As the protocol says."""
        who = tuple(resource_ids)
        if (who, number) not in self._read:
            self._read_on(who, number)
        free = self._read.pop((who, number))
        return [(WHOLE ^ free[n], 0) for n in who]

    def _read_on(self, who: tuple[int, ...], number: int) -> None:
        start = self._base + number * BLOCK
        ahead = self._ahead[who] = 2 * self._ahead.get(who, 0) or 1
        blocks = min(ahead, max((self._end - start) // BLOCK + 1, 1))
        end = start + blocks * BLOCK + OVERLAP
        free = [dict.fromkeys(who, 0) for _ in range(blocks)]
        for gap in claims.gaps(self._store, who, start, end, self._minutes):
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


class Without:
    """Another source, but for what does not count. *holes*: by resource the minutes around
    it, from and until, and which of them others have taken.
    """

    def __init__(self, source: Source, base: int, holes: Holes) -> None:
        self.lasting = source.lasting
        self._source = source
        self._base = base
        self._holes = holes

    def blocks(self, resource_ids: Sequence[int], number: int) -> list[Pair]:
        """As the protocol says."""
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


def holes_of(actor: Actor, ignore: Ref | None, desk: str, around: int) -> Holes:
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
