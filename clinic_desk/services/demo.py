"""The demo clinic: made around today, always the same otherwise, and never over real records."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import peewee

from clinic_desk.config import shown
from clinic_desk.models import base, schema
from clinic_desk.models.people import Setting
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import accounts, catalogue, demo_forms, demo_rows
from clinic_desk.services.bulk import Numbers, Who, loading
from clinic_desk.services.demo_clinic import DENTAL, PHYSIOTHERAPY
from clinic_desk.services.demo_diary import Diary
from clinic_desk.services.demo_mark import MARK, PASSWORD
from clinic_desk.services.demo_outline import Outline
from clinic_desk.services.demo_people import JANE_AND_JONATHAN, Person
from clinic_desk.services.faults import raise_translated
from clinic_desk.services.store import Store, open_store

SEED = 20250520

OUTLINES = (DENTAL, PHYSIOTHERAPY)
KNOWN_TO_BOTH = 8
"""So many people are patients of both organisations."""

FOUNDED = timedelta(days=150)
"""The clinic's rows are this much older than its youngest visits."""

REAL = N_("This database holds the records of “{name}”, so no demo clinic is put into it.")
ELSEWHERE = N_("Name another database, or leave --database out.")


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody to sign in as; ``role`` is a shipped role."""

    name: str
    password: str
    display_name: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoLocation:
    """A place of the demo clinic."""

    uuid: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """One of the demo's clinics."""

    uuid: str
    name: str
    time_zone: str
    locations: tuple[DemoLocation, ...]
    users: tuple[DemoUser, ...]


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """All that is needed to look at the demo. ``prepared_at`` is an ISO 8601 instant."""

    url: str
    prepared_at: str
    organisations: tuple[DemoOrganisation, ...]


def as_json(info: DemoInfo) -> str:
    """*info* as JSON text."""
    return json.dumps(dataclasses.asdict(info), ensure_ascii=False, indent=2)


def as_text(info: DemoInfo) -> str:
    """*info* for a reader at a terminal."""
    lines = [shown(info.url)]
    for organisation in info.organisations:
        lines += ["", f"{organisation.name}  {organisation.uuid}"]
        lines += [f"  {p.name} ({p.time_zone})  {p.uuid}" for p in organisation.locations]
        lines += [f"  {u.name} / {u.password}  {u.role}" for u in organisation.users]
    return "\n".join(lines)


def prepare(url: str, *, fresh: bool = False, now: datetime | None = None) -> DemoInfo:
    """Make the demo clinic in the database at *url*, around *now* (an aware instant).

    A demo that is there is used as it stands, with all that was done in it, unless *fresh*.
    Takes a few seconds; binds the process to this database, without leaving it open.

    Raises:
        Refused: the database holds real records; nothing was touched.
        Unavailable: it cannot be reached, or is newer than this program.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    try:
        _ready_schema(url, fresh=fresh)
    except Exception as error:
        raise_translated(error)
    store = open_store(url)
    try:
        if not _marks(store):
            _build(store, now)
        return _info(store)
    finally:
        store.close()


def _ready_schema(url: str, *, fresh: bool) -> None:
    """An empty database of the present schema, or a whole demo."""
    database = base.connect(url)
    try:
        found = schema.version(database)
        if found:
            names = dict(database.execute_sql("SELECT id, name FROM organisation").fetchall())
            marked = {
                number
                for (number,) in database.execute_sql(
                    f"SELECT organisation_id FROM setting WHERE name = '{MARK}'"  # noqa: S608
                    " AND user_id IS NULL"
                )
            }
            real = [name for number, name in names.items() if number not in marked]
            if real and (fresh or not marked):
                raise Refused(REAL, way_out=ELSEWHERE, name=real[0])
            unfinished = 0 < len(marked) < len(OUTLINES) and not real
            if found <= schema.VERSION and (unfinished or (fresh and marked)):
                wipe(database)
        schema.upgrade(database)
    finally:
        database.close()


def wipe(database: peewee.Database) -> None:
    """Take everything of ours out of a database, in one transaction."""
    if isinstance(database, peewee.SqliteDatabase):
        database.execute_sql("PRAGMA foreign_keys = 0")
        with database.atomic("IMMEDIATE"):
            for kind in ("view", "trigger", "table"):
                for name in _of_kind(database, kind):
                    database.execute_sql(f'DROP {kind} IF EXISTS "{name}"')
        database.execute_sql("PRAGMA foreign_keys = 1")
        return
    with database.atomic():
        for name in database.get_tables():
            database.execute_sql(f'DROP TABLE IF EXISTS "{name}" CASCADE')
        for (text,) in database.execute_sql(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace ="
            " 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend d"
            " WHERE d.objid = p.oid AND d.deptype = 'e')"
        ).fetchall():
            database.execute_sql(f"DROP FUNCTION {text}")


def _of_kind(database: peewee.Database, kind: str) -> list[str]:
    """Names in a SQLite database; the search index first, whose own tables go with it."""
    rows = database.execute_sql(
        "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY sql NOT LIKE 'CREATE VIRTUAL%'",
        (kind,),
    ).fetchall()
    return [name for (name,) in rows]


def _marks(store: Store) -> list[tuple[int, str]]:
    """The demo's organisations, with the instants of their making."""
    found = store.rows(
        "SELECT organisation_id, value FROM setting WHERE name = ? AND user_id IS NULL"
        " ORDER BY organisation_id",
        (MARK,),
    )
    return [(number, json.loads(value)["prepared_at"]) for number, value in found]


def _build(store: Store, now: datetime) -> None:
    known: Sequence[Person] = JANE_AND_JONATHAN
    for number, outline in enumerate(OUTLINES):
        clinic = _build_one(store, outline, now, random.Random(SEED + number), known)  # noqa: S311
        known = [person for _, person in clinic.patients[20 : 20 + KNOWN_TO_BOTH]]


def _build_one(
    store: Store, outline: Outline, now: datetime, chance: random.Random, known: Sequence[Person]
) -> demo_rows.Clinic:
    """One organisation in one transaction: there is all of it or nothing."""
    numbers = Numbers(store)
    organisation_id = numbers.next("organisation")
    passwords = {name: accounts.hash_password(PASSWORD) for _, name, _ in outline.roles}
    who = Who("Clinic Desk")
    with loading(store, organisation_id, action="demo", who=who, at=now - FOUNDED) as load:
        maker = demo_rows.Maker(load, numbers, chance)
        clinic = demo_rows.write(maker, outline, organisation_id, now.date(), passwords, known)
        Diary(maker, clinic, catalogue.load(store, organisation_id), now).write()
        demo_forms.write(maker, clinic, now)
        mark = json.dumps({"prepared_at": now.isoformat()})
        maker.create(Setting, [{"name": MARK, "value": mark, "user_id": None}])
    return clinic


def _info(store: Store) -> DemoInfo:
    marks = _marks(store)
    return DemoInfo(store.url, marks[0][1], tuple(_organisations(store, [n for n, _ in marks])))


def _organisations(store: Store, ids: Sequence[int]) -> Iterator[DemoOrganisation]:
    ours = {name for outline in OUTLINES for _, name, _ in outline.roles}
    for number in ids:
        found = store.catalogue(number)
        users = sorted((u for u in found.users.values() if u.name in ours), key=lambda u: u.id)
        yield DemoOrganisation(
            found.organisation.uuid,
            found.organisation.name,
            found.organisation.time_zone,
            tuple(DemoLocation(p.uuid, p.name, p.time_zone) for p in found.locations.values()),
            tuple(
                DemoUser(u.name, PASSWORD, u.display_name, found.roles[u.role_id].name)
                for u in users
            ),
        )
