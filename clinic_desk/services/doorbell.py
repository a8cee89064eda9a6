"""Waiting for a ring: something was committed, here or at another desk.

A thread of its own with a connection of its own, so that a dead line here never stops a
save. PostgreSQL tells (LISTEN); whether the line still lives is asked every few seconds with
a deadline of our own, since keep-alives alone may not notice a cut for minutes. The question
is the head of the history, so a lost notice is made good as well. SQLite is asked for its
``data_version`` many times a second, which costs microseconds.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.store import Store
from clinic_desk.services.watchdog import Watchdog, cut_off

State = Literal["connected", "reconnecting"]

PROBE_SECONDS = 3.0
"""How often the line to a server is tried."""

ANSWER_SECONDS = 4.0
"""How long a server may take for that; with the pause before and the tick of the watchdog a
silent cut is told within eight seconds."""

POLL_SECONDS = 0.05
"""How often a file is asked whether somebody has written."""

FILE_SECONDS = 1.0
"""How often it is made sure that the open file is still the one at its path."""

BACK_OFF_SECONDS = (0.2, 0.5, 1.0, 1.5)
"""Pauses before the next attempt to connect; the last one repeats."""

Told = Callable[[State, datetime], None]


class Doorbell:
    """Rings when the organisation's history may have grown, until it is closed.

    *on_ring* is called without arguments after each commit that may concern the organisation
    (several may ring once) and after each reconnecting; *on_state* with the state and the
    instant since when what is shown is known to be true. Both are called on the bell's own
    thread and must be quick (a Qt signal).
    """

    def __init__(
        self,
        store: Store,
        organisation_id: int,
        *,
        on_ring: Callable[[], None],
        on_state: Told | None = None,
    ) -> None:
        self._stop = threading.Event()
        kind = _ServerLine if store.dialect == "postgresql" else _FileLine
        self._line: _Line = kind(store.url, organisation_id, self._stop)
        self._on_ring = on_ring
        self._on_state = on_state or (lambda _state, _since: None)
        self._state: State | None = None
        self._true_at = datetime.now(UTC)
        self._thread = threading.Thread(target=self._run, name="clinic-desk-bell", daemon=True)

    @property
    def state(self) -> State:
        """Whether the database can be heard."""
        return self._state or "reconnecting"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self, seconds: float = 2.0) -> bool:
        """Stop listening. False where the thread still hangs on a dead line (it is a daemon)."""
        self._stop.set()
        self._line.interrupt()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            try:
                self._line.open()
                attempt = 0
                self._told("connected")
                self._on_ring()  # whatever happened before this line stood
                self._listen()
            except Exception as error:
                if not _of_the_world(error):
                    raise
            finally:
                self._line.close()
            if not self._stop.is_set():
                self._told("reconnecting")
                self._stop.wait(BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS) - 1)])
                attempt += 1

    def _listen(self) -> None:
        while not self._stop.is_set():
            rang = self._line.wait()
            self._true_at = datetime.now(UTC)
            if rang and not self._stop.is_set():
                self._on_ring()

    def _told(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self._on_state(state, self._true_at)


class _Line(ABC):
    """The way to one kind of database. What it raises means: the line is dead."""

    def __init__(self, url: str, organisation_id: int, stop: threading.Event) -> None:
        self.url = url
        self.organisation_id = organisation_id
        self.stop = stop

    @abstractmethod
    def open(self) -> None:
        """Connect and listen."""

    @abstractmethod
    def wait(self) -> bool:
        """Wait for a ring, but not for ever; False where there was none."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection, broken or not."""

    @abstractmethod
    def interrupt(self) -> None:
        """Wake a thread that is in :meth:`wait`; called from another thread."""


class _ServerLine(_Line):
    """LISTEN on PostgreSQL."""

    _connection: Any = None
    _watchdog: Watchdog | None = None
    _head = -1

    def open(self) -> None:
        import psycopg

        self._watchdog = Watchdog()
        # Its deadline bounds the whole attempt, also where the far side accepts and is silent.
        self._connection = psycopg.connect(
            self.url,
            autocommit=True,
            connect_timeout=3,
            application_name="Clinic Desk bell",
        )
        with self._watchdog.watching(self._connection, ANSWER_SECONDS):
            self._connection.execute("LISTEN clinic_desk")
        self._head = self._read_head()

    def wait(self) -> bool:
        mark = f"{self.organisation_id}:"
        for notice in self._connection.notifies(timeout=PROBE_SECONDS, stop_after=1):
            seq = notice.payload.removeprefix(mark)
            if seq != notice.payload and seq.isdecimal():  # anybody may ring by hand
                self._head = max(self._head, int(seq))
                return True
            return False
        head = self._read_head()
        rang, self._head = head != self._head, head
        return rang

    def close(self) -> None:
        if self._watchdog is not None:
            self._watchdog.close()
        if self._connection is not None:
            with contextlib.suppress(Exception):
                cut_off(self._connection)
                self._connection.close()
        self._connection = self._watchdog = None

    def interrupt(self) -> None:
        if self._connection is not None:
            cut_off(self._connection)

    def _read_head(self) -> int:
        """The newest deed: proof of a living line, and of nothing missed."""
        assert self._watchdog is not None
        with self._watchdog.watching(self._connection, ANSWER_SECONDS):
            found = self._connection.execute(
                "SELECT seq FROM deed WHERE organisation_id = %s ORDER BY seq DESC LIMIT 1",
                (self.organisation_id,),
            ).fetchone()
        return int(found[0]) if found else 0


class _FileLine(_Line):
    """``PRAGMA data_version`` on SQLite: another number means that somebody committed."""

    _connection: Any = None
    _version = 0
    _identity: tuple[int, int] = (0, 0)
    _polls = 0

    def open(self) -> None:
        from sqlcipher3 import dbapi2 as sqlite

        path = Path(self.url.removeprefix("sqlite:///")).absolute()
        self._identity = _identity(path)
        self._connection = sqlite.connect(
            f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=1.0
        )
        self._path = path
        self._version = self._data_version()

    def wait(self) -> bool:
        self.stop.wait(POLL_SECONDS)
        self._polls += 1
        if self._polls * POLL_SECONDS >= FILE_SECONDS:
            self._polls = 0
            if _identity(self._path) != self._identity:
                raise FileNotFoundError(self._path)
        version = self._data_version()
        rang, self._version = version != self._version, version
        return rang

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
        self._connection = None

    def interrupt(self) -> None:
        """It waits on the event itself, which is set by now."""

    def _data_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


def _identity(path: Path) -> tuple[int, int]:
    """What file stands at the path; another one after it was replaced. Raises ``OSError``."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _of_the_world(error: Exception) -> bool:
    """Whether a broken line explains the error; all else is a bug of ours."""
    module = type(error).__module__
    return isinstance(error, OSError | ClinicError) or module.startswith(
        ("psycopg", "sqlcipher3", "sqlite3")
    )
