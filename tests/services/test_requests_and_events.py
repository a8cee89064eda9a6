"""Requests hold their time until somebody decides; calendar events take time as visits do."""

from __future__ import annotations

import pytest

from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, Invalid, Refused, Stale
from clinic_desk.rules.lifecycle import Status
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
