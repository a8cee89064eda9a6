"""How a card looks: its signs, its shades, its lines of text. What is painted, not how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache

from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap, QTransform

from clinic_desk import i18n
from clinic_desk.rules import colour as mixing
from clinic_desk.rules.clinic_time import zone as zone_of
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard, EventCard, Origin
from clinic_desk.views import theme, words

GONE = frozenset({Status.CANCELLED, Status.DECLINED})
"""Statuses that are shown, where they are shown, as an outline."""
OVER = frozenset({Status.COMPLETED, Status.MISSED})
"""Statuses whose cards are pale."""


EASE = 6.0
"""Contrast that black or white has on every fill, so that softer inks still read."""


class Manner(Enum):
    """The ways in which a card's body is filled."""

    PLAIN = "plain"
    STRIPED = "striped"
    PALE = "pale"
    OUTLINED = "outlined"
    HATCHED = "hatched"


@dataclass(frozen=True, slots=True)
class Shade:
    """The colours of one kind of card in one palette; ``pattern`` lies over ``fill``."""

    stripe: QColor
    fill: QColor
    ink: QColor
    strong: QColor
    soft: QColor
    pattern: QColor | None
    manner: Manner


def shade(card: object, palette: theme.Theme) -> Shade:
    """The shade of an appointment's or an event's card."""
    if not isinstance(card, AppointmentCard):
        return _event_shade(palette.name)
    status = card.status
    if status is Status.REQUESTED:
        manner = Manner.STRIPED
    elif status in OVER:
        manner = Manner.PALE
    elif status in GONE:
        manner = Manner.OUTLINED
    else:
        manner = Manner.PLAIN
    return _shade(card.type.colour, manner, palette.name)


@cache
def _event_shade(name: str) -> Shade:
    palette = theme.load(name)
    ink = palette.colour("event.ink")
    return Shade(
        palette.colour("event.stripe"),
        palette.colour("event.fill"),
        ink,
        ink,
        ink,
        palette.colour("event.hatch"),
        Manner.HATCHED,
    )


@cache
def _shade(colour: str, manner: Manner, name: str) -> Shade:
    palette = theme.load(name)
    own, base = mixing.parse(colour), mixing.parse(palette.colours["card.base"])
    ink = mixing.parse(palette.colours["card.ink"])
    utmost = mixing.WHITE if palette.dark else mixing.BLACK
    fill = _tint(base, own, 0.30 if palette.dark else 0.17, utmost)
    pattern = fill
    if manner is Manner.STRIPED:  # paler between the stripes, so that they show
        fill = _tint(base, own, 0.17 if palette.dark else 0.09, utmost)
        pattern = _tint(base, own, 0.46 if palette.dark else 0.32, utmost)
    elif manner is Manner.PALE:
        fill = pattern = mixing.parse(palette.colours["card.done"])
        ink = mixing.parse(palette.colours["card.done.ink"])
    elif manner is Manner.OUTLINED:
        fill = pattern = base
        ink = mixing.parse(palette.colours["card.done.ink"])
    stripe = mixing.readable(own, fill, least=mixing.SIGN_CONTRAST)
    if manner is Manner.PALE:
        stripe = mixing.mixed(fill, own, 0.5)

    def reads(text: mixing.Rgb) -> QColor:
        for step in range(21):
            nearer = mixing.mixed(text, utmost, step / 20)
            if min(mixing.contrast(nearer, g) for g in (fill, pattern)) >= mixing.TEXT_CONTRAST:
                return QColor(*nearer)
        return QColor(*utmost)

    return Shade(
        QColor(*stripe),
        QColor(*fill),
        reads(ink),
        reads(own if manner in (Manner.PLAIN, Manner.STRIPED) else ink),
        reads(mixing.mixed(fill, ink, 0.75)),
        QColor(*pattern) if pattern != fill else None,
        manner,
    )


def _tint(base: mixing.Rgb, own: mixing.Rgb, share: float, ink: mixing.Rgb) -> mixing.Rgb:
    """*base* with so much of a colour, or less, that *ink* can be read on it with ease."""
    tint = mixing.mixed(base, own, share)
    while mixing.contrast(tint, ink) < EASE and share > 0:
        share -= 0.02
        tint = mixing.mixed(base, own, share)
    return tint


@cache
def tile(rgba: int, kind: str, ratio: float, *, mirrored: bool = False) -> QBrush:
    """A brush of diagonal stripes (``stripes``) or thin hatching (``hatch``, ``dense``;
    ``veil`` lies translucent over what it hatches).

    Anchored at the painter's origin, so that what is repainted in part joins seamlessly.
    """
    side, width = {"stripes": (12, 4.2), "hatch": (8, 1.2), "dense": (6, 1.3), "veil": (8, 1.2)}[
        kind
    ]
    size = round(side * ratio)
    picture = QPixmap(size, size)
    ground, lines = QColor(0, 0, 0, 0), QColor.fromRgba(rgba)
    if kind == "veil":
        ground = QColor.fromRgba(rgba)
        ground.setAlphaF(0.13)
        lines.setAlphaF(0.25)
    picture.fill(ground)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = painter.pen()
    pen.setColor(lines)
    pen.setWidthF(width * ratio)
    painter.setPen(pen)
    down = (kind in ("hatch", "veil")) != mirrored
    for shift in (-size, 0, size):
        if down:
            painter.drawLine(shift - size, -size, shift + 2 * size, 2 * size)
        else:
            painter.drawLine(shift - size, 2 * size, shift + 2 * size, -size)
    painter.end()
    brush = QBrush(picture)
    brush.setTransform(QTransform.fromScale(side / size, side / size))
    return brush


def signs(card: object, *, pending: bool = False) -> list[str]:
    """The signs of a card, the most telling first."""
    if not isinstance(card, AppointmentCard):
        return ["series"] if getattr(card, "series_id", None) else []
    out = ["pending"] if pending else []
    if card.status is Status.ARRIVED and card.in_room_at is not None:
        out.append("in-room")
    elif card.status is not Status.SCHEDULED:
        out.append(_BY_STATUS[card.status])
    if card.overbooked:
        out.append("overbooked")
    if card.patient_alert:
        out.append("alert")
    if card.origin is Origin.PARTNER:
        out.append("partner")
    if card.series_id is not None:
        out.append("series")
    return out


_BY_STATUS = {
    Status.REQUESTED: "requested",
    Status.CONFIRMED: "confirmed",
    Status.ARRIVED: "arrived",
    Status.COMPLETED: "completed",
    Status.MISSED: "missed",
    Status.CANCELLED: "cancelled",
    Status.DECLINED: "cancelled",
}


class Clock:
    """Times as the reader's language writes them, 12 or 24 hours; look-ups only."""

    def at(self, minute: int) -> str:
        """The wall minute (0 to 1440) as "10:15" or "10:15 AM"."""
        return i18n.minute_text(minute)

    def bare(self, minute: int) -> str:
        """The figures of a time alone: "10:15", where "AM" has no room."""
        text = i18n.minute_text(minute)
        return text.removesuffix(_half(text))

    def hour(self, minute: int) -> str:
        """A whole hour for the ruler: "10:00" or "10 AM"."""
        text = i18n.minute_text(minute)
        return text.replace(":00", "") if i18n.has_twelve_hours() else text

    def times(self, begin: int, end: int) -> str:
        """ "10:15–11:00"; what both say of the half of the day is said once."""
        first, last = self.at(begin), self.at(end)
        half = _half(last)
        if half and first.endswith(half):
            first = first.removesuffix(half)
        return f"{first}–{last}"

    def of_card(self, card: AppointmentCard | EventCard, begin: int, end: int, zone: str) -> str:
        """The card's times; by its own clock, with its place, where that one differs."""
        there = _elsewhere(card, zone)
        if there is None:
            return self.times(begin, end)
        until = card.span.ends_at.astimezone(zone_of(card.time_zone))
        told = self.times(there.hour * 60 + there.minute, until.hour * 60 + until.minute)
        return f"{told} {words.city(card.time_zone)}"

    def begin_of_card(self, card: AppointmentCard | EventCard, begin: int, zone: str) -> str:
        """As :meth:`of_card`, but only when it begins, in figures, where there is little room."""
        there = _elsewhere(card, zone)
        if there is None:
            return self.bare(begin)
        return f"{self.bare(there.hour * 60 + there.minute)} {words.city(card.time_zone)}"


def _elsewhere(card: AppointmentCard | EventCard, zone: str) -> datetime | None:
    """When *card* begins by its own clock; None where that of *zone* shows the same."""
    if card.time_zone == zone:
        return None
    here = card.span.starts_at.astimezone(zone_of(zone))
    there = card.span.starts_at.astimezone(zone_of(card.time_zone))
    return None if here.utcoffset() == there.utcoffset() else there


@cache
def _half(text: str) -> str:
    """What follows the figures of a time: " AM", or nothing."""
    last = max((place for place, letter in enumerate(text) if letter.isdigit()), default=-1)
    return text[last + 1 :] if last >= 0 else ""
