"""The calendar's paper: ground, hours, closed time, and the cards upon it.

The same function paints the screen, a part of the screen and a page of paper. It is given
everything and asks nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QLine, QRect, Qt
from PySide6.QtGui import QPainter

from clinic_desk.views.agenda import card_painting, elsewhere
from clinic_desk.views.agenda.card_painting import Brushwork
from clinic_desk.views.agenda.grid import Grid
from clinic_desk.views.agenda.layout import Layout
from clinic_desk.views.agenda.looks import tile


@dataclass(slots=True)
class Scene:
    """All that is painted. ``closed`` holds axis minutes per column, ``today`` a track index
    (-1: not shown), ``step`` the minutes between fine lines.
    """

    grid: Grid
    layout: Layout
    closed: list[list[tuple[float, float]]]
    work: Brushwork
    today: int = -1
    step: int = 15
    elsewhere: list[list[elsewhere.Veil]] = field(default_factory=list)


def paint(painter: QPainter, scene: Scene, x: int, y: int, w: int, h: int) -> None:
    """Paint a rectangle of content; *painter* is translated so that (0, 0) is the content's."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    _ground(painter, scene, x, y, w, h)
    _lines(painter, scene, x, y, w, h)
    if scene.elsewhere and scene.grid.columns:
        sight = QRect(x, y, w, h)
        for index in _columns(scene.grid, x, w):
            found = scene.elsewhere[index]
            elsewhere.paint(painter, scene.layout, index, found, scene.work, sight)
    card_painting.paint(painter, scene.layout.within(x - 1, y - 1, w + 2, h + 2), scene.work)


def _ground(painter: QPainter, scene: Scene, x: int, y: int, w: int, h: int) -> None:
    grid, palette = scene.grid, scene.work.palette
    painter.fillRect(x, y, w, h, palette.colour("grid"))
    if not grid.columns:
        return
    bottom = y + h
    shut: list[QRect] = []
    missing: list[QRect] = []
    for index in _columns(grid, x, w):
        column = grid.columns[index]
        left, right = grid.edges(index)
        if len(grid.ruled.tracks) > 1 and index == scene.today:
            painter.fillRect(left, y, right - left, h, palette.colour("grid.today"))
        if index < len(scene.closed):
            for begin, end in scene.closed[index]:
                top, low = max(grid.y(begin), y), min(grid.y(end), bottom)
                if low > top:
                    shut.append(QRect(left, top, right - left, low - top))
        for gap in column.track.gaps:
            top, low = max(grid.y(gap[0]), y), min(grid.y(gap[1]), bottom)
            if low > top:
                missing.append(QRect(left, top, right - left, low - top))
    painter.setPen(Qt.PenStyle.NoPen)
    if shut:
        painter.setBrush(palette.colour("grid.closed"))
        painter.drawRects(shut)
    if missing:
        ratio = max(painter.device().devicePixelRatioF(), 1.0)
        painter.setBrush(palette.colour("grid.closed"))
        painter.drawRects(missing)
        painter.setBrush(tile(palette.colour("grid.missing").rgba(), "dense", ratio))
        painter.drawRects(missing)


def _columns(grid: Grid, x: int, w: int) -> range:
    first, last = grid.column_at(x), grid.column_at(x + w - 1)
    return range(min(first, last), max(first, last) + 1)


def _lines(painter: QPainter, scene: Scene, x: int, y: int, w: int, h: int) -> None:
    grid, palette = scene.grid, scene.work.palette
    step = fine_step(scene.step, grid.hour)
    fine: list[QLine] = []
    hours: list[QLine] = []
    minute = int(grid.minute_at(y)) // step * step
    while minute <= grid.ruled.minutes:
        line = grid.y(minute)
        if line >= y + h:
            break
        if line >= y:
            (fine if minute % 60 else hours).append(QLine(x, line, x + w - 1, line))
        minute += step
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for lines, meaning in ((fine, "grid.part"), (hours, "grid.hour")):
        if lines:
            painter.setPen(palette.colour(meaning))
            painter.drawLines(lines)
    if grid.columns:
        painter.setPen(palette.colour("grid.column"))
        across = [grid.edges(index) for index in _columns(grid, x, w)]
        ends = [left if grid.mirrored else right - 1 for left, right in across]
        painter.drawLines([QLine(end, y, end, y + h - 1) for end in ends])


def fine_step(step: int, hour: float) -> int:
    """Minutes between fine lines: the grid's step, or more where lines would crowd."""
    for candidate in (step, 15, 30, 60):
        if candidate >= step and candidate * hour / 60 >= 11:
            return candidate
    return 60
