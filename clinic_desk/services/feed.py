"""What has changed since: the history read as a feed, by number, kind and id only.

Content never travels here; a window asks for it through the queries, with permission.
"""

from __future__ import annotations

from dataclasses import dataclass

from clinic_desk.services.store import Store

MOST = 5_000
"""Changes told at once. Whoever is further behind reads everything anew."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one organisation's history of one database. Numbers repeat after a restore,
    so ``epoch`` names the line of history that ``seq`` counts in.
    """

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Change:
    """Deed number ``seq`` touched this record; ``kind`` is the name of its table."""

    seq: int
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class News:
    """What happened since a cursor. With ``reload`` the changes do not tell it all (another
    epoch, or too many): forget what was read and read anew.
    """

    cursor: Cursor
    changes: tuple[Change, ...]
    reload: bool = False


class Feed:
    """The changes of one organisation, one after the other; for one reader at a time."""

    def __init__(self, store: Store, organisation_id: int, *, seq: int | None = None) -> None:
        """Start after deed number *seq*; at the head of the history unless told."""
        self._store = store
        self._organisation_id = organisation_id
        self.cursor = Cursor(self._epoch(), self._head() if seq is None else seq)

    def changes(self) -> News:
        """Everything since the cursor, which moves on. Two small queries, one when idle."""
        epoch = self._epoch()
        if epoch != self.cursor.epoch:
            return self._anew(epoch)
        found = self._store.rows(
            "SELECT seq, kind, entity_id FROM deed_entity WHERE organisation_id = ? AND seq > ?"
            " ORDER BY seq LIMIT ?",
            (self._organisation_id, self.cursor.seq, MOST + 1),
        )
        if len(found) > MOST:
            return self._anew(epoch)
        if found:
            self.cursor = Cursor(epoch, int(found[-1][0]))
        return News(self.cursor, tuple(Change(*row) for row in found))

    def _anew(self, epoch: str) -> News:
        self._store.forget_catalogue(self._organisation_id)
        self.cursor = Cursor(epoch, self._head())
        return News(self.cursor, (), reload=True)

    def _head(self) -> int:
        found = self._store.rows(
            "SELECT COALESCE(MAX(seq), 0) FROM deed WHERE organisation_id = ?",
            (self._organisation_id,),
        )
        return int(found[0][0])

    def _epoch(self) -> str:
        found = self._store.rows("SELECT epoch FROM database_info WHERE id = 1")
        return str(found[0][0]) if found else ""
