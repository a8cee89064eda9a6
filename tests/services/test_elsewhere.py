"""What a calendar of one location must know of the others."""

from __future__ import annotations

from clinic_desk.rules.spans import Span
from clinic_desk.services import elsewhere
from clinic_desk.services.actor import Actor
from tests import builders
from tests.services.counting import statements


def test_only_what_is_held_at_another_location_is_told_and_neighbours_as_one(
    clinic: builders.Clinic, actor: Actor
) -> None:
    other = builders.a_location(clinic)
    for hour, minute in ((9, 0), (9, 30), (14, 0)):
        span = clinic.span(hour, minute)
        patient = builders.a_patient(clinic)
        builders.an_appointment(clinic, span, location_id=other, patient_id=patient)
    builders.an_appointment(clinic, clinic.span(11))  # here: it is shown anyway
    builders.an_appointment(clinic, clinic.span(16), location_id=other, status="cancelled")
    day = clinic.span(0, minutes=24 * 60)
    actor.store.catalogue(actor.organisation_id)  # known in a running program
    with statements(actor.store) as seen:
        found = elsewhere.busy(actor, day, location_id=clinic.location_id)
    assert [(card.provider_id, card.location_id, card.span) for card in found] == [
        (clinic.provider_id, other, Span(clinic.at(9), clinic.at(10))),
        (clinic.provider_id, other, clinic.span(14)),
    ]
    assert len(seen) == 1
    assert elsewhere.busy(actor, day, location_id=other)[0].span == clinic.span(11)
