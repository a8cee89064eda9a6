"""What a search asks for: the parameters of FHIR's search, read strictly.

A parameter that nobody knows is refused and never ignored: whoever misspells a filter must not
take the whole diary for its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.web.times import OFFSET

MOST = 100
USUAL = 50
MOST_VALUES = 50
"""So many values of one parameter are read, joined by commas or not."""

UNKNOWN = N_("There is no search parameter “{name}” here; there are: {known}.")
REPEATED = N_("The search parameter “{name}” may be given once.")
NOT_A_REFERENCE = N_("“{name}” names a record by its type and uuid, such as {example}.")
NOT_A_DATE = N_("“{text}” is not a date or time as FHIR writes it.")
NO_PREFIX = N_("The prefix “{prefix}” is not known here; there are: eq, ge, gt, le, lt, sa, eb.")
NOT_A_COUNT = N_("“_count” is a whole number from 1.")
NOT_A_PAGE = N_("This address of a page was not given by this server.")
NOT_A_SORT = N_("The list is sorted by “{name}” only.")
NO_SUCH_CODE = N_("“{name}” has no code “{code}”; there are: {known}.")
NO_VALUE = N_("“{name}” is empty: leave it out, or say what is looked for.")
TOO_MANY = N_("“{name}” may have {most} values at the most.")

_REFERENCE = re.compile(
    r"(?:(?:https?://[^\s?#]+/)?([A-Z][A-Za-z]+)/)?"
    r"([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"
)
_DATE = re.compile(r"([a-z]{2})?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(.+))?)?)?", re.ASCII)
_TIME = re.compile(rf"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{{1,6}})\d*)?)?({OFFSET})?", re.ASCII)
_ALWAYS: Final = ("_format", "_count", "_page", "_sort")
_LOWER: Final = {"ge": 0, "gt": 1, "sa": 1, "eq": 0}
_UPPER: Final = {"lt": 0, "eb": 0, "le": 1, "eq": 1}


class Asked:
    """The parameters of one search; ``single`` names those that may not be repeated."""

    def __init__(self, given: QueryParams, known: Iterable[str], dates: Iterable[str]) -> None:
        names = (*known, *_ALWAYS)
        self._dates = frozenset(dates)
        self._held: dict[str, list[str]] = {}
        for name, value in given.multi_items():
            if name not in names:
                raise Invalid(name[:64], UNKNOWN, name=name[:64], known=", ".join(names))
            if name in self._held and name not in self._dates:
                raise Invalid(name, REPEATED, name=name)
            self._held.setdefault(name, []).append(value)
            if len(self._held[name]) > MOST_VALUES:
                raise Invalid(name, TOO_MANY, name=name, most=MOST_VALUES)

    def __contains__(self, name: str) -> bool:
        return name in self._held

    def text(self, name: str) -> str | None:
        """A parameter that has one value."""
        return self._held[name][0] if name in self._held else None

    def values(self, name: str) -> list[str] | None:
        """The values of a parameter, of which one has to fit. Raises ``Invalid`` for none: nothing
        fits that, and nobody asks for nothing.
        """
        text = self.text(name)
        if text is None:
            return None
        found = [part.strip() for part in text.split(",")]
        if len(found) > MOST_VALUES:
            raise Invalid(name, TOO_MANY, name=name, most=MOST_VALUES)
        if not any(found):
            raise Invalid(name, NO_VALUE, name=name)
        return [part for part in found if part]

    def references(self, name: str, *kinds: str) -> list[tuple[str, str]] | None:
        """The records that a parameter names: kind (empty where it is not told) and uuid.
        Raises ``Invalid`` for another kind.
        """
        found = self.values(name)
        if found is None:
            return None
        out = []
        for value in found:
            match = _REFERENCE.fullmatch(value)
            if match is None or (match[1] and match[1] not in kinds):
                example = f"{kinds[0]}/6f1f5c4e-2b0a-4c61-9a51-0d8a1f0e8c11"
                raise Invalid(name, NOT_A_REFERENCE, name=name, example=example)
            out.append((match[1] or "", match[2].lower()))
        return out

    def codes(self, name: str, known: Mapping[str, object]) -> list[str] | None:
        """The codes of a parameter, with or without their system. Raises ``Invalid``."""
        found = self.values(name)
        if found is None:
            return None
        codes = [value.rpartition("|")[2] for value in found]
        for code in codes:
            if code not in known:
                raise Invalid(name, NO_SUCH_CODE, name=name, code=code[:64], known=", ".join(known))
        return codes

    def period(self, name: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From when until before when (UTC) all values of a date parameter hold together."""
        begin: datetime | None = None
        end: datetime | None = None
        for text in self._held.get(name, ()):
            prefix, edges = edges_of(name, text, zone)
            if prefix in _LOWER:
                at = edges[_LOWER[prefix]]
                begin = at if begin is None else max(begin, at)
            if prefix in _UPPER:
                at = edges[_UPPER[prefix]]
                end = at if end is None else min(end, at)
        return begin, end

    def count(self) -> int:
        """How many may stand on a page: never more than :data:`MOST`."""
        text = self.text("_count")
        if text is None:
            return USUAL
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
            raise Invalid("_count", NOT_A_COUNT)
        return min(int(text), MOST)

    def sorted_by(self, name: str) -> None:
        """Raise ``Invalid`` unless the order asked for is the one that there is."""
        if self.text("_sort") not in {None, "", name}:
            raise Invalid("_sort", NOT_A_SORT, name=name)

    def links(self, address: str, page: str | None) -> list[dict[str, str]]:
        """The links of a Bundle: itself, and the next page where there is one."""
        held = [(n, v) for n, values in self._held.items() for v in values]
        out = [{"relation": "self", "url": _url(address, held)}]
        if page is not None:
            rest = [(n, v) for n, v in held if n != "_page"]
            out.append({"relation": "next", "url": _url(address, [*rest, ("_page", page)])})
        return out


def edges_of(name: str, text: str, zone: ZoneInfo) -> tuple[str, tuple[datetime, datetime]]:
    """The prefix of a date, and the first instant (UTC) that it means and the first after it:
    a day, a month and a year count whole. Without an offset it is the wall time in *zone*.

    Raises ``Invalid`` for what is none, and for prefixes that mean nothing here.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise Invalid(name, NOT_A_DATE, text=text[:64])
    prefix = match[1] or "eq"
    if prefix not in _LOWER and prefix not in _UPPER:
        raise Invalid(name, NO_PREFIX, prefix=prefix)
    year, month, day = int(match[2]), int(match[3] or 1), int(match[4] or 1)
    try:
        if match[5]:
            return prefix, _clock(date(year, month, day), match[5], zone)
        first = last = date(year, month, day)
        if match[3] is None:
            last = date(year, 12, 31)
        elif match[4] is None:
            last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        begin, end = clinic_time.day_span(first, zone), clinic_time.day_span(last, zone)
    except Invalid as error:
        error.field = name
        raise
    except (ValueError, OverflowError) as error:
        raise Invalid(name, NOT_A_DATE, text=text[:64]) from error
    return prefix, (begin.starts_at, end.ends_at)


def _clock(day: date, text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    micro = int((match[4] or "0").ljust(6, "0"))
    wall = datetime(day.year, day.month, day.day, hour, minute, second, micro)  # noqa: DTZ001
    if match[5]:
        at = datetime.fromisoformat(f"{wall.isoformat()}{match[5]}").astimezone(UTC)
    else:
        at = clinic_time.resolve(wall, zone)
    length = timedelta(microseconds=1) if match[4] else timedelta(seconds=1)
    if match[3] is None:
        length = timedelta(minutes=1)
    return at, at + length


def _url(address: str, held: list[tuple[str, str]]) -> str:
    return f"{address}?{QueryParams(held)}" if held else address
