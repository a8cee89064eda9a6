"""What stays in sight while the calendar scrolls: the names of the columns and the hours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.views import theme, words
from clinic_desk.views.agenda.grid import Grid, Kind
from clinic_desk.views.agenda.looks import Clock
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

HEIGHT = 46
RULER = 58


@dataclass(frozen=True, slots=True)
class Heading:
    """The two lines over a column, whether it is today's, its day and why that is closed."""

    first: str
    second: str
    today: bool = False
    day: date | None = None
    closed: str = ""

    @property
    def told(self) -> str:
        """All of it, for whoever points there: a narrow column cuts it off."""
        if self.day is None:
            return "\n".join(filter(None, [self.second, self.first]))
        day = words.day_long(self.day)
        return "\n".join(
            [day, _("Closed: {name}").format(name=self.closed)] if self.closed else [day]
        )


def day_heading(day: date, today: date, closed: str = "") -> Heading:
    """ "Tue" over "19 May"; a closed day says so beside its name."""
    name = i18n.weekday_text(day.weekday(), "abbreviated")
    if closed:
        name = f"{name} · {closed}"
    return Heading(name, _in_month(day, i18n.language()), day == today, day, closed)


@lru_cache(512)
def _in_month(day: date, _language: str) -> str:
    from babel.dates import format_skeleton

    return format_skeleton("MMMd", datetime.combine(day, time()), locale=i18n.locale())


def headings(
    grid: Grid,
    kind: Kind,
    catalogue: Catalogue | None,
    today: date,
    shut: Sequence[Sequence[tuple[float, float]]] = (),
) -> list[Heading]:
    """What stands over each column; over a provider also the hours, from the *shut* ones."""
    out = []
    for index, column in enumerate(grid.columns):
        if kind in (Kind.WEEK, Kind.WORKWEEK):
            names = {
                name
                for days in (catalogue.closed_days.values() if catalogue else ())
                for day, name in days.items()
                if day == column.day
            }
            out.append(day_heading(column.day, today, ", ".join(sorted(names))))
            continue
        name, where = _("No room"), ""
        if column.provider_id is not None:
            name = _("Provider")
            if catalogue is not None and column.provider_id in catalogue.providers:
                name = catalogue.providers[column.provider_id].name
            where = hours_told(grid, shut[index]) if index < len(shut) else ""
        elif column.operatory_id is not None:
            name = _("Room")
            if catalogue is not None and column.operatory_id in catalogue.operatories:
                room = catalogue.operatories[column.operatory_id]
                name = room.name
                if len(catalogue.locations) > 1:
                    where = catalogue.locations[room.location_id].name
        out.append(Heading(where, name))
    return out


def hours_told(grid: Grid, shut: Sequence[tuple[float, float]]) -> str:
    """The hours between the shut ones: "8:00–12:00, 13:00–17:00"; that there are none."""
    if not shut:
        return ""
    edges = [0.0, *(minute for pair in shut for minute in pair), float(grid.ruled.minutes)]
    clock = Clock()
    told = [
        clock.times(grid.ruled.wall_minute(int(begin)), grid.ruled.wall_minute(int(end)))
        for begin, end in zip(edges[::2], edges[1::2], strict=False)
        if end > begin
    ]
    return ", ".join(told) or _("no hours")


def paint_headings(
    painter: QPainter,
    grid: Grid,
    headings: list[Heading],
    height: int,
    *,
    zoom: float = 1.0,
    palette: theme.Theme | None = None,
) -> None:
    """Paint the row of column names; the painter's origin is the content's left edge."""
    palette = palette or theme.current()
    small, large = QFont(painter.font()), QFont(painter.font())
    small.setPixelSize(round(11 * zoom))
    large.setPixelSize(round(14 * zoom))
    for index, heading in enumerate(headings):
        left, right = grid.edges(index)
        room = right - left - 16
        middle = height / 2
        edge = left if grid.mirrored else right - 1
        painter.setPen(palette.colour("grid.column"))
        painter.drawLine(edge, 6, edge, height)
        lines = ((heading.first, small, "text.faint", middle - 4, QFont.Weight.Normal),
                 (heading.second, large, "text", middle + 14, QFont.Weight.DemiBold))  # fmt: skip
        for text, font, meaning, base, weight in lines:
            if not text:
                continue
            font.setWeight(weight)
            metrics = QFontMetricsF(font)
            told = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            width = metrics.horizontalAdvance(told)
            x = right - 9 - width if grid.mirrored else left + 8
            colour = palette.colour(meaning)
            if heading.today and font is large:
                pill = QRectF(x - 6, base - metrics.ascent() - 1, width + 12, metrics.height() + 2)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.colour("header.today"))
                painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                colour = palette.colour("header.today.text")
            painter.setFont(font)
            painter.setPen(colour)
            painter.drawText(QPointF(x, base), told)


def paint_hours(
    painter: QPainter, grid: Grid, clock: Clock, width: int, top: int, height: int, *,
    zoom: float = 1.0,
    palette: theme.Theme | None = None,
) -> None:  # fmt: skip
    """Paint the hours from content pixel *top* on; the painter's origin is the content's top."""
    palette = palette or theme.current()
    font = QFont(painter.font())
    font.setPixelSize(round(11 * zoom))
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    minute = max(int(grid.minute_at(top - 20)) // 60 * 60, 0)
    while minute <= grid.ruled.minutes and grid.y(minute) < top + height + 20:
        y = grid.y(minute)
        if 0 < minute < grid.ruled.minutes:
            told = clock.hour(grid.ruled.wall_minute(minute))
            again = any(begin <= minute < begin + length for begin, length in grid.ruled.repeats)
            x = 8.0 if grid.mirrored else width - 8 - metrics.horizontalAdvance(told)
            painter.setPen(palette.colour("grid.now" if again else "text.faint"))
            painter.drawText(QPointF(x, y + metrics.ascent() / 2 - 1), told)
        minute += 60


class Header(QWidget):
    """Column names. ``day_chosen(date)``: a day's name was clicked."""

    day_chosen = Signal(object)

    def __init__(self, parent: QWidget, grid: Callable[[], Grid]) -> None:
        super().__init__(parent)
        named(self, "agenda-header")
        self._grid = grid
        self.headings: list[Heading] = []
        self.offset = 0
        self.inset = RULER
        self.zoom = 1.0

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour("header"))
        painter.save()
        first = 0 if self._grid().mirrored else self.inset
        painter.setClipRect(first, 0, self.width() - self.inset, self.height())
        painter.translate(first - self.offset, 0)
        if self.headings and len(self.headings) == len(self._grid().columns):
            paint_headings(painter, self._grid(), self.headings, self.height(), zoom=self.zoom)
        painter.restore()
        painter.setPen(theme.colour("border"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def _heading_at(self, x: float) -> Heading | None:
        """What stands over the column at a pixel of this widget."""
        first = 0 if self._grid().mirrored else self.inset
        column = self._grid().column_at(x - first + self.offset)
        return self.headings[column] if 0 <= column < len(self.headings) else None

    def event(self, event: QEvent) -> bool:
        """A name that had no room is told in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._heading_at(event.pos().x())
            QToolTip.showText(event.globalPos(), found.told if found is not None else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # it is not meant for the columns below

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._heading_at(event.position().x())
        if found is not None and found.day is not None:
            self.day_chosen.emit(found.day)


class Ruler(QWidget):
    """The hours beside the columns, with the present time marked."""

    def __init__(self, parent: QWidget, grid: Callable[[], Grid], clock: Clock) -> None:
        super().__init__(parent)
        named(self, "agenda-hours")
        self._grid = grid
        self.clock = clock
        self.offset = 0
        self.zoom = 1.0
        self.now: tuple[int, str] | None = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("ruler"))
        grid = self._grid()
        painter.translate(0, -self.offset)
        paint_hours(
            painter, grid, self.clock, self.width(), self.offset, self.height(), zoom=self.zoom
        )
        if self.now is not None:
            self._paint_now(painter, *self.now)
        painter.resetTransform()
        painter.setPen(theme.colour("border"))
        edge = 0 if grid.mirrored else self.width() - 1
        painter.drawLine(edge, 0, edge, self.height())

    def _paint_now(self, painter: QPainter, y: int, told: str) -> None:
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRect(3, y - 9, self.width() - 6, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("grid.now"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.colour("grid"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), told)
