"""A new visit put aside before it has a time: what is known of it waits on the pinboard.

It looks like a visit to whatever carries one over the calendar; where it is dropped, the booking
window opens with all that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, Origin, PatientCard
from clinic_desk.views.booking.draft import Draft, Part
from clinic_desk.views.slots import Slot

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue

FIRST = -(10**15)
"""The numbers of wishes lie below this one: the calendar's events have the lesser negative ones."""

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""It stands nowhere; a card has a time all the same."""


@dataclass(frozen=True, slots=True)
class PinnedWish(AppointmentCard):
    """``id`` is below ``FIRST``: it is no visit yet. ``parts`` are type, minutes (None: as its
    type), pause and provider (None: anybody) of each service.
    """

    patient: PatientCard | None = None
    parts: tuple[tuple[int, int | None, int, int | None], ...] = ()
    problem: str = ""
    wanted_case_id: int | None = None
    wanted_location_id: int | None = None
    together: bool = True
    sought: str = ""

    @property
    def name(self) -> str:
        """Whom it is for, where that is known."""
        return self.patient_name or self.sought or _("New appointment")

    def draft(self) -> Draft:
        """What the booking window begins with, but for the time."""
        return Draft(
            problem=self.problem,
            parts=[Part(kind, minutes, gap, who) for kind, minutes, gap, who in self.parts],
            together=self.together,
            location_id=self.wanted_location_id,
            patient=self.patient,
            notes=self.notes,
            case_id=self.wanted_case_id,
            sought=self.sought,
        )

    def draft_at(self, catalogue: Catalogue, slot: Slot) -> Draft:
        """The same, dropped at *slot*: one service has its time, several have person and place."""
        known = self.draft()
        if len(self.parts) != 1:
            known.location_id = slot.location_id
            return known
        kind = catalogue.types[self.parts[0][0]]
        length = self.parts[0][1] or kind.minutes
        span = Span.lasting(slot.span.starts_at, length)
        placed = Draft.at(catalogue, replace(slot, span=span), kind.id)
        known.parts, known.location_id = placed.parts, placed.location_id
        return known

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "patient_id": self.patient.id if self.patient else None,
            "parts": [list(part) for part in self.parts],
            "problem": self.problem,
            "notes": self.notes,
            "case_id": self.wanted_case_id,
            "location_id": self.wanted_location_id,
            "together": self.together,
            "sought": self.sought,
        }


def wish_of(catalogue: Catalogue, draft: Draft, number: int) -> PinnedWish | None:
    """What *draft* knows as a card with this number, below ``FIRST``; None where no type or
    provider is there that it could be for.
    """
    kinds = sorted((t for t in catalogue.types.values() if t.active), key=lambda t: t.position)
    parts = [part for part in draft.parts if part.type_id in catalogue.types]
    if not parts and kinds:
        parts = [Part(kinds[0].id)]
    people = [p for p in catalogue.providers.values() if p.active]
    if not parts or not people:
        return None
    kind = catalogue.types[parts[0].type_id]
    together = parts if draft.together else parts[:1]
    length = sum(draft.length(catalogue, p) + p.gap_minutes for p in together)
    asked = catalogue.providers.get(parts[0].provider_id or 0)
    patient = draft.patient
    return PinnedWish(
        id=number,
        uuid="",
        version=0,
        span=Span.lasting(_BEFORE_ALL, length),
        time_zone=catalogue.time_zone(draft.location_id),
        status=Status.SCHEDULED,
        patient_id=patient.id if patient else 0,
        patient_name=patient.name if patient else "",
        patient_born=patient.date_of_birth if patient else None,
        patient_alert=patient.alert if patient else "",
        type=kind,
        provider=asked or min(people, key=lambda p: p.position),
        operatory=None,
        location=catalogue.locations.get(draft.location_id or 0),
        before_minutes=kind.before_minutes,
        after_minutes=kind.after_minutes,
        case_id=draft.case_id or 0,
        main_problem=draft.problem,
        notes=draft.notes,
        origin=Origin.DESK,
        series_id=None,
        visit_id=None,
        overbooked=False,
        patient=patient,
        parts=tuple((p.type_id, p.minutes, p.gap_minutes, p.provider_id) for p in parts),
        problem=draft.problem,
        wanted_case_id=draft.case_id,
        wanted_location_id=draft.location_id,
        together=draft.together,
        sought=draft.sought,
    )


def read(actor: Actor, values: Mapping[str, Any], number: int) -> PinnedWish | None:
    """What :meth:`PinnedWish.stored` kept; None where its patient is gone or it makes no sense.
    On a reader's thread.
    """
    from clinic_desk.services import patients

    try:
        patient_id = values["patient_id"]
        draft = Draft(
            problem=str(values["problem"]),
            parts=[Part(*part) for part in values["parts"]],
            together=bool(values["together"]),
            location_id=values["location_id"],
            patient=patients.patient(actor, patient_id) if patient_id else None,
            notes=str(values["notes"]),
            case_id=values["case_id"],
            sought=str(values["sought"]),
        )
    except (ClinicError, KeyError, TypeError):
        return None
    return wish_of(actor.store.catalogue(actor.organisation_id), draft, number)
