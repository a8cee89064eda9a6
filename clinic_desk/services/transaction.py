"""One transaction of one organisation: look and lock in one exchange, write and commit in one.

PostgreSQL is reached over a line that may be slow, and the organisation's lock is held
while we wait on it; so everything under the lock travels in two batches (libpq's pipeline).
SQLite has no line: its statements run as they come.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from clinic_desk.rules.errors import Busy, Disconnected, OutcomeUnknown, Stale
from clinic_desk.services.faults import raise_translated, translated
from clinic_desk.services.store import Store

LOCK_NAMESPACE = 17218
"""First half of the advisory locks' key; the second is the organisation."""

PATIENCE_SECONDS = 10.0
"""How long a writer waits for another one on the same SQLite file."""


_NO_ROW = "22012"
"""PostgreSQL's word for a division by zero: the row to write was not there (``write_one``)."""


class Statement(NamedTuple):
    """SQL with ``?`` for its parameters."""

    sql: str
    parameters: Sequence[Any] = ()


Rows = list[tuple[Any, ...]]


class Transaction(Protocol):
    """The two batches of a deed."""

    def look(self, reads: Sequence[Statement]) -> list[Rows]:
        """Read without any lock, in one exchange."""

    def begin(
        self, organisations: Sequence[int], reads: Sequence[Statement], keys: Sequence[int] = ()
    ) -> list[Rows]:
        """Take the locks of the organisations, then those of the *keys* (both ascending, so that
        nobody waits for each other), and read under them; answers in the order of *reads*.
        """

    def read(self, reads: Sequence[Statement]) -> list[Rows]:
        """Read once more under the lock: another exchange, so for rare cases only."""

    def write(self, statement: Statement) -> None:
        """Write, or gather for the last batch."""

    def write_one(self, statement: Statement) -> None:
        """As :meth:`write`, for an UPDATE or DELETE of one row: where that row is not there
        any more, nothing at all is written. Raises ``Stale``, at once or by :meth:`commit`.
        """

    def insert(self, table: str, sequence: str, columns: Sequence[str], values: list[Any]) -> int:
        """Write one row and tell its id."""

    def commit(self, request_id: str) -> None:
        """Send what was gathered and commit."""

    def roll_back(self) -> None:
        """Undo everything; never raises."""


def insert_text(table: str, columns: Sequence[str]) -> str:
    """``INSERT`` of one row."""
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608


class SqliteTransaction(Transaction):
    """``BEGIN IMMEDIATE``; a fair wait in front of it, since SQLite's own starves writers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Any = None

    def look(self, reads: Sequence[Statement]) -> list[Rows]:
        return _run(self._store.connection(), reads)

    def begin(
        self, organisations: Sequence[int], reads: Sequence[Statement], keys: Sequence[int] = ()
    ) -> list[Rows]:
        connection = self._store.connection()  # one writer at a time: a lock of all keys
        give_up = time.monotonic() + PATIENCE_SECONDS
        if not self._store.write_guard.acquire(timeout=PATIENCE_SECONDS):
            raise Busy
        self._connection = connection
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                break
            except Exception as error:
                if not isinstance(translated(error), Busy):
                    self.roll_back()
                    raise_translated(error)
                if time.monotonic() > give_up:
                    self.roll_back()
                    raise Busy from error
                time.sleep(random.uniform(0.0002, 0.003))  # noqa: S311 - spreads the queue
        return self.read(reads)

    def read(self, reads: Sequence[Statement]) -> list[Rows]:
        return _run(self._connection, reads)

    def write(self, statement: Statement) -> None:
        self._written(statement)

    def write_one(self, statement: Statement) -> None:
        if self._written(statement) != 1:
            raise Stale

    def _written(self, statement: Statement) -> int:
        try:
            cursor = self._connection.execute(statement.sql, tuple(statement.parameters))
            return int(cursor.rowcount)
        except Exception as error:
            raise_translated(error)
            raise

    def insert(self, table: str, sequence: str, columns: Sequence[str], values: list[Any]) -> int:
        try:
            cursor = self._connection.execute(insert_text(table, columns), tuple(values))
            return int(cursor.lastrowid)
        except Exception as error:
            raise_translated(error)
            raise

    def commit(self, request_id: str) -> None:
        try:
            self._connection.execute("COMMIT")
        except Exception as error:
            self.roll_back()
            raise_translated(error)
        self._release()

    def roll_back(self) -> None:
        if self._connection is None:
            return
        with contextlib.suppress(Exception):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        self._release()

    def _release(self) -> None:
        if self._connection is not None:
            self._connection = None
            self._store.write_guard.release()


class PostgresqlTransaction(Transaction):
    """``BEGIN``, the organisations' advisory locks and all reads in one pipeline; the writes
    and ``COMMIT`` in another. READ COMMITTED, since a snapshot from before the lock would
    read the past.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Any = None
        self._gathered: list[Statement] = []

    def look(self, reads: Sequence[Statement]) -> list[Rows]:
        self._connection = self._store.connection()
        answers = self._exchange(reads)
        self._connection = None
        return answers

    def begin(
        self, organisations: Sequence[int], reads: Sequence[Statement], keys: Sequence[int] = ()
    ) -> list[Rows]:
        self._connection = self._store.connection()
        locks = [
            Statement("SELECT pg_advisory_xact_lock(?::int, ?::int)", (LOCK_NAMESPACE, number))
            for number in sorted(organisations)
        ]
        locks += [Statement("SELECT pg_advisory_xact_lock(?::bigint)", (key,)) for key in keys]
        opening = [Statement("BEGIN ISOLATION LEVEL READ COMMITTED"), *locks]
        return self._exchange([*opening, *reads])[len(opening) :]

    def read(self, reads: Sequence[Statement]) -> list[Rows]:
        return self._exchange(reads)

    def write(self, statement: Statement) -> None:
        self._gathered.append(statement)

    def write_one(self, statement: Statement) -> None:
        # Dividing by the number of rows stops the batch before its COMMIT where there is none;
        # asking for the number first would cost an exchange under the lock.
        sql = f"WITH one AS ({statement.sql} RETURNING 1) SELECT 1 / COUNT(*) FROM one"  # noqa: S608
        self._gathered.append(Statement(sql, statement.parameters))

    def insert(self, table: str, sequence: str, columns: Sequence[str], values: list[Any]) -> int:
        number = self._store.next_id(sequence)
        self.write(Statement(insert_text(table, ["id", *columns]), [number, *values]))
        return number

    def commit(self, request_id: str) -> None:
        try:
            self._exchange([*self._gathered, Statement("COMMIT")])
        except Disconnected as error:
            self._store.forget_connection()
            raise OutcomeUnknown(request_id) from error
        except Exception as error:
            self.roll_back()
            if getattr(error, "sqlstate", None) == _NO_ROW:
                raise Stale from error
            raise

    def roll_back(self) -> None:
        if self._connection is None:
            return
        from clinic_desk.services import batch

        try:
            with self._store.watchdog.watching(self._connection, 3.0):
                batch.roll_back(self._connection)
        except Exception:
            self._store.forget_connection()

    def _exchange(self, statements: Sequence[Statement]) -> list[Rows]:
        from clinic_desk.services import batch  # psycopg: a desk on a file does without it

        answers: list[Rows] = []
        try:
            with self._store.watchdog.watching(self._connection):
                answers = batch.exchange(self._connection, statements)
        except Exception as error:
            if isinstance(translated(error), Disconnected):
                self._store.forget_connection()
            raise_translated(error)
        return answers


def alone(store: Store, organisation_id: int, statement: Statement) -> Rows:
    """One statement that is a transaction of its own, committed when this returns.

    On a file it queues like every writer; on a server a lock of the organisation is not
    needed, and would make bookings wait.
    """
    if store.dialect == "postgresql":
        return store.rows(statement.sql, statement.parameters)
    transaction = transaction_for(store)
    try:
        (found,) = transaction.begin([organisation_id], [statement])
        transaction.commit("")
    except BaseException:
        transaction.roll_back()
        raise
    return found


def _run(connection: Any, reads: Sequence[Statement]) -> list[Rows]:
    try:
        return [connection.execute(r.sql, tuple(r.parameters)).fetchall() for r in reads]
    except Exception as error:
        raise_translated(error)
        raise


def transaction_for(store: Store) -> Transaction:
    """The transaction of the kind of database that is open."""
    return SqliteTransaction(store) if store.dialect == "sqlite" else PostgresqlTransaction(store)
