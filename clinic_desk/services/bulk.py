"""Many new rows at once, with a history that is as whole as any other.

The door (``work.py``) writes one deed after the other and holds the lock for few rows.
A demo clinic or a million visits come through here instead: rows in portable form, a deed
for each handful of them, one transaction for a chunk. Triggers and constraints see every
row, so what they promise holds here too.
"""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from clinic_desk.models import schema
from clinic_desk.models.journal import Deed, DeedEntity, DeedText
from clinic_desk.services import chain, portable
from clinic_desk.services.cards import Origin
from clinic_desk.services.deeds import CATALOGUE_KINDS
from clinic_desk.services.faults import raise_translated
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement, transaction_for

ROWS_IN_A_DEED = 100
NUMBERS_AT_ONCE = 2000
"""So many are fetched from a server in the end; few at first, to leave few unused."""

_DEED = (
    "organisation_id",
    "seq",
    "request_id",
    "actor_id",
    "origin",
    "action",
    "at",
    "schema_version",
    "catalogue_seq",
    "batch_id",
    "digest",
    "chain",
)


@dataclass(frozen=True, slots=True)
class Who:
    """Who stands in the history: a user, or a program under its name."""

    name: str
    user_id: int | None = None
    origin: Origin = Origin.DESK


class Load:
    """One transaction of a bulk load; made by :func:`loading`."""

    def __init__(
        self,
        store: Store,
        organisation_id: int,
        *,
        action: str,
        who: Who,
        at: datetime,
        batch_id: str,
        head: chain.Head,
    ) -> None:
        self.store = store
        self.organisation_id = organisation_id
        self.batch_id = batch_id
        self.head = head
        self._action = action
        self._who = who
        self._at = at
        self._deeds: tuple[list[Any], list[Any], list[Any]] = ([], [], [])

    def write(
        self,
        model: type[peewee.Model],
        rows: Sequence[portable.Values],
        names: Sequence[str] | None = None,
    ) -> None:
        """Add rows in portable form; the caller tells the history by :meth:`deed`."""
        try:
            portable.write(self.store, model, rows, names)
        except Exception as error:
            raise_translated(error)

    def create(
        self,
        model: type[peewee.Model],
        rows: Sequence[Mapping[str, Any]],
        *,
        told: bool = True,
    ) -> None:
        """Add rows given by their fields (with ``id``), and deeds that tell it; where not
        *told*, the caller adds the deeds.
        """
        own = {"organisation_id": self.organisation_id} if _organised(model) else {}
        whole = [{**own, **row} for row in rows]
        self.write(model, [portable.values(model, row) for row in whole])
        kind = model._meta.table_name
        for first in range(0, len(whole) if told else 0, ROWS_IN_A_DEED):
            self.deed(
                [
                    chain.Change(kind, row["id"], True, {}, _told(row))
                    for row in whole[first : first + ROWS_IN_A_DEED]
                ]
            )

    def deed(
        self,
        changes: Sequence[chain.Change],
        *,
        action: str | None = None,
        who: Who | None = None,
        at: datetime | None = None,
        reason: str = "",
    ) -> None:
        """Add one deed to the history; what is not given is the whole load's."""
        seq = self.head.seq + 1
        action, who, at = action or self._action, who or self._who, at or self._at
        body = chain.body_text(changes, reason=reason, actor_name=who.name)
        salt = chain.new_salt()
        mark = chain.digest(salt, body)
        request_id = str(uuid.uuid4())
        linked = chain.link(
            self.head.chain,
            organisation_id=self.organisation_id,
            seq=seq,
            request_id=request_id,
            actor_id=who.user_id,
            origin=who.origin,
            action=action,
            at=at,
            undoes=None,
            digest=mark,
        )
        catalogue_seq = (
            seq if any(c.kind in CATALOGUE_KINDS for c in changes) else self.head.catalogue_seq
        )
        deeds, texts, entities = self._deeds
        deeds.append(
            (
                self.organisation_id,
                seq,
                request_id,
                who.user_id,
                str(who.origin),
                action,
                portable.seconds(at),
                schema.VERSION,
                catalogue_seq,
                self.batch_id,
                mark,
                linked,
            )
        )
        texts.append((self.organisation_id, seq, salt, body))
        entities += [(self.organisation_id, seq, c.kind, c.id, None) for c in changes]
        self.head = chain.Head(seq, linked, catalogue_seq)

    def flush(self) -> None:
        """Write the deeds gathered so far."""
        deeds, texts, entities = self._deeds
        self._deeds = ([], [], [])
        self.write(Deed, deeds, _DEED)
        self.write(DeedText, texts)
        self.write(DeedEntity, entities)


@contextlib.contextmanager
def loading(
    store: Store,
    organisation_id: int,
    *,
    action: str,
    who: Who,
    at: datetime,
    batch_id: str | None = None,
) -> Iterator[Load]:
    """One transaction under the organisation's lock; all of it or nothing.

    *action* and *who* stand in the history where a deed does not say otherwise.
    Raises ``Busy`` when the lock cannot be had.
    """
    transaction = transaction_for(store)
    try:
        found = transaction.begin(
            [organisation_id],
            [
                Statement(
                    "SELECT seq, chain, catalogue_seq FROM deed WHERE organisation_id = ?"
                    " ORDER BY seq DESC LIMIT 1",
                    (organisation_id,),
                )
            ],
        )
        head = chain.Head(*found[0][0]) if found[0] else chain.Head()
        load = Load(
            store,
            organisation_id,
            action=action,
            who=who,
            at=at,
            batch_id=batch_id or str(uuid.uuid4()),
            head=head,
        )
        if store.dialect == "postgresql":
            plan_for_many(store)
        yield load
        load.flush()
        if store.dialect == "postgresql" and load.head.seq > head.seq:
            bell = f"{organisation_id}:{load.head.seq}"
            transaction.write(Statement("SELECT pg_notify('clinic_desk', ?)", (bell,)))
        transaction.commit(load.batch_id)
    except BaseException:
        transaction.roll_back()
        raise


def plan_for_many(store: Store) -> None:
    """In the open transaction: look rows up by index, however small the tables seem.

    The triggers' and references' queries are planned once in a session. Planned while the
    tables were empty they would read whole tables, for every single row that follows.
    """
    connection = store.connection()
    connection.execute("DISCARD PLANS")
    connection.execute("SET LOCAL enable_seqscan = off")


class Numbers:
    """Fresh ids, taken from the database before the rows exist.

    On SQLite they count on from the highest one, so nobody else may write meanwhile: use one
    inside one :func:`loading`, or in a database that nobody else has open.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, Iterator[int]] = {}
        self._block: dict[str, int] = {}

    def next(self, table: str) -> int:
        """A fresh id of a table whose ids are its own."""
        found = next(self._waiting.get(table, iter(())), None)
        if found is None:
            self._waiting[table] = self._more(table)
            found = next(self._waiting[table])
        return found

    def _more(self, table: str) -> Iterator[int]:
        if self._store.dialect == "sqlite":
            highest = self._store.rows(
                f"SELECT COALESCE(max(id), 0) FROM {table}"  # noqa: S608
            )[0][0]
            return itertools.count(highest + 1)
        block = self._block.get(table, 1)
        self._block[table] = min(NUMBERS_AT_ONCE, 20 * block)
        found = self._store.rows(
            "SELECT nextval(pg_get_serial_sequence(?, 'id')) FROM generate_series(1, ?)",
            (table, block),
        )
        return iter([int(row[0]) for row in found])


def _organised(model: type[peewee.Model]) -> bool:
    return "organisation_id" in model._meta.columns


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the history says of a new row: its fields that hold something."""
    return {k: v for k, v in row.items() if k != "id" and v is not None}
