"""How often a program may ask, and what it is told when that was too often."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import httpx
import pytest

from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import catalogue, tokens
from clinic_desk.services.store import Store
from clinic_desk.web import server
from clinic_desk.web.rates import FAILURES, Buckets
from tests import builders
from tests.web.conftest import Api

FEW = 20


@contextlib.contextmanager
def serving(store: Store, *, rate: int) -> Iterator[Api]:
    """A program that may ask so often in a minute."""
    clinic = builders.a_clinic(store)
    actor = tokens.at_the_console(store, clinic.organisation_id)
    made = tokens.create(actor, name="Website", scopes=tuple(SCOPES)).value
    org = catalogue.catalogue(actor).organisation.uuid
    at, running = server.listening("127.0.0.1", 0), server.server_for(store, rate=rate)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [at]})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{at.getsockname()[1]}", timeout=60) as client:
        yield Api(client, clinic, org, made.text)
    running.should_exit = True
    thread.join()
    at.close()


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_it_has_and_fills_again_evenly():
    clock = Clock()
    buckets = Buckets(60, clock=clock)

    assert [buckets.take("a").left for _ in range(60)] == list(range(59, -1, -1))
    assert buckets.take("a").wait == 1
    assert buckets.take("b").wait == 0
    clock.now = 30
    assert buckets.look("a").left == 30
    assert sum(not buckets.take("a").wait for _ in range(60)) == 30


def test_the_buckets_do_not_grow_without_end():
    buckets = Buckets(60, most=100)

    for number in range(1000):
        buckets.take(str(number))

    assert len(buckets) == 100
    assert buckets.look("1").left == 60


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_who_asks_too_often_is_told_when_to_come_again(store):
    with serving(store, rate=FEW) as api:
        answers = [api.get("/locations") for _ in range(FEW + 1)]
        sister = api.client.get("/api/v1/openapi.json")

    assert {a.status_code for a in answers[:-1]} == {200}
    assert answers[0].headers["ratelimit-policy"] == f'"minute";q={FEW};w=60'
    assert answers[0].headers["ratelimit"].startswith(f'"minute";r={FEW - 1};t=')
    late = answers[-1]
    assert (late.status_code, late.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(late.headers["retry-after"]) <= 3
    assert late.headers["content-type"] == "application/problem+json"
    assert sister.status_code == 200


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_who_guesses_tokens_is_stopped_and_who_has_one_is_not(store):
    with serving(store, rate=1000) as api:
        assert api.get("/locations").status_code == 200
        guesses = [
            api.client.get(
                f"/api/v1/{api.org}/patients", headers={"Authorization": f"Bearer {number}"}
            ).status_code
            for number in range(FAILURES + 5)
        ]
        known = api.get("/locations")
        nobody = api.client.get("/api/v1/openapi.json")

    assert guesses[:FAILURES] == [401] * FAILURES
    assert guesses[-1] == 429
    assert (known.status_code, nobody.status_code) == (200, 429)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_who_looks_at_a_wrong_address_without_a_token_guesses_nothing(store):
    with serving(store, rate=1000) as api:
        looks = [api.client.get("/health").status_code for _number in range(FAILURES + 5)]
        known = api.get("/locations").status_code

    assert looks == [404] * len(looks)
    assert known == 200


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_token_has_one_bucket_however_its_header_is_written(store):
    with serving(store, rate=FEW) as api:
        path, gap = f"/api/v1/{api.org}/locations", " "
        spelt = [
            [("Authorization", f"{scheme}{gap * blanks}{api.token}")]
            for scheme in ("Bearer", "bearer", "BEARER", "bEaReR")
            for blanks in range(1, 8)
        ]
        twice = [("Authorization", f"Bearer {api.token}"), ("Authorization", "Bearer other")]
        answers = [api.client.get(path, headers=headers) for headers in [*spelt, twice]]

    assert [a.status_code for a in answers[:FEW]] == [200] * FEW
    assert {a.status_code for a in answers[FEW:]} == {429}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_words_in_the_place_of_a_token_do_not_make_new_buckets(store):
    with serving(store, rate=FEW) as api:
        answers = [
            api.client.get(
                "/api/v1/openapi.json", headers={"Authorization": f"Bearer {number}"}
            ).status_code
            for number in range(FEW + 1)
        ]
        known = api.get("/locations").status_code

    assert answers == [200] * FEW + [429]
    assert known == 429  # it was never seen before


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_limits_are_told_in_the_description(store):
    with serving(store, rate=FEW) as api:
        told = api.client.get("/api/v1/openapi.json").json()

    for number in (FEW, FAILURES, 65536, 100):
        assert f" {number} " in told["info"]["description"]
    for calls in told["paths"].values():
        for call in calls.values():
            assert "Retry-After" in call["responses"]["429"]["headers"]
