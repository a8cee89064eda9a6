"""Lines that say nothing: whoever opens one and sends no whole request does not keep it.

The server itself waits for ever for the head of a request, and has no more lines than the system
lets it have open: a thousand that only wait would make it deaf for everybody.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_SECONDS = 10.0
"""So long a line may wait for the head of its next request, and twice as long at the most."""


class Line(H11Protocol):
    """A line to a program; it is looked at from time to time, and closed where nothing was asked
    since the last look.
    """

    _looking: asyncio.TimerHandle | None = None
    _seen: object = None
    """The request that had been answered when the line was looked at; none at first."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

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
