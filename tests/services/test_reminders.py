"""Reminders: at their hours, once, in decent hours, and only of visits that are expected."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import clinic_time
from clinic_desk.services import reminders, sender
from clinic_desk.services.mail_settings import MailSettings
from tests import builders, smtp_server
from tests.builders import Clinic
from tests.services.counting import statements
from tests.services.mailing import (
    SETTINGS,
    a_visit,
    after_delay,
    changed,
    lines,
    moved,
    sends_mails,
    told,
    with_address,
)

VIENNA = ZoneInfo("Europe/Vienna")
BEGIN = datetime(2031, 5, 20, 10, 0, tzinfo=VIENNA)
LONG_AGO = BEGIN - timedelta(days=30)
TWO = replace(SETTINGS, reminder_hours=(48, 24))
DECENT = replace(SETTINGS, reminder_hours=(24, 12, 2), quiet_from=20 * 60, quiet_until=8 * 60)


def write(clinic: Clinic, settings: MailSettings, now: datetime) -> int:
    return reminders.write_due(clinic.store, clinic.organisation_id, settings, now)


def test_a_reminder_is_written_when_its_time_has_come_and_once(clinic, actor):
    visit = a_visit(clinic)
    at = clinic.at(10) - timedelta(hours=24)

    assert write(clinic, SETTINGS, at - timedelta(minutes=1)) == 0
    assert write(clinic, SETTINGS, at) == 1
    assert write(clinic, SETTINGS, at + timedelta(minutes=5)) == 0
    assert told(visit) == [("reminder", "waiting")]


def test_several_reminders_of_one_visit_come_each_in_its_time(clinic, actor):
    visit = a_visit(clinic)

    for hours in (48, 47, 24, 23):
        write(clinic, TWO, clinic.at(10) - timedelta(hours=hours))

    assert told(visit) == [("reminder", "waiting")] * 2


def test_of_two_that_are_late_only_the_nearer_one_is_sent(clinic, actor):
    visit = a_visit(clinic)

    write(clinic, TWO, clinic.at(10) - timedelta(hours=20))

    assert len(told(visit)) == 1


@pytest.mark.parametrize("status", ["requested", "arrived", "completed", "cancelled", "missed"])
def test_only_of_visits_that_are_expected(clinic, actor, status):
    a_visit(clinic, status=status)

    assert write(clinic, SETTINGS, clinic.at(10) - timedelta(hours=24)) == 0


def test_nobody_without_an_address_and_nothing_in_the_past(clinic, actor):
    builders.an_appointment(clinic)
    a_visit(clinic, 12)

    assert write(clinic, SETTINGS, clinic.at(12)) == 0
    assert lines() == []


def test_nobody_is_reminded_of_what_was_booked_a_moment_ago(clinic, actor):
    booked_at = clinic.at(10) - timedelta(hours=20)
    a_visit(clinic, booked_at=booked_at)

    assert write(clinic, SETTINGS, booked_at + timedelta(hours=1)) == 0


def test_a_visit_that_is_moved_or_cancelled_takes_its_reminder_back(clinic, actor):
    sends_mails(actor)
    first, second = a_visit(clinic), a_visit(clinic, 11)
    write(clinic, SETTINGS, clinic.at(10) - timedelta(hours=23))

    moved(clinic, actor, first, 15)
    changed(actor, second, status="cancelled")

    assert ("reminder", "withdrawn") in told(first)
    assert ("reminder", "withdrawn") in told(second)
    write(clinic, SETTINGS, clinic.at(15) - timedelta(hours=23))
    assert told(first)[-1] == ("reminder", "waiting")


def test_a_confirmed_visit_keeps_its_reminder(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    write(clinic, SETTINGS, clinic.at(10) - timedelta(hours=23))

    changed(actor, visit, status="confirmed")

    assert told(visit) == [("reminder", "waiting")]


def test_desks_that_write_at_once_write_one(clinic, actor):
    for hour in range(8, 17):
        a_visit(clinic, hour)
    at = clinic.at(16) - timedelta(hours=23)
    written: list[int] = []

    def desk() -> None:
        written.append(write(clinic, SETTINGS, at))
        clinic.store.forget_connection()

    threads = [threading.Thread(target=desk) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(written) == len(lines()) == 9


def test_more_than_a_deed_may_hold_are_written_in_several(clinic, actor):
    for _day in range(12):
        provider = builders.a_provider(clinic)
        for hour in range(8, 18):
            a_visit(clinic, hour, provider_id=provider)

    assert write(clinic, SETTINGS, clinic.at(8) - timedelta(hours=24)) == 1 * 12
    assert write(clinic, SETTINGS, clinic.at(17) - timedelta(hours=24)) == 9 * 12


def test_where_nothing_is_due_two_queries_tell_so(clinic, actor):
    for hour in range(8, 17):
        a_visit(clinic, hour)
    at = clinic.at(16) - timedelta(hours=23)
    write(clinic, SETTINGS, at)

    with statements(clinic.store) as seen:
        assert write(clinic, SETTINGS, at) == 0

    assert len(seen) <= 2


def test_a_reminder_reaches_the_patient_without_a_calendar_file(clinic, actor, tmp_path):
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port)
        a_visit(clinic, patient_id=with_address(clinic, language="de"))
        write(clinic, SETTINGS, clinic.at(10) - timedelta(hours=23))
        sender.run_once(clinic.store, going, after_delay())

        (received,) = smtp.received()

    assert {part.get_content_type() for part in received.mail.walk()} == {
        "multipart/alternative",
        "text/plain",
        "text/html",
    }


def test_switched_off_reminders_are_not_written(clinic, actor):
    a_visit(clinic)
    at = clinic.at(10) - timedelta(hours=23)

    assert write(clinic, replace(SETTINGS, silent=("reminder",)), at) == 0
    assert write(clinic, replace(SETTINGS, reminder_hours=()), at) == 0
    assert write(clinic, replace(SETTINGS, host=""), at) == 0


# The hours themselves --------------------------------------------------------------------


def due(now: datetime, begin: datetime = BEGIN) -> int | None:
    return reminders.hours_now(begin, LONG_AGO, VIENNA, DECENT, now)


def test_what_falls_into_the_night_goes_out_before_it():
    """Twelve hours before ten is ten in the evening: it goes out from five on."""
    evening = BEGIN - timedelta(hours=17)

    assert due(evening - timedelta(minutes=1)) == 24
    assert due(evening) == 12
    assert due(BEGIN - timedelta(hours=12)) is None
    assert due(BEGIN - timedelta(hours=2)) == 2


def test_a_reminder_that_is_late_by_more_than_half_is_left_out():
    assert due(BEGIN - timedelta(minutes=61)) == 2
    assert due(BEGIN - timedelta(minutes=59)) is None


@given(
    days=st.floats(0, 270),
    ahead=st.integers(1, 100 * 60),
    zone=st.sampled_from(["Europe/Vienna", "America/New_York", "Asia/Kathmandu", "UTC"]),
    quiet=st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
)
def test_nobody_is_ever_reminded_in_the_night_or_too_late(days, ahead, zone, quiet):
    place = clinic_time.zone(zone)
    settings = replace(DECENT, quiet_from=quiet[0], quiet_until=quiet[1])
    at = datetime(2031, 3, 1, tzinfo=UTC) + timedelta(days=days)
    begin = at + timedelta(minutes=ahead)

    hours = reminders.hours_now(begin, at - timedelta(days=40), place, settings, at)

    if hours is not None:
        assert not reminders.is_quiet(at, place, settings)
        assert begin - at >= timedelta(hours=hours) / 2
        early = timedelta(days=1) + reminders.BEFORE_QUIET
        assert begin - at <= timedelta(hours=hours) + early
