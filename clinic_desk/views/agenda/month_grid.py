"""The month's geometry: six weeks of days, mirrored once here. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from clinic_desk.rules import clinic_time
from clinic_desk.rules.clinic_time import NoSuchTime
from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.grid import Box
from clinic_desk.views.agenda.layout import Card

WEEKS = 6


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """Six weeks from ``first`` on, in ``width`` by ``height`` pixels below a head."""

    first: date
    width: int
    height: int
    head: int = 28
    mirrored: bool = False

    @classmethod
    def around(
        cls, month: date, first_weekday: int, width: int, height: int, *, mirrored: bool = False
    ) -> MonthGrid:
        """The weeks that hold the month of *month*; weekdays count from Monday (0)."""
        begin = month.replace(day=1)
        first = begin - timedelta(days=(begin.weekday() - first_weekday) % 7)
        return cls(first, width, height, mirrored=mirrored)

    @property
    def days(self) -> list[date]:
        """All days shown."""
        return [self.first + timedelta(days=n) for n in range(7 * WEEKS)]

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=7 * WEEKS - 1)

    def cell(self, day: date) -> Box:
        """The rectangle of a day; of a day that is not shown, an empty one."""
        number = (day - self.first).days
        if not 0 <= number < 7 * WEEKS:
            return Box(0, 0, 0, 0)
        week, column = divmod(number, 7)
        if self.mirrored:
            column = 6 - column
        left, right = column * self.width // 7, (column + 1) * self.width // 7
        room = self.height - self.head
        top, low = week * room // WEEKS, (week + 1) * room // WEEKS
        return Box(left, self.head + top, right - left, low - top)

    def day_at(self, x: float, y: float) -> date | None:
        """The day under a pixel, None in the head or outside."""
        if not (0 <= x < self.width and self.head <= y < self.height):
            return None
        near = int(x * 7 / self.width)
        room = self.height - self.head
        week = int((y - self.head) * WEEKS / room)
        for row in (week, week + 1, week - 1):
            for column in (near, near + 1, near - 1):
                if 0 <= row < WEEKS and 0 <= column < 7:
                    place = 6 - column if self.mirrored else column
                    day = self.first + timedelta(days=7 * row + place)
                    box = self.cell(day)
                    if box.x <= x < box.x + box.w and box.y <= y < box.y + box.h:
                        return day
        return None

    def step(self, day: date, across: int, down: int) -> date:
        """The day beside: *across* to the right on the screen, *down* in weeks."""
        return day + timedelta(days=(-across if self.mirrored else across) + 7 * down)


def by_day(cards: Iterable[Card], zone: tzinfo) -> dict[date, list[Card]]:
    """Each day's cards in the order given; a card is of the day on which it begins."""
    out: dict[date, list[Card]] = {}
    begins, ends, day = 0.0, -1.0, date.min
    for card in cards:
        start = card.span.starts_at.timestamp()
        if not begins <= start < ends:
            day = card.span.starts_at.astimezone(zone).date()
            whole = clinic_time.day_span(day, zone)
            begins, ends = whole.starts_at.timestamp(), whole.ends_at.timestamp()
        out.setdefault(day, []).append(card)
    return out


def moved_to(card: Card, day: date, zone: tzinfo) -> Span:
    """The card's span on another *day* of the calendar, which is in *zone*, at the same time by
    the clock of the card's own place; where that skips it, at the nearest.
    """
    own = clinic_time.zone(card.time_zone)
    wall = clinic_time.wall(card.span.starts_at, own)
    on = wall.date() + (day - clinic_time.wall(card.span.starts_at, zone).date())
    wish = datetime.combine(on, time(wall.hour, wall.minute))
    try:
        start = clinic_time.resolve(wish, own, fold=0)
    except NoSuchTime as error:
        start = clinic_time.resolve(error.nearest, own, fold=0)
    return Span.lasting(start, card.span.minutes)
