"""What the weeks of hours that alternate are called: by the present one, so that nobody counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from clinic_desk import i18n
from clinic_desk.i18n import _, pgettext
from clinic_desk.rules.hours import EVERY, ODD, is_odd

_WEEK = timedelta(days=7)


def is_this(weeks: str, today: date | None = None) -> bool:
    """Whether the present week is one of *weeks*, odd or even."""
    return is_odd(today or _today()) == (weeks == ODD)


def heading(weeks: str, today: date | None = None) -> str:
    """ "Every week", "As this week", "As next week"."""
    if weeks == EVERY:
        return pgettext("hours of a provider", "Every week")
    return _("As this week") if is_this(weeks, today) else _("As next week")


def short(weeks: str, today: date | None = None) -> str:
    """ "as this week", "as next week": on the hours themselves."""
    return _("as this week") if is_this(weeks, today) else _("as next week")


def explained(weeks: str, today: date | None = None) -> str:
    """Which Mondays begin such weeks; nothing for every week."""
    if weeks == EVERY:
        return ""
    day = today or _today()
    monday = day - timedelta(days=day.weekday())
    first = monday if is_this(weeks, day) else monday + _WEEK
    return _("Every second week, from Monday: {first}, {second} …").format(
        first=i18n.date_text(first), second=i18n.date_text(first + 2 * _WEEK)
    )


def _today() -> date:
    """The day it is at this computer."""
    return datetime.now(UTC).astimezone().date()
