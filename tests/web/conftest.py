"""A clinic with its API, asked over HTTP as another program asks, on each database in turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import catalogue, tokens
from clinic_desk.services.store import Store, open_store
from clinic_desk.web import server, times
from tests import builders
from tests.builders import Clinic


@dataclass(frozen=True)
class Api:
    """A program with a token, in one organisation."""

    client: httpx.Client
    clinic: Clinic
    org: str
    token: str

    def ask(self, method: str, path: str, *, face: str = "/api/v1", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        url = f"{face}/{self.org}{path}"
        return self.client.request(method, url, headers=headers, **more)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.ask("GET", path, params=params or None)

    def uuid(self, kind: str, number: int | None = None) -> str:
        """The uuid of one of the clinic's own records."""
        number = number or getattr(self.clinic, f"{kind}_id")
        table = {"type": "appointment_type"}.get(kind, kind)
        rows = self.clinic.store.rows(f"SELECT uuid FROM {table} WHERE id = ?", (number,))
        return str(rows[0][0])

    def wish(self, start: str = "10:00", end: str = "10:30", **fields: Any) -> dict[str, Any]:
        """What books a visit on the builders' Tuesday."""
        return {
            "patient_uuid": self.uuid("patient"),
            "appointment_type_uuid": self.uuid("type"),
            "location_uuid": self.uuid("location"),
            "provider_uuid": self.uuid("provider"),
            "scheduled_start": f"{builders.TUESDAY}T{start}:00",
            "scheduled_end": f"{builders.TUESDAY}T{end}:00",
            "notes": "New patient — first visit",
        } | fields

    def book(self, start: str = "10:00", end: str = "10:30", **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        body = self.wish(start, end, **more)
        return self.ask("POST", "/appointments", json=body, headers=headers)


YEAR = times.AHEAD
"""So far ahead free times are really told."""


@pytest.fixture(autouse=True)
def _the_tuesday_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """The builders' Tuesday is years ahead, and free times are told for one."""
    monkeypatch.setattr(times, "AHEAD", YEAR * 20)


MakeApi = Callable[..., Api]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """The open database."""
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def client(store: Store) -> Iterator[httpx.Client]:
    """A connection to a server of its own."""
    at, serving = server.listening("127.0.0.1", 0), server.server_for(store, rate=0)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [at]})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{at.getsockname()[1]}", timeout=60) as made:
        yield made
    serving.should_exit = True
    thread.join()
    at.close()


@pytest.fixture
def make_api(store: Store, client: httpx.Client) -> MakeApi:
    """A program with these scopes (all unless told) and perhaps a role, in a clinic of its own
    unless told.
    """

    def make(*scopes: str, clinic: Clinic | None = None, role_id: int | None = None) -> Api:
        clinic = clinic or builders.a_clinic(store)
        actor = tokens.at_the_console(store, clinic.organisation_id)
        wanted = scopes or tuple(SCOPES)
        made = tokens.create(actor, name="Website", scopes=wanted, role_id=role_id).value
        org = catalogue.catalogue(actor).organisation.uuid
        return Api(client, clinic, org, made.text)

    return make


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """A program that may do everything."""
    return make_api()
