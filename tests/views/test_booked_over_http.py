"""A desk that is open shows within a second what another program books over HTTP, and by whom."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytestqt.qtbot import QtBot

from clinic_desk.services import tokens
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.visits import Visits
from tests import builders
from tests.views.conftest import elsewhere, quiet
from tests.web.conftest import Api


@pytest.fixture
def url(database_url: str) -> str:
    """Each database in turn."""
    return database_url


@pytest.fixture
def api(url: str, clinic: builders.Clinic, actor: Actor, tmp_path: Path) -> Iterator[Api]:
    """A program called "Website", and a server that is a process of its own."""
    made = tokens.create(actor, name="Website", scopes=("appointments:write",)).value
    org = clinic.store.catalogue(clinic.organisation_id).organisation.uuid
    serving = subprocess.Popen(
        [sys.executable, "-m", "clinic_desk", "serve", "--port", "0", "--database", url],
        stdout=subprocess.PIPE, text=True,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert serving.stdout is not None
    serving.stdout.readline()
    address = serving.stdout.readline().split()[2].removesuffix("/api/v1")
    with httpx.Client(base_url=address, timeout=30) as client:
        yield Api(client, clinic, org, made.text)
    serving.terminate()
    serving.communicate(timeout=30)


def test_an_open_desk_shows_within_a_second_what_another_program_books_and_moves(
    qtbot: QtBot, api: Api, window: MainWindow
) -> None:
    body = elsewhere(api.wish)
    model = window.calendar.board.model

    def spans() -> list[object]:
        return [card.span for card in model.cards]

    booked = api.ask("POST", "/appointments", json=body)
    began = time.monotonic()
    qtbot.waitUntil(lambda: spans() == [api.clinic.span(10)], timeout=5000)
    seen = time.monotonic() - began
    api.ask(
        "PATCH", f"/appointments/{booked.json()['uuid']}",
        json={"scheduled_start": body["scheduled_start"].replace("T10", "T15")},
    )  # fmt: skip
    began = time.monotonic()
    qtbot.waitUntil(lambda: spans() == [api.clinic.span(15)], timeout=5000)
    moved = time.monotonic() - began

    assert booked.status_code == 201, booked.text
    assert max(seen, moved) < 1


def test_the_history_names_the_program(qtbot: QtBot, api: Api, window: MainWindow) -> None:
    assert api.ask("POST", "/appointments", json=elsewhere(api.wish)).status_code == 201
    model = window.calendar.board.model
    qtbot.waitUntil(lambda: len(model.cards) == 1, timeout=5000)
    (card,) = model.cards
    assert isinstance(card, AppointmentCard)
    editor = AppointmentEditor(window.desk, Visits(window.desk, lambda: editor), card)
    qtbot.addWidget(editor)
    quiet(qtbot, window.desk)

    heading = editor.history_model.index(0, 1).data()

    assert "API: Website" in heading.replace("\u2068", "").replace("\u2069", "")
