"""How much a request may bring."""

from __future__ import annotations

import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_
from clinic_desk.web.problems import problem

MOST_BYTES = 64 * 1024
"""No request of this API needs more."""

TITLE = N_("The request is too large")
DETAIL = N_("A request may have {count} bytes at the most.")


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Refuses a request whose body is too large, whether it says so beforehand or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = _(DETAIL).format(count=MOST_BYTES)
        refusal = problem(413, "too-large", TITLE, detail, headers={"Connection": "close"})
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > MOST_BYTES:
            await refusal(scope, receive, send)
            return
        got, begun, over = 0, False, False

        async def counted() -> Message:
            nonlocal got, over
            message = await receive()
            got += len(message.get("body", b""))
            if got > MOST_BYTES:
                over = True
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if over and not begun:
                return  # whoever read the body made a refusal of their own of ours
            begun = True
            await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, noted)
        if over and not begun:
            await refusal(scope, receive, send)
