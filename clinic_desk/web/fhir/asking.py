"""Who asks here: the same tokens and organisations as for the rest of the API.

A face of its own needs a door of its own: it goes by the same description of a call, but a
parameter that it does not know is refused in FHIR's words.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.services import tokens
from clinic_desk.web.fhir import search
from clinic_desk.web.security import PERMISSIONS, Caller

_bearer = HTTPBearer(auto_error=False)


async def _caller(
    request: Request,
    org_id: UUID,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    # It asks the database without an await: an Endpoint runs all of a request in a thread.
    given = credentials.credentials if credentials else ""
    caller = Caller(tokens.authenticate(request.app.state.store, given))
    actor = caller.actor
    if actor.store.catalogue(actor.organisation_id).organisation.uuid != str(org_id):
        raise NotFound
    told: dict[str, Any] = request.scope["route"].openapi_extra
    for permission in told.get(PERMISSIONS, ()):
        actor.require(permission)
    names = [parameter["name"] for parameter in told["parameters"] if parameter["in"] == "query"]
    for name in request.query_params:
        if name not in names:
            raise Invalid(name[:64], search.UNKNOWN, name=name[:64], known=", ".join(names))
    return caller


Asking = Annotated[Caller, Depends(_caller)]
"""An endpoint's first parameter: whoever asks, already known."""
