"""For which organisations a thread works: those that were named, or all that there are."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection

from clinic_desk.services.store import Store

LOOK_SECONDS = 30.0
"""So often, while nothing else happens, somebody who works for all looks for new ones."""


class Served:
    """The organisations of a database; None stands for all of them, also those that are founded
    while the thread runs.
    """

    def __init__(self, store: Store, organisation_ids: Collection[int] | None) -> None:
        self._store = store
        self._all = organisation_ids is None
        self._known = tuple(organisation_ids or ())

    def now(self) -> tuple[int, ...]:
        """As it is now; as it was last, where the database is away."""
        if self._all:
            with contextlib.suppress(Exception):  # whoever works for them meets the trouble too
                found = self._store.rows("SELECT id FROM organisation ORDER BY id")
                self._known = tuple(number for (number,) in found)
        return self._known

    def wait(self, woken: threading.Event, seconds: float) -> None:
        """Wait so long, or until *woken* is set, or an organisation was founded."""
        if not self._all:
            woken.wait(seconds)
            return
        give_up, known = time.monotonic() + seconds, self._known
        while (left := give_up - time.monotonic()) > 0:
            if woken.wait(min(left, LOOK_SECONDS)) or self.now() != known:
                return
