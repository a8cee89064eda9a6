"""An appointment as an iCalendar file (RFC 5545) that calendars take over by themselves (5546).

One appointment keeps one UID for ever, so that a later file moves or removes the same entry;
SEQUENCE tells which file is the newer one. Whoever looks over the patient's shoulder learns
that there is an appointment, where and when: the type is named only where the clinic allows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
PUBLISH = "PUBLISH"

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
    zone = clinic_time.zone(invitation.time_zone)
    calendar = _calendar(method)
    calendar.add_component(_zone_described(invitation, zone))
    calendar.add_component(_event(invitation, is_cancelled=method == CANCEL))
    text: str = calendar.to_ical().decode("utf-8")
    return text


def made_together(invitations: Sequence[Invitation], *, is_cancelled: bool) -> str:
    """One file with several appointments, which calendars take over as entries of their own.

    An invitation may only name one appointment (RFC 5546, 3.2.2); what is published may name
    many, and then nobody who is invited.
    """
    calendar = _calendar(PUBLISH)
    for name in dict.fromkeys(one.time_zone for one in invitations):
        there = [one for one in invitations if one.time_zone == name]
        first = min(there, key=lambda one: one.starts_at)
        whole = replace(first, ends_at=max(one.ends_at for one in there))
        calendar.add_component(_zone_described(whole, clinic_time.zone(name)))
    for one in invitations:
        calendar.add_component(_event(one, is_cancelled=is_cancelled, is_invited=False))
    text: str = calendar.to_ical().decode("utf-8")
    return text


def _calendar(method: str) -> icalendar.Calendar:
    from icalendar import Calendar  # heavy: only whoever sends needs it

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(
    invitation: Invitation, *, is_cancelled: bool, is_invited: bool = True
) -> icalendar.Event:
    from icalendar import Event

    zone = clinic_time.zone(invitation.time_zone)
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
    if is_invited:
        event.add("attendee", _attendee(invitation))
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    return event


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
