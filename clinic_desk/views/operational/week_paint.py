"""How a week of hours looks: the grid, each piece in its location's colour, what is dragged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from clinic_desk import i18n
from clinic_desk.rules.hours import EVEN, ODD, Weekly
from clinic_desk.views import theme, words
from clinic_desk.views.operational import week_names
from clinic_desk.views.operational.week_pieces import SNAP

if TYPE_CHECKING:
    from clinic_desk.views.operational.week_hours import WeekHours

HOUR = 26
"""Pixels of an hour."""
HEAD = 26
"""Pixels of the names of the days."""
COLOURS = ("accent", "state.good", "state.warning", "forbidden")
"""Of the locations, in their order; the name stands on each piece too."""


def paint(week: WeekHours, painter: QPainter) -> None:
    """All of a week: its grid, its hours, what is dragged, where the keys are."""
    _grid(week, painter)
    moving, wanted, free = week.dragged
    for piece in week.pieces:
        _piece(week, painter, piece, faint=piece == moving)
    if wanted is not None:
        _ghost(week, painter, wanted, free=free)
    if week.hasFocus() and week.selection is None:
        _cursor(week, painter)


def _grid(week: WeekHours, painter: QPainter) -> None:
    low, high = week.range_()
    painter.fillRect(week.rect(), theme.colour("grid"))
    for place, weekday in enumerate(week.days()):
        left, right = week.column(place)
        painter.setPen(theme.colour("text.soft"))
        name = i18n.weekday_text(weekday, "abbreviated")
        painter.drawText(QRect(left, 0, right - left, HEAD), Qt.AlignmentFlag.AlignCenter, name)
        painter.setPen(theme.colour("grid.column"))
        painter.drawLine(left, HEAD, left, week.level(high))
    painter.drawLine(week.column(6)[1] - 1, HEAD, week.column(6)[1] - 1, week.level(high))
    left, right = week.column(0)[0], week.column(6)[1]
    ruler = QRect(right if week.isRightToLeft() else 0, 0, week.ruler() - 8, HOUR)
    for minute in range(low, high + 1, 60):
        y = week.level(minute)
        painter.setPen(theme.colour("grid.hour"))
        painter.drawLine(left, y, right, y)
        if minute < high:
            painter.setPen(theme.colour("text.faint"))
            ruler.moveTop(y - 4)
            flags = Qt.AlignmentFlag.AlignTop | (
                Qt.AlignmentFlag.AlignRight
                if not week.isRightToLeft()
                else Qt.AlignmentFlag.AlignHCenter
            )
            painter.drawText(ruler, int(flags), i18n.minute_text(minute))


def _colour(week: WeekHours, piece: Weekly) -> QColor:
    order = list(week.places)
    place = order.index(piece.location_id) if piece.location_id in order else 0
    return theme.colour(COLOURS[place % len(COLOURS)])


def _piece(week: WeekHours, painter: QPainter, piece: Weekly, *, faint: bool) -> None:
    box, colour = week.rect_of(piece), _colour(week, piece)
    mine = week.week.may_edit(piece)
    fill = QColor(colour)
    fill.setAlpha(30 if faint else 56 if mine else 28)
    painter.fillRect(box, theme.colour("surface"))
    painter.fillRect(box, fill)
    if not mine:
        hatch = QColor(colour)
        hatch.setAlpha(70)
        painter.fillRect(box, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
    stripe = QRect(box.left(), box.top(), 4, box.height())
    if week.isRightToLeft():
        stripe.moveRight(box.right())
    painter.fillRect(stripe, colour)
    if piece == week.selection:
        painter.setPen(QPen(theme.colour("focus"), 2))
        painter.drawRect(box.adjusted(1, 1, -1, -1))
    painter.setPen(theme.colour("text"))
    lines = _lines(week, painter, piece, box.width() - 7)
    if box.height() < 2 * painter.fontMetrics().height():
        lines = [_in_one_line(painter, piece, box.width() - 7)]
    if lines:
        rtl = week.isRightToLeft()
        _written(painter, box.adjusted(1 if rtl else 6, 2, -6 if rtl else -1, -2), lines)
        return
    # Too narrow for any of it, as half a column of an odd week: from top to bottom, then.
    painter.save()
    painter.translate(box.right() - 2, box.top() + 4)
    painter.rotate(90)
    _written(painter, QRect(0, 0, box.height() - 8, box.width() - 6), [times(piece)])
    painter.restore()


def _lines(week: WeekHours, painter: QPainter, piece: Weekly, room: int) -> list[str]:
    """What stands on a piece, line by line; nothing where not even its times have *room*."""
    metrics = painter.fontMetrics()
    lines = [times(piece)]
    if metrics.horizontalAdvance(lines[0]) > room:
        lines = [i18n.minute_text(piece.starts_minute), i18n.minute_text(piece.ends_minute)]
        if max(map(metrics.horizontalAdvance, lines)) > room:
            return []
    place = week.places.get(piece.location_id or 0)
    if len(week.places) > 1 and place is not None:
        lines.append(words.isolated(place))
    if piece.weeks in (ODD, EVEN):
        lines.append(week_names.short(piece.weeks))
    return lines


def _in_one_line(painter: QPainter, piece: Weekly, room: int) -> str:
    """Its times; where they have no *room*, without what the ruler says as well ("AM")."""
    whole = times(piece)
    if painter.fontMetrics().horizontalAdvance(whole) <= room:
        return whole
    ends = (i18n.minute_text(piece.starts_minute), i18n.minute_text(piece.ends_minute))
    return words.DASH.join(re.sub(r"^\D+|\D+$", "", end) for end in ends)


def _written(painter: QPainter, inner: QRect, lines: list[str]) -> None:
    metrics = painter.fontMetrics()
    painter.setClipRect(inner)
    flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading
    shown = [metrics.elidedText(t, Qt.TextElideMode.ElideRight, inner.width()) for t in lines]
    painter.drawText(inner, int(flags), "\n".join(shown))
    painter.setClipping(False)


def _ghost(week: WeekHours, painter: QPainter, piece: Weekly, *, free: bool) -> None:
    box = week.rect_of(piece)
    colour = theme.colour("ghost.legal" if free else "ghost.refused")
    fill = QColor(colour)
    fill.setAlpha(40)
    painter.fillRect(box, fill)
    painter.setPen(QPen(colour, 2))
    painter.drawRect(box.adjusted(1, 1, -1, -1))
    painter.setPen(theme.colour("text"))
    sign = "✓ " if free else "✗ "
    painter.drawText(box.adjusted(6, 2, 0, 0), int(Qt.AlignmentFlag.AlignTop), sign + times(piece))


def _cursor(week: WeekHours, painter: QPainter) -> None:
    day, minute = week.cursor_at
    left, right = week.column(week.days().index(day))
    painter.setPen(QPen(theme.colour("cursor"), 2))
    painter.drawRect(left + 3, week.level(minute), right - left - 6, HOUR * SNAP // 60 + 2)


def times(piece: Weekly) -> str:
    """ "08:00–12:00"."""
    return (
        f"{i18n.minute_text(piece.starts_minute)}{words.DASH}{i18n.minute_text(piece.ends_minute)}"
    )
