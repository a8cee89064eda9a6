"""The program that serves: it starts, says why it cannot, stops cleanly; and gives out tokens."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable

import httpx
import pytest

from clinic_desk import config
from clinic_desk.models import schema
from clinic_desk.services import safe, tokens, webhooks
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.store import open_store
from tests import builders, webhook_receiver

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run(tmp_path, database_url) -> Run:
    """Starts the command line on the database, in folders of its own."""
    environment = os.environ | {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C",
    }

    def start(*arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "clinic_desk", *arguments, "--database", database_url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=stdin, text=True,
            env=environment,
        )  # fmt: skip

    return start


@pytest.fixture
def clinic(database_url) -> str:
    """A clinic in the database, by its name."""
    store = open_store(database_url)
    builders.a_clinic(store, name="Harbour House")
    store.close()
    return "harbour house"


def said(process: subprocess.Popen[str]) -> tuple[str, str]:
    return process.communicate(timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends by Ctrl+Break")
def test_a_token_from_the_command_line_opens_a_running_server_until_it_stops(run, clinic):
    token, told = said(run("token", clinic, "--scope", "catalogue:read"))
    org = re.search(r"[0-9a-f-]{36}", told)
    assert org, told
    serving = run("serve", "--port", "0")
    serving.stdout.readline()
    address = serving.stdout.readline().split()[2]

    answer = httpx.get(
        f"{address}/{org[0]}/locations", headers={"Authorization": f"Bearer {token.strip()}"}
    )
    serving.send_signal(signal.SIGTERM)
    out, trouble = said(serving)

    assert (answer.status_code, answer.json()["total"]) == (200, 1)
    assert (serving.returncode, out, trouble) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends by Ctrl+Break")
def test_a_server_calls_webhooks_with_the_key_that_it_was_given(
    run, clinic, database_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(config, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(safe, "has_keyring", lambda: False)
    monkeypatch.setattr(safe, "_memory", {})
    store = open_store(database_url)
    found = tokens.organisation_named(store, clinic)
    chief = tokens.at_the_console(store, found.id)
    with webhook_receiver.running() as receiver:
        made = webhooks.add(chief, url=receiver.url, events=EVENTS, inside=True).value
        webhooks.send_test(chief, made.card.id)
        entering = run("webhook-key", clinic, stdin=subprocess.PIPE)
        out, told = entering.communicate(f"{webhooks.key(chief)}\n", timeout=60)
        assert (entering.returncode, "calls the webhooks" in out) == (0, True), told
        for option in ("--no-send", "--send"):
            serving = run("serve", "--port", "0", option)
            serving.stdout.readline()
            serving.stdout.readline()
            give_up = time.monotonic() + (1 if option == "--no-send" else 30)
            while not receiver.calls and time.monotonic() < give_up:
                time.sleep(0.05)
            assert len(receiver.calls) == (option == "--send")
            serving.send_signal(signal.SIGTERM)
            _out, trouble = said(serving)
            assert (serving.returncode, trouble) == (0, "")
    store.close()

    assert receiver.calls[0].is_signed_with(made.secret)


def test_a_port_that_is_taken_is_told_in_a_sentence(run, clinic):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        serving = run("serve", "--port", port)
        _out, trouble = said(serving)

    assert serving.returncode == 3
    assert trouble.startswith(f"Port {port} at 127.0.0.1 is in use by another program.")
    assert trouble.count("\n") == 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_newer_database_is_told_in_a_sentence(run, database_url):
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as file:
        file.execute(
            f"INSERT INTO {schema.HISTORY} (name, applied) VALUES ('0099_later', '2031-01-01')"
        )
    file.close()
    serving = run("serve", "--port", "0")
    _out, trouble = said(serving)

    assert serving.returncode == 3
    assert "newer version of Clinic Desk" in trouble


def test_an_organisation_that_is_not_there_is_told_with_those_that_are(run, clinic):
    asking = run("token", "nobody", "--scope", "patients:read")
    out, trouble = said(asking)

    assert (asking.returncode, out) == (1, "")
    assert "Harbour House" in trouble
