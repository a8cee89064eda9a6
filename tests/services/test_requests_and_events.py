"""Requests hold their time until somebody decides; calendar events take time as visits do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import events, requests
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import booked


def test_a_request_holds_its_time(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor, status=Status.REQUESTED)

    with pytest.raises(Conflicted):
        booked(clinic, actor, patient_id=builders.a_patient(clinic))


def test_an_approved_request_is_scheduled_where_it_stood(clinic: Clinic, actor: Actor) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)

    card = requests.approve(actor, asked.id, version=1).value

    assert (card.status, card.span) == (Status.SCHEDULED, asked.span)
    assert requests.waiting(actor) == ()


def test_a_declined_request_frees_its_time_and_keeps_the_reason(
    clinic: Clinic, actor: Actor
) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)

    card = requests.decline(actor, asked.id, version=1, reason="Please call us").value

    assert (card.status, card.reason) == (Status.DECLINED, "Please call us")
    booked(clinic, actor, patient_id=builders.a_patient(clinic))


def test_declining_needs_a_reason(clinic: Clinic, actor: Actor) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)

    with pytest.raises(Invalid):
        requests.decline(actor, asked.id, version=1, reason="  ")


def test_the_second_desk_is_told_who_decided_before(clinic: Clinic, actor: Actor) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)
    requests.approve(actor, asked.id, version=1)

    with pytest.raises(Refused, match="scheduled"):
        requests.approve(actor, asked.id, version=1)


def test_an_event_blocks_its_provider(clinic: Clinic, actor: Actor) -> None:
    events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Training")

    with pytest.raises(Conflicted) as refusal:
        booked(clinic, actor, clinic.span(12, 15))

    assert [c.kind for c in refusal.value.conflicts] == [Kind.EVENT]
    assert "Training" in str(refusal.value)


def test_an_event_is_refused_where_a_visit_stands(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)

    with pytest.raises(Conflicted, match="Smith"):
        events.add(actor, resource_id=clinic.operatory_id, span=clinic.span(10), title="Repair")


def test_an_event_moves_and_frees_its_old_time(clinic: Clinic, actor: Actor) -> None:
    added = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Training"
    ).value

    moved = events.move(actor, added.id, span=clinic.span(13), version=1).value

    assert (moved.span, moved.version) == (clinic.span(13), 2)
    booked(clinic, actor, clinic.span(12))
    with pytest.raises(Stale):
        events.remove(actor, added.id, version=1)


def test_a_decision_that_is_sent_twice_is_made_once_and_answers_the_same(
    clinic: Clinic, actor: Actor
) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)
    other = booked(clinic, actor, clinic.span(11), status=Status.REQUESTED)

    first = requests.approve(actor, asked.id, version=1, request_id="yes")
    again = requests.approve(actor, asked.id, version=1, request_id="yes")
    no = requests.decline(actor, other.id, version=1, reason="Full", request_id="no")
    no_again = requests.decline(actor, other.id, version=1, reason="Full", request_id="no")

    assert (again.seq, again.value) == (first.seq, first.value)
    assert (no_again.seq, no_again.value) == (no.seq, no.value)


def test_a_reason_to_decline_is_text(clinic: Clinic, actor: Actor) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)

    with pytest.raises(Invalid):
        requests.decline(actor, asked.id, version=1, reason="no\0")


def test_an_event_needs_whole_minutes_a_title_and_a_place_of_ours(
    clinic: Clinic, actor: Actor
) -> None:
    def add(**wishes: object) -> None:
        given = {"resource_id": clinic.provider_id, "span": clinic.span(12), "title": "Training"}
        events.add(actor, **(given | wishes))  # type: ignore[arg-type]

    seconds = Span(clinic.at(12) + timedelta(seconds=30), clinic.at(13))
    far = Span.lasting(clinic.at(12).replace(year=2300), 30)
    theirs = builders.a_clinic(clinic.store, name="Elsewhere")
    house = builders.a_location(clinic, name="Second")

    for wrong in (
        {"span": seconds},
        {"span": far},
        {"title": " "},
        {"title": "a\0b"},
        {"resource_id": clinic.operatory_id, "location_id": house},
    ):
        with pytest.raises(Invalid):
            add(**wrong)
    for foreign in (
        {"location_id": 99_999},
        {"location_id": theirs.location_id},
        {"resource_id": theirs.provider_id},
        {"resource_id": theirs.patient_id},
    ):
        with pytest.raises(NotFound):
            add(**foreign)


def test_a_moved_event_keeps_a_title_and_whole_minutes(clinic: Clinic, actor: Actor) -> None:
    added = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Training"
    ).value
    seconds = Span(clinic.at(12) + timedelta(seconds=30), clinic.at(13))

    with pytest.raises(Invalid):
        events.move(actor, added.id, span=added.span, version=1, title="  ")
    with pytest.raises(Invalid):
        events.move(actor, added.id, span=seconds, version=1)


def test_an_event_that_moves_to_a_room_moves_to_its_house(clinic: Clinic, actor: Actor) -> None:
    house = builders.a_location(clinic, name="Second", time_zone="Europe/London")
    room = builders.an_operatory(clinic, location_id=house)
    added = events.add(
        actor, resource_id=clinic.operatory_id, span=clinic.span(12), title="Repair"
    ).value

    moved = events.move(actor, added.id, span=added.span, version=1, resource_id=room).value

    assert added.location_id == clinic.location_id
    assert (moved.location_id, moved.time_zone) == (house, "Europe/London")
