"""Appointments as calendar files: read back by the library, and by one that others made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from clinic_desk.services import calendar_file
from clinic_desk.services.calendar_file import CANCEL, REQUEST, Invitation

UUID = "11111111-2222-3333-4444-555555555555"
BEGIN = datetime(2031, 5, 20, 7, 30, tzinfo=UTC)

VISIT = Invitation(
    uuid=UUID,
    sequence=3,
    starts_at=BEGIN,
    ends_at=BEGIN + timedelta(minutes=45),
    time_zone="Europe/Vienna",
    summary="Termin; bei „Test“, Wien",
    organiser="desk@clinic.example",
    organiser_name='Klinik "A"; B',
    attendee="jane@example.org",
    attendee_name="Jänę Smith",
    made_at=datetime(2031, 5, 1, tzinfo=UTC),
    location="Main Street 1,\n1010 Wien",
)

ZONES = ["Europe/Vienna", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
         "Europe/Dublin", "Africa/Casablanca", "America/Sao_Paulo", "UTC"]  # fmt: skip


def an_event(text: str):
    (event,) = Calendar.from_ical(text).events
    return event


def test_a_request_names_the_visit_and_its_version():
    text = calendar_file.made(VISIT, REQUEST)
    event = an_event(text)

    assert Calendar.from_ical(text)["METHOD"] == "REQUEST"
    assert event["UID"] == calendar_file.uid(UUID)
    assert event["SEQUENCE"] == 3
    assert event["STATUS"] == "CONFIRMED"
    assert event["DTSTAMP"].dt == VISIT.made_at
    assert event["DTSTART"].dt == VISIT.starts_at
    assert event["DTEND"].dt == VISIT.ends_at
    assert event["LOCATION"] == VISIT.location
    assert event["ATTENDEE"] == "mailto:jane@example.org"


def test_a_cancellation_has_the_same_name_so_that_the_entry_goes():
    event = an_event(calendar_file.made(replace(VISIT, sequence=4), CANCEL))

    assert event["UID"] == calendar_file.uid(UUID)
    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] == 4


def test_nothing_is_told_that_was_not_given():
    text = calendar_file.made(VISIT, REQUEST)

    assert "DESCRIPTION" not in text
    assert "CLASS:PRIVATE" in text


@pytest.mark.parametrize("method", [REQUEST, CANCEL])
@pytest.mark.parametrize("zone", ZONES)
def test_another_library_finds_it_sound_and_reads_the_same_instants(method, zone):
    text = calendar_file.made(replace(VISIT, time_zone=zone), method)

    read = vobject.readOne(text)

    assert read.validate(raiseException=True)
    assert read.method.value == method
    assert read.vevent.dtstart.value.astimezone(UTC) == VISIT.starts_at
    assert read.vevent.dtend.value.astimezone(UTC) == VISIT.ends_at
    assert read.vevent.summary.value == VISIT.summary


def test_lines_are_folded_and_ended_as_the_standard_wants():
    text = calendar_file.made(replace(VISIT, summary="ü" * 200), REQUEST)

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert str(an_event(text)["SUMMARY"]) == "ü" * 200


@pytest.mark.parametrize("zone", ZONES)
def test_the_zone_that_the_file_describes_is_the_locations_on_every_hour(zone):
    """Read by vobject, which reckons with the file's own VTIMEZONE."""
    around = replace(VISIT, time_zone=zone)
    text = calendar_file.made(around, REQUEST)
    described = vobject.readOne(text).vtimezone.tzinfo
    real = ZoneInfo(zone)

    wrong = []
    at = VISIT.starts_at - timedelta(days=200)
    while at < VISIT.starts_at + timedelta(days=200):
        wall = at.astimezone(real)
        once = wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset()
        told = wall.replace(tzinfo=described).utcoffset()
        if once and told != wall.utcoffset():
            wrong.append((wall, told))
        at += timedelta(hours=1)

    assert wrong == []


@given(
    minutes=st.integers(0, 60 * 24 * 365 * 5),
    zone=st.sampled_from(ZONES),
    summary=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
    method=st.sampled_from([REQUEST, CANCEL]),
)
@settings(max_examples=60, deadline=None)
def test_any_visit_is_read_back_as_it_was(minutes, zone, summary, method):
    begin = datetime(2029, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    visit = replace(
        VISIT,
        starts_at=begin,
        ends_at=begin + timedelta(minutes=50),
        time_zone=zone,
        summary=summary,
    )

    event = an_event(calendar_file.made(visit, method))

    assert event["DTSTART"].dt == visit.starts_at
    assert event["DTEND"].dt == visit.ends_at
    assert str(event["SUMMARY"]) == summary
