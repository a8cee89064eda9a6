"""What the faces see: frozen values without a query behind them.

All instants are aware and in UTC; ``time_zone`` is the IANA zone in which the time was
agreed. Lists are tuples. A card that was read once never changes; a newer one has a
higher ``version``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span

T = TypeVar("T")


class Origin(StrEnum):
    """The face through which something was booked."""

    DESK = "desk"
    PORTAL = "portal"
    API = "api"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """A practice. ``country`` is ISO 3166, ``step_minutes`` the grid of the starts offered."""

    id: int
    uuid: str
    name: str
    time_zone: str
    country: str
    step_minutes: int
    overbooking: bool


@dataclass(frozen=True, slots=True)
class LocationCard:
    """A house of the organisation, in its own IANA zone."""

    id: int
    uuid: str
    name: str
    address: str
    time_zone: str
    active: bool
    phone: str = ""
    default_operatory_id: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class OperatoryCard:
    """``id`` is the number of its resource."""

    id: int
    uuid: str
    name: str
    location_id: int
    position: int
    active: bool
    version: int = 1


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """``id`` is the number of its resource; ``name`` is as it is shown ("Dr Chen")."""

    id: int
    uuid: str
    name: str
    title: str
    first_name: str
    last_name: str
    initials: str
    colour: str
    qualification_ids: frozenset[int]
    default_location_id: int | None
    position: int
    active: bool
    email: str = ""
    service_code_id: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class TypeCard:
    """An appointment type. Buffers and length in minutes, ``colour`` as ``#rrggbb``."""

    id: int
    uuid: str
    code: str
    name: str
    minutes: int
    before_minutes: int
    after_minutes: int
    colour: str
    requires_exam: bool
    qualification_ids: frozenset[int]
    active: bool
    position: int
    service_code_id: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class CodeCard:
    """A service code or a code modifier: what a visit is charged as, and how it differs."""

    id: int
    uuid: str
    code: str
    name: str
    active: bool
    position: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class PatientCard:
    """``id`` is the number of its resource; ``number`` is what people call the patient's number."""

    id: int
    uuid: str
    version: int
    number: str
    first_name: str
    last_name: str
    name: str
    date_of_birth: date | None
    gender: str
    phone: str
    email: str
    alert: str
    preferred_provider_id: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class AppointmentCard:
    """One appointment as every face shows it; ``span`` is without buffers. ``busy``: its patient
    may not be seen, so that it tells when, with whom and where, and of no patient or type.
    """

    id: int
    uuid: str
    version: int
    span: Span
    time_zone: str
    status: Status
    patient_id: int
    patient_name: str
    patient_born: date | None
    patient_alert: str
    type: TypeCard
    provider: ProviderCard
    operatory: OperatoryCard | None
    location: LocationCard | None
    before_minutes: int
    after_minutes: int
    case_id: int
    main_problem: str
    notes: str
    origin: Origin
    series_id: int | None
    visit_id: str | None
    overbooked: bool
    confirmed_at: datetime | None = None
    arrived_at: datetime | None = None
    in_room_at: datetime | None = None
    completed_at: datetime | None = None
    reason: str = ""
    booked_at: datetime | None = field(default=None, compare=False)
    """Told by the deed that wrote the visit; lists leave it out."""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class EventCard:
    """A calendar event: it takes a provider's or an operatory's time like a visit."""

    id: int
    uuid: str
    version: int
    span: Span
    time_zone: str
    resource_id: int
    title: str
    location_id: int | None
    series_id: int | None


@dataclass(frozen=True, slots=True)
class DiaryView:
    """All that a calendar shows of one period.

    ``open_hours`` is when each provider works (resource id to sorted spans, per location id);
    ``clinic_hours`` is when each location is open. ``seq`` is the head of the history that
    this view has seen; ``read_at`` the instant of reading.
    """

    period: Span
    appointments: tuple[AppointmentCard, ...]
    events: tuple[EventCard, ...]
    open_hours: Mapping[int, tuple[tuple[int, Span], ...]]
    clinic_hours: Mapping[int, tuple[Span, ...]]
    seq: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class OpeningCard:
    """A free place for a visit: ``span`` is without buffers."""

    span: Span
    provider_id: int
    location_id: int | None
    operatory_id: int | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one entity before and after; values as JSON holds them."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class EntityChange:
    """What a deed did to one record, field by field."""

    kind: str
    id: int
    created: bool
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class DeedCard:
    """One line of the history: who did what when, and what it changed."""

    seq: int
    at: datetime
    actor_id: int | None
    actor_name: str
    origin: Origin
    action: str
    reason: str
    undoes: int | None
    changes: tuple[EntityChange, ...]


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a command gives back: its value, the number of its deed, what it touched, and the
    action under which it stands in the history (empty where several deeds are told as one).
    ``earlier`` are the deeds before ``seq`` that belong to the same act, the first one first.
    """

    value: T
    seq: int
    changed: tuple[tuple[str, int], ...] = field(default=())
    action: str = field(default="", compare=False)
    earlier: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Override:
    """A refusal that was set aside on purpose; the reason goes into the history."""

    reason: str
