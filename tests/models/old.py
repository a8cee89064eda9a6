"""A database of the first version with rows of every kind, made without today's models."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee as pw

from clinic_desk.models import base, schema
from clinic_desk.services import chain, portable
from tests import databases
from tests.models.sample import NINE, new_uuid

MONDAY = int(NINE.timestamp())
HOUR = 3600
TRUTHS = frozenset({"overbooking", "active", "open", "requires_exam"})
KEYED = frozenset({"deed", "deed_text", "deed_entity"})


def empty(dialect: str, folder: Path) -> tuple[str, Callable[[], None]]:
    """The URL of a database without any schema, and what takes it away."""
    if dialect == "sqlite":
        return f"sqlite:///{folder / 'new.db'}", lambda: None
    url, remove = databases.fresh("postgresql", folder)
    name = url.rsplit("/", 1)[1]
    remove()
    databases.administer(f"CREATE DATABASE {name}")
    return url, remove


def first(url: str, folder: Path) -> None:
    """Make the first schema at *url* by its frozen step, and fill it for two organisations."""
    steps = folder / "first"
    steps.mkdir()
    shutil.copy(schema.MIGRATIONS / "0001_initial.py", steps)
    present = schema.MIGRATIONS
    db = base.connect(url)
    try:
        schema.MIGRATIONS = steps
        db.connect()
        with db.atomic():
            schema._run(db, fresh=True)
            if isinstance(db, pw.SqliteDatabase):
                db.execute_sql("PRAGMA user_version = 1")
        with db.atomic():
            for organisation in (1, 2):
                _fill(db, organisation)
    finally:
        schema.MIGRATIONS = present
        db.close()


def kept(db: pw.Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table with the columns of the first schema, in a fixed order."""
    tables = importlib.import_module("clinic_desk.models.migrations.first.tables")
    out = {}
    for text in (*tables._TABLES, "claim ("):
        name = text.split(" ", 1)[0]
        columns = COLUMNS.get(name) or COLUMNS.setdefault(
            name, [c.name for c in db.get_columns(name)]
        )
        found = db.execute_sql(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
        out[name] = sorted(found, key=str)
    return out


COLUMNS: dict[str, list[str]] = {}
"""The columns of each table as they were when it was first looked at: in the first schema."""


def _fill(db: pw.Database, organisation: int) -> None:
    sqlite = isinstance(db, pw.SqliteDatabase)

    def put(table: str, **values: Any) -> int:
        if table != "organisation":
            values = {"organisation_id": organisation} | values
        for name, value in values.items():
            if name.endswith("_at") or name == "at":
                values[name] = value if sqlite else portable.instant(value)
            elif name in TRUTHS:
                values[name] = int(value) if sqlite else bool(value)
        names = ", ".join(values)
        marks = ", ".join(["?" if sqlite else "%s"] * len(values))
        made = "" if table in KEYED else " RETURNING id"
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}){made}"
        cursor = db.execute_sql(sql, tuple(values.values()))
        return int(cursor.fetchone()[0]) if made else 0

    def own(table: str, **values: Any) -> int:
        return put(table, uuid=new_uuid(), **values)

    def resource(kind: str, **values: Any) -> int:
        return own(kind, id=put("resource", kind=kind), **values)

    own("organisation", name=f"Practice {organisation}", time_zone="Europe/Berlin", country="DE",
        overbooking=organisation == 1)  # fmt: skip
    house = own("location", name="House", time_zone="Europe/Berlin", address="Am Markt 1")
    put("clinic_hours", location_id=house, weekday=0, starts_minute=480, ends_minute=1080)
    put("closed_day", location_id=house, day="2030-12-25", name="Weihnachten")
    room = resource("operatory", location_id=house, name="1")
    one = resource("provider", last_name="Chen", colour="#112233", default_location_id=house)
    two = resource("provider", last_name="Okafor", colour="#332211", active=False)
    skill = own("qualification", name="Dentist")
    put("provider_qualification", provider_id=one, qualification_id=skill)
    kind = own("appointment_type", name="Check", minutes=60, colour="#445566", requires_exam=True)
    put("type_qualification", type_id=kind, qualification_id=skill)
    patient = resource("patient", number="P1", first_name="Ana", last_name="García",
                       date_of_birth="1980-02-29", email="ana@example.org", phone="+49 30 1",
                       search="garcia ana", preferred_provider_id=one)  # fmt: skip
    other = resource("patient", number="P2", last_name="王", search="wang")
    case = own("patient_case", patient_id=patient, main_problem="Pain", type_id=kind)
    second = own("patient_case", patient_id=other, main_problem="Cough", open=False)
    series = own("series", rule="FREQ=WEEKLY")
    role = own("role", name="Desk", permissions='["diary.book"]')
    user = own("user_account", name=f"old-{organisation}", display_name="Desk",
               password_hash="-", role_id=role, provider_id=one)  # fmt: skip
    permit = put("permit", user_id=user, reason="pain", granted_at=MONDAY)

    def visit(hour: float, status: str = "scheduled", **more: Any) -> int:
        begin = int(MONDAY + hour * HOUR)
        values = {"location_id": house, "provider_id": one, "operatory_id": room,
                  "patient_id": patient, "case_id": case, "type_id": kind, "starts_at": begin,
                  "ends_at": begin + HOUR, "time_zone": "Europe/Berlin",
                  "wall_starts": "2030-01-07T10:00", "status": status,
                  "booked_at": MONDAY - 9 * HOUR}  # fmt: skip
        return own("appointment", **(values | more))

    seen = visit(0, "completed", completed_at=MONDAY + HOUR, arrived_at=MONDAY, after_minutes=10)
    visit(0.5, "cancelled", reason="ill", series_id=series)
    visit(2, "requested", origin="portal", notes="please early")
    visit(5, permit_id=permit)
    visit(5.5, permit_id=permit, patient_id=other, case_id=second)
    put("appointment_extra", appointment_id=seen, resource_id=two, from_minute=0, to_minute=20)
    own("calendar_event", resource_id=two, starts_at=MONDAY + 4 * HOUR, title="Course",
        ends_at=MONDAY + 60 * HOUR, time_zone="Europe/Berlin", location_id=house)  # fmt: skip
    put("hold", desk="d", resource_id=room, starts_at=MONDAY + 9 * HOUR,
        ends_at=MONDAY + 10 * HOUR, expires_at=MONDAY)  # fmt: skip
    put("work_hours", provider_id=one, location_id=house, weekday=0, starts_minute=480,
        ends_minute=720, operatory_id=room, weeks="odd")  # fmt: skip
    put("work_exception", provider_id=one, location_id=house, day="2030-01-08",
        starts_minute=600, ends_minute=700)  # fmt: skip
    _history(put, organisation, user, patient)
    for number, state in enumerate(("waiting", "sent", "sending"), 1):
        own("outbox", seq=number, kind="confirmed", recipient="ana@example.org", body="{}",
            due_at=MONDAY, state=state, attempts=number)  # fmt: skip
    put("setting", name="language", value='"de"')
    put("setting", user_id=user, name="zoom", value="3")


def _history(put: Callable[..., int], organisation: int, user: int, patient: int) -> None:
    link = chain.GENESIS
    for seq in (1, 2, 3):
        body = chain.body_text(
            [chain.Change("patient", patient, seq == 1, {}, {"phone": str(seq)})],
            actor_name="Desk",
        )
        salt = chain.new_salt()
        mark = chain.digest(salt, body)
        told: dict[str, Any] = {"seq": seq, "request_id": new_uuid(), "actor_id": user,
                                "origin": "desk", "action": "patients.change"}  # fmt: skip
        link = chain.link(link, organisation_id=organisation, at=portable.instant(MONDAY),
                          undoes=None, digest=mark, **told)  # fmt: skip
        put("deed", at=MONDAY, schema_version=1, digest=mark, chain=link, **told)
        put("deed_text", seq=seq, salt=salt, body=body)
        put("deed_entity", seq=seq, kind="patient", entity_id=patient)
