"""Whether a server can be used: one clear sentence for each cause, on a real server."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from clinic_desk.models import base, schema
from clinic_desk.rules.errors import WrongSchema
from clinic_desk.services import server_check
from clinic_desk.services.server_check import Found, ServerPlace, ServerTrouble
from clinic_desk.services.store import open_store
from tests import builders, databases
from tests.smtp_server import make_certificate

FAR = "127.1"
"""This computer under a name that the program does not know as its own."""

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
    line.execute("CREATE TEMP TABLE lines (n serial, t text)")
    for row in text.splitlines():
        line.execute("INSERT INTO lines (t) VALUES (%s)", (row.replace("\t", " "),))
    line.execute(f"COPY (SELECT t FROM lines ORDER BY n) TO '{file}'".encode())
    line.execute("DROP TABLE lines")
    line.execute("SELECT pg_reload_conf()")


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[Path]:
    """The server encrypts, with a certificate of its own making."""
    pair = tmp_path / "pair.pem"
    public = make_certificate(pair, "localhost")
    with psycopg.connect(databases.server_url(), autocommit=True) as line:
        (folder,) = line.execute("SHOW data_directory").fetchone() or ("",)
        file = f"{folder}/desk-test.pem"
        _write(line, file, pair.read_text())
        if sys.platform != "win32":  # else it is refused as open to everybody
            line.execute(f"COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; chmod 600 {file}'".encode())
        for name, value in (("ssl_cert_file", file), ("ssl_key_file", file), ("ssl", "on")):
            line.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        line.execute("SELECT pg_reload_conf()")
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(public)
    yield trusted
    with psycopg.connect(databases.server_url(), autocommit=True) as line:
        for name in ("ssl", "ssl_cert_file", "ssl_key_file"):
            line.execute(f"ALTER SYSTEM RESET {name}".encode())
        line.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def another_program(says: bytes) -> Iterator[int]:
    """Something on a port that is no PostgreSQL; silent where it *says* nothing."""
    lines: list[socket.socket] = []
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _who = door.accept()
                    lines.append(line)
                    if says and line.recv(100):
                        line.sendall(says)
                        line.close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)
    thread.join()
    for line in lines:
        line.close()


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


def test_a_password_that_nobody_entered_is_asked_for(url: str, rules: None) -> None:
    told = trouble(place(url, user="desk_pw"))

    assert told.field == "password" and "asks for a password" in str(told)


def test_a_port_where_another_program_listens(url: str) -> None:
    with another_program(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        told = trouble(place(url, port=port))

    assert told.field == "port" and "Another program" in str(told)


def test_a_port_where_nothing_is_said(url: str) -> None:
    with another_program(b"") as port, pytest.raises(ServerTrouble, match="not answer") as told:
        server_check.try_out(f"{place(url, port=port).url()}?connect_timeout=2")

    assert told.value.field == "host" and str(port) in str(told.value)


def test_a_server_that_does_not_encrypt(url: str) -> None:
    told = trouble(place(url, host=FAR))

    assert told.field == "certificate" and "SSL" in str(told)


def test_a_server_that_nobody_vouches_for_and_the_clinics_own_certificate(
    url: str, certificate: Path, tmp_path: Path
) -> None:
    for wrong in ("", str(tmp_path / "database role that does not exist.pem")):
        told = trouble(place(url, host=FAR, certificate=wrong))
        assert told.field == "certificate" and "certificate" in told.way_out

    assert server_check.try_out(place(url, host=FAR, certificate=str(certificate)).url())


def test_the_check_leaves_what_the_program_itself_has_open(url: str, tmp_path: Path) -> None:
    own, _remove = databases.fresh("sqlite", tmp_path)
    store = open_store(own)

    server_check.try_out(place(url).url())

    assert base.database.obj is store.database
    store.close()


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


@pytest.mark.parametrize("host", ["db.example.org", "localhost", "::1"])
@pytest.mark.parametrize("certificate", ["", "/a b/ca.pem"])
def test_a_place_is_found_again_in_its_url(host: str, certificate: str) -> None:
    known = ServerPlace(host, "a / name", "o'neil@desk", 5433)
    if host == "db.example.org":
        known = replace(known, certificate=certificate)

    assert ServerPlace.of(known.url("secret")) == known


def test_the_check_leaves_no_connection(url: str) -> None:
    server_check.try_out(place(url).url())
    name = urlsplit(url).path[1:]

    with psycopg.connect(databases.server_url()) as line:
        found = line.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s", (name,))
        assert found.fetchone() == (0,)
