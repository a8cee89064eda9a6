"""The language of an answer: that which whoever asks reads best, of those that the program has.

It holds for one request only, whatever other requests speak meanwhile. English, unless asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from clinic_desk import i18n
from clinic_desk.rules.words import N_

LONGEST = 200
"""A longer Accept-Language is not read any further."""

_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=(0(?:\.\d+)?|1(?:\.0*)?))?\s*"
)

_SHAPES = {
    "missing": N_("This field is missing."),
    "extra_forbidden": N_("There is no such field."),
    "string_too_long": N_("This has more than {max_length} characters."),
    "string_too_short": N_("This has less than {min_length} characters."),
    "string_pattern_mismatch": N_("This has not the form that is asked for: {pattern}"),
    "string_type": N_("This is not a text."),
    "too_long": N_("There are more than {max_length} of these."),
    "greater_than_equal": N_("This is less than {ge}."),
    "less_than_equal": N_("This is more than {le}."),
    "enum": N_("This is none of {expected}."),
    "literal_error": N_("This is none of {expected}."),
    "json_invalid": N_("This is not JSON."),
    "value_error": N_("This may not be null; leave it out where it stays as it is."),
    "repeated": N_("This is given more than once."),
}
_FAMILIES = {
    "uuid": N_("This is not a uuid."),
    "int": N_("This is not a whole number."),
    "bool": N_("This is neither true nor false."),
    "date": N_("This is not a date as ISO 8601 writes it."),
    "model": N_("This is not a JSON object."),
    "dict": N_("This is not a JSON object."),
}


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


def misshapen(kind: str, context: Mapping[str, Any], otherwise: str) -> str:
    """The sentence for a field that does not fit its description, in the language of whoever
    asks; *otherwise* (English) for a kind that nobody thought of.
    """
    sentence = _SHAPES.get(kind) or _FAMILIES.get(kind.partition("_")[0])
    if sentence is None:
        return f"{otherwise}."
    params = {name: value if name != "pattern" else str(value) for name, value in context.items()}
    try:
        return i18n.filled(sentence, params)
    except (KeyError, IndexError):
        return f"{otherwise}."
