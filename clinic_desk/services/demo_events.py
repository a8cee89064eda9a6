"""The demo's calendar events, and the board on which its days are laid out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic_desk.rules import clinic_time
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.rules.spans import Span
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.demo_rows import Clinic, Fields, Maker

WEEKS = range(-6, 8)


@dataclass
class Board:
    """What is taken on one day, by resource; buffers included."""

    spans: dict[int, list[Span]] = field(default_factory=dict)

    def take(self, resource_id: int, span: Span) -> None:
        """The resource is taken from now on."""
        self.spans.setdefault(resource_id, []).append(span)

    def of(self, resource_id: int) -> list[Span]:
        """When the resource is taken."""
        return self.spans.get(resource_id, [])

    def free(self, resource_id: int, span: Span) -> bool:
        """Whether nothing of the resource's overlaps *span*."""
        return not any(span.overlaps(other) for other in self.of(resource_id))


class Events:
    """Meetings, training, repairs: laid first, so that visits go around them."""

    def __init__(self, maker: Maker, clinic: Clinic, catalogue: Catalogue) -> None:
        self._maker = maker
        self._clinic = clinic
        self._catalogue = catalogue
        self._meetings: dict[int, int] = {}
        self.rows: list[Fields] = []
        self.series: list[Fields] = []
        self.boards: dict[date, Board] = {}

    def lay(self, today: date) -> None:
        """All events of the weeks around *today*."""
        monday = today - timedelta(days=today.weekday())
        for week in WEEKS:
            for initials in self._clinic.providers:
                day = monday + timedelta(weeks=week, days=2)
                self._of_provider(initials, day, 8 * 60, 45, "Team meeting", weekly=True)
        for days, initials, minute, minutes, title in (
            (-10, "MC", 13 * 60, 240, "Training: digital impressions"),
            (3, "AN", 13 * 60, 120, "Training: first aid"),
            (4, "LO", 8 * 60, 60, "Visit of a manufacturer"),
            (8, "SR", 13 * 60, 90, "Study club"),
            (14, "YT", 9 * 60, 120, "School visit"),
            (22, "MC", 8 * 60, 60, "Interview for the front desk"),
            (2, "TA", 13 * 60, 60, "Training: taping"),
        ):
            if initials in self._clinic.providers:
                self._of_provider(initials, monday + timedelta(days=days), minute, minutes, title)
        for days, place, room, minute, minutes, title in (
            (-4, "main", 1, 8 * 60, 240, "Repair: suction"),
            (3, "river", 1, 13 * 60, 180, "Repair: X-ray arm"),
            (10, "lake", 0, 7 * 60 + 30, 150, "New chair is fitted"),
        ):
            if place in self._clinic.rooms:
                day = monday + timedelta(days=days)
                self._add(self._clinic.rooms[place][room], place, day, minute, minutes, title)

    def _of_provider(
        self,
        initials: str,
        day: date,
        minute: int,
        minutes: int,
        title: str,
        *,
        weekly: bool = False,
    ) -> None:
        """At the place and within the hours where the provider works that day; else not."""
        provider_id = self._clinic.providers[initials]
        for location_id, span in self._catalogue.provider_hours(provider_id, [day]):
            zone = clinic_time.zone(self._catalogue.time_zone(location_id))
            wished = clinic_time.minute_span(day, minute, minute + minutes, zone)
            if wished is not None and span.contains(wished):
                place = self._clinic.place_key(location_id)
                series = self._meeting(provider_id, day) if weekly else None
                self._add(provider_id, place, day, minute, minutes, title, series)
                return

    def _meeting(self, provider_id: int, day: date) -> int:
        """One series for each provider who comes to the weekly meeting."""
        if provider_id not in self._meetings:
            number = self._maker.numbers.next("series")
            rule = Rule(Every.WEEK, weekdays=frozenset({day.weekday()}))
            self._meetings[provider_id] = number
            self.series.append({"id": number, "rule": str(rule)})
        return self._meetings[provider_id]

    def _add(
        self,
        resource_id: int,
        place: str,
        day: date,
        minute: int,
        minutes: int,
        title: str,
        series_id: int | None = None,
    ) -> None:
        location_id = self._clinic.places[place]
        zone = self._catalogue.time_zone(location_id)
        span = clinic_time.minute_span(day, minute, minute + minutes, clinic_time.zone(zone))
        board = self.boards.setdefault(day, Board())
        closed = self._catalogue.closed_name(location_id, day)
        if span is None or closed or not board.free(resource_id, span):
            return
        board.take(resource_id, span)
        self.rows.append(
            {
                "resource_id": resource_id,
                "location_id": location_id,
                "series_id": series_id,
                "starts_at": span.starts_at,
                "ends_at": span.ends_at,
                "time_zone": zone,
                "title": title,
            }
        )
