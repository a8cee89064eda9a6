"""Where every card of a calendar lies: plain lists, laid out once, asked many times. No Qt."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from clinic_desk.rules.lanes import assign
from clinic_desk.rules.spans import Span, merged
from clinic_desk.services.cards import AppointmentCard, DiaryView, EventCard
from clinic_desk.views.agenda.grid import Column, Grid

Card = AppointmentCard | EventCard

MIN_HEIGHT = 11
"""No card is painted lower than this, in pixels."""
TALL = 600
"""Items higher than this stand in a list of their own, so that the others are found quickly."""


class Item:
    """A card, or the part of it that lies in one column, with its rectangle.

    ``begin`` and ``end`` are axis minutes; ``head`` and ``tail`` say whether the card begins
    and ends in this part (a visit over midnight has two parts).
    """

    __slots__ = (
        "begin", "card", "column", "end", "event", "h", "head", "lane", "lanes", "tail", "w",
        "x", "y",
    )  # fmt: skip

    def __init__(
        self, card: Card, column: int, begin: float, end: float, head: bool, tail: bool
    ) -> None:
        self.card = card
        self.event = type(card) is EventCard
        self.column = column
        self.begin, self.end = begin, end
        self.head, self.tail = head, tail
        self.x = self.y = self.w = self.h = 0
        self.lane, self.lanes = 0, 1

    @property
    def key(self) -> int:
        """Appointments have their id, calendar events theirs made negative."""
        return -self.card.id if self.event else self.card.id

    @property
    def rect(self) -> tuple[int, int, int, int]:
        """Left, top, width and height in content pixels."""
        return self.x, self.y, self.w, self.h


def key_of(card: Card) -> int:
    """As ``Item.key``."""
    return -card.id if isinstance(card, EventCard) else card.id


class Layout:
    """The items of one grid: per column by their tops, and by key."""

    def __init__(self, grid: Grid, cards: Iterable[Card] = ()) -> None:
        self.grid = grid
        self.columns: list[list[Item]] = [[] for _ in grid.columns]
        self.tall: list[list[Item]] = [[] for _ in grid.columns]
        self.by_key: dict[int, list[Item]] = {}
        self._tops: list[list[int]] = []
        self._deepest: list[int] = []
        placed: list[list[Item]] = [[] for _ in grid.columns]
        _place(grid, cards, placed)
        for column, items in enumerate(placed):
            self._arrange(column, items)
        self.fit(grid)

    def _arrange(self, column: int, items: list[Item]) -> None:
        scale = self.grid.hour / 60
        extents = []
        for item in items:
            top = round(item.begin * scale)
            height = max(round(item.end * scale) - top, MIN_HEIGHT)
            item.y, item.h = top, height - 1
            extents.append((top, top + height))
        short, tall, by_key = self.columns[column], self.tall[column], self.by_key
        for item, place in zip(items, assign(extents), strict=True):
            item.lane, item.lanes = place
            (tall if item.h > TALL else short).append(item)
            key = -item.card.id if item.event else item.card.id
            if key in by_key:
                by_key[key].append(item)
            else:
                by_key[key] = [item]
        short.sort(key=_top)
        self._tops.append([item.y for item in short])
        self._deepest.append(max((item.h for item in short), default=0))

    def fit(self, grid: Grid) -> None:
        """Give the items their places across the page; *grid* differs from before in its width
        at most.
        """
        self.grid = grid
        for column in range(len(self.columns)):
            edges: dict[tuple[int, int], tuple[int, int]] = {}
            for items in (self.columns[column], self.tall[column]):
                for item in items:
                    place = (item.lane, item.lanes)
                    edge = edges.get(place)
                    if edge is None:
                        box = grid.box(column, 0, 1, *place)
                        gap = 2 if box.w > 24 else 1
                        edge = edges[place] = (
                            box.x + (gap - 1 if grid.mirrored else 0),
                            max(box.w - gap, 1),
                        )
                    item.x, item.w = edge

    @property
    def most_lanes(self) -> int:
        """How many cards stand side by side where it is most crowded."""
        return max(
            (item.lanes for column in (*self.columns, *self.tall) for item in column), default=1
        )

    def items(self) -> Iterator[Item]:
        """All items, column by column, by their tops; the order in which Tab walks them."""
        for short, tall in zip(self.columns, self.tall, strict=True):
            both = sorted([*short, *tall], key=lambda item: (item.y, item.lane)) if tall else short
            yield from both

    def within(self, x: float, y: float, w: float, h: float) -> list[Item]:
        """The items that touch a rectangle of content pixels."""
        grid = self.grid
        out: list[Item] = []
        if not self.columns:
            return out
        first, last = grid.column_at(x), grid.column_at(x + w - 1)
        right, bottom = x + w, y + h
        for column in range(min(first, last), max(first, last) + 1):
            out += [
                item
                for item in self.tall[column]
                if item.x < right
                and item.y < bottom
                and item.x + item.w > x
                and item.y + item.h > y
            ]
            short, tops = self.columns[column], self._tops[column]
            for index in range(bisect_left(tops, y - self._deepest[column]), len(tops)):
                item = short[index]
                if item.y >= bottom:
                    break
                if item.x < right and item.x + item.w > x and item.y + item.h > y:
                    out.append(item)
        return out

    def at(self, x: float, y: float, slack: int = 0) -> Item | None:
        """The item at a pixel, the topmost last painted; *slack* widens those that are small."""
        found = self.within(x, y, 1, 1)
        if found:
            return found[-1]
        near = self.within(x - slack, y - slack, 2 * slack, 2 * slack) if slack else []
        near = [item for item in near if item.h < 2 * slack or item.w < 2 * slack]
        return min(near, key=lambda item: abs(item.y + item.h / 2 - y), default=None)


def _top(item: Item) -> int:
    return item.y


def _place(grid: Grid, cards: Iterable[Card], placed: list[list[Item]]) -> None:
    ruled = grid.ruled
    if not grid.columns:
        return
    column_of = _chooser(grid)
    index, begins, ends, whole = -1, 0, -1, False
    first = ruled.tracks[0].begins
    for card in cards:
        start, stop = card.span.starts_at.timestamp(), card.span.ends_at.timestamp()
        if not begins <= start < ends:
            index = ruled.track_at(start)
            if index < 0:
                if not start < first < stop:
                    continue
                index, begins, ends = 0, 0, -1  # it began before the first day shown
            else:
                track = ruled.tracks[index]
                begins, ends, whole = track.begins, track.ends, not track.gaps
        where = index if column_of is None else column_of(card)
        if where < 0:
            continue
        if whole and stop <= ends:
            begin = (start - begins) / 60
            placed[where].append(Item(card, where, begin, begin + (stop - start) / 60, True, True))
        else:
            _place_parts(grid, card, where, column_of is None, start, stop, placed)


def _chooser(grid: Grid) -> Callable[[Card], int] | None:
    """Which column a card belongs to, -1 for none; None where each day is a column."""
    people = {c.provider_id: i for i, c in enumerate(grid.columns) if c.provider_id is not None}
    rooms = {c.operatory_id: i for i, c in enumerate(grid.columns) if c.operatory_id is not None}
    homeless = next((i for i, c in enumerate(grid.columns) if c.no_room), -1)
    if not people and not rooms and homeless < 0:
        return None

    def choose(card: Card) -> int:
        if isinstance(card, EventCard):
            return people.get(card.resource_id, rooms.get(card.resource_id, -1))
        if people:
            return people.get(card.provider.id, -1)
        return homeless if card.operatory is None else rooms.get(card.operatory.id, -1)

    return choose


def _place_parts(
    grid: Grid,
    card: Card,
    where: int,
    by_day: bool,
    start: float,
    stop: float,
    placed: list[list[Item]],
) -> None:
    """The slow way: cards over midnight, and days on which clocks change."""
    for column in range(len(grid.columns)) if by_day else (where,):
        track = grid.columns[column].track
        if start >= track.ends or stop <= track.begins:
            continue
        begin = track.minute(max(start, track.begins))
        end = track.end_minute(min(stop, track.ends))
        head, tail = start >= track.begins, stop <= track.ends
        placed[column].append(Item(card, column, begin, end, head, tail))


def closed(
    view: DiaryView | None,
    grid: Grid,
    shown: Collection[int],
    rooms: Mapping[int, int],
    place: int | None = None,
) -> list[list[tuple[float, float]]]:
    """Per column the axis minutes (from, to) in which nobody shown works.

    *shown* are the providers of a week (empty: all); *rooms* maps operatories to locations.
    With a *place* (a location's id) only hours there count.
    Where nothing is known about hours, nothing counts as closed.
    """
    if view is None:
        return [[] for _ in grid.columns]
    everyone: list[Span] = []
    if grid.columns and grid.columns[0].provider_id is None:
        everyone = merged(
            span
            for provider_id, hours in view.open_hours.items()
            if not shown or provider_id in shown
            for where, span in hours
            if place in (None, where)
        )
    clinics = merged(
        span
        for where, spans in view.clinic_hours.items()
        if place in (None, where)
        for span in spans
    )
    out = []
    for index, column in enumerate(grid.columns):
        spans = _open(view, column, everyone, clinics, rooms, place)
        out.append(_complement(grid, index, spans) if spans is not None else [])
    return out


def _open(
    view: DiaryView,
    column: Column,
    everyone: list[Span],
    clinics: list[Span],
    rooms: Mapping[int, int],
    place: int | None,
) -> list[Span] | None:
    if column.provider_id is not None:
        if column.provider_id not in view.open_hours:
            return None
        hours_of = view.open_hours[column.provider_id]
        return merged(span for where, span in hours_of if place in (None, where))
    if column.operatory_id is not None:
        location = rooms.get(column.operatory_id)
        hours = view.clinic_hours.get(location) if location is not None else None
        return None if hours is None else merged(hours)
    if view.open_hours:
        return everyone
    return clinics if view.clinic_hours else None


def _complement(grid: Grid, index: int, spans: list[Span]) -> list[tuple[float, float]]:
    out, last = [], 0.0
    for span in spans:
        minutes = grid.minutes(index, span)
        if minutes is None:
            continue
        if minutes[0] > last:
            out.append((last, minutes[0]))
        last = max(last, minutes[1])
    if last < grid.ruled.minutes:
        out.append((last, float(grid.ruled.minutes)))
    return out


def working_day(grid: Grid, shut: Sequence[Sequence[tuple[float, float]]]) -> tuple[int, int]:
    """Axis minutes of the first opening and the last closing, in whole hours; 8 to 18 where
    nothing is known.
    """
    first, last = grid.ruled.minutes, 0
    for pairs in shut:
        edges = [0.0, *(minute for pair in pairs for minute in pair), float(grid.ruled.minutes)]
        for begin, end in zip(edges[::2], edges[1::2], strict=False):
            if pairs and end > begin:
                first, last = min(first, int(begin)), max(last, int(end))
    if first >= last:
        first, last = 8 * 60, 18 * 60
    return first // 60 * 60, -(-last // 60) * 60
