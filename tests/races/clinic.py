"""A clinic to race in: providers who work around the clock, rooms, many patients."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinic_desk.models import catalogue, people
from clinic_desk.rules import permissions
from clinic_desk.rules.spans import Span
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store

MONDAY = datetime(2031, 3, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Arena:
    """Ids to race with; everything belongs to one organisation."""

    organisation_id: int
    location_id: int
    type_id: int
    provider_ids: tuple[int, ...]
    operatory_ids: tuple[int, ...]
    patient_ids: tuple[int, ...]


@dataclass(frozen=True)
class Slot:
    """One place that everybody wants."""

    provider_id: int
    operatory_id: int
    span: Span


def new_uuid() -> str:
    return str(uuid.uuid4())


def build(*, providers: int = 10, patients: int = 400) -> Arena:
    """Write the arena straight into the bound database, before anybody races."""
    organisation = people.Organisation.create(
        uuid=new_uuid(), name="Arena", time_zone="UTC", country="GB", step_minutes=15
    )
    own = {"organisation_id": organisation.id}
    location = catalogue.Location.create(
        uuid=new_uuid(), name="Ring", address="", time_zone="UTC", phone="", **own
    )
    kind = catalogue.AppointmentType.create(
        uuid=new_uuid(),
        code="RAC",
        name="Race",
        minutes=30,
        before_minutes=0,
        after_minutes=0,
        colour="#0067db",
        requires_exam=False,
        position=0,
        **own,
    )
    for weekday in range(7):
        catalogue.ClinicHours.create(
            location_id=location.id, weekday=weekday, starts_minute=0, ends_minute=1440, **own
        )
    rooms, doctors = [], []
    for number in range(providers):
        room = people.Resource.create(kind="operatory", **own)
        catalogue.Operatory.create(
            id=room.id,
            uuid=new_uuid(),
            location_id=location.id,
            name=f"Room {number + 1}",
            position=number,
            force_insert=True,
            **own,
        )
        rooms.append(room.id)
        doctor = people.Resource.create(kind="provider", **own)
        people.Provider.create(
            id=doctor.id,
            uuid=new_uuid(),
            title="Dr",
            first_name="R",
            last_name=f"Racer{number}",
            initials=f"R{number}",
            colour="#324b5c",
            position=number,
            force_insert=True,
            **own,
        )
        doctors.append(doctor.id)
        for weekday in range(7):
            catalogue.WorkHours.create(
                provider_id=doctor.id,
                location_id=location.id,
                weekday=weekday,
                starts_minute=0,
                ends_minute=1440,
                weeks="every",
                **own,
            )
    return Arena(
        organisation.id,
        location.id,
        kind.id,
        tuple(doctors),
        tuple(rooms),
        tuple(_patient(organisation.id, n) for n in range(patients)),
    )


def _patient(organisation_id: int, number: int) -> int:
    resource = people.Resource.create(kind="patient", organisation_id=organisation_id)
    people.Patient.create(
        id=resource.id,
        uuid=new_uuid(),
        organisation_id=organisation_id,
        number=str(number),
        first_name="Pat",
        last_name=f"Racer{number}",
        gender="",
        email="",
        phone="",
        language="en",
        alert="",
        search=f"racer{number} pat",
        force_insert=True,
    )
    return int(resource.id)


def slots(arena: Arena, count: int) -> list[Slot]:
    """*count* overlapping places: 15 to 45 minutes every 15, and one in eight over midnight."""
    out = []
    for number in range(count):
        which = number % len(arena.provider_ids)
        step = number // len(arena.provider_ids)
        if number % 8 == 7:
            starts_at = MONDAY + timedelta(days=step // 4, hours=23, minutes=15 * (step % 4) + 15)
        else:
            starts_at = MONDAY + timedelta(days=step // 40, hours=8, minutes=15 * (step % 40))
        minutes = (15, 30, 45)[number % 3] if number % 8 != 7 else 60
        out.append(
            Slot(
                arena.provider_ids[which],
                arena.operatory_ids[(which + step) % len(arena.operatory_ids)],
                Span.lasting(starts_at, minutes),
            )
        )
    return out


def racer(store: Store, arena: Arena) -> Actor:
    """Somebody who may do everything, without a row of their own."""
    return Actor(
        store=store,
        organisation_id=arena.organisation_id,
        user_id=None,
        name="Racer",
        role="",
        permissions=frozenset(permissions.ALL),
        origin=Origin.DESK,
    )
