"""Taking deeds back, one by one, under today's rules."""

from __future__ import annotations

import pytest

from clinic_desk.rules.errors import Conflicted, NotAllowed, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import diary, events, journal, requests
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import book, booked


def test_an_undone_move_stands_where_it_stood(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)

    journal.undo(actor, moved.seq)

    assert diary.appointment(actor, card.id).span == clinic.span(10)
    assert diary.appointment(actor, card.id).version == 3


def test_redo_is_the_undoing_of_the_undoing(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)

    undone = journal.undo(actor, moved.seq)
    journal.undo(actor, undone.seq)

    assert diary.appointment(actor, card.id).span == clinic.span(14)


def test_an_undone_booking_is_withdrawn_and_can_come_back(clinic: Clinic, actor: Actor) -> None:
    done = book(clinic, actor)

    undone = journal.undo(actor, done.seq)
    assert diary.appointment(actor, done.value.id).status is Status.CANCELLED
    journal.undo(actor, undone.seq)

    assert diary.appointment(actor, done.value.id).status is Status.SCHEDULED


def test_undo_is_refused_where_somebody_took_the_old_place(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)
    booked(clinic, actor, patient_id=builders.a_patient(clinic))

    with pytest.raises(Conflicted):
        journal.undo(actor, moved.seq)

    assert diary.appointment(actor, card.id).span == clinic.span(14)


def test_undo_is_refused_where_the_field_was_changed_since(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)
    diary.move(actor, card.id, span=clinic.span(16), version=2)

    with pytest.raises(Refused, match="changed again"):
        journal.undo(actor, moved.seq)


def test_undo_keeps_what_others_changed_in_other_fields(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)
    diary.change(actor, card.id, version=2, notes="Bring the x-ray")

    journal.undo(actor, moved.seq)

    now = diary.appointment(actor, card.id)
    assert (now.span, now.notes) == (clinic.span(10), "Bring the x-ray")


def test_the_deeds_of_others_need_a_permission(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)
    colleague = builders.an_actor(clinic, frozenset(ALL) - {"Undo Others"})

    with pytest.raises(NotAllowed):
        journal.undo(colleague, moved.seq)


def test_an_undone_approval_waits_again(clinic: Clinic, actor: Actor) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)
    approved = requests.approve(actor, asked.id, version=1)

    journal.undo(actor, approved.seq)

    assert [card.id for card in requests.waiting(actor)] == [asked.id]


def test_a_removed_event_comes_back_with_its_number(clinic: Clinic, actor: Actor) -> None:
    event = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Team meeting"
    ).value
    removed = events.remove(actor, event.id, version=1)

    journal.undo(actor, removed.seq)

    assert events.event(actor, event.id).title == "Team meeting"
    with pytest.raises(Conflicted):
        booked(clinic, actor, clinic.span(12))


def test_an_undone_event_frees_its_time(clinic: Clinic, actor: Actor) -> None:
    added = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Team meeting"
    )

    journal.undo(actor, added.seq)

    assert booked(clinic, actor, clinic.span(12)).span == clinic.span(12)
