"""The FHIR face: an application of its own, that stands beside the other on the same services."""

from __future__ import annotations

from uuid import UUID

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.fhir import answers, appointments, capability, description, slots


def add_to(app: FastAPI) -> FastAPI:
    """Let *app* answer under ``/fhir/r4`` too, from the same database; the face itself, which
    :func:`description.add_to` describes.
    """
    fhir = FastAPI(
        title="Clinic Desk, FHIR",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(answers.acceptable)],
        redirect_slashes=False,
    )
    fhir.state = app.state
    for part in (appointments, slots):
        fhir.include_router(part.routes)
    # A server tells what it can do before anybody signs in.
    fhir.router.route_class = Endpoint
    fhir.add_api_route("/{org_id}/metadata", _metadata, methods=["GET"], **description.telling())
    answers.install(fhir)
    app.mount(answers.PREFIX, fhir)
    return fhir


def _metadata(request: Request, org_id: UUID) -> JSONResponse:
    """The CapabilityStatement; it tells nothing of the organisation."""
    return answers.answer(capability.statement(answers.base(request)))
