"""From a clinic's outline to its rows: all but the diary itself."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import peewee

from clinic_desk.models import catalogue as shelf
from clinic_desk.models import people
from clinic_desk.rules import permissions
from clinic_desk.services import contacts, patients
from clinic_desk.services.bulk import Load, Numbers
from clinic_desk.services.demo_outline import Outline, Service
from clinic_desk.services.demo_people import JANE_AND_JONATHAN, Person
from clinic_desk.services.demo_people import people as invented

Fields = dict[str, Any]


@dataclass
class Clinic:
    """The ids of what was written, by the names that the outline uses."""

    outline: Outline
    organisation_id: int
    organisation_uuid: str
    places: dict[str, int] = field(default_factory=dict)
    rooms: dict[str, list[int]] = field(default_factory=dict)
    services: dict[int, Service] = field(default_factory=dict)
    providers: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    patients: list[tuple[int, Person]] = field(default_factory=list)

    def place_key(self, location_id: int) -> str:
        """What the outline calls a location."""
        return next(key for key, number in self.places.items() if number == location_id)


class Maker:
    """Writes one clinic inside one load; the same *chance* gives the same clinic.

    *uuids* draws those by itself, where the same clinic may stand in a database twice.
    """

    def __init__(
        self,
        load: Load,
        numbers: Numbers,
        chance: random.Random,
        uuids: random.Random | None = None,
    ) -> None:
        self.load = load
        self.numbers = numbers
        self.chance = chance
        self._uuids = uuids or chance

    def uuid(self) -> str:
        """A uuid by chance, so that a demo has the same ones every time."""
        return str(uuid.UUID(int=self._uuids.getrandbits(128), version=4))

    def create(self, model: type[peewee.Model], rows: Iterable[Fields]) -> list[int]:
        """Write rows with fresh ids (those of resources come with theirs) and tell the ids."""
        table = model._meta.table_name
        wanted = model._meta.columns
        made = []
        for row in rows:
            row.setdefault("id", None)
            if row["id"] is None:
                row["id"] = self.numbers.next(table)
            if "uuid" in wanted:
                row.setdefault("uuid", self.uuid())
            made.append(row)
        self.load.create(model, made)
        return [row["id"] for row in made]

    def resources(self, kind: str, count: int) -> list[int]:
        """Numbers of new resources."""
        return self.create(people.Resource, [{"kind": kind} for _ in range(count)])


def write(
    maker: Maker,
    outline: Outline,
    organisation_id: int,
    today: date,
    passwords: dict[str, str],
    known: Sequence[Person] = JANE_AND_JONATHAN,
) -> Clinic:
    """Write the organisation, its places, staff, services, roles, users and patients.

    *passwords* are hashes by name to sign in; *known* are people who are patients here too.
    """
    number = maker.uuid()
    maker.load.create(
        people.Organisation,
        [
            {
                "id": organisation_id,
                "uuid": number,
                "name": outline.name,
                "time_zone": outline.time_zone,
                "country": outline.country,
                "step_minutes": 15,
                "overbooking": True,
            }
        ],
    )
    clinic = Clinic(outline, organisation_id, number)
    _places(maker, clinic, today)
    _services(maker, clinic, _staff(maker, clinic, today))
    _users(maker, clinic, passwords)
    _patients(maker, clinic, today, known)
    return clinic


def _places(maker: Maker, clinic: Clinic, today: date) -> None:
    outline = clinic.outline
    ids = maker.create(
        shelf.Location,
        [
            {"name": p.name, "address": p.address, "time_zone": p.time_zone, "phone": p.phone}
            for p in outline.places
        ],
    )
    clinic.places = {p.key: number for p, number in zip(outline.places, ids, strict=True)}
    maker.create(
        shelf.ClinicHours,
        [
            {
                "location_id": clinic.places[place.key],
                "weekday": weekday,
                "starts_minute": begin,
                "ends_minute": end,
            }
            for place in outline.places
            for hours in place.hours
            for weekday, begin, end in hours.rows()
        ],
    )
    maker.create(
        shelf.ClosedDay,
        [
            {"location_id": clinic.places[place.key], "day": day, "name": name}
            for place in outline.places
            for day, name in closed_days(today, first=place is outline.places[0])
        ],
    )
    numbers = iter(maker.resources("operatory", sum(len(p.rooms) for p in outline.places)))
    rooms: list[Fields] = []
    for place in outline.places:
        for position, name in enumerate(place.rooms):
            room = next(numbers)
            clinic.rooms.setdefault(place.key, []).append(room)
            rooms.append(
                {
                    "id": room,
                    "location_id": clinic.places[place.key],
                    "name": name,
                    "position": position,
                }
            )
    maker.create(shelf.Operatory, rooms)


def closed_days(today: date, *, first: bool) -> list[tuple[date, str]]:
    """The holidays around *today*; where it is the *first* location, a day of works too."""
    out = []
    for year in (today.year - 1, today.year, today.year + 1):
        out += [
            (date(year, 1, 1), "New Year's Day"),
            (date(year, 7, 4), "Independence Day"),
            (_nth(year, 9, 0, 1), "Labor Day"),
            (_nth(year, 11, 3, 4), "Thanksgiving"),
            (date(year, 12, 25), "Christmas Day"),
        ]
    if first:
        friday = today + timedelta(days=(4 - today.weekday()) % 7 + 21)
        out.append((friday, "New floor, closed all day"))
    nearby = {day: name for day, name in out if abs((day - today).days) <= 120}
    return sorted(nearby.items())


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


def _staff(maker: Maker, clinic: Clinic, today: date) -> dict[str, int]:
    """The providers with their hours; gives the ids of the qualifications."""
    staff = clinic.outline.staff
    names = sorted({skill for person in staff for skill in person.skills})
    skills = dict(
        zip(names, maker.create(shelf.Qualification, [{"name": n} for n in names]), strict=True)
    )
    for number, person in zip(maker.resources("provider", len(staff)), staff, strict=True):
        clinic.providers[person.initials] = number
    maker.create(
        people.Provider,
        [
            {
                "id": clinic.providers[person.initials],
                "title": person.title,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "initials": person.initials,
                "colour": person.colour,
                "default_location_id": clinic.places[person.posts[0].place],
                "position": position,
            }
            for position, person in enumerate(staff)
        ],
    )
    maker.create(
        shelf.ProviderQualification,
        [
            {"provider_id": clinic.providers[p.initials], "qualification_id": skills[skill]}
            for p in staff
            for skill in p.skills
        ],
    )
    maker.create(
        shelf.WorkHours,
        [
            {
                "provider_id": clinic.providers[person.initials],
                "location_id": clinic.places[post.place],
                "weekday": weekday,
                "starts_minute": begin,
                "ends_minute": end,
                "weeks": post.hours.weeks,
                "operatory_id": clinic.rooms[post.place][post.room - 1] if post.room else None,
            }
            for person in staff
            for post in person.posts
            for weekday, begin, end in post.hours.rows()
        ],
    )
    maker.create(shelf.WorkException, list(_exceptions(clinic, today)))
    return skills


def _exceptions(clinic: Clinic, today: date) -> Iterable[Fields]:
    """Leave, sickness, a course, and a day with other hours at another place."""
    monday = today - timedelta(days=today.weekday())
    told = (
        ("MC", 17, "", None, None, "Leave"),
        ("MC", 18, "", None, None, "Leave"),
        ("JW", -13, "", None, None, "Sick"),
        ("YT", 9, "", None, None, "Course in Chicago"),
        ("AN", 8, "main", 12 * 60, 18 * 60, "Evening clinic"),
        ("PN", 15, "river", 9 * 60, 13 * 60, "Half a day"),
        ("IS", 10, "", None, None, "Leave"),
    )
    for initials, days, place, begin, end, reason in told:
        if initials in clinic.providers:
            yield {
                "provider_id": clinic.providers[initials],
                "location_id": clinic.places.get(place),
                "day": monday + timedelta(days=days),
                "starts_minute": begin,
                "ends_minute": end,
                "reason": reason,
            }


def _services(maker: Maker, clinic: Clinic, skills: dict[str, int]) -> None:
    services = clinic.outline.services
    ids = maker.create(
        shelf.AppointmentType,
        [
            {
                "code": service.code,
                "name": service.name,
                "minutes": service.minutes,
                "before_minutes": service.before,
                "after_minutes": service.after,
                "colour": service.colour,
                "requires_exam": service.exam,
                "position": position,
            }
            for position, service in enumerate(services)
        ],
    )
    clinic.services = dict(zip(ids, services, strict=True))
    maker.create(
        shelf.TypeQualification,
        [
            {"type_id": number, "qualification_id": skills[skill]}
            for number, service in clinic.services.items()
            for skill in service.skills
        ],
    )


def _users(maker: Maker, clinic: Clinic, passwords: dict[str, str]) -> None:
    names = list(permissions.ROLES)
    roles = dict(
        zip(
            names,
            maker.create(
                people.Role,
                [
                    {"name": n, "permissions": json.dumps(sorted(permissions.ROLES[n]))}
                    for n in names
                ],
            ),
            strict=True,
        )
    )
    own = {f"{p.title} {p.first_name} {p.last_name}": p.initials for p in clinic.outline.staff}
    own |= {f"{p.first_name} {p.last_name}": p.initials for p in clinic.outline.staff}
    users = clinic.outline.roles
    ids = maker.create(
        people.User,
        [
            {
                "name": name,
                "display_name": display,
                "password_hash": passwords[name],
                "role_id": roles[role],
                "approvals": role in permissions.APPROVERS,
                "provider_id": clinic.providers.get(own.get(display, "")),
            }
            for role, name, display in users
        ],
    )
    clinic.users = {name: number for (_, name, _), number in zip(users, ids, strict=True)}


def _patients(maker: Maker, clinic: Clinic, today: date, known: Sequence[Person]) -> None:
    more = clinic.outline.patients - len(known)
    first = clinic.outline.first_person
    found = [*known, *invented(more, today, maker.chance, first=first)]
    providers = list(clinic.providers.values())
    numbers = maker.resources("patient", len(found))
    clinic.patients = list(zip(numbers, found, strict=True))
    maker.create(
        people.Patient,
        [
            {
                "id": number,
                **person_fields(person, str(clinic.outline.first_number + place)),
                "preferred_provider_id": (
                    maker.chance.choice(providers) if maker.chance.random() < 0.4 else None
                ),
            }
            for place, (number, person) in enumerate(clinic.patients)
        ],
    )


def person_fields(person: Person, number: str) -> Fields:
    """What the row of a patient says of the person, and the keys by which both are found."""
    return {
        "number": number,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "date_of_birth": person.born,
        "gender": person.gender,
        "email": person.email,
        "phone": person.phone,
        "email_key": contacts.email(person.email).key,
        "phone_key": contacts.phone(person.phone, "").key,
        "language": person.language,
        "alert": person.alert,
        "search": patients.search_key(
            first_name=person.first_name,
            last_name=person.last_name,
            number=number,
            phone=person.phone,
            email=person.email,
            date_of_birth=person.born,
        ),
    }
