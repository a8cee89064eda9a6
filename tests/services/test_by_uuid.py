"""Records by their uuid, and what a program that books needs to know beforehand."""

from __future__ import annotations

import uuid

import pytest

from clinic_desk.rules import scopes
from clinic_desk.rules.errors import Conflicted, NotFound
from clinic_desk.services import by_uuid, diary
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic


def test_what_is_anothers_is_as_unknown_as_what_nobody_has(clinic, actor):
    other = builders.a_clinic(clinic.store)
    visit = builders.an_appointment(other)
    rows = clinic.store.rows("SELECT uuid FROM appointment WHERE id = ?", (visit,))

    for number in (rows[0][0], str(uuid.uuid4())):
        with pytest.raises(NotFound):
            by_uuid.visit(actor, number)
        with pytest.raises(NotFound):
            by_uuid.patient(actor, number)
        with pytest.raises(NotFound):
            by_uuid.patient_number(actor, number)


def test_the_usual_room_is_taken_first_and_a_busy_one_last(clinic: Clinic, actor: Actor) -> None:
    second = builders.an_operatory(clinic)
    span = clinic.span(10)

    def room() -> int | None:
        return by_uuid.free_room(actor, clinic.location_id, clinic.type_id, span)

    assert room() == clinic.operatory_id
    builders.an_appointment(clinic, span, operatory_id=clinic.operatory_id)
    assert room() == second
    builders.an_appointment(
        clinic,
        span,
        operatory_id=second,
        provider_id=builders.a_provider(clinic),
        patient_id=builders.a_patient(clinic),
    )
    with pytest.raises(Conflicted) as refused:
        diary.book(
            actor,
            span=span,
            type_id=clinic.type_id,
            provider_id=builders.a_provider(clinic),
            patient_id=builders.a_patient(clinic),
            operatory_id=room(),
        )
    assert [str(c.kind) for c in refused.value.conflicts] == ["operatory"]


def test_who_has_a_room_of_their_own_takes_that_one_where_it_is_free(
    clinic: Clinic, actor: Actor
) -> None:
    own = builders.an_operatory(clinic)
    busy = builders.a_provider(clinic, hours=None)
    for weekday in range(7):
        builders.work_hours(
            clinic, busy, weekday=weekday, starts_minute=0, ends_minute=1440, operatory_id=own
        )

    def room(provider_id: int) -> int | None:
        return by_uuid.free_room(
            actor, clinic.location_id, clinic.type_id, clinic.span(10), provider_id=provider_id
        )

    assert (room(clinic.provider_id), room(busy)) == (clinic.operatory_id, own)
    builders.an_appointment(clinic, clinic.span(10), operatory_id=own)
    assert room(busy) == clinic.operatory_id


def test_a_scope_of_a_newer_program_grants_nothing():
    assert scopes.granted(["appointments:teleport"]) == frozenset()
    assert scopes.checked(["patients:write", "catalogue:read", "patients:write"]) == (
        "catalogue:read",
        "patients:write",
    )
