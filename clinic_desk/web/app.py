"""The application: routes, refusals, limits, and the description of it all."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
from fastapi import FastAPI

from clinic_desk import __version__
from clinic_desk.services.store import Store
from clinic_desk.web import (
    appointments,
    changes,
    description,
    feeds,
    lists,
    patients,
    problems,
    rates,
    schedule,
)
from clinic_desk.web.asked import Bugs, Heads, NamedOnce
from clinic_desk.web.fhir import app as fhir
from clinic_desk.web.fhir import description as fhir_description
from clinic_desk.web.fhir.outer import Outcomes
from clinic_desk.web.limits import BODY_SECONDS, MOST_BYTES, Arrivals, BodyLimit, Stopping
from clinic_desk.web.paging import MOST_ITEMS
from clinic_desk.web.tongues import Tongues

PREFIX = "/api/v1"
THREADS = 8
"""So many requests are worked on at once, each thread with a connection of its own. More of them
only wait for each other: for the interpreter, and for the lock of those who book."""

READING = 2
"""So many of them are always left for who only reads and waits for no lock."""

PARTS = (
    appointments.routes,
    schedule.routes,
    patients.routes,
    lists.routes,
    changes.routes,
)
"""What stands under ``/api/v1/{org_id}``, what is asked for most first: routes are tried one
after the other. A new part is one more line."""

_LIMITS = """\
Errors are problem documents (RFC 9457); `type` and `code` are the same in every language, the
sentences are in the one of `Accept-Language` that the server has (`Content-Language` names it).

| Limit | |
| --- | --- |
| Requests of a token | {rate} |
| Requests of an address without a known token | {failures} in a minute, then 429 |
| Body of a request | {size} bytes, then 413 |
| Time for a body to arrive | {seconds} seconds, then 408 |
| Items of a page | {items} |
"""
_RATE = "{count} in a minute, then 429; `RateLimit` tells what is left"

_TOLD = {
    400: "The request cannot be read.",
    401: "The token is missing, not known or withdrawn.",
    403: "The token lacks a scope.",
    404: "There is no such record in this organisation.",
    408: "The body of the request did not arrive in time.",
    409: "The request cannot be granted; every reason is told.",
    412: "The record was changed since its ETag was read.",
    413: "The request is too large.",
    422: "A field makes no sense.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    503: "The database is busy or away; try again.",
}
_PROBLEM = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": _PROBLEM} for status, text in _TOLD.items()
}
_FEEDS = (404, 408, 413, 429, 503)
"""What may go wrong at a calendar's address, which takes nothing but a secret."""

_RESPONSES[429]["headers"] = rates.TOLD


def make_app(store: Store, *, rate: int = rates.PER_MINUTE) -> FastAPI:
    """The API on an open database, which whoever calls this closes at the end; *rate* is how
    often a token may ask in a minute, and 0 as often as it likes.
    """
    app = FastAPI(
        title="Clinic Desk",
        version=__version__,
        summary="Book appointments as a person does at the desk.",
        description=_LIMITS.format(
            rate=_RATE.format(count=rate) if rate else "as many as it likes",
            failures=rates.FAILURES if rate else "Any number",
            size=MOST_BYTES,
            seconds=round(BODY_SECONDS),
            items=MOST_ITEMS,
        ),
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.store = store
    for routes in PARTS:
        app.include_router(routes, prefix=f"{PREFIX}/{{org_id}}", responses=_RESPONSES)
    problems.install(app)
    face = fhir.add_to(app)
    app.include_router(feeds.routes, responses={s: _RESPONSES[s] for s in _FEEDS})
    app.state.writers = anyio.CapacityLimiter(THREADS - READING)
    app.state.arrivals = Arrivals()
    app.add_middleware(NamedOnce)
    app.add_middleware(BodyLimit, arrivals=app.state.arrivals)
    app.add_middleware(rates.RateLimit, per_minute=rate)
    app.add_middleware(Bugs)
    app.add_middleware(Stopping)
    app.add_middleware(Outcomes)
    app.add_middleware(Heads)
    app.add_middleware(Tongues)  # the last one added comes first: all the others speak it
    plain = app.openapi

    @functools.cache
    def described() -> dict[str, Any]:
        document = plain()
        schemas = document["components"]["schemas"]
        _tell_plainly(document)
        whole = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(whole.pop("$defs", {}))
        schemas["Problem"] = whole
        fhir_description.add_to(document, face)
        _leave_out_what_never_comes(document)
        return description.complete(document)

    app.openapi = described  # type: ignore[method-assign]
    return app


def _tell_plainly(document: dict[str, Any]) -> None:
    """What is not sent is left out: in a header or a question there is no null."""
    calls = (call for path in document["paths"].values() for call in path.values())
    for parameter in (p for call in calls for p in call.get("parameters", ())):
        schema = parameter["schema"]
        kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
        if len(kinds) == 1:
            schema |= kinds[0]
        elif kinds:
            schema["anyOf"] = kinds


def _leave_out_what_never_comes(document: dict[str, Any]) -> None:
    """The framework's own refusal of a parameter: at a calendar's address any text is one."""
    for path, calls in document["paths"].items():
        if path.startswith("/feeds/"):
            for call in calls.values():
                call["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
