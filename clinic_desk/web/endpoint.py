"""Routes whose requests are worked on in one thread, from the token to the finished answer.

FastAPI sends a request to another thread for each of its steps (who asks, the endpoint, the
check of the answer), and every hop waits for the loop and for the interpreter's lock. Here
the body is read in the loop, and all else is one piece of work in one thread. Nothing in it
may wait for the loop: dependencies of these routes are ``async def`` without ``await``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Endpoint(APIRoute):
    """A route of a plain ``def``, for ``APIRouter(route_class=…)``.

    What the endpoint built is sent as it is: it was checked when it was built, and the
    description comes from the same class.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **settings: Any) -> None:
        super().__init__(path, _whole(endpoint, settings.get("status_code") or 200), **settings)

    def get_route_handler(self) -> Handler:
        """The body in the loop, all else in one thread: in one of the writers', where there is
        a body, for a writer may wait for a lock and nobody who reads shall wait for it too.
        """
        handler, has_body = super().get_route_handler(), self.body_field is not None

        async def handle(request: Request) -> Response:
            if has_body:
                try:
                    await request.body()
                except Exception as error:  # as FastAPI does where it reads the body itself
                    raise HTTPException(400) from error
                async with request.app.state.writers:
                    return await run_in_threadpool(_driven, handler, request)
            return await run_in_threadpool(_driven, handler, request)

        return handle

    @functools.cached_property
    def questions(self) -> dict[str, str]:
        """The query parameters of the call, each with its type in words."""
        return _questions(self.dependant)


def _questions(dependant: Dependant) -> dict[str, str]:
    out = {p.alias: str(p.field_info.annotation) for p in dependant.query_params}
    for inner in dependant.dependencies:
        out |= _questions(inner)
    return out


def _driven(handler: Handler, request: Request) -> Response:
    """Run what never waits to its end, here and now."""
    work = handler(request)
    try:
        work.send(None)
    except StopIteration as done:
        answer: Response = done.value
        return answer
    work.close()
    raise RuntimeError(f"{request.url.path} waits for the loop; its dependencies may not")


def _whole(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    """*endpoint* as FastAPI runs it on the spot, its document already written as JSON."""

    @functools.wraps(endpoint)
    async def call(**values: Any) -> Any:
        made = endpoint(**values)
        if not isinstance(made, BaseModel):
            return made
        answer = Response(made.model_dump_json(), status, media_type="application/json")
        for given in values.values():
            if isinstance(given, Response):  # the endpoint's own headers
                answer.headers.raw.extend(given.headers.raw)
        return answer

    return call
