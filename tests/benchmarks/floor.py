"""The least that a week on the screen can cost: bare Qt, rounded rectangles and a line of text.

One widget, one pass that puts overlapping visits side by side, one pass that paints. It knows
no status, room, buffer, selection, work hours or screen reader; whatever a calendar does
beyond this it does beyond this time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from clinic_desk.services.cards import AppointmentCard
from tests.benchmarks.screen import HIGH, WIDE

Bare = tuple[int, int, int, str, str]
"""Day of the data, first and last minute of the wall day, text, colour."""

OPENS, CLOSES = 7 * 60, 20 * 60


def bare(cards: Iterable[AppointmentCard], first: date, zone: str) -> list[Bare]:
    """What the floor paints, as plain values, so that turning cards into them costs it nothing."""
    place, out = ZoneInfo(zone), []
    for card in cards:
        begin, end = (at.astimezone(place) for at in (card.span.starts_at, card.span.ends_at))
        day = (begin.date() - first) // timedelta(days=1)
        minutes = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
        out.append((day, *minutes, f"{card.patient_name}, {card.type.name}", card.type.colour))
    return out


class Floor(QWidget):
    """Shows seven days of such values, the first week to begin with."""

    def __init__(self, visits: Sequence[Bare]) -> None:
        super().__init__()
        self.resize(WIDE, HIGH)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFont(QFont(self.font().family(), 8))
        self.visits = visits
        self._boxes: list[tuple[QRectF, str, QColor]] = list(self._placed(0))
        self._under = QPixmap()
        self._carried: QRectF | None = None

    def week(self, number: int) -> None:
        """Lay the *number*-th week out and paint it."""
        self._boxes = list(self._placed(number * 7))
        self._carried = None
        self.repaint()

    def lift(self) -> None:
        """Keep a picture of the week, over which something is carried."""
        self._under = QPixmap(self.size())
        painter = QPainter(self._under)
        self._draw(painter)
        painter.end()

    def carry(self, x: float, y: float) -> None:
        """One frame of a drag."""
        before, self._carried = self._carried, QRectF(x, y, 150, 40)
        self.repaint((before or self._carried).united(self._carried).toAlignedRect())

    def _placed(self, first: int) -> Iterable[tuple[QRectF, str, QColor]]:
        wide, scale = self.width() / 7, self.height() / (CLOSES - OPENS)
        colours: dict[str, QColor] = {}
        for day in range(7):
            visits = sorted(v for v in self.visits if v[0] == first + day)
            ends: list[int] = []
            group: list[tuple[Bare, int]] = []
            for visit in [*visits, None]:
                if group and (visit is None or visit[1] >= max(ends)):
                    lane = wide / len(ends)
                    for (_, begin, end, text, colour), place in group:
                        box = QRectF(day * wide + place * lane, (begin - OPENS) * scale,
                                     lane - 1, (end - begin) * scale - 1)  # fmt: skip
                        yield box, text, colours.setdefault(colour, QColor(colour))
                    ends, group = [], []
                if visit is not None:
                    free = (n for n, end in enumerate(ends) if end <= visit[1])
                    place = next(free, len(ends))
                    ends[place : place + 1] = [visit[2]]
                    group.append((visit, place))

    def _draw(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for box, text, colour in self._boxes:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(Qt.GlobalColor.black)
            painter.drawText(box, Qt.TextFlag.TextSingleLine, text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._carried is None:
            self._draw(painter)
        else:
            painter.drawPixmap(event.rect(), self._under, event.rect())
            painter.fillRect(self._carried, QColor(0, 0, 0, 90))
        painter.end()
