"""Every time of a day that cannot be had says why, whatever the rule is that stands against it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_desk.models import catalogue as shelf
from clinic_desk.rules.conflicts import Kind
from clinic_desk.services import events, offers
from clinic_desk.services.actor import Actor
from clinic_desk.services.offer_cards import Service, TimeOffer, Wish
from tests import builders
from tests.builders import TUESDAY, Clinic

NOW = datetime(2031, 5, 1, tzinfo=UTC)


def at(clinic: Clinic, actor: Actor, hour: int, minute: int = 0, **asked: Any) -> TimeOffer:
    """The time of the day that begins then."""
    service = asked.pop("service", Service(clinic.type_id, provider_ids=(clinic.provider_id,)))
    values = {"location_id": clinic.location_id, "patient_id": clinic.patient_id} | asked
    found = offers.times(actor, Wish((service,), **values), TUESDAY, now=NOW)
    return {offer.starts_at: offer for offer in found}[clinic.at(hour, minute)]


def kinds(offer: TimeOffer) -> set[Kind]:
    assert not offer.bookable
    assert all("{" not in str(reason) for reason in offer.reasons)
    return {reason.kind for reason in offer.reasons}


def test_a_visit_of_somebody_else_with_the_same_provider(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_patient(clinic, last_name="Lee")
    builders.an_appointment(clinic, clinic.span(10), patient_id=other)

    found = at(clinic, actor, 10)

    assert kinds(found) == {Kind.PROVIDER}
    assert "Lee, Jane" in str(found.reasons[0])


def test_a_visit_in_the_only_room(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_patient(clinic, last_name="Lee")
    park = builders.a_provider(clinic)
    builders.an_appointment(
        clinic,
        clinic.span(10),
        patient_id=other,
        provider_id=park,
        operatory_id=clinic.operatory_id,
    )

    assert kinds(at(clinic, actor, 10)) == {Kind.OPERATORY}


def test_the_patient_elsewhere_at_that_time(clinic: Clinic, actor: Actor) -> None:
    park = builders.a_provider(clinic)
    builders.an_appointment(clinic, clinic.span(10), provider_id=park)

    assert kinds(at(clinic, actor, 10)) == {Kind.PATIENT}


def test_an_event_of_the_provider_and_one_of_the_room_by_their_titles(
    clinic: Clinic, actor: Actor
) -> None:
    events.add(actor, resource_id=clinic.provider_id, span=clinic.span(10), title="Congress")
    events.add(actor, resource_id=clinic.operatory_id, span=clinic.span(12), title="Repair")

    assert "Congress" in " ".join(map(str, at(clinic, actor, 10).reasons))
    assert "Repair" in " ".join(map(str, at(clinic, actor, 12).reasons))


def test_the_end_of_the_providers_hours(clinic: Clinic, actor: Actor) -> None:
    assert kinds(at(clinic, actor, 17, 45)) == {Kind.OUTSIDE_HOURS}


def test_the_end_of_the_clinics_hours(clinic: Clinic, actor: Actor) -> None:
    shelf.ClinicHours.update(ends_minute=15 * 60).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    assert at(clinic, actor, 14, 30).bookable
    assert kinds(at(clinic, actor, 14, 45)) == {Kind.CLINIC_CLOSED}


def test_a_provider_who_may_not_give_it(clinic: Clinic, actor: Actor) -> None:
    skill = builders.a_qualification(clinic)
    rare = builders.a_type(clinic, code="R", qualification_ids=(skill,))
    service = Service(rare, provider_ids=(clinic.provider_id,))

    assert kinds(at(clinic, actor, 10, service=service)) == {Kind.UNQUALIFIED}


@pytest.mark.parametrize("what", ["type", "provider"])
def test_what_is_out_of_use(clinic: Clinic, actor: Actor, what: str) -> None:
    if what == "type":
        kind = builders.a_type(clinic, code="OLD", active=False)
        service = Service(kind, provider_ids=(clinic.provider_id,))
    else:
        gone = builders.a_provider(clinic, active=False)
        service = Service(clinic.type_id, provider_ids=(gone,))

    assert kinds(at(clinic, actor, 10, service=service)) == {Kind.INACTIVE}


def test_on_a_closed_day_there_are_no_times_and_the_month_says_why(
    clinic: Clinic, actor: Actor
) -> None:
    shelf.ClosedDay.create(
        organisation_id=clinic.organisation_id,
        location_id=clinic.location_id,
        day=TUESDAY,
        name="Fair",
    )
    clinic.store.forget_catalogue(clinic.organisation_id)
    wish = Wish((Service(clinic.type_id),), location_id=clinic.location_id)

    assert offers.times(actor, wish, TUESDAY, now=NOW) == ()
    (day,) = (d for d in offers.days(actor, wish, TUESDAY, now=NOW) if d.day == TUESDAY)
    assert day.name == "Fair"
