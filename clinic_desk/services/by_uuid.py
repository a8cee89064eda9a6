"""What other programs ask for: records by their uuid, one at a time.

A uuid of another organisation is as unknown as one that nobody has: ``NotFound``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_desk.rules.errors import NotFound
from clinic_desk.rules.spans import Span
from clinic_desk.services import booking, diary_view, patient_access, patient_finding
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, PatientCard
from clinic_desk.services.journal import told
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Rows, Statement, transaction_for
from clinic_desk.services.work import query


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment with what only other programs need: its patient's uuid and names apart,
    and the instant (UTC) at which it was booked.
    """

    card: AppointmentCard
    patient_uuid: str
    first_name: str
    last_name: str
    booked_at: datetime


VISIT = f"{diary_view.READ}, p.uuid, p.first_name, p.last_name, a.booked_at {diary_view.FROM}"
"""Reads what :func:`visits_of` needs."""


@query("Appointment Show")
def visit(actor: Actor, uuid: str) -> Visit:
    """The appointment with this uuid. Raises ``NotFound``."""
    return _one(actor, "a.uuid = ?", uuid)


@query("Appointment Show")
def visit_numbered(actor: Actor, number: int) -> Visit:
    """The appointment with this number, as a command gave it back. Raises ``NotFound``."""
    return _one(actor, "a.id = ?", number)


@query("Customer Show")
def patient(actor: Actor, uuid: str) -> PatientCard:
    """The patient with this uuid. Raises ``NotFound``."""
    found = patient_finding.select(actor, "p.uuid = ?", [uuid], 1)
    if not found:
        raise NotFound
    return patient_finding.card_of(found[0])


def patient_number(actor: Actor, uuid: str) -> int:
    """The number of the patient with this uuid whom *actor* may see. Raises ``NotFound``.

    It tells nothing of the patient; what it is for asks for its own permission.
    """
    seen, who = patient_access.seen(actor)
    found = actor.store.rows(
        f"SELECT p.id FROM patient p WHERE p.uuid = ? AND p.organisation_id = ? AND {seen}",  # noqa: S608
        (uuid, actor.organisation_id, *who),
    )
    if not found:
        raise NotFound
    return int(found[0][0])


def earlier_room(actor: Actor, request_id: str) -> tuple[bool, int | None]:
    """Whether this request was carried out already, and in which room its visit was booked: a
    room that the program chose is part of what was asked, so a repetition must ask for it.
    """
    found = actor.store.rows(
        "SELECT seq FROM deed WHERE organisation_id = ? AND COALESCE(actor_id, 0) = ?"
        " AND request_id = ?",
        (actor.organisation_id, actor.user_id or 0, request_id),
    )
    if not found:
        return False, None
    for change in told(actor, int(found[0][0])).changes:
        rooms = [f.after for f in change.fields if f.name == "operatory_id"]
        if change.kind == "appointment" and (change.created or rooms):
            return True, next(iter(rooms), None)
    return True, None


@dataclass(frozen=True, slots=True)
class Booker:
    """For whom a program books, and the room where it leaves the choice to us."""

    patient_id: int
    first_name: str
    last_name: str
    operatory_id: int | None


@query("Appointment Create")
def booker(
    actor: Actor,
    patient_uuid: str,
    *,
    span: Span,
    type_id: int,
    location_id: int,
    operatory_id: int | None = None,
    provider_id: int | None = None,
) -> Booker:
    """The patient with this uuid whom *actor* may see and, where no room is named, the one that
    :func:`free_room` gives; in one exchange. Raises ``NotFound``.
    """
    seen, who = patient_access.seen(actor)
    asked = [
        Statement(
            "SELECT p.id, p.first_name, p.last_name FROM patient p"  # noqa: S608
            f" WHERE p.uuid = ? AND p.organisation_id = ? AND {seen}",
            (patient_uuid, actor.organisation_id, *who),
        )
    ]
    rooms, wanted = (
        _rooms(actor, location_id, type_id, span, provider_id)
        if operatory_id is None
        else ([], span)
    )
    if rooms:
        asked.append(booking.claims_within(actor.store, rooms, wanted))
    person, *claims = transaction_for(actor.store).look(asked)
    if not person:
        raise NotFound
    number, first, last = person[0]
    room = _free(rooms, wanted, claims[0]) if rooms else operatory_id
    return Booker(number, first, last, room)


@query("Appointment Create")
def free_room(
    actor: Actor,
    location_id: int,
    type_id: int,
    span: Span,
    but: Collection[int] = (),
    provider_id: int | None = None,
) -> int | None:
    """As :func:`room_for`, for whoever may book."""
    return room_for(actor, location_id, type_id, span, but, provider_id)


def room_for(
    actor: Actor,
    location_id: int,
    type_id: int,
    span: Span,
    but: Collection[int] = (),
    provider_id: int | None = None,
) -> int | None:
    """A room of the location that is free for a visit of this type at *span*: the one that the
    provider's hours name, the location's usual one, else the first; where none is, the first of
    all, so that booking says what is in the way. None where the location has no rooms.

    It tells nothing of whose time it is; what it is for asks for its own permission.
    """
    rooms, wanted = _rooms(actor, location_id, type_id, span, provider_id)
    if not rooms:
        return None
    asked = booking.claims_within(actor.store, rooms, wanted)
    return _free(rooms, wanted, actor.store.rows(asked.sql, asked.parameters), but)


def _rooms(
    actor: Actor, location_id: int, type_id: int, span: Span, provider_id: int | None
) -> tuple[list[int], Span]:
    """The location's rooms in the order in which they are taken, and the time to be free. Who
    has a room of their own takes that one, so that a crowd does not meet in the first.
    """
    catalogue = booking.catalogue_with(actor, type_ids=[type_id], location_ids=[location_id])
    usual = catalogue.locations[location_id].default_operatory_id
    rooms = [x for x in catalogue.operatories.values() if x.active and x.location_id == location_id]
    if not rooms:
        return [], span
    kind = catalogue.types[type_id]
    wanted = booking.checked_span(span).padded(kind.before_minutes, kind.after_minutes)
    own = None
    if provider_id is not None:
        own = catalogue.room_by_hours(provider_id, location_id, span.starts_at)
    return sorted((x.id for x in rooms), key=lambda n: (n != own, n != usual)), wanted


def _free(rooms: list[int], wanted: Span, claims: Rows, but: Collection[int] = ()) -> int:
    """The first room of which no claim takes the time, else the first of all."""
    # A room that only its buffers keep busy is busy too: its claims carry them.
    taken = booking.taken(claims)
    busy = {t.resource_id for t in taken if t.span.overlaps(wanted)} | set(but)
    return next((n for n in rooms if n not in busy), rooms[0])


def get_ready(store: Store) -> None:
    """Build the index of who is free for every organisation, so that nobody who asks later has
    to wait for it: a few seconds for a million visits.
    """
    for (organisation_id,) in store.rows("SELECT id FROM organisation ORDER BY id"):
        store.occupancy(organisation_id).catch_up()


def _one(actor: Actor, condition: str, value: Any) -> Visit:
    found = actor.store.rows(
        f"{VISIT} WHERE {condition} AND a.organisation_id = ?", (value, actor.organisation_id)
    )
    if not found:
        raise NotFound
    return visits_of(actor, found)[0]


def visits_of(actor: Actor, found: list[Any]) -> list[Visit]:
    """The visits of these rows, which were read with :data:`VISIT`."""
    catalogue = actor.store.catalogue(actor.organisation_id)
    try:
        cards = [diary_view.card_of(catalogue, values[:-4]) for values in found]
    except KeyError:  # a type or provider made at a desk a moment ago
        actor.store.forget_catalogue(actor.organisation_id)
        catalogue = actor.store.catalogue(actor.organisation_id)
        cards = [diary_view.card_of(catalogue, values[:-4]) for values in found]
    return [
        Visit(card, uuid, first, last, diary_view.instant(at))
        for card, (*_, uuid, first, last, at) in zip(cards, found, strict=True)
    ]
