"""Who asks: the token of a request, and the organisation that it must be for."""

from __future__ import annotations

import uuid
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from clinic_desk.rules.errors import NotFound
from clinic_desk.services import tokens
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue, catalogue

_bearer = HTTPBearer(auto_error=False, description="A token from “clinic-desk token”.")


class Caller:
    """A program that asks for something in its organisation."""

    def __init__(self, program: tokens.Program) -> None:
        self.actor: Actor = program.actor
        self._token = UUID(program.token_uuid)

    def catalogue(self) -> Catalogue:
        """The organisation's types, locations, providers and rooms as they stand now."""
        return catalogue(self.actor)

    def request_id(self, key: str | None) -> str | None:
        """The door's request id for an Idempotency-Key: each token has keys of its own."""
        return None if key is None else str(uuid.uuid5(self._token, key))


def _caller(
    request: Request,
    org_id: UUID,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    given = credentials.credentials if credentials else ""
    caller = Caller(tokens.authenticate(request.app.state.store, given))
    actor = caller.actor
    # Another organisation is as unknown to a token as one that does not exist.
    if actor.store.catalogue(actor.organisation_id).organisation.uuid != str(org_id):
        raise NotFound
    return caller


Asking = Annotated[Caller, Depends(_caller)]
"""An endpoint's first parameter: whoever asks, already known."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key with the same request is carried out once.",
    ),
]
"""Makes a request safe to repeat after a connection was lost."""
