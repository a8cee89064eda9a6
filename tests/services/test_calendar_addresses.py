"""Secret addresses of calendars: told once, withdrawn for good, and telling no more than agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import calendar_addresses, calendar_feed, diary, events
from clinic_desk.services.actor import Actor
from clinic_desk.services.calendar_addresses import Contents
from clinic_desk.services.calendar_feed import Entry
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements
from tests.services.test_diary import booked

NOW = datetime(2031, 5, 19, 12, tzinfo=UTC)


def test_a_secret_is_told_once_and_kept_nowhere(clinic, actor):
    made = calendar_addresses.give(actor, clinic.provider_id, name="My phone", request_id="a")
    again = calendar_addresses.give(actor, clinic.provider_id, name="My phone", request_id="a")

    kept = clinic.store.rows("SELECT * FROM calendar_address")
    told = clinic.store.rows("SELECT body FROM deed_text")
    assert len(made.value.secret) == 43
    assert (again.value.card, again.value.secret) == (made.value.card, "")
    assert made.value.secret not in str(kept) + str(told)
    mark = clinic.store.rows("SELECT secret_hash FROM calendar_address")[0][0]
    assert mark not in str(told)
    assert made.value.secret not in repr(made.value)


def test_whoever_knows_it_may_read_and_do_nothing_else(clinic, actor):
    made = calendar_addresses.give(actor, clinic.provider_id).value

    reader = calendar_addresses.reader(clinic.store, made.secret)

    assert reader.actor.permissions == {"Appointment Get All"}
    assert reader.card.provider_id == clinic.provider_id
    (card,) = calendar_addresses.of_provider(actor, clinic.provider_id)
    assert card.last_used_at is not None


def test_what_nobody_has_and_what_was_withdrawn_is_equally_unknown(clinic, actor):
    made = calendar_addresses.give(actor, clinic.provider_id).value
    calendar_addresses.withdraw(actor, made.card.id)

    for secret in (made.secret, "x" * 43, "", "%", made.secret[:-1]):
        with pytest.raises(NotFound):
            calendar_addresses.reader(clinic.store, secret)
    assert calendar_addresses.of_provider(actor, clinic.provider_id) == ()
    card = calendar_addresses.withdraw(actor, made.card.id).value
    assert card.version == made.card.version + 1


def test_nothing_of_another_organisation_is_given_or_withdrawn(clinic, actor):
    other = builders.a_clinic(clinic.store)
    theirs = calendar_addresses.give(builders.an_actor(other), other.provider_id).value

    with pytest.raises(NotFound):
        calendar_addresses.give(actor, other.provider_id)
    with pytest.raises(NotFound):
        calendar_addresses.withdraw(actor, theirs.card.id)
    assert calendar_addresses.of_provider(actor, other.provider_id) == ()


def test_what_makes_no_sense_is_refused(clinic, actor):
    with pytest.raises(Invalid):
        calendar_addresses.give(actor, clinic.provider_id, name="x" * 101)
    with pytest.raises(Invalid):
        calendar_addresses.give(actor, clinic.provider_id, language="../etc")
    for _ in range(calendar_addresses.MOST):
        calendar_addresses.give(actor, clinic.provider_id)
    with pytest.raises(Invalid):
        calendar_addresses.give(actor, clinic.provider_id)


def _read(
    clinic: Clinic, actor: Actor, contents: Contents = Contents.BUSY, now: datetime = NOW
) -> tuple[Entry, ...]:
    made = calendar_addresses.give(actor, clinic.provider_id, contents=contents).value
    reader = calendar_addresses.reader(clinic.store, made.secret)
    return calendar_feed.read(reader.actor, reader.card, now=now).entries


def test_an_address_tells_no_more_than_it_was_made_for(clinic, actor):
    patient = builders.a_patient(clinic, first_name="Nora Anne", last_name="Whitfield")
    builders.an_appointment(clinic, patient_id=patient)
    builders.an_event(clinic, title="Interview with Ms Young")

    busy, initials, names = (_read(clinic, actor, each) for each in Contents)

    assert [(e.what, e.who) for e in busy] == [("CHK", ""), ("", "")]
    assert [(e.what, e.who) for e in initials] == [("CHK", "N.A.W."), ("", "")]
    assert [(e.what, e.who) for e in names] == [
        ("CHK", "Nora Anne Whitfield"),
        ("Interview with Ms Young", ""),
    ]


def test_a_calendar_holds_what_takes_the_providers_time_and_nobody_elses(clinic, actor):
    colleague = builders.a_provider(clinic)
    first = builders.an_appointment(clinic, clinic.span(9), status="requested")
    builders.an_appointment(clinic, clinic.span(10), status="cancelled")
    builders.an_appointment(clinic, clinic.span(11), status="missed")
    builders.an_appointment(clinic, provider_id=colleague)
    builders.an_event(clinic, resource_id=colleague)
    early, late = (NOW.date() + timedelta(weeks=w) for w in (-5, 27))
    for day in (early, late):
        builders.an_appointment(clinic, clinic.span(10, day=day))
    within = builders.an_appointment(clinic, clinic.span(10, day=late - timedelta(weeks=2)))

    found = _read(clinic, actor)

    numbers = dict(clinic.store.rows("SELECT uuid, id FROM appointment"))
    assert [numbers[e.uuid] for e in found] == [first, within]
    assert [e.is_request for e in found] == [True, False]


def test_a_calendar_takes_three_queries_however_long_it_is(clinic, actor):
    made = calendar_addresses.give(actor, clinic.provider_id).value
    reader = calendar_addresses.reader(clinic.store, made.secret)
    calendar_feed.read(reader.actor, reader.card, now=NOW)
    counts = []

    for hour in (9, 10, 11, 12):
        builders.an_appointment(clinic, clinic.span(hour))
        builders.an_event(clinic, clinic.span(hour, 30))
        with statements(clinic.store) as seen:
            entries = calendar_feed.read(reader.actor, reader.card, now=NOW).entries
        counts.append((len(seen), len(entries)))

    assert counts == [(3, 2), (3, 4), (3, 6), (3, 8)]


def test_the_tag_is_another_after_a_change_of_the_calendar_only(clinic, actor):
    made = calendar_addresses.give(actor, clinic.provider_id).value
    reader = calendar_addresses.reader(clinic.store, made.secret)

    def tag(now: datetime = NOW) -> str:
        return calendar_feed.read(reader.actor, reader.card, now=now).tag("en")

    first = tag()
    booked(clinic, actor, clinic.span(9), provider_id=builders.a_provider(clinic))
    assert tag() == tag(NOW + timedelta(hours=2)) == tag(NOW + timedelta(days=1)) == first
    other = builders.a_patient(clinic)
    card = booked(clinic, actor, clinic.span(10), patient_id=other)
    second = tag()
    diary.set_status(actor, card.id, Status.CANCELLED, version=card.version)

    assert second != first
    assert tag() == first


def test_when_it_changed_last_is_asked_in_one_query(clinic, actor):
    made = calendar_addresses.give(actor, clinic.provider_id).value
    reader = calendar_addresses.reader(clinic.store, made.secret)
    calendar_feed.changed_at(reader.actor, reader.card)

    with statements(clinic.store) as seen:
        at = calendar_feed.changed_at(reader.actor, reader.card)

    assert len(seen) == 1
    assert at <= datetime.now(UTC) <= at + timedelta(minutes=1)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert calendar_feed.changed_at(reader.actor, reader.card, now=tomorrow) > at


def test_an_entry_knows_when_it_was_changed_and_counts_its_changes(clinic, actor):
    card = booked(clinic, actor)
    event = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(15), title="Team"
    ).value
    diary.change(actor, card.id, version=card.version, notes="later")
    (row,) = clinic.store.rows("SELECT version FROM appointment WHERE id = ?", (card.id,))

    visit, meeting = _read(clinic, actor, Contents.NAMES)

    assert visit.version == row[0] == card.version + 1
    assert (meeting.what, meeting.version) == ("Team", event.version)
    assert abs(datetime.now(UTC) - visit.changed_at) < timedelta(minutes=1)
    assert abs(datetime.now(UTC) - meeting.changed_at) < timedelta(minutes=1)
