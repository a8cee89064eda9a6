"""What is looked for, and what is offered: the values of the booking flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from clinic_desk.rules.conflicts import Conflict
from clinic_desk.rules.spans import Span


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a wish.

    ``minutes`` None: as long as its type says. ``provider_ids`` None: anybody who may give it,
    else one of these, rather the first. ``operatory_ids`` None: any room of the location, where
    it has some; empty: none is needed. ``gap_minutes`` is the pause after the service before
    it in the same visit; where one provider gives both, the buffers have to fit in as well.
    """

    type_id: int
    minutes: int | None = None
    provider_ids: tuple[int, ...] | None = None
    operatory_ids: tuple[int, ...] | None = None
    gap_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """A service in its place: who gives it, when and where. ``span`` is without the buffers."""

    type_id: int
    span: Span
    provider_id: int
    location_id: int | None
    operatory_id: int | None
    before_minutes: int = 0
    after_minutes: int = 0

    @property
    def padded(self) -> Span:
        """The time of provider and room."""
        return self.span.padded(self.before_minutes, self.after_minutes)


@dataclass(frozen=True, slots=True)
class Wish:
    """The services of one visit, in their order, one after the other at one location.

    ``location_id`` None: wherever the providers work. ``same_provider``: one person gives all
    of them. ``desk`` is the name of the dialog, whose own holds do not count; ``chosen`` is
    what it has chosen for other visits, which does. A dialog that wants each service in a visit
    of its own asks with a wish for each.
    """

    services: tuple[Service, ...]
    location_id: int | None = None
    patient_id: int | None = None
    same_provider: bool = False
    desk: str = ""
    chosen: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeOffer:
    """A start (UTC), with a seat for each service, or every reason why there is none.

    ``provider_ids`` are all who could give the first service then, the preferred first.
    """

    starts_at: datetime
    seats: tuple[Seat, ...] = ()
    provider_ids: tuple[int, ...] = ()
    reasons: tuple[Conflict, ...] = ()

    @property
    def bookable(self) -> bool:
        """Whether the visit can start then."""
        return bool(self.seats)


class EmptyDay(StrEnum):
    """Why a day offers nothing."""

    PAST = "past"
    CLOSED = "closed"
    AWAY = "away"
    NOBODY = "nobody"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class DayOffer:
    """A day of the location's calendar; ``first`` is its first start that can be booked. Where
    there is none, ``why``, and ``name``: of the closed day, or of those who are away.
    """

    day: date
    first: datetime | None
    why: EmptyDay | None = None
    name: str = ""

    @property
    def bookable(self) -> bool:
        """Whether at least one start can be booked."""
        return self.first is not None


class Why(StrEnum):
    """Why no day can be offered."""

    TYPE_INACTIVE = "type inactive"
    PROVIDER_INACTIVE = "provider inactive"
    NOBODY_QUALIFIED = "nobody qualified"
    LOCATION_CLOSED = "location closed"
    NO_HOURS = "no hours"
    FULL = "full"


class Way(StrEnum):
    """What can be done about it, as a button."""

    PROVIDER_DAYS = "provider days"
    ANOTHER_PROVIDER = "another provider"
    FIRST_OPENING = "first opening"


@dataclass(frozen=True, slots=True)
class NoDay:
    """Why no day can be offered: ``message`` and ``way_out`` are templates for translation
    with the places of ``params``, as an error's are; ``str()`` is the English sentence.

    ``provider_ids`` are the other providers who may give it, ``opening`` the first one that
    anybody has, where there is one.
    """

    why: Why
    message: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    way_out: str = ""
    ways: tuple[Way, ...] = ()
    provider_ids: tuple[int, ...] = ()
    opening: TimeOffer | None = None

    def __str__(self) -> str:
        return f"{self.message} {self.way_out}".strip().format(**self.params)
