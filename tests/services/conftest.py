"""An open store with a small clinic, on each database in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store, open_store
from tests import builders


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
