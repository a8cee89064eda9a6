"""Locations and operatories: where the clinic is, when it is open, what rooms it has.

Nothing that anybody booked at is deleted: it is made inactive, which takes it out of what is
offered. Before that, and before any change of hours or zone, the visits that would no longer
fit have to be accepted (:mod:`clinic_desk.services.impact`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from clinic_desk.models.catalogue import ClinicHours, ClosedDay, Location, Operatory
from clinic_desk.models.people import Resource
from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.hours import Weekly
from clinic_desk.rules.words import N_
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services import contacts, impact
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import LocationCard, OperatoryCard
from clinic_desk.services.catalogue import Catalogue, catalogue
from clinic_desk.services.clinic_cards import LocationDraft, LocationFile, OperatoryDraft
from clinic_desk.services.impact import Change, Scope
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

MOST_CLOSED = 45
"""So many closed days one save may add or take away."""

MOST_PIECES = 24
"""So many pieces of opening hours a week may have: all of them anew fit in one deed."""

LAST_PLACE = N_("This is the only location in use; without one, nothing can be booked.")
ADD_FIRST = N_("Add another location first.")


# Looking -----------------------------------------------------------------------------------


@query("Location Get All")
def locations(actor: Actor) -> tuple[LocationCard, ...]:
    """All locations, those not in use too, by name."""
    return tuple(sorted(catalogue(actor).locations.values(), key=lambda c: fold.key(c.name)))


@query("Location Show")
def location(actor: Actor, location_id: int) -> LocationFile:
    """One location with its hours and closed days. Raises ``NotFound``."""
    return file_of(catalogue(actor), location_id)


@query("Location Get All")
def operatories(actor: Actor) -> tuple[OperatoryCard, ...]:
    """All operatories, those not in use too, in the order of the calendar."""
    return tuple(catalogue(actor).operatories.values())


@query("Location Show")
def operatory(actor: Actor, operatory_id: int) -> OperatoryCard:
    """One operatory. Raises ``NotFound``."""
    found = catalogue(actor).operatories.get(operatory_id)
    if found is None:
        raise NotFound
    return found


def file_of(known: Catalogue, location_id: int) -> LocationFile:
    """One location as *known* has it. Raises ``NotFound``."""
    if location_id not in known.locations:
        raise NotFound
    return LocationFile(
        known.locations[location_id],
        fields.in_order(known.clinic_hours.get(location_id, ())),
        tuple(sorted(known.closed_days.get(location_id, {}).items())),
    )


# Locations ---------------------------------------------------------------------------------


@command("Location Update All", action="location.add")
def add_location(
    work: Work, draft: LocationDraft, *, request_id: str | None = None
) -> LocationFile:
    """Add a location. Raises ``Invalid`` naming the field."""
    tidy = _tidy(work, draft)
    if tidy.hours or tidy.closed:
        work.require("Hours Update")
    work.lock()
    _judge(work, tidy, None)
    row = work.create(Location, uuid=str(uuid.uuid4()), version=1, **_values(tidy))
    _write_hours(work, row.id, [], tidy.hours)
    _write_closed(work, row.id, [], dict(tidy.closed))
    return LocationFile(_card(row), tidy.hours, tidy.closed)


@command("Location Update All", action="location.change")
def change_location(
    work: Work,
    before: LocationFile,
    draft: LocationDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> LocationFile:
    """Make a location what *draft* says; *before* is what was shown when it was changed.

    Hours and closed days need "Hours Update" too. Raises ``WouldBreak`` for visits that are not
    in *accept*, ``Invalid`` naming the field, ``Stale`` with the present file, ``Refused`` for
    the last location in use.
    """
    number = before.card.id
    tidy = _tidy(work, draft)
    if (tidy.hours, tidy.closed) != (before.hours, before.closed):
        work.require("Hours Update")
    # A closed day keeps its people away from everywhere else too.
    moved = (tidy.time_zone, tidy.closed) != (before.card.time_zone, before.closed)
    own = tuple(
        Statement(f"{r.selecting(model)} WHERE organisation_id = ? AND location_id = ?", at)
        for at in ((work.organisation_id, number),)
        for model in (ClinicHours, ClosedDay)
    )
    found, hours, closed = impact.lock(
        work,
        Scope() if moved else Scope("location_id", number),
        as_location(number, tidy),
        accept,
        work.locked_row(Location, number),
        *own,
    )
    row = work.found(Location, found)
    now = file_of(work.catalogue, number)
    if (row.version, now.hours, now.closed) != (before.card.version, before.hours, before.closed):
        raise Stale(now)
    _judge(work, tidy, number)
    work.change(row, **_values(tidy))
    _write_hours(work, number, r.rows(ClinicHours, hours), tidy.hours)
    _write_closed(work, number, r.rows(ClosedDay, closed), dict(tidy.closed))
    return LocationFile(_card(row), tidy.hours, tidy.closed)


def as_location(location_id: int, draft: LocationDraft) -> Change:
    """The catalogue with this location as *draft* says."""

    def change(known: Catalogue) -> Catalogue:
        if location_id not in known.locations:
            raise NotFound
        card = replace(
            known.locations[location_id],
            name=draft.name,
            time_zone=draft.time_zone,
            active=draft.active,
        )
        return replace(
            known,
            locations={**known.locations, location_id: card},
            clinic_hours={**known.clinic_hours, location_id: draft.hours},
            closed_days={**known.closed_days, location_id: dict(draft.closed)},
        )

    return change


def _tidy(work: Work, draft: LocationDraft) -> LocationDraft:
    zone = draft.time_zone.strip() or work.catalogue.organisation.time_zone
    clinic_time.zone(zone)
    phone = fold.clean("phone", draft.phone)
    if phone:
        phone = contacts.phone(phone, work.catalogue.organisation.country).shown
    bare = (replace(w, location_id=None, operatory_id=None) for w in draft.hours)
    days = {day: fold.clean("closed", name, longest=80) for day, name in draft.closed}
    return LocationDraft(
        name=fields.required("name", draft.name),
        address=fold.clean("address", draft.address, lines=True, longest=400),
        time_zone=zone,
        phone=phone,
        default_operatory_id=draft.default_operatory_id,
        active=draft.active,
        hours=fields.tidy_week("hours", bare, most=MOST_PIECES),
        closed=tuple(sorted(days.items())),
    )


def _judge(work: Work, draft: LocationDraft, number: int | None) -> None:
    known = work.catalogue
    others = [c for c in known.locations.values() if c.id != number]
    fields.free_name("name", draft.name, (c.name for c in others))
    room = known.operatories.get(draft.default_operatory_id or 0)
    if draft.default_operatory_id is not None and (room is None or room.location_id != number):
        raise Invalid("default_operatory_id", N_("Choose a room of this location."))
    if number is not None and not draft.active and not any(c.active for c in others):
        raise Refused(LAST_PLACE, way_out=ADD_FIRST)


def _values(draft: LocationDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "address": draft.address,
        "time_zone": draft.time_zone,
        "phone": draft.phone,
        "default_operatory_id": draft.default_operatory_id,
        "active": draft.active,
    }


def _card(row: Location) -> LocationCard:
    return LocationCard(
        row.id,
        row.uuid,
        row.name,
        row.address,
        row.time_zone,
        row.active,
        row.phone,
        row.default_operatory_id,
        row.version,
    )


def _write_hours(
    work: Work, number: int, standing: list[ClinicHours], hours: tuple[Weekly, ...]
) -> None:
    fields.rewrite(
        work,
        standing,
        {(w.weekday, w.starts_minute, w.ends_minute) for w in hours},
        lambda row: (row.weekday, row.starts_minute, row.ends_minute),
        lambda v: work.create(
            ClinicHours,
            location_id=number,
            weekday=v[0],
            starts_minute=v[1],
            ends_minute=v[2],
            version=1,
        ),
    )


def _write_closed(
    work: Work, number: int, standing: list[ClosedDay], closed: Mapping[date, str]
) -> None:
    at = {row.day: row for row in standing}
    if len(at.keys() ^ closed.keys()) > MOST_CLOSED:
        raise Invalid("closed", N_("Save {most} closed days at a time at most."), most=MOST_CLOSED)
    for day in sorted(at.keys() - closed.keys()):
        work.delete(at[day])
    for day, name in sorted(closed.items()):
        if day in at:
            work.change(at[day], name=name)
        else:
            work.create(ClosedDay, location_id=number, day=day, name=name, version=1)


# Operatories -------------------------------------------------------------------------------


@command("Location Update All", action="operatory.add")
def add_operatory(
    work: Work, draft: OperatoryDraft, *, request_id: str | None = None
) -> OperatoryCard:
    """Add a room or chair to a location, after its others. Raises ``Invalid``."""
    name = fields.required("name", draft.name)
    work.lock()
    _judge_room(work, name, draft.location_id, None)
    number = work.create(Resource, kind="operatory").id
    row = work.create(
        Operatory,
        id=number,
        uuid=str(uuid.uuid4()),
        name=name,
        location_id=draft.location_id,
        position=1 + max((c.position for c in work.catalogue.operatories.values()), default=0),
        active=draft.active,
        version=1,
    )
    return _room(row)


@command("Location Update All", action="operatory.change")
def change_operatory(
    work: Work,
    before: OperatoryCard,
    draft: OperatoryDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> OperatoryCard:
    """Make a room what *draft* says; it stays at its location. Raises ``WouldBreak`` for visits
    that are not in *accept*, ``Invalid``, ``Stale`` with the present card.
    """
    name = fields.required("name", draft.name)
    (found,) = impact.lock(
        work,
        Scope("operatory_id", before.id),
        as_operatory(before.id, draft.active),
        accept,
        work.locked_row(Operatory, before.id),
    )
    row = work.found(Operatory, found)
    if row.version != before.version:
        raise Stale(_room(row))
    if draft.location_id != row.location_id:
        raise Invalid(
            "location_id",
            N_("A room stays where it is. Add a new one there, and make this one inactive."),
        )
    _judge_room(work, name, draft.location_id, row.id)
    work.change(row, name=name, active=draft.active)
    return _room(row)


def as_operatory(operatory_id: int, active: bool) -> Change:
    """The catalogue with this room in use or not."""

    def change(known: Catalogue) -> Catalogue:
        if operatory_id not in known.operatories:
            raise NotFound
        card = replace(known.operatories[operatory_id], active=active)
        return replace(known, operatories={**known.operatories, operatory_id: card})

    return change


def _judge_room(work: Work, name: str, location_id: int, number: int | None) -> None:
    known = work.catalogue
    fields.known("location_id", location_id, known.locations)
    rooms = known.operatories.values()
    here = (c.name for c in rooms if c.location_id == location_id and c.id != number)
    fields.free_name("name", name, here)


def _room(row: Operatory) -> OperatoryCard:
    return OperatoryCard(
        row.id, row.uuid, row.name, row.location_id, row.position, row.active, row.version
    )
