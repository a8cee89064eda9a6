"""A deadline for every wait on a server.

A network that is cut without a word leaves a client waiting for ever: keep-alives do not
fire while data is unacknowledged, and ``tcp_user_timeout`` does not exist on Windows.
So each exchange is watched from one thread; when its time is up the socket is shut down
and the waiting thread gets an ordinary connection error.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

DEADLINE_SECONDS = 8.0
"""Longer than any lock is waited for, shorter than the ten seconds in which a desk is told."""

_TICK = 0.5


class Watchdog:
    """Watches the exchanges of all threads of one process with one server."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[Any, float]] = {}
        self._guard = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextlib.contextmanager
    def watching(self, connection: Any, seconds: float = DEADLINE_SECONDS) -> Iterator[None]:
        """Cut *connection* off if the body has not ended after *seconds*."""
        me = threading.get_ident()
        with self._guard:
            self._watched[me] = (connection, time.monotonic() + seconds)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif len(self._watched) == 1:
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
                self._guard.wait(_TICK if self._watched else None)
                now = time.monotonic()
                late = [c for c, deadline in self._watched.values() if deadline < now]
                for connection in late:
                    cut_off(connection)


def cut_off(connection: Any) -> None:
    """Shut the connection's socket down, so that a thread that waits on it wakes."""
    with contextlib.suppress(Exception):
        descriptor = os.dup(connection.pgconn.socket)
        with socket.socket(fileno=descriptor) as line:
            line.shutdown(socket.SHUT_RDWR)
