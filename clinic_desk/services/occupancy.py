"""What is taken in one organisation, in memory: whether somebody or something is busy.

Availability is asked a thousand times a day and at every frame of a drag, so the claims from
yesterday onward are kept as bits of a minute (:mod:`clinic_desk.services.bits`). Each reader
first catches up with the history: what a deed touched is read again from the claims as they
stand, both where it went and where it was. Decisions under the lock never use this index.

**Holds** expire without a deed, so the index leaves them out; they are read with the head of
the history at each catching up (one exchange for both) and lie over the snapshot. A hold that
expires or is given up is therefore gone at the next catching up, after 60 s at the latest.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from clinic_desk.services import bits, claims, traces
from clinic_desk.services.open_time import OpenTime
from clinic_desk.services.snapshot import BLOCK, Snapshot, as_blocks, by_day, in_buckets
from clinic_desk.services.store import Store

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue


class Occupancy:
    """The index of one organisation; one in a process (``Store.occupancy``). For any thread."""

    def __init__(self, store: Store, organisation_id: int) -> None:
        self._store = store
        self._organisation_id = organisation_id
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._open_lock = threading.Lock()
        self._open_time: OpenTime | None = None

    @property
    def ready(self) -> bool:
        """Whether it has been built; before, whoever is in a hurry reads the claims instead."""
        return self._snapshot is not None

    def snapshot(self) -> Snapshot | None:
        """What was known last, without asking the database; None before the first building."""
        return self._snapshot

    def catch_up(self) -> Snapshot:
        """Read what the history tells since the last time (all, the first time), and tell it.

        One exchange where nothing has happened. Waits while another thread does the same.
        """
        with self._lock:
            now = datetime.now(UTC)
            head = claims.head(self._store, self._organisation_id, now)
            known = self._snapshot
            if known is None or self._outdated(known, head, now):
                self._snapshot = self._everything(head, now)
            elif known.seq < head.seq:
                found = traces.since(self._store, self._organisation_id, known.seq, head.seq)
                self._snapshot = (
                    self._everything(head, now)
                    if found is None
                    else self._changed(known, head, found)
                )
            else:
                self._snapshot = known.renewed(head)
            return self._snapshot

    @contextlib.contextmanager
    def open_time(self, catalogue: Catalogue, base: int) -> Iterator[OpenTime]:
        """The open hours beside the index, kept while *catalogue* is the same; one at a time."""
        with self._open_lock:
            known = self._open_time
            if known is None or known.catalogue is not catalogue or known.base != base:
                known = self._open_time = OpenTime(catalogue, base)
            yield known

    def forget(self) -> None:
        """Build it anew when it is next asked for: the database was restored."""
        with self._lock:
            self._snapshot = None

    @staticmethod
    def _outdated(known: Snapshot, head: claims.Head, now: datetime) -> bool:
        """Another line of history, or so old that most of it lies in the past."""
        aged = bits.minute(now) - known.base > BLOCK + bits.DAY
        return known.head.epoch != head.epoch or head.seq < known.seq or aged

    def _everything(self, head: claims.Head, now: datetime) -> Snapshot:
        """What happens while this reads has a number after *head*, so it is read again."""
        base = first_minute(now)
        store, organisation_id = self._store, self._organisation_id
        blocks = {
            resource_id: as_blocks(by_day(times, base))
            for resource_id, times in claims.timetables(store, organisation_id, base)
        }
        patients = in_buckets(claims.visits_of_patients(store, organisation_id, base))
        return Snapshot(head, base, blocks, patients)

    def _changed(self, known: Snapshot, head: claims.Head, found: traces.Traces) -> Snapshot:
        base = known.base
        ahead = {(r, day) for r, day in found.days if day * bits.DAY >= base}
        days: dict[int, dict[int, int]] = {}
        for resource_id, day in ahead:
            days.setdefault(resource_id, {})[day - base // bits.DAY] = 0
        for resource_id, start, end in claims.claims_in(self._store, claims.joined(ahead)):
            wanted = days[resource_id]
            for day, minutes in by_day([(start, end)], base).items():
                if day in wanted:
                    wanted[day] |= minutes
        visits: dict[int, list[tuple[int, int]]] = {r: [] for r in found.patients}
        whole = [(r, base, claims.FAR) for r in sorted(found.patients)]
        for resource_id, start, end in claims.claims_in(self._store, whole):
            visits[resource_id].append((start, end))
        return known.renewed(head, days, visits)


def first_minute(now: datetime) -> int:
    """Where an index begins that is built at *now*: yesterday in UTC, since today began
    earlier in the east, and a buffer may reach a day back.
    """
    return (bits.minute(now) // bits.DAY - 1) * bits.DAY
