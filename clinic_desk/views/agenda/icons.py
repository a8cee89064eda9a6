"""The small signs on cards, drawn as vectors: at any size, on screen and on paper.

No sign stands for a colour and none is an emoji; each can be told apart in grey.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath, QPen, QPixmap

UNIT = 16.0
"""The signs are drawn in a square of this many units."""

_PAPER = (QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture, QPaintEngine.Type.SVG)


def paint(painter: QPainter, sign: str, x: float, y: float, size: int, colour: QColor) -> None:
    """Draw *sign* with its top left corner at (x, y)."""
    if painter.paintEngine().type() in _PAPER:
        painter.save()
        painter.translate(x, y)
        _draw(painter, sign, size, colour)
        painter.restore()
        return
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(QPointF(x, y), _pixmap(sign, size, colour.rgba(), ratio))


def pixmap(sign: str, size: int, colour: QColor, ratio: float = 1.0) -> QPixmap:
    """The sign as a picture, for buttons and menus; ``size`` in logical pixels."""
    return _pixmap(sign, size, colour.rgba(), ratio)


@cache
def _pixmap(sign: str, size: int, rgba: int, ratio: float) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _draw(painter, sign, size, QColor.fromRgba(rgba))
    painter.end()
    return made


def _draw(painter: QPainter, sign: str, size: int, colour: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / UNIT, size / UNIT)
    lines, areas = _paths(sign)
    pen = QPen(colour, 1.9)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(lines)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(areas)


@cache
def _paths(sign: str) -> tuple[QPainterPath, QPainterPath]:
    lines, areas = QPainterPath(), QPainterPath()
    areas.setFillRule(Qt.FillRule.OddEvenFill)
    _SIGNS[sign](lines, areas)
    return lines, areas


def _confirmed(_lines: QPainterPath, areas: QPainterPath) -> None:
    areas.addEllipse(QRectF(3, 3, 10, 10))


def _arrived(lines: QPainterPath, _areas: QPainterPath) -> None:
    lines.addEllipse(QRectF(2, 2, 12, 12))
    _line(lines, (8, 4.6), (8, 8.2), (10.6, 9.8))


def _in_room(_lines: QPainterPath, areas: QPainterPath) -> None:
    _line(areas, (4, 2.2), (13.4, 8), (4, 13.8), (4, 2.2))


def _completed(lines: QPainterPath, _areas: QPainterPath) -> None:
    _line(lines, (2.6, 8.6), (6.4, 12.4), (13.6, 4))


def _missed(lines: QPainterPath, _areas: QPainterPath) -> None:
    _line(lines, (3.4, 3.4), (12.6, 12.6))
    _line(lines, (12.6, 3.4), (3.4, 12.6))


def _cancelled(lines: QPainterPath, _areas: QPainterPath) -> None:
    lines.addEllipse(QRectF(2, 2, 12, 12))
    _line(lines, (3.8, 12.2), (12.2, 3.8))


def _requested(lines: QPainterPath, areas: QPainterPath) -> None:
    lines.moveTo(5, 5.6)
    lines.cubicTo(5, 1.4, 11.4, 1.6, 11.2, 5.4)
    lines.cubicTo(11, 7.6, 8.1, 7.4, 8.1, 10)
    areas.addEllipse(QRectF(6.9, 12.2, 2.5, 2.5))


def _overbooked(lines: QPainterPath, areas: QPainterPath) -> None:
    _line(lines, (8, 1.8), (15, 14), (1, 14), (8, 1.8))
    areas.addRect(QRectF(7.1, 5.8, 1.8, 4))
    areas.addEllipse(QRectF(7, 10.8, 2, 2))


def _series(lines: QPainterPath, areas: QPainterPath) -> None:
    lines.arcMoveTo(QRectF(2.4, 2.4, 11.2, 11.2), 70)
    lines.arcTo(QRectF(2.4, 2.4, 11.2, 11.2), 70, 280)
    _line(areas, (9.2, 0), (14.6, 3.4), (9.4, 6.4), (9.2, 0))


def _partner(lines: QPainterPath, _areas: QPainterPath) -> None:
    _line(lines, (2, 5), (13.6, 5))
    _line(lines, (10.6, 2), (13.8, 5), (10.6, 8))
    _line(lines, (14, 11), (2.4, 11))
    _line(lines, (5.4, 8), (2.2, 11), (5.4, 14))


def _alert(lines: QPainterPath, areas: QPainterPath) -> None:
    lines.addEllipse(QRectF(2, 2, 12, 12))
    areas.addRect(QRectF(7.1, 4.6, 1.8, 4.4))
    areas.addEllipse(QRectF(7, 10, 2, 2))


def _pending(lines: QPainterPath, _areas: QPainterPath) -> None:
    lines.arcMoveTo(QRectF(2.4, 2.4, 11.2, 11.2), 90)
    lines.arcTo(QRectF(2.4, 2.4, 11.2, 11.2), 90, 130)
    lines.arcMoveTo(QRectF(2.4, 2.4, 11.2, 11.2), 270)
    lines.arcTo(QRectF(2.4, 2.4, 11.2, 11.2), 270, 130)


def _line(path: QPainterPath, first: tuple[float, float], *more: tuple[float, float]) -> None:
    path.moveTo(*first)
    for point in more:
        path.lineTo(*point)


_SIGNS: dict[str, Callable[[QPainterPath, QPainterPath], None]] = {
    "confirmed": _confirmed,
    "arrived": _arrived,
    "in-room": _in_room,
    "completed": _completed,
    "missed": _missed,
    "cancelled": _cancelled,
    "requested": _requested,
    "overbooked": _overbooked,
    "series": _series,
    "partner": _partner,
    "alert": _alert,
    "pending": _pending,
}
NAMES = tuple(_SIGNS)
