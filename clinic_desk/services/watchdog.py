"""A deadline for every wait on a server.

A network that is cut without a word leaves a client waiting for ever: keep-alives do not
fire while data is unacknowledged, and ``tcp_user_timeout`` does not exist on Windows.
So each exchange is watched from one thread; when its time is up the socket is shut down
and the waiting thread gets an ordinary connection error.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 8.0
"""Longer than any lock is waited for (``models.server.LOCK_SECONDS``), so that "busy" is not told
as "gone"; shorter than the ten seconds in which a desk is told."""

_TICK = 0.5
_AWAKE_SECONDS = 30.0
"""So long after the last exchange the thread goes on ticking: waking it for each exchange
costs more (0.25 ms) than most of them."""


class Watchdog:
    """Watches the exchanges of all threads of one process with one server."""

    def __init__(self) -> None:
        self._watched: dict[object, tuple[Any, float]] = {}
        self._guard = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._asleep = False
        self._last = 0.0

    @contextlib.contextmanager
    def watching(self, connection: Any, seconds: float = DEADLINE_SECONDS) -> Iterator[None]:
        """Cut *connection* off if the body has not ended after *seconds*."""
        me = object()
        with self._guard:
            self._last = time.monotonic()
            self._watched[me] = (connection, self._last + seconds)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif self._asleep:
                self._guard.notify()
        try:
            yield
        finally:
            with self._guard:
                self._watched.pop(me, None)

    def close(self) -> None:
        """End the thread; nothing is watched any more."""
        with self._guard:
            self._closed = True
            self._guard.notify()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._guard:
                if self._closed:
                    return
                now = time.monotonic()
                self._asleep = not self._watched and now > self._last + _AWAKE_SECONDS
                self._guard.wait(None if self._asleep else _TICK)
                self._asleep = False
                now = time.monotonic()
                late = [c for c, deadline in self._watched.values() if deadline < now]
                for connection in late:
                    cut_off(connection)


def cut_off(connection: Any) -> None:
    """Shut the connection's socket down, so that a thread that waits on it wakes."""
    try:
        # Not os.dup: on Windows this is a handle of the network library, no file of ours.
        line = socket.socket(fileno=connection.pgconn.socket)
        try:
            line.shutdown(socket.SHUT_RDWR)
        finally:
            line.detach()
    except Exception as error:  # it has ended meanwhile, or this system cannot: then say so
        log.warning("a silent connection could not be cut off: %r", error)
