"""The calendar on paper: the same painting, light, fitted to a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter

from clinic_desk.rules import clinic_time
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views import theme
from clinic_desk.views.agenda import headers, painting
from clinic_desk.views.agenda.card_painting import Brushwork
from clinic_desk.views.agenda.grid import Grid, Kind, columns, ruled_for
from clinic_desk.views.agenda.layout import Layout, closed, working_day
from clinic_desk.views.agenda.looks import Clock
from clinic_desk.views.agenda.model import AgendaModel
from clinic_desk.views.agenda.text import faces

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

WIDTH = 1080
"""A page is as wide as so many pixels of the screen; so text is about 8 points on A4."""


def paint_page(
    painter: QPainter,
    rect: QRectF,
    view: DiaryView,
    *,
    kind: str,
    first_day: date,
    zone: str,
    columns_of: Sequence[int] = (),
    catalogue: Catalogue | None = None,
    initials: bool = False,
    mirrored: bool = False,
) -> None:
    """Paint a week or a day into *rect* (the painter's own units), whatever the theme.

    *kind*, *first_day* and *columns_of* are as for ``AgendaBoard.set_view``. What lies outside
    the working day is shown where a visit lies there.
    """
    shape, palette = Kind(kind), theme.load("light")
    scale = rect.width() / WIDTH
    ruled = ruled_for(shape, first_day, clinic_time.zone(zone))
    model = AgendaModel()
    model.catalogue = catalogue
    model.set_shown(() if shape is Kind.OPERATORIES else columns_of)
    model.set_data(view)
    homeless = any(isinstance(c, AppointmentCard) and c.operatory is None for c in model.cards)
    made = tuple(columns(shape, ruled, tuple(columns_of), no_room=homeless))
    grid = Grid(ruled, made, WIDTH - headers.RULER, 60, mirrored)
    rooms = (
        {room.id: room.location_id for room in catalogue.operatories.values()} if catalogue else {}
    )
    shut = closed(view, grid, model.provider_ids, rooms)
    begin, end = working_day(grid, shut)
    items = list(Layout(grid, model.cards).items())
    begin = min([begin, *(int(item.begin) // 60 * 60 for item in items)])
    end = max([end, *(-int(-item.end // 60) * 60 for item in items)])
    room = rect.height() / scale - headers.HEIGHT
    grid = grid.resized(grid.width, room * 60 / max(end - begin, 60))
    names = {r.id: r.name for r in catalogue.operatories.values()} if catalogue else {}
    names |= {p.id: p.name for p in catalogue.providers.values()} if catalogue else {}
    work = Brushwork(palette, faces(QFont()), Clock(), zone, mirrored, names, initials=initials)
    scene = painting.Scene(grid, Layout(grid, model.cards), shut, work)
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(scale, scale)
    _paint(painter, scene, shape, catalogue, grid.y(begin), round(room))
    painter.restore()


def _paint(
    painter: QPainter,
    scene: painting.Scene,
    kind: Kind,
    catalogue: Catalogue | None,
    top: int,
    height: int,
) -> None:
    grid, left = scene.grid, 0 if scene.grid.mirrored else headers.RULER
    named = headers.headings(grid, kind, catalogue, date.min)
    painter.save()
    painter.translate(left, 0)
    headers.paint_headings(painter, grid, named, headers.HEIGHT, palette=scene.work.palette)
    painter.restore()
    painter.save()
    painter.translate(grid.width if grid.mirrored else 0, headers.HEIGHT - top)
    painter.setClipRect(0, top - 8, headers.RULER, height + 8)
    headers.paint_hours(
        painter, grid, scene.work.clock, headers.RULER, top, height, palette=scene.work.palette
    )
    painter.restore()
    painter.save()
    painter.translate(left, headers.HEIGHT - top)
    painter.setClipRect(0, top, grid.width, height)
    painting.paint(painter, scene, 0, top, grid.width, height)
    painter.restore()
