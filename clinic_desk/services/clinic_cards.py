"""What is typed when a clinic sets itself up, and what its pages show beside the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.services.cards import LocationCard, ProviderCard


@dataclass(frozen=True, slots=True)
class LocationDraft:
    """A location as somebody wants it. ``hours`` say when it is open (their own location and
    weeks are not read), ``closed`` its closed days by name; without hours it is always open.
    """

    name: str
    address: str = ""
    time_zone: str = ""
    phone: str = ""
    default_operatory_id: int | None = None
    active: bool = True
    hours: tuple[Weekly, ...] = ()
    closed: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LocationFile:
    """A location with its opening hours and closed days, both sorted."""

    card: LocationCard
    hours: tuple[Weekly, ...]
    closed: tuple[tuple[date, str], ...]

    @property
    def draft(self) -> LocationDraft:
        """The same as it would be typed."""
        card = self.card
        return LocationDraft(
            card.name,
            card.address,
            card.time_zone,
            card.phone,
            card.default_operatory_id,
            card.active,
            self.hours,
            self.closed,
        )


@dataclass(frozen=True, slots=True)
class OperatoryDraft:
    """A room or chair as somebody wants it."""

    name: str
    location_id: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class ProviderDraft:
    """A provider as somebody wants them. ``weekdays`` is where they usually are: pairs of
    weekday (0 is Monday) and location.
    """

    last_name: str
    first_name: str = ""
    title: str = ""
    initials: str = ""
    email: str = ""
    colour: str = "#4a6fa5"
    qualification_ids: frozenset[int] = frozenset()
    default_location_id: int | None = None
    service_code_id: int | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class DayCard:
    """One exception of a provider's hours: ``hours`` without minutes is an absence."""

    id: int
    hours: OneDay
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """A provider with weekly hours and the exceptions from yesterday on, all sorted."""

    card: ProviderCard
    weekly: tuple[Weekly, ...]
    days: tuple[DayCard, ...]
    weekdays: tuple[tuple[int, int], ...]

    @property
    def draft(self) -> ProviderDraft:
        """The same, without hours, as it would be typed."""
        card = self.card
        return ProviderDraft(
            last_name=card.last_name,
            first_name=card.first_name,
            title=card.title,
            initials=card.initials,
            email=card.email,
            colour=card.colour,
            qualification_ids=card.qualification_ids,
            default_location_id=card.default_location_id,
            service_code_id=card.service_code_id,
            weekdays=self.weekdays,
            active=card.active,
        )


@dataclass(frozen=True, slots=True)
class TypeDraft:
    """An appointment type as somebody wants it; lengths in minutes, ``colour`` ``#rrggbb``.
    Whoever has one of ``qualification_ids`` may give it; where there are none, everybody.
    """

    name: str
    code: str = ""
    minutes: int = 30
    before_minutes: int = 0
    after_minutes: int = 0
    colour: str = "#4a6fa5"
    requires_exam: bool = False
    qualification_ids: frozenset[int] = frozenset()
    service_code_id: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class CodeDraft:
    """A service code, or a code modifier, as somebody wants it."""

    code: str
    name: str
    active: bool = True
