"""Booking where the choice of the room is left to us."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_desk.rules.errors import Conflicted, Refused
from clinic_desk.services import diary, revision
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.diary import ANY_ROOM
from tests import builders
from tests.builders import Clinic


def booked(clinic: Clinic, actor: Actor, provider_id: int, **given: Any) -> AppointmentCard:
    """A visit at ten, of a patient of its own, in any room of the clinic."""
    fields: dict[str, Any] = {
        "span": clinic.span(10),
        "type_id": clinic.type_id,
        "location_id": clinic.location_id,
        "patient_id": builders.a_patient(clinic),
        "operatory_id": ANY_ROOM,
    }
    return diary.book(actor, provider_id=provider_id, **(fields | given)).value


def working(clinic: Clinic, **fields: Any) -> int:
    """A provider who works round the clock, where and in which room the fields say."""
    number = builders.a_provider(clinic, hours=None)
    for weekday in range(7):
        builders.work_hours(
            clinic, number, weekday=weekday, starts_minute=0, ends_minute=1440, **fields
        )
    return number


def room_of(card: AppointmentCard) -> int | None:
    """The room where a visit takes place."""
    return card.operatory.id if card.operatory else None


def test_the_usual_room_is_taken_first_and_a_busy_one_never(clinic: Clinic, actor: Actor) -> None:
    second = builders.an_operatory(clinic)
    providers = [builders.a_provider(clinic) for _ in range(3)]

    assert room_of(booked(clinic, actor, providers[0])) == clinic.operatory_id
    assert room_of(booked(clinic, actor, providers[1])) == second
    with pytest.raises(Conflicted) as refused:
        booked(clinic, actor, providers[2])

    assert [str(c.kind) for c in refused.value.conflicts] == ["operatory"]


def test_who_has_a_room_of_their_own_takes_that_one_where_it_is_free(
    clinic: Clinic, actor: Actor
) -> None:
    own = builders.an_operatory(clinic)
    busy, other = working(clinic, operatory_id=own), builders.a_provider(clinic)

    assert room_of(booked(clinic, actor, busy)) == own
    builders.an_appointment(
        clinic, clinic.span(11), operatory_id=own, provider_id=builders.a_provider(clinic)
    )
    assert room_of(booked(clinic, actor, busy, span=clinic.span(11))) == clinic.operatory_id
    assert room_of(booked(clinic, actor, other)) == clinic.operatory_id


def test_a_room_that_only_a_buffer_keeps_busy_is_not_taken(clinic: Clinic, actor: Actor) -> None:
    second = builders.an_operatory(clinic)
    builders.an_appointment(
        clinic,
        clinic.span(9, minutes=60),
        operatory_id=clinic.operatory_id,
        provider_id=builders.a_provider(clinic),
        after_minutes=5,
    )

    assert room_of(booked(clinic, actor, clinic.provider_id)) == second


def test_a_place_without_rooms_is_booked_without_one(clinic: Clinic, actor: Actor) -> None:
    elsewhere = builders.a_location(clinic)
    provider = working(clinic, location_id=elsewhere)

    assert room_of(booked(clinic, actor, provider, location_id=elsewhere)) is None


def test_the_same_request_has_the_same_answer_whatever_room_is_free_then(
    clinic: Clinic, actor: Actor
) -> None:
    builders.an_operatory(clinic)
    provider, patient = clinic.provider_id, builders.a_patient(clinic)
    asked: dict[str, Any] = {
        "patient_id": patient,
        "request_id": "f3b5ac4c-0d9f-4d44-8f35-6a0f6f0d3f11",
    }

    first = booked(clinic, actor, provider, **asked)

    assert booked(clinic, actor, provider, **asked).id == first.id
    with pytest.raises(Refused):
        booked(clinic, actor, provider, **asked, span=clinic.span(12))


def test_at_another_location_the_room_is_chosen_under_the_lock(
    clinic: Clinic, actor: Actor
) -> None:
    elsewhere = builders.a_location(clinic)
    taken, free = (builders.an_operatory(clinic, location_id=elsewhere) for _ in range(2))
    travels = working(clinic, location_id=elsewhere)
    builders.an_appointment(
        clinic,
        clinic.span(10),
        operatory_id=taken,
        provider_id=working(clinic, location_id=elsewhere),
        patient_id=builders.a_patient(clinic),
    )
    here = booked(clinic, actor, clinic.provider_id)

    there = revision.revise(actor, here.id, location_id=elsewhere, provider_id=travels).value

    assert room_of(there) == free
