"""Patients: finding them, and registering a new one."""

from __future__ import annotations

import functools
import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.errors import NotFound
from clinic_desk.services import (
    by_uuid,
    contacts,
    first_answers,
    patient_fields,
    patient_finding,
    patients,
    record_pages,
)
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.web import paging, shapes
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.lists import numbered
from clinic_desk.web.paging import After, PageNumber, PageSize
from clinic_desk.web.problems import MEDIA_TYPE, Checks, Merged
from clinic_desk.web.security import Asking, Key, needs

routes = APIRouter(tags=["Patients"], route_class=Endpoint)

_NUMBER = re.compile(r"(?<!\S)\+?\(?\d(?:[ ()./-]{0,2}\d){5,}(?!\S)", re.ASCII)
"""A telephone number however it is written, or a date as our answers write it."""

_MERGED: dict[int | str, dict[str, Any]] = {
    410: {
        "description": "The record was merged into another one, `merged_into_uuid`.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


@routes.get("/patients", responses=paging.LINKED, openapi_extra=needs("Customer Get All"))
def search(
    caller: Asking,
    request: Request,
    response: Response,
    query: Annotated[
        str,
        Query(
            max_length=200,
            description="First or last name, or parts of both; a telephone number, a mail address"
            " or a birth date (1996-08-10), alone or beside a name.",
        ),
    ] = "",
    page: PageNumber = 1,
    page_size: PageSize = 50,
    after: After = None,
) -> shapes.Page[shapes.Patient]:
    """Active patients by name, telephone number, mail address or birth date."""
    walk = paging.Walk(caller, request, page, after)
    text = _NUMBER.sub(_digits, query)
    found = record_pages.patients(caller.actor, text, page=page, size=page_size, after=walk.after)
    walk.link(response, found.end)
    known = caller.catalogue()
    items = [shapes.patient(known, card) for card in found.items]
    return shapes.Page(items=items, page=found.page, page_size=page_size, total=found.total)


@routes.post(
    "/patients",
    status_code=201,
    openapi_extra=needs("Customer Create", "Customer Show", commands=("patient.create",)),
)
def create(
    caller: Asking,
    wanted: shapes.NewPatient,
    request: Request,
    response: Response,
    key: Key = None,
) -> shapes.Patient:
    """Register a patient. Search first: nobody is asked whether it is somebody known. Data that
    belong to another organisation's patient are refused, in the same words whoever has them.
    """
    known = caller.catalogue()
    preferred = _checked(known, wanted)
    done = caller.once(
        patients.create,
        key,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        date_of_birth=wanted.date_of_birth,
        phone=wanted.primary_phone or "",
        email=wanted.email or "",
        gender=wanted.gender or "",
        preferred_provider_id=preferred,
    )
    card = first_answers.patient(caller.actor, done.value.id, done.seq) if key else done.value
    response.headers["Location"] = f"{request.url.path}/{card.uuid}"
    return shapes.patient(known, card)


@routes.get("/patients/{patient_uuid}", responses=_MERGED, openapi_extra=needs("Customer Show"))
def show(caller: Asking, patient_uuid: UUID) -> shapes.Patient:
    """One patient. 410 with the number of the record that remains, where two became one."""
    try:
        card = by_uuid.patient(caller.actor, str(patient_uuid))
    except NotFound:
        if kept := by_uuid.kept(caller.actor, str(patient_uuid)):
            raise Merged(kept) from None
        raise
    return shapes.patient(caller.catalogue(), card)


def _digits(number: re.Match[str]) -> str:
    """What stands in a patient's key for a telephone number or a date."""
    digits = re.sub(r"[^0-9]", "", number[0])
    abroad = digits.startswith("00") and len(digits) >= patient_finding.ABROAD
    return digits[2:] if abroad else digits


def _checked(known: Catalogue, wanted: shapes.NewPatient) -> int | None:
    """The number of the preferred provider. Raises ``Invalid`` or ``NotFound`` with all that is
    wrong at the face of it: registering a patient stops at the first.
    """
    checks, house = Checks(), known.organisation
    for name in ("first_name", "last_name", "gender"):
        longest = patient_fields.LONGEST.get(name, patient_fields.LONGEST_NAME)
        clean = functools.partial(fold.clean, name, longest=longest)
        checks.of(name, clean, getattr(wanted, name) or "")
    if wanted.date_of_birth is not None:
        today = datetime.now(clinic_time.zone(house.time_zone)).date()
        checks.of("date_of_birth", patient_fields.birth, wanted.date_of_birth, today)
    checks.of("primary_phone", contacts.phone, wanted.primary_phone or "", house.country)
    checks.of("email", contacts.email, wanted.email or "")
    preferred = None
    if wanted.preferred_provider_uuid:
        people, uuid = known.providers.values(), wanted.preferred_provider_uuid
        preferred = checks.of("preferred_provider_uuid", numbered, people, uuid)
    checks.done()
    return preferred
