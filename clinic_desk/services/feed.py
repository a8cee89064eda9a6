"""What has happened elsewhere: the history since a desk last looked.

A cursor is (epoch, organisation, number of the last deed seen): numbers alone would repeat
after a restore, and ids alone lose changes between organisations. The feed tells numbers,
kinds and ids only; contents come through queries, which ask for permission.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from clinic_desk.services.deeds import CATALOGUE_KINDS, RECORD
from clinic_desk.services.store import Store

MOST_CHANGES = 2000
"""Who has missed more than this reloads everything instead."""

DIARY_KINDS = frozenset({"appointment", "appointment_extra", "calendar_event", "hold"})
OTHER_KINDS = frozenset({"patient", "patient_case", "series", "setting", "outbox"})
KINDS = DIARY_KINDS | OTHER_KINDS | CATALOGUE_KINDS
"""Every kind of record that the feed tells of."""

SOME = 0
"""As an id: which records of that kind is not known, so think of all."""


class Change(NamedTuple):
    """A record that deed number ``seq`` touched."""

    seq: int
    kind: str
    id: int


class Cursor(NamedTuple):
    """How far somebody has read."""

    epoch: str
    organisation_id: int
    seq: int


class Feed:
    """Reads an organisation's history from where it stopped. For any thread.

    *since* is the deed up to which the caller has seen everything (``DiaryView.seq``); by
    default the newest one.
    """

    def __init__(self, store: Store, organisation_id: int, *, since: int | None = None) -> None:
        self._store = store
        self._organisation_id = organisation_id
        self._guard = threading.Lock()
        epoch, head = self._head()
        self._cursor = Cursor(epoch, organisation_id, head if since is None else since)

    @property
    def cursor(self) -> Cursor:
        """Up to here everything has been told."""
        return self._cursor

    def changes(self) -> tuple[Change, ...]:
        """What was touched since the last call, each record once, by its newest deed, in order.

        Makes the store read its catalogue anew where that is concerned. After a restore, or
        after too long a pause, one change of each kind with the id ``SOME`` says: reload.
        Raises ``Unavailable`` where the database cannot be reached; nothing is lost by that.
        """
        with self._guard:
            found = self._store.rows(
                "SELECT i.epoch, e.seq, e.kind, e.entity_id FROM database_info i"
                " LEFT JOIN deed_entity e ON e.organisation_id = ? AND e.seq > ?"
                " AND e.kind <> ? WHERE i.id = 1 ORDER BY e.seq LIMIT ?",
                (self._organisation_id, self._cursor.seq, RECORD, MOST_CHANGES + 1),
            )
            epoch = str(found[0][0])
            if epoch != self._cursor.epoch or len(found) > MOST_CHANGES:
                return self._reload(restored=epoch != self._cursor.epoch)
            newest = {(kind, number): seq for _, seq, kind, number in found if seq is not None}
            changes = sorted(Change(seq, kind, number) for (kind, number), seq in newest.items())
            if changes:
                self._cursor = self._cursor._replace(seq=changes[-1].seq)
            if any(change.kind in CATALOGUE_KINDS for change in changes):
                self._store.forget_catalogue(self._organisation_id)
            return tuple(changes)

    def _reload(self, *, restored: bool) -> tuple[Change, ...]:
        epoch, head = self._head()
        self._cursor = Cursor(epoch, self._organisation_id, head)
        self._store.forget_catalogue(self._organisation_id)
        if restored:
            self._store.occupancy(self._organisation_id).forget()
        return tuple(Change(head, kind, SOME) for kind in sorted(KINDS))

    def _head(self) -> tuple[str, int]:
        found = self._store.rows(
            "SELECT epoch, COALESCE((SELECT seq FROM deed WHERE organisation_id = ?"
            " ORDER BY seq DESC LIMIT 1), 0) FROM database_info WHERE id = 1",
            (self._organisation_id,),
        )
        return str(found[0][0]), int(found[0][1])
