"""Rings when somebody, at any desk, has committed a deed.

PostgreSQL says so itself (``LISTEN``), on a connection of the bell's own; SQLite's
``data_version`` is asked ten times a second, which costs microseconds. A line that was cut
without a word is found by asking the server for a sign of life: a bell that hears nothing
would otherwise be a bell that everybody trusts.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from clinic_desk.services.watchdog import Watchdog, cut_off

QUIET_SECONDS = 3.0
"""So long nothing is heard before the server is asked for a sign of life."""

SIGN_SECONDS = 4.0
"""So long it may take to give one; together well under the ten seconds in which a desk is told."""

POLL_SECONDS = 0.1
BACK_OFF = (0.2, 0.5, 1.0, 2.0)
"""Waits before each new attempt to connect; the last one repeats."""

CHANNEL = "clinic_desk"


class State(StrEnum):
    """Whether the bell can be heard."""

    CONNECTED = "connected"
    RECONNECTING = "reconnecting"


class Doorbell:
    """Listens on a thread of its own, on which it also calls back.

    ``on_ring()`` is called after each deed of anybody (several deeds may ring once), and once
    after each reconnection, since what happened meanwhile went unheard.
    ``on_state(state, since)`` is called when the line is lost and when it is there again.
    """

    def __init__(
        self,
        url: str,
        *,
        on_ring: Callable[[], None],
        on_state: Callable[[State, datetime], None],
    ) -> None:
        self._url = url
        self._on_ring = on_ring
        self._on_state = on_state
        self._stop = threading.Event()
        self._watchdog = Watchdog()
        self._line: Any = None
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread has ended."""
        self._stop.set()
        line = self._line
        if line is not None and not self._url.startswith("sqlite"):
            cut_off(line)
        if self._thread.is_alive():
            self._thread.join(timeout=SIGN_SECONDS + 5)
        self._watchdog.close()

    def _run(self) -> None:
        listen = self._hear_file if self._url.startswith("sqlite") else self._hear_server
        lost_at: datetime | None = None
        attempt = 0
        while not self._stop.is_set():
            try:
                with contextlib.closing(self._open()) as line:
                    self._line = line
                    if lost_at is not None:
                        self._on_state(State.CONNECTED, datetime.now(UTC))
                        self._on_ring()
                        lost_at = None
                    attempt = 0
                    listen(line)
            except Exception:
                if self._stop.is_set():
                    return
                if lost_at is None:
                    lost_at = datetime.now(UTC)
                    self._on_state(State.RECONNECTING, lost_at)
                self._stop.wait(BACK_OFF[min(attempt, len(BACK_OFF) - 1)])
                attempt += 1
            finally:
                self._line = None

    def _open(self) -> Any:
        if self._url.startswith("sqlite"):
            from sqlcipher3 import dbapi2

            path = Path(self._url.removeprefix("sqlite:///"))
            path.stat()  # opening would make a new, empty file where ours was taken away
            return dbapi2.connect(str(path), timeout=1, isolation_level=None)
        import psycopg

        line = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            application_name="Clinic Desk bell",
        )
        self._line = line
        with self._watchdog.watching(line, SIGN_SECONDS):
            line.execute(f"LISTEN {CHANNEL}")
        return line

    def _hear_server(self, line: Any) -> None:
        while not self._stop.is_set():
            heard = False
            for _ in line.notifies(timeout=QUIET_SECONDS, stop_after=1):
                heard = True
            if self._stop.is_set():
                return
            if heard:
                self._on_ring()
                continue
            with self._watchdog.watching(line, SIGN_SECONDS):
                line.execute("SELECT 1").fetchone()

    def _hear_file(self, line: Any) -> None:
        path = Path(self._url.removeprefix("sqlite:///"))
        file = path.stat().st_ino
        known = line.execute("PRAGMA data_version").fetchone()
        polls = 0
        while not self._stop.wait(POLL_SECONDS):
            polls += 1
            if polls % 10 == 0 and path.stat().st_ino != file:
                raise FileNotFoundError(path)
            version = line.execute("PRAGMA data_version").fetchone()
            if version != known:
                known = version
                self._on_ring()
