"""Squeezing a visit in on purpose: permitted, reasoned, marked on both, and never by accident."""

from __future__ import annotations

import pytest

from clinic_desk.rules.errors import Conflicted, Invalid, NotAllowed, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ALL, OVERBOOK
from clinic_desk.services import diary, journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin, Override
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import booked

WHY = Override("She is in pain")


@pytest.fixture
def other(clinic: Clinic) -> int:
    """Another patient."""
    return builders.a_patient(clinic)


def test_both_visits_carry_the_mark_and_the_history_the_reason(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor)

    second = booked(clinic, actor, clinic.span(10, 15), patient_id=other, override=WHY)

    assert second.overbooked and diary.appointment(actor, first.id).overbooked
    assert journal.history(actor, "appointment", first.id)[0].reason == "She is in pain"


def test_a_normal_booking_never_lands_on_a_squeezed_one(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    booked(clinic, actor)
    booked(clinic, actor, patient_id=other, override=WHY)

    with pytest.raises(Conflicted):
        booked(clinic, actor, patient_id=builders.a_patient(clinic))


def test_a_move_away_clears_the_mark_on_both(clinic: Clinic, actor: Actor, other: int) -> None:
    first = booked(clinic, actor)
    second = booked(clinic, actor, patient_id=other, override=WHY)

    moved = diary.move(actor, second.id, span=clinic.span(15), version=second.version).value

    assert not moved.overbooked
    assert not diary.appointment(actor, first.id).overbooked


def test_a_cancelled_squeeze_clears_the_mark_on_the_one_that_stays(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor)
    second = booked(clinic, actor, patient_id=other, override=WHY)

    diary.set_status(actor, second.id, Status.CANCELLED, version=second.version)

    assert not diary.appointment(actor, first.id).overbooked


def test_undoing_the_move_away_squeezes_it_in_again(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor)
    second = booked(clinic, actor, patient_id=other, override=WHY)
    away = diary.move(actor, second.id, span=clinic.span(15), version=second.version)

    journal.undo(actor, away.seq)

    assert diary.appointment(actor, second.id).span == clinic.span(10)
    assert diary.appointment(actor, second.id).overbooked
    assert diary.appointment(actor, first.id).overbooked


def test_the_same_patient_is_never_in_two_places(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)

    with pytest.raises(Conflicted):
        booked(clinic, actor, override=WHY)


def test_it_needs_a_reason_a_permission_the_desk_and_the_organisations_leave(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    booked(clinic, actor)
    without = builders.an_actor(clinic, frozenset(ALL) - {OVERBOOK})
    api = builders.an_actor(clinic, origin=Origin.API)

    with pytest.raises(Invalid):
        booked(clinic, actor, patient_id=other, override=Override(" "))
    with pytest.raises(NotAllowed):
        booked(clinic, without, patient_id=other, override=WHY)
    with pytest.raises(Refused):
        booked(clinic, api, patient_id=other, override=WHY)
    strict = builders.a_clinic(clinic.store, name="Strict", overbooking=False)
    chief = builders.an_actor(strict)
    booked(strict, chief)
    with pytest.raises(Refused):
        booked(strict, chief, patient_id=builders.a_patient(strict), override=WHY)


def test_outside_hours_is_set_aside_without_a_mark(clinic: Clinic, actor: Actor) -> None:
    late = booked(clinic, actor, clinic.span(21), override=WHY)

    assert not late.overbooked
    assert journal.history(actor, "appointment", late.id)[0].reason == "She is in pain"


def test_a_squeezed_visit_moves_beside_the_same_neighbour(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor, clinic.span(10, minutes=60))
    second = booked(clinic, actor, clinic.span(10, 30, minutes=60), patient_id=other, override=WHY)

    moved = diary.move(
        actor,
        second.id,
        span=clinic.span(10, 45, minutes=60),
        version=second.version,
        override=WHY,
    ).value

    assert moved.overbooked and diary.appointment(actor, first.id).overbooked


def test_whoever_leaves_a_row_of_squeezes_takes_no_mark_that_is_needed(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor)
    middle = booked(clinic, actor, clinic.span(10, 15, minutes=45), patient_id=other, override=WHY)
    last = booked(
        clinic,
        actor,
        clinic.span(10, 45),
        patient_id=builders.a_patient(clinic),
        override=WHY,
    )
    version = diary.appointment(actor, first.id).version

    diary.set_status(actor, first.id, Status.CANCELLED, version=version)

    marks = [diary.appointment(actor, card.id).overbooked for card in (first, middle, last)]
    assert marks == [False, True, True]


def test_a_squeeze_between_two_takes_both_marks_along(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    before = booked(clinic, actor)
    after = booked(clinic, actor, clinic.span(10, 30), patient_id=other)
    between = booked(
        clinic,
        actor,
        clinic.span(10, 15),
        patient_id=builders.a_patient(clinic),
        override=WHY,
    )
    both = [diary.appointment(actor, card.id).overbooked for card in (before, after)]

    diary.set_status(actor, between.id, Status.CANCELLED, version=between.version)

    assert both == [True, True]
    assert not any(diary.appointment(actor, card.id).overbooked for card in (before, after))
