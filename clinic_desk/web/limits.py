"""How much a request may bring, and how long it may take to bring it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_
from clinic_desk.web.problems import RETRY_SECONDS, problem

MOST_BYTES = 64 * 1024
"""No request of this API needs more."""

TITLE = N_("The request is too large")
BODY_SECONDS = 10.0
"""So long the body of a request may be on its way."""

DETAIL = N_("A request may have {count} bytes at the most.")
LATE = N_("The request did not arrive")
TOO_LATE = N_("A request has to arrive within {count} seconds.")
STOPPED = N_("The service is not available now")
STOPS = N_("The server is being stopped.")


class _Unread(Exception):
    """The body is not read any further."""


class Arrivals:
    """The bodies that are on their way to a server. All of it runs in the server's loop."""

    def __init__(self) -> None:
        self.ended = False
        self._awaited: set[asyncio.Timeout] = set()

    @contextlib.asynccontextmanager
    async def awaited(self, give_up: float) -> AsyncIterator[None]:
        """Raises ``TimeoutError`` where what happens within takes longer than to *give_up* (by
        ``time.monotonic``), or the server is told to stop meanwhile.
        """
        left = 0.0 if self.ended else max(0.0, give_up - time.monotonic())
        async with asyncio.timeout(left) as limit:
            self._awaited.add(limit)
            try:
                yield
            finally:
                self._awaited.discard(limit)

    def end(self) -> None:
        """Wait for none of them any longer: of such a request nothing has been done yet."""
        self.ended = True
        for limit in self._awaited:
            limit.reschedule(asyncio.get_running_loop().time())


class BodyLimit:
    """Refuses a request whose body is too large, whether it says so beforehand or not, and one
    whose body does not come: nobody keeps a line by saying nothing, and a server that is to stop
    waits for none at all.
    """

    def __init__(self, app: ASGIApp, arrivals: Arrivals) -> None:
        self._app = app
        self._arrivals = arrivals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > MOST_BYTES:
            await _too_large()(scope, receive, send)
            return
        got, begun, whole = 0, False, False
        give_up = time.monotonic() + BODY_SECONDS
        refusal: ASGIApp | None = None

        async def counted() -> Message:
            nonlocal got, whole, refusal
            if whole:  # what comes now is that the line was closed, whenever that is
                return await receive()
            try:
                async with self._arrivals.awaited(give_up):
                    message = await receive()
            except TimeoutError:
                refusal = _stopped() if self._arrivals.ended else _too_late()
                raise _Unread from None
            got += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if got > MOST_BYTES:
                refusal = _too_large()
                raise _Unread
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if refusal is not None and not begun:
                return  # whoever read the body made a refusal of their own of ours
            begun = True
            await send(message)

        with contextlib.suppress(_Unread):
            await self._app(scope, counted, noted)
        if refusal is not None and not begun:
            await refusal(scope, receive, send)


class Stopping:
    """Answers what is cut off because the server stops: the server cancels what did not end in
    time, and whoever waits for it is told so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            if not begun:
                await _stopped()(scope, receive, send)


def _stopped() -> ASGIApp:
    headers = {"Connection": "close", "Retry-After": str(RETRY_SECONDS)}
    return problem(503, "unavailable", STOPPED, _(STOPS), headers=headers)


def _too_large() -> ASGIApp:
    detail = _(DETAIL).format(count=MOST_BYTES)
    return problem(413, "too-large", TITLE, detail, headers={"Connection": "close"})


def _too_late() -> ASGIApp:
    detail = _(TOO_LATE).format(count=round(BODY_SECONDS))
    return problem(408, "too-late", LATE, detail, headers={"Connection": "close"})
