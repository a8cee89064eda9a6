"""What holds for every request, whatever it asks for: a HEAD is a GET without its body, no field of
a body is given twice, of which all but the last would be left out in silence, and a fault of ours
is told as every refusal is.
"""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_
from clinic_desk.web import problems
from clinic_desk.web.faults import FieldError

TWICE = N_("This is given more than once.")
LONGEST = 100
"""So much of a name is told."""

_log = logging.getLogger(__name__)

BODIES = frozenset({"POST", "PATCH", "PUT"})


class Heads:
    """Answers HEAD as it would GET; the server sends no body then (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class Bugs:
    """Answers what nobody thought of in the language and the form of whoever asks, and keeps the
    line; whoever serves finds it in the log, and whoever asks learns nothing of our insides.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = ended = False

        async def noted(message: Message) -> None:
            nonlocal begun, ended
            begun = True
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if scope["type"] != "http" or (begun and not ended):
                raise
            # Not the address itself, which may have a secret in it.
            place = getattr(scope.get("route"), "path", "")
            _log.exception("%s %s could not be answered", scope["method"], place)
            if ended:  # told already, by a face that has a form of its own
                return
            answer = problems.problem(500, "bug", problems.BUG, _(problems.OURS))
            await answer(scope, receive, send)


class _Twice(Exception):
    """A name stands twice in one object."""


class NamedOnce:
    """Refuses a body of JSON in which a field is given twice."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in BODIES:
            await self._app(scope, receive, send)
            return
        parts: list[bytes] = []
        found: str | None = None

        async def read() -> Message:
            nonlocal found
            message = await receive()
            parts.append(message.get("body", b""))
            if message["type"] == "http.request" and not message.get("more_body", False):
                found = _given_twice(b"".join(parts))
                if found is not None:
                    raise _Twice  # whoever reads the body makes a refusal of it
            return message

        async def told(message: Message) -> None:
            if found is None:
                await send(message)

        with contextlib.suppress(_Twice):
            await self._app(scope, read, told)
        if found is not None:
            await _refusal(found)(scope, receive, send)


def _given_twice(body: bytes) -> str | None:
    """The first name that an object of this JSON has twice; what is no JSON is told elsewhere."""
    try:
        json.loads(body, object_pairs_hook=_once)
    except _Twice as error:
        return str(error)[:LONGEST].encode("utf-8", "replace").decode()
    except (ValueError, RecursionError):
        return None
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise _Twice(name)
        made[name] = value
    return made


def _refusal(field: str) -> ASGIApp:
    told = FieldError(field=field, code="repeated", detail=_(TWICE))
    return problems.problem(
        422, "invalid", problems.SENSELESS, f"{field}: {told.detail}", errors=[told]
    )
