"""Whether a PostgreSQL server can be used, and if not, exactly why: one sentence per cause.

Asked step by step (name, port, password, database, rights, schema), because the driver tells
all of them as one kind of error.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import peewee as pw

from clinic_desk import config
from clinic_desk.models import schema
from clinic_desk.models.server import ServerDatabase
from clinic_desk.rules.errors import ClinicError, Unavailable, WrongSchema
from clinic_desk.rules.words import N_
from clinic_desk.services.faults import translated
from clinic_desk.services.mailer import LOCAL

SECONDS = 5.0
"""How long the port may take to answer."""

NO_HOST = N_("There is no computer called “{host}”.")
NO_HOST_OUT = N_("Check the name, and whether this computer is in the clinic’s network.")
CLOSED = N_("Nothing answers at “{host}” on port {port}.")
CLOSED_OUT = N_("Check the port, and that PostgreSQL runs and listens to other computers.")
SILENT = N_("“{host}” does not answer on port {port}.")
SILENT_OUT = N_("A firewall may stand between; ask whoever runs the network.")
ASKS = N_("The server asks for a password.")
ASKS_OUT = N_("Enter the password of this user.")
PASSWORD = N_("The server refuses this user and password.")
PASSWORD_OUT = N_("Enter them again; large and small letters matter.")
OTHER_PROGRAM = N_("Another program than PostgreSQL answers at “{host}” on port {port}.")
OTHER_PROGRAM_OUT = N_("Check the port; PostgreSQL’s own is 5432.")
NO_DATABASE = N_("There is no database called “{name}” on this server.")
NO_DATABASE_OUT = N_("Check the name, or ask whoever runs the server to make it.")
NO_ENTRY = N_("The server does not let this user in from this computer.")
NO_ENTRY_OUT = N_("Whoever runs the server adds a line to pg_hba.conf.")
NO_TLS = N_("The server is not who it should be, or does not encrypt ({detail}).")
NO_TLS_OUT = N_("Name the file with the certificate of the clinic’s own authority.")
OTHER = N_("The server refuses the connection ({detail}).")
ASK = N_("Ask whoever runs the server.")
NO_CREATE = N_("The database is empty, and this user may not set it up.")
MIGRATE = N_("Its owner runs: clinic-desk migrate --grant --database {url}")
NO_RIGHTS = N_("This user may not read the clinic’s tables.")
OLD_OUT = N_("Close Clinic Desk on all desks; then the database’s owner runs: {command}")

CAUSES = (
    (("certificate",), "certificate", NO_TLS, NO_TLS_OUT),
    (("no password supplied",), "password", ASKS, ASKS_OUT),
    (("password",), "password", PASSWORD, PASSWORD_OUT),
    (("role", "does not exist"), "password", PASSWORD, PASSWORD_OUT),
    (("database", "does not exist"), "name", NO_DATABASE, NO_DATABASE_OUT),
    (("pg_hba.conf",), "user", NO_ENTRY, NO_ENTRY_OUT),
    (("expected authentication request",), "port", OTHER_PROGRAM, OTHER_PROGRAM_OUT),
    (("invalid response to ssl",), "port", OTHER_PROGRAM, OTHER_PROGRAM_OUT),
    (("timeout",), "host", SILENT, SILENT_OUT),
    (("ssl",), "certificate", NO_TLS, NO_TLS_OUT),
)
"""What the driver's words mean: all of the signs, the field to correct, what to say."""


class ServerTrouble(Unavailable):
    """Why the server cannot be used; ``field`` names what to correct, or is empty."""

    def __init__(self, field: str, message: str, way_out: str, **params: object) -> None:
        super().__init__(message, way_out=way_out, **params)
        self.field = field


class Found(StrEnum):
    """What stands in a database that can be used: a clinic, or nothing yet."""

    CLINIC = "clinic"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """Where a shared database is. ``certificate`` is a file, or empty for the authorities that
    this computer trusts; another computer is reached only encrypted and only if it is the one.
    """

    host: str
    name: str
    user: str
    port: int = 5432
    certificate: str = ""

    @classmethod
    def of(cls, url: str) -> ServerPlace:
        """The place that :meth:`url` names."""
        parts = urlsplit(url)
        (trusted,) = parse_qs(parts.query).get("sslrootcert", ["system"])[:1]
        return cls(
            host=parts.hostname or "localhost",
            name=unquote(parts.path.lstrip("/")),
            user=unquote(parts.username or ""),
            port=parts.port or 5432,
            certificate="" if trusted == "system" else trusted,
        )

    def url(self, password: str = "") -> str:
        """The URL to open it by; *password* stands in it only as long as it is needed."""
        who = quote(self.user, safe="") + (f":{quote(password, safe='')}" if password else "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        url = f"postgresql://{who}@{host}:{self.port}/{quote(self.name, safe='')}"
        if self.host.lower() in LOCAL:
            return url
        trusted = {"sslmode": "verify-full", "sslrootcert": self.certificate or "system"}
        return f"{url}?{urlencode(trusted)}"


def try_out(url: str) -> Found:
    """Whether the server at *url* can be used by this user, now. Takes seconds at worst: never
    on the window's thread. Leaves no connection.

    Raises ``ServerTrouble`` with the cause, ``WrongSchema`` with the command to run, ``Damaged``
    for another program's database.
    """
    parts = urlsplit(url)
    _reach(unquote(parts.hostname or "localhost"), parts.port or 5432)
    database = ServerDatabase(url)  # and not this process's own: that one may be opened meanwhile
    try:
        _connect(database, url)
        return _look(database, url)
    finally:
        database.close()


def _reach(host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ServerTrouble("host", NO_HOST, NO_HOST_OUT, host=host) from error
    trouble: OSError | None = None
    for family, kind, protocol, _name, address in found:
        with socket.socket(family, kind, protocol) as line:
            line.settimeout(SECONDS)
            try:
                line.connect(address)
            except OSError as error:
                trouble = error
            else:
                return
    if isinstance(trouble, TimeoutError):
        raise ServerTrouble("host", SILENT, SILENT_OUT, host=host, port=str(port)) from trouble
    raise ServerTrouble("port", CLOSED, CLOSED_OUT, host=host, port=str(port)) from trouble


def _connect(database: pw.Database, url: str) -> None:
    import psycopg

    try:
        database.connect(reuse_if_open=True)
    except Exception as error:
        original = getattr(error, "orig", None) or error
        if isinstance(original, psycopg.OperationalError):
            raise _refused(str(original), url) from error
        raise


def _refused(text: str, url: str) -> ServerTrouble:
    """The cause in the driver's words; before somebody is signed in it gives no number."""
    lower = re.sub('"[^"]*"', "", text.lower())  # no name or path is mistaken for a cause
    detail = text.strip().splitlines()[-1].partition("FATAL:")[2].strip() or text.splitlines()[0]
    for signs, field, message, way_out in CAUSES:
        if all(sign in lower for sign in signs):
            return ServerTrouble(field, message, way_out, detail=detail, **_at(url))
    return ServerTrouble("", OTHER, ASK, detail=detail)


def _at(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname or "localhost",
        "port": str(parts.port or 5432),
        "name": unquote(parts.path.lstrip("/")),
    }


def _look(database: pw.Database, url: str) -> Found:
    with _told(url):
        if schema.version(database) == 0:
            if not _ask(database, "SELECT has_schema_privilege(current_user, 'public', 'CREATE')"):
                shown = config.without_password(url)
                raise ServerTrouble("user", NO_CREATE, MIGRATE, url=shown)
            return Found.EMPTY
        schema.require_current(database)
        if not _ask(
            database, "SELECT has_table_privilege(current_user, 'user_account', 'SELECT, INSERT')"
        ):
            raise ServerTrouble("user", NO_RIGHTS, MIGRATE, url=config.without_password(url))
        found = _ask(database, "SELECT EXISTS (SELECT 1 FROM user_account)")
        return Found.CLINIC if found else Found.EMPTY


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    """Driver errors as ours; where somebody has to run a command, all of it."""
    try:
        yield
    except WrongSchema as error:
        found, known = error.params.get("found"), error.params.get("known")
        if isinstance(found, int) and isinstance(known, int) and found < known:
            run = f"clinic-desk migrate --database {config.without_password(url)}"
            raise WrongSchema(
                error.message, way_out=OLD_OUT, command=run, **error.params
            ) from error
        raise
    except ClinicError:
        raise
    except Exception as error:
        known_error = translated(error)
        if getattr(getattr(error, "orig", error), "sqlstate", "") == "42501":
            shown = config.without_password(url)
            raise ServerTrouble("user", NO_RIGHTS, MIGRATE, url=shown) from error
        raise known_error from error


def _ask(database: pw.Database, sql: str) -> bool:
    row = database.execute_sql(sql).fetchone()
    return bool(row and row[0])
