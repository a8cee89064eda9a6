"""A booking through the door, beside the insert alone that has the same guarantee.

Ours asks for permission, finds the patient and the case, decides with every reason, writes
the visit, its deed and the link of the chain, rings, and commits. The bare side is the
driver and one INSERT in one transaction, into a copy of the same table with the same
triggers and constraints, its values ready.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from tests.benchmarks.clock import Times, in_turns
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

GOAL = 4.0
"""At least a quarter as many as the bare insert."""

FAR = datetime(2150, 3, 2, 8, tzinfo=UTC)
"""Where nobody has booked yet. Work hours are not in the way: they hold for ever."""


def rows(world: World) -> list[Row]:
    """Both databases."""
    out = []
    for dialect in ("sqlite", "postgresql"):
        with world.open(dialect, world.scale.small) as actor:
            ours, bare = measure(actor, world.scale.times * 2)
            shown = "SQLite" if dialect == "sqlite" else "PostgreSQL"
            out.append(
                Row(
                    f"booking on {shown}",
                    ours.p50,
                    "bare insert, same guarantee",
                    bare.p50,
                    GOAL,
                    note=f"{1000 / ours.p50:.0f}/s beside {1000 / bare.p50:.0f}/s;"
                    f" p95 {ours.p95:.2f} and {bare.p95:.2f} ms",
                )
            )
    return out


def measure(actor: Actor, times: int) -> tuple[Times, Times]:
    """Ours and the bare insert, in turns; everything booked is far ahead and taken away again."""
    booked: list[int] = []
    places = places_free(actor)
    insert = bare_insert(actor, booked)

    def ours() -> None:
        provider_id, room_id, patient_id, type_id, span = next(places)
        done = diary.book(
            actor,
            span=span,
            type_id=type_id,
            provider_id=provider_id,
            operatory_id=room_id,
            patient_id=patient_id,
        )
        booked.append(done.value.id)

    def bare() -> None:
        insert(next(places))

    try:
        found = in_turns(times, ours, bare, warm=5)
    finally:
        taken_away(actor, booked)
    return found[0], found[1]


Place = tuple[int, int, int, int, Span]


def places_free(actor: Actor, first: datetime = FAR) -> Iterator[Place]:
    """Free places inside work hours, one after the other, from the day of *first* on."""
    catalogue = actor.store.catalogue(actor.organisation_id)
    kind = next(iter(catalogue.types.values()))
    whole = timedelta(minutes=kind.before_minutes + kind.minutes + kind.after_minutes)
    patients = [
        row[0]
        for row in actor.store.rows(
            "SELECT id FROM patient WHERE organisation_id = ? ORDER BY id LIMIT 300",
            (actor.organisation_id,),
        )
    ]
    patient = itertools.cycle(patients)
    for day in itertools.count():
        date = (first + timedelta(days=day)).date()
        for provider_id in catalogue.providers:
            for _, hours in catalogue.provider_hours(provider_id, [date]):
                at = hours.starts_at + timedelta(minutes=kind.before_minutes)
                room = catalogue.work_hours[provider_id][0].operatory_id
                while at + whole <= hours.ends_at:
                    span = Span.lasting(at, kind.minutes)
                    yield provider_id, room or 0, next(patient), kind.id, span
                    at += whole


def bare_insert(actor: Actor, booked: list[int]) -> Callable[[Place], None]:
    """The driver and one INSERT; what it inserted is added to *booked*."""
    connection = actor.store.connection()
    case_id = actor.store.rows(
        "SELECT patient_id, id FROM patient_case WHERE organisation_id = ?",
        (actor.organisation_id,),
    )
    cases = dict(case_id)
    now = datetime.now(UTC).replace(microsecond=0)
    fields = ["uuid", "organisation_id", "location_id", "provider_id", "operatory_id",
              "patient_id", "case_id", "type_id", "starts_at", "ends_at", "before_minutes",
              "after_minutes", "time_zone", "wall_starts", "status", "notes", "reason", "origin",
              "booked_at", "version"]  # fmt: skip
    mark = "?" if actor.store.dialect == "sqlite" else "%s"
    insert = (
        f"INSERT INTO appointment ({', '.join(fields)}) VALUES ({', '.join([mark] * len(fields))})"
        " RETURNING id"
    )
    catalogue = actor.store.catalogue(actor.organisation_id)

    def values(place: Place) -> list[Any]:
        provider_id, room_id, patient_id, type_id, span = place
        kind = catalogue.types[type_id]
        plain = [str(uuid.uuid4()), actor.organisation_id, None, provider_id, room_id, patient_id,
                 cases[patient_id], type_id, span.starts_at, span.ends_at, kind.before_minutes,
                 kind.after_minutes, "UTC", "2150-03-02T08:00", "scheduled", "", "", "desk", now,
                 1]  # fmt: skip
        return [r.stored(Appointment, k, v) for k, v in zip(fields, plain, strict=True)]

    def on_sqlite(place: Place) -> None:
        connection.execute("BEGIN IMMEDIATE")
        booked.append(connection.execute(insert, values(place)).fetchone()[0])
        connection.execute("COMMIT")

    def on_server(place: Place) -> None:
        booked.append(connection.execute(insert, values(place)).fetchone()[0])

    return on_sqlite if actor.store.dialect == "sqlite" else on_server


def taken_away(actor: Actor, booked: list[int]) -> None:
    """The history stays, as it must; the visits go, so that the next run finds their places."""
    connection = actor.store.connection()
    mark = "?" if actor.store.dialect == "sqlite" else "%s"
    connection.execute("BEGIN")
    for number in booked:
        connection.execute(f"DELETE FROM appointment WHERE id = {mark}", (number,))
    connection.execute("COMMIT")
