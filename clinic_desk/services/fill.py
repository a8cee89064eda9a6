"""Realistic data at scale, for measuring: an organisation with a past and a full diary ahead.

Every row goes in past the same triggers and constraints as one that is typed by hand: the
claims are derived by the database while it is filled, never written or switched off. That
was measured to cost a third of the time on PostgreSQL and next to nothing on SQLite, and
it spares any doubt whether what is measured is what clinics have. For the same reason each
visit has a deed of its own in the history.

Beside the visits each provider has a meeting a week, in the break between two halves of a
day: calendar events grow with the years as visits do, and take nothing of the open time.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient
from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import accounts, catalogue, demo_rows, portable
from clinic_desk.services.bulk import Load, Numbers, Who, loading
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.demo_clinic import DENTAL, NEW_YORK
from clinic_desk.services.demo_outline import ALL_WEEK, Hours, Outline, Place, Post, Staff
from clinic_desk.services.demo_people import people
from clinic_desk.services.fill_meetings import Fields, Meetings, made
from clinic_desk.services.packing import Kind, Turns, packed
from clinic_desk.services.store import Store

LOAD = 0.92
"""Aimed at; called-off visits and the quarter-hour grid leave about 85 % of the open time."""

WEEKS_AHEAD = 26
FIRST_YEAR = 1950
CHUNK = 4000
"""Rows in one transaction; others can write between two of them."""

CACHE = -65536
"""64 MiB of SQLite's pages stay in memory, as one PRAGMA wants it told."""

TOGETHER = 10
"""So many providers share a location, each with a room, where nobody says otherwise."""
PATIENT_NUMBERS = 100_001
PASSWORD = "demo-clinic"  # noqa: S105 - stated on purpose, for invented people
TIMES = ("8:00-12:00 13:00-17:00", "7:30-11:30 12:30-16:30", "9:00-13:00 14:00-18:00")
"""Work hours by turns, so that not everybody has lunch at once."""

OFTEN = {service.code: service.often for service in DENTAL.services}
TOO_MANY = N_("So few patients and providers have not had so many appointments since {year}.")

Progress = Callable[[int, int], None]
"""Told how many of how many rows are done."""


COLOURS = tuple(person.colour for person in DENTAL.staff)

UNSAID = frozenset(
    {"visit_id", "series_id", "permit_id", "service_code_id", "modifier_id", "cancelled_by"}
)
"""What nothing is filled into; the database has an answer of its own."""
COLUMNS = tuple(c.name for c in portable.columns(Appointment) if c.name not in UNSAID)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was added. ``appointments`` may be fewer than asked for when it was stopped;
    ``events`` come with the weeks that the visits take.
    """

    organisation_id: int
    organisation_uuid: str
    user: str
    password: str
    patients: int
    appointments: int
    events: int
    first_day: date
    last_day: date
    seconds: float


def fill(
    store: Store,
    *,
    patients: int,
    providers: int,
    appointments: int,
    seed: int,
    together: int = TOGETHER,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    now: datetime | None = None,
) -> Filled:
    """Add an organisation with so many patients, providers and appointments, and so many
    providers *together* at each location.

    The diary is filled from this week on, up to half a year ahead, then backwards as far as
    it takes. The same *seed* on the same day gives the same data, numbers and uuids aside.
    *should_stop* is asked between chunks; what was written stays and is whole.

    Raises:
        Invalid: so few providers and patients could not have had so many appointments.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    began = time.perf_counter()
    if store.dialect == "sqlite":
        store.connection().execute(f"PRAGMA cache_size = {CACHE}")
    filler = _Filler(store, seed, now, progress or _silent, should_stop or _never)
    filler.found(providers, together)
    filler.add_patients(patients)
    filler.add_visits(appointments)
    days = filler.days or [now.date()]
    return Filled(
        filler.organisation_id,
        filler.organisation_uuid,
        filler.user,
        PASSWORD,
        len(filler.patients),
        filler.written,
        filler.meetings.written,
        min(days),
        max(days),
        time.perf_counter() - began,
    )


def _silent(done: int, total: int) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False


class _Filler:
    def __init__(
        self,
        store: Store,
        seed: int,
        now: datetime,
        progress: Progress,
        should_stop: Callable[[], bool],
    ) -> None:
        self._store = store
        self._chance = random.Random(seed)  # noqa: S311 - the same data every time
        self._seed = seed
        self._now = now
        self._progress = progress
        self._should_stop = should_stop
        self._batch_id = str(uuid.uuid4())
        self._cases: dict[int, int] = {}
        self._catalogue: Catalogue
        self._rooms: dict[int, int | None] = {}
        self._today = portable.seconds(now)
        self._zone = clinic_time.zone(NEW_YORK)
        self.organisation_id = Numbers(store).next("organisation")
        self.organisation_uuid = ""
        self._uuids = random.Random(f"{seed}/{self.organisation_id}")  # noqa: S311
        self.user = f"fill-{self.organisation_id}"
        self.patients: list[int] = []
        self.days: list[date] = []
        self.written = 0
        self.meetings: Meetings

    @contextlib.contextmanager
    def _loading(self) -> Iterator[tuple[Load, Numbers]]:
        """One transaction; numbers are taken inside it, since others may write between."""
        with loading(
            self._store,
            self.organisation_id,
            action="fill",
            who=Who("Clinic Desk"),
            at=self._now,
            batch_id=self._batch_id,
        ) as load:
            yield load, Numbers(self._store)

    def found(self, providers: int, together: int) -> None:
        """Write the organisation with its places, types and staff."""
        outline = _outline(providers, together, self.organisation_id, self.user, self._seed)
        passwords = {self.user: accounts.hash_password(PASSWORD)}
        with self._loading() as (load, numbers):
            maker = demo_rows.Maker(load, numbers, self._chance, self._uuids)
            clinic = demo_rows.write(
                maker, outline, self.organisation_id, self._now.date(), passwords, ()
            )
            self.organisation_uuid = clinic.organisation_uuid
            self._catalogue = catalogue.load(self._store, self.organisation_id)
        self.meetings = Meetings(self._catalogue, self._uuids)
        self._rooms = {
            provider_id: weekly[0].operatory_id
            for provider_id, weekly in self._catalogue.work_hours.items()
        }

    def add_patients(self, count: int) -> None:
        """Write the patients, each with an open case."""
        everybody = people(count, self._now.date(), self._chance)
        for first in range(0, count, CHUNK):
            if self._should_stop():
                return
            self._progress(first, count)
            with self._loading() as (load, numbers):
                maker = demo_rows.Maker(load, numbers, self._chance, self._uuids)
                some = list(itertools.islice(everybody, CHUNK))
                ids = maker.resources("patient", len(some))
                maker.create(
                    Patient,
                    [
                        {
                            "id": number,
                            **demo_rows.person_fields(person, str(PATIENT_NUMBERS + first + place)),
                        }
                        for place, (number, person) in enumerate(zip(ids, some, strict=True))
                    ],
                )
                cases = maker.create(
                    Case, [{"patient_id": n, "main_problem": "Yearly check"} for n in ids]
                )
                self._cases.update(zip(ids, cases, strict=True))
            self.patients += ids
        self._progress(count, count)

    def add_visits(self, count: int) -> None:
        """Write the appointments, chunk by chunk."""
        visits = itertools.islice(self._visits(), count)
        while self.written < count and not self._should_stop():
            self._progress(self.written, count)
            some = list(itertools.islice(visits, CHUNK))
            if not some:
                raise Invalid("appointments", TOO_MANY, year=FIRST_YEAR)
            with self._loading() as (load, numbers):
                for fields in some:
                    fields["id"] = numbers.next("appointment")
                load.write(Appointment, [tuple(fields.values()) for fields in some], COLUMNS)
                for fields in some:
                    at = portable.instant(fields["booked_at"])
                    load.deed([made("appointment", fields)], at=at)
                self.meetings.write(load, numbers, self._today)
            self.written += len(some)
        self._progress(self.written, count)

    def _visits(self) -> Iterator[Fields]:
        """This week, the weeks ahead, then the past, until nobody is left."""
        turns = Turns(self.patients, self._chance)
        kinds = [
            Kind(t.id, t.minutes, t.before_minutes, t.after_minutes, OFTEN[t.code])
            for t in self._catalogue.types.values()
        ]
        monday = self._now.date() - timedelta(days=self._now.weekday())
        for week in itertools.chain(range(WEEKS_AHEAD + 1), itertools.count(-1, -1)):
            first = monday + timedelta(weeks=week)
            if first.year < FIRST_YEAR or not self.patients:
                return
            for weekday in range(5):
                day = first + timedelta(days=weekday)
                self.days.append(day)
                turns.new_day()
                for place, provider_id in enumerate(self._catalogue.providers):
                    if place % 5 == weekday:
                        self.meetings.lay(provider_id, day)
                    yield from self._day(provider_id, day, kinds, turns)

    def _day(
        self, provider_id: int, day: date, kinds: Sequence[Kind], turns: Turns
    ) -> Iterator[Fields]:
        for location_id, hours in self._catalogue.provider_hours(provider_id, [day]):
            opening = portable.seconds(hours.starts_at)
            for visit in packed(hours.minutes, kinds, LOAD, self._chance):
                patient_id = turns.take()
                if patient_id is None:
                    return
                begin = opening + 60 * visit.minute
                yield self._visit(provider_id, location_id, patient_id, begin, visit.kind)

    def _visit(
        self, provider_id: int, location_id: int, patient_id: int, begin: int, kind: Kind
    ) -> Fields:
        """All fields in portable form, in the order of :data:`COLUMNS`."""
        dice = self._chance.random()
        end = begin + 60 * kind.minutes
        booked = min(begin, self._today) - int(dice * 5_000_000) % 4_000_000 // 60 * 60
        over = end <= self._today
        status = _fate(dice, over=over, soon=begin - self._today < 259_200)
        wall = clinic_time.wall(portable.instant(begin), self._zone)
        done = status == "completed"
        return {
            "id": 0,
            "uuid": str(uuid.UUID(int=self._uuids.getrandbits(128), version=4)),
            "organisation_id": self.organisation_id,
            "location_id": location_id,
            "provider_id": provider_id,
            "operatory_id": self._rooms[provider_id],
            "patient_id": patient_id,
            "case_id": self._cases[patient_id],
            "type_id": kind.id,
            "starts_at": begin,
            "ends_at": end,
            "before_minutes": kind.before,
            "after_minutes": kind.after,
            "time_zone": NEW_YORK,
            "wall_starts": wall.isoformat(timespec="minutes"),
            "status": status,
            "notes": "",
            "reason": "",
            "origin": "portal" if dice * 1000 % 10 < 1 else "desk",
            "booked_at": booked,
            "confirmed_at": begin - 90_000 if done and booked < begin - 90_000 else None,
            "arrived_at": begin - 300 if done else None,
            "in_room_at": begin if done else None,
            "completed_at": end if done else None,
            "version": 1,
        }


def _fate(dice: float, *, over: bool, soon: bool) -> str:
    """What has become of a visit; some were called off, and their time is free again."""
    if over:
        return "missed" if dice < 0.03 else "cancelled" if dice < 0.07 else "completed"
    if dice < 0.02:
        return "cancelled"
    return "confirmed" if soon and dice < 0.8 else "scheduled"


def _outline(providers: int, together: int, organisation_id: int, user: str, seed: int) -> Outline:
    """So many providers who may give everything, so many *together* at a place, each with a
    room.
    """
    named = people(providers, date(2000, 1, 1), random.Random(seed))  # noqa: S311
    places = -(-providers // together)
    return Outline(
        name=f"Measured Clinic {organisation_id}",
        time_zone=NEW_YORK,
        country="US",
        places=tuple(
            Place(
                str(number),
                f"House {number + 1}",
                "",
                "",
                NEW_YORK,
                tuple(f"Room {room + 1}" for room in range(together)),
                (Hours(ALL_WEEK, "7:00-19:00"),),
            )
            for number in range(places)
        ),
        staff=tuple(
            Staff(
                "Dr",
                person.first_name,
                person.last_name,
                f"{number + 1}",
                COLOURS[number % len(COLOURS)],
                (),
                (
                    Post(
                        str(number // together),
                        Hours(ALL_WEEK, TIMES[number % len(TIMES)]),
                        number % together + 1,
                    ),
                ),
            )
            for number, person in enumerate(named)
        ),
        services=tuple(replace(service, skills=()) for service in DENTAL.services),
        patients=0,
        first_number=1,
        roles=(("System Administrator", user, "Measuring"),),
    )
