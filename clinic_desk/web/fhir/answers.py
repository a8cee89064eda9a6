"""How FHIR answers: resources and Bundles in its own media type, refusals as OperationOutcomes.

The sentences of a refusal are those of the desk and of the rest of the API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, NotFound
from clinic_desk.rules.words import N_
from clinic_desk.web import problems

PREFIX = "/fhir/r4"
MEDIA_TYPE = "application/fhir+json"
FORMATS = frozenset({"json", "application/json", MEDIA_TYPE, "text/json"})
_FITTING = FORMATS | {"*/*", "application/*"}

OTHER_FORMAT = N_("This server answers in application/fhir+json only.")
NO_SUCH = N_("There is nothing at this address")
SEE_METADATA = N_("What can be read stands in “metadata” behind the organisation’s number.")
NOT_THIS = N_("This address can only be read")

Resource = dict[str, Any]


class Answer(JSONResponse):
    """JSON, as FHIR calls it."""

    media_type = MEDIA_TYPE


_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    429: "throttled",
    503: "transient",
}
"""FHIR's words for what went wrong, by status."""


class OtherFormat(HTTPException):
    """Somebody wants an answer in a format that there is not."""

    def __init__(self) -> None:
        super().__init__(406, OTHER_FORMAT)


async def acceptable(request: Request) -> None:
    """Raise :class:`OtherFormat` where neither ``_format`` nor Accept asks for JSON."""
    # It waits for nothing: an Endpoint runs all of a request in a thread.
    told = request.query_params.get("_format")
    if told is not None:
        # A plus stands for a blank in a query, unless it was written as %2B.
        wanted = [told.partition(";")[0].strip().replace(" ", "+")]
    else:
        accept = request.headers.get("accept") or "*/*"
        wanted = [part.partition(";")[0].strip() for part in accept.split(",")]
    if not any(each in _FITTING for each in wanted):
        raise OtherFormat


def base(request: Request) -> str:
    """The address of this face for one organisation, as whoever asks knows it."""
    return f"{str(request.base_url).rstrip('/')}{PREFIX}/{request.path_params['org_id']}"


def answer(
    resource: Resource, status: int = 200, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer that carries a resource."""
    return Answer(resource, status, headers=headers)


def read(request: Request, resource: Resource) -> JSONResponse:
    """The answer to a read; where the resource has a version, it is known by its ETag."""
    version = resource.get("meta", {}).get("versionId")
    if version is None:
        return answer(resource, headers={"Cache-Control": "private, no-cache"})
    tag = f'W/"{version}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    told = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if tag in told:
        return Answer(None, 304, headers=headers)
    return answer(resource, headers=headers)


def bundle(
    address: str, found: Sequence[Resource], links: list[dict[str, str]], total: int | None
) -> JSONResponse:
    """What a search found; *total* is None where counting would mean finding all."""
    whole: Resource = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        whole["total"] = total
    whole["link"] = links
    if found:  # a list in FHIR is never empty
        whole["entry"] = [
            {
                "fullUrl": f"{address}/{each['resourceType']}/{each['id']}",
                "resource": each,
                "search": {"mode": "match"},
            }
            for each in found
        ]
    return answer(whole, headers={"Cache-Control": "private, no-cache"})


def outcome(
    status: int,
    detail: str,
    *,
    fields: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that carries an OperationOutcome."""
    issue: Resource = {
        "severity": "fatal" if status >= 500 else "error",
        "code": _CODES.get(status, "exception"),
        "details": {"text": detail},
        "diagnostics": detail,
    }
    if fields:
        issue["expression"] = [f"http.{name}" for name in fields]
    return answer({"resourceType": "OperationOutcome", "issue": [issue]}, status, headers)


def of_problem(told: JSONResponse) -> JSONResponse:
    """The OperationOutcome that says what a problem document says."""
    body = json.loads(bytes(told.body))
    # A parameter that makes no sense is a bad request in FHIR; 422 is for resources.
    status = 400 if told.status_code == 422 else told.status_code
    detail = " ".join(part for part in (body["detail"], body.get("way_out")) if part)
    kept = {
        name: value
        for name, value in told.headers.items()
        if name not in {"content-length", "content-type"}
    }
    fields = [each["field"] for each in body.get("errors") or ()]
    return outcome(status, detail, fields=fields, headers=kept)


def install(app: FastAPI) -> None:
    """Let *app* answer everything that goes wrong with an OperationOutcome."""

    @app.exception_handler(ClinicError)
    async def _ours(request: Request, error: ClinicError) -> JSONResponse:
        return of_problem(problems.of_error(error, request))

    @app.exception_handler(RequestValidationError)
    async def _shape(request: Request, _error: RequestValidationError) -> JSONResponse:
        # Only addresses are described to the framework, and one that is none is of nobody.
        return of_problem(problems.of_error(NotFound(), request))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        texts = {404: NO_SUCH, 405: NOT_THIS, 406: OTHER_FORMAT}
        told = _(texts.get(error.status_code, str(error.detail)))
        if error.status_code == 404:
            told = f"{told}. {_(SEE_METADATA)}"
        return outcome(error.status_code, told, headers=error.headers)

    @app.exception_handler(Exception)
    async def _bug(_request: Request, _error: Exception) -> JSONResponse:
        return of_problem(problems.problem(500, "bug", problems.BUG, _(problems.OURS)))
