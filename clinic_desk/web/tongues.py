"""The language of an answer: that which whoever asks reads best, of those that the program has.

It holds for one request only, whatever other requests speak meanwhile. English, unless asked.
"""

from __future__ import annotations

import re
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from clinic_desk import i18n

LONGEST = 200
"""A longer Accept-Language is not read any further."""

_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=(0(?:\.\d+)?|1(?:\.0*)?))?\s*"
)


class Tongues:
    """Lets each request speak the language that its Accept-Language asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"accept-language", b"")
        with i18n.speaking(spoken(given[:LONGEST].decode("latin-1"))):
            await self._app(scope, receive, send)


@lru_cache(maxsize=256)
def spoken(accepted: str) -> str:
    """The best language for an Accept-Language; a region keeps its way of writing times."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        found = _RANGE.fullmatch(part)
        if found and (weight := float(found[2] or 1)) > 0:
            wanted.append((-weight, i18n.SOURCE if found[1] == "*" else _tag(found[1])))
    return i18n.best(tag for _weight, tag in sorted(wanted, key=lambda pair: pair[0]))


def _tag(text: str) -> str:
    """A region counts where there is such a place: nobody fills our memory with others."""
    from babel import localedata

    tongue, *rest = text.lower().split("-")
    regions = (part.upper() for part in rest if len(part) == 2)
    known = (f"{tongue}_{region}" for region in regions)
    return next((tag for tag in known if localedata.exists(tag)), tongue)
