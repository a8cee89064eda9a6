"""Who may talk to a database, and what is left open when nobody does any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_desk.rules.errors import Unavailable
from clinic_desk.services import store
from clinic_desk.services.store import open_store
from tests import databases


def lines_to(url: str, wanted: int = 0) -> int:
    """How many connections stand to this database of our own server, once it has had the time
    to end those that hung up; it need not be asked again when there are no more than *wanted*.
    """
    import psycopg

    name = url.rpartition("/")[2]
    until = time.monotonic() + 5
    with psycopg.connect(databases.server_url(), autocommit=True) as connection:
        while True:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)
            ).fetchone()
            found = int(row[0]) if row else 0
            if found <= wanted or time.monotonic() > until:
                return found
            time.sleep(0.05)


def asked_in_a_thread(opened: store.Store) -> None:
    thread = threading.Thread(target=opened.rows, args=("SELECT 1",))
    thread.start()
    thread.join()


@pytest.fixture
def server_database(tmp_path: Path) -> Iterator[str]:
    url, remove = databases.fresh("postgresql", tmp_path)
    yield url
    remove()


def test_no_line_to_a_server_outlives_the_store(server_database: str) -> None:
    opened = open_store(server_database)
    asked_in_a_thread(opened)
    opened.close()
    assert lines_to(server_database) == 0


def test_a_store_opened_in_a_thread_that_ended_is_closed_whole(server_database: str) -> None:
    found: list[store.Store] = []
    thread = threading.Thread(target=lambda: found.append(open_store(server_database)))
    thread.start()
    thread.join()
    found[0].rows("SELECT 1")
    found[0].close()
    assert lines_to(server_database) == 0


def test_lines_of_ended_threads_are_hung_up_while_the_store_goes_on(server_database: str) -> None:
    opened = open_store(server_database)
    for _ in range(5):
        asked_in_a_thread(opened)
    assert lines_to(server_database, 2) <= 2
    opened.close()


def test_a_refused_database_is_let_go(server_database: str) -> None:
    import psycopg

    with psycopg.connect(server_database, autocommit=True) as connection:
        connection.execute(
            "UPDATE schema_migration SET name = '9999_from_the_future' WHERE name LIKE '0001%'"
        )
    with pytest.raises(Unavailable):
        open_store(server_database)
    assert lines_to(server_database) == 0
