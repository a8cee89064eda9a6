"""SQL as a hand types it, on a day with visits, an event, a hold and a second organisation."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import peewee as pw

from clinic_desk.models.diary import AppointmentExtra, CalendarEvent, Hold
from tests.models.sample import NINE, Practice, new_uuid


class Hand:
    """Two organisations and the words of the open database's SQL.

    In the first: visit ``a`` from 9 to 10 and ``b`` from 11 to 12 (provider, room and patient
    number 0), with the second provider in ``b`` for its first 20 minutes (``extra``); ``gone``,
    cancelled, from 9:30 to 10:30; an ``event`` of the second provider from 13 to 14 and a
    ``hold`` of theirs from 15 to 15:30; ``squeezed`` from 17 to 18 under a permit.
    """

    def __init__(self, db: pw.Database) -> None:
        self.db = db
        self.sqlite = isinstance(db, pw.SqliteDatabase)
        with db.atomic():
            self._begin()

    def _begin(self) -> None:
        self.one, self.two = Practice("One"), Practice("Two")
        self.p, self.q = self.one.providers
        self.room, self.room2 = self.one.operatories
        self.patient, self.patient2 = self.one.patients
        self.a = self.one.book()
        self.gone = self.one.book(NINE + timedelta(minutes=30), status="cancelled")
        self.b = self.one.book(NINE + timedelta(hours=2))
        self.permit = self.one.permit_id
        self.squeezed = self.one.book(NINE + timedelta(hours=8), permit_id=self.permit)
        self.extra = AppointmentExtra.create(
            organisation_id=self.one.id,
            appointment_id=self.b,
            resource_id=self.q,
            from_minute=0,
            to_minute=20,
        ).id
        self.event = CalendarEvent.create(
            uuid=new_uuid(),
            organisation_id=self.one.id,
            resource_id=self.q,
            starts_at=NINE + timedelta(hours=4),
            ends_at=NINE + timedelta(hours=5),
            time_zone="UTC",
            title="Meeting",
        ).id
        self.hold = Hold.create(
            organisation_id=self.one.id,
            desk="desk",
            resource_id=self.q,
            starts_at=NINE + timedelta(hours=6),
            ends_at=NINE + timedelta(hours=6, minutes=30),
            expires_at=NINE,
        ).id

    def at(self, clock: str, days: int = 0) -> str:
        """A literal for this time of the day, ``9:30``, in UTC; any other SQL as it is."""
        if not re.fullmatch(r"\d\d?(:\d\d)?", clock):
            return clock
        hour, _, minute = clock.partition(":")
        instant = NINE.replace(hour=int(hour), minute=int(minute or 0)) + timedelta(days=days)
        return self.instant(instant)

    def instant(self, instant: datetime) -> str:
        if self.sqlite:
            return str(int(instant.timestamp()))
        return f"timestamptz '{instant.isoformat()}'"

    def later(self, column: str, minutes: int) -> str:
        """An expression for *column* so many minutes later."""
        if self.sqlite:
            return f"{column} + {minutes * 60}"
        return f"{column} + interval '{minutes} minutes'"

    def visit(
        self,
        begin: str,
        end: str,
        *,
        verb: str = "INSERT",
        tail: str = "",
        days: int = 0,
        **columns: object,
    ) -> str:
        """An INSERT of a visit of the free provider, no room, and the free patient."""
        values: dict[str, object] = {
            "uuid": f"'{new_uuid()}'",
            "organisation_id": self.one.id,
            "provider_id": self.q,
            "operatory_id": "NULL",
            "patient_id": self.patient2,
            "case_id": self.one.cases[1],
            "type_id": self.one.type_id,
            "starts_at": self.at(begin, days),
            "ends_at": self.at(end, days),
            "time_zone": "'UTC'",
            "wall_starts": "'2030-01-07T09:00'",
            "status": "'scheduled'",
            "booked_at": self.at("9"),
        } | columns
        names, given = ", ".join(values), ", ".join(str(v) for v in values.values())
        return f"{verb} INTO appointment ({names}) VALUES ({given}) {tail}"

    def timed(self, table: str, begin: str, end: str, resource: int, days: int = 0) -> str:
        """An INSERT of an event or a hold."""
        span = f"{self.at(begin)}, {self.at(end, days)}"
        if table == "hold":
            return (
                "INSERT INTO hold (organisation_id, desk, resource_id, starts_at, ends_at,"
                f" expires_at) VALUES ({self.one.id}, 'x', {resource}, {span}, {self.at('9')})"
            )
        return (
            "INSERT INTO calendar_event (uuid, organisation_id, resource_id, starts_at, ends_at,"
            f" time_zone, title) VALUES ('{new_uuid()}', {self.one.id}, {resource}, {span},"
            " 'UTC', 'x')"
        )

    def helper(self, resource: int, begin: int, end: int, visit: int | None = None) -> str:
        """An INSERT of a further resource of a visit (``b``)."""
        return (
            "INSERT INTO appointment_extra (organisation_id, appointment_id, resource_id,"
            f" from_minute, to_minute) VALUES ({self.one.id}, {visit or self.b}, {resource},"
            f" {begin}, {end})"
        )

    def claim(self, begin: str, end: str, verb: str = "INSERT") -> str:
        """An INSERT of a claim by hand."""
        return (
            f"{verb} INTO claim (resource_id, starts_at, ends_at, source, source_id, permit_id)"
            f" VALUES ({self.p}, {self.at(begin)}, {self.at(end)}, 'a', {self.a}, NULL)"
        )

    def set(self, number: int, what: str, table: str = "appointment", verb: str = "UPDATE") -> str:
        return f"{verb} {table} SET {what} WHERE id = {number}"

    def moved(self, number: int, begin: str, end: str, more: str = "", **words: str) -> str:
        """An UPDATE of the times of a row."""
        return self.set(
            number, f"starts_at = {self.at(begin)}, ends_at = {self.at(end)}{more}", **words
        )

    def type(self, sql: str) -> str:
        """Run one statement; gives the name of the refusal, or nothing where it was done."""
        try:
            self.db.execute_sql(sql)
        except pw.PeeweeException as error:
            original = getattr(error, "orig", error)
            named = getattr(getattr(original, "diag", None), "constraint_name", None)
            return str(named or original)
        return ""
