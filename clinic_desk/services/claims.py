"""Reading what is taken, as bare minutes: for the occupancy index and for free time.

A million claims pass through here when a desk starts, so no row becomes an object: SQLite
gives integers, PostgreSQL packs its answer into one block of bytes. Minutes count from 1970
in UTC. Holds are read apart (:func:`head`), since they expire without a trace in the history.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from clinic_desk.services import bits
from clinic_desk.services.faults import raise_translated
from clinic_desk.services.store import Store

Taken = tuple[int, int, int]
"""Resource, first minute, minute after the last."""

Place = tuple[int, int, int]
"""A resource and the minutes in which somebody wants to know what is taken."""

BUILD_SECONDS = 60.0
"""How long the server may take for everything that an organisation has ahead."""

PLACES_AT_ONCE = 300
FAR = 7258118400 // 60
"""The year 2200, after which nothing is booked."""

_SINCE_2000 = 10957 * bits.DAY
_MICRO = 60_000_000
_PACKED = struct.Struct(">qqq")


class Head(NamedTuple):
    """How far the history of an organisation reaches, and the holds that stand beside it."""

    epoch: str
    seq: int
    catalogue_seq: int
    holds: tuple[Taken, ...]


def head(store: Store, organisation_id: int, now: datetime) -> Head:
    """The newest deed and the holds that have not expired at *now*, in one exchange."""
    newest = "(SELECT {0} FROM deed WHERE organisation_id = ? ORDER BY seq DESC LIMIT 1)"
    found = store.rows(
        f"SELECT i.epoch, COALESCE({newest.format('seq')}, 0),"  # noqa: S608 - our own text
        f" COALESCE({newest.format('catalogue_seq')}, 0), h.resource_id, h.starts_at, h.ends_at"
        " FROM database_info i LEFT JOIN hold h ON h.organisation_id = ? AND h.expires_at > ?"
        " WHERE i.id = 1",
        (organisation_id, organisation_id, organisation_id, _stored(store, now)),
    )
    epoch, seq, catalogue_seq = found[0][:3]
    holds = sorted((r, _minute(s), _minute(e)) for _, _, _, r, s, e in found if r is not None)
    return Head(str(epoch), seq, catalogue_seq, tuple(holds))


def timetables(
    store: Store, organisation_id: int, since: int
) -> Iterator[tuple[int, Iterable[tuple[int, int]]]]:
    """Each provider and operatory with all that is taken after minute *since*."""
    if store.dialect == "postgresql":
        text = (
            "SELECT c.resource_id, string_agg(int8send(c.resource_id) ||"
            " timestamptz_send(c.starts_at) || timestamptz_send(c.ends_at), ''::bytea)"
            " FROM resource r JOIN claim c ON c.resource_id = r.id"
            " WHERE r.organisation_id = %s AND r.kind <> 'patient' AND c.ends_at > %s"
            " AND c.source <> 'h' GROUP BY c.resource_id"
        )
        for resource_id, packed in _packs(store, text, organisation_id, since):
            yield resource_id, ((start, end) for _, start, end in _unpacked(packed))
        return
    resources = store.rows(
        "SELECT id FROM resource WHERE organisation_id = ? AND kind <> 'patient' ORDER BY id",
        (organisation_id,),
    )
    for (resource_id,) in resources:
        found = claims_in(store, [(resource_id, since, FAR)])
        yield resource_id, ((start, end) for _, start, end in found)


def visits_of_patients(store: Store, organisation_id: int, since: int) -> Iterator[Taken]:
    """What each patient has ahead after minute *since*; a patient's visits come together."""
    if store.dialect == "postgresql":
        text = (
            "SELECT c.resource_id >> 6, string_agg(int8send(c.resource_id) ||"
            " timestamptz_send(c.starts_at) || timestamptz_send(c.ends_at), ''::bytea)"
            " FROM resource r JOIN claim c ON c.resource_id = r.id"
            " WHERE r.organisation_id = %s AND r.kind = 'patient' AND c.ends_at > %s"
            " AND c.source <> 'h' GROUP BY c.resource_id >> 6"
        )
        for _, packed in _packs(store, text, organisation_id, since):
            yield from _unpacked(packed)
        return
    # A patient's claims are visits, none longer than a day, so looking back one day is enough.
    yield from _sqlite(
        store,
        "SELECT c.resource_id, c.starts_at / 60, c.ends_at / 60 FROM resource r"
        " CROSS JOIN claim c ON c.resource_id = r.id AND c.starts_at > ? - 86400"
        " AND c.ends_at > ? AND c.source <> 'h'"
        " WHERE r.organisation_id = ? AND r.kind = 'patient'",
        (since * 60, since * 60, organisation_id),
    )


def claims_in(store: Store, places: Sequence[Place]) -> Iterator[Taken]:
    """What is taken in these places, not clipped to them; some may come twice."""
    read = _claims_on_server if store.dialect == "postgresql" else _claims_in_file
    for first in range(0, len(places), PLACES_AT_ONCE):
        yield from read(store, places[first : first + PLACES_AT_ONCE])


def gaps(
    store: Store, resource_ids: Sequence[int], start: int, end: int, minutes: int
) -> Iterator[Taken]:
    """Where each resource has at least so many minutes unclaimed between *start* and *end*.

    For free time without an index: a hundred thousand claims leave a few hundred gaps, and
    only those become values.
    """
    read = _gaps_on_server if store.dialect == "postgresql" else _gaps_in_file
    for first in range(0, len(resource_ids), PLACES_AT_ONCE):
        yield from read(store, resource_ids[first : first + PLACES_AT_ONCE], start, end, minutes)


def _gaps_on_server(
    store: Store, resource_ids: Sequence[int], start: int, end: int, minutes: int
) -> Iterator[Taken]:
    begin, until, ids = bits.instant(start), bits.instant(end), list(resource_ids)
    found: list[Any] = store.rows(
        "WITH busy AS (SELECT resource_id, range_agg(tstzrange(starts_at, ends_at)) AS times"
        " FROM claim WHERE resource_id = ANY(?::bigint[]) AND source <> 'h'"
        " AND tstzrange(starts_at, ends_at) && tstzrange(?::timestamptz, ?::timestamptz)"
        " GROUP BY resource_id)"
        " SELECT r, date_part('epoch', lower(free))::bigint / 60,"
        " date_part('epoch', upper(free))::bigint / 60 FROM unnest(?::bigint[]) AS r"
        " LEFT JOIN busy ON resource_id = r CROSS JOIN unnest("
        " tstzmultirange(tstzrange(?::timestamptz, ?::timestamptz))"
        " - COALESCE(times, '{}'::tstzmultirange)) AS free"
        " WHERE upper(free) - lower(free) >= make_interval(mins => ?::int)",
        (ids, begin, until, ids, begin, until, minutes),
    )
    yield from found


def _gaps_in_file(
    store: Store, resource_ids: Sequence[int], start: int, end: int, minutes: int
) -> Iterator[Taken]:
    wanted = [(n, start, end) for n in resource_ids]
    found = list(_claims_in_file(store, wanted, divisor=1))
    found += [(n, end * 60, end * 60) for n in resource_ids]
    found.sort()
    least, resource, free_from = minutes * 60, -1, 0
    for resource_id, begins, ends in found:
        if resource_id != resource:
            resource, free_from = resource_id, start * 60
        if begins - free_from >= least:
            yield resource_id, free_from // 60, begins // 60
        if ends > free_from:  # noqa: PLR1730 - max() would cost as much as all the rest
            free_from = ends


_WANTED = (
    "unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS w(r, b, e)"
    " JOIN claim c ON c.resource_id = w.r"
    " AND tstzrange(c.starts_at, c.ends_at) && tstzrange(w.b, w.e) WHERE c.source <> 'h'"
)


def _wanted(places: Sequence[Place]) -> tuple[list[int], list[datetime], list[datetime]]:
    return (
        [resource_id for resource_id, _, _ in places],
        [bits.instant(start) for _, start, _ in places],
        [bits.instant(end) for _, _, end in places],
    )


def _claims_on_server(store: Store, places: Sequence[Place]) -> Iterator[Taken]:
    with store.talking() as connection:
        cursor = connection.cursor(binary=True)
        cursor.execute(
            "SELECT string_agg(int8send(c.resource_id) || timestamptz_send(c.starts_at)"  # noqa: S608
            f" || timestamptz_send(c.ends_at), ''::bytea) FROM {_WANTED}",
            _wanted(places),
        )
        (packed,) = cursor.fetchone()
    yield from _unpacked(packed or b"")


def _claims_in_file(store: Store, places: Sequence[Place], divisor: int = 60) -> Iterator[Taken]:
    marks = ", ".join(["(?, ?, ?)"] * len(places))
    values = [v for r, start, end in places for v in (r, start * 60, end * 60)]
    select = (
        f"SELECT c.resource_id, c.starts_at / {divisor}, c.ends_at / {divisor} FROM wanted w"  # noqa: S608
        " CROSS JOIN claim c {} ON c.resource_id = w.r AND c.starts_at < w.e AND c.ends_at > w.b"
        " AND c.source <> 'h' AND c.starts_at "
    )
    # Like the constraint itself: one day back by the key, longer claims by an index of theirs.
    yield from _sqlite(
        store,
        f"WITH wanted (r, b, e) AS (VALUES {marks}) "
        + select.format("")
        + "> w.b - 86400 UNION ALL "
        + select.format("INDEXED BY claim_long")
        + "<= w.b - 86400 AND c.ends_at - c.starts_at > 86400",
        values,
    )


def _sqlite(store: Store, sql: str, parameters: Sequence[Any]) -> Iterator[Taken]:
    try:
        yield from store.connection().execute(sql, parameters)
    except Exception as error:
        raise_translated(error)


def _packs(store: Store, sql: str, organisation_id: int, since: int) -> Iterator[tuple[int, Any]]:
    """The rows of one long answer; each becomes a value only when its turn has come."""
    connection = store.connection()
    try:
        with store.watchdog.watching(connection, BUILD_SECONDS):
            cursor = connection.cursor(binary=True)
            cursor.execute(sql, (organisation_id, bits.instant(since)))
        yield from cursor
    except Exception as error:
        raise_translated(error)


def _unpacked(packed: bytes) -> Iterator[Taken]:
    """PostgreSQL sends instants as microseconds since 2000."""
    for resource_id, start, end in _PACKED.iter_unpack(packed):
        yield resource_id, start // _MICRO + _SINCE_2000, end // _MICRO + _SINCE_2000


def _stored(store: Store, instant: datetime) -> Any:
    return instant if store.dialect == "postgresql" else int(instant.timestamp())


def _minute(value: Any) -> int:
    return bits.minute(value.astimezone(UTC)) if isinstance(value, datetime) else value // 60


def joined(places: Iterable[tuple[int, int]]) -> list[Place]:
    """Pairs of resource and UTC day (counted from 1970) as places, neighbouring days as one."""
    out: list[Place] = []
    for resource_id, group in itertools.groupby(sorted(places), key=lambda pair: pair[0]):
        for _, day in group:
            start = day * bits.DAY
            if out and out[-1][0] == resource_id and out[-1][2] == start:
                out[-1] = (resource_id, out[-1][1], start + bits.DAY)
            else:
                out.append((resource_id, start, start + bits.DAY))
    return out
