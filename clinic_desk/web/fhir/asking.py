"""Who asks here: the same tokens and organisations as for the rest of the API.

A face of its own needs a door of its own: the other one goes by OpenAPI's description of its
calls, while a search of FHIR says itself what it knows.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from clinic_desk.rules.errors import NotFound
from clinic_desk.services import tokens
from clinic_desk.web.security import Caller

_bearer = HTTPBearer(auto_error=False)


def _caller(
    request: Request,
    org_id: UUID,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    given = credentials.credentials if credentials else ""
    caller = Caller(tokens.authenticate(request.app.state.store, given))
    actor = caller.actor
    if actor.store.catalogue(actor.organisation_id).organisation.uuid != str(org_id):
        raise NotFound
    return caller


Asking = Annotated[Caller, Depends(_caller)]
"""An endpoint's first parameter: whoever asks, already known."""
