"""Who may only look is not told to add anything."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from clinic_desk.services.actor import Actor
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests import builders
from tests.builders import Clinic
from tests.views.operational.conftest import page

READS = frozenset({"Calendar Show", "Location Get All", "Location Show"})


@pytest.fixture
def actor(clinic: Clinic) -> Actor:
    """Somebody who reads the locations."""
    return builders.an_actor(clinic, READS)


def test_the_empty_page_offers_only_what_the_user_may(
    qtbot: QtBot, section: OperationalScreen
) -> None:
    book = page(qtbot, section, "locations")
    assert not book.face.add.isEnabled()
    assert book.face.empty.isVisible()
    assert book.face.empty.text() == "Choose an entry on the left."
