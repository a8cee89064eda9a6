"""Dates as people and programs write them, in whichever order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

_PARTS = re.compile(r"[\s./\-年月日]+")
_MONTH_FIRST = frozenset({"US", "PH", "PW", "FM", "MH", "PR", "GU", "AS", "VI"})


class Order(StrEnum):
    """Which part of a written date comes first; a four-digit year at the front is always one."""

    DAY = "dmy"
    MONTH = "mdy"


def order_in(country: str) -> Order:
    """The order that people of *country* (ISO 3166) write in."""
    return Order.MONTH if country.upper() in _MONTH_FIRST else Order.DAY


def order_shown(pattern: str) -> Order | None:
    """The order of a pattern such as "M/d/yy"; None where the year leads or parts are missing."""
    parts = re.sub("'[^']*'|[^yMd]", "", pattern)
    if not {*"yMd"} <= {*parts} or parts.startswith("y"):
        return None
    return Order.MONTH if parts.index("M") < parts.index("d") else Order.DAY


def order_of(texts: Iterable[str], otherwise: Order) -> Order:
    """The order in which these dates are written, by the first that leaves no doubt; where
    all do, *otherwise*. Only dots between them mean that the day comes first, everywhere.
    """
    dotted = slashed = False
    for text in texts:
        parts = _numbers(text)
        if len(parts) == 3 and len(parts[0]) <= 2:
            first, second = int(parts[0]), int(parts[1])
            if first > 12 >= second:
                return Order.DAY
            if second > 12 >= first:
                return Order.MONTH
            dots = "." in text and not {*"/-"} & {*text}
            dotted, slashed = dotted or dots, slashed or not dots
    return Order.DAY if dotted and not slashed else otherwise


def day(text: str, order: Order, today: date) -> date | None:
    """The day that *text* names; None where it names none. A time after it is left out; of two
    digits for a year the past century's that is not in the future is meant.
    """
    parts = _numbers(text)
    if len(parts) == 1 and len(parts[0]) == 8:
        whole = parts[0]
        parts = [whole[:4], whole[4:6], whole[6:]]
    if len(parts) < 3:
        return None
    if len(parts[0]) == 4:
        year, month, number = parts[:3]
    elif order is Order.MONTH:
        month, number, year = parts[:3]
    else:
        number, month, year = parts[:3]
    known, century = int(year), today.year - today.year % 100
    for meant in (known,) if len(year) > 2 else (century + known, century + known - 100):
        try:
            found = date(meant, int(month), int(number))
        except ValueError:
            continue
        if len(year) > 2 or found <= today:
            return found
    return None


def _numbers(text: str) -> list[str]:
    plain = "".join(
        str(unicodedata.decimal(sign)) if unicodedata.category(sign) == "Nd" else sign
        for sign in text.strip()
        if unicodedata.category(sign) != "Cf"
    )
    day_only = plain.partition("T")[0] if plain[:4].isdigit() else plain
    parts = [part for part in _PARTS.split(day_only) if part]
    return parts if all(part.isascii() and part.isdigit() for part in parts[:3]) else []
