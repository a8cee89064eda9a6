"""The demo's diary: weeks of visits and requests around today.

It is laid into the open hours that the catalogue tells, around the calendar events, so that
nothing conflicts; the database's triggers watch all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from clinic_desk.models.diary import Appointment, AppointmentExtra, CalendarEvent, Case, Series
from clinic_desk.rules import availability, clinic_time
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span, common
from clinic_desk.services.bulk import Who
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.demo_events import Board, Events
from clinic_desk.services.demo_life import lived, tell
from clinic_desk.services.demo_outline import Service
from clinic_desk.services.demo_rows import Clinic, Fields, Maker
from clinic_desk.services.packing import Kind, Turns, packed

BACK, AHEAD = timedelta(weeks=6), timedelta(weeks=8)
LOAD = 0.89
"""Aimed at, before some visits are cancelled or missed: about 80 % of the open time remains."""

CHILD = 14
"""Patients younger than this, in years, take turns of their own."""

EXAM = (20, 30)
"""When in a cleaning the dentist looks in, in minutes from its start."""

NOTES = (
    "Prefers mornings.",
    "Will bring the old X-rays.",
    "Coming straight from work, may be five minutes late.",
    "Insurance card to be copied.",
    "Asked for the same provider as last time.",
    "Ride home arranged.",
)
WISHES = (
    "Any time before noon would do too.",
    "After school, please.",
    "I have had this since Sunday.",
    "Only with this provider, please.",
    "I can come at short notice.",
    "As early as possible.",
)


class Diary:
    """Lays out the weeks around *now*; :meth:`write` puts them into the database."""

    def __init__(self, maker: Maker, clinic: Clinic, catalogue: Catalogue, now: datetime) -> None:
        self._maker = maker
        self._clinic = clinic
        self._catalogue = catalogue
        self._now = now
        self._chance = maker.chance
        self._today = now.astimezone(clinic_time.zone(clinic.outline.time_zone)).date()
        self._children, self._others = (
            Turns([n for n, age in self._ages() if (age < CHILD) is young], maker.chance)
            for young in (True, False)
        )
        self._cases: dict[tuple[int, int], Fields] = {}
        self._visits: list[Fields] = []
        self._extras: list[Fields] = []

    def write(self) -> None:
        """Lay everything out and write it, with the history that visits have had so far."""
        events = Events(self._maker, self._clinic, self._catalogue)
        events.lay(self._today)
        first, last = self._today - BACK, self._today + AHEAD
        for number in range((last - first).days):
            day = first + timedelta(days=number)
            self._lay_day(day, events.boards.get(day, Board()))
        self._ask_for_some()
        maker = self._maker
        maker.create(Case, self._cases.values())
        maker.create(Series, events.series)
        maker.create(CalendarEvent, events.rows)
        lives = [lived(row, self._now, self._chance) for row in self._visits]
        maker.load.create(Appointment, [life.row for life in lives], told=False)
        names = {name: display for _, name, display in self._clinic.outline.roles}
        desk = [Who(names[n], number) for n, number in self._clinic.users.items() if n in DESK]
        tell(maker.load, lives, desk, self._chance)
        maker.create(AppointmentExtra, self._extras)

    def _ages(self) -> list[tuple[int, float]]:
        return [(n, (self._today - p.born).days / 365.25) for n, p in self._clinic.patients]

    def _lay_day(self, day: date, board: Board) -> None:
        self._children.new_day()
        self._others.new_day()
        first = len(self._visits)
        for provider_id in self._clinic.providers.values():
            kinds = self._kinds(provider_id)
            for location_id, hours in self._catalogue.provider_hours(provider_id, [day]):
                open_spans = common([hours], self._catalogue.clinic_spans(location_id, [day]))
                for gap in availability.free(open_spans, board.of(provider_id)):
                    for visit in packed(gap.minutes, kinds, LOAD, self._chance):
                        begin = gap.starts_at + timedelta(minutes=visit.minute)
                        span = Span.lasting(begin, visit.kind.minutes)
                        self._visit(provider_id, location_id, day, span, visit.kind, board)
        for row in self._visits[first:]:
            self._examine(row, day, board)

    def _kinds(self, provider_id: int) -> list[Kind]:
        return [
            Kind(number, s.minutes, s.before, s.after, s.often)
            for number, s in self._clinic.services.items()
            if self._catalogue.qualified(provider_id, number)
        ]

    def _visit(
        self,
        provider_id: int,
        location_id: int,
        day: date,
        span: Span,
        kind: Kind,
        board: Board,
    ) -> None:
        """A visit, and where it was called off perhaps another one in its place."""
        padded = span.padded(kind.before, kind.after)
        room = self._room(provider_id, location_id, day, padded, board)
        status = self._fate(span)
        if not self._add(provider_id, location_id, room, span, kind, status):
            return
        if status is Status.CANCELLED and self._chance.random() < 0.6:
            status = Status.COMPLETED if span.ends_at <= self._now else Status.SCHEDULED
            if not self._add(provider_id, location_id, room, span, kind, status):
                return
        if status in HOLDING:
            board.take(provider_id, padded)
            if room is not None:
                board.take(room, padded)

    def _room(
        self, provider_id: int, location_id: int, day: date, padded: Span, board: Board
    ) -> int | None:
        """The provider's own room, else one that nobody else needs that day, else none."""
        here = [
            (who, hours.operatory_id)
            for who, weekly in self._catalogue.work_hours.items()
            for hours in weekly
            if hours.location_id == location_id and hours.holds_on(day) and hours.operatory_id
        ]
        own = [room for who, room in here if who == provider_id]
        needed = {room for _, room in here}
        rooms = self._clinic.rooms[self._clinic.place_key(location_id)]
        spare = [room for room in rooms if room not in needed]
        return next((room for room in [*own, *spare] if board.free(room, padded)), None)

    def _fate(self, span: Span) -> Status:
        """What has become of a visit by now."""
        dice = self._chance.random()
        if span.ends_at <= self._now:
            if dice < 0.04:
                return Status.MISSED
            return Status.CANCELLED if dice < 0.1 else Status.COMPLETED
        if span.starts_at <= self._now + timedelta(minutes=12):
            return Status.ARRIVED if dice < 0.9 else Status.CONFIRMED
        if dice < 0.03:
            return Status.CANCELLED
        days = (span.starts_at - self._now).days
        sure = 0.85 if days < 1 else 0.6 if days < 3 else 0.25 if days < 10 else 0.05
        return Status.CONFIRMED if self._chance.random() < sure else Status.SCHEDULED

    def _add(
        self,
        provider_id: int,
        location_id: int,
        room: int | None,
        span: Span,
        kind: Kind,
        status: Status,
    ) -> bool:
        """False where nobody is left who has not come that day."""
        service = self._clinic.services[kind.id]
        turns = self._children if service.ages[1] < CHILD else self._others
        patient_id = turns.take()
        if patient_id is None:
            return False
        zone = self._catalogue.time_zone(location_id)
        wall = clinic_time.wall(span.starts_at, clinic_time.zone(zone))
        self._visits.append(
            {
                "id": self._maker.numbers.next("appointment"),
                "uuid": self._maker.uuid(),
                "location_id": location_id,
                "provider_id": provider_id,
                "operatory_id": room,
                "patient_id": patient_id,
                "case_id": self._case(patient_id, kind.id, service),
                "type_id": kind.id,
                "starts_at": span.starts_at,
                "ends_at": span.ends_at,
                "before_minutes": kind.before,
                "after_minutes": kind.after,
                "time_zone": zone,
                "wall_starts": wall.strftime("%Y-%m-%dT%H:%M"),
                "status": str(status),
                "notes": self._chance.choice(NOTES) if self._chance.random() < 0.12 else "",
                "origin": "portal" if self._chance.random() < 0.1 else "desk",
            }
        )
        return True

    def _case(self, patient_id: int, type_id: int, service: Service) -> int:
        """The patient's open case for the service."""
        key = (patient_id, type_id)
        if key not in self._cases:
            self._cases[key] = {
                "id": self._maker.numbers.next("patient_case"),
                "patient_id": patient_id,
                "main_problem": self._chance.choice(service.problems),
                "type_id": type_id,
            }
        return int(self._cases[key]["id"])

    def _examine(self, row: Fields, day: date, board: Board) -> None:
        """A dentist looks in at a few of the cleanings, where one is there and has a moment."""
        service = self._clinic.services[row["type_id"]]
        wanted = service.code == "HYG" and self._chance.random() < 0.3
        if not wanted or row["status"] not in HOLDING:
            return
        begin = row["starts_at"] + timedelta(minutes=EXAM[0])
        moment = Span.lasting(begin, EXAM[1] - EXAM[0])
        exams = [n for n, s in self._clinic.services.items() if s.code == "REC"]
        for provider_id in self._clinic.providers.values():
            there = any(
                location_id == row["location_id"] and hours.contains(moment)
                for location_id, hours in self._catalogue.provider_hours(provider_id, [day])
            )
            able = self._catalogue.qualified(provider_id, exams[0])
            if there and able and board.free(provider_id, moment):
                board.take(provider_id, moment)
                extra = {"appointment_id": row["id"], "resource_id": provider_id}
                self._extras.append({**extra, "from_minute": EXAM[0], "to_minute": EXAM[1]})
                return

    def _ask_for_some(self) -> None:
        """A few visits of the coming days are requests of patients that wait for an answer."""
        attended = {extra["appointment_id"] for extra in self._extras}
        soon = [
            row
            for row in self._visits
            if timedelta(hours=20) < row["starts_at"] - self._now < timedelta(days=9)
            and row["status"] in {Status.SCHEDULED, Status.CONFIRMED}
            and row["id"] not in attended
        ]
        chosen: list[Fields] = []
        for row in self._chance.sample(soon, len(soon)):
            if len(chosen) < self._clinic.outline.requests and _apart(chosen, row):
                chosen.append(row)
        for row, wish in zip(chosen, WISHES, strict=False):
            row.update(status="requested", origin="portal", notes=wish, operatory_id=None)


DESK = frozenset({"assistant", "scheduler", "frontdesk", "harbour-desk"})
"""Who books and confirms, by the names they sign in with."""


def _apart(chosen: Sequence[Fields], row: Fields) -> bool:
    """Whether *row* is of another provider or day than all that were chosen before."""
    mark = (row["provider_id"], row["starts_at"].date())
    return all((r["provider_id"], r["starts_at"].date()) != mark for r in chosen)
