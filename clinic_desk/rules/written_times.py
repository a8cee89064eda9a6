"""Times of day as people type them into a field: "9", "930", "9:30", "9.30 pm", "21h30"."""

from __future__ import annotations

import re
import unicodedata

_TIME = re.compile(r"(\d{1,2})[:.,;h ](\d{2})|(\d{1,2})[:.,;h]?|(\d{1,2})(\d{2})")
_MORNING = ("a", "am")
_AFTERNOON = ("p", "pm")
_DAY = (7 * 60, 19 * 60)
"""When clinics work, in minutes of the day: what an hour without am or pm is taken for."""


def minute_typed(text: str, former: int, *, twelve: bool, marks: tuple[str, str]) -> int | None:
    """The minute of the day that *text* says, None where it says none.

    *marks* are the words for morning and afternoon in the language; English ones always count.
    Where the day has *twelve* hours twice, an hour without a mark is one of the working day, or
    in the same half as *former* (a minute of the day) where that lies in the night.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"[\u200e\u200f\u061c]", "", plain)
    plain = re.sub(r"(?<=[^\W\d_])\.", "", " ".join(plain.split()))
    plain, half = _without_mark(plain, marks)
    match = _TIME.fullmatch(plain)
    if match is None:
        return None
    hour = int(match[1] or match[3] or match[4])
    minute = int(match[2] or match[5] or 0)
    if minute > 59 or hour > 23 or (half is not None and not 1 <= hour <= 12):
        return None
    if half is None and twelve and 1 <= hour <= 12:
        by_day = _DAY[0] <= former < _DAY[1]
        half = (hour == 12 or hour * 60 < _DAY[0]) if by_day else former >= 12 * 60
    if half is not None:
        hour = hour % 12 + (12 if half else 0)
    return hour * 60 + minute


def may_become(text: str, former: int, *, twelve: bool, marks: tuple[str, str]) -> bool:
    """Whether another sign or two after *text* can make it a time."""
    return any(
        minute_typed(text + more, former, twelve=twelve, marks=marks) is not None
        for more in ("", "0", "00", *(mark[len(k) :] for mark in marks for k in _begun(text, mark)))
    )


def _begun(text: str, mark: str) -> list[str]:
    """The beginnings of *mark* that *text* ends with."""
    begun = (mark[:size] for size in range(1, len(mark)))
    return [one for one in begun if text.casefold().endswith(one.casefold())]


def _without_mark(text: str, marks: tuple[str, str]) -> tuple[str, bool | None]:
    """What stands before the word for a half of the day, and whether it is the afternoon."""
    words = [(mark, False) for mark in (marks[0], *_MORNING)]
    words += [(mark, True) for mark in (marks[1], *_AFTERNOON)]
    for mark, half in sorted(words, key=lambda one: -len(one[0])):
        known = unicodedata.normalize("NFKC", mark).casefold().replace(".", "")
        if known and text.endswith(known):
            return text.removesuffix(known).strip(), half
    return text, None
