"""What a change tells the patient: the difference from what they were last told."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models.journal import Outbox
from clinic_desk.services import delivery, messages
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements
from tests.services.mailing import (
    a_visit,
    after_delay,
    asked,
    booked,
    changed,
    lines,
    moved,
    sends_mails,
    swapped,
    told,
    with_address,
)


def sent(clinic: Clinic) -> None:
    """Everything that is due goes out, as a sender would write it down."""
    while line := delivery.claim(clinic.store, clinic.organisation_id, after_delay()):
        delivery.sent(clinic.store, line, after_delay(), "subject", "text")


def test_a_visit_is_confirmed_after_the_delay(clinic, actor):
    sends_mails(actor, delay_seconds=60)
    visit = a_visit(clinic)

    done = booked(actor, visit)

    (line,) = lines(visit)
    assert (line.kind, line.state, line.recipient) == (
        "confirmation",
        "waiting",
        "jane@example.org",
    )
    assert line.created_at is not None
    assert (line.due_at - line.created_at).total_seconds() == 60
    assert ("outbox", line.id) in done.changed
    assert line.seq == done.seq


def test_without_a_mail_server_or_an_address_nothing_is_written(clinic, actor):
    booked(actor, a_visit(clinic))
    sends_mails(actor)
    booked(actor, a_visit(clinic, 11, patient_id=clinic.patient_id))

    assert lines() == []


def test_a_kind_that_is_switched_off_is_not_written(clinic, actor):
    sends_mails(actor, silent=("confirmation",))
    visit = a_visit(clinic)

    booked(actor, visit)

    assert told(visit) == []


def test_a_second_change_within_the_delay_replaces_the_first_message(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)

    booked(actor, visit)
    moved(clinic, actor, visit, 12)
    moved(clinic, actor, visit, 13)

    assert told(visit) == [
        ("confirmation", "withdrawn"),
        ("confirmation", "withdrawn"),
        ("confirmation", "waiting"),
    ]
    numbers = [line.sequence for line in lines(visit)]
    assert numbers == sorted(set(numbers))


def test_what_is_taken_back_within_the_delay_leaves_nothing_to_say(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)
    sent(clinic)

    moved(clinic, actor, visit, 12)
    moved(clinic, actor, visit, 10)

    assert told(visit) == [("confirmation", "sent"), ("moved", "withdrawn")]


def test_what_is_taken_back_later_is_corrected(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)
    moved(clinic, actor, visit, 12)
    sent(clinic)

    moved(clinic, actor, visit, 10)

    assert told(visit)[-1] == ("moved", "waiting")


def test_a_booking_that_is_cancelled_within_the_delay_was_never_heard_of(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)

    changed(actor, visit, status="cancelled")

    assert told(visit) == [("confirmation", "withdrawn")]


def test_a_cancellation_is_told_and_coming_back_too(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)
    sent(clinic)

    changed(actor, visit, status="cancelled")
    sent(clinic)
    changed(actor, visit, status="scheduled")

    assert told(visit) == [
        ("confirmation", "sent"),
        ("cancelled", "sent"),
        ("confirmation", "waiting"),
    ]


def test_a_visit_of_before_the_mails_is_moved_and_cancelled_as_one_that_is_known(clinic, actor):
    sends_mails(actor)
    first, second = a_visit(clinic), a_visit(clinic, 14)

    moved(clinic, actor, first, 12)
    changed(actor, second, status="cancelled")

    assert told(first) == [("moved", "waiting")]
    assert told(second) == [("cancelled", "waiting")]


@pytest.mark.parametrize(
    ("status", "kind"), [("scheduled", "approved"), ("declined", "declined"), ("missed", None)]
)
def test_a_request_is_answered(clinic, actor, status, kind):
    sends_mails(actor)
    visit = a_visit(clinic, status="requested")

    changed(actor, visit, status=status, reason="No free chair")

    assert [k for k, _state in told(visit)] == ([kind] if kind else [])
    if kind == "declined":
        assert json.loads(lines(visit)[0].body)["reason"] == "No free chair"


def test_the_reason_of_a_cancellation_is_the_clinics_own_affair(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)

    changed(actor, visit, status="cancelled", reason="Does not pay")

    assert "Does not pay" not in lines(visit)[0].body


@pytest.mark.parametrize("status", ["confirmed", "arrived"])
def test_following_a_visit_tells_the_patient_nothing_and_withdraws_nothing(clinic, actor, status):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)

    changed(actor, visit, status=status)

    assert told(visit) == [("confirmation", "waiting")]


def test_a_message_that_is_being_sent_counts_as_told(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)
    delivery.claim(clinic.store, clinic.organisation_id, after_delay())

    moved(clinic, actor, visit, 12)

    assert told(visit) == [("confirmation", "sending"), ("moved", "waiting")]


def test_of_a_visit_in_the_past_nobody_is_told(clinic, actor):
    sends_mails(actor)
    past = clinic.span(10).starts_at.replace(year=2020)
    visit = a_visit(clinic)

    changed(actor, visit, starts_at=past, ends_at=past.replace(minute=30))

    assert told(visit) == []


def test_of_several_visits_changed_at_once_each_patient_is_told(clinic, actor):
    sends_mails(actor)
    first = a_visit(clinic)
    second = a_visit(clinic, 11, provider_id=builders.a_provider(clinic))

    swapped(actor, first, second)

    assert told(first) == told(second) == [("moved", "waiting")]


def test_a_guardian_gets_the_mails_of_a_child(clinic, actor):
    sends_mails(actor)
    child = with_address(clinic, guardian_email="mother@example.org", guardian_name="Ann Smith")
    visit = a_visit(clinic, patient_id=child)

    booked(actor, visit)

    assert lines(visit)[0].recipient == "mother@example.org"


def test_a_code_stands_nowhere_and_the_address_is_masked(clinic, actor):
    sends_mails(actor)

    asked(actor, 7)

    (line,) = lines()
    assert line.recipient == "j•••@e•••.org"
    assert json.loads(line.body) == {"consent_id": 7}
    assert line.due_at == line.created_at
    assert (line.patient_id, line.appointment_id) == (None, None)


def test_telling_costs_no_exchange_beside_the_lock_where_it_was_asked_along(clinic, actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    booked(actor, visit)

    with statements(clinic.store) as seen:
        moved(clinic, actor, visit, 12)

    if clinic.store.dialect == "sqlite":
        assert sum("FROM outbox" in s for s in seen) == 1


HOURS = st.integers(8, 17)


@given(steps=st.lists(st.one_of(HOURS, st.sampled_from(["send", "cancel"])), max_size=8))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_once_all_is_sent_the_patient_knows_what_holds(clinic, actor, steps):
    sends_mails(actor)
    Outbox.delete().execute()
    visit = a_visit(clinic, 18)
    booked(actor, visit)
    hour, open_ = 18, True
    for step in steps:
        if step == "send":
            sent(clinic)
        elif step == "cancel":
            changed(actor, visit, status="cancelled")
            open_ = False
        else:
            span = clinic.span(step)
            changed(
                actor,
                visit,
                starts_at=span.starts_at,
                ends_at=span.ends_at,
                status="scheduled",
            )
            hour, open_ = step, True
    assert sum(line.state == "waiting" for line in lines(visit)) <= 1
    sent(clinic)

    heard = [line for line in lines(visit) if line.state == "sent"]
    changed(actor, visit, status="cancelled", reason="the next example needs the time")
    Outbox.delete().where(Outbox.state == "waiting").execute()
    if not heard:
        assert not open_
        return
    last = messages.facts(heard[-1], "now")
    assert last is not None
    assert (last.status in {"scheduled", "confirmed"}) is open_
    if open_:
        assert last.starts_at == clinic.at(hour)
