"""The open database of this process, and what is remembered about it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from clinic_desk.models import base
from clinic_desk.services.faults import raise_translated
from clinic_desk.services.watchdog import Watchdog

if TYPE_CHECKING:
    import peewee

    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.occupancy import Occupancy


class Store:
    """One open database: a connection per thread, the catalogues, the occupancy indexes.

    There is one store in a process at a time. All methods may be called from any thread.
    """

    def __init__(self, url: str, database: peewee.Database) -> None:
        self.url = url
        self.database = database
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.write_guard = threading.Lock()
        self.watchdog = Watchdog()
        self._catalogues: dict[int, Catalogue] = {}
        self._occupancies: dict[int, Occupancy] = {}
        self._guard = threading.Lock()
        self._blocks: dict[str, list[int]] = {}
        self._lines: dict[Any, threading.Thread] = {}
        self._line_guard = threading.Lock()

    def connection(self) -> Any:
        """This thread's driver connection, opened or reopened as needed."""
        if self.dialect == "postgresql" and not self.database.is_closed():
            usable: bool = self.database.is_connection_usable()
            if not usable:
                self.forget_connection()
        try:
            self.database.connect(reuse_if_open=True)
        except Exception as error:
            raise_translated(error)
            raise
        connection = self.database.connection()
        if self.dialect == "postgresql" and connection not in self._lines:
            self._register(connection)
        return connection

    def _register(self, line: Any) -> None:
        """Remember this thread's line to the server, and hang up those of ended threads."""
        with self._line_guard:
            ended = [known for known, thread in self._lines.items() if not thread.is_alive()]
            for known in ended:
                del self._lines[known]
            self._lines[line] = threading.current_thread()
        for known in ended:
            with contextlib.suppress(Exception):
                known.close()

    def forget_connection(self) -> None:
        """Drop this thread's connection, broken or not."""
        if self.dialect == "postgresql" and not self.database.is_closed():
            self._lines.pop(self.database.connection(), None)
        with contextlib.suppress(Exception):
            self.database.close()

    @contextlib.contextmanager
    def talking(self) -> Iterator[Any]:
        """This thread's connection under the watchdog; driver errors come out as ours."""
        connection = self.connection()
        try:
            if self.dialect == "postgresql":
                with self.watchdog.watching(connection):
                    yield connection
            else:
                yield connection
        except Exception as error:
            raise_translated(error)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one SELECT, written with ``?`` for parameters on either database."""
        with self.talking() as connection:
            cursor = connection.cursor()
            cursor.execute(self.placed(sql), parameters)
            return list(cursor.fetchall())

    def placed(self, sql: str) -> str:
        """*sql* with this database's marks for parameters."""
        return sql if self.dialect == "sqlite" else sql.replace("?", "%s")

    def next_id(self, sequence: str) -> int:
        """A fresh id from a block of a PostgreSQL sequence, so that rows know theirs early.

        Gaps are harmless; a block costs one exchange in fifty.
        """
        with self._guard:
            block = self._blocks.setdefault(sequence, [])
            if not block:
                found = self.rows("SELECT nextval(?) FROM generate_series(1, 50)", (sequence,))
                block.extend(int(row[0]) for row in reversed(found))
            return block.pop()

    def catalogue(self, organisation_id: int, *, at_least: int = 0) -> Catalogue:
        """The organisation's catalogue, no older than deed number *at_least*."""
        known = self._catalogues.get(organisation_id)
        if known is None or known.seq < at_least:
            from clinic_desk.services import catalogue

            known = catalogue.load(self, organisation_id)
            with self._guard:
                newest = self._catalogues.get(organisation_id)
                if newest is None or newest.seq <= known.seq:
                    self._catalogues[organisation_id] = known
        return known

    def forget_catalogue(self, organisation_id: int) -> None:
        """Read the catalogue anew when it is next asked for."""
        self._catalogues.pop(organisation_id, None)

    def occupancy(self, organisation_id: int) -> Occupancy:
        """The organisation's occupancy index, built when it is first asked for."""
        from clinic_desk.services.occupancy import Occupancy

        with self._guard:
            known = self._occupancies.get(organisation_id)
            if known is None:
                known = self._occupancies[organisation_id] = Occupancy(self, organisation_id)
        return known

    def close(self) -> None:
        """End the watchdog and every thread's connection to a server; nobody may ask any more.

        A connection to a file belongs to its thread and ends with it.
        """
        self.watchdog.close()
        self.forget_connection()
        with self._line_guard:
            lines, self._lines = self._lines, {}
        for line in lines:
            with contextlib.suppress(Exception):
                line.close()


def open_store(url: str) -> Store:
    """Open the database at *url* (``sqlite:///…`` or ``postgresql://…``).

    Raises ``Unavailable`` where it cannot be reached, is on a network share, is damaged,
    or is older or newer than this program.
    """
    from clinic_desk.models import schema

    database: peewee.Database | None = None
    try:
        database = base.connect(url)
        schema.require_current(database)
        store = Store(url, database)
        store.connection()
    except Exception as error:
        if database is not None:
            database.close()
        raise_translated(error)
        raise
    return store
