"""What a gesture is about: what was taken hold of, where, and what it says of its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint

from clinic_desk.i18n import _
from clinic_desk.rules.conflicts import Conflict, no_such_time
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, OperatoryCard
from clinic_desk.views import words
from clinic_desk.views.agenda.grid import Grid
from clinic_desk.views.agenda.judge import Wish
from clinic_desk.views.agenda.layout import Card, Item

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

HANDLE = 7
"""Height of the handles at a card's upper and lower edge, in pixels."""
TARGET = 24
"""Width and height of what can be hit of a selected card's grip, in pixels."""
HELD_MS, HELD_PX = 150, 4
"""After so long even a short way is meant as a drag."""
FINE_STEP = 5
MOST = 8
"""So many reasons are told in words while dragging; of more only the number."""


class Mode(Enum):
    """What is going on; see the module."""

    NOP = "nop"
    PRESS = "press"
    MOVE = "move"
    RESIZE_TOP = "resize top"
    RESIZE_BOTTOM = "resize bottom"
    SWEEP = "sweep"


CARRYING = frozenset({Mode.MOVE, Mode.RESIZE_TOP, Mode.RESIZE_BOTTOM})


def grip_at(item: Item, at: QPoint) -> Mode | None:
    """The edge whose grip a content point hits, of a card whose grips are painted."""
    if item.h <= 3 * HANDLE or abs(at.x() - (item.x + item.w // 2)) > TARGET // 2:
        return None
    inside = min(TARGET // 2, item.h // 3)
    bottom = item.y + item.h
    if item.tail and -inside <= at.y() - bottom < TARGET - inside:
        return Mode.RESIZE_BOTTOM
    if item.head and -inside <= item.y - 1 - at.y() < TARGET - inside:
        return Mode.RESIZE_TOP
    return None


@dataclass(slots=True)
class Grip:
    """Where something was taken hold of: its column and axis minutes then, and the pointer's.

    ``before`` is how much of the card lies before its part that was taken (over midnight).
    """

    card: Card | None
    column: int
    begin: float
    end: float
    minute: float
    x: int
    press: QPoint
    wanted: Mode
    before: timedelta = timedelta()


def ghost_lines(wish: Wish, catalogue: Catalogue | None, there: str, zone: str) -> list[str]:
    """What the ghost says: when and how long, with whom and where; by the clock of the place,
    in the zone *there*, which is named where the calendar, in *zone*, shows another hour.
    """
    first = _("{day}, {times} · {length}").format(
        day=words.day_short(words.wall(wish.span.starts_at, there).date()),
        times=words.times_there(wish.span, there, zone),
        length=words.length(wish.span.minutes),
    )
    if catalogue is None:
        return [first]
    person = catalogue.providers.get(wish.provider_id or 0)
    room = catalogue.operatories.get(wish.operatory_id or wish.provider_id or 0)
    parts: list[str] = [part.name for part in (person, room) if part is not None]
    place = room.location_id if isinstance(room, OperatoryCard) else None
    if place is None and isinstance(wish.card, AppointmentCard) and wish.card.location is not None:
        place = wish.card.location.id
    if place is not None and place in catalogue.locations and len(catalogue.locations) > 1:
        parts.append(catalogue.locations[place].name)
    where = [words.isolated(name) for name in parts]
    return [first, " · ".join(where)] if where else [first]


def reason_texts(found: Sequence[Conflict], wish: Wish, there: str, zone: str) -> list[str]:
    """The first ``MOST`` reasons as sentences, by the clock of :func:`ghost_lines`; the ghost
    says its day already, so times of that day do not.
    """
    day = words.wall(wish.span.starts_at, there).date()
    out = []
    for reason in found[:MOST]:
        params = dict(reason.params)
        for name, value in params.items():
            if isinstance(value, Span) and words.wall(value.starts_at, there).date() == day:
                params[name] = words.times_there(value, there, zone)
        out.append(words.filled(reason.message, params, zone, there))
    return list(dict.fromkeys(out))


def missing_time(grid: Grid, column: int, minute: float, span: Span, zone: str) -> list[Conflict]:
    """The reason against a place that the clocks jump over; none where the place exists."""
    if grid.exists(column, minute):
        return []
    day = datetime.combine(grid.columns[column].day, time())
    wall = day + timedelta(minutes=grid.ruled.wall_minute(int(minute)))
    return [no_such_time(wall, words.wall(span.starts_at, zone))]
