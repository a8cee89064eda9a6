"""Why a place of the calendar is shaded, in words: what a pointer that rests there is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.agenda import elsewhere
from clinic_desk.views.agenda.grid import Column
from clinic_desk.views.agenda.headers import hours_told

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.views.agenda.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Shade:
    """A shaded part of a column, in content pixels, and why it is shaded."""

    box: QRect
    text: str


def shade_at(board: Sheet, at: QPoint) -> Shade | None:
    """The shade under a content point, by what is shown there; None where the time is open."""
    grid = board.grid
    index = grid.column_at(at.x())
    if not 0 <= index < len(board.scene.closed):
        return None
    column, minute = grid.columns[index], grid.minute_at(at.y())
    for gap in column.track.gaps:
        if gap[0] <= minute < gap[1]:
            text = _("This day does not have this hour: the clocks change.")
            return Shade(_whole(board, index, *gap), text)
    for veil in board.scene.elsewhere[index] if board.scene.elsewhere else ():
        box = elsewhere.box_of(grid, index, elsewhere.spread(board.layout_, index, veil))
        if box.contains(at):
            return Shade(box, veil.text)
    for begin, end in board.scene.closed[index]:
        if begin <= minute < end:
            told = [_why(board, index, minute), _hours(board, index)]
            return Shade(_whole(board, index, begin, end), "\n".join(filter(None, told)))
    return None


def closed_name(catalogue: Catalogue, places: Iterable[int], day: date) -> str | None:
    """What *day* is called where each of these locations is closed on it, else None."""
    names = [catalogue.closed_name(place, day) for place in places]
    if not names or any(name is None for name in names):
        return None
    return ", ".join(sorted({words.isolated(name) for name in names if name}))


def day_closed(name: str) -> str:
    """That a day is closed, by what it is called."""
    return _("Closed: {name}").format(name=name)


def _whole(board: Sheet, index: int, begin: float, end: float) -> QRect:
    box = board.grid.whole(index, begin, end)
    return QRect(box.x, box.y, box.w, box.h)


def _why(board: Sheet, index: int, minute: float) -> str:
    column, catalogue = board.grid.columns[index], board.model.catalogue
    places = _places(board, column, catalogue)
    closed = closed_name(catalogue, places, column.day) if catalogue is not None else None
    if closed is not None:
        return day_closed(closed)
    if _is_clinic_closed(board, index, minute, places):
        return _("The clinic is closed then.")
    person = catalogue.providers.get(column.provider_id or 0) if catalogue is not None else None
    if person is not None:
        return _("{provider} does not work then.").format(provider=words.isolated(person.name))
    return _("Nobody who is shown works then.")


def _places(board: Sheet, column: Column, catalogue: Catalogue | None) -> list[int]:
    """The locations that count for a column."""
    if board.place is not None:
        return [board.place]
    if catalogue is None:
        return []
    room = catalogue.operatories.get(column.operatory_id or 0)
    if room is not None:
        return [room.location_id]
    return [place.id for place in catalogue.locations.values() if place.active]


def _is_clinic_closed(board: Sheet, index: int, minute: float, places: list[int]) -> bool:
    view = board.model.view
    if view is None or not places or any(place not in view.clinic_hours for place in places):
        return False  # a location without hours is never closed
    at = board.grid.instant(index, minute)
    return not any(
        span.starts_at <= at < span.ends_at for place in places for span in view.clinic_hours[place]
    )


def _hours(board: Sheet, index: int) -> str:
    """When somebody works on that day, where anybody does."""
    shut = board.scene.closed[index]
    if shut == [(0.0, float(board.grid.ruled.minutes))]:
        return ""
    return _("Hours on this day: {hours}").format(hours=hours_told(board.grid, shut))
