"""Patients: finding them, and registering a new one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from clinic_desk.services import by_uuid, first_answers, patients
from clinic_desk.web import shapes
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.lists import numbered
from clinic_desk.web.security import Asking, Key, needs

routes = APIRouter(tags=["Patients"], route_class=Endpoint)

MOST_ITEMS = 100
"""The longest page."""

PageNumber = Annotated[int, Query(ge=1, le=1000, description="Pages count from 1.")]
PageSize = Annotated[int, Query(ge=1, le=MOST_ITEMS)]


@routes.get("/patients", openapi_extra=needs("Customer Get All"))
def search(
    caller: Asking,
    query: Annotated[
        str, Query(max_length=200, description="First or last name, or parts of both.")
    ] = "",
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> shapes.Page[shapes.Patient]:
    """Active patients by name."""
    first = (page - 1) * page_size
    cards, total = by_uuid.patients(caller.actor, query, first=first, count=page_size)
    known = caller.catalogue()
    items = [shapes.patient(known, card) for card in cards]
    return shapes.Page(items=items, page=page, page_size=page_size, total=total)


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
    """Register a patient. Data that belong to another organisation's patient are refused, in
    the same words whoever has them.
    """
    known = caller.catalogue()
    preferred = wanted.preferred_provider_uuid
    done = caller.once(
        patients.create,
        key,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        date_of_birth=wanted.date_of_birth,
        phone=wanted.primary_phone or "",
        email=wanted.email or "",
        gender=wanted.gender or "",
        preferred_provider_id=numbered(known.providers.values(), preferred) if preferred else None,
    )
    card = first_answers.patient(caller.actor, done.value.id, done.seq) if key else done.value
    response.headers["Location"] = f"{request.url.path}/{card.uuid}"
    return shapes.patient(known, card)


@routes.get("/patients/{patient_uuid}", openapi_extra=needs("Customer Show"))
def show(caller: Asking, patient_uuid: UUID) -> shapes.Patient:
    """One patient."""
    card = by_uuid.patient(caller.actor, str(patient_uuid))
    return shapes.patient(caller.catalogue(), card)
