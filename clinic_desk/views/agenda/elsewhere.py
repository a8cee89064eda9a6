"""What takes time and is no card: who is busy at another location, and what somebody is just
booking; grey and hatched.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter

from clinic_desk.i18n import _
from clinic_desk.rules.lanes import assign
from clinic_desk.views import words
from clinic_desk.views.agenda.grid import GUTTER, Column, Grid
from clinic_desk.views.agenda.looks import tile

if TYPE_CHECKING:
    from clinic_desk.rules.spans import Span
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.elsewhere import ElsewhereCard
    from clinic_desk.views.agenda.card_painting import Brushwork
    from clinic_desk.views.agenda.layout import Layout

STRIP = 17
"""Width of a strip in pixels, where a column is of several people of whom one is elsewhere."""
MOST_STRIPS = 3


@dataclass(frozen=True, slots=True)
class HeldCard:
    """Somebody is just booking this time of a provider or a room; ``who`` is in front of it."""

    resource_id: int
    span: Span
    who: str
    is_room: bool = False


@dataclass(frozen=True, slots=True)
class Veil:
    """A part of a column in which somebody is elsewhere: axis minutes, and what it says.
    ``strip`` -1 takes the column's whole width, else it is the number of the strip at its end;
    one that ``spreads`` takes the whole width too where no card stands.
    """

    begin: float
    end: float
    text: str
    strip: int = -1
    spreads: bool = False


def veils(
    cards: Sequence[ElsewhereCard | HeldCard],
    grid: Grid,
    shown: Collection[int],
    catalogue: Catalogue | None,
) -> list[list[Veil]]:
    """The veils of each column; *shown* are the providers of a week (none: all)."""
    out: list[list[Veil]] = []
    for index, column in enumerate(grid.columns):
        found: list[tuple[ElsewhereCard | HeldCard, float, float]] = []
        for card in cards:
            minutes = grid.minutes(index, card.span) if _is_of(card, column, shown) else None
            if minutes is not None:
                found.append((card, *minutes))
        alone = column.provider_id is not None or column.operatory_id is not None or len(shown) == 1
        strips = assign([(round(begin), round(end)) for _card, begin, end in found])
        out.append(
            [
                Veil(
                    begin,
                    end,
                    _told(card, catalogue, alone),
                    -1 if alone else strip,
                    spreads=count == 1 and isinstance(card, HeldCard),
                )
                for (card, begin, end), (strip, count) in zip(found, strips, strict=True)
                if alone or strip < MOST_STRIPS
            ]
        )
    return out


def _is_of(card: ElsewhereCard | HeldCard, column: Column, shown: Collection[int]) -> bool:
    if isinstance(card, HeldCard):
        whole = (column.provider_id, column.operatory_id)
        if whole != (None, None) or column.no_room:
            return card.resource_id in whole
        return not card.is_room and (not shown or card.resource_id in shown)
    if column.provider_id is not None:
        return card.provider_id == column.provider_id
    if column.operatory_id is not None or column.no_room:
        return False
    return not shown or card.provider_id in shown


def _told(card: ElsewhereCard | HeldCard, catalogue: Catalogue | None, alone: bool) -> str:
    if isinstance(card, HeldCard):
        return _("Being booked by {who}").format(who=words.isolated(card.who))
    place = catalogue.locations.get(card.location_id) if catalogue is not None else None
    person = catalogue.providers.get(card.provider_id) if catalogue is not None else None
    where = words.isolated(place.name) if place is not None else _("another location")
    if alone or person is None:
        return _("Busy at {place}").format(place=where)
    who = person.initials or person.name  # along a strip there is room for little
    return _("{provider} · {place}").format(provider=words.isolated(who), place=where)


def paint(
    painter: QPainter,
    layout: Layout,
    index: int,
    found: Sequence[Veil],
    work: Brushwork,
    sight: QRect,
) -> None:
    """Paint the veils of column *index* within *sight*, in content pixels. A strip is as narrow
    as what cards leave free beside them, and has its words where there are no cards.
    """
    for each in found:
        veil = spread(layout, index, each)
        box = box_of(layout.grid, index, veil)
        if not box.intersects(sight):
            continue
        if veil.strip < 0:
            _hatch(painter, box, work)
            clear = max(_free(layout, box), key=QRect.height, default=None)
            if clear is not None:  # words behind a card would look out between two of them
                _write(painter, clear, veil, work)
            continue
        narrow = QRect(box)
        if work.mirrored:
            narrow.setWidth(GUTTER)
        else:
            narrow.setLeft(box.right() + 1 - GUTTER)
        if veil.strip == 0:
            _hatch(painter, narrow, work)
        free = max(_free(layout, box), key=QRect.height, default=None)
        if free is not None:
            _hatch(painter, free, work)
            _write(painter, free, veil, work)


def _free(layout: Layout, box: QRect) -> list[QRect]:
    """The parts of a strip that no card touches."""
    top, out = box.top(), []
    cards = layout.within(box.x(), box.y(), box.width(), box.height())
    for begin, end in sorted((item.y, item.y + item.h) for item in cards):
        if begin > top:
            out.append(QRect(box.left(), top, box.width(), begin - top))
        top = max(top, end + 1)
    if top <= box.bottom():
        out.append(QRect(box.left(), top, box.width(), box.bottom() + 1 - top))
    return out


def _hatch(painter: QPainter, box: QRect, work: Brushwork) -> None:
    ratio = max(painter.device().devicePixelRatioF(), 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(work.palette.colour("grid.closed"))
    painter.drawRect(box)
    painter.setBrush(tile(work.palette.colour("grid.missing").rgba(), "dense", ratio))
    painter.drawRect(box)


def spread(layout: Layout, index: int, veil: Veil) -> Veil:
    """*veil* as it lies in column *index*: one that spreads has the width where no card stands."""
    if veil.strip < 0 or not veil.spreads:
        return veil
    whole = replace(veil, strip=-1)
    box = box_of(layout.grid, index, whole)
    return veil if layout.within(box.x(), box.y(), box.width(), box.height()) else whole


def box_of(grid: Grid, index: int, veil: Veil) -> QRect:
    """Where a veil of column *index* lies, in content pixels."""
    left, right = grid.edges(index)
    top = grid.y(veil.begin)
    height = max(grid.y(veil.end) - top - 1, 4)
    if veil.strip < 0:
        return QRect(left, top, right - left - 1, height)
    aside = (veil.strip + 1) * STRIP + 1
    return QRect(left + 1 + veil.strip * STRIP if grid.mirrored else right - aside, top,
                 STRIP - 1, height)  # fmt: skip


def _write(painter: QPainter, box: QRect, veil: Veil, work: Brushwork) -> None:
    """The words, on a ground of their own: along the strip where there is little width."""
    face = work.faces.label
    along = veil.strip >= 0
    told = face.fitted(veil.text, (box.height() if along else box.width()) - 14)
    high = round(face.line)
    if not told.strip("…\u2068\u2069") or (not along and box.height() < high):
        return
    painter.save()
    painter.setFont(face.font)
    flags = int(Qt.AlignmentFlag.AlignCenter)
    plate = QRect(0, 0, round(face.width(told)) + 6, min(high, STRIP - 3) if along else high)
    if along:
        painter.translate(box.center().x() + 1, box.center().y())
        painter.rotate(-90)
        plate.moveCenter(QPoint())
    else:
        plate.moveTop(box.top() + 2)
        if work.mirrored:
            plate.moveRight(box.right() - 4)
        else:
            plate.moveLeft(box.left() + 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(work.palette.colour("grid.closed"))
    painter.drawRect(plate)
    painter.setPen(work.palette.colour("text.soft"))
    painter.drawText(plate, flags, told)
    painter.restore()
