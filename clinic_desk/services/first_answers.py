"""What a request was answered when it came first, for whoever sends it again.

Nothing is kept for this beside the history, which knows what every record was before each deed:
the records of today, with what came later taken back. Where a patient was erased the history
is silent, and so is the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

import peewee

from clinic_desk.models.base import UtcDateTimeField
from clinic_desk.models.catalogue import AppointmentType, Location, Operatory
from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient, Provider
from clinic_desk.rules.errors import NotFound
from clinic_desk.services import catalogue, diary_view, patient_access, patients
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.cards import LocationCard, OperatoryCard, PatientCard
from clinic_desk.services.work import query

R = TypeVar("R", bound=peewee.Model)


@query("Appointment Show")
def visit(actor: Actor, number: int, seq: int) -> Visit:
    """The appointment as deed *seq* left it, with its patient, provider, type and place of
    then. Raises ``NotFound``.
    """
    row = _then(actor, Appointment, number, seq)
    person = _then(actor, Patient, row.patient_id, seq)
    problem = _then(actor, Case, row.case_id, seq).main_problem
    version = actor.store.rows(
        "SELECT version FROM deed_entity WHERE organisation_id = ? AND seq = ?"
        " AND kind = 'appointment' AND entity_id = ?",
        (actor.organisation_id, seq, number),
    )
    if version and version[0][0] is not None:
        row.version = version[0][0]
    card = diary_view.card(_catalogue(actor, row, seq), row, person, problem)
    return Visit(card, person.uuid, person.first_name, person.last_name, row.booked_at)


@query("Customer Show")
def patient(actor: Actor, number: int, seq: int) -> PatientCard:
    """The patient as deed *seq* left them. Raises ``NotFound``."""
    return patients.card(_then(actor, Patient, number, seq))


def _catalogue(actor: Actor, row: Appointment, seq: int) -> catalogue.Catalogue:
    """The catalogue of today, with what this visit names as it was then."""
    known = catalogue.catalogue(actor)
    if known.seq <= seq:
        return known
    kind = _then(actor, AppointmentType, row.type_id, seq)
    who = _then(actor, Provider, row.provider_id, seq)
    known = replace(
        known,
        types={**known.types, kind.id: catalogue.type_card(kind, ())},
        providers={**known.providers, who.id: catalogue.provider_card(who, ())},
    )
    if row.location_id is not None:
        place = _then(actor, Location, row.location_id, seq)
        there: LocationCard = replace(known.locations[place.id], name=place.name)
        known = replace(known, locations={**known.locations, place.id: there})
    if row.operatory_id is not None:
        room = _then(actor, Operatory, row.operatory_id, seq)
        inside: OperatoryCard = replace(known.operatories[room.id], name=room.name)
        known = replace(known, operatories={**known.operatories, room.id: inside})
    return known


def _then(actor: Actor, model: type[R], number: int, seq: int) -> R:
    """A row as it stood after deed *seq*: what later deeds did to it is taken back, the newest
    first. Two queries.
    """
    found = actor.store.rows(*patient_access.row(actor, model, number))
    if not found:
        raise NotFound
    row = r.row(model, found[0])
    later = actor.store.rows(
        "SELECT t.body FROM deed_entity e JOIN deed_text t"
        " ON t.organisation_id = e.organisation_id AND t.seq = e.seq"
        " WHERE e.organisation_id = ? AND e.kind = ? AND e.entity_id = ? AND e.seq > ?"
        " ORDER BY e.seq DESC",
        (actor.organisation_id, r.table(model), number, seq),
    )
    for name, value in _befores(r.table(model), number, (body for (body,) in later if body)):
        if name in r.columns(model):
            setattr(row, name, _typed(model, name, value))
    return row


def _befores(kind: str, number: int, bodies: Iterable[str]) -> Iterable[tuple[str, Any]]:
    for body in bodies:
        for change in json.loads(body)["changes"]:
            if (change["kind"], change["id"]) == (kind, number):
                yield from change["before"].items()


def _typed(model: type[peewee.Model], name: str, value: Any) -> Any:
    """A value of the history's JSON as the row holds it."""
    field = model._meta.columns[name]
    if isinstance(value, str) and isinstance(field, UtcDateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(field, peewee.DateField):
        return date.fromisoformat(value)
    return value
