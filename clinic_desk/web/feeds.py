"""Calendars for other programs: a provider's visits and events at a secret address.

RFC 5545 without METHOD, as a calendar that is published and subscribed to. All times are in
UTC, which every program turns into its own; nothing in it has to be looked up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.services import calendar_addresses, calendar_feed
from clinic_desk.services.calendar_feed import Calendar, Entry
from clinic_desk.services.calendar_file import DOMAIN
from clinic_desk.web.endpoint import Endpoint

if TYPE_CHECKING:
    import icalendar

routes = APIRouter(tags=["Calendars"], route_class=Endpoint)

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Clinic Desk//Calendar//EN"
AGAIN = timedelta(minutes=15)
"""How often a program should look again."""

SETTLED = timedelta(seconds=2)
"""So long after a change its second may not have ended."""


class CalendarFile(Response):
    """A file of iCalendar, as it is described."""

    media_type = "text/calendar"


_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The calendar (RFC 5545): visits and events, all times in UTC.",
        "content": {"text/calendar": {"schema": {"type": "string"}}},
    },
    304: {"description": "The calendar is as you have it."},
}
_Address = Annotated[str, Path(description="The secret of the address, and “.ics”.")]
_ASKED = [
    {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
    for name, text in (
        ("If-None-Match", "The ETag of the calendar that you have."),
        ("If-Modified-Since", "The Last-Modified of the calendar that you have."),
    )
]

_DESCRIBED: dict[str, Any] = {
    "response_class": CalendarFile,
    "responses": _TOLD,
    "openapi_extra": {"parameters": _ASKED},
}


@routes.head("/feeds/{address}", **_DESCRIBED)
@routes.get("/feeds/{address}", **_DESCRIBED)
def feed(request: Request, address: _Address) -> Response:
    """The calendar of a secret address. No other sign-in; whoever does not know the secret
    learns nothing, not even whether it was ever one.
    """
    secret = address.removesuffix(".ics")
    found = calendar_addresses.reader(request.app.state.store, secret if secret != address else "")
    language, changed_at = found.card.language, calendar_feed.changed_at(found.actor, found.card)
    headers = {
        "Cache-Control": "private, no-cache",
        "X-Robots-Tag": "noindex",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if datetime.now(UTC) - changed_at > SETTLED:
        headers["Last-Modified"] = format_datetime(changed_at, usegmt=True)
        if _unchanged_since(request, changed_at):
            return Response(status_code=304, headers=headers)
    calendar = calendar_feed.read(found.actor, found.card)
    tag = headers["ETag"] = f'"{calendar.tag(language)}"'
    if tag in _known_tags(request):
        return Response(status_code=304, headers=headers)
    with i18n.speaking(language):
        text = written(calendar)
    headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return Response(text, media_type=MEDIA_TYPE, headers=headers)


def written(calendar: Calendar) -> bytes:
    """The file, in the language that is spoken now."""
    # Heavy: only whoever serves calendars needs it.
    from icalendar import Calendar as File
    from icalendar import vDuration

    file = File()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    title = _("{provider}, {organisation}").format(
        provider=calendar.provider, organisation=calendar.organisation
    )
    file.add("name", title)
    file.add("x-wr-calname", title)
    file.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", vDuration(AGAIN))
    for entry in calendar.entries:
        file.add_component(_event(entry))
    text: bytes = file.to_ical()
    return text


def _event(entry: Entry) -> icalendar.Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"feed-{entry.uuid}@{DOMAIN}")
    event.add("sequence", entry.version)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.span.starts_at)
    event.add("dtend", entry.span.ends_at)
    event.add("summary", _summary(entry))
    if entry.place:
        event.add("location", entry.place)
    event.add("status", "TENTATIVE" if entry.is_request else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    return event


def _summary(entry: Entry) -> str:
    if entry.assists:
        return _("{summary} (assisting)").format(summary=_summary(replace(entry, assists=False)))
    if not entry.is_visit:
        return entry.what or _("Busy")
    if not entry.who:
        return _("Busy – {type}").format(type=entry.what)
    return _("{type} – {patient}").format(type=entry.what, patient=entry.who)


def _known_tags(request: Request) -> set[str]:
    told = request.headers.get("if-none-match", "")
    return {part.strip().removeprefix("W/") for part in told.split(",")}


def _unchanged_since(request: Request, changed_at: datetime) -> bool:
    """Whether the program goes by a date, and nothing has changed since then. Where it names a
    tag as well, only that counts (RFC 9110, 13.2.2).
    """
    since = request.headers.get("if-modified-since")
    if since is None or "if-none-match" in request.headers:
        return False
    try:
        return parsedate_to_datetime(since) >= changed_at.replace(microsecond=0)
    except (ValueError, TypeError, OverflowError):
        return False
