"""Small builders with defaults: a test says only what matters to it.

They write rows straight into the database of the open store (its triggers still stand
guard), without history; what a test is about goes through the services.
"""

from __future__ import annotations

import itertools
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic_desk.models import catalogue, diary, people
from clinic_desk.rules import permissions
from clinic_desk.rules.spans import Span
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store

TUESDAY = date(2031, 5, 20)
"""A day without a change of clocks or a holiday, in which builders book by default."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Clinic:
    """A small organisation: one location, a provider who works 8 to 18 every day, one room,
    one type of 30 minutes without buffers, one patient."""

    store: Store
    organisation_id: int
    time_zone: str
    location_id: int
    operatory_id: int
    provider_id: int
    type_id: int
    patient_id: int

    def at(self, hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
        """The instant of a wall time at the location."""
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(self.time_zone))
        return wall.astimezone(UTC)

    def span(self, hour: int, minute: int = 0, *, minutes: int = 30, day: date = TUESDAY) -> Span:
        """*minutes* from a wall time at the location."""
        return Span.lasting(self.at(hour, minute, day), minutes)


def a_clinic(
    store: Store,
    *,
    name: str = "Test Clinic",
    time_zone: str = "Europe/Vienna",
    step_minutes: int = 15,
    overbooking: bool = True,
) -> Clinic:
    """An organisation of its own, ready to book in."""
    organisation = people.Organisation.create(
        uuid=_uuid(),
        name=name,
        time_zone=time_zone,
        country="AT",
        step_minutes=step_minutes,
        overbooking=overbooking,
    )
    bare = Clinic(store, organisation.id, time_zone, 0, 0, 0, 0, 0)
    location = a_location(bare)
    placed = Clinic(store, organisation.id, time_zone, location, 0, 0, 0, 0)
    return Clinic(
        store,
        organisation.id,
        time_zone,
        location,
        an_operatory(placed),
        a_provider(placed),
        a_type(placed),
        a_patient(placed),
    )


def a_location(clinic: Clinic, *, hours: tuple[int, int] = (7 * 60, 20 * 60), **fields: Any) -> int:
    """A location that is open every day between these minutes."""
    values = {"name": "Main Street", "time_zone": clinic.time_zone} | fields
    location = catalogue.Location.create(
        uuid=_uuid(), organisation_id=clinic.organisation_id, **values
    )
    for weekday in range(7):
        catalogue.ClinicHours.create(
            organisation_id=clinic.organisation_id,
            location_id=location.id,
            weekday=weekday,
            starts_minute=hours[0],
            ends_minute=hours[1],
        )
    return _done(clinic, location.id)


def an_operatory(clinic: Clinic, **fields: Any) -> int:
    """A room at the clinic's location."""
    number = _resource(clinic, "operatory")
    values = {"name": f"Room {number}", "location_id": clinic.location_id} | fields
    return _own(clinic, catalogue.Operatory, number, values)


def a_provider(
    clinic: Clinic, *, hours: tuple[int, int] | None = (8 * 60, 18 * 60), **fields: Any
) -> int:
    """A provider who works at the clinic's location every day between these minutes; with
    *hours* None, never."""
    number = _resource(clinic, "provider")
    values = {
        "title": "Dr",
        "first_name": "Pat",
        "last_name": f"Provider{number}",
        "initials": f"P{number}",
        "default_location_id": clinic.location_id,
        "position": number,
    } | fields
    _own(clinic, people.Provider, number, values)
    for weekday in range(7) if hours else ():
        assert hours is not None
        work_hours(clinic, number, weekday=weekday, starts_minute=hours[0], ends_minute=hours[1])
    return number


def work_hours(clinic: Clinic, provider_id: int, **fields: Any) -> int:
    """Weekly hours of a provider; Monday 8 to 12 unless told."""
    values = {
        "location_id": clinic.location_id,
        "weekday": 0,
        "starts_minute": 8 * 60,
        "ends_minute": 12 * 60,
    } | fields
    row = catalogue.WorkHours.create(
        organisation_id=clinic.organisation_id, provider_id=provider_id, **values
    )
    return _done(clinic, row.id)


def a_type(clinic: Clinic, *, qualification_ids: tuple[int, ...] = (), **fields: Any) -> int:
    """An appointment type of 30 minutes without buffers, which anybody may give."""
    values = {
        "code": "CHK",
        "name": "Check-up",
        "minutes": 30,
        "colour": "#0067db",
        "requires_exam": False,
    } | fields
    row = catalogue.AppointmentType.create(
        uuid=_uuid(), organisation_id=clinic.organisation_id, **values
    )
    for number in qualification_ids:
        catalogue.TypeQualification.create(
            organisation_id=clinic.organisation_id, type_id=row.id, qualification_id=number
        )
    return _done(clinic, row.id)


def a_qualification(clinic: Clinic, name: str = "Dentist", *provider_ids: int) -> int:
    """A qualification that these providers have."""
    row = catalogue.Qualification.create(
        uuid=_uuid(), organisation_id=clinic.organisation_id, name=name
    )
    for number in provider_ids:
        catalogue.ProviderQualification.create(
            organisation_id=clinic.organisation_id, provider_id=number, qualification_id=row.id
        )
    return _done(clinic, row.id)


def a_patient(clinic: Clinic, **fields: Any) -> int:
    """A patient with a name and a number of their own."""
    number = _resource(clinic, "patient")
    values = {"first_name": "Jane", "last_name": f"Smith{number}", "number": str(number)} | fields
    values.setdefault("search", f"{values['last_name']} {values['first_name']}".casefold())
    return _own(clinic, people.Patient, number, values)


def a_case(clinic: Clinic, patient_id: int | None = None, **fields: Any) -> int:
    """An open case of a patient."""
    values = {"main_problem": "Check-up", "type_id": clinic.type_id} | fields
    row = diary.Case.create(
        uuid=_uuid(),
        organisation_id=clinic.organisation_id,
        patient_id=patient_id or clinic.patient_id,
        **values,
    )
    return int(row.id)


def an_appointment(clinic: Clinic, span: Span | None = None, **fields: Any) -> int:
    """A scheduled visit, at ten on the builders' Tuesday unless told; its id."""
    span = span or clinic.span(10)
    patient_id = fields.pop("patient_id", clinic.patient_id)
    local = span.starts_at.astimezone(ZoneInfo(clinic.time_zone))
    values = {
        "location_id": clinic.location_id,
        "provider_id": clinic.provider_id,
        "operatory_id": None,
        "type_id": clinic.type_id,
        "time_zone": clinic.time_zone,
        "wall_starts": local.strftime("%Y-%m-%dT%H:%M"),
        "status": "scheduled",
        "booked_at": span.starts_at - timedelta(days=7),
    } | fields
    values.setdefault("case_id", None)
    values["case_id"] = values["case_id"] or a_case(clinic, patient_id)
    row = diary.Appointment.create(
        uuid=_uuid(),
        organisation_id=clinic.organisation_id,
        patient_id=patient_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        **values,
    )
    return int(row.id)


def an_event(clinic: Clinic, span: Span | None = None, **fields: Any) -> int:
    """A calendar event of the clinic's provider, at noon unless told; its id."""
    span = span or clinic.span(12)
    values = {
        "resource_id": clinic.provider_id,
        "location_id": clinic.location_id,
        "time_zone": clinic.time_zone,
        "title": "Team meeting",
    } | fields
    row = diary.CalendarEvent.create(
        uuid=_uuid(),
        organisation_id=clinic.organisation_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        **values,
    )
    return int(row.id)


def a_role(clinic: Clinic, names: frozenset[str] | None = None, *, name: str = "") -> int:
    """A role with these permissions; with all of them unless told."""
    granted = permissions.ALL if names is None else names
    row = people.Role.create(
        uuid=_uuid(),
        organisation_id=clinic.organisation_id,
        name=name or f"Role {next(_numbers)}",
        permissions=json.dumps(sorted(granted)),
    )
    return _done(clinic, row.id)


def a_user(clinic: Clinic, names: frozenset[str] | None = None, **fields: Any) -> int:
    """Somebody with these permissions, whose password nobody knows."""
    values = {
        "name": f"user{next(_numbers)}",
        "display_name": "Test User",
        "approvals": True,
    } | fields
    row = people.User.create(
        uuid=_uuid(),
        organisation_id=clinic.organisation_id,
        password_hash="!",
        role_id=a_role(clinic, names),
        **values,
    )
    return _done(clinic, row.id)


def an_actor(
    clinic: Clinic, names: frozenset[str] | None = None, *, origin: Origin = Origin.DESK
) -> Actor:
    """A signed-in user with these permissions; with all of them unless told."""
    granted = frozenset(permissions.ALL) if names is None else names
    user_id = a_user(clinic, granted)
    return Actor(
        store=clinic.store,
        organisation_id=clinic.organisation_id,
        user_id=user_id,
        name="Test User",
        role="Test",
        permissions=granted,
        origin=origin,
    )


def _own(clinic: Clinic, model: Any, number: int, values: dict[str, Any]) -> int:
    model.create(
        id=number,
        uuid=_uuid(),
        organisation_id=clinic.organisation_id,
        force_insert=True,
        **values,
    )
    return _done(clinic, number)


def _resource(clinic: Clinic, kind: str) -> int:
    row = people.Resource.create(organisation_id=clinic.organisation_id, kind=kind)
    return int(row.id)


def _done(clinic: Clinic, number: Any) -> int:
    """The store reads its catalogue anew: these rows came past the door."""
    clinic.store.forget_catalogue(clinic.organisation_id)
    return int(number)


def _uuid() -> str:
    return str(uuid.uuid4())
