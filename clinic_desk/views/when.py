"""Dates as people type them: "+3w", "next tue", "19.5", "w21", "15 june", "today". No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from babel import Locale

from clinic_desk.i18n import _, locale

_STEP = re.compile(r"([+-]\d{1,3}) ?([^\W\d]*)")
_WEEK = re.compile(r"w ?(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,4})[./\- ](\d{1,2})(?:[./\- ](\d{2,4}))?\.?")
_DAY_AND_WORD = re.compile(r"(\d{1,2})\.? ?([^\W\d]+)(?:\.? ?(\d{4}))?")
_WORD_AND_DAY = re.compile(r"([^\W\d]+)\.? ?(\d{1,2})(?:,? ?(\d{4}))?")


def parse(text: str, today: date) -> date | None:
    """The day that *text* means, seen from *today*; None where it means none.

    A day without a year is the nearest one that is not more than half a year ago. A week
    number means its Monday. Names of days and months are read in English and in the
    language of the program; "5/6" follows the locale's order.
    """
    text = " ".join(text.lower().split())
    for reading in (_word, _step, _week, _numbers, _named_month):
        try:
            found = reading(text, today)
        except (ValueError, OverflowError):
            found = None
        if found is not None:
            return found
    return None


def _languages() -> Iterator[Locale]:
    yield locale()
    yield Locale("en")


def _word(text: str, today: date) -> date | None:
    for offset, spoken in (
        (0, ("today", _("today").lower())),
        (1, ("tomorrow", _("tomorrow").lower())),
        (-1, ("yesterday", _("yesterday").lower())),
    ):
        if text in spoken:
            return today + timedelta(days=offset)
    next_week = False
    for word in ("next", _("next").lower()):
        if text.startswith(word + " "):
            text, next_week = text.removeprefix(word + " "), True
            break
    weekday = _weekday(text)
    if weekday is None:
        return None
    if next_week:
        return today + timedelta(days=7 + weekday - today.weekday())
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _weekday(text: str) -> int | None:
    text = text.rstrip(".")
    if len(text) < 2:
        return None
    for language in _languages():
        names = language.days["stand-alone"]
        found = [
            number
            for number in range(7)
            if names["wide"][number].lower().startswith(text)
            or names["abbreviated"][number].lower().rstrip(".") == text
        ]
        if len(found) == 1:
            return found[0]
    return None


def _step(text: str, today: date) -> date | None:
    match = _STEP.fullmatch(text)
    if not match:
        return None
    count, unit = int(match[1]), match[2][:1]
    if unit in ("", "d", _("day").lower()[:1]):
        return today + timedelta(days=count)
    if unit in ("w", _("week").lower()[:1]):
        return today + timedelta(weeks=count)
    if unit in ("m", _("month").lower()[:1]):
        return _months(today, count)
    if unit in ("y", _("year").lower()[:1]):
        return _months(today, 12 * count)
    return None


def _months(day: date, count: int) -> date:
    """The same day *count* months on, or the last of a shorter month."""
    index = day.year * 12 + day.month - 1 + count
    first = date(index // 12, index % 12 + 1, 1)
    after = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (after - first).days) - 1)


def _week(text: str, today: date) -> date | None:
    match = _WEEK.fullmatch(text)
    return date.fromisocalendar(today.year, int(match[1]), 1) if match else None


def _numbers(text: str, today: date) -> date | None:
    match = _NUMBERS.fullmatch(text)
    if not match:
        return None
    first, second, third = match[1], int(match[2]), match[3]
    if len(first) == 4:
        return date(int(first), second, int(third)) if third else None
    first_is_month = "/" in text and month_first()
    day, month = (second, int(first)) if first_is_month else (int(first), second)
    if third:
        return date(int(third) + (2000 if len(third) == 2 else 0), month, day)
    return _nearest(today, month, day)


def month_first() -> bool:
    """Whether "5/6" is the sixth of May here."""
    order = str(locale().date_formats["short"].pattern)
    return order.find("M") < order.find("d")


def _named_month(text: str, today: date) -> date | None:
    if match := _DAY_AND_WORD.fullmatch(text):
        day, word, year = match[1], match[2], match[3]
    elif match := _WORD_AND_DAY.fullmatch(text):
        word, day, year = match[1], match[2], match[3]
    else:
        return None
    month = _month(word)
    if month is None:
        return None
    return date(int(year), month, int(day)) if year else _nearest(today, month, int(day))


def _month(word: str) -> int | None:
    if len(word) < 3:
        return None
    for language in _languages():
        names = language.months["stand-alone"]["wide"]
        found = [number for number in names if names[number].lower().startswith(word)]
        if len(found) == 1:
            return int(found[0])
    return None


def _nearest(today: date, month: int, day: int) -> date:
    found = date(today.year, month, day)
    return found if found >= today - timedelta(days=183) else date(today.year + 1, month, day)
