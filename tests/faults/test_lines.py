"""A line that is cut: the truth about every save, no wait without an end, and a way back."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator

import pytest

from clinic_desk.rules.errors import Disconnected, OutcomeUnknown, Unavailable, Withdrawn
from clinic_desk.services import journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store, open_store
from tests import builders
from tests.builders import Clinic
from tests.fault_proxy import FaultProxy
from tests.services.test_diary import book, booked

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)

ROUNDS = 10


@pytest.fixture
def line(database_url: str) -> Iterator[FaultProxy]:
    """What stands between the desk and its server."""
    with FaultProxy.before(database_url) as proxy:
        yield proxy


@pytest.fixture
def store(line: FaultProxy) -> Iterator[Store]:
    """A desk's database, reached through the proxy."""
    opened = open_store(line.url)
    yield opened
    opened.close()


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return builders.a_clinic(store)


@pytest.fixture
def actor(clinic: Clinic) -> Actor:
    return builders.an_actor(clinic)


def broken_at(line: FaultProxy, mark: bytes) -> threading.Thread:
    """Break the line once *mark* has gone to the server, before any answer comes back."""
    line.cut_after(mark)

    def wait() -> None:
        assert line.marked.wait(timeout=20)
        time.sleep(0.05)  # the server does what it was told
        line.reset()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_save_whose_answer_was_lost_is_told_truly_and_done_once(
    clinic: Clinic, actor: Actor, line: FaultProxy
) -> None:
    for number in range(ROUNDS):
        request = str(uuid.uuid4())
        span = clinic.span(8 + number // 2, 30 * (number % 2))
        clinic.store.forget_connection()  # texts are sent once a connection
        breaker = broken_at(line, b"COMMIT\0")
        with pytest.raises(OutcomeUnknown) as lost:
            book(clinic, actor, span, request_id=request)
        breaker.join()
        line.heal()

        saved = journal.was_saved(actor, lost.value.request_id)
        again = book(clinic, actor, span, request_id=request)

        assert (saved.seq, again.value.span) == (again.seq, span)
    assert clinic.store.rows("SELECT COUNT(*) FROM appointment") == [(ROUNDS,)]


def test_a_save_that_never_arrived_is_told_so_and_cannot_arrive_late(
    clinic: Clinic, actor: Actor, line: FaultProxy
) -> None:
    for _ in range(ROUNDS):
        request = str(uuid.uuid4())
        clinic.store.forget_connection()  # texts are sent once a connection
        breaker = broken_at(line, b"pg_advisory_xact_lock")
        with pytest.raises(Unavailable):
            book(clinic, actor, request_id=request)
        breaker.join()
        line.heal()

        assert journal.was_saved(actor, request).seq is None
        with pytest.raises(Withdrawn):
            book(clinic, actor, request_id=request)
    assert clinic.store.rows("SELECT COUNT(*) FROM appointment") == [(0,)]


def test_a_silent_cut_while_saving_is_told_within_ten_seconds_and_heals_by_itself(
    clinic: Clinic, actor: Actor, line: FaultProxy
) -> None:
    booked(clinic, actor)
    line.blackhole()
    began = time.monotonic()

    with pytest.raises((Disconnected, OutcomeUnknown)):
        booked(clinic, actor, clinic.span(11))
    told = time.monotonic() - began
    line.heal()
    card = booked(clinic, actor, clinic.span(14))

    assert told < 10
    assert card.span == clinic.span(14)


def test_the_same_request_sent_by_many_threads_is_carried_out_once(
    clinic: Clinic, actor: Actor
) -> None:
    request = str(uuid.uuid4())
    answers: list[tuple[int, int]] = []

    def send() -> None:
        done = book(clinic, actor, request_id=request)
        answers.append((done.seq, done.value.id))
        clinic.store.forget_connection()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(answers) == 20
    assert len(set(answers)) == 1
