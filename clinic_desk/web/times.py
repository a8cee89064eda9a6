"""Times as other programs write them, and as they are told.

A time without an offset is the location's; with one it is that instant. What the clocks skip
does not exist, and what comes twice needs an offset: both are refused with a sentence.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import booking

OFFSET = r"Z|[+-](0\d|1[0-4]):[0-5]\d"
"""What stands behind a time: no place on earth is further from UTC."""

PATTERN = rf"^\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,6}})?)?({OFFSET})?$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
EDGE = f"({DAY})|({PATTERN})"
Time = Annotated[
    str,
    Field(
        pattern=PATTERN,
        description="ISO 8601. Without an offset it is the wall time at the location.",
        examples=["2025-05-20T10:00:00"],
    ),
]

Edge = Annotated[
    str,
    Field(
        pattern=EDGE,
        description="A day (the whole of it counts) or a time, ISO 8601; without an offset of"
        " the location.",
        examples=["2025-05-20"],
    ),
]

AHEAD = timedelta(days=367)
"""Free times are told for a year: to the end of the same day of the next one."""

TOO_FAR = N_("Free times are told for a year ahead at the most.")
EARLIER = N_("Ask for an earlier day.")
NOT_A_TIME = N_("“{text}” is not a time as ISO 8601 writes it.")
PERIOD = N_("A period ends after it begins.")
WRONG_WAY = N_("An appointment ends after it starts.")


def instant(text: str, zone: ZoneInfo, field: str) -> datetime:
    """The instant (UTC) that *text* means at a location in *zone*. Raises ``Invalid`` naming
    *field* for what is no time, does not exist there, or comes twice.
    """
    try:
        given = datetime.fromisoformat(text)
        if given.utcoffset() is None:
            return clinic_time.resolve(given, zone)
        return given.astimezone(UTC)
    except Invalid as error:
        error.field = field
        raise
    except ValueError as error:
        raise Invalid(field, NOT_A_TIME, text=text) from error
    except OverflowError as error:  # the end of all calendars, as some write “for ever”
        raise Invalid(field, booking.REACH) from error


def edge(text: str, zone: ZoneInfo, field: str, *, last: bool = False) -> datetime:
    """The instant at which a period begins, or with *last* ends: a day counts from its first
    instant to its last. Raises ``Invalid`` as :func:`instant` does.
    """
    if not re.fullmatch(DAY, text):
        return instant(text, zone, field)
    try:
        whole = clinic_time.day_span(date.fromisoformat(text), zone)
    except Invalid as error:
        error.field = field
        raise
    except ValueError as error:
        raise Invalid(field, NOT_A_TIME, text=text) from error
    except OverflowError as error:  # the end of all calendars, as some write “for ever”
        raise Invalid(field, booking.REACH) from error
    return whole.ends_at if last else whole.starts_at


def within_reach(at: datetime, now: datetime, field: str) -> datetime:
    """*at*, where free times are looked for so far ahead. Raises ``Invalid`` naming *field*."""
    if at - now > AHEAD:
        raise Invalid(field, TOO_FAR, way_out=EARLIER)
    return at


def wall(at: datetime, zone: ZoneInfo) -> str:
    """The wall time in *zone*, without an offset, as in ``2025-05-20T10:00:00``."""
    # Quicker than a format; a page of free times has hundreds of them.
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def offset(at: datetime, zone: ZoneInfo) -> str:
    """The same with its offset, so that nothing is ambiguous."""
    return at.astimezone(zone).isoformat()


def utc(at: datetime) -> str:
    """The instant in UTC with Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
