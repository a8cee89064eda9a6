"""The program that serves: it starts, says why it cannot, stops cleanly; and gives out tokens."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from clinic_desk import config
from clinic_desk.models import base, schema
from clinic_desk.services import safe, tokens, webhooks
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.store import open_store
from clinic_desk.services.transaction import LOCK_NAMESPACE
from clinic_desk.web.app import THREADS
from tests import builders, webhook_receiver
from tests.web.conftest import Api

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run(tmp_path, database_url) -> Iterator[Run]:
    """Starts the command line on the database, in folders of its own."""
    started: list[subprocess.Popen[str]] = []
    environment = os.environ | {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C",
    }

    def start(*arguments: str, stdin: int | None = None, url: str = "") -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-m", "clinic_desk", *arguments, "--database", url or database_url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=stdin, text=True,
            env=environment,
        )  # fmt: skip
        started.append(made)
        return made

    yield start
    for process in started:  # those of a test that failed
        if process.poll() is None:
            process.kill()
            process.communicate()


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


def test_a_webhook_is_made_without_a_window_and_its_secret_is_printed_alone(run, clinic):
    address = "http://127.0.0.1:9/hook"
    made, no_event, outside = (
        run("webhook", clinic, *rest)
        for rest in (
            (address, "--inside", "--event", "appointment.created"),
            ("https://example.org/", "--event", "noon"),
            (address,),
        )
    )
    out, told = said(made)

    assert out.startswith("whsec_") and len(out.split()) == 1
    assert address in told and "shown this once" in told
    assert "no event “noon”; there are: appointment.created" in said(no_event)[1]
    assert "https" in said(outside)[1]
    assert (no_event.returncode, outside.returncode) == (1, 1)


def test_a_port_that_is_taken_is_told_in_a_sentence(run, clinic):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        serving = run("serve", "--port", port)
        _out, trouble = said(serving)

    assert serving.returncode == 3
    assert trouble.startswith(f"Port {port} at 127.0.0.1 is in use by another program.")
    assert trouble.count("\n") == 1


def by_hand(url: str, *commands: str) -> None:
    """SQL past the program."""
    database = base.connect(url)
    for command in commands:
        database.execute_sql(command)
    database.close()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            f"INSERT INTO {schema.HISTORY} (name, applied) VALUES ('0099_later', '2031-01-01')",
            "newer version of Clinic Desk",
        ),
        (f"DELETE FROM {schema.HISTORY} WHERE name >= '0002'", "clinic-desk migrate"),
    ],
)
def test_a_database_of_another_version_is_told_in_a_sentence(run, database_url, command, words):
    by_hand(database_url, command)
    serving = run("serve", "--port", "0")
    out, trouble = said(serving)

    assert (serving.returncode, out) == (3, "")
    assert words in trouble
    assert trouble.count("\n") == 1


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_database_without_rights_is_told_in_a_sentence(run, database_url):
    role = f"stranger_{uuid.uuid4().hex[:8]}"
    by_hand(database_url, f"CREATE ROLE {role} LOGIN")
    try:
        serving = run("serve", "--port", "0", url=database_url.replace("clinic@", f"{role}@"))
        out, trouble = said(serving)
    finally:
        by_hand(database_url, f"DROP ROLE {role}")

    assert (serving.returncode, out) == (3, "")
    assert trouble.count("\n") == 1
    assert "rights" in trouble.lower() or "may not" in trouble, trouble

    _out, trouble = said(run("serve", "--port", "0", url=database_url + "_gone"))
    assert "does not exist" in trouble
    assert "by itself" not in trouble


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://clinic@127.0.0.1:1/nowhere", "cannot be reached"),
        ("sqlite:////nowhere/at/all.db", "There is no database"),
    ],
)
def test_a_database_that_is_not_there_is_told_in_a_sentence(run, url, words):
    serving = run("serve", "--port", "0", url=url)
    out, trouble = said(serving)

    assert (serving.returncode, out) == (3, "")
    assert words in trouble
    assert trouble.count("\n") == 1


@contextlib.contextmanager
def holding(url: str, organisation_id: int) -> Iterator[None]:
    """Somebody else is writing, and takes their time."""
    database = base.connect(url)
    if base.on_sqlite():
        database.execute_sql("BEGIN IMMEDIATE")
    else:
        database.execute_sql("BEGIN")
        database.execute_sql(
            "SELECT pg_advisory_xact_lock(%s::int, %s::int)", (LOCK_NAMESPACE, organisation_id)
        )
    try:
        yield
    finally:
        database.execute_sql("ROLLBACK")
        database.close()


def test_who_reads_does_not_wait_for_those_who_wait_to_write(api):
    wishes = [api.wish(f"{hour:02}:00", f"{hour:02}:30") for hour in range(8, 8 + THREADS)]
    store = api.clinic.store
    line = store.database.separate_connection()
    line.execute("BEGIN IMMEDIATE" if store.dialect == "sqlite" else "BEGIN")
    if store.dialect == "postgresql":
        lock = "SELECT pg_advisory_xact_lock(%s::int, %s::int)"
        line.execute(lock, (LOCK_NAMESPACE, api.clinic.organisation_id))
    with ThreadPoolExecutor(THREADS) as others:
        asked = [others.submit(api.ask, "POST", "/appointments", json=wish) for wish in wishes]
        time.sleep(0.5)
        answer = api.ask("GET", "/locations", timeout=2)
        assert answer.status_code == 200
        assert not any(one.done() for one in asked)
        line.execute("ROLLBACK")
        assert [one.result().status_code for one in asked] == [201] * THREADS
    line.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends by Ctrl+Break")
def test_who_is_told_to_stop_answers_what_has_begun_and_nothing_more(run, database_url):
    store = open_store(database_url)
    clinic = builders.a_clinic(store)
    console = tokens.at_the_console(store, clinic.organisation_id)
    made = tokens.create(console, name="Website", scopes=("appointments:write",)).value
    org = store.catalogue(clinic.organisation_id).organisation.uuid
    wish = Api(httpx.Client(), clinic, org, made.text).wish()
    store.close()
    serving = run("serve", "--port", "0")
    serving.stdout.readline()
    address = serving.stdout.readline().split()[2]
    who = {"Authorization": f"Bearer {made.text}"}

    with ThreadPoolExecutor(1) as other, holding(database_url, clinic.organisation_id):
        asked = other.submit(
            httpx.post, f"{address}/{org}/appointments", json=wish, headers=who, timeout=30
        )
        time.sleep(0.7)
        serving.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        assert serving.poll() is None
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/openapi.json")
    answer = asked.result()
    out, trouble = said(serving)

    assert answer.status_code == 201, answer.text
    assert (serving.returncode, out, trouble) == (0, "", "")
    store = open_store(database_url)
    assert store.rows("SELECT uuid FROM appointment") == [(answer.json()["uuid"],)]
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends by Ctrl+Break")
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_who_is_told_to_stop_waits_for_no_request_that_is_half_sent(run, clinic):
    serving = run("serve", "--port", "0")
    serving.stdout.readline()
    host, port = serving.stdout.readline().split()[2].split("/")[2].split(":")
    head = f"POST /api/v1/{uuid.uuid4()}/patients HTTP/1.1\r\nHost: x\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n"
    with contextlib.ExitStack() as lines:
        some = [
            lines.enter_context(socket.create_connection((host, int(port)), timeout=30))
            for _each in range(3)
        ]
        some[0].sendall(head.encode() + b'{"last_name": ')
        some[1].sendall(head.encode()[:40])
        time.sleep(0.7)

        begun = time.monotonic()
        serving.send_signal(signal.SIGTERM)
        answer = some[0].recv(4096)
        _out, trouble = said(serving)

    assert (serving.returncode, trouble) == (0, "")
    assert time.monotonic() - begun < 3
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close" in answer.lower()


def test_a_token_from_the_command_line_may_have_a_role(run, clinic, database_url):
    asking = run("token", clinic, "--scope", "patients:read", "--role", "nobody")
    _out, trouble = said(asking)
    assert asking.returncode == 1
    assert "There is no role “nobody” here" in trouble

    store = open_store(database_url)
    (organisation,) = store.rows("SELECT id FROM organisation")[0]
    desk = tokens.at_the_console(store, organisation)
    here = builders.Clinic(store, organisation, "Europe/Vienna", 0, 0, 0, 0, 0)
    builders.a_role(here, frozenset({"Location Get All"}), name="Website")
    token, _told = said(run("token", clinic, "--scope", "patients:read", "--role", "website"))
    program = tokens.authenticate(store, token.strip())

    assert (program.actor.role, program.actor.permissions) == ("Website", frozenset())
    assert desk.organisation_id == program.actor.organisation_id
    store.close()


def test_an_organisation_that_is_not_there_is_told_with_those_that_are(run, clinic):
    asking = run("token", "nobody", "--scope", "patients:read")
    out, trouble = said(asking)

    assert (asking.returncode, out) == (1, "")
    assert "Harbour House" in trouble
