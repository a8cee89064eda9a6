"""What this face can do, in FHIR's own description of it."""

from __future__ import annotations

from typing import Any, Final

from clinic_desk import __version__
from clinic_desk.web.fhir import search

VERSION: Final = "4.3.0"
"""R4B: the release of R4 against whose models the tests hold every answer. Appointment, Slot
and Schedule are the same in 4.0.1.
"""

CHANGED: Final = "2026-11-21"
"""The day on which this description changed last."""

APPOINTMENTS: Final = {
    "_id": ("token", "The appointment's id, or several."),
    "date": ("date", "When it begins; may be repeated for a period (ge…, lt…)."),
    "status": ("token", "One or more of FHIR's statuses."),
    "patient": ("reference", "Whose it is."),
    "practitioner": ("reference", "Who gives it."),
    "location": ("reference", "Where it is."),
    "actor": ("reference", "Who or what takes part: patient, practitioner or location."),
}
SCHEDULES: Final = {
    "_id": ("token", "The schedule's id, or several."),
    "actor": ("reference", "Whose it is, or where."),
    "active": ("token", "Whether it can be booked in."),
}
SLOTS: Final = {
    "schedule": ("reference", "Asked for: one schedule or several."),
    "start": ("date", "When it begins; from now for a week, unless given; a year at the most."),
    "status": ("token", "Only “free”: what is taken is not listed."),
    "service-type": ("token", "For which appointment type; without one, slots of one step."),
}

_READ_ONLY = {
    "Patient": "Whoever may read patients.",
    "Practitioner": "Who gives appointments.",
    "Location": "The houses of the clinic, and their rooms.",
}

SEARCH_MODE = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-mode"
"""Whoever would search by POST, as FHIR has it too, is told beforehand that this is for reading."""


def statement(base: str) -> dict[str, Any]:
    """The CapabilityStatement of the server at this address."""
    searched = {"Appointment": APPOINTMENTS, "Schedule": SCHEDULES, "Slot": SLOTS}
    resources = [
        {
            "extension": [{"url": SEARCH_MODE, "valueCode": "GET"}],
            "type": kind,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "versioning": "versioned" if kind == "Appointment" else "no-version",
            "searchParam": [
                {"name": name, "type": type_, "documentation": text}
                for name, (type_, text) in known.items()
            ],
        }
        for kind, known in searched.items()
    ]
    resources += [
        {
            "type": kind,
            "documentation": text,
            "interaction": [{"code": "read"}],
            "versioning": "versioned",
        }
        for kind, text in _READ_ONLY.items()
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Clinic Desk", "version": __version__},
        "implementation": {"description": "One organisation's diary, to be read", "url": base},
        "fhirVersion": VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    f"Pages have {search.USUAL} entries, or as many as _count asks for up to"
                    f" {search.MOST}. A search parameter that is not listed here is refused."
                ),
                "security": {
                    "description": (
                        "A token of the organisation as bearer, made by its administrator:"
                        " appointments:read opens Appointment, availability:read Schedule and"
                        " Slot, catalogue:read Practitioner and Location, patients:read Patient."
                    )
                },
                "resource": resources,
            }
        ],
    }
