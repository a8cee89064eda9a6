"""The thread that calls other programs, beside the one that sends mails: neither waits for the
other.

Every desk runs one with its sender, and ``serve`` too: calls are claimed, so nothing is called
by two. A computer without the organisation's key writes calls down and leaves them to those
that have it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime

from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.served import Served
from clinic_desk.services.store import Store

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0
"""Another program is told so soon after a change; looking costs a short query."""

LONGEST_PAUSE_SECONDS = 300.0
ASK_AGAIN_SECONDS = 60.0
"""How often a keyring that has no key is asked again: it may be slow."""

FORGET_SECONDS = 3600.0


class Courier:
    """Makes rounds for some organisations (None: for all that there are, and those to come) until
    it is stopped, with a connection of its own.
    """

    def __init__(
        self,
        store: Store,
        organisation_ids: Collection[int] | None,
        *,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._store = store
        self._served = Served(store, organisation_ids)
        self._pause = pause_seconds
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._asked: dict[int, float] = {}
        self._forgot: dict[int, float] = {}

    def start(self) -> None:
        """Begin to make rounds."""
        self._thread.start()

    def wake(self) -> None:
        """Make a round now, and ask for the key anew."""
        self._asked.clear()
        self._woken.set()

    @property
    def is_running(self) -> bool:
        """Whether its thread is there still."""
        return self._thread.is_alive()

    def stop(self, timeout: float = 10.0) -> bool:
        """End after the call that is under way; the others wait. Waits *timeout* seconds at most
        (0: not at all); False where the thread is there still.
        """
        self._ended.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = self._pause
        try:
            while not self._ended.is_set():
                self._woken.clear()
                if self._ended.is_set():  # it was set, and its ring just wiped out
                    break
                troubled = [n for n in self._served.now() if not self._round(n)]
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if troubled else self._pause
                self._served.wait(self._woken, pause)
        finally:
            with contextlib.suppress(Exception):
                self._store.forget_connection()

    def _round(self, organisation_id: int) -> bool:
        """False where the database or the safe made trouble."""
        try:
            if not self._store.rows(
                "SELECT 1 FROM webhook WHERE organisation_id = ? LIMIT 1", (organisation_id,)
            ):
                return True
            # Only who has webhooks loads what they need.
            from clinic_desk.services import webhook_delivery

            now = datetime.now(UTC)
            webhook_delivery.run_once(
                self._store,
                organisation_id,
                now,
                key=self._key(organisation_id),
                ended=self._ended.is_set,
            )
            if time.monotonic() >= self._forgot.get(organisation_id, 0.0):
                webhook_delivery.forget_old(self._store, organisation_id, now)
                self._forgot[organisation_id] = time.monotonic() + FORGET_SECONDS
        except ClinicError as error:
            log.warning("a round of the courier was given up: %s", type(error).__name__)
            return False
        except Exception:
            log.exception("a round of the courier was given up")
            return False
        return True

    def _key(self, organisation_id: int) -> str | None:
        from clinic_desk.services import webhook_keys

        if time.monotonic() < self._asked.get(organisation_id, 0.0):
            return None
        found = webhook_keys.known(self._store, organisation_id)
        if found is None:
            self._asked[organisation_id] = time.monotonic() + ASK_AGAIN_SECONDS
        return found
