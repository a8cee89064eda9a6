"""Which of many booked visits a change of the catalogue would put out of place.

The rules need some twenty microseconds a visit, and a clinic has a hundred thousand ahead; so
what they say is kept per day, place and provider, and only what differs is reckoned. A law
holds this to :func:`clinic_desk.services.booking.conflicts_of`, visit by visit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clinic_desk.rules import clinic_time
from clinic_desk.rules.spans import Span, merged

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

Minutes = tuple[tuple[int, int], ...]
"""Sorted, disjoint spans as seconds since 1970."""

Standing = tuple[int, int, int, int, int | None, int | None, int]
"""A visit: id, start and end (seconds since 1970), provider, operatory, location, type."""


def newly_refused(
    before: Catalogue, after: Catalogue, visits: Iterable[Standing]
) -> list[Standing]:
    """Those of *visits* that the rules refuse by *after* and did not by *before*: by hours,
    closed days, qualifications, and what is not in use any more.
    """
    return _Comparison(before, after).newly(visits)


def refused(known: Catalogue, visits: Iterable[Standing]) -> list[Standing]:
    """Those of *visits* that the rules refuse by *known*, for one of the same reasons."""
    side = _Side(known)
    return [visit for visit in visits if side.refused(visit)]


class _Side:
    """What one catalogue says, each answer kept."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._facts: dict[tuple[int, int | None, int | None, int], bool] = {}
        self._clinic: dict[tuple[int | None, date, date], Minutes | None] = {}
        self._people: dict[tuple[int, int | None, date, date], Minutes] = {}
        self._zones: dict[int | None, str] = {}
        self._days: dict[tuple[str, int], date] = {}

    def days(self, location_id: int | None, start: int, end: int) -> tuple[date, date]:
        """The first and the last day of a visit at its location."""
        name = self._zones.get(location_id)
        if name is None:
            name = self._zones[location_id] = self.catalogue.time_zone(location_id)
        return self._day(name, start), self._day(name, end - 1)

    def _day(self, zone: str, second: int) -> date:
        key = (zone, second // 900)  # no zone of these years is off by less than a quarter hour
        found = self._days.get(key)
        if found is None:
            at = datetime.fromtimestamp(second, UTC)
            found = self._days[key] = at.astimezone(clinic_time.zone(zone)).date()
        return found

    def refused_by_facts(
        self, provider_id: int, operatory_id: int | None, location_id: int | None, type_id: int
    ) -> bool:
        key = (provider_id, operatory_id, location_id, type_id)
        found = self._facts.get(key)
        if found is None:
            known = self.catalogue
            room, place = (
                known.operatories.get(operatory_id or 0),
                known.locations.get(location_id or 0),
            )
            found = self._facts[key] = (
                not known.qualified(provider_id, type_id)
                or not known.types[type_id].active
                or not known.providers[provider_id].active
                or (room is not None and not room.active)
                or (place is not None and not place.active)
            )
        return found

    def clinic(self, location_id: int | None, first: date, last: date) -> Minutes | None:
        """When the location is open; None where one of the days is a closed one."""
        key = (location_id, first, last)
        if key not in self._clinic:
            days, zone = _between(first, last), self._zone(location_id)
            closed = any(self.catalogue.closed_name(location_id, d) is not None for d in days)
            spans = () if closed else self.catalogue.clinic_spans(location_id, days, zone)
            self._clinic[key] = None if closed else _seconds(spans)
        return self._clinic[key]

    def people(self, provider_id: int, location_id: int | None, first: date, last: date) -> Minutes:
        """When the provider works there."""
        key = (provider_id, location_id, first, last)
        found = self._people.get(key)
        if found is None:
            hours = self.catalogue.provider_hours(
                provider_id, _between(first, last), self._zone(location_id)
            )
            found = self._people[key] = _seconds(
                span for at, span in hours if location_id is None or at == location_id
            )
        return found

    def _zone(self, location_id: int | None) -> ZoneInfo:
        return clinic_time.zone(self.catalogue.time_zone(location_id))

    def refused(self, visit: Standing) -> bool:
        _id, start, end, provider, room, place, kind = visit
        first, last = self.days(place, start, end)
        return (
            self.refused_by_facts(provider, room, place, kind)
            or self.shut(place, first, last, start, end)
            or not _covered(start, end, self.people(provider, place, first, last))
        )

    def shut(self, location_id: int | None, first: date, last: date, start: int, end: int) -> bool:
        open_ = self.clinic(location_id, first, last)
        return open_ is None or not _covered(start, end, open_)


class _Comparison:
    def __init__(self, before: Catalogue, after: Catalogue) -> None:
        self._before, self._after = _Side(before), _Side(after)
        zones = [{n: c.time_zone(n) for n in (None, *c.locations)} for c in (before, after)]
        self._other_zones = zones[0] != zones[1]
        self._other_people = {
            n
            for n in after.providers
            if before.work_hours.get(n, ()) != after.work_hours.get(n, ())
            or before.work_exceptions.get(n, ()) != after.work_exceptions.get(n, ())
        }
        closed = [
            {(n, d) for n, days in c.closed_days.items() for d in days} for c in (before, after)
        ]
        self._other_days = {day for _place, day in closed[0] ^ closed[1]}

    def newly(self, visits: Iterable[Standing]) -> list[Standing]:
        before, after = self._before, self._after
        out = []
        for visit in visits:
            _id, start, end, provider, room, place, kind = visit
            first, last = after.days(place, start, end)
            gone = after.refused_by_facts(provider, room, place, kind) or after.shut(
                place, first, last, start, end
            )
            if not gone:
                if not self._may_differ(provider, first, last):
                    continue  # what the provider's hours refuse now, they refused before
                if _covered(start, end, after.people(provider, place, first, last)):
                    continue
            if not before.refused(visit):
                out.append(visit)
        return out

    def _may_differ(self, provider_id: int, first: date, last: date) -> bool:
        return (
            self._other_zones
            or provider_id in self._other_people
            or first in self._other_days
            or last in self._other_days
        )


def _between(first: date, last: date) -> list[date]:
    return (
        [first]
        if first == last
        else [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    )


def _seconds(spans: Iterable[Span]) -> Minutes:
    return tuple((int(s.starts_at.timestamp()), int(s.ends_at.timestamp())) for s in merged(spans))


def _covered(start: int, end: int, spans: Minutes) -> bool:
    return any(begin <= start and end <= finish for begin, finish in spans)
