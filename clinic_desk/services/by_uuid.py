"""What other programs ask for: records by their uuid, one at a time.

A uuid of another organisation is as unknown as one that nobody has: ``NotFound``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from clinic_desk.rules.errors import NotFound
from clinic_desk.services import diary_view, patient_access, patient_finding
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, PatientCard
from clinic_desk.services.store import Store
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


@query("Customer Show")
def kept(actor: Actor, uuid: str) -> str | None:
    """The uuid of the record into which the patient's with this one was merged, where it was, and
    *actor* may see it.
    """
    seen, who = patient_access.seen(actor)
    found = actor.store.rows(
        "SELECT p.uuid FROM patient o JOIN patient p ON p.id = o.merged_into_id"  # noqa: S608
        f" WHERE o.uuid = ? AND o.organisation_id = ? AND {seen}",
        (uuid, actor.organisation_id, *who),
    )
    return str(found[0][0]) if found else None


class Person(NamedTuple):
    """A patient's number, and the names that an answer tells apart."""

    number: int
    first_name: str
    last_name: str


def person(actor: Actor, uuid: str) -> Person:
    """The patient with this uuid whom *actor* may see. Raises ``NotFound``.

    It asks for no permission of its own: what it is for does.
    """
    seen, who = patient_access.seen(actor)
    found = actor.store.rows(
        "SELECT p.id, p.first_name, p.last_name FROM patient p"  # noqa: S608
        f" WHERE p.uuid = ? AND p.organisation_id = ? AND {seen}",
        (uuid, actor.organisation_id, *who),
    )
    if not found:
        raise NotFound
    return Person(*found[0])


def was_carried_out(actor: Actor, request_id: str) -> bool:
    """Whether something was done for this request already."""
    found = actor.store.rows(
        "SELECT 1 FROM deed WHERE organisation_id = ? AND COALESCE(actor_id, 0) = ?"
        " AND request_id = ?",
        (actor.organisation_id, actor.user_id or 0, request_id),
    )
    return bool(found)


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
