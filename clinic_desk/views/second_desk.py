"""Somebody else at another desk, for the tour: another process on the same database."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from clinic_desk.services.cards import AppointmentCard

if TYPE_CHECKING:
    from clinic_desk.views.app import Desktop

_PROGRAM = """
import sys
from datetime import datetime
from clinic_desk.rules.spans import Span
from clinic_desk.services import accounts, diary
from clinic_desk.services.store import open_store
url, name, password = sys.argv[1:4]
store = open_store(url)
actor = accounts.sign_in(store, name, password)
print("ready", flush=True)
for line in sys.stdin:
    number, begin = line.split()
    card = diary.appointment(actor, int(number))
    span = Span.lasting(datetime.fromisoformat(begin), card.span.minutes)
    diary.move(actor, card.id, span=span, version=card.version)
    print("moved", flush=True)
store.close()
"""


class SecondDesk:
    """Signs in and moves visits when told. Raises ``OSError`` where it cannot start."""

    def __init__(self, program: Desktop, name: str, password: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _PROGRAM, program.url, name, password],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer("ready")

    def move(self, card: AppointmentCard, begin: datetime) -> Callable[[], float]:
        """Move *card* to *begin*; gives a function that says how long ago it was done."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{card.id} {begin.isoformat()}\n")
        self._process.stdin.flush()
        self._answer("moved")
        done = time.monotonic()
        return lambda: time.monotonic() - done

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _answer(self, expected: str) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if line != expected:
            raise OSError(f"the second desk said {line!r} instead of {expected!r}")
