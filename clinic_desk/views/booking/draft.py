"""What is known so far of what is being booked; each answer is kept until it is changed. No Qt."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, PatientCard
from clinic_desk.services.case_cards import Plan
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Wish
from clinic_desk.views.slots import Slot

WHAT, TIME, PATIENT, SUMMARY = range(4)
"""The steps in their order."""

MOST_TOGETHER = 8
"""So many services one visit may have."""


@dataclass
class Part:
    """A service that is wanted. ``minutes`` None: as long as its type says; ``provider_id``
    None: anybody; ``gap_minutes`` is the pause after the service before it in the same visit;
    ``seat`` is the time that was chosen.
    """

    type_id: int
    minutes: int | None = None
    gap_minutes: int = 0
    provider_id: int | None = None
    seat: Seat | None = None

    @property
    def service(self) -> Service:
        """As it is looked for."""
        who = None if self.provider_id is None else (self.provider_id,)
        return Service(self.type_id, self.minutes, who, gap_minutes=self.gap_minutes)


@dataclass
class Draft:
    """The answers. ``desk`` is the name under which the chosen times are held; ``sought`` is
    what was typed of a patient's name while nobody was chosen.
    """

    problem: str = ""
    parts: list[Part] = field(default_factory=list)
    together: bool = True
    same_provider: bool = False
    location_id: int | None = None
    day: date | None = None
    patient: PatientCard | None = None
    notes: str = ""
    case_id: int | None = None
    sought: str = ""
    desk: str = field(default_factory=lambda: f"flow-{uuid.uuid4()}")

    @classmethod
    def at(
        cls,
        catalogue: Catalogue,
        slot: Slot,
        type_id: int,
        *,
        patient: PatientCard | None = None,
        notes: str = "",
    ) -> Draft:
        """What a sweep over the calendar or the quick form knows: the time is chosen already."""
        kind = catalogue.types[type_id]
        seat = Seat(
            type_id,
            slot.span,
            slot.provider_id,
            slot.location_id,
            slot.operatory_id,
            kind.before_minutes,
            kind.after_minutes,
        )
        minutes = None if slot.span.minutes == kind.minutes else slot.span.minutes
        part = Part(type_id, minutes, provider_id=slot.provider_id, seat=seat)
        return cls(parts=[part], location_id=slot.location_id, patient=patient, notes=notes)

    @classmethod
    def again(cls, card: AppointmentCard, patient: PatientCard) -> Draft:
        """The same once more: patient, problem, service, length, who and where."""
        minutes = None if card.span.minutes == card.type.minutes else card.span.minutes
        return cls(
            problem=card.main_problem,
            parts=[Part(card.type.id, minutes, provider_id=card.provider.id)],
            location_id=card.location.id if card.location is not None else None,
            patient=patient,
        )

    @property
    def visits(self) -> list[list[Part]]:
        """The services visit by visit."""
        if self.together:
            return [self.parts] if self.parts else []
        return [[part] for part in self.parts]

    @property
    def seats(self) -> tuple[Seat, ...]:
        """All times chosen so far."""
        return tuple(part.seat for part in self.parts if part.seat is not None)

    @property
    def has_times(self) -> bool:
        """Whether every service has its time."""
        return bool(self.parts) and all(part.seat is not None for part in self.parts)

    @property
    def is_begun(self) -> bool:
        """Whether something was written or chosen that would be missed."""
        return bool(self.problem.strip() or self.notes.strip() or self.patient or self.seats)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        named = bool(self.problem.strip()) or self.case_id is not None
        return named and self.has_times and self.patient is not None

    def open_visit(self) -> int | None:
        """The first visit that has no time yet."""
        for number, visit in enumerate(self.visits):
            if any(part.seat is None for part in visit):
                return number
        return None

    def wish(self, number: int) -> Wish:
        """What is looked for as visit *number*, beside the times of the others."""
        visits = self.visits
        others = [part for n, visit in enumerate(visits) if n != number for part in visit]
        return Wish(
            tuple(part.service for part in visits[number]),
            location_id=self.location_id,
            same_provider=self.same_provider and self.together,
            patient_id=self.patient.id if self.patient is not None else None,
            desk=self.desk,
            chosen=tuple(part.seat for part in others if part.seat is not None),
        )

    def take(self, number: int, offer: TimeOffer) -> None:
        """Give visit *number* the places of *offer*."""
        for part, seat in zip(self.visits[number], offer.seats, strict=True):
            part.seat = seat

    def drop(self, number: int) -> None:
        """Visit *number* has no time any more."""
        for part in self.visits[number]:
            part.seat = None

    def set_services(self, wanted: Sequence[Part], *, together: bool) -> None:
        """Other services, another order or other pauses. A visit that stays as it was keeps its
        time.
        """
        before = [[(p.service, p.seat) for p in visit] for visit in self.visits]
        self.parts, self.together = list(wanted), together
        for number, visit in enumerate(self.visits):
            asked = [part.service for part in visit]
            same = next((v for v in before if [service for service, _s in v] == asked), None)
            if same is None:
                self.drop(number)
                continue
            before.remove(same)
            for part, (_service, seat) in zip(visit, same, strict=True):
                part.seat = seat

    def length(self, catalogue: Catalogue, part: Part) -> int:
        """How many minutes a service takes."""
        return part.minutes or catalogue.types[part.type_id].minutes

    def plan(self) -> Plan:
        """What is to be scheduled. Only where nothing is missing."""
        assert self.patient is not None
        return Plan(
            patient_id=self.patient.id,
            main_problem=self.problem,
            visits=tuple(
                tuple(part.seat for part in visit if part.seat is not None) for visit in self.visits
            ),
            case_id=self.case_id,
            notes=self.notes,
            desk=self.desk,
        )


def span_of(seats: Sequence[Seat]) -> Span:
    """From the first beginning to the last end of a visit's services."""
    return Span(min(s.span.starts_at for s in seats), max(s.span.ends_at for s in seats))


def next_month(month: date, by: int) -> date:
    """The first day of the month *by* months later."""
    index = month.year * 12 + month.month - 1 + by
    return date(index // 12, index % 12 + 1, 1)


A_DAY = timedelta(days=1)
