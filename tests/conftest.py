"""What all tests share: a database of each kind, and no window on the screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests import databases, plans

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

DIALECTS = ("sqlite", "postgresql")

PATIENCE_MS = 20_000
"""So long a test waits for what has to come, also on a machine that does much else meanwhile."""


def pytest_configure(config: pytest.Config) -> None:
    """A warning today is a failure of the next release; a slow machine is none."""
    config.addinivalue_line("filterwarnings", "error")
    for wait in (QtBot.waitUntil, QtBot.waitSignal):
        (wait.__kwdefaults__ or {})["timeout"] = PATIENCE_MS


@pytest.fixture(scope="session", autouse=True)
def read_by_an_index() -> Iterator[None]:
    """What the tests made the services ask would not read whole tables in a clinic of years;
    the last test tells of it.
    """
    noted: plans.Noted = set()
    end = plans.noting(noted)
    yield
    end()
    assert plans.mistakes(noted) == []


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty database with the present schema; gone after the test."""
    url, remove = databases.fresh(dialect, tmp_path)
    yield url
    remove()
