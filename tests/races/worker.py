"""One racer: its own process, its own connection, the real booking service."""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from clinic_desk.rules.errors import Busy, Conflicted, Refused
from clinic_desk.services import diary, transaction
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store, open_store
from tests.races.clinic import Arena, Slot, racer


@dataclass
class Log:
    """What one racer was told: the truth is compared with it afterwards."""

    booked: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def race(url: str, arena: Arena, places: list[Slot], number: int, without: str) -> Log:
    """Try to book every place once, in an order that most racers share."""
    _take_away(without)
    store = open_store(url)
    actor = racer(store, arena)
    log = Log()
    rng = random.Random(number)
    # Everybody walks the same way, with small detours: the hottest crowd there is.
    order = sorted(range(len(places)), key=lambda i: i + rng.uniform(0, 6))
    for index in order:
        place = places[index]
        request_id = str(uuid.uuid4())
        began = time.perf_counter()
        try:
            done = diary.book(
                actor,
                span=place.span,
                type_id=arena.type_id,
                provider_id=place.provider_id,
                operatory_id=place.operatory_id,
                patient_id=rng.choice(arena.patient_ids),
                location_id=arena.location_id,
                main_problem="Race",
                request_id=request_id,
            )
            log.booked[request_id] = done.value.id
        except Conflicted:
            log.refused.append(request_id)
        except (Busy, Refused) as error:
            log.failed.append(f"{type(error).__name__}: {error}")
        except Exception as error:
            log.failed.append(f"{type(error).__name__}: {error}")
        log.milliseconds.append((time.perf_counter() - began) * 1000)
    store.close()
    return log


def race_by_hand(url: str, arena: Arena, places: list[Slot], number: int) -> Log:
    """Somebody types SQL past the program; only the database itself can refuse."""
    store = open_store(url)
    if store.dialect == "sqlite":
        store.connection().execute("PRAGMA busy_timeout = 20000")
    case_id = _case(store, arena, arena.patient_ids[number])
    log = Log()
    for place in places:
        try:
            _insert(store, arena, place, arena.patient_ids[number], case_id)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            log.refused.append(text) if _is_refusal(text) else log.failed.append(text)
    store.close()
    return log


def _is_refusal(text: str) -> bool:
    return any(
        mark in text
        for mark in ("claim_overlap", "exclusion constraint", "claim_overlap", "locked")
    )


def _case(store: Store, arena: Arena, patient_id: int) -> int:
    found = store.rows(
        "SELECT id FROM patient_case WHERE patient_id = ? AND organisation_id = ?",
        (patient_id, arena.organisation_id),
    )
    if found:
        return int(found[0][0])
    from clinic_desk.models.diary import Case

    case = Case.create(
        uuid=str(uuid.uuid4()),
        organisation_id=arena.organisation_id,
        patient_id=patient_id,
        main_problem="By hand",
        type_id=arena.type_id,
    )
    return int(case.id)


def _insert(store: Store, arena: Arena, place: Slot, patient_id: int, case_id: int) -> None:
    from clinic_desk.models.diary import Appointment

    fields: dict[str, Any] = {
        "uuid": str(uuid.uuid4()),
        "organisation_id": arena.organisation_id,
        "location_id": arena.location_id,
        "provider_id": place.provider_id,
        "operatory_id": place.operatory_id,
        "patient_id": patient_id,
        "case_id": case_id,
        "type_id": arena.type_id,
        "starts_at": place.span.starts_at,
        "ends_at": place.span.ends_at,
        "time_zone": "UTC",
        "wall_starts": place.span.starts_at.strftime("%Y-%m-%dT%H:%M"),
        "status": "scheduled",
        "origin": str(Origin.DESK),
        "booked_at": place.span.starts_at,
    }
    Appointment.insert(**fields).execute()


def _take_away(what: str) -> None:
    """For the test of the test: the same race without the organisation's lock."""
    if what != "lock":
        return
    real = transaction.Statement

    def unlocked(sql: str, parameters: Any = ()) -> Any:
        if "pg_advisory_xact_lock" in sql:
            return real("SELECT ?::int, ?::int", parameters)
        return real(sql, parameters)

    transaction.Statement = unlocked  # type: ignore[assignment,misc]
