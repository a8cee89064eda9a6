"""Words about time in a line like "smith hyg next tue pm chen": which words mean when.

Whatever says when is taken out of the line, the rest is left for those who know the clinic's
names. The words of a language come from the face (:class:`Words`); English is always read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from clinic_desk.rules.fold import key

MORNING = (0, 12 * 60)
AFTERNOON = (12 * 60, 17 * 60)
EVENING = (17 * 60, 24 * 60)
AFTER_NOON = (12 * 60, 24 * 60)

_NUMBERS = re.compile(r"(\d{1,4})([./-])(\d{1,2})(?:[./-](\d{2,4}))?\.?")
_STEP = re.compile(r"\+(\d{1,3})([^\W\d]*)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(am|pm)?|(\d{1,2})(am|pm|h)")
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST = 2


@dataclass(frozen=True)
class Words:
    """The words of a language, in any spelling: weekdays (0 = Monday) to their names, units
    (``day``, ``week``, ``month``), parts of the day (``morning``, ``afternoon``, ``evening``),
    and single words. ``month_first``: "5/6" is the sixth of May.
    """

    weekdays: Mapping[int, Collection[str]] = field(default_factory=dict)
    units: Mapping[str, Collection[str]] = field(default_factory=dict)
    parts: Mapping[str, Collection[str]] = field(default_factory=dict)
    today: Collection[str] = ()
    tomorrow: Collection[str] = ()
    next: Collection[str] = ()
    within: Collection[str] = ()
    month_first: bool = False


ENGLISH = Words(
    weekdays={n: (name, name[:3]) for n, name in enumerate(_ENGLISH)},
    units={
        "day": ("day", "days", "d"),
        "week": ("week", "weeks", "w"),
        "month": ("month", "months", "m"),
    },
    parts={
        "morning": ("am", "morning"),
        "noon": ("pm",),
        "afternoon": ("afternoon",),
        "evening": ("evening",),
    },
    today=("today",),
    tomorrow=("tomorrow", "tmrw"),
    next=("next",),
    within=("in",),
)
_PARTS = {
    "morning": MORNING,
    "noon": AFTER_NOON,
    "afternoon": AFTERNOON,
    "evening": EVENING,
}


@dataclass(frozen=True, slots=True)
class When:
    """What a line says of time: from *first* to *last* (both included; None: no end), within
    wall minutes of the day, at ``at`` exactly where a clock time was named.
    """

    first: date
    last: date | None = None
    minutes: tuple[int, int] = (0, 24 * 60)
    at: time | None = None
    told: tuple[str, ...] = ()


def read(text: str, today: date, words: Words = ENGLISH) -> tuple[When, tuple[str, ...]]:
    """When *text* means, seen from *today*, and the words that say nothing of time.

    A weekday is the next such day, today included; "next" skips to the week after this one. A
    day without a year is the nearest that is not past. Words that say nothing are left as
    typed; of two days the later word wins.
    """
    reader = _Reader(today, words)
    tokens = text.replace(",", " ").split()
    rest: list[str] = []
    at = 0
    while at < len(tokens):
        taken = reader.take(tokens[at:])
        if not taken:
            rest.append(tokens[at])
        at += taken or 1
    return reader.when(), tuple(rest)


class _Reader:
    def __init__(self, today: date, words: Words) -> None:
        self._today = today
        self._words = words
        self._first = today
        self._minutes = (0, 24 * 60)
        self._at: time | None = None
        self._told: list[str] = []
        self._last_day: date | None = None

    def when(self) -> When:
        return When(self._first, self._last_day, self._minutes, self._at, tuple(self._told))

    def take(self, tokens: Sequence[str]) -> int:
        """How many of the first words were about time and are read now."""
        for reading in (self._phrase, self._step, self._day, self._part, self._clock):
            count = reading(tokens)
            if count:
                self._told.append(" ".join(tokens[:count]))
                return count
        return 0

    def _set(self, day: date, last: date | None) -> None:
        self._first, self._last_day = day, last

    def _phrase(self, tokens: Sequence[str]) -> int:
        """ "in 3 weeks", "next tue", "next week"."""
        if len(tokens) >= 3 and self._is(tokens[0], "within") and tokens[1].isdecimal():
            unit = self._unit(tokens[2])
            if unit and self._ahead(int(tokens[1]), unit):
                return 3
        if len(tokens) >= 2 and self._is(tokens[0], "next"):
            monday = self._today + timedelta(days=7 - self._today.weekday())
            weekday = self._weekday(tokens[1])
            unit = self._unit(tokens[1]) if weekday is None else None
            if weekday is not None:
                day = monday + timedelta(days=weekday)
                self._set(day, day)
                return 2
            if unit == "week":
                self._set(monday, monday + timedelta(days=6))
                return 2
            if unit == "month":
                first = (self._today.replace(day=1) + timedelta(days=31)).replace(day=1)
                self._set(first, _plus_months(first, 1) - timedelta(days=1))
                return 2
        return 0

    def _step(self, tokens: Sequence[str]) -> int:
        """ "+3w"."""
        match = _STEP.fullmatch(tokens[0])
        unit = self._unit(match[2] or "d") if match else None
        return 1 if match and unit and self._ahead(int(match[1]), unit) else 0

    def _day(self, tokens: Sequence[str]) -> int:
        day: date | None = None
        if self._is(tokens[0], "today"):
            day = self._today
        elif self._is(tokens[0], "tomorrow"):
            day = self._today + timedelta(days=1)
        else:
            weekday = self._weekday(tokens[0])
            if weekday is not None:
                day = self._today + timedelta(days=(weekday - self._today.weekday()) % 7)
            else:
                day = self._numbers(tokens[0])
        if day is None:
            return 0
        self._set(day, day)
        return 1

    def _part(self, tokens: Sequence[str]) -> int:
        word = key(tokens[0])
        for part, minutes in _PARTS.items():
            if word in _all(ENGLISH.parts, self._words.parts, part):
                self._minutes = minutes
                return 1
        return 0

    def _clock(self, tokens: Sequence[str]) -> int:
        match = _CLOCK.fullmatch(tokens[0].lower())
        if not match:
            return 0
        hour, minute = int(match[1] or match[4]), int(match[2] or 0)
        half = match[3] or match[5]
        if half in {"am", "pm"} and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour > 23 or minute > 59:
            return 0
        self._at = time(hour, minute)
        return 1

    def _ahead(self, count: int, unit: str) -> bool:
        try:
            day = (
                _plus_months(self._today, count)
                if unit == "month"
                else self._today + timedelta(days=count * (7 if unit == "week" else 1))
            )
        except (ValueError, OverflowError):
            return False
        # "In 3 weeks" is about then: that week, not that very day.
        self._set(day, day if unit == "day" else day + timedelta(days=6))
        return True

    def _numbers(self, token: str) -> date | None:
        match = _NUMBERS.fullmatch(token)
        if not match:
            return None
        first, sign, second, third = match[1], match[2], int(match[3]), match[4]
        try:
            if len(first) == 4:
                return date(int(first), second, int(third)) if third else None
            month_first = sign == "/" and self._words.month_first
            day, month = (second, int(first)) if month_first else (int(first), second)
            if third:
                return date(int(third) + (2000 if len(third) == 2 else 0), month, day)
            found = date(self._today.year, month, day)
            return found if found >= self._today else date(self._today.year + 1, month, day)
        except ValueError:
            return None

    def _is(self, token: str, name: str) -> bool:
        known = (*getattr(ENGLISH, name), *getattr(self._words, name))
        return key(token) in {key(word) for word in known}

    def _unit(self, token: str) -> str | None:
        word = key(token)
        for unit in ENGLISH.units:
            if word in _all(ENGLISH.units, self._words.units, unit):
                return unit
        return None

    def _weekday(self, token: str) -> int | None:
        """The only weekday that begins so, or has this very short form."""
        word = key(token)
        if len(word) < _SHORTEST or word.isdecimal():
            return None
        for own in (self._words.weekdays, ENGLISH.weekdays):
            names = {n: [key(name) for name in some] for n, some in own.items()}
            exact = [n for n, some in names.items() if word in some]
            found = exact or [
                n for n, some in names.items() if any(name.startswith(word) for name in some)
            ]
            if len(found) == 1:
                return found[0]
        return None


def _all(
    english: Mapping[str, Collection[str]], own: Mapping[str, Collection[str]], name: str
) -> set[str]:
    return {key(word) for word in (*english.get(name, ()), *own.get(name, ()))}


def _plus_months(day: date, count: int) -> date:
    """The same day *count* months on, or the last of a shorter month."""
    index = day.year * 12 + day.month - 1 + count
    first = date(index // 12, index % 12 + 1, 1)
    after = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (after - first).days) - 1)
