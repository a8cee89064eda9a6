"""How often a program may ask: a bucket for each token, which fills again evenly; and how often
an address may be wrong about who it is.

The buckets are in memory and their number is bounded: those that were asked for the longest ago
go first, and whoever loses one only finds it full again.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from fastapi.security.utils import get_authorization_scheme_param
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_
from clinic_desk.web.problems import problem

PER_MINUTE = 600
"""So often a token may ask in a minute, unless whoever serves says otherwise."""

FAILURES = 30
"""So often in a minute an address may come with a token (or a secret address) that is none."""

SECRETS = "/feeds/"
"""Below it an address is itself a secret."""

MOST_BUCKETS = 20_000
WINDOW_SECONDS = 60

TOLD: Final = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "RateLimit": {
        "description": "How many requests are left, and the seconds until all are again.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How many requests are allowed in how many seconds.",
        "schema": {"type": "string"},
    },
}
"""The headers of a refusal, as they are described."""

TITLE = N_("Too many requests")
DETAIL = N_("Nobody may ask more than {count} times a minute.")
STRANGER = N_("Too many requests from this address came without a token that is known.")
WAY_OUT = N_("Wait {seconds} seconds, then ask again.")


class Standing(NamedTuple):
    """What is left in a bucket; ``wait`` is 0 where there is something, else the seconds until
    there is; ``full`` the seconds until nothing is missing.
    """

    left: int
    wait: float
    full: float


class Buckets:
    """A bucket for each key, full at first; for any thread. *clock* counts seconds."""

    def __init__(
        self,
        per_minute: int,
        *,
        most: int = MOST_BUCKETS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_minute = per_minute
        self._refill = per_minute / WINDOW_SECONDS
        self._most, self._clock = most, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def look(self, key: str) -> Standing:
        """How a bucket stands, without taking from it."""
        with self._guard:
            return self._standing(self._level(key))

    def take(self, key: str) -> Standing:
        """Take one, where there is one: ``wait`` says whether there was not."""
        with self._guard:
            level = self._level(key)
            found = self._standing(level)
            if not found.wait:
                level -= 1
                found = found._replace(left=int(level))
            self._held[key] = (level, self._clock())
            self._held.move_to_end(key)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
            return found

    def forget(self, key: str) -> None:
        """Throw a bucket away."""
        with self._guard:
            self._held.pop(key, None)

    def _level(self, key: str) -> float:
        level, at = self._held.get(key, (float(self.per_minute), 0.0))
        if key not in self._held:
            return level
        return min(float(self.per_minute), level + (self._clock() - at) * self._refill)

    def _standing(self, level: float) -> Standing:
        wait = 0.0 if level >= 1 else (1 - level) / self._refill
        return Standing(int(level), wait, (self.per_minute - level) / self._refill)


class RateLimit:
    """Refuses whoever asks too often, before anything is looked up for them.

    A token that was right a moment ago is let in even where somebody else at the same address
    (behind the same router, say) comes with wrong ones. *per_minute* 0 sets no limit.
    """

    def __init__(self, app: ASGIApp, per_minute: int = PER_MINUTE) -> None:
        self._app = app
        self._asked = Buckets(per_minute) if per_minute else None
        self._failed = Buckets(FAILURES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._asked is None:
            await self._app(scope, receive, send)
            return
        asked, failed = self._asked, self._failed
        address = (scope.get("client") or ("",))[0]
        given, anybody = _token(scope), f"from {address}"
        key = hashlib.sha256(given.encode()).hexdigest() if given else anybody
        known = bool(given) and key in asked
        stranger = failed.look(address)
        if stranger.wait and not known:
            await _refusal(stranger, STRANGER, FAILURES)(scope, receive, send)
            return
        # A token that nobody has seen yet is only a word: it counts for its address too.
        first = asked.take(anybody) if given and not known else None
        standing = first if first and first.wait else asked.take(key)
        if standing.wait:
            await _refusal(standing, DETAIL, asked.per_minute)(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                # Whoever only looks at a wrong address, as a health check does, guesses nothing.
                if status == 401 or (status == 404 and scope["path"].startswith(SECRETS)):
                    failed.take(address)
                    asked.forget(key)
                else:
                    _tell(MutableHeaders(scope=message), standing, asked.per_minute)
            await send(message)

        await self._app(scope, receive, noted)


def _token(scope: Scope) -> str:
    """The token as :mod:`clinic_desk.web.security` reads it, however its header is written, so
    that one token has one bucket; empty where there is none. A calendar's address takes none:
    whatever stands beside it does not hide who guesses.
    """
    if scope["path"].startswith(SECRETS):
        return ""
    scheme, text = get_authorization_scheme_param(Headers(scope=scope).get("authorization"))
    return text if scheme.lower() == "bearer" else ""


def _refusal(standing: Standing, detail: str, count: int) -> ASGIApp:
    seconds = max(1, math.ceil(standing.wait))
    answer = problem(
        429,
        "too-many-requests",
        TITLE,
        _(detail).format(count=count),
        way_out=_(WAY_OUT).format(seconds=seconds),
        headers={"Retry-After": str(seconds)},
    )
    _tell(answer.headers, standing, count)
    return answer


def _tell(headers: MutableHeaders, standing: Standing, count: int) -> None:
    headers["RateLimit-Policy"] = f'"minute";q={count};w={WINDOW_SECONDS}'
    headers["RateLimit"] = f'"minute";r={standing.left};t={math.ceil(standing.full)}'
