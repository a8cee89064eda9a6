"""Refusals from before this face is reached (too often, too large), in FHIR's words too."""

from __future__ import annotations

import json

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_desk.web import problems
from clinic_desk.web.fhir import answers


class Outcomes:
    """Turns problem documents under FHIR's address into OperationOutcomes; stands outside of
    whatever may refuse a request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{answers.PREFIX}/"):
            await self._app(scope, receive, send)
            return
        held: Message | None = None
        body = b""

        async def told(message: Message) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if kind.startswith(problems.MEDIA_TYPE):
                    held = message
                    return
            if held is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                await _outcome(held, body)(scope, receive, send)

        await self._app(scope, receive, told)


def _outcome(start: Message, body: bytes) -> JSONResponse:
    headers = {
        name: value
        for name, value in Headers(raw=start["headers"]).items()
        if name not in {"content-length", "content-type"}
    }
    problem = JSONResponse(json.loads(body), start["status"], headers=headers)
    return answers.of_problem(problem)
