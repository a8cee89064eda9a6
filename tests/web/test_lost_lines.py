"""The line between the server and its database breaks: nobody is told a guess, and nobody is
refused who came after it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from clinic_desk.services import tokens
from clinic_desk.services.store import Store, open_store
from tests.fault_proxy import FaultProxy
from tests.web.conftest import Api

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@pytest.fixture
def line(database_url: str) -> Iterator[FaultProxy]:
    """Between the server and its database."""
    with FaultProxy.before(database_url) as proxy:
        yield proxy


@pytest.fixture
def store(line: FaultProxy) -> Iterator[Store]:
    """The open database, reached over the line."""
    opened = open_store(line.url)
    yield opened
    opened.close()


def test_a_booking_of_which_nobody_knows_is_told_so_and_sent_again_is_done_once(
    api: Api, store: Store, line: FaultProxy
):
    tokens.authenticate(store, api.token)  # its last use is noted, which is a commit as well
    wish, key = api.wish(), {"Idempotency-Key": "order 4711"}

    def break_it() -> None:
        assert line.marked.wait(20)
        line.reset()

    line.cut_after(b"COMMIT\0")
    breaking = threading.Thread(target=break_it)
    breaking.start()
    lost = api.ask("POST", "/appointments", json=wish, headers=key)
    breaking.join()
    line.heal()
    store.forget_connection()  # ours broke as well
    again = api.ask("POST", "/appointments", json=wish, headers=key)

    told = lost.json()
    assert (lost.status_code, told["code"]) == (503, "outcome-unknown")
    assert "Idempotency-Key" in told["way_out"]
    assert "retry-after" in lost.headers
    assert again.status_code == 201, again.text
    assert store.rows("SELECT uuid FROM appointment") == [(again.json()["uuid"],)]


def test_lines_that_broke_while_nobody_asked_cost_nobody_an_answer(api: Api, line: FaultProxy):
    assert api.get("/locations").status_code == 200
    line.reset()

    answer = api.get("/locations")

    assert answer.status_code == 200, answer.text
