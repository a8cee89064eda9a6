"""Painting cards: bodies first, one colour after another, then texts, one font after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import theme
from clinic_desk.views.agenda import icons
from clinic_desk.views.agenda.layout import Item
from clinic_desk.views.agenda.looks import GONE, Clock, Manner, Shade, shade, signs, tile
from clinic_desk.views.agenda.text import Face, Faces

STRIPE = 6
THIN = 14
"""Narrower cards have no text and a thinner stripe."""
ICON = 13
PAD = 5
LIFTED = 0.38
"""How much of a card remains to be seen while it is carried."""


class Brushwork(NamedTuple):
    """What all cards of one painting share. ``zone`` is the calendar's; *names* says whose
    time an event takes; ``initials`` hides names from strangers at the desk.
    """

    palette: theme.Theme
    faces: Faces
    clock: Clock
    zone: str
    mirrored: bool
    names: dict[int, str]
    pending: frozenset[int] = frozenset()
    lifted: int | None = None
    initials: bool = False
    rounded: int = 1500
    told: str = "both"


class Word(NamedTuple):
    """A text and where its baseline begins."""

    x: float
    y: float
    text: str


Words = dict[tuple[int, int], tuple[Face, QColor, list[Word]]]
Signs = list[tuple[str, float, float, QColor]]


def paint(painter: QPainter, items: Iterable[Item], work: Brushwork) -> None:
    """Paint *items* (content coordinates) with *painter*, whose state is kept."""
    shades: dict[int, tuple[Shade, list[Item]]] = {}
    lifted: list[Item] = []
    count = 0
    for item in items:
        if item.key == work.lifted:
            lifted.append(item)
            continue
        kind = shade(item.card, work.palette)
        group = shades.get(id(kind))
        if group is None:
            shades[id(kind)] = (kind, [item])
        else:
            group[1].append(item)
        count += 1
    painter.save()
    _paint_groups(painter, shades, count <= work.rounded, work)
    if lifted:
        painter.setOpacity(LIFTED)
        kind = shade(lifted[0].card, work.palette)
        _paint_groups(painter, {0: (kind, lifted)}, True, work)
        painter.setOpacity(1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(kind.stripe, 1, Qt.PenStyle.DashLine))
        for item in lifted:
            painter.drawRect(QRectF(item.x + 0.5, item.y + 0.5, item.w - 1, item.h - 1))
    painter.restore()


def _paint_groups(
    painter: QPainter,
    shades: dict[int, tuple[Shade, list[Item]]],
    rounded: bool,
    work: Brushwork,
) -> None:
    words: Words = {}
    found: Signs = []
    for kind, items in shades.values():
        _bodies(painter, kind, items, rounded, work)
        for item in items:
            if item.w >= THIN + 6:
                _write(item, kind, work, words, found)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for face, colour, group in words.values():
        painter.setFont(face.font)
        painter.setPen(colour)
        for word in group:
            painter.drawText(QPointF(word.x, word.y), word.text)
    for sign, x, y, colour in found:
        icons.paint(painter, sign, x, y, ICON, colour)


def _bodies(
    painter: QPainter, kind: Shade, items: list[Item], rounded: bool, work: Brushwork
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    if kind.manner is Manner.OUTLINED:
        _outlines(painter, kind, items)
        return
    wide = [item for item in items if item.w > THIN] if rounded else []
    plain = [item for item in items if item.w <= THIN] if rounded else items
    radius = theme.measure("card.radius")
    if wide:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(kind.stripe)
        for item in wide:
            painter.drawRoundedRect(item.x, item.y, item.w, item.h, radius, radius)
        painter.setBrush(kind.fill)
        for item in wide:
            x = item.x if work.mirrored else item.x + STRIPE
            painter.drawRoundedRect(x, item.y, item.w - STRIPE, item.h, radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        inner = (lambda i: i.x + i.w - STRIPE - radius) if work.mirrored else _after_stripe
        painter.drawRects([QRect(inner(item), item.y, radius, item.h) for item in wide])
    if plain:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(kind.fill)
        painter.drawRects([QRect(item.x, item.y, item.w, item.h) for item in plain])
        painter.setBrush(kind.stripe)
        painter.drawRects([_stripe(item, work.mirrored) for item in plain])
    if kind.pattern is not None:
        ratio = painter.device().devicePixelRatioF()
        pattern = "hatch" if kind.manner is Manner.HATCHED else "stripes"
        painter.setBrush(
            tile(kind.pattern.rgba(), pattern, max(ratio, 1.0), mirrored=work.mirrored)
        )
        painter.drawRects([_body(item, work.mirrored) for item in items])


def _after_stripe(item: Item) -> int:
    return item.x + STRIPE


def _stripe_width(item: Item) -> int:
    return STRIPE if item.w > THIN else max(item.w // 4, 1)


def _stripe(item: Item, mirrored: bool) -> QRect:
    width = _stripe_width(item)
    return QRect(item.x + item.w - width if mirrored else item.x, item.y, width, item.h)


def _body(item: Item, mirrored: bool) -> QRect:
    width = _stripe_width(item)
    return QRect(
        item.x + (1 if mirrored else width), item.y + 1, item.w - width - 1, max(item.h - 2, 1)
    )


def _outlines(painter: QPainter, kind: Shade, items: list[Item]) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(kind.stripe, 1.2, Qt.PenStyle.DashLine))
    painter.setBrush(kind.fill)
    for item in items:
        painter.drawRoundedRect(
            QRectF(item.x + 0.6, item.y + 0.6, item.w - 1.2, item.h - 1.2), 4, 4
        )
    painter.setPen(Qt.PenStyle.NoPen)


def _write(item: Item, kind: Shade, work: Brushwork, words: Words, found: Signs) -> None:
    """Collect the texts and signs of one card, as many as there is room for."""
    faces, card = work.faces, item.card
    left = item.x + (PAD if work.mirrored else STRIPE + PAD)
    room = item.w - STRIPE - 2 * PAD + 2
    low = item.h < faces.name.line + 4
    top = item.y + (max((item.h - faces.name.line) / 2, -1) if low else 2)
    lines = max(int((item.h - 3) // faces.plain.line), 1)
    shown = signs(card, pending=item.key in work.pending)
    taken = _place_signs(item, shown, room, top, kind, work, found) if shown else 0

    def put(face: Face, colour: QColor, text: str, line: int, start: float, space: float) -> float:
        text = face.fitted(text, int(space))
        if not text:
            return 0.0
        width = face.width(text)
        x = left + room - start - width if work.mirrored else left + start
        key = (id(face), colour.rgba())
        group = words.get(key)
        if group is None:
            group = words[key] = (face, colour, [])
        y = top + faces.name.ascent + (line and faces.name.line + (line - 1) * faces.plain.line)
        group[2].append(Word(x, y, text))
        return width

    first, second, third = lines_of(item, work)
    code = card.type.code if isinstance(card, AppointmentCard) else ""
    struck = isinstance(card, AppointmentCard) and (
        card.status in GONE or card.status.value == "missed"
    )
    name_face = faces.struck if struck else faces.name
    line = 0
    if code and room - taken < 74 and lines > 1:  # narrow: code above, name below
        put(faces.code, kind.strong, code, 0, 0, room - taken)
        put(name_face, kind.ink, first, 1, 0, room)
        line = 1
    else:
        used = put(faces.code, kind.strong, code, 0, 0, room - taken) + 5 if code else 0
        used += put(name_face, kind.ink, first, 0, used, room - taken - used) + 6
        if lines == 1 and faces.plain.width(second) <= room - taken - used:
            put(faces.plain, kind.soft, second, 0, used, room - taken - used)
    if lines > line + 1:
        if third and lines == line + 2:
            joined = f"{second} · {third}"
            second = joined if faces.plain.width(joined) <= room else second
        if faces.plain.width(second) > room:  # rather the beginning alone than half an end
            begin = round(item.begin)
            second = work.clock.bare(begin)
            if item.head and item.tail:
                second = work.clock.begin_of_card(card, begin, work.zone)
        put(faces.plain, kind.soft, second, line + 1, 0, room)
    if third and lines > line + 2:
        if faces.plain.width(third) > room and isinstance(card, AppointmentCard):
            third = card.provider.name if work.told == "both" else third
        put(faces.plain, kind.soft, third, line + 2, 0, room)


def _place_signs(
    item: Item,
    shown: list[str],
    room: int,
    top: float,
    kind: Shade,
    work: Brushwork,
    found: Signs,
) -> int:
    """Place signs at the card's far end; how many pixels of the first line they take."""
    fit = max(min(len(shown), (room - 30) // (ICON + 2)), 1 if room >= 16 else 0)
    y = top + max((work.faces.name.line - ICON) / 2, 0)
    for place, sign in enumerate(shown[:fit]):
        step = place * (ICON + 2)
        x = item.x + 4 + step if work.mirrored else item.x + item.w - 3 - ICON - step
        found.append((sign, x, y, kind.strong if sign != "overbooked" else kind.ink))
    return fit * (ICON + 2) + (3 if fit else 0)


def lines_of(item: Item, work: Brushwork) -> tuple[str, str, str]:
    """Name, times and place of a card, as it says them."""
    card = item.card
    begin, end = round(item.begin), round(item.end)
    if not isinstance(card, AppointmentCard):
        told = work.clock.times(begin, end)
        if item.head and item.tail:
            told = work.clock.of_card(card, begin, end, work.zone)
        return card.title, told, work.names.get(card.resource_id, "")
    name = initials(card.patient_name) if work.initials else card.patient_name
    who, room = card.provider.name, card.operatory.name if card.operatory else ""
    where = {"room": room, "provider": who}.get(work.told, f"{who} · {room}" if room else who)
    if item.head and item.tail:
        return name, work.clock.of_card(card, begin, end, work.zone), where
    return name, work.clock.times(begin, end), where


def initials(name: str) -> str:
    """ "Jane Smith" as "J. S.", for screens that strangers see."""
    return " ".join(f"{part[0]}." for part in name.split())
