"""A small practice as rows, for tests of the database itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.catalogue import AppointmentType, Location, Operatory, Permit
from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Organisation, Patient, Provider, Resource, Role, User

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
"""The Monday morning on which everything happens."""


def new_uuid() -> str:
    return str(uuid.uuid4())


class Practice:
    """Two providers, two rooms, two patients, two visits (nine and eleven o'clock), a permit."""

    def __init__(self, name: str = "One") -> None:
        organisation = Organisation.create(
            uuid=new_uuid(), name=name, time_zone="Europe/Berlin", country="DE"
        )
        self.id = int(organisation.id)
        self.location = Location.create(
            uuid=new_uuid(), organisation_id=self.id, name="House", time_zone="Europe/Berlin"
        )
        self.providers = [self._provider(n) for n in ("Chen", "Okafor")]
        self.operatories = [self._operatory(n) for n in ("1", "2")]
        self.patients = [self.patient(n) for n in ("Garcia", "Müller")]
        self.type_id = AppointmentType.create(
            uuid=new_uuid(), organisation_id=self.id, name="Check", minutes=60
        ).id
        self.cases = [
            Case.create(
                uuid=new_uuid(), organisation_id=self.id, patient_id=p, main_problem="Pain"
            ).id
            for p in self.patients
        ]
        role = Role.create(uuid=new_uuid(), organisation_id=self.id, name="Desk")
        self.user_id = User.create(
            uuid=new_uuid(),
            organisation_id=self.id,
            name=f"{name.lower()}-desk",
            display_name="Desk",
            password_hash="-",
            role_id=role.id,
        ).id
        self.permit_id = self.permit()

    def book(self, starts_at: datetime = NINE, minutes: int = 60, **more: Any) -> int:
        """Store a visit of the first provider, room and patient; gives its number."""
        patient_id = more.get("patient_id", self.patients[0])
        case_id = self.cases[self.patients.index(patient_id)] if patient_id in self.patients else 0
        fields: dict[str, Any] = {
            "uuid": new_uuid(),
            "organisation_id": self.id,
            "location_id": self.location.id,
            "provider_id": self.providers[0],
            "operatory_id": self.operatories[0],
            "patient_id": patient_id,
            "case_id": case_id or self.cases[0],
            "type_id": self.type_id,
            "starts_at": starts_at,
            "ends_at": starts_at.astimezone(UTC) + timedelta(minutes=minutes),
            "time_zone": "Europe/Berlin",
            "wall_starts": "2030-01-07T10:00",
            "status": "scheduled",
            "booked_at": NINE,
        }
        return int(Appointment.create(**(fields | more)).id)

    def permit(self) -> int:
        return int(
            Permit.create(
                organisation_id=self.id, user_id=self.user_id, reason="pain", granted_at=NINE
            ).id
        )

    def _resource(self, kind: str) -> int:
        return int(Resource.create(organisation_id=self.id, kind=kind).id)

    def _provider(self, name: str) -> int:
        number = self._resource("provider")
        Provider.create(
            force_insert=True, id=number, uuid=new_uuid(), organisation_id=self.id, last_name=name
        )
        return number

    def _operatory(self, name: str) -> int:
        number = self._resource("operatory")
        Operatory.create(
            force_insert=True,
            id=number,
            uuid=new_uuid(),
            organisation_id=self.id,
            location_id=self.location.id,
            name=name,
        )
        return number

    def patient(self, name: str) -> int:
        number = self._resource("patient")
        Patient.create(
            force_insert=True,
            id=number,
            uuid=new_uuid(),
            organisation_id=self.id,
            number=str(number),
            last_name=name,
            search=name.lower(),
        )
        return number
