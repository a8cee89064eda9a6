"""What a calendar program reads at a secret address: the time of one provider.

From four weeks back to half a year ahead. Of a visit it learns no more than the address was
made for; the title of a calendar event may name somebody too, so it is told with the names
only. Where the provider assists at somebody else's visit, the time of that part stands in it too.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk import __version__
from clinic_desk.models.diary import Appointment, CalendarEvent
from clinic_desk.rules import clinic_time
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary_view
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.calendar_addresses import READING, AddressCard, Contents
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import query

BACK = timedelta(weeks=4)
AHEAD = timedelta(weeks=26)
MOST = 5000
"""More visits (or events) than this of one provider are cut off at the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit or event. ``what`` is the code of the visit's type, or the event's title where
    it may be told; ``who`` the patient's name or initials where they may be told. At a visit
    of somebody else's the provider ``assists``.
    """

    uuid: str
    version: int
    span: Span
    changed_at: datetime
    is_visit: bool
    what: str = ""
    who: str = ""
    place: str = ""
    is_request: bool = False
    assists: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """A provider's calendar, by the beginning of its entries."""

    provider: str
    organisation: str
    entries: tuple[Entry, ...]

    def tag(self, language: str) -> str:
        """Another one where anything in it is, or the program that writes it down."""
        told = (self.provider, self.organisation, self.entries, language, __version__)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@query(READING)
def changed_at(actor: Actor, address: AddressCard, *, now: datetime | None = None) -> datetime:
    """Since when (UTC) the calendar at this address is surely what it is: the newest change of
    anything in the organisation, or the day's first instant; one query.
    """
    head = actor.store.rows(
        "SELECT at FROM deed WHERE organisation_id = ? ORDER BY seq DESC LIMIT 1",
        (actor.organisation_id,),
    )
    midnight = _period(actor, now).starts_at + BACK
    newest = [diary_view.instant(head[0][0])] if head else []
    return max(midnight, address.created_at, *newest)


@query(READING)
def read(actor: Actor, address: AddressCard, *, now: datetime | None = None) -> Calendar:
    """The calendar at this address; three queries, and the catalogue."""
    period = _period(actor, now)
    known = actor.store.catalogue(actor.organisation_id)
    visits = actor.store.rows(*_visits(actor, address, period))
    assisted = actor.store.rows(*_assisted(actor, address, period))
    if any(
        row[4] not in known.types for row in (*visits, *assisted)
    ):  # made at a desk a moment ago
        actor.store.forget_catalogue(actor.organisation_id)
        known = actor.store.catalogue(actor.organisation_id)
    events = actor.store.rows(*_events(actor, address, period))
    entries = [_visit(known, address.contents, row) for row in visits]
    entries += [_assisting(known, address.contents, row) for row in assisted]
    entries += [_event(known, address.contents, row) for row in events]
    provider = known.providers.get(address.provider_id)
    return Calendar(
        provider.name if provider else "",
        known.organisation.name,
        tuple(sorted(entries, key=lambda entry: (entry.span, entry.uuid))),
    )


def _period(actor: Actor, now: datetime | None) -> Span:
    """The same for a whole day of the organisation, so that nothing slides while nobody looks."""
    zone = clinic_time.zone(actor.store.catalogue(actor.organisation_id).organisation.time_zone)
    today = (now or datetime.now(UTC)).astimezone(zone).date()
    midnight = clinic_time.day_span(today, zone).starts_at
    return Span(midnight - BACK, midnight + AHEAD)


def _changed(kind: str, row: str) -> str:
    """When a record was changed last, as SQL."""
    return (
        "(SELECT MAX(d.at) FROM deed_entity e JOIN deed d"  # noqa: S608 - our own words
        " ON d.organisation_id = e.organisation_id AND d.seq = e.seq"
        f" WHERE e.organisation_id = {row}.organisation_id AND e.kind = '{kind}'"
        f" AND e.entity_id = {row}.id)"
    )


def _visits(actor: Actor, address: AddressCard, period: Span) -> Statement:
    names = "p.first_name, p.last_name"
    marks = ", ".join("?" * len(HOLDING))
    return Statement(
        "SELECT a.uuid, a.version, a.starts_at, a.ends_at, a.type_id, a.location_id, a.status,"  # noqa: S608 - our own words
        f" a.booked_at, {names}, {_changed('appointment', 'a')}"
        " FROM appointment a JOIN patient p ON p.id = a.patient_id"
        " WHERE a.provider_id = ? AND a.organisation_id = ? AND a.starts_at >= ?"
        f" AND a.starts_at < ? AND a.status IN ({marks})"
        " ORDER BY a.starts_at, a.uuid LIMIT ?",
        (
            address.provider_id,
            actor.organisation_id,
            _stored(period.starts_at),
            _stored(period.ends_at),
            *sorted(HOLDING),
            MOST,
        ),
    )


def _assisted(actor: Actor, address: AddressCard, period: Span) -> Statement:
    """The parts of others' visits at which the provider is claimed, as :func:`_visits` tells
    visits; found by the claims, which know a provider's time.
    """
    begin, end = _stored(period.starts_at), _stored(period.ends_at)
    within, values = "c.starts_at >= ? AND c.starts_at < ?", [begin, end]
    if actor.store.dialect == "postgresql":  # its index knows the whole time of a claim
        within += " AND tstzrange(c.starts_at, c.ends_at)"
        within += " && tstzrange(?::timestamptz, ?::timestamptz)"
        values += [begin, end]
    return Statement(
        "SELECT a.uuid, a.version, c.starts_at, c.ends_at, a.type_id, a.location_id, a.status,"  # noqa: S608 - our own words
        f" a.booked_at, p.first_name, p.last_name, {_changed('appointment', 'a')}, x.id"
        " FROM claim c JOIN appointment_extra x ON x.id = c.source_id"
        " JOIN appointment a ON a.id = x.appointment_id JOIN patient p ON p.id = a.patient_id"
        f" WHERE c.resource_id = ? AND c.source = 'x' AND a.organisation_id = ? AND {within}"
        " ORDER BY c.starts_at, x.id LIMIT ?",
        (address.provider_id, actor.organisation_id, *values, MOST),
    )


def _events(actor: Actor, address: AddressCard, period: Span) -> Statement:
    return Statement(
        "SELECT c.uuid, c.version, c.starts_at, c.ends_at, c.title, c.location_id,"  # noqa: S608 - our own words
        f" {_changed('calendar_event', 'c')} FROM calendar_event c"
        " WHERE c.resource_id = ? AND c.organisation_id = ? AND c.starts_at < ?"
        " AND c.ends_at > ? ORDER BY c.starts_at, c.uuid LIMIT ?",
        (
            address.provider_id,
            actor.organisation_id,
            r.stored(CalendarEvent, "starts_at", period.ends_at),
            r.stored(CalendarEvent, "starts_at", period.starts_at),
            MOST,
        ),
    )


def _visit(known: Catalogue, contents: Contents, row: Any) -> Entry:
    number, version, starts_at, ends_at, type_id, location_id, status, booked, *who, changed = row
    kind, place = known.types[type_id], known.locations.get(location_id)
    return Entry(
        uuid=number,
        version=version,
        span=Span(diary_view.instant(starts_at), diary_view.instant(ends_at)),
        changed_at=diary_view.instant(changed if changed is not None else booked),
        is_visit=True,
        what=kind.code or kind.name,
        who=_told(contents, *who),
        place=place.name if place else "",
        is_request=status == Status.REQUESTED,
    )


def _assisting(known: Catalogue, contents: Contents, row: Any) -> Entry:
    """A part of a visit: another entry than the visit itself, which may stand here too."""
    *visit, part = row
    whole = _visit(known, contents, visit)
    number = str(uuid.uuid5(uuid.UUID(whole.uuid), str(part)))
    return replace(whole, uuid=number, assists=True)


def _event(known: Catalogue, contents: Contents, row: Any) -> Entry:
    number, version, starts_at, ends_at, title, location_id, changed = row
    place, begins = known.locations.get(location_id or 0), diary_view.instant(starts_at)
    return Entry(
        uuid=number,
        version=version,
        span=Span(begins, diary_view.instant(ends_at)),
        changed_at=diary_view.instant(changed) if changed is not None else begins,
        is_visit=False,
        what=title if contents == Contents.NAMES else "",
        place=place.name if place else "",
    )


def _told(contents: Contents, first: str, last: str) -> str:
    """Of the patient's name as much as may be told."""
    if contents == Contents.NAMES:
        return f"{first} {last}".strip()
    if contents == Contents.INITIALS:
        return "".join(f"{part[0].upper()}." for part in f"{first} {last}".split())
    return ""


def _stored(at: datetime) -> Any:
    return r.stored(Appointment, "starts_at", at)
