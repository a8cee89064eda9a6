"""What one desk does, the others hear; and a bell that hears nothing says so."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.doorbell import Doorbell, State
from clinic_desk.services.feed import Change, Feed
from tests.builders import Clinic
from tests.services.test_diary import booked


class Ear:
    """What a bell has called out."""

    def __init__(self, url: str) -> None:
        self.rings: queue.Queue[None] = queue.Queue()
        self.states: queue.Queue[State] = queue.Queue()
        self.bell = Doorbell(url, on_ring=lambda: self.rings.put(None), on_state=self._state)

    def _state(self, state: State, since: datetime) -> None:
        assert since.utcoffset() is not None
        self.states.put(state)


@pytest.fixture
def ear(clinic: Clinic) -> Iterator[Ear]:
    """A bell that listens until the test ends."""
    made = Ear(clinic.store.url)
    made.bell.start()
    yield made
    made.bell.stop()
    assert "doorbell" not in {t.name for t in threading.enumerate()}


def test_a_deed_is_told_by_number_kind_and_id(clinic: Clinic, actor: Actor) -> None:
    feed = Feed(clinic.store, clinic.organisation_id)

    card = booked(clinic, actor)
    diary.move(actor, card.id, span=clinic.span(14), version=1)
    news = feed.changes()

    assert set(news.changes) == {
        Change(1, "appointment", card.id),
        Change(1, "patient_case", card.case_id),
        Change(2, "appointment", card.id),
    }
    assert not news.reload
    assert feed.changes().changes == ()


def test_a_restored_database_is_read_anew(clinic: Clinic, actor: Actor) -> None:
    feed = Feed(clinic.store, clinic.organisation_id)

    clinic.store.database.execute_sql("UPDATE database_info SET epoch = 'another'")

    assert feed.changes().reload
    assert not feed.changes().reload


def test_every_deed_rings(clinic: Clinic, actor: Actor, ear: Ear) -> None:
    _warm(ear, clinic, actor)

    booked(clinic, actor, clinic.span(11))

    ear.rings.get(timeout=5)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_line_that_breaks_is_told_and_comes_back_by_itself(
    clinic: Clinic, actor: Actor, ear: Ear
) -> None:
    _warm(ear, clinic, actor)

    clinic.store.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'Clinic Desk bell' AND datname = current_database()"
    )

    assert ear.states.get(timeout=10) is State.RECONNECTING
    assert ear.states.get(timeout=10) is State.CONNECTED
    ear.rings.get(timeout=5)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_file_that_was_taken_away_is_told(clinic: Clinic, actor: Actor, ear: Ear) -> None:
    _warm(ear, clinic, actor)
    path = Path(clinic.store.url.removeprefix("sqlite:///"))
    away = path.with_suffix(".away")

    path.rename(away)
    assert ear.states.get(timeout=10) is State.RECONNECTING
    away.rename(path)

    assert ear.states.get(timeout=10) is State.CONNECTED


def _warm(ear: Ear, clinic: Clinic, actor: Any) -> None:
    """Book until the bell rings: it takes a moment until it listens."""
    for minute in range(0, 600, 30):
        booked(clinic, actor, clinic.span(8 + minute // 60, minute % 60, minutes=15))
        try:
            ear.rings.get(timeout=1)
        except queue.Empty:
            continue
        while not ear.rings.empty():
            ear.rings.get()
        return
    raise AssertionError("the bell never rang")
