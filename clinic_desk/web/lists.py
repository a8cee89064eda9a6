"""The clinic's lists: appointment types, locations, providers and rooms, each with an ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel

from clinic_desk.rules.errors import NotFound
from clinic_desk.web import shapes
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.problems import Checks, Unknown
from clinic_desk.web.security import Asking, needs

routes = APIRouter(tags=["Catalogue"], route_class=Endpoint)

T = TypeVar("T", bound=BaseModel)
Known = Annotated[
    str | None, Header(alias="If-None-Match", description="The ETag of the list that you have.")
]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The list is as you have it."}}


@routes.get(
    "/appointment-types",
    response_model=shapes.All[shapes.AppointmentType],
    responses=UNCHANGED,
    openapi_extra=needs("Service Get All"),
)
def appointment_types(
    caller: Asking, is_active: bool | None = None, known: Known = None
) -> Response:
    """What can be booked, in the clinic's order."""
    cards = caller.catalogue().types.values()
    wanted = [c for c in cards if is_active is None or c.active == is_active]
    return _answer((shapes.appointment_type(c) for c in wanted), known)


@routes.get(
    "/locations",
    response_model=shapes.All[shapes.Location],
    responses=UNCHANGED,
    openapi_extra=needs("Location Get All"),
)
def locations(caller: Asking, is_active: bool | None = None, known: Known = None) -> Response:
    """The houses of the organisation."""
    cards = caller.catalogue().locations.values()
    wanted = [c for c in cards if is_active is None or c.active == is_active]
    return _answer((shapes.location(c) for c in wanted), known)


@routes.get(
    "/providers",
    response_model=shapes.All[shapes.Provider],
    responses=UNCHANGED,
    openapi_extra=needs("Service Get All"),
)
def providers(
    caller: Asking,
    is_active: bool | None = None,
    appointment_type_uuid: UUID | None = None,
    known: Known = None,
) -> Response:
    """Who gives appointments; with a type, those who may give that."""
    catalogue = caller.catalogue()
    wanted = [c for c in catalogue.providers.values() if is_active is None or c.active == is_active]
    if appointment_type_uuid is not None:
        types = catalogue.types.values()
        number = numbered(types, appointment_type_uuid, "appointment_type_uuid")
        wanted = [c for c in wanted if catalogue.qualified(c.id, number)]
    return _answer((shapes.provider(catalogue, c) for c in wanted), known)


@routes.get(
    "/operatories",
    response_model=shapes.All[shapes.Operatory],
    responses=UNCHANGED,
    openapi_extra=needs("Location Get All"),
)
def operatories(
    caller: Asking,
    is_active: bool | None = None,
    location_uuid: UUID | None = None,
    known: Known = None,
) -> Response:
    """The rooms; with a location, those there."""
    catalogue = caller.catalogue()
    cards = catalogue.operatories.values()
    wanted = [c for c in cards if is_active is None or c.active == is_active]
    if location_uuid is not None:
        number = numbered(catalogue.locations.values(), location_uuid, "location_uuid")
        wanted = [c for c in wanted if c.location_id == number]
    return _answer((shapes.operatory(catalogue, c) for c in wanted), known)


def numbered(cards: Iterable[object], uuid: UUID | None, field: str = "") -> int:
    """The number of the card with this uuid. Raises ``NotFound``, which says where it stands in
    the request if *field* does.
    """
    text = str(uuid)
    for card in cards:
        if getattr(card, "uuid", None) == text:
            return int(card.id)  # type: ignore[attr-defined]
    raise Unknown(field) if field else NotFound


def chosen(
    checks: Checks, field: str, cards: Mapping[int, object], uuid: UUID | None
) -> int | None:
    """The number of the card that a question names, where it names one."""
    return checks.of(field, numbered, cards.values(), uuid) if uuid else None


def _answer(items: Iterable[T], known: str | None) -> Response:
    listed = list(items)
    body = shapes.All(items=listed, total=len(listed)).model_dump_json().encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    told = [part.strip().removeprefix("W/") for part in (known or "").split(",")]
    if tag in told or "*" in told:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
