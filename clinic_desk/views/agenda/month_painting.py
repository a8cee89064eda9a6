"""Painting a month: each day's number, its first cards, and how many more there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from clinic_desk.i18n import ngettext, weekday_text
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import theme
from clinic_desk.views.agenda import icons
from clinic_desk.views.agenda.card_painting import initials
from clinic_desk.views.agenda.layout import Card
from clinic_desk.views.agenda.looks import GONE, Clock, Manner, shade, signs, tile
from clinic_desk.views.agenda.month_grid import MonthGrid
from clinic_desk.views.agenda.text import Faces

TOP = 26
"""Height of a day's number."""
LINE = 18


class Place(NamedTuple):
    """Where a card is painted in the month."""

    rect: QRect
    card: Card
    minute: int


@dataclass(slots=True)
class MonthScene:
    """All that is painted. ``cards`` by day, ``minutes`` of the wall by card object."""

    grid: MonthGrid
    month: date
    today: date
    cards: dict[date, list[Card]]
    faces: Faces
    clock: Clock
    closed: dict[date, str]
    initials: bool = False


def places(scene: MonthScene, day: date, minute_of: dict[int, int]) -> tuple[list[Place], int]:
    """The cards of a day that have room in its cell, and how many have not."""
    box, cards = scene.grid.cell(day), scene.cards.get(day, [])
    room = max((box.h - TOP - 4) // LINE, 0)
    shown = cards if len(cards) <= room else cards[: max(room - 1, 0)]
    out = []
    for number, card in enumerate(shown):
        rect = QRect(box.x + 4, box.y + TOP + number * LINE, box.w - 9, LINE - 2)
        out.append(Place(rect, card, minute_of.get(id(card), 0)))
    return out, len(cards) - len(shown)


def paint(painter: QPainter, scene: MonthScene, minute_of: dict[int, int]) -> list[Place]:
    """Paint the month; what was painted where."""
    grid, out = scene.grid, list[Place]()
    painter.fillRect(0, 0, grid.width, grid.height, theme.colour("grid"))
    painter.fillRect(0, 0, grid.width, grid.head, theme.colour("header"))
    _paint_head(painter, scene)
    for day in grid.days:
        _paint_day(painter, scene, day)
        shown, more = places(scene, day, minute_of)
        for place in shown:
            _paint_card(painter, scene, place)
        out += shown
        if more:
            told = ngettext("{count} visit", "{count} visits", more) if not shown else ngettext(
                "+ {count} more", "+ {count} more", more)  # fmt: skip
            box = grid.cell(day)
            y = box.y + TOP + len(shown) * LINE
            rect = QRect(box.x + 8, y, box.w - 16, LINE)
            painter.setFont(scene.faces.plain.font)
            painter.setPen(theme.colour("text.soft"))
            side = Qt.AlignmentFlag.AlignRight if grid.mirrored else Qt.AlignmentFlag.AlignLeft
            painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter),
                             told.format(count=more))  # fmt: skip
    return out


def _paint_head(painter: QPainter, scene: MonthScene) -> None:
    painter.setFont(scene.faces.plain.font)
    painter.setPen(theme.colour("text.faint"))
    for day in scene.grid.days[:7]:
        box = scene.grid.cell(day)
        name = weekday_text(day.weekday(), "abbreviated")
        rect = QRect(box.x + 10, 0, box.w - 20, scene.grid.head)
        side = Qt.AlignmentFlag.AlignRight if scene.grid.mirrored else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), name)


def _paint_day(painter: QPainter, scene: MonthScene, day: date) -> None:
    grid, box = scene.grid, scene.grid.cell(day)
    other = (day.year, day.month) != (scene.month.year, scene.month.month)
    if day in scene.closed or other:
        painter.fillRect(box.x, box.y, box.w, box.h, theme.colour("grid.closed"))
    elif day == scene.today:
        painter.fillRect(box.x, box.y, box.w, box.h, theme.colour("grid.today"))
    painter.setPen(theme.colour("grid.column"))
    painter.drawLine(box.x, box.y, box.x + box.w, box.y)
    edge = box.x if grid.mirrored else box.x + box.w - 1
    painter.drawLine(edge, box.y, edge, box.y + box.h)
    font = QFont(scene.faces.label_strong.font)
    painter.setFont(font)
    told = str(day.day)
    width = max(scene.faces.label_strong.width(told) + 10, 22)
    left = box.x + box.w - 6 - width if grid.mirrored else box.x + 6
    pill = QRect(round(left), box.y + 4, round(width), 19)
    ink = theme.colour("text.faint" if other else "text")
    if day == scene.today:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("header.today"))
        painter.drawRoundedRect(pill, 9, 9)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        ink = theme.colour("header.today.text")
    painter.setPen(ink)
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), told)
    name = scene.closed.get(day, "")
    if name:
        painter.setFont(scene.faces.plain.font)
        painter.setPen(theme.colour("text.soft"))
        rect = QRect(box.x + (6 if grid.mirrored else 34), box.y + 4, box.w - 40, 19)
        text = scene.faces.plain.fitted(name, rect.width())
        flag = Qt.AlignmentFlag
        side = flag.AlignRight if grid.mirrored else flag.AlignLeft
        painter.drawText(rect, int(side | flag.AlignAbsolute | flag.AlignVCenter), text)


def _paint_card(painter: QPainter, scene: MonthScene, place: Place) -> None:
    grid, rect, card = scene.grid, place.rect, place.card
    kind, faces = shade(card, theme.current()), scene.faces
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if kind.manner is Manner.OUTLINED:
        painter.setPen(QPen(kind.stripe, 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 3, 3)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(kind.fill)
        painter.drawRoundedRect(rect, 3, 3)
        if kind.pattern is not None:
            ratio = max(painter.device().devicePixelRatioF(), 1.0)
            pattern = "hatch" if kind.manner is Manner.HATCHED else "stripes"
            painter.setBrush(tile(kind.pattern.rgba(), pattern, ratio, mirrored=grid.mirrored))
            painter.drawRect(rect)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(kind.stripe)
    edge = rect.right() - 3 if grid.mirrored else rect.left()
    painter.drawRect(edge, rect.top(), 4, rect.height())
    room, x, taken = rect.width() - 12, 8.0, 0
    base = rect.top() + (rect.height() - faces.plain.line) / 2 + faces.plain.ascent

    shown = signs(card)
    if shown and rect.width() > 90:
        left = rect.left() + 3 if grid.mirrored else rect.right() - 14
        icons.paint(painter, shown[0], left, rect.top() + 2, 12, kind.strong)
        taken = 15
    title = card.patient_name if isinstance(card, AppointmentCard) else card.title
    if scene.initials and isinstance(card, AppointmentCard):
        title = initials(title)
    gone = isinstance(card, AppointmentCard) and card.status in GONE
    for face, colour, text in (
        (faces.plain, kind.soft, scene.clock.at(place.minute)),
        (faces.struck if gone else faces.name, kind.ink, title),
    ):
        told = face.fitted(text, int(room - taken - x + 8))
        if told:
            width = face.width(told)
            painter.setFont(face.font)
            painter.setPen(colour)
            left_ = rect.right() - x - width if grid.mirrored else rect.left() + x
            painter.drawText(QPointF(left_, base), told)
            x += width + 5
