"""What is carried: the ghost with its live times, its reasons, and the places it cannot go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from clinic_desk.views import theme
from clinic_desk.views.agenda import card_painting
from clinic_desk.views.agenda.grid import Grid
from clinic_desk.views.agenda.label import Label
from clinic_desk.views.agenda.layout import Card, Item
from clinic_desk.views.agenda.looks import shade, tile


@dataclass(slots=True)
class Ghost:
    """One look at what is carried. ``box`` is content pixels; ``lines`` say time and place,
    ``reasons`` why not (and ``more`` untold ones). ``at`` is the pointer in viewport pixels,
    None by keyboard.
    """

    card: Card | None
    column: int
    begin: float
    end: float
    box: QRect
    lines: Sequence[str]
    reasons: Sequence[str] = field(default=())
    more: int = 0
    copy: bool = False
    at: QPoint | None = None
    label: Label | None = None

    @property
    def legal(self) -> bool:
        """Whether nothing speaks against the place."""
        return not self.reasons


def paint_forbidden(
    painter: QPainter, grid: Grid, ranges: dict[int, list[tuple[float, float]]], sight: QRect
) -> None:
    """Hatch the places where the carried card cannot go; *sight* is content."""
    rects = []
    for index, pairs in ranges.items():
        left, right = grid.edges(index)
        left, right = max(left, sight.left()), min(right, sight.right() + 1)
        if right <= left:
            continue
        for begin, end in pairs:
            top, low = max(grid.y(begin), sight.top()), min(grid.y(end), sight.bottom() + 1)
            if low > top:
                rects.append(QRect(left, top, right - left, low - top))
    if rects:
        ratio = max(painter.device().devicePixelRatioF(), 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tile(theme.colour("forbidden").rgba(), "veil", ratio))
        painter.drawRects(rects)


def paint_block(painter: QPainter, ghost: Ghost, work: card_painting.Brushwork) -> None:
    """Paint the ghost itself, in content coordinates."""
    meaning = "ghost.legal" if ghost.legal else "ghost.refused"
    colour = theme.colour(meaning)
    painter.save()
    if ghost.card is not None:
        item = Item(ghost.card, ghost.column, ghost.begin, ghost.end, False, False)
        item.x, item.y = ghost.box.x(), ghost.box.y()
        item.w, item.h = ghost.box.width(), ghost.box.height()
        painter.setOpacity(0.88)
        card_painting.paint(painter, [item], work._replace(lifted=None, pending=frozenset()))
        painter.setOpacity(1)
    else:
        soft = QColor(colour)
        soft.setAlphaF(0.16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(soft)
        painter.drawRect(ghost.box)
    if not ghost.legal:
        veil = QColor(colour)
        veil.setAlphaF(0.35)
        ratio = max(painter.device().devicePixelRatioF(), 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tile(veil.rgba(), "dense", ratio))
        painter.drawRect(ghost.box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2))
    painter.drawRoundedRect(QRectF(ghost.box).adjusted(1, 1, -1, -1), 4, 4)
    painter.restore()


def mark(card: Card) -> QColor:
    """The colour by which a card is known while it is outside the calendar."""
    return shade(card, theme.current()).stripe
