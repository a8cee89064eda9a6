"""The databases that are measured: filled once, used by all subjects, on a durable server."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clinic_desk.rules import permissions
from clinic_desk.services import fill
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store, open_store
from tests import databases

DURABLE = "-c max_connections=100 -c shared_buffers=256MB"
"""What a clinic's server does: a commit is on the disk. Given to our own test server only."""

SEED = 1


@dataclass(frozen=True)
class Size:
    """How much is filled in. The diary ahead depends on the providers, the past on the rest."""

    appointments: int
    providers: int
    patients: int

    @property
    def name(self) -> str:
        return f"bench_{self.appointments}_{self.providers}_{self.patients}"


@dataclass(frozen=True)
class Scale:
    """How thorough the run is."""

    quick: bool

    @property
    def visits(self) -> tuple[int, ...]:
        """Visits in the week that is shown."""
        return (300,) if self.quick else (300, 2100, 10_000)

    @property
    def times(self) -> int:
        """How often something of a few milliseconds is repeated."""
        return 20 if self.quick else 200

    @property
    def openings(self) -> Size:
        """Half a year ahead at 85 % load, without a past."""
        return Size(5000, 5, 400) if self.quick else Size(95_000, 50, 12_000)

    @property
    def patients(self) -> Size:
        """Many patients, few visits."""
        return Size(100, 2, 4000) if self.quick else Size(1000, 2, 200_000)

    @property
    def small(self) -> Size:
        """The lower end of the growth."""
        return Size(2000, 2, 400) if self.quick else Size(10_000, 5, 3000)

    @property
    def large(self) -> Size:
        """The upper end: the same diary ahead, a hundred times the past."""
        return Size(10_000, 2, 400) if self.quick else Size(1_000_000, 5, 3000)

    def week(self, visits: int) -> Size:
        """A clinic that has a little more than so many visits in each of a few weeks."""
        providers = max(visits // 50, 2)
        return Size(visits * 5, providers, max(visits // 2, 300))


class World:
    """A folder and a server. Whatever was filled there before is used again."""

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.folder = folder
        self.scale = scale

    def url(self, dialect: str, size: Size) -> str:
        """The URL of a database of this size."""
        if dialect == "sqlite":
            url = f"sqlite:///{self.folder / size.name}.db"
        else:
            url = databases.named(databases.server_url(), size.name)
        done = self.folder / f"{dialect}-{size.name}.json"
        if not done.exists():
            self._fill(dialect, url, size)
            done.write_text(json.dumps({"url": url}))
        return url

    def _fill(self, dialect: str, url: str, size: Size) -> None:
        if dialect == "postgresql":
            databases.administer(f"DROP DATABASE IF EXISTS {size.name}")
            databases.administer(f"CREATE DATABASE {size.name}")
        else:
            for end in ("", "-wal", "-shm"):
                (self.folder / f"{size.name}.db{end}").unlink(missing_ok=True)
        databases.prepared(url)
        store = open_store(url)
        fill.fill(
            store,
            patients=size.patients,
            providers=size.providers,
            appointments=size.appointments,
            seed=SEED,
        )
        if dialect == "postgresql":
            store.connection().execute("VACUUM ANALYZE")
        else:
            store.connection().execute("ANALYZE")
            store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()

    @contextlib.contextmanager
    def open(self, dialect: str, size: Size) -> Iterator[Actor]:
        """Somebody who may do everything in the filled organisation of such a database."""
        store = open_store(self.url(dialect, size))
        try:
            yield actor_of(store)
        finally:
            store.close()


def actor_of(store: Store) -> Actor:
    """The administrator of the first organisation; permissions are asked of the roles."""
    found = store.rows(
        "SELECT u.id, u.organisation_id, u.display_name, r.name FROM user_account u"
        " JOIN role r ON r.id = u.role_id ORDER BY u.id LIMIT 1"
    )
    number, organisation, name, role = found[0]
    return Actor(
        store=store,
        organisation_id=organisation,
        user_id=number,
        name=name,
        role=role,
        permissions=frozenset(permissions.ALL),
        origin=Origin.DESK,
    )
