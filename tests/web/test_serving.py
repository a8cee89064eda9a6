"""The program that serves: it starts, says why it cannot, stops cleanly; and gives out tokens."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable

import httpx
import pytest

from clinic_desk.models import schema
from clinic_desk.services.store import open_store
from tests import builders

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

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "clinic_desk", *arguments, "--database", database_url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
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
