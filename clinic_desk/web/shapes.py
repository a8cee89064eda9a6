"""What goes over the wire: the documents of the API, field by field."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from clinic_desk.rules import clinic_time
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import contacts, lengths, patient_fields
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.cards import (
    LocationCard,
    OperatoryCard,
    PatientCard,
    ProviderCard,
    TypeCard,
)
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.web import times
from clinic_desk.web.times import Time

T = TypeVar("T")


def _text(longest: int) -> Any:
    """A text of so many characters. The services refuse a longer one beside all else that is
    wrong; here is only the end of all texts.
    """
    return Field(max_length=lengths.NOTES, json_schema_extra={"maxLength": longest})


Name = Annotated[str, _text(patient_fields.LONGEST_NAME)]
Gender = Annotated[str, _text(patient_fields.LONGEST["gender"])]
Phone = Annotated[str, _text(contacts.LONGEST_PHONE)]
Email = Annotated[str, _text(contacts.LONGEST)]
Reason = Annotated[str, _text(lengths.REASON)]
Notes = Annotated[str, _text(lengths.NOTES)]
Step = Literal["scheduled", "confirmed", "arrived", "completed", "cancelled", "missed"]


def _counted(given: object) -> object:
    return "" if isinstance(given, bool | str) else given  # which is told to be no number


Version = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(_counted)]
"""``true`` and ``"1"`` are no versions, whatever else they may be taken for."""


def _written(given: object) -> object:
    if given is None or (isinstance(given, str) and re.fullmatch(times.DAY, given)):
        return given
    return ""  # which is told to be no date


Day = Annotated[date, BeforeValidator(_written)]
"""A date as the document writes it: a number would be taken for seconds since 1970."""


class Given(BaseModel):
    """What is sent to us: a field that is not listed is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class All(BaseModel, Generic[T]):
    """A whole list."""

    items: list[T]
    total: int


class Page(BaseModel, Generic[T]):
    """A page of a list; pages count from 1. The next one is named by the Link header."""

    items: list[T]
    page: int
    page_size: int
    total: int


class Patient(BaseModel):
    """A patient."""

    uuid: str
    first_name: str
    last_name: str
    date_of_birth: date | None
    primary_phone: str | None
    email: str | None
    preferred_provider_uuid: str | None


class NewPatient(Given):
    """A patient to register."""

    first_name: Name = ""
    last_name: Annotated[Name, Field(min_length=1, pattern=r"\S")]
    date_of_birth: Day | None = None
    primary_phone: Phone | None = None
    email: Email | None = None
    gender: Gender | None = None
    preferred_provider_uuid: UUID | None = None


class AppointmentType(BaseModel):
    """What can be booked."""

    uuid: str
    code: str
    name: str
    duration_minutes: int
    color: str
    requires_exam: bool
    is_active: bool


class Location(BaseModel):
    """A house of the organisation."""

    uuid: str
    name: str
    address: str
    phone: str
    time_zone: str
    is_active: bool


class Provider(BaseModel):
    """Somebody who gives appointments."""

    uuid: str
    first_name: str
    last_name: str
    title: str
    is_active: bool
    default_location_uuid: str | None


class Operatory(BaseModel):
    """A room."""

    uuid: str
    name: str
    location_uuid: str
    is_active: bool


class PatientName(BaseModel):
    """Whose appointment it is."""

    uuid: str
    first_name: str
    last_name: str


class TypeName(BaseModel):
    """What it is."""

    uuid: str
    name: str
    duration_minutes: int
    color: str


class Named(BaseModel):
    """A location or a room."""

    uuid: str
    name: str


class ProviderName(BaseModel):
    """Who gives it."""

    uuid: str
    first_name: str
    last_name: str
    title: str


class Appointment(BaseModel):
    """An appointment. ``scheduled_start`` and ``scheduled_end`` are the wall time in
    ``time_zone``; ``starts_at`` and ``ends_at`` are the same with their offset.
    """

    uuid: str
    status: Status
    patient: PatientName
    appointment_type: TypeName
    scheduled_start: str
    scheduled_end: str
    location: Named | None
    provider: ProviderName
    operatory: Named | None
    notes: str
    created_at: str
    version: int
    starts_at: str
    ends_at: str
    time_zone: str


class NewAppointment(Given):
    """An appointment to book. Without a room, a free one at the location is taken."""

    patient_uuid: UUID
    appointment_type_uuid: UUID
    location_uuid: UUID
    provider_uuid: UUID
    scheduled_start: Time
    scheduled_end: Time
    notes: Notes = ""
    operatory_uuid: UUID | None = None


MAY_BE_NULL = frozenset({"operatory_uuid", "version"})
"""No room, and no version: elsewhere null would mean nothing, and nothing is left out silently."""


def _no_null(schema: dict[str, Any]) -> None:
    """The description says what is refused: null in any other field."""
    for name, told in schema["properties"].items():
        if name not in MAY_BE_NULL and "anyOf" in told:
            (kind,) = (kind for kind in told.pop("anyOf") if kind != {"type": "null"})
            told.pop("default")
            told.update(kind)


class AppointmentChange(Given):
    """What is to change; what is not sent stays as it is. ``version`` is the one that was read;
    without it the newest is changed. ``reason`` is why the status changes.
    """

    model_config = ConfigDict(json_schema_extra=_no_null)

    status: Step | None = None
    reason: Reason = ""
    notes: Notes | None = None
    scheduled_start: Time | None = None
    scheduled_end: Time | None = None
    appointment_type_uuid: UUID | None = None
    provider_uuid: UUID | None = None
    location_uuid: UUID | None = None
    operatory_uuid: UUID | None = None
    version: Version | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _sent(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.field_name not in MAY_BE_NULL:
            raise ValueError("null")
        return value


class Cancelling(Given):
    """Why an appointment is cancelled."""

    reason: Reason = ""
    version: Version | None = None


class Opening(BaseModel):
    """A start that can be booked; times as an appointment has them."""

    scheduled_start: str
    scheduled_end: str
    starts_at: str
    ends_at: str
    time_zone: str
    provider_uuid: str
    location_uuid: str | None
    operatory_uuid: str | None


class WhyNone(BaseModel):
    """Why nothing can be offered, and what can be done about it. ``next_opening`` is the first
    start from then on that anybody has who may give it, at another location if none here has one.
    """

    kind: str
    detail: str
    way_out: str
    next_opening: Opening | None = None


class Availability(BaseModel):
    """Free starts, the earliest first. ``complete`` is false where the limit cut them off."""

    items: list[Opening]
    total: int
    complete: bool
    reason: WhyNone | None = None


def patient(known: Catalogue, card: PatientCard) -> Patient:
    """A patient's document."""
    preferred = known.providers.get(card.preferred_provider_id or 0)
    return Patient(
        uuid=card.uuid,
        first_name=card.first_name,
        last_name=card.last_name,
        date_of_birth=card.date_of_birth,
        primary_phone=card.phone or None,
        email=card.email or None,
        preferred_provider_uuid=preferred.uuid if preferred else None,
    )


def appointment_type(card: TypeCard) -> AppointmentType:
    """A type's document."""
    return AppointmentType(
        uuid=card.uuid,
        code=card.code,
        name=card.name,
        duration_minutes=card.minutes,
        color=card.colour,
        requires_exam=card.requires_exam,
        is_active=card.active,
    )


def location(card: LocationCard) -> Location:
    """A location's document."""
    return Location(
        uuid=card.uuid,
        name=card.name,
        address=card.address,
        phone=card.phone,
        time_zone=card.time_zone,
        is_active=card.active,
    )


def provider(known: Catalogue, card: ProviderCard) -> Provider:
    """A provider's document."""
    usual = known.locations.get(card.default_location_id or 0)
    return Provider(
        uuid=card.uuid,
        first_name=card.first_name,
        last_name=card.last_name,
        title=card.title,
        is_active=card.active,
        default_location_uuid=usual.uuid if usual else None,
    )


def operatory(known: Catalogue, card: OperatoryCard) -> Operatory:
    """A room's document."""
    house = known.locations[card.location_id]
    return Operatory(
        uuid=card.uuid, name=card.name, location_uuid=house.uuid, is_active=card.active
    )


def appointment(visit: Visit) -> Appointment:
    """An appointment's document."""
    card, zone = visit.card, clinic_time.zone(visit.card.time_zone)
    kind, who = card.type, card.provider
    return Appointment(
        uuid=card.uuid,
        status=card.status,
        patient=PatientName(
            uuid=visit.patient_uuid, first_name=visit.first_name, last_name=visit.last_name
        ),
        appointment_type=TypeName(
            uuid=kind.uuid, name=kind.name, duration_minutes=kind.minutes, color=kind.colour
        ),
        scheduled_start=times.wall(card.span.starts_at, zone),
        scheduled_end=times.wall(card.span.ends_at, zone),
        location=Named(uuid=card.location.uuid, name=card.location.name) if card.location else None,
        provider=ProviderName(
            uuid=who.uuid, first_name=who.first_name, last_name=who.last_name, title=who.title
        ),
        operatory=Named(uuid=card.operatory.uuid, name=card.operatory.name)
        if card.operatory
        else None,
        notes=card.notes,
        created_at=times.utc(visit.booked_at),
        version=card.version,
        starts_at=times.offset(card.span.starts_at, zone),
        ends_at=times.offset(card.span.ends_at, zone),
        time_zone=card.time_zone,
    )
