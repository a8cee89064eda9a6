"""Appointment, and those who take part in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.services import by_uuid, visit_pages
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.visit_pages import After, Wanted
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.fhir import answers, capability, resources, search
from clinic_desk.web.fhir.asking import Asking
from clinic_desk.web.fhir.description import reading, searching
from clinic_desk.web.fhir.search import Asked
from clinic_desk.web.lists import numbered

routes = APIRouter(route_class=Endpoint)

_PAGE = re.compile(r"(\d{1,11})\.([0-9a-f-]{36})", re.ASCII)


@routes.get(
    "/{org_id}/Appointment/{appointment_uuid}", **reading("Appointment", "Appointment Show")
)
def read(caller: Asking, request: Request, appointment_uuid: UUID) -> JSONResponse:
    """One Appointment."""
    found = visit_pages.page(caller.actor, Wanted(uuids=[str(appointment_uuid)]), count=1).visits
    if not found:
        raise NotFound
    return answers.read(request, resources.appointment(found[0]))


@routes.get("/{org_id}/Appointment", **searching("Appointment", "Appointment Show"))
def find(caller: Asking, request: Request) -> JSONResponse:
    """Appointments by their beginning."""
    asked = Asked(request.query_params, capability.APPOINTMENTS, ["date"])
    asked.sorted_by("date")
    known = caller.catalogue()
    wanted = _wanted(asked, known)
    page = visit_pages.page(
        caller.actor, wanted, after=_after(asked.text("_page")), count=asked.count()
    )
    token = f"{int(page.after[0].timestamp())}.{page.after[1]}" if page.after else None
    return answers.bundle(
        answers.base(request),
        [resources.appointment(visit) for visit in page.visits],
        asked.links(f"{answers.base(request)}/Appointment", token),
        page.total,
    )


@routes.get("/{org_id}/Patient/{patient_uuid}", **reading("Patient", "Customer Show"))
def patient(caller: Asking, request: Request, patient_uuid: UUID) -> JSONResponse:
    """One Patient."""
    card = by_uuid.patient(caller.actor, str(patient_uuid))
    return answers.read(request, resources.patient(card))


@routes.get("/{org_id}/Practitioner/{provider_uuid}", **reading("Practitioner", "Service Get All"))
def practitioner(caller: Asking, request: Request, provider_uuid: UUID) -> JSONResponse:
    """One Practitioner."""
    providers = caller.catalogue().providers
    return answers.read(
        request, resources.practitioner(providers[numbered(providers.values(), provider_uuid)])
    )


@routes.get("/{org_id}/Location/{location_uuid}", **reading("Location", "Location Get All"))
def location(caller: Asking, request: Request, location_uuid: UUID) -> JSONResponse:
    """One Location: a house or a room."""
    known, text = caller.catalogue(), str(location_uuid)
    for house in known.locations.values():
        if house.uuid == text:
            return answers.read(request, resources.location(house))
    for room in known.operatories.values():
        if room.uuid == text:
            return answers.read(request, resources.room(known, room))
    raise NotFound


def numbers(cards: Iterable[Any], uuids: Iterable[str]) -> set[int]:
    """The numbers of the cards with these uuids."""
    wanted = set(uuids)
    return {int(card.id) for card in cards if card.uuid in wanted}


def _wanted(asked: Asked, known: Catalogue) -> Wanted:
    zone = clinic_time.zone(known.organisation.time_zone)
    begin, end = asked.period("date", zone)
    codes = asked.codes("status", resources.CODES)
    ids = asked.references("_id", "Appointment")
    who: dict[str, set[str]] = {}
    for name, kinds in (
        ("patient", ("Patient",)),
        ("practitioner", ("Practitioner",)),
        ("location", ("Location",)),
    ):
        if (found := asked.references(name, *kinds)) is not None:
            who[kinds[0]] = {uuid for _kind, uuid in found}
    for kind, uuids in _actors(asked, known).items():
        who[kind] = who[kind] & uuids if kind in who else uuids
    return Wanted(
        begin=begin,
        end=end,
        uuids=[uuid for _kind, uuid in ids] if ids is not None else None,
        patient_uuids=who.get("Patient"),
        provider_ids=numbers(known.providers.values(), who["Practitioner"])
        if "Practitioner" in who
        else None,
        places=(
            numbers(known.locations.values(), who["Location"]),
            numbers(known.operatories.values(), who["Location"]),
        )
        if "Location" in who
        else None,
        statuses=set().union(*(resources.CODES[code] for code in codes))
        if codes is not None
        else None,
    )


def _actors(asked: Asked, known: Catalogue) -> dict[str, set[str]]:
    """Whom ``actor`` names, by kind. They have to be of one kind: FHIR's "or" between kinds
    would need a search of its own.
    """
    found = asked.references("actor", "Practitioner", "Location", "Patient")
    if found is None:
        return {}
    houses = {card.uuid for card in known.locations.values()}
    houses |= {card.uuid for card in known.operatories.values()}
    providers = {card.uuid for card in known.providers.values()}
    out: dict[str, set[str]] = {}
    for kind, uuid in found:
        guessed = (
            "Practitioner" if uuid in providers else "Location" if uuid in houses else "Patient"
        )
        out.setdefault(kind or guessed, set()).add(uuid)
    if len(out) > 1:
        raise Invalid(
            "actor",
            search.NOT_A_REFERENCE,
            name="actor",
            example=f"{next(iter(out))}/{next(iter(next(iter(out.values()))))}",
        )
    return out or {"Patient": set()}


def _after(token: str | None) -> After | None:
    if token is None:
        return None
    match = _PAGE.fullmatch(token)
    if match is None:
        raise Invalid("_page", search.NOT_A_PAGE)
    return datetime.fromtimestamp(int(match[1]), UTC), match[2]
