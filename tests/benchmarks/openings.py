"""The first opening of 45 minutes at any of fifty providers in half a year, 85 % taken.

Beside PostgreSQL's own multirange query over the same rows: work hours less claims, the gaps
that are long enough, the first of them. *Warm* is a desk that has run for a while: it asks the
history for what is new and searches its index. *Cold* is one that has just started. Also for
a visit of a whole free morning, which is hardly anywhere, so that nobody can stop early.
Ours also looks for a free room and keeps to the step of the clinic's clock; the query does not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.services import openings
from clinic_desk.services.actor import Actor
from tests.benchmarks.clock import in_turns
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

WARM, COLD, SWEEP = 1 / 20, 1.0, 1.5
MINUTES, RARE = 45, 240
AHEAD = timedelta(days=182)

MULTIRANGE = """
WITH open AS (
    SELECT w.provider_id, range_agg(tstzrange(
        (d::date + make_interval(mins => w.starts_minute)) AT TIME ZONE l.time_zone,
        (d::date + make_interval(mins => w.ends_minute)) AT TIME ZONE l.time_zone)) AS hours
    FROM work_hours w JOIN location l ON l.id = w.location_id
    JOIN generate_series(%(from)s::date - 1, %(until)s::date + 1, interval '1 day') AS d
        ON extract(isodow FROM d) - 1 = w.weekday
    WHERE w.organisation_id = %(organisation)s AND NOT EXISTS (
        SELECT FROM closed_day k WHERE k.location_id = w.location_id AND k.day = d::date)
    GROUP BY w.provider_id
), busy AS (
    SELECT c.resource_id, range_agg(tstzrange(c.starts_at, c.ends_at)) AS times
    FROM claim c
    WHERE c.resource_id IN (SELECT provider_id FROM open)
        AND tstzrange(c.starts_at, c.ends_at) && tstzrange(%(from)s, %(until)s)
    GROUP BY c.resource_id
)
SELECT lower(gap), o.provider_id
FROM open o LEFT JOIN busy b ON b.resource_id = o.provider_id,
    unnest(o.hours * tstzmultirange(tstzrange(%(from)s, %(until)s))
        - COALESCE(b.times, '{}'::tstzmultirange)) AS gap
WHERE upper(gap) - lower(gap) >= make_interval(mins => %(minutes)s::int)
ORDER BY 1, 2 LIMIT 1
"""


def rows(world: World) -> list[Row]:
    """On PostgreSQL beside its query; on SQLite beside the rows and a sweep in Python."""
    return [*_on_server(world), *_in_file(world)]


def _on_server(world: World) -> list[Row]:
    out = []
    size, times = world.scale.openings, max(world.scale.times // 10, 5)
    with world.open("postgresql", size) as actor:
        for minutes in (MINUTES, RARE):
            wish = _wish(minutes)
            ask = _multirange(actor, wish)
            _same(ask(), _first(actor, wish))
            (cold, warm), theirs = _measured(actor, wish, ask, times)
            name = _name(minutes, size.providers, "PostgreSQL")
            beside = "PostgreSQL's multirange"
            note = f"p95 {warm[1]:.2f} ms; the query {theirs[1]:.0f} ms"
            out += [
                Row(f"{name}, warm", warm[0], beside, theirs[0], WARM, note=note),
                Row(f"{name}, cold", cold[0], beside, theirs[0], COLD),
            ]
    return out


def _in_file(world: World) -> list[Row]:
    out = []
    size, times = world.scale.openings, max(world.scale.times // 10, 5)
    with world.open("sqlite", size) as actor:
        for minutes in (MINUTES, RARE):
            wish = _wish(minutes)
            ask = _sweep(actor, wish)
            _same(ask(), _first(actor, wish))
            (cold, warm), theirs = _measured(actor, wish, ask, times)
            name = _name(minutes, size.providers, "SQLite")
            beside = "rows and a sweep in Python"
            out += [
                Row(f"{name}, warm", warm[0], beside, theirs[0]),
                Row(f"{name}, cold", cold[0], beside, theirs[0], SWEEP),
            ]
    return out


def _name(minutes: int, providers: int, shown: str) -> str:
    length = f"{minutes} min" if minutes == MINUTES else f"a rare {minutes} min"
    return f"first opening of {length} at {providers}, {shown}"


def _wish(minutes: int) -> dict[str, Any]:
    """From tomorrow on, so that a minute that passes meanwhile changes no answer."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start += timedelta(days=1)
    return {"minutes": minutes, "from_at": start, "until": start + AHEAD}


def _first(actor: Actor, wish: dict[str, Any]) -> datetime | None:
    found = openings.next(actor, count=1, **wish)
    return found[0].span.starts_at if found else None


def _same(theirs: datetime | None, ours: datetime | None) -> None:
    """Both must mean the same, or the comparison says nothing."""
    if theirs != ours:
        raise RuntimeError(f"the query finds {theirs}, ours {ours}")


P = tuple[float, float]


def _measured(
    actor: Actor, wish: dict[str, Any], ask: Callable[[], object], times: int
) -> tuple[tuple[P, P], P]:
    """Cold, warm and theirs, each with median and 95th percentile, in turns."""
    index = actor.store.occupancy(actor.organisation_id)
    index.forget()

    def just_started() -> None:
        index._open_time = None
        _first(actor, wish)

    cold, theirs = in_turns(times, just_started, ask)
    assert not index.ready
    index.catch_up()
    warm, again = in_turns(times, lambda: _first(actor, wish), ask)
    theirs.values += again.values
    return ((cold.p50, cold.p95), (warm.p50, warm.p95)), (theirs.p50, theirs.p95)


def _multirange(actor: Actor, wish: dict[str, Any]) -> Callable[[], datetime | None]:
    connection = actor.store.connection()
    values = {
        "organisation": actor.organisation_id,
        "from": wish["from_at"],
        "until": wish["until"],
        "minutes": wish["minutes"],
    }

    def ask() -> datetime | None:
        found = connection.execute(MULTIRANGE, values).fetchone()
        return found[0].astimezone(UTC) if found else None

    return ask


def _sweep(actor: Actor, wish: dict[str, Any]) -> Callable[[], datetime | None]:
    """All claims of the half year, ordered, and one pass over them; the hours are at hand."""
    catalogue = actor.store.catalogue(actor.organisation_id)
    connection = actor.store.connection()
    begin, end = (int(wish[name].timestamp()) for name in ("from_at", "until"))
    least = wish["minutes"] * 60
    first = wish["from_at"].date()
    days = [first + timedelta(days=n) for n in range(-1, AHEAD.days + 2)]
    hours = {
        provider_id: [
            (max(int(span.starts_at.timestamp()), begin), min(int(span.ends_at.timestamp()), end))
            for _, span in catalogue.provider_hours(provider_id, days)
        ]
        for provider_id in catalogue.providers
    }
    marks = ", ".join("?" * len(hours))
    sql = (
        f"SELECT resource_id, starts_at, ends_at FROM claim WHERE resource_id IN ({marks})"
        " AND starts_at < ? AND ends_at > ? ORDER BY resource_id, starts_at"
    )

    def ask() -> datetime | None:
        taken: dict[int, list[tuple[int, int]]] = {n: [] for n in hours}
        for resource_id, starts_at, ends_at in connection.execute(sql, (*hours, end, begin)):
            taken[resource_id].append((starts_at, ends_at))
        found = [_first_gap(hours[n], taken[n], least) for n in hours]
        best = min((at for at in found if at is not None), default=None)
        return None if best is None else datetime.fromtimestamp(best, UTC)

    return ask


def _first_gap(
    hours: list[tuple[int, int]], taken: list[tuple[int, int]], least: int
) -> int | None:
    place = 0
    for opens, closes in hours:
        free = opens
        while place < len(taken) and taken[place][0] < closes:
            starts_at, ends_at = taken[place]
            if starts_at - free >= least:
                return free
            free = max(free, ends_at)
            place += 1
        if closes - free >= least:
            return free
    return None
