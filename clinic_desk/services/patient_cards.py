"""What the faces see of a patient beside the short card of lists: the page and what is on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from clinic_desk.services.cards import AppointmentCard, PatientCard
from clinic_desk.services.case_cards import CaseLine


class Likeness(StrEnum):
    """Why two records may be the same person's."""

    BORN = "born"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class SimilarPatient:
    """A patient of the organisation who may be the one that is being registered."""

    patient: PatientCard
    likeness: frozenset[Likeness]


@dataclass(frozen=True, slots=True)
class PatientPlace:
    """Where a page of the list of patients ended: by the folded name, and by the number of
    those who are called alike.
    """

    key: str
    id: int


@dataclass(frozen=True, slots=True)
class PatientData:
    """All that is written down of a patient. ``medical_alert`` is None for who may not see it;
    ``may_change`` is for whoever asked. ``registered_at`` is None where nobody noted it.
    """

    id: int
    uuid: str
    version: int
    number: str
    first_name: str
    last_name: str
    date_of_birth: date | None
    gender: str
    language: str
    phone: str
    email: str
    address: str
    postcode: str
    city: str
    country: str
    national_id: str
    alert: str
    medical_alert: str | None
    guardian_name: str
    guardian_relation: str
    guardian_phone: str
    guardian_email: str
    preferred_provider_id: int | None
    registered_at: datetime | None
    active: bool
    merged_into_id: int | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class PatientCounts:
    """How many appointments a patient has: to come, over, missed, cancelled or declined."""

    ahead: int = 0
    over: int = 0
    missed: int = 0
    gone: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.ahead + self.over + self.missed + self.gone


@dataclass(frozen=True, slots=True)
class CareMember:
    """Somebody who looks after a patient; ``role`` is in the clinic's own words."""

    id: int
    version: int
    user_id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class FormerRecord:
    """A record that was merged into another one, and what people called its number."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class PatientPage:
    """The page of a patient. ``upcoming`` begins with the next visit, ``past`` with the latest.
    ``not_booked`` would be to come by their time, the next first: asked for, declined, cancelled,
    or with their booking undone. ``former`` are the records that were merged into this one.
    """

    card: PatientCard
    data: PatientData
    upcoming: tuple[AppointmentCard, ...]
    not_booked: tuple[AppointmentCard, ...]
    past: tuple[AppointmentCard, ...]
    cases: tuple[CaseLine, ...]
    counts: PatientCounts
    care_team: tuple[CareMember, ...]
    former: tuple[FormerRecord, ...]

    @property
    def former_numbers(self) -> tuple[str, ...]:
        """The numbers of records that were merged into this one."""
        return tuple(record.number for record in self.former)
