"""A PostgreSQL server: how a desk's connections are set up."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import peewee as pw
import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.json import Json, Jsonb
from psycopg.types.numeric import Int8Dumper

LOCK_SECONDS = 5
"""So long a writer waits for another desk's lock before it is told "busy"."""

SETTINGS = {
    "TimeZone": "UTC",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": "15s",
}
"""A desk that stops in mid-transaction is cut off by the server, so nobody waits for it."""


class Driver(pw.Psycopg3Adapter):
    """peewee's way to psycopg, also where peewee was imported without it (see the package)."""

    txn_idle = TransactionStatus.IDLE
    txn_inerror = TransactionStatus.INERROR
    txn_unknown = TransactionStatus.UNKNOWN

    def __init__(self) -> None:
        super().__init__()
        self.json_type, self.jsonb_type = Json, Jsonb

    def check_driver(self) -> None:
        """It is there: this module has imported it."""

    def get_binary_type(self) -> Any:
        """The wrapper that the driver wants around bytes."""
        return psycopg.Binary

    def connect(self, db: pw.Database, **parameters: Any) -> Any:
        """A new connection; *db* is named by its URL. Raises psycopg's ``OperationalError``."""
        connection = psycopg.connect(db.database, **parameters)
        # Sent as smallint, a small number would not use the index on claims (54 ms, not 0.1).
        connection.adapters.register_dumper(int, Int8Dumper)
        return connection


class ServerDatabase(pw.PostgresqlDatabase):
    """Connections that give up on a dead line, reckon in UTC and never hold a lock for long."""

    field_types = pw.PostgresqlDatabase.field_types | {"INSTANT": "TIMESTAMPTZ"}
    psycopg2_adapter = psycopg3_adapter = Driver

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        given = parse_qs(parts.query)
        options = [*given.get("options", ()), *(f"-c {k}={v}" for k, v in SETTINGS.items())]
        wishes: dict[str, Any] = {
            "connect_timeout": 5,
            "keepalives": 1,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "application_name": "Clinic Desk",
        }
        if "," in parts.netloc:
            wishes["target_session_attrs"] = "read-write"
        chosen = {k: v for k, v in wishes.items() if k not in given}
        super().__init__(url, options=" ".join(options), **chosen)

    def separate_connection(self) -> Any:
        """A connection beside the threads' own, set up alike; whoever asks for it closes it."""
        return self._connect()  # type: ignore[attr-defined]
