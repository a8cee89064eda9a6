"""After a race: was anything booked twice, lost, half done, or told wrongly?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from clinic_desk.models import base
from clinic_desk.services import journal
from clinic_desk.services.store import Store, open_store
from tests.races.clinic import Arena
from tests.races.worker import Log


def judge(url: str, arena: Arena, logs: Sequence[Log], seconds: float) -> dict[str, Any]:
    """Compare what the racers were told with what is stored. ``clean`` sums it up."""
    store = open_store(url)
    times = sorted(t for log in logs for t in log.milliseconds)
    told = {request: number for log in logs for request, number in log.booked.items()}
    refused = {request for log in logs for request in log.refused}
    kept = dict(
        store.rows(
            "SELECT d.request_id, e.entity_id FROM deed d JOIN deed_entity e"
            " ON e.organisation_id = d.organisation_id AND e.seq = d.seq"
            " WHERE e.kind = 'appointment' AND d.organisation_id = ?",
            (arena.organisation_id,),
        )
    )
    found = {
        "doubles": len(overlaps(store)),
        "lost": len([r for r, n in told.items() if kept.get(r) != n]),
        "phantoms": len([r for r in refused if r in kept]),
        "broken_links": len(list(journal.broken_links(store, arena.organisation_id))),
        "deadlocks": _deadlocks(store),
        "failures": sum(len(log.failed) for log in logs),
    }
    result: dict[str, Any] = {
        "clean": not any(found.values()),
        **found,
        "examples": Counter(f for log in logs for f in log.failed).most_common(3),
        "booked": len(told),
        "refused": len(refused),
        "seconds": round(seconds, 2),
        "p50_ms": round(times[len(times) // 2], 2),
        "p99_ms": round(times[len(times) * 99 // 100], 1),
        "max_ms": round(times[-1], 1),
    }
    store.close()
    return result


def overlaps(store: Store) -> list[tuple[int, int, int]]:
    """Pairs of visits that hold one resource at the same time, by a plain sweep over rows."""
    found = store.rows(
        "SELECT id, provider_id, operatory_id, patient_id, starts_at, ends_at,"
        " before_minutes, after_minutes FROM appointment WHERE permit_id IS NULL AND status IN"
        " ('requested','scheduled','confirmed','arrived','completed')"
    )
    by_resource: dict[int, list[tuple[float, float, int]]] = {}
    for number, provider, operatory, patient, starts, ends, before, after in found:
        begin, end = _seconds(starts), _seconds(ends)
        for resource in (provider, operatory):
            if resource is not None:
                padded = (begin - before * 60, end + after * 60, number)
                by_resource.setdefault(resource, []).append(padded)
        by_resource.setdefault(patient, []).append((begin, end, number))
    out = []
    for resource, spans in by_resource.items():
        spans.sort()
        last, owner = float("-inf"), 0
        for begin, end, number in spans:
            if begin < last:
                out.append((resource, owner, number))
            if end > last:
                last, owner = end, number
    return out


def _seconds(value: Any) -> float:
    return float(value.timestamp()) if hasattr(value, "timestamp") else float(value)


def _deadlocks(store: Store) -> int:
    if store.dialect == "sqlite":
        return 0
    found = store.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return int(found[0][0])


def drop_constraint(database: Any) -> None:
    """For the test of the test: the guarantee taken out of the database."""
    if not base.on_sqlite():
        database.execute_sql("ALTER TABLE claim DROP CONSTRAINT claim_overlap")
        return
    found = database.execute_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%claim_overlap%'"
    ).fetchall()
    for (name,) in found:
        database.execute_sql(f"DROP TRIGGER {name}")
