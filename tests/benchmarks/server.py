"""A PostgreSQL server that is measured: durable, as a clinic's, and kept where that is wished.

The tests' own server does not wait for the disk; beside a bare insert "with the same
guarantee" that would say nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

from tests import databases

DURABLE = (
    "-c fsync=on -c synchronous_commit=on -c full_page_writes=on"
    " -c max_connections=100 -c shared_buffers=256MB"
)
"""A commit that was answered is on the disk."""


class Durable(databases.Server):
    """A server in *folder*, which is used again by the next run; without one it leaves nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._kept = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="clinic-desk-pg-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.bin = databases.programs()
        self._as = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            shutil.rmtree(self.folder / "pg", ignore_errors=True)
            self._drop_rights()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if not (self.folder / "data").exists():
            self._run("initdb", "-D", "data", "-U", "clinic", "-A", "trust", "-E", "UTF8",
                      "--locale=C", "-N")  # fmt: skip
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", "60", "-o",
                  f"-p {self.port} -h 127.0.0.1 -k '' {DURABLE}", "start")  # fmt: skip

    def stop(self) -> None:
        """End it as a machine that is switched off properly does."""
        if not self._kept:
            super().stop()
            return
        self._run("pg_ctl", "-D", "data", "-m", "fast", "-w", "stop")


def described(url: str) -> str:
    """What the server is, and whether a commit there waits for the disk."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        ]
    version, fsync, commit = (str(row[0]) if row else "?" for row in found)
    durable = fsync == "on" and commit != "off"
    told = "durable" if durable else "NOT durable, so bookings and bare inserts are both too fast"
    return f"PostgreSQL {version.split()[0]}, {told} (fsync {fsync}, synchronous_commit {commit})"
