"""Who asks: the token of a request, the organisation that it must be for, and what it may.

Every endpoint says with :func:`needs` which permissions it goes by. They are asked for before
anything is read or written, so that nothing is done for whoever may not see what was done; the
description tells them, and a test holds them against the table of the desk.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from clinic_desk.rules.errors import NotFound, Refused
from clinic_desk.services import by_uuid, tokens
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.problems import Reused

_bearer = HTTPBearer(auto_error=False, description="A token from “clinic-desk token”.")


T = TypeVar("T")

PERMISSIONS, ONE_OF, COMMANDS = "x-permissions", "x-permissions-one-of", "x-commands"


def needs(
    *permissions: str, one_of: tuple[str, ...] = (), commands: tuple[str, ...] = ()
) -> dict[str, Any]:
    """For an endpoint's ``openapi_extra``: the permissions that it goes by (and those of which
    one is enough), and the actions of the commands that it carries out.
    """
    told = {PERMISSIONS: permissions, ONE_OF: one_of, COMMANDS: commands}
    return {name: list(value) for name, value in told.items() if value}


class Caller:
    """A program that asks for something in its organisation."""

    def __init__(self, program: tokens.Program) -> None:
        self.actor: Actor = program.actor
        self._token = UUID(program.token_uuid)
        self._catalogue_seq = program.catalogue_seq

    def catalogue(self) -> Catalogue:
        """The organisation's types, locations, providers and rooms, as they stood when the token
        was looked up or newer: that told which catalogue is the newest.
        """
        actor = self.actor
        return actor.store.catalogue(actor.organisation_id, at_least=self._catalogue_seq)

    def request_id(self, key: str | None) -> str | None:
        """The door's request id for an Idempotency-Key: each token has keys of its own."""
        return None if key is None else str(uuid.uuid5(self._token, key))

    def once(self, command: Callable[..., Done[T]], key: str | None, **fields: Any) -> Done[T]:
        """What *command* did, or did when this key came first. Raises ``Reused`` where the key
        stands for another request.
        """
        try:
            return command(self.actor, **fields, request_id=self.request_id(key))
        except Refused as error:
            request_id = self.request_id(key)
            if type(error) is not Refused or request_id is None:
                raise
            if not by_uuid.was_carried_out(self.actor, request_id):
                raise
            raise Reused from error


async def _caller(
    request: Request,
    org_id: UUID,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    # It asks the database without an await: an Endpoint runs all of a request in a thread.
    given = credentials.credentials if credentials else ""
    caller = Caller(tokens.authenticate(request.app.state.store, given))
    actor = caller.actor
    # Another organisation is as unknown to a token as one that does not exist.
    if caller.catalogue().organisation.uuid != str(org_id):
        raise NotFound
    route = request.scope["route"]
    told = route.openapi_extra or {}
    for permission in told.get(PERMISSIONS, ()):
        actor.require(permission)
    enough = told.get(ONE_OF, ())
    if enough and not any(actor.may(permission) for permission in enough):
        actor.require(enough[0])
    _refuse_strange(request, route)
    return caller


def _refuse_strange(request: Request, route: Endpoint) -> None:
    """Refuse what the call does not know, and what was given twice: no half of a request is
    left out in silence.
    """
    known = route.questions
    found: list[dict[str, Any]] = []
    for name in request.query_params:
        if name not in known or name in request.path_params:
            found.append(_wrong(name, "extra_forbidden"))
        elif len(request.query_params.getlist(name)) > 1 and "list" not in known[name]:
            found.append(_wrong(name, "repeated"))
    if found:
        raise RequestValidationError(found)


def _wrong(name: str, kind: str) -> dict[str, Any]:
    return {"loc": ("query", name), "type": kind, "msg": kind}


Asking = Annotated[Caller, Depends(_caller)]
"""An endpoint's first parameter: whoever asks, already known."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key with the same request is carried out once and gets its first"
        " answer each time; with another request it is refused. What was refused is judged anew.",
    ),
]
"""Makes a request safe to repeat after a connection was lost."""
