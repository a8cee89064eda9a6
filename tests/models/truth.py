"""What must hold after any SQL, reckoned in Python from the sources alone.

It reads neither the view nor the claims to know what is due, so it still tells the truth
when the database's own guarantee is taken away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import peewee as pw

from clinic_desk.models.base import UtcDateTimeField
from clinic_desk.models.claims import Claim, ClaimDue
from clinic_desk.rules.lifecycle import HOLDING


class Taken(NamedTuple):
    """Time of one resource that one source takes."""

    resource_id: int
    starts_at: Any
    ends_at: Any
    source: str
    source_id: int
    permit_id: int | None


def due(db: pw.Database) -> list[Taken]:
    """The claims that the sources call for."""
    out: list[Taken] = []
    read = UtcDateTimeField().python_value
    visits = {}
    for row in db.execute_sql(
        "SELECT id, provider_id, operatory_id, patient_id, starts_at, ends_at, before_minutes,"
        " after_minutes, status, permit_id FROM appointment"
    ).fetchall():
        number, provider, room, patient, begin, end, before, after, status, permit = row
        begin, end = read(begin), read(end)
        if status not in set(HOLDING):
            continue
        visits[number] = (begin, permit)
        early, late = begin - timedelta(minutes=before), end + timedelta(minutes=after)
        out.append(Taken(provider, early, late, "a", number, permit))
        if room is not None:
            out.append(Taken(room, early, late, "a", number, permit))
        out.append(Taken(patient, begin, end, "a", number, None))
    for number, visit, resource, first, last in db.execute_sql(
        "SELECT id, appointment_id, resource_id, from_minute, to_minute FROM appointment_extra"
    ).fetchall():
        if visit in visits:
            begin, permit = visits[visit]
            early, late = begin + timedelta(minutes=first), begin + timedelta(minutes=last)
            out.append(Taken(resource, early, late, "x", number, permit))
    for source, table in (("e", "calendar_event"), ("h", "hold")):
        for number, resource, begin, end in db.execute_sql(
            f"SELECT id, resource_id, starts_at, ends_at FROM {table}"
        ).fetchall():
            out.append(Taken(resource, read(begin), read(end), source, number, None))
    return sorted(out, key=str)


def stored(model: type[pw.Model]) -> list[Taken]:
    """The rows of ``Claim`` or ``ClaimDue``."""
    rows: Any = model.select(*(getattr(model, name) for name in Taken._fields)).tuples()
    return sorted((Taken._make(row) for row in rows), key=str)


def overlaps(claims: list[Taken]) -> list[tuple[Taken, Taken]]:
    """Pairs that take the same time of a resource without both being under a permit."""
    return [
        (one, other)
        for index, one in enumerate(claims)
        for other in claims[index + 1 :]
        if one.resource_id == other.resource_id
        and one.starts_at < other.ends_at
        and other.starts_at < one.ends_at
        and (one.permit_id is None or other.permit_id is None)
    ]


def assert_holds(db: pw.Database) -> None:
    """Nothing overlaps, and the claims (and the view) are what the sources call for."""
    wanted = due(db)
    assert overlaps(wanted) == []
    assert stored(Claim) == wanted
    assert stored(ClaimDue) == wanted
