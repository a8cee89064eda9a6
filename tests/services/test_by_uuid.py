"""Records by their uuid, page by page: each list in two queries, however long it is."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.rules import scopes
from clinic_desk.rules.errors import Conflicted, NotFound
from clinic_desk.services import by_uuid, diary
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


def test_a_page_of_visits_takes_two_queries(clinic, actor):
    for hour in range(9, 17):
        builders.an_appointment(clinic, clinic.span(hour))
    by_uuid.visits(actor, count=1)

    with statements(clinic.store) as seen:
        visits, total = by_uuid.visits(actor, begin=clinic.at(10), end=clinic.at(15), count=3)

    assert len(seen) == 2
    assert (total, [v.card.span for v in visits]) == (5, [clinic.span(h) for h in (10, 11, 12)])
    assert {v.patient_uuid for v in visits} == {
        by_uuid.visit(actor, visits[0].card.uuid).patient_uuid
    }


def test_a_page_of_patients_takes_two_queries(clinic, actor):
    for number in range(30):
        builders.a_patient(clinic, first_name="Nora", last_name=f"Whitfield{number:02d}")
    builders.a_patient(clinic, first_name="Nora", last_name="Ellis", active=False)
    by_uuid.patients(actor, "")

    for text in ("", "nora", "No", "whit nor"):
        with statements(clinic.store) as seen:
            cards, total = by_uuid.patients(actor, text, first=10, count=10)
        assert len(seen) == 2, text
        assert (len(cards), total) == (10, 31 if not text else 30), text


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=20))
def test_whatever_is_typed_pages_join_to_the_whole(clinic, actor, text):
    whole, total = by_uuid.patients(actor, text, count=100)
    pages = [by_uuid.patients(actor, text, first=n, count=1) for n in range(total)]

    assert [card for cards, _ in pages for card in cards] == list(whole)
    assert {n for _, n in pages} <= {total}


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


def test_a_scope_of_a_newer_program_grants_nothing():
    assert scopes.granted(["appointments:teleport"]) == frozenset()
    assert scopes.checked(["patients:write", "catalogue:read", "patients:write"]) == (
        "catalogue:read",
        "patients:write",
    )
