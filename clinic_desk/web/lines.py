"""Lines that say nothing, or never stop: whoever opens one and sends no whole request neither
keeps it nor fills the server's memory.

The server itself waits for ever for the head of a request, however long it gets, and has no more
lines than the system lets it have open: a thousand that only wait would make it deaf for
everybody.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_
from clinic_desk.web.problems import problem

HEAD_SECONDS = 10.0
"""So long a line may wait for the head of its next request, and twice as long at the most."""

MOST_HEAD_BYTES = 64 * 1024
"""No head of a request is longer than this."""

TOO_LONG = N_("The head of the request is too long.")
UNREADABLE = N_("The request cannot be read")


class Line(HttpToolsProtocol):
    """A line to a program; it is looked at from time to time, and closed where nothing was asked
    since the last look.
    """

    _looking: asyncio.TimerHandle | None = None
    _seen: object = None
    """The request that had been answered when the line was looked at; none at first."""
    _head_bytes = 0
    """How much came of a head that is not whole yet."""
    _in_body, _heads = False, 0
    """Whether it is in the body of a request, and how many heads were whole."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has no end."""
        was_body, heads = self._in_body, self._heads
        super().data_received(data)
        if was_body or self._in_body or heads != self._heads:
            return  # not all of it was one head's
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what stands before a body; nobody asks for what comes behind one, without end."""
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_body, self._heads, self._head_bytes = True, self._heads + 1, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is a head."""
        self._in_body = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say in our form that this is no request, and close the line."""
        detail = _(TOO_LONG) if msg == TOO_LONG else _(UNREADABLE)
        more = {"Connection": "close"}
        answer = problem(400, "unreadable", UNREADABLE, detail, headers=more)
        head = b"".join(b"%s: %s\r\n" % each for each in answer.raw_headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head + b"\r\n" + answer.body)
        self.transport.close()

    def _look_later(self) -> None:
        self._looking = self.loop.call_later(HEAD_SECONDS, self._look)

    def _look(self) -> None:
        newest: object = self.cycle
        if isinstance(newest, RequestResponseCycle) and not newest.response_complete:
            newest = self  # a request is being worked on, however long that takes
        elif newest is self._seen:
            self.transport.close()
            return
        self._seen = newest
        self._look_later()
