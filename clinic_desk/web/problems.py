"""Refusals as problem documents (RFC 9457): the same sentences that the desk shows, with every
reason, and nothing about anybody else's patients. They speak the language of whoever asks
(:mod:`clinic_desk.web.tongues`); what programs go by stays the same in every language.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules import errors
from clinic_desk.rules.clinic_time import NoSuchTime, TwoTimes
from clinic_desk.rules.conflicts import Conflict
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.rules.words import N_
from clinic_desk.services.changes import LostCursor
from clinic_desk.services.patients import MERGED
from clinic_desk.services.tokens import UnknownToken
from clinic_desk.web import faults as field_faults
from clinic_desk.web.faults import FieldError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Reason(BaseModel):
    """One reason against a time; the window (UTC) is what is taken, where something is."""

    kind: str
    detail: str
    starts_at: str | None = None
    ends_at: str | None = None


class Problem(BaseModel):
    """A problem document. ``type`` and ``code`` name the kind of problem in every language.
    ``reasons`` has every reason why a time cannot be taken, ``errors`` every field that makes no
    sense, ``choices`` the instants that an ambiguous time may mean, ``scopes`` those of which a
    token needs one, ``version`` that which a record has now that was changed meanwhile,
    ``merged_into_uuid`` the patient's record that took the place of the one asked for.
    """

    type: str
    code: str
    title: str
    status: int
    detail: str
    way_out: str | None = None
    reasons: list[Reason] | None = None
    errors: list[FieldError] | None = None
    choices: list[str] | None = None
    scopes: list[str] | None = None
    version: int | None = None
    merged_into_uuid: str | None = None


class Reused(errors.Refused):
    """An Idempotency-Key came again with another request."""

    message = N_("This Idempotency-Key was used for another request.")
    way_out = N_("Send each request with a key of its own.")


class Merged(errors.Refused):
    """The patient's record was merged into another one, which has this *uuid*."""

    message = MERGED
    way_out = N_("Use the number in “merged_into_uuid” from now on.")

    def __init__(self, uuid: str) -> None:
        super().__init__()
        self.uuid = uuid


class MergedMeanwhile(Merged):
    """What was asked for names a patient whose record was merged."""


class Outdated(errors.Stale):
    """The version named by If-Match is not the newest."""


class Unknown(errors.NotFound):
    """A field of the request names a record that there is not; ``field`` is which."""

    way_out = N_("Take it from the list of these records as it stands now.")

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class Several(errors.Refused):
    """More than one field of a request is wrong; ``faults`` are what was found, in order."""

    def __init__(self, faults: Sequence[errors.ClinicError]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class Checks:
    """Judges the fields of a request one after the other, so that all that are wrong are told.

    What only the database decides comes after :meth:`done`, and is told by itself.
    """

    def __init__(self) -> None:
        self._found: list[errors.ClinicError] = []

    def of(self, field: str, judge: Callable[..., T], *given: Any) -> T | None:
        """What *judge* makes of a field's value; None where it refuses."""
        try:
            return judge(*given)
        except errors.Invalid as error:
            self._found.append(error)
        except errors.NotFound:
            self._found.append(Unknown(field))
        return None

    @property
    def found(self) -> bool:
        """Whether anything is wrong so far."""
        return bool(self._found)

    def wrong(self, error: errors.Invalid) -> None:
        """A field is wrong as it stands."""
        self._found.append(error)

    def done(self) -> None:
        """Raise what was found: by itself, or :class:`Several`."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise Several(self._found)


_FIELDS: dict[str, tuple[str, ...]] = {
    "span": ("scheduled_start", "scheduled_end"),
    "operatory_id": ("operatory_uuid",),
    "location_id": ("location_uuid",),
    "provider_id": ("provider_uuid",),
    "patient_id": ("patient_uuid",),
    "type_id": ("appointment_type_uuid",),
    "preferred_provider_id": ("preferred_provider_uuid",),
    "phone": ("primary_phone",),
}
"""What the services call a field, where the API calls it otherwise."""

LOOK_UP = N_("Look its number up again.")
NO_RECORD = N_("There is no such record in this organisation.")
NO_HOUSE = N_("The token does not belong to the organisation whose number stands in the address.")
CHECK_HOUSE = N_("Compare the number with that on the page “API access”, and with its token.")
NO_TOKEN = N_("No token came with this request.")
SEND_TOKEN = N_("Send it in a header: “Authorization: Bearer …”.")
NOT_THIS_TOKEN = N_("The token may not do this: {what} (permission “{permission}”).")
OTHER_SCOPE = N_(
    "Use a token with one of these scopes: {scopes}. If it has one, it is bound to a role that"
    " lacks the permission."
)
DESCRIPTION = "/api/v1/openapi.json"

_KINDS: tuple[tuple[type[errors.ClinicError], int, str, str], ...] = (
    (UnknownToken, 401, "unauthorized", N_("The token is not known")),
    (errors.NotAllowed, 403, "not-allowed", N_("The token may not do this")),
    (errors.NotFound, 404, "not-found", N_("There is no such record")),
    (errors.Conflicted, 409, "conflict", N_("The time cannot be booked")),
    (errors.InUseElsewhere, 409, "in-use", N_("These data are in use")),
    (Outdated, 412, "outdated", N_("The record was changed meanwhile")),
    (errors.Stale, 409, "stale", N_("The record was changed meanwhile")),
    (errors.Withdrawn, 409, "withdrawn", N_("The request was withdrawn")),
    (Reused, 422, "key-reused", N_("The Idempotency-Key was used before")),
    (LostCursor, 410, "cursor-lost", N_("The cursor is not known any more")),
    (MergedMeanwhile, 409, "merged", N_("The record was merged")),
    (Merged, 410, "merged", N_("The record was merged")),
    (errors.Invalid, 422, "invalid", N_("A field makes no sense")),
    (errors.Refused, 409, "refused", N_("The request cannot be granted")),
    (errors.Busy, 503, "busy", N_("Somebody else is saving")),
    (errors.OutcomeUnknown, 503, "outcome-unknown", N_("It may have been saved or not")),
    (errors.ClinicError, 503, "unavailable", N_("The service is not available now")),
)


SENSELESS = N_("A field makes no sense")
BUG = N_("Something went wrong here")
OURS = N_("This is a fault of the server.")
_PLAIN = {
    400: ("unreadable", N_("The request cannot be read")),
    404: ("no-such-address", N_("There is nothing at this address")),
    405: ("no-such-method", N_("This address does not know this method")),
}
WORDS = (
    *dict.fromkeys(name for _kind, _status, name, _title in _KINDS),
    *(name for name, _title in _PLAIN.values()),
    *("too-late", "too-large", "too-many-requests", "bug"),
)
"""Every ``code`` of a problem."""

ALL_ADDRESSES = N_("All addresses stand in {address}; none has a slash at its end.")
METHODS = N_("It knows these: {methods}.")
SEND_AGAIN = N_(
    "Send the same request again with its Idempotency-Key, and it is carried out once. If it had"
    " none, look first whether it was saved."
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
    """The answer that carries a problem document, in the language of whoever asks. *title* is
    marked for translation; all else is translated already.
    """
    body = Problem(
        type=f"urn:clinic-desk:problem:{name}",
        code=name,
        title=_(title),
        status=status,
        detail=detail,
        **more,
    )
    told = {"Content-Language": i18n.language().replace("_", "-"), "Vary": "Accept-Language"}
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        headers=told | dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def of_error(error: errors.ClinicError, request: Request) -> JSONResponse:
    """The problem document of one of our refusals."""
    error = _as_a_program_reads_it(error, request)
    faults = error.faults if isinstance(error, Several) else (error,)
    error = next((each for each in faults if isinstance(each, errors.Invalid)), faults[0])
    _kind, status, name, title = next(each for each in _KINDS if isinstance(error, each[0]))
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    sentence = " ".join(dict.fromkeys(_sentence(each) for each in faults))
    if error.way_out:
        more["way_out"] = i18n.filled(error.way_out, error.params)
    if isinstance(error, errors.Conflicted):
        more["reasons"] = [_reason(c) for c in error.conflicts]
        sentence = " ".join([sentence, *(r.detail for r in more["reasons"])])
    if wrong := [each for fault in faults for each in _wrong(fault)]:
        more["errors"] = wrong
    if twice := next((each for each in faults if isinstance(each, TwoTimes)), None):
        more["choices"] = [twice.first.isoformat(), twice.second.isoformat()]
    if isinstance(error, errors.NotAllowed):
        more["scopes"] = _scopes(error)
    if isinstance(error, Merged):
        more["merged_into_uuid"] = error.uuid
    if isinstance(error, errors.Stale):
        more["version"] = getattr(error.theirs, "version", None)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
        _log.warning("%s: %s", type(error).__name__, error)
    return problem(status, name, title, sentence, headers=headers, **more)


def _as_a_program_reads_it(error: errors.ClinicError, request: Request) -> errors.ClinicError:
    """The same refusal; what a person at a desk would do next helps no program."""
    if isinstance(error, UnknownToken) and not _has_token(request):
        return UnknownToken(NO_TOKEN, way_out=SEND_TOKEN)
    if isinstance(error, errors.NotAllowed):
        error.message = NOT_THIS_TOKEN
        if scopes := _scopes(error):
            error.way_out = OTHER_SCOPE
            error.params = {**error.params, "scopes": ", ".join(scopes)}
    elif isinstance(error, errors.NotFound) and error.message == errors.NotFound.message:
        bare = error.way_out == errors.NotFound.way_out
        if bare and set(request.path_params) == {"org_id"}:
            # Nothing else was named: whatever a question names is told with its field.
            error.message, error.way_out = NO_HOUSE, CHECK_HOUSE
        elif "org_id" in request.path_params:
            error.message = NO_RECORD
        error.way_out = LOOK_UP if error.way_out == errors.NotFound.way_out else error.way_out
    elif isinstance(error, errors.OutcomeUnknown):
        error.way_out = SEND_AGAIN  # a desk asks by itself; a server cannot ask for others
    return error


def _has_token(request: Request) -> bool:
    scheme, _blank, token = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip())


def _scopes(error: errors.NotAllowed) -> list[str]:
    return [scope for scope, granted in SCOPES.items() if error.permission in granted]


def _sentence(error: errors.ClinicError) -> str:
    return i18n.filled(error.message, error.params)


def _wrong(error: errors.ClinicError) -> list[FieldError]:
    """The fields that an error names, as the API calls them."""
    if not isinstance(error, errors.Invalid | Unknown):
        return []
    code = "unknown" if isinstance(error, Unknown) else _code(error)
    names = _FIELDS.get(error.field, (error.field,))
    return [FieldError(field=name, code=code, detail=_sentence(error)) for name in names]


def _code(error: errors.Invalid) -> str:
    return {NoSuchTime: "no-such-time", TwoTimes: "two-times"}.get(type(error), "invalid")


def _reason(conflict: Conflict) -> Reason:
    bare = conflict.unnamed()
    params = dict(bare.params)
    zone = params.pop("zone", None)
    return Reason(
        kind=str(bare.kind),
        detail=i18n.filled(bare.message, params, ZoneInfo(zone) if zone else None),
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
    return sorted(found | {"HEAD"} if "GET" in found else found)


def install(app: FastAPI) -> None:
    """Let *app* answer everything that goes wrong with a problem document."""

    @app.exception_handler(errors.ClinicError)
    async def _ours(request: Request, error: errors.ClinicError) -> JSONResponse:
        return of_error(error, request)

    @app.exception_handler(RequestValidationError)
    async def _shape(request: Request, error: RequestValidationError) -> JSONResponse:
        found = field_faults.told(request, error.errors())
        detail = " ".join(f"{each.field}: {each.detail}" for each in found)
        return problem(422, "invalid", SENSELESS, detail, errors=found)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        status, headers = error.status_code, error.headers
        name, title = _PLAIN.get(status, (f"http-{status}", str(error.detail)))
        more: dict[str, str] = {}
        if status == 404:
            more["way_out"] = i18n.filled(ALL_ADDRESSES, {"address": DESCRIPTION})
        if status == 405:
            # The router names those of the first route only that fits the path.
            methods = ", ".join(_methods(app, request))
            headers = {"Allow": methods}
            more["way_out"] = i18n.filled(METHODS, {"methods": methods})
        return problem(status, name, title, _(title), headers=headers, **more)

    @app.exception_handler(Exception)
    async def _bug(_request: Request, _error: Exception) -> JSONResponse:
        # The server logs what it was; whoever asks learns nothing of our insides.
        return problem(500, "bug", BUG, _(OURS))
