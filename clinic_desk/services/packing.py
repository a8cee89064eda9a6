"""Filling free time with visits, as a busy desk does: most of it, with gaps, never twice."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GRID = 15
"""Visits start on the quarter hour, in minutes."""

NEAR = 64
"""Of so many whose turn is nearest, one is chosen."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be booked: lengths in minutes, ``often`` weighs how much it is asked for."""

    id: int
    minutes: int
    before: int
    after: int
    often: int

    @property
    def padded(self) -> int:
        """Minutes with the buffers."""
        return self.before + self.minutes + self.after


@dataclass(frozen=True, slots=True)
class Visit:
    """A place for a visit: minutes since the free time began, buffers aside."""

    minute: int
    kind: Kind


def packed(
    minutes: int, kinds: Sequence[Kind], load: float, chance: random.Random
) -> Iterator[Visit]:
    """Visits that fill about *load* (0 to 1) of a free time of *minutes*, in order.

    Buffers lie inside the free time and count as filled; no two visits overlap with theirs.
    """
    if not kinds:
        return
    bag = [kind for kind in kinds for _ in range(kind.often)]
    shortest = min(kind.padded for kind in kinds)
    now = busy = 0
    while now + shortest <= minutes:
        if chance.random() * 1.2 > load + (load * now - busy) / 60:
            now = (now // GRID + 1) * GRID
            continue
        kind = chance.choice(bag)
        begin = -(-(now + kind.before) // GRID) * GRID
        if begin + kind.minutes + kind.after > minutes:
            fitting = [k for k in kinds if now + k.padded + GRID <= minutes]
            if not fitting:
                now = (now // GRID + 1) * GRID
                continue
            kind = chance.choice(fitting)
            begin = -(-(now + kind.before) // GRID) * GRID
        yield Visit(begin, kind)
        busy += kind.padded
        now = begin + kind.minutes + kind.after


class Turns:
    """Whose turn it is: everybody comes again, nobody twice on one day."""

    def __init__(self, everybody: Sequence[int], chance: random.Random) -> None:
        self._waiting = deque(chance.sample(everybody, len(everybody)))
        self._chance = chance
        self._today: set[int] = set()

    def new_day(self) -> None:
        """Everybody may come again."""
        self._today.clear()

    def take(self) -> int | None:
        """Somebody who has not come today, rather one who has not come for long; None where
        all have.
        """
        waiting = self._waiting
        for _ in range(min(4, len(waiting))):
            place = self._chance.randrange(min(NEAR, (len(waiting) + 1) // 2))
            waiting.rotate(-place)
            found = waiting.popleft()
            waiting.rotate(place)
            waiting.append(found)
            if found not in self._today:
                self._today.add(found)
                return found
        for found in waiting:
            if found not in self._today:
                self._today.add(found)
                return found
        return None
