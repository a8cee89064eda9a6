"""Which days and which columns a calendar shows. No Qt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from clinic_desk.i18n import first_weekday
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import DiaryView
from clinic_desk.services.catalogue import Catalogue

if TYPE_CHECKING:
    from clinic_desk.views.remember import Memory

FEW = 2
"""So many providers are shown at the first start at least."""
LEGIBLE = 84
"""Pixels in which the name and the time of a visit can be read."""


class View(StrEnum):
    """The ways of showing a period; the hour grids are named as the board names them."""

    WEEK = "week"
    WORKWEEK = "workweek"
    PROVIDERS = "day-providers"
    ROOMS = "day-operatories"
    MONTH = "month"
    LIST = "list"


_DAYS = {View.WEEK: 7, View.WORKWEEK: 5, View.LIST: 7, View.MONTH: 42}


def days(view: View) -> int:
    """How many days *view* shows."""
    return _DAYS.get(view, 1)


def first_day(view: View, day: date) -> date:
    """The first day shown where *day* is to be seen. Weeks begin as the locale's do; a work
    week on Monday, and a weekend looks ahead to the next one.
    """
    if view is View.WORKWEEK:
        monday = day - timedelta(days=day.weekday())
        return monday if day.weekday() < 5 else monday + timedelta(days=7)
    if view is View.MONTH:
        day = day.replace(day=1)
    elif view not in (View.WEEK, View.LIST):
        return day
    return day - timedelta(days=(day.weekday() - first_weekday()) % 7)


def rooms(catalogue: Catalogue, location_id: int | None) -> list[int]:
    """The rooms in use, place by place."""
    known = sorted(catalogue.operatories.values(), key=lambda one: (one.location_id, one.position))
    return [r.id for r in known if r.active and location_id in (None, r.location_id)]


def providers(
    catalogue: Catalogue,
    data: DiaryView | None,
    span: Span,
    location_id: int | None,
    chosen: Collection[int],
) -> list[int]:
    """Who is chosen; or, of all, who works in *span* at the location or has something then."""
    people = sorted(catalogue.providers.values(), key=lambda one: (one.position, one.name))
    everyone = [p.id for p in people if p.active]
    wanted = [number for number in everyone if number in chosen]
    if wanted or data is None:
        return wanted or everyone
    busy = {card.provider.id for card in data.appointments if card.span.overlaps(span)}
    busy |= {card.resource_id for card in data.events if card.span.overlaps(span)}
    for number, hours in data.open_hours.items():
        if any(s.overlaps(span) and location_id in (None, where) for where, s in hours):
            busy.add(number)
    return [p.id for p in people if p.id in busy] or everyone


def at_first(
    catalogue: Catalogue, user_id: int | None, data: DiaryView, fits: int
) -> tuple[int | None, frozenset[int]]:
    """Location and providers at somebody's first start, by what *data* shows of the first days:
    oneself; else the location with the most visits and who works there, those on most days
    first, at most *fits* of them. None and nobody mean all.
    """
    own = catalogue.users.get(user_id or 0)
    if own is not None and own.provider_id is not None:
        return None, frozenset({own.provider_id})
    place = _busiest_place(catalogue, data)
    visits = Counter(
        card.provider.id
        for card in data.appointments
        if place is None or (card.location is not None and card.location.id == place)
    )
    days_there: defaultdict[int, set[date]] = defaultdict(set)
    for number, hours in data.open_hours.items():
        for where, span in hours:
            if place in (None, where):
                days_there[number].add(span.starts_at.date())
    people = [card for card in catalogue.providers.values() if card.active]
    there = [card for card in people if card.id in days_there or visits[card.id]]
    if len(people) <= fits or not there:
        return place, frozenset()
    there.sort(key=lambda card: (-len(days_there[card.id]), card.position, card.name))
    return place, frozenset(card.id for card in there[:fits])


def _busiest_place(catalogue: Catalogue, data: DiaryView) -> int | None:
    """The location with the most visits, else with the most hours; None where there is one."""
    active = [place.id for place in catalogue.locations.values() if place.active]
    if len(active) < 2:
        return None
    visits = Counter(card.location.id for card in data.appointments if card.location is not None)
    hours = Counter[int]()
    for spans in data.open_hours.values():
        for where, span in spans:
            hours[where] += span.minutes
    return max(active, key=lambda place: (visits[place], hours[place], -place))


def day_in_focus(
    before: View, day: date, picked: date | None, marked: date | None, today: date
) -> date:
    """The day to show where another view comes after *before*, which shows *day*: that of the
    visit that is *marked* (selected), that which somebody *picked*, today, or the first day shown.
    """
    if days(before) == 1:
        return day
    first = day.replace(day=1) if before is View.MONTH else first_day(before, day)
    last = first + timedelta(days=days(before) - 1)
    if before is View.MONTH:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if marked is not None:
        return marked
    for wanted in (picked, today):
        if wanted is not None and first <= wanted <= last:
            return wanted
    return first


def remembered(memory: Memory, catalogue: Catalogue, user_id: int | None) -> Memory:
    """What this desk remembers of this user's calendar in this organisation."""
    return memory.of("desk", catalogue.organisation.uuid, user_id or 0)
