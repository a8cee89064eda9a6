"""Whether a server can be used: one clear sentence for each cause, on a real server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from clinic_desk.models import schema
from clinic_desk.rules.errors import WrongSchema
from clinic_desk.services import server_check
from clinic_desk.services.server_check import Found, ServerPlace, ServerTrouble
from clinic_desk.services.store import open_store
from tests import builders, databases

RULES = (
    "local all all trust",
    "host all desk_pw all scram-sha-256",
    "host all desk_out all reject",
)


@pytest.fixture(scope="module")
def rules() -> Iterator[None]:
    """A server that asks one user for a password and lets another in from nowhere."""
    with psycopg.connect(databases.server_url(), autocommit=True) as line:
        for name in ("desk_pw", "desk_out", "desk_weak"):
            line.execute(f"DROP ROLE IF EXISTS {name}".encode())
            line.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'right: / @ #'".encode())
        (file,) = line.execute("SHOW hba_file").fetchone() or ("",)
        (before,) = line.execute("SELECT pg_read_file(%s)", (file,)).fetchone() or ("",)
        _write(line, file, "\n".join(RULES) + "\n" + before)
    yield
    with psycopg.connect(databases.server_url(), autocommit=True) as line:
        _write(line, file, before)
        for name in ("desk_pw", "desk_out", "desk_weak"):
            line.execute(f"DROP OWNED BY {name}".encode())
            line.execute(f"DROP ROLE {name}".encode())


def _write(line: psycopg.Connection, file: str, text: str) -> None:
    """By the server's own hand: it may be another user's file, or on another computer."""
    line.execute("CREATE TEMP TABLE hba (n serial, t text)")
    for row in text.splitlines():
        line.execute("INSERT INTO hba (t) VALUES (%s)", (row.replace("\t", " "),))
    line.execute(f"COPY (SELECT t FROM hba ORDER BY n) TO '{file}'".encode())
    line.execute("DROP TABLE hba")
    line.execute("SELECT pg_reload_conf()")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    made, remove = databases.fresh("postgresql", tmp_path)
    yield made
    remove()


@pytest.fixture
def bare() -> Iterator[str]:
    name = "bare_of_everything"
    databases.administer(f"CREATE DATABASE {name}")
    yield databases.named(databases.server_url(), name)
    databases._dropped(name)


def place(url: str, **fields: object) -> ServerPlace:
    parts = urlsplit(url)
    values = {
        "host": parts.hostname,
        "port": parts.port,
        "name": parts.path[1:],
        "user": parts.username,
    } | fields
    return ServerPlace(**values)  # type: ignore[arg-type]


def trouble(wanted: ServerPlace, password: str = "") -> ServerTrouble:
    with pytest.raises(ServerTrouble) as refused:
        server_check.try_out(wanted.url(password))
    return refused.value


def test_a_server_with_a_clinic_and_one_without_are_told_apart(url: str, bare: str) -> None:
    assert server_check.try_out(place(url).url()) is Found.EMPTY
    store = open_store(url)
    builders.a_user(builders.a_clinic(store))
    store.close()

    assert server_check.try_out(place(url).url()) is Found.CLINIC
    assert server_check.try_out(place(bare).url()) is Found.EMPTY


def test_a_wrong_name_of_the_computer(url: str) -> None:
    told = trouble(place(url, host="no-such-computer.invalid"))

    assert told.field == "host" and "no-such-computer.invalid" in str(told)


def test_a_port_where_nobody_listens(url: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = trouble(place(url, port=port))

    assert told.field == "port" and str(port) in str(told)


def test_a_wrong_password_and_the_right_one_with_every_sign_in_it(url: str, rules: None) -> None:
    told = trouble(place(url, user="desk_pw"), "wrong")
    with pytest.raises(ServerTrouble) as right:
        server_check.try_out(place(url, user="desk_pw").url("right: / @ #"))

    assert told.field == "password" and "password" in str(told)
    assert right.value.field == "user", "it got in, and may read nothing"


def test_a_database_that_is_not_there(url: str) -> None:
    told = trouble(place(url, name="nowhere at all"))

    assert told.field == "name" and "nowhere at all" in str(told)


def test_a_user_whom_the_server_lets_in_from_nowhere(url: str, rules: None) -> None:
    assert trouble(place(url, user="desk_out"), "x").field == "user"


def test_a_user_without_rights_is_told_the_command_to_run(url: str, bare: str, rules: None) -> None:
    for wanted in (url, bare):
        told = str(trouble(place(wanted, user="desk_weak"), "secret"))
        assert "clinic-desk migrate --grant --database postgresql://desk_weak@" in told
        assert "secret" not in told


def test_an_old_schema_is_told_with_the_command_to_run(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as line:
        line.execute(
            f"DELETE FROM {schema.HISTORY} WHERE name LIKE '{schema.VERSION:04d}%'".encode()
        )

    with pytest.raises(WrongSchema, match="clinic-desk migrate --database postgresql://"):
        server_check.try_out(place(url).url())


def test_another_computer_is_reached_only_encrypted_and_only_if_it_is_the_one() -> None:
    far = ServerPlace("db.example.org", "clinic", "desk")

    assert far.url().endswith("?sslmode=verify-full&sslrootcert=system")
    assert "sslmode" not in ServerPlace("127.0.0.1", "clinic", "desk").url()
    assert "ca.pem" in ServerPlace("db", "clinic", "desk", certificate="/x/ca.pem").url()
    assert urlunsplit(urlsplit(far.url("p@ss/word"))).count("@") == 1


def test_the_check_leaves_no_connection(url: str) -> None:
    server_check.try_out(place(url).url())
    name = urlsplit(url).path[1:]

    with psycopg.connect(databases.server_url()) as line:
        found = line.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s", (name,))
        assert found.fetchone() == (0,)
