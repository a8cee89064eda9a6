"""Refusals as problem documents (RFC 9457): the same sentences that the desk shows, with every
reason, and nothing about anybody else's patients.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from clinic_desk.rules import errors
from clinic_desk.rules.clinic_time import TwoTimes
from clinic_desk.rules.conflicts import Conflict
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.rules.words import N_
from clinic_desk.services.changes import LostCursor
from clinic_desk.services.tokens import UnknownToken

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1

_log = logging.getLogger(__name__)


class Reason(BaseModel):
    """One reason against a time; the window (UTC) is what is taken, where something is."""

    kind: str
    detail: str
    starts_at: str | None = None
    ends_at: str | None = None


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    detail: str


class Problem(BaseModel):
    """A problem document. ``reasons`` has every reason why a time cannot be taken, ``errors``
    every field that makes no sense, ``choices`` the instants that an ambiguous time may mean.
    """

    type: str
    title: str
    status: int
    detail: str
    way_out: str | None = None
    reasons: list[Reason] | None = None
    errors: list[FieldError] | None = None
    choices: list[str] | None = None
    scopes: list[str] | None = None


class Reused(errors.Refused):
    """An Idempotency-Key came again with another request."""

    message = N_("This Idempotency-Key was used for another request.")
    way_out = N_("Send each request with a key of its own.")


class Outdated(errors.Stale):
    """The version named by If-Match is not the newest."""


_KINDS: tuple[tuple[type[errors.ClinicError], int, str, str], ...] = (
    (UnknownToken, 401, "unauthorized", "The token is not known"),
    (errors.NotAllowed, 403, "not-allowed", "The token may not do this"),
    (errors.NotFound, 404, "not-found", "There is no such record"),
    (errors.Conflicted, 409, "conflict", "The time is taken"),
    (errors.InUseElsewhere, 409, "in-use", "These data are in use"),
    (Outdated, 412, "outdated", "The record was changed meanwhile"),
    (errors.Stale, 409, "stale", "The record was changed meanwhile"),
    (errors.Withdrawn, 409, "withdrawn", "The request was withdrawn"),
    (Reused, 422, "key-reused", "The Idempotency-Key was used before"),
    (LostCursor, 410, "cursor-lost", "The cursor is not known any more"),
    (errors.Invalid, 422, "invalid", "A field makes no sense"),
    (errors.Refused, 409, "refused", "The request cannot be granted"),
    (errors.Busy, 503, "busy", "Somebody else is saving"),
    (errors.ClinicError, 503, "unavailable", "The service is not available now"),
)


def problem(
    status: int,
    name: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """The answer that carries a problem document."""
    body = Problem(
        type=f"urn:clinic-desk:problem:{name}", title=title, status=status, detail=detail, **more
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE
    )


def of_error(error: errors.ClinicError) -> JSONResponse:
    """The problem document of one of our refusals."""
    _kind, status, name, title = next(each for each in _KINDS if isinstance(error, each[0]))
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    sentence = error.message.format(**error.params)
    if error.way_out:
        more["way_out"] = error.way_out.format(**error.params)
    if isinstance(error, errors.Conflicted):
        more["reasons"] = [_reason(c) for c in error.conflicts]
        sentence = " ".join([sentence, *(r.detail for r in more["reasons"])])
    if isinstance(error, errors.Invalid):
        more["errors"] = [FieldError(field=error.field, detail=sentence)]
    if isinstance(error, TwoTimes):
        more["choices"] = [error.first.isoformat(), error.second.isoformat()]
    if isinstance(error, errors.NotAllowed):
        more["scopes"] = [s for s, granted in SCOPES.items() if error.permission in granted]
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
        _log.warning("%s: %s", type(error).__name__, error)
    return problem(status, name, title, sentence, headers=headers, **more)


def _reason(conflict: Conflict) -> Reason:
    bare = conflict.unnamed()
    return Reason(
        kind=str(bare.kind),
        detail=str(bare),
        starts_at=_utc(bare.span.starts_at) if bare.span else None,
        ends_at=_utc(bare.span.ends_at) if bare.span else None,
    )


def _utc(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _methods(app: FastAPI, request: Request) -> list[str]:
    """What the description knows of this path."""
    path = request.url.path.strip("/").split("/")
    found: set[str] = set()
    for template, methods in app.openapi()["paths"].items():
        parts = template.strip("/").split("/")
        if len(parts) == len(path) and all(
            part.startswith("{") or part == given for part, given in zip(parts, path, strict=True)
        ):
            found |= {name.upper() for name in methods}
    return sorted(found)


def install(app: FastAPI) -> None:
    """Let *app* answer everything that goes wrong with a problem document."""

    @app.exception_handler(errors.ClinicError)
    async def _ours(_request: Request, error: errors.ClinicError) -> JSONResponse:
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    async def _shape(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            # What was sent is not sent back: it may be anything.
            FieldError(
                field=".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]),
                detail=str(each["msg"]),
            )
            for each in error.errors()
        ]
        detail = " ".join(f"{each.field}: {each.detail}." for each in found)
        return problem(422, "invalid", "A field makes no sense", detail, errors=found)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        title, headers = str(error.detail), error.headers
        if error.status_code == 405:
            # The router names those of the first route only that fits the path.
            headers = {"Allow": ", ".join(_methods(app, request))}
        return problem(
            error.status_code, f"http-{error.status_code}", title, title, headers=headers
        )

    @app.exception_handler(Exception)
    async def _bug(_request: Request, _error: Exception) -> JSONResponse:
        # The server logs what it was; whoever asks learns nothing of our insides.
        return problem(500, "bug", "Something went wrong here", "This is a fault of the server.")
