"""A clinic of one's own in an empty database: an organisation that can book at once.

One location, rooms, a provider, the three usual appointment types, the shipped roles and
the first administrator, in one transaction with its history.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import peewee

from clinic_desk.models import catalogue as shelf
from clinic_desk.models import people
from clinic_desk.rules import clinic_time, fold, permissions
from clinic_desk.rules.errors import Invalid, Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import accounts, countries, lengths, upkeep
from clinic_desk.services.bulk import Load, Numbers, Who, loading
from clinic_desk.services.store import Store, open_store
from clinic_desk.services.transaction import LOCK_NAMESPACE

SHORTEST_PASSWORD = 8
OPENS, CLOSES = 8 * 60, 18 * 60
WORKDAYS = range(5)
TYPES = (
    ("NPE", N_("New Patient Exam"), 60, "#324b5c"),
    ("HYG", N_("Hygiene / Cleaning"), 45, "#21a76a"),
    ("EMG", N_("Emergency Visit"), 30, "#5c1f0c"),
)


@dataclass(frozen=True, slots=True)
class Founding:
    """What is asked for. ``country`` is two letters, ``time_zone`` an IANA name."""

    clinic: str
    time_zone: str
    country: str
    rooms: int
    provider_first_name: str
    provider_last_name: str
    user_name: str
    password: str = field(repr=False)


def found(url: str, wish: Founding) -> None:
    """Set the clinic up in the database at *url*, which must not hold one.

    Raises ``Invalid`` for a field that makes no sense, ``Refused`` where somebody was first.
    """
    _check(wish)
    upkeep.migrate(url)
    store = open_store(url)
    try:
        _require_empty(store)
        numbers = Numbers(store)
        organisation_id = numbers.next("organisation")
        now = datetime.now(UTC).replace(microsecond=0)
        who = Who(wish.user_name)
        hashed = accounts.hash_password(wish.password)
        with loading(store, organisation_id, action="found", who=who, at=now) as load:
            if store.dialect == "postgresql":  # a SQLite file has one writer anyway
                store.rows("SELECT pg_advisory_xact_lock(?::integer, 0)", (LOCK_NAMESPACE,))
            _require_empty(store)
            _write(load, numbers, organisation_id, wish, hashed)
    finally:
        store.close()


def _require_empty(store: Store) -> None:
    if store.rows("SELECT 1 FROM organisation LIMIT 1"):
        raise Refused(N_("There is a clinic in this database already."))


def _check(wish: Founding) -> None:
    clinic_time.zone(wish.time_zone)
    countries.checked(wish.country)
    for name, text in (
        ("clinic", wish.clinic),
        ("user_name", wish.user_name),
        ("provider_last_name", wish.provider_last_name),
    ):
        if not text.strip():
            raise Invalid(name, N_("Please fill in every field."))
        fold.clean(name, text, longest=lengths.NAME)
    fold.clean("provider_first_name", wish.provider_first_name, longest=lengths.NAME)
    if len(wish.password) < SHORTEST_PASSWORD:
        raise Invalid(
            "password",
            N_("The password needs at least {count} characters."),
            count=SHORTEST_PASSWORD,
        )
    if not 1 <= wish.rooms <= 50:
        raise Invalid("rooms", N_("A clinic has between 1 and 50 rooms."))


def _write(load: Load, numbers: Numbers, organisation_id: int, wish: Founding, hashed: str) -> None:
    def create(model: type[peewee.Model], rows: Iterable[dict[str, Any]]) -> list[int]:
        made = []
        for row in rows:
            number = row.setdefault("id", None) or numbers.next(model._meta.table_name)
            row["id"] = number
            if "uuid" in model._meta.columns:
                row["uuid"] = str(uuid.uuid4())
            made.append(row)
        load.create(model, made)
        return [row["id"] for row in made]

    load.create(
        people.Organisation,
        [
            {
                "id": organisation_id,
                "uuid": str(uuid.uuid4()),
                "name": wish.clinic.strip(),
                "time_zone": wish.time_zone,
                "country": countries.checked(wish.country),
                "step_minutes": 15,
                "overbooking": True,
            }
        ],
    )
    (location,) = create(
        shelf.Location,
        [{"name": wish.clinic.strip(), "address": "", "time_zone": wish.time_zone, "phone": ""}],
    )
    hours = [{"weekday": day, "starts_minute": OPENS, "ends_minute": CLOSES} for day in WORKDAYS]
    create(shelf.ClinicHours, [{"location_id": location, **row} for row in hours])
    rooms = create(people.Resource, [{"kind": "operatory"} for _ in range(wish.rooms)])
    create(
        shelf.Operatory,
        [
            {"id": room, "location_id": location, "name": str(position), "position": position}
            for position, room in enumerate(rooms, 1)
        ],
    )
    (provider,) = create(people.Resource, [{"kind": "provider"}])
    first, last = wish.provider_first_name.strip(), wish.provider_last_name.strip()
    create(
        people.Provider,
        [
            {
                "id": provider,
                "title": "",
                "first_name": first,
                "last_name": last,
                "initials": (first[:1] + last[:1]).upper(),
                "colour": "#0067db",
                "default_location_id": location,
                "position": 0,
            }
        ],
    )
    create(
        shelf.WorkHours,
        [
            {"provider_id": provider, "location_id": location, "weeks": "every", **row}
            for row in hours
        ],
    )
    create(
        shelf.AppointmentType,
        [
            {
                "code": code,
                "name": name,
                "minutes": minutes,
                "before_minutes": 0,
                "after_minutes": 0,
                "colour": colour,
                "requires_exam": code == "HYG",
                "position": position,
            }
            for position, (code, name, minutes, colour) in enumerate(TYPES)
        ],
    )
    roles = create(
        people.Role,
        [
            {"name": name, "permissions": json.dumps(sorted(granted))}
            for name, granted in permissions.ROLES.items()
        ],
    )
    create(
        people.User,
        [
            {
                "name": accounts.folded_name(wish.user_name),
                "display_name": wish.user_name.strip(),
                "password_hash": hashed,
                "role_id": roles[0],
                "approvals": True,
            }
        ],
    )
