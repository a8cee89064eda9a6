"""An open store with a small clinic, on each database in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_desk import config
from clinic_desk.services import safe
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store, open_store
from tests import builders, webhook_receiver
from tests.webhook_receiver import Receiver


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """The open database."""
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clinic(store: Store) -> builders.Clinic:
    """One location, provider, room, type and patient."""
    return builders.a_clinic(store)


@pytest.fixture
def actor(clinic: builders.Clinic) -> Actor:
    """Somebody who may do everything."""
    return builders.an_actor(clinic)


@pytest.fixture
def own_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer's safe is a file in a folder of the test's own."""
    monkeypatch.setattr(config, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(safe, "has_keyring", lambda: False)
    monkeypatch.setattr(safe, "_memory", {})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Another program that is called."""
    with webhook_receiver.running() as made:
        yield made
