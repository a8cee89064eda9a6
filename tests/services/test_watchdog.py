"""Who waits too long for a server is cut off; who waits for a lock is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from clinic_desk.models import server
from clinic_desk.rules.errors import Busy
from clinic_desk.services import watchdog
from clinic_desk.services.store import open_store
from clinic_desk.services.watchdog import Watchdog
from tests import databases


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    made, remove = databases.fresh("postgresql", tmp_path)
    yield made
    remove()


@pytest.fixture
def dog() -> Iterator[Watchdog]:
    made = Watchdog()
    yield made
    made.close()


def asleep(line: psycopg.Connection[Any], seconds: float) -> None:
    line.execute("SELECT pg_sleep(%s)", (seconds,))


def test_an_exchange_that_takes_too_long_is_cut_off(url: str, dog: Watchdog) -> None:
    with psycopg.connect(url, autocommit=True) as line:
        begun = time.monotonic()
        with pytest.raises(psycopg.OperationalError), dog.watching(line, 0.2):
            asleep(line, 30)
        assert time.monotonic() - begun < 5


def test_what_ends_in_time_stays_connected(url: str, dog: Watchdog) -> None:
    with psycopg.connect(url, autocommit=True) as line:
        with dog.watching(line, 5):
            asleep(line, 0.1)
        assert line.execute("SELECT 1").fetchone() == (1,)


def test_watching_twice_in_one_thread_ends_each_by_itself(url: str, dog: Watchdog) -> None:
    with psycopg.connect(url, autocommit=True) as outer, dog.watching(outer, 0.5):
        with psycopg.connect(url, autocommit=True) as inner, dog.watching(inner, 9):
            asleep(inner, 0)
        with pytest.raises(psycopg.OperationalError):
            asleep(outer, 30)


def test_a_lock_is_given_up_before_the_line_is() -> None:
    assert server.LOCK_SECONDS + 1 < watchdog.DEADLINE_SECONDS


def test_a_lock_that_another_desk_holds_is_told_as_busy(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(server.SETTINGS, "lock_timeout", "300ms")
    monkeypatch.setattr(watchdog, "DEADLINE_SECONDS", 3.0)
    holding, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with psycopg.connect(url) as line:
            line.execute("SELECT pg_advisory_xact_lock(17218, 7)")
            holding.set()
            enough.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    assert holding.wait(10)
    store = open_store(url)
    with pytest.raises(Busy):
        store.rows("SELECT pg_advisory_xact_lock(?::integer, 7)", (17218,))
    assert store.rows("SELECT 1") == [(1,)]
    enough.set()
    other.join()
    store.close()
