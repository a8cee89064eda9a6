"""Choosing a room for a visit, where whoever books leaves that to us.

The choice is made under the lock, like every decision: nobody can be faster at the room that
was free, and what was asked ("any room") is the same each time it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Final

from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, Taken

if TYPE_CHECKING:
    from clinic_desk.services.booking import Wanted
    from clinic_desk.services.catalogue import Catalogue


class AnyRoom(Enum):
    """The mark for "a free room of the location"; None would mean "no room"."""

    ANY_ROOM = "any room"


ANY_ROOM: Final = AnyRoom.ANY_ROOM


def in_order(
    catalogue: Catalogue, location_id: int | None, provider_id: int, at: datetime
) -> tuple[int, ...]:
    """The location's rooms in the order in which they are taken: the one that the provider's
    hours name at the instant *at*, so that a crowd does not meet in one room, the location's
    usual one, then all others. Empty where it has none.
    """
    if location_id is None:
        return ()
    own = catalogue.room_by_hours(provider_id, location_id, at)
    usual = catalogue.locations[location_id].default_operatory_id
    there = (
        room.id
        for room in catalogue.operatories.values()
        if room.active and room.location_id == location_id
    )
    return tuple(sorted(there, key=lambda number: (number != own, number != usual)))


def placed(
    catalogue: Catalogue, wanted: Wanted, choice: Sequence[int], claims: Sequence[Taken]
) -> Wanted:
    """*wanted* in the first room of *choice* that is in use and that no claim of another takes,
    buffers counted; where there is none, in the first of all, so that deciding says what is in
    the way. As it is where there is no choice.
    """
    if not choice:
        return wanted
    padded = wanted.span.padded(wanted.before_minutes, wanted.after_minutes)
    busy = {
        claim.resource_id
        for claim in claims
        if claim.span.overlaps(padded)
        and not (claim.source in {APPOINTMENT, EXTRA} and claim.source_id == wanted.ignore_id)
    }
    known = catalogue.operatories
    free = (n for n in choice if n not in busy and n in known and known[n].active)
    return replace(wanted, operatory_id=next(free, choice[0]))
