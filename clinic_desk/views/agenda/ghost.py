"""What is carried: the ghost with its live times, its reasons, and the places it cannot go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from clinic_desk.views import theme
from clinic_desk.views.agenda import card_painting, icons
from clinic_desk.views.agenda.grid import Grid
from clinic_desk.views.agenda.layout import Card, Item
from clinic_desk.views.agenda.looks import shade, tile

WIDEST = 340
"""The label beside a ghost is no wider than this, in pixels."""
MARGIN = 4
REASON = 17
"""Indent of a reason, for the cross before it."""


@dataclass(slots=True)
class Ghost:
    """One look at what is carried. ``box`` is content pixels; ``lines`` say time and place,
    ``reasons`` why not. ``at`` is the pointer in viewport pixels, None by keyboard.
    """

    card: Card | None
    column: int
    begin: float
    end: float
    box: QRect
    lines: Sequence[str]
    reasons: Sequence[str] = field(default=())
    copy: bool = False
    at: QPoint | None = None
    item: Item | None = None

    @property
    def legal(self) -> bool:
        return not self.reasons


def paint_forbidden(
    painter: QPainter, grid: Grid, ranges: list[list[tuple[float, float]]], seen: QRect
) -> None:
    """Hatch the places where the carried card cannot go; *seen* is content."""
    colour = theme.colour("forbidden")
    veil = QColor(colour)
    veil.setAlphaF(0.13)
    rects = []
    for index, pairs in enumerate(ranges[: len(grid.columns)]):
        left, right = grid.edges(index)
        if right <= seen.left() or left > seen.right():
            continue
        for begin, end in pairs:
            top, low = max(grid.y(begin), seen.top()), min(grid.y(end), seen.bottom() + 1)
            if low > top:
                rects.append(QRect(left, top, right - left, low - top))
    if not rects:
        return
    ratio = max(painter.device().devicePixelRatioF(), 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(veil)
    painter.drawRects(rects)
    lines = QColor(colour)
    lines.setAlphaF(0.28)
    painter.setBrush(tile(lines.rgba(), "hatch", ratio))
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


def label_rect(ghost: Ghost, font: QFont, offset: QPoint, sight: QRect) -> QRect:
    """Where the label stands, in viewport pixels: beside the pointer, never outside."""
    texts = _laid(ghost, font)
    metrics = QFontMetricsF(font)
    widest = max((metrics.horizontalAdvance(text) + indent for text, indent in texts), default=0)
    width = int(widest) + 22 + (14 if ghost.copy else 0)
    height = int(metrics.height() * len(texts)) + 12 + (4 if ghost.reasons else 0)
    box = ghost.box.translated(-offset)
    if ghost.at is not None:
        rect = QRect(ghost.at + QPoint(18, 20), QSize(width, height))
    else:
        rect = QRect(QPoint(box.left() + 12, box.bottom() + 8), QSize(width, height))
    if rect.right() > sight.right() - MARGIN:
        at = ghost.at.x() if ghost.at is not None else box.right()
        rect.moveRight(min(at - 12, sight.right() - MARGIN))
    if rect.bottom() > sight.bottom() - MARGIN:
        at = ghost.at.y() if ghost.at is not None else box.top()
        rect.moveBottom(max(at - 12, height + MARGIN))
    rect.moveLeft(max(rect.left(), MARGIN))
    return rect


def _laid(ghost: Ghost, font: QFont) -> list[tuple[str, int]]:
    """The label's lines and their indents; long reasons go on in the next line."""
    strong, plain = QFontMetricsF(_strong(font)), QFontMetricsF(font)
    out = [
        (strong.elidedText(line, Qt.TextElideMode.ElideRight, WIDEST), 0) for line in ghost.lines
    ]
    for reason in ghost.reasons:
        line, indent = "", REASON
        for word in reason.split(" "):
            longer = f"{line} {word}".strip()
            if line and plain.horizontalAdvance(longer) > WIDEST - REASON:
                out.append((line, indent))
                line, indent = word, REASON + 1
            else:
                line = longer
        out.append((line, indent))
    return out


def _strong(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong


def paint_label(painter: QPainter, ghost: Ghost, font: QFont, rect: QRect, mirrored: bool) -> None:
    """Paint times, place and reasons into *rect*."""
    metrics, ink = QFontMetricsF(font), theme.colour("ghost.label.text")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("ghost.label"))
    painter.drawRoundedRect(rect, 6, 6)
    painter.setPen(ink)
    y = rect.top() + 6 + metrics.ascent()
    if ghost.copy:
        painter.setFont(_strong(font))
        painter.drawText(QPointF(rect.left() + 6 if mirrored else rect.right() - 15, y), "+")
    parted = False
    for number, (text, indent) in enumerate(_laid(ghost, font)):
        painter.setFont(font if number else _strong(font))
        if indent and not parted:
            parted = True
            y += 4
        if indent == REASON:
            x = rect.right() - 19 if mirrored else rect.left() + 9
            icons.paint(painter, "missed", x, y - metrics.ascent() + 2, 10, ink)
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        left = rect.right() - 9 - indent - width if mirrored else rect.left() + 10 + indent
        painter.drawText(QPointF(left, y), text)
        y += metrics.height()
    painter.restore()


def mark(card: Card) -> QColor:
    """The colour by which a card is known while it is outside the calendar."""
    return shade(card, theme.current()).stripe
