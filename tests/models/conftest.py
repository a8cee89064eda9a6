"""An open database for tests of the rows."""

from __future__ import annotations

from collections.abc import Iterator

import peewee as pw
import pytest

from clinic_desk.models import base
from tests.models.sample import Practice


@pytest.fixture
def db(database_url: str) -> Iterator[pw.Database]:
    """The fresh database, connected."""
    opened = base.connect(database_url)
    opened.connect()
    yield opened
    opened.close()


@pytest.fixture
def practice(db: pw.Database) -> Practice:
    """A small practice in the fresh database."""
    return Practice()
