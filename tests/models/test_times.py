"""Instants and days come back as they went in, alike on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import peewee as pw
import pytest

from clinic_desk.models.diary import Appointment
from clinic_desk.models.people import Patient
from tests.models.sample import NINE, Practice

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "instant",
    [
        NINE,
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0),
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1),
        datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN),
        datetime(1969, 12, 31, 23, 0, tzinfo=UTC),
        datetime(2199, 1, 1, tzinfo=UTC),
        datetime(2030, 1, 7, 9, tzinfo=timezone(timedelta(hours=13, minutes=45))),
    ],
    ids=str,
)
def test_an_instant_comes_back_in_utc(practice: Practice, instant: datetime) -> None:
    number = practice.book(instant)
    row = Appointment.get_by_id(number)
    assert row.starts_at == instant.astimezone(UTC)
    assert row.starts_at.tzinfo is UTC
    assert row.confirmed_at is None


def test_both_two_o_clocks_of_autumn_can_be_booked(practice: Practice) -> None:
    first = datetime(2026, 10, 25, 2, 0, tzinfo=BERLIN, fold=0)
    second = first.replace(fold=1)
    practice.book(first)
    practice.book(second)
    starts = [row.starts_at for row in Appointment.select().order_by(Appointment.starts_at)]
    assert starts[1] - starts[0] == timedelta(hours=1)


def test_instants_are_compared_as_instants(practice: Practice) -> None:
    number = practice.book(NINE)
    east = NINE.astimezone(ZoneInfo("Asia/Tokyo"))
    found = Appointment.select().where(Appointment.starts_at == east)
    assert [row.id for row in found] == [number]
    assert not Appointment.select().where(Appointment.starts_at > east).exists()


@pytest.mark.parametrize("value", [NINE.replace(tzinfo=None), 1893229200, "2030-01-07T09:00"])
def test_a_time_without_a_zone_is_refused(practice: Practice, value: object) -> None:
    with pytest.raises(TypeError, match="aware"):
        Appointment.update(booked_at=value).execute()


def test_fractions_of_a_second_are_cut_alike(practice: Practice) -> None:
    number = practice.book(booked_at=NINE.replace(microsecond=999_999))
    assert Appointment.get_by_id(number).booked_at == NINE


def test_a_day_comes_back_as_a_day(db: pw.Database, practice: Practice) -> None:
    born = date(1899, 2, 28)
    Patient.update(date_of_birth=born).where(Patient.id == practice.patients[0]).execute()
    days = [row.date_of_birth for row in Patient.select().order_by(Patient.id)]
    assert days == [born, None]
    assert Patient.select().where(Patient.date_of_birth == born).count() == 1
