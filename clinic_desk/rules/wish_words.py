"""Words about time in a line like "smith hyg next tue pm chen": which words mean when.

Whatever says when is taken out of the line, the rest is left for those who know the clinic's
names. The words of a language come from :mod:`clinic_desk.rules.wish_tongues` and from the face
(:class:`Words`); English is always read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from clinic_desk.rules.fold import key
from clinic_desk.rules.wish_tongues import ENGLISH, Words

__all__ = ["AFTERNOON", "AFTER_NOON", "ENGLISH", "EVENING", "MORNING", "When", "Words", "read"]

MORNING = (0, 12 * 60)
AFTERNOON = (12 * 60, 17 * 60)
EVENING = (17 * 60, 24 * 60)
AFTER_NOON = (12 * 60, 24 * 60)
WHOLE_DAY = (0, 24 * 60)

_NUMBERS = re.compile(r"(\d{1,4})([./-])(\d{1,2})(?:[./-](\d{2,4}))?\.?")
_STEP = re.compile(r"\+(\d{1,3})([^\W\d]*)")
_CLOCK = re.compile(r"(\d{1,2})(?::|h)(\d{2})(am|pm|h)?|(\d{1,2})(am|pm|h)")
_HOUR = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_SHORTEST = 2
_LONGEST = 4
"""No phrase has more words."""
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
        self._minutes = WHOLE_DAY
        self._at: time | None = None
        self._told: list[str] = []
        self._last_day: date | None = None
        self._day_said = False

    def when(self) -> When:
        return When(self._first, self._last_day, self._minutes, self._at, tuple(self._told))

    def take(self, tokens: Sequence[str]) -> int:
        """How many of the first words were about time and are read now; words that say nothing
        by themselves are taken with what follows them.
        """
        skipped = 0
        while True:
            count = self._core(tokens[skipped:])
            if count:
                count += skipped
                self._told.append(" ".join(tokens[:count]))
                return count
            more = self._said(tokens[skipped:], "fillers")
            if not more or skipped + more >= min(len(tokens), _LONGEST):
                return 0
            skipped += more

    def _core(self, tokens: Sequence[str]) -> int:
        if not tokens:
            return 0
        readings = (
            self._relative,
            self._this,
            self._ahead_in,
            self._next,
            self._bounded,
            self._step,
            self._day,
            self._part,
            self._clock,
        )
        return next((count for reading in readings if (count := reading(tokens))), 0)

    def _set(self, day: date, last: date | None) -> None:
        self._first, self._last_day, self._day_said = day, last, True

    # Readings: each gives the number of words that it took ----------------------------------

    def _relative(self, tokens: Sequence[str]) -> int:
        """ "the day after tomorrow", "weekend", "asap"."""
        if count := self._said(tokens, "after_tomorrow"):
            day = self._today + timedelta(days=2)
            self._set(day, day)
            return count
        if count := self._said(tokens, "weekend"):
            saturday = self._today + timedelta(days=max(5 - self._today.weekday(), 0))
            sunday = self._today + timedelta(days=6 - self._today.weekday())
            self._set(min(saturday, sunday), sunday)
            return count
        return self._said(tokens, "soon")

    def _this(self, tokens: Sequence[str]) -> int:
        """ "this week", "this friday", "this afternoon"."""
        count = self._said(tokens, "this")
        if not count:
            return 0
        rest = tokens[count:]
        unit, taken = self._unit(rest)
        if unit == "week":
            self._set(self._today, self._today + timedelta(days=6 - self._today.weekday()))
            return count + taken
        if unit == "month":
            first = _plus_months(self._today.replace(day=1), 1)
            self._set(self._today, first - timedelta(days=1))
            return count + taken
        if self._weekday(rest[:1]) is not None:
            return count + self._day(rest)
        if part := self._part(rest):
            if not self._day_said:
                self._set(self._today, self._today)
            return count + part
        return 0

    def _ahead_in(self, tokens: Sequence[str]) -> int:
        """ "in 3 weeks", "two weeks later"; in Arabic also "after a week", without a number."""
        before = self._said(tokens, "within")
        number = self._number(tokens[before : before + 1])
        at = before + (number is not None)
        unit, count = self._unit(tokens[at:])
        if unit is None:
            return 0
        at += count
        if number is None:
            dual = key(tokens[at - 1]).endswith("ين")
            return (
                at if before and self._is_script(tokens[0]) and self._ahead(1 + dual, unit) else 0
            )
        after = 0 if before else self._said(tokens[at:], "later")
        return at + after if (before or after) and self._ahead(number, unit) else 0

    def _next(self, tokens: Sequence[str]) -> int:
        """ "next tue", "next week", "semana que viene"."""
        before = self._said(tokens, "next")
        rest = tokens[before:]
        unit, count = self._unit(rest)
        weekday = self._weekday(rest[:1]) if unit in (None, "day") else None
        if weekday is not None:
            unit, count = None, 1
        elif unit not in ("week", "month"):
            return 0
        after = 0 if before else self._said(rest[count:], "following")
        if not before and not after:
            return 0
        monday = self._today + timedelta(days=7 - self._today.weekday())
        if weekday is not None:
            day = monday + timedelta(days=weekday)
            self._set(day, day)
        elif unit == "week":
            self._set(monday, monday + timedelta(days=6))
        else:
            first = _plus_months(self._today.replace(day=1), 1)
            self._set(first, _plus_months(first, 1) - timedelta(days=1))
        return before + count + after

    def _bounded(self, tokens: Sequence[str]) -> int:
        """ "from monday", "after 3pm", "before 10"."""
        for name in ("since", "until"):
            count = self._said(tokens, name)
            rest = tokens[count:]
            if not count or not rest:
                continue
            weekday = self._weekday(rest[:1])
            if weekday is not None:
                day = self._today + timedelta(days=(weekday - self._today.weekday()) % 7)
                since = name == "since"
                self._set(day if since else self._today, None if since else day)
                return count + 1
            at, taken = self._clock_time(rest, bare=True)
            if at is not None:
                minute = at.hour * 60 + at.minute
                first, last = self._minutes
                self._minutes = (minute, last) if name == "since" else (first, minute)
                return count + taken
        return 0

    def _step(self, tokens: Sequence[str]) -> int:
        """ "+3w"."""
        match = _STEP.fullmatch(tokens[0])
        unit = self._unit([match[2] or "d"])[0] if match else None
        return 1 if match and unit and self._ahead(int(match[1]), unit) else 0

    def _day(self, tokens: Sequence[str]) -> int:
        day: date | None = None
        count = 1
        if today := self._said(tokens, "today"):
            day, count = self._today, today
        elif (tomorrow := self._said(tokens, "tomorrow")) and not self._means_morning(tokens):
            day, count = self._today + timedelta(days=1), tomorrow
        else:
            weekday = self._weekday(tokens[:1])
            if weekday is not None:
                day = self._today + timedelta(days=(weekday - self._today.weekday()) % 7)
            else:
                day = self._numbers(tokens[0])
                if day is None and (day := self._named_month(tokens[:2])):
                    count = 2
        if day is None:
            return 0
        self._set(day, day)
        return count

    def _means_morning(self, tokens: Sequence[str]) -> bool:
        """ "mañana" after a day is its morning; alone it is tomorrow."""
        return self._day_said and bool(self._begins(tokens, self._parts("morning")))

    def _part(self, tokens: Sequence[str]) -> int:
        for part, minutes in _PARTS.items():
            if count := self._begins(tokens, self._parts(part)):
                self._minutes = minutes
                return count
        return 0

    def _clock(self, tokens: Sequence[str]) -> int:
        at, count = self._clock_time(tokens, bare=False)
        if at is not None:
            self._at = at
        return count

    # Words ----------------------------------------------------------------------------------

    def _clock_time(self, tokens: Sequence[str], *, bare: bool) -> tuple[time | None, int]:
        """ "14:30", "2pm", "14h30", "14 uhr"; a number alone only where it is *bare*."""
        text, count = _digits(tokens[0]), 1
        match = _CLOCK.fullmatch(text)
        if match:
            hour, minute = int(match[1] or match[4]), int(match[2] or 0)
            half = match[3] or match[5]
        elif plain := _HOUR.fullmatch(text):
            hour, minute, half = int(plain[1]), int(plain[2] or 0), ""
            following = key(tokens[1]) if len(tokens) > 1 else ""
            said = self._said(tokens[1:], "oclock")
            if following in {"am", "pm"}:
                half, count = following, 2
            elif said:
                count = 1 + said
            elif not bare:
                return None, 0
        else:
            return None, 0
        if half in {"am", "pm"} and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour > 23 or minute > 59:
            return None, 0
        return time(hour, minute), count

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

    def _named_month(self, tokens: Sequence[str]) -> date | None:
        """ "20 may", "may 20"."""
        for number, name in (tokens, tokens[::-1]) if len(tokens) == 2 else ():
            plain, word = _digits(number).rstrip("."), key(name)
            if not plain.isdecimal() or len(plain) > 2 or len(word) < len("may"):
                continue
            for own in (self._words.months, ENGLISH.months):
                found = [m for m, said in own.items() if any(key(x).startswith(word) for x in said)]
                if len(found) == 1:
                    return self._numbers(f"{plain}.{found[0]}.")
        return None

    def _said(self, tokens: Sequence[str], name: str) -> int:
        """How many of the first words are one of these words or phrases."""
        return self._begins(tokens, (*getattr(ENGLISH, name), *getattr(self._words, name)))

    @staticmethod
    def _begins(tokens: Sequence[str], phrases: Iterable[str]) -> int:
        known = {key(phrase) for phrase in phrases}
        for count in range(min(len(tokens), _LONGEST), 0, -1):
            if " ".join(key(token) for token in tokens[:count]) in known:
                return count
        return 0

    def _parts(self, part: str) -> list[str]:
        return [*ENGLISH.parts.get(part, ()), *self._words.parts.get(part, ())]

    def _unit(self, tokens: Sequence[str]) -> tuple[str | None, int]:
        for unit in ENGLISH.units:
            both = (*ENGLISH.units[unit], *self._words.units.get(unit, ()))
            if count := self._begins(tokens, both):
                return unit, count
        return None, 0

    def _number(self, tokens: Sequence[str]) -> int | None:
        if not tokens:
            return None
        if tokens[0].isdecimal():
            return int(tokens[0]) if len(tokens[0]) <= 3 else None
        for own in (self._words.numbers, ENGLISH.numbers):
            for number, said in own.items():
                if self._begins(tokens, said):
                    return number
        return None

    @staticmethod
    def _is_script(token: str) -> bool:
        """Whether the word is Arabic, where a unit alone is one of it."""
        return any("\u0600" <= letter <= "\u06ff" for letter in token)

    def _weekday(self, tokens: Sequence[str]) -> int | None:
        """The only weekday that begins so, or has this very short form."""
        word = key(tokens[0]) if tokens else ""
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


def _digits(token: str) -> str:
    """The word with digits of every script as 0 to 9."""
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in token.lower())
    return plain.strip()


def _plus_months(day: date, count: int) -> date:
    """The same day *count* months on, or the last of a shorter month."""
    index = day.year * 12 + day.month - 1 + count
    first = date(index // 12, index % 12 + 1, 1)
    after = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (after - first).days) - 1)
