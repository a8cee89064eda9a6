"""An appointment as an iCalendar file (RFC 5545) that calendars take over by themselves (5546).

One appointment keeps one UID for ever, so that a later file moves or removes the same entry;
SEQUENCE tells which file is the newer one. Whoever looks over the patient's shoulder learns
that there is an appointment, where and when: the type is named only where the clinic allows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clinic_desk.rules import clinic_time

if TYPE_CHECKING:
    import icalendar

PRODUCT = "-//Clinic Desk//Appointments//EN"
DOMAIN = "clinic-desk.invalid"
"""Ends every UID: it must be unique in the world, and no mail address should be read into it."""

REQUEST = "REQUEST"
CANCEL = "CANCEL"

_AROUND = timedelta(days=400)
"""The clock changes of a year before and after stand in the file; that is all it needs."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the file says of one appointment. Instants are aware; ``time_zone`` is IANA.

    ``made_at`` is when its newest change was made, ``organiser`` and ``attendee`` are plain
    addresses, ``description`` is what the clinic allows to be told.
    """

    uuid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    organiser: str
    organiser_name: str
    attendee: str
    attendee_name: str
    made_at: datetime
    location: str = ""
    description: str = ""
    language: str = "en"


def uid(appointment_uuid: str) -> str:
    """The name by which calendars know the appointment, for ever."""
    return f"{appointment_uuid}@{DOMAIN}"


def made(invitation: Invitation, method: str) -> str:
    """The file's text, lines ended by CRLF. *method* is ``REQUEST`` or ``CANCEL``."""
    from icalendar import Calendar, Event  # heavy: only whoever sends needs it

    zone = clinic_time.zone(invitation.time_zone)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", uid(invitation.uuid))
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.made_at.astimezone(UTC))
    event.add("dtstart", _local(invitation.starts_at, zone))
    event.add("dtend", _local(invitation.ends_at, zone))
    tag = {"language": invitation.language.replace("_", "-")}
    event.add("summary", invitation.summary, parameters=tag)
    if invitation.location:
        event.add("location", invitation.location)
    if invitation.description:
        event.add("description", invitation.description, parameters=tag)
    event.add("organizer", _person(invitation.organiser, invitation.organiser_name))
    event.add("attendee", _attendee(invitation))
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if method == CANCEL else "OPAQUE")
    calendar.add_component(_zone_described(invitation, zone))
    calendar.add_component(event)
    text: str = calendar.to_ical().decode("utf-8")
    return text


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """The wall time at the location; UTC where that would come twice (clocks go back), since
    a calendar can only mean the first of the two.
    """
    local = at.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return at.astimezone(UTC) if twice else local


def _zone_described(invitation: Invitation, zone: ZoneInfo) -> icalendar.Timezone:
    """What the file has to tell of the location's clock: its changes around the visit.

    Our own, because the library tells the start of summer time an hour late.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    described = Timezone()
    described.add("tzid", invitation.time_zone)
    at = (invitation.starts_at - _AROUND).astimezone(UTC).replace(minute=0, second=0)
    end = invitation.ends_at + _AROUND
    before = _offset(at, zone)
    changes = [(at, before)]
    while at < end:
        later = at + timedelta(days=1)
        if _offset(later, zone) != _offset(at, zone):
            changes.append((_change_between(at, later, zone), _offset(at, zone)))
        at = later
    for moment, offset_from in changes:
        local = moment.astimezone(zone)
        part = TimezoneDaylight() if local.dst() else TimezoneStandard()
        part.add("dtstart", (moment + offset_from).replace(tzinfo=None))
        part.add("tzoffsetfrom", offset_from)
        part.add("tzoffsetto", _offset(moment, zone))
        part.add("tzname", local.tzname() or invitation.time_zone)
        described.add_component(part)
    return described


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The minute in which the offset becomes that of *high*."""
    offset = _offset(low, zone)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // timedelta(minutes=2) * timedelta(minutes=1)
        if _offset(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high


def _person(address: str, name: str) -> icalendar.vCalAddress:
    from icalendar import vCalAddress, vText

    person = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person


def _attendee(invitation: Invitation) -> icalendar.vCalAddress:
    """The patient, who is expected and need not answer."""
    from icalendar import vText

    person = _person(invitation.attendee, invitation.attendee_name)
    person.params["ROLE"] = vText("REQ-PARTICIPANT")
    person.params["PARTSTAT"] = vText("ACCEPTED")
    person.params["RSVP"] = vText("FALSE")
    return person
