"""The application: routes, refusals, limits, and the description of it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI

from clinic_desk import __version__
from clinic_desk.services.store import Store
from clinic_desk.web import appointments, changes, lists, patients, problems, schedule
from clinic_desk.web.limits import BodyLimit

PREFIX = "/api/v1"
THREADS = 16
"""So many requests are worked on at once, each thread with a connection of its own."""

_TOLD = {
    400: "The request cannot be read.",
    401: "The token is missing, not known or withdrawn.",
    403: "The token lacks a scope.",
    404: "There is no such record in this organisation.",
    409: "The request cannot be granted; every reason is told.",
    412: "The record was changed since its ETag was read.",
    413: "The request is too large.",
    422: "A field makes no sense.",
    503: "The database is busy or away; try again.",
}
_PROBLEM = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": _PROBLEM} for status, text in _TOLD.items()
}


def make_app(store: Store) -> FastAPI:
    """The API on an open database, which whoever calls this closes at the end."""
    app = FastAPI(
        title="Clinic Desk",
        version=__version__,
        summary="Book appointments as a person does at the desk.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.store = store
    for part in (patients, lists, schedule, appointments, changes):
        app.include_router(part.routes, prefix=f"{PREFIX}/{{org_id}}", responses=_RESPONSES)
    problems.install(app)
    app.add_middleware(BodyLimit)
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        schemas = document["components"]["schemas"]
        if "Problem" not in schemas:
            whole = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(whole.pop("$defs", {}))
            schemas["Problem"] = whole
        return document

    app.openapi = described  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
