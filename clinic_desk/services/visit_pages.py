"""Visits in pages that hold still: a booking made meanwhile neither repeats nor hides another.

A page begins after the last visit of the one before, whatever its number was.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import by_uuid, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.work import query

After = tuple[datetime, str]
"""The last visit of a page: when it begins, and its uuid."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some visits by their beginning; ``total`` counts those of all pages, and ``after`` says
    where the next page begins: None where there is none.
    """

    visits: tuple[Visit, ...]
    total: int
    after: After | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which visits: those that begin from ``begin`` until before ``end`` and are of one of each
    that is given. None asks for nothing; an empty collection is fulfilled by no visit.
    """

    begin: datetime | None = None
    end: datetime | None = None
    uuids: Collection[str] | None = None
    patient_uuids: Collection[str] | None = None
    provider_ids: Collection[int] | None = None
    places: tuple[Collection[int], Collection[int]] | None = None
    statuses: Collection[Status] | None = None


@query("Appointment Show")
def page(actor: Actor, wanted: Wanted, *, after: After | None = None, count: int = 50) -> Page:
    """At most *count* visits, the first of them behind *after*; two queries."""
    condition, values = _condition(actor, wanted)
    ((total,),) = actor.store.rows(
        f"SELECT COUNT(*) FROM appointment a WHERE {condition}",  # noqa: S608 - our own words
        tuple(values),
    )
    if after is not None:
        condition += " AND (a.starts_at, a.uuid) > (?, ?)"
        values += [_stored(after[0]), after[1]]
    found = actor.store.rows(
        f"{by_uuid.VISIT} WHERE {condition} ORDER BY a.starts_at, a.uuid LIMIT ?",
        (*values, count + 1),
    )
    visits = tuple(by_uuid.visits_of(actor, found[:count]))
    last = visits[-1].card if len(found) > count else None
    return Page(visits, int(total), (last.span.starts_at, last.uuid) if last else None)


def _condition(actor: Actor, wanted: Wanted) -> tuple[str, list[Any]]:
    seen, who = patient_access.seen(actor, "a.patient_id")
    where, values = ["a.organisation_id = ?", seen], [actor.organisation_id, *who]
    for edge, at in (("a.starts_at >= ?", wanted.begin), ("a.starts_at < ?", wanted.end)):
        if at is not None:
            where.append(edge)
            values.append(_stored(at))
    for column, some in (
        ("a.uuid", wanted.uuids),
        ("a.provider_id", wanted.provider_ids),
        ("a.status", wanted.statuses),
    ):
        if some is not None:
            where.append(f"{column} IN ({_marks(some)})")
            values += [str(one) if isinstance(one, Status) else one for one in some]
    if wanted.patient_uuids is not None:
        marks = _marks(wanted.patient_uuids)
        where.append(f"a.patient_id IN (SELECT id FROM patient WHERE uuid IN ({marks}))")  # noqa: S608
        values += wanted.patient_uuids
    if wanted.places is not None:
        houses, rooms = wanted.places
        where.append(
            f"(a.location_id IN ({_marks(houses)}) OR a.operatory_id IN ({_marks(rooms)}))"
        )
        values += [*houses, *rooms]
    return " AND ".join(where), values


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values)) or "NULL"


def _stored(at: datetime) -> Any:
    return r.stored(Appointment, "starts_at", at)
