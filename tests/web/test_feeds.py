"""A provider's calendar at a secret address, read by two libraries that never met ours."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import icalendar
import pytest
import vobject

from clinic_desk.models.diary import AppointmentExtra
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import calendar_addresses, diary, events
from clinic_desk.services.calendar_addresses import AddressCard, Contents
from clinic_desk.web import feeds, rates
from clinic_desk.web.app import make_app
from tests import builders
from tests.services.test_diary import booked
from tests.web.conftest import Api

SOON = (datetime.now(UTC) + timedelta(days=7)).date()
"""A day that every calendar shows, whenever the test runs."""


@dataclass(frozen=True)
class Feed:
    """Somebody who knows an address."""

    api: Api
    card: AddressCard
    path: str

    def get(self, method: str = "GET", **headers: str) -> httpx.Response:
        return self.api.client.request(method, self.path, headers=headers)

    def calendar(self) -> Any:
        """The calendar, after every check that there is for one."""
        answer = self.get()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        checked(answer.content)
        return icalendar.Calendar.from_ical(answer.content)


def checked(text: bytes) -> None:
    """What RFC 5545 asks of a file, beyond what a reader lets pass."""
    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in text.replace(b"\r\n", b"")
    file: Any = icalendar.Calendar.from_ical(text)
    assert file.to_ical() == text
    assert "METHOD" not in file
    for part in file.walk():
        assert not part.errors, part.errors
    ids = []
    for event in file.walk("VEVENT"):
        for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "SEQUENCE"):
            assert len([key for key, _ in event.property_items(False) if key == name]) == 1, name
        begins, ends = event["DTSTART"].dt, event["DTEND"].dt
        assert begins < ends
        assert begins.utcoffset() == ends.utcoffset() == timedelta(0)
        ids.append(str(event["UID"]))
    assert len(set(ids)) == len(ids)
    vobject.readOne(text.decode()).validate(raiseException=True)


@pytest.fixture
def feed(api: Api) -> Feed:
    """The address of the clinic's provider."""
    return made(api)


def made(api: Api, **more: Any) -> Feed:
    actor = builders.an_actor(api.clinic)
    new = calendar_addresses.give(actor, api.clinic.provider_id, **more).value
    return Feed(api, new.card, new.path)


def test_a_calendar_is_read_without_signing_in_and_names_nobody(feed):
    clinic = feed.api.clinic
    patient = builders.a_patient(clinic, first_name="Nora", last_name="Whitfield")
    builders.an_appointment(clinic, clinic.span(9, day=SOON), patient_id=patient)
    builders.an_appointment(clinic, clinic.span(10, day=SOON), status="requested")
    builders.an_event(clinic, clinic.span(12, day=SOON), title="Interview: Ms Young; 1,2")

    file = feed.calendar()
    visit, request, meeting = file.walk("VEVENT")

    assert str(file["NAME"]) == str(file["X-WR-CALNAME"])
    assert str(file["NAME"]).endswith("Test Clinic")
    assert file["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert b"\r\nX-PUBLISHED-TTL:PT15M\r\n" in feed.get().content
    assert visit["DTSTART"].dt == clinic.at(9, day=SOON)
    assert visit["DTEND"].dt == clinic.at(9, 30, day=SOON)
    assert [str(e["SUMMARY"]) for e in (visit, request, meeting)] == [
        "Busy – CHK",
        "Busy – CHK",
        "Busy",
    ]
    assert [str(e["STATUS"]) for e in (visit, request)] == ["CONFIRMED", "TENTATIVE"]
    assert (str(visit["CLASS"]), str(visit["LOCATION"])) == ("PRIVATE", "Main Street")
    for secret in (b"Nora", b"Whitfield", b"Young", b"Smith"):
        assert secret not in feed.get().content


def test_names_are_told_where_the_address_was_made_for_them(api):
    clinic = api.clinic
    patient = builders.a_patient(clinic, first_name="Jürgen, der", last_name="O'Neil; \\ Groß")
    builders.an_appointment(clinic, clinic.span(9, day=SOON), patient_id=patient)
    builders.an_event(clinic, clinic.span(12, day=SOON), title="Team\nmeeting")

    whole = made(api, contents=Contents.NAMES).calendar().walk("VEVENT")
    short = made(api, contents=Contents.INITIALS).calendar().walk("VEVENT")

    assert [str(e["SUMMARY"]) for e in whole] == [
        "CHK – Jürgen, der O'Neil; \\ Groß",
        "Team\nmeeting",
    ]
    assert [str(e["SUMMARY"]) for e in short] == ["CHK – J.D.O.\\.G.", "Busy"]


def test_who_assists_at_anothers_visit_has_that_part_of_it_in_the_calendar(api):
    clinic = api.clinic
    feed, named = made(api), made(api, contents=Contents.NAMES)
    colleague = builders.a_provider(clinic)
    patient = builders.a_patient(clinic, first_name="Nora", last_name="Whitfield")
    for hour, provider, status in (
        (9, colleague, "scheduled"),
        (11, colleague, "cancelled"),
        (13, clinic.provider_id, "scheduled"),
    ):
        visit = builders.an_appointment(
            clinic,
            clinic.span(hour, day=SOON),
            provider_id=provider,
            patient_id=patient,
            status=status,
        )
        AppointmentExtra.create(
            organisation_id=clinic.organisation_id,
            appointment_id=visit,
            resource_id=clinic.provider_id if provider == colleague else colleague,
            from_minute=10,
            to_minute=20,
        )

    assisting, own = feed.calendar().walk("VEVENT")

    assert str(assisting["SUMMARY"]) == "Busy – CHK (assisting)"
    assert assisting["DTSTART"].dt == clinic.at(9, 10, day=SOON)
    assert assisting["DTEND"].dt == clinic.at(9, 20, day=SOON)
    assert str(own["SUMMARY"]) == "Busy – CHK"
    assert b"Nora" not in feed.get().content
    (told, _own) = named.calendar().walk("VEVENT")
    assert str(told["SUMMARY"]) == "CHK – Nora Whitfield (assisting)"
    assert str(told["UID"]) == str(assisting["UID"])


def test_one_entry_keeps_its_name_and_counts_its_changes(feed):
    clinic = feed.api.clinic
    actor = builders.an_actor(clinic)
    card = booked(clinic, actor, clinic.span(9, day=SOON))
    (before,) = feed.calendar().walk("VEVENT")

    diary.move(actor, card.id, span=clinic.span(11, day=SOON), version=card.version)
    (after,) = feed.calendar().walk("VEVENT")

    assert str(after["UID"]) == str(before["UID"])
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["DTSTART"].dt == clinic.at(11, day=SOON)
    assert after["DTSTAMP"].dt >= before["DTSTAMP"].dt


def test_what_is_cancelled_leaves_the_calendar(feed):
    clinic = feed.api.clinic
    actor = builders.an_actor(clinic)
    card = booked(clinic, actor, clinic.span(9, day=SOON))
    event = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(12, day=SOON), title="Team"
    ).value
    assert len(feed.calendar().walk("VEVENT")) == 2

    diary.set_status(actor, card.id, Status.CANCELLED, version=card.version)
    events.remove(actor, event.id, version=event.version)

    assert feed.calendar().walk("VEVENT") == []


def test_what_is_known_is_not_sent_again(feed):
    clinic = feed.api.clinic
    actor = builders.an_actor(clinic)
    first = feed.get()
    tag = first.headers["etag"]

    same = feed.get(**{"If-None-Match": f'"other", W/{tag}'})
    booked(clinic, actor, clinic.span(9, day=SOON))
    other = feed.get(**{"If-None-Match": tag})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert other.status_code == 200
    assert other.headers["etag"] != tag
    assert first.headers["cache-control"] == "private, no-cache"


def test_a_date_is_enough_where_a_program_knows_no_tags(feed, monkeypatch):
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    fresh = feed.get(**{"If-Modified-Since": later})
    monkeypatch.setattr(feeds, "SETTLED", timedelta(days=-1))  # as if it were some seconds later
    told = feed.get().headers["last-modified"]

    # Within the second of a change nobody can say that nothing more changes in it.
    assert (fresh.status_code, "last-modified" in fresh.headers) == (200, False)
    assert feed.get(**{"If-Modified-Since": told}).status_code == 304
    assert feed.get(**{"If-Modified-Since": "Fri, 01 Jan 2010 00:00:00 GMT"}).status_code == 200
    assert feed.get(**{"If-Modified-Since": "nonsense"}).status_code == 200
    both = {"If-Modified-Since": later, "If-None-Match": '"another"'}
    assert feed.get(**both).status_code == 200


def test_the_head_of_a_calendar_is_told_without_its_body(feed):
    answer = feed.get("HEAD")

    assert (answer.status_code, answer.content) == (200, b"")
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["etag"])
    assert int(answer.headers["content-length"]) == len(feed.get().content)


def test_whoever_does_not_know_the_address_learns_nothing(api, feed):
    actor = builders.an_actor(api.clinic)
    gone = made(api)
    calendar_addresses.withdraw(actor, gone.card.id)

    answers = [
        api.client.get(path)
        for path in (
            gone.path,
            f"/feeds/{'x' * 43}.ics",
            feed.path.removesuffix(".ics"),
            f"/feeds/{feed.card.uuid}.ics",
            "/feeds/.ics",
        )
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert feed.get().status_code == 200
    with_token = api.client.get(gone.path, headers={"Authorization": f"Bearer {api.token}"})
    assert with_token.status_code == 404


def test_guessing_is_soon_over(store):
    app = make_app(store)

    async def guess() -> int:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test"
        ) as client:
            return (await client.get(f"/feeds/{uuid.uuid4().hex}.ics")).status_code

    codes = [asyncio.run(guess()) for _ in range(rates.FAILURES + 1)]

    assert codes == [404] * rates.FAILURES + [429]


def test_a_token_beside_an_address_does_not_hide_who_guesses(store):
    app = make_app(store)

    async def guess(number: int) -> int:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test"
        ) as client:
            headers = {"Authorization": f"Bearer {number}"}
            return (await client.get(f"/feeds/{number}.ics", headers=headers)).status_code

    codes = [asyncio.run(guess(number)) for number in range(rates.FAILURES + 1)]

    assert codes == [404] * rates.FAILURES + [429]


def test_an_address_opens_nothing_else(feed):
    secret = feed.path.removeprefix("/feeds/").removesuffix(".ics")

    answer = feed.api.client.get(
        f"/api/v1/{feed.api.org}/appointments", headers={"Authorization": f"Bearer {secret}"}
    )

    assert answer.status_code == 401


def test_a_calendar_speaks_the_language_of_whoever_made_its_address(api):
    clinic = api.clinic
    builders.an_appointment(clinic, clinic.span(9, day=SOON))

    (event,) = made(api, language="de").calendar().walk("VEVENT")

    assert str(event["SUMMARY"]).endswith("– CHK")
