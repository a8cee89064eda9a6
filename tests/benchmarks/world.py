"""The databases that are measured: filled once, used by all subjects."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from clinic_desk.rules import permissions
from clinic_desk.services import fill
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store, open_store
from tests import databases

SEED = 1


@dataclass(frozen=True)
class Size:
    """How much is filled in. The diary ahead depends on the providers, the past on the rest."""

    appointments: int
    providers: int
    patients: int
    together: int = fill.TOGETHER
    """Providers at one location."""

    @property
    def name(self) -> str:
        return f"bench_{self.appointments}_{self.providers}_{self.patients}_{self.together}"


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
        return Size(3000, 3, 400) if self.quick else Size(95_000, 50, 12_000)

    @property
    def house(self) -> Size:
        """The same with everybody at one location."""
        return replace(self.openings, together=50)

    @property
    def patients(self) -> Size:
        """Many patients, few visits."""
        return Size(100, 2, 2000) if self.quick else Size(1000, 2, 200_000)

    @property
    def small(self) -> Size:
        """The lower end of the growth."""
        return Size(2000, 2, 400) if self.quick else Size(10_000, 8, 3000)

    @property
    def large(self) -> Size:
        """The upper end: the same diary ahead, a hundred times the past."""
        return Size(5_000, 2, 400) if self.quick else Size(1_000_000, 8, 3000)

    @property
    def busy(self) -> Size:
        """A large practice after many years: patients and visits."""
        return Size(5_000, 2, 2000) if self.quick else Size(1_000_000, 8, 200_000)

    def week(self, visits: int) -> Size:
        """A clinic that has about so many visits in this week and some of the next."""
        providers = max(-(-visits // 44), 2)
        return Size(visits * 5, providers, max(visits // 2, 300))


class World:
    """A folder and a server. Whatever was filled there before is used again."""

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.folder = folder
        self.scale = scale

    def url(self, dialect: str, size: Size) -> str:
        """The URL of a database of this size. It has a name of its own every week, since what
        is filled in begins this week.
        """
        name = f"{size.name}_{datetime.now(UTC):%G_%V}"
        if dialect == "sqlite":
            return f"sqlite:///{self._file(name, size)}"
        url = databases.named(databases.server_url(), name)
        if not self._is_there(name):
            half = f"{name}_half"
            databases.administer(f"DROP DATABASE IF EXISTS {half}")
            _create(half)
            _fill(databases.named(url, half), size)
            databases.administer(f"ALTER DATABASE {half} RENAME TO {name}")
        return url

    def _file(self, name: str, size: Size) -> Path:
        file, half = self.folder / f"{name}.db", self.folder / f"{name}.half.db"
        if not file.exists():
            for end in ("", "-wal", "-shm"):
                half.with_name(half.name + end).unlink(missing_ok=True)
            _fill(f"sqlite:///{half}", size)
            half.rename(file)
        return file

    @staticmethod
    def _is_there(name: str) -> bool:
        import psycopg

        with psycopg.connect(databases.server_url()) as connection:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(asked, (name,)).fetchone() is not None

    @contextlib.contextmanager
    def open(self, dialect: str, size: Size) -> Iterator[Actor]:
        """Somebody who may do everything in the filled organisation of such a database."""
        store = open_store(self.url(dialect, size))
        try:
            yield actor_of(store)
        finally:
            store.close()


def _create(name: str) -> None:
    """A database that knows the letters of all scripts, as an installed server does: in plain C
    the trigrams have none but A to Z.
    """
    import psycopg

    try:
        databases.administer(f"CREATE DATABASE {name} TEMPLATE template0 LC_CTYPE 'C.UTF-8'")
    except psycopg.Error:  # called otherwise by this system
        databases.administer(f"CREATE DATABASE {name}")


def _fill(url: str, size: Size) -> None:
    databases.prepared(url)
    store = open_store(url)
    try:
        fill.fill(
            store,
            patients=size.patients,
            providers=size.providers,
            appointments=size.appointments,
            together=size.together,
            seed=SEED,
        )
        if store.dialect == "postgresql":
            store.connection().execute("VACUUM ANALYZE")
        else:  # without ANALYZE: nobody does it at a clinic
            store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
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
