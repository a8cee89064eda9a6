"""What the clinic has, as FHIR's resources: plain dictionaries in the order of the standard.

They are checked in the tests against the models of ``fhir.resources``, which are too heavy to be
built at each answer.
"""

from __future__ import annotations

import uuid
from typing import Any

from clinic_desk.rules import clinic_time
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.cards import (
    LocationCard,
    OperatoryCard,
    PatientCard,
    ProviderCard,
    TypeCard,
)
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.free_slots import Place, Slot, State
from clinic_desk.web import times

Resource = dict[str, Any]

TYPES = "urn:clinic-desk:appointment-type"
"""The system of our codes of appointment types."""

CODES: dict[str, frozenset[Status]] = {
    "proposed": frozenset(),
    "pending": frozenset({Status.REQUESTED}),
    "booked": frozenset({Status.SCHEDULED, Status.CONFIRMED}),
    "arrived": frozenset({Status.ARRIVED}),
    "fulfilled": frozenset({Status.COMPLETED}),
    "cancelled": frozenset({Status.CANCELLED, Status.DECLINED}),
    "noshow": frozenset({Status.MISSED}),
    "entered-in-error": frozenset(),
    "checked-in": frozenset(),
    "waitlist": frozenset(),
}
"""FHIR's statuses of an appointment, each with those of ours that it stands for."""

STATUS = {ours: code for code, all_ours in CODES.items() for ours in all_ours}

SLOT_STATES = {
    State.FREE: "free",
    State.TAKEN: "busy",
    State.OVER: "busy-unavailable",
}

# Whether patient and provider have agreed. A visit is booked before the patient confirms it.
_PATIENT = {
    Status.REQUESTED: "accepted",
    Status.SCHEDULED: "needs-action",
    Status.CANCELLED: "declined",
}
_PROVIDER = {Status.REQUESTED: "needs-action", Status.DECLINED: "declined"}


def appointment(visit: Visit) -> Resource:
    """An Appointment."""
    card, zone = visit.card, clinic_time.zone(visit.card.time_zone)
    who, name = card.provider, f"{visit.first_name} {visit.last_name}"
    places = [place for place in (card.location, card.operatory) if place is not None]
    taking = [
        _participant("Patient", visit.patient_uuid, name, _PATIENT, card.status),
        _participant("Practitioner", who.uuid, who.name, _PROVIDER, card.status),
        *(_participant("Location", p.uuid, p.name, _PROVIDER, card.status) for p in places),
    ]
    return _told(
        resourceType="Appointment",
        id=card.uuid,
        meta={"versionId": str(card.version)},
        identifier=[{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{card.uuid}"}],
        status=STATUS[card.status],
        serviceType=[service(card.type)],
        description=card.type.name.strip(),
        start=times.offset(card.span.starts_at, zone),
        end=times.offset(card.span.ends_at, zone),
        minutesDuration=card.span.minutes,
        created=times.utc(visit.booked_at),
        comment=card.notes.strip(),
        participant=taking,
    )


def service(kind: TypeCard) -> Resource:
    """An appointment type, as the concept that FHIR calls a service."""
    name, code = kind.name.strip(), " ".join(kind.code.split())
    coding = _told(system=TYPES, code=code, display=name) if code else None
    return _told(coding=[coding] if coding else None, text=name)


def schedule_id(known: Catalogue, place: Place) -> uuid.UUID:
    """The name of a provider's schedule at a location, the same for ever."""
    provider, location = known.providers[place[0]], known.locations[place[1]]
    return uuid.uuid5(uuid.UUID(provider.uuid), location.uuid)


def schedule(known: Catalogue, place: Place) -> Resource:
    """A Schedule: one provider at one location."""
    provider, location = known.providers[place[0]], known.locations[place[1]]
    given = [
        service(kind)
        for kind in known.types.values()
        if kind.active and known.qualified(provider.id, kind.id)
    ]
    return _told(
        resourceType="Schedule",
        id=str(schedule_id(known, place)),
        active=provider.active and location.active,
        serviceType=given,
        actor=[
            reference("Practitioner", provider.uuid, provider.name),
            reference("Location", location.uuid, location.name),
        ],
    )


def slot_id(known: Catalogue, found: Slot) -> str:
    """The name of a slot: schedule, type, beginning and length, so that it can be asked after
    although no row is kept of it. FHIR allows 64 characters.
    """
    kind = known.types[found.type_id].uuid.replace("-", "")[:16] if found.type_id else "0"
    start = int(found.span.starts_at.timestamp()) // 60
    place = schedule_id(known, found.place).hex
    return f"{place}-{kind}-{start:x}-{found.span.minutes:x}"


def slot(known: Catalogue, found: Slot) -> Resource:
    """A Slot."""
    zone = clinic_time.zone(known.time_zone(found.place[1]))
    kind = known.types[found.type_id] if found.type_id else None
    return _told(
        resourceType="Slot",
        id=slot_id(known, found),
        serviceType=[service(kind)] if kind else None,
        schedule={"reference": f"Schedule/{schedule_id(known, found.place)}"},
        status=SLOT_STATES[found.state],
        start=times.offset(found.span.starts_at, zone),
        end=times.offset(found.span.ends_at, zone),
    )


def practitioner(card: ProviderCard) -> Resource:
    """A Practitioner: a provider's name, and nothing private."""
    name = _name(card.first_name, card.last_name, card.name)
    if name and card.title.strip():
        name["prefix"] = [card.title.strip()]
    return _told(
        resourceType="Practitioner",
        id=card.uuid,
        meta={"versionId": str(card.version)},
        active=card.active,
        name=[name] if name else None,
    )


def location(card: LocationCard) -> Resource:
    """A Location: one of the clinic's houses."""
    phone, address = card.phone.strip(), card.address.strip()
    return _told(
        resourceType="Location",
        id=card.uuid,
        meta={"versionId": str(card.version)},
        status="active" if card.active else "inactive",
        name=card.name.strip(),
        mode="instance",
        telecom=[{"system": "phone", "value": phone}] if phone else None,
        address={"text": address} if address else None,
    )


def room(known: Catalogue, card: OperatoryCard) -> Resource:
    """A Location: one of the rooms of a house."""
    house = known.locations[card.location_id]
    kind = "http://terminology.hl7.org/CodeSystem/location-physical-type"
    return _told(
        resourceType="Location",
        id=card.uuid,
        meta={"versionId": str(card.version)},
        status="active" if card.active else "inactive",
        name=card.name.strip(),
        mode="instance",
        physicalType={"coding": [{"system": kind, "code": "ro", "display": "Room"}]},
        partOf=reference("Location", house.uuid, house.name),
    )


def patient(card: PatientCard) -> Resource:
    """A Patient: what the list of patients tells."""
    ways = (("phone", card.phone.strip()), ("email", card.email.strip()))
    name = _name(card.first_name, card.last_name, card.name)
    return _told(
        resourceType="Patient",
        id=card.uuid,
        meta={"versionId": str(card.version)},
        active=card.active,
        name=[name] if name else None,
        telecom=[{"system": system, "value": value} for system, value in ways if value],
        birthDate=card.date_of_birth.isoformat() if card.date_of_birth else None,
    )


def reference(kind: str, number: str, display: str) -> Resource:
    """A reference to a record of this server."""
    return _told(reference=f"{kind}/{number}", type=kind, display=display.strip())


def _participant(
    kind: str, number: str, display: str, agreed: dict[Status, str], status: Status
) -> Resource:
    return {
        "actor": reference(kind, number, display),
        "required": "required",
        "status": agreed.get(status, "accepted"),
    }


def _name(first: str, last: str, whole: str) -> Resource:
    return _told(text=whole.strip(), family=last.strip(), given=first.split())


def _told(**fields: Any) -> Resource:
    """Without what is empty: nothing in FHIR may be."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
