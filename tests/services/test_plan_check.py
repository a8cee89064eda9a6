"""What stands in the way of a plan is told before it is carried out; openings to choose from."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import NotFound
from clinic_desk.services import diary, holds, offers, scheduling
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import Plan
from clinic_desk.services.offer_cards import Seat, Service, Wish
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

NOW = datetime(2031, 5, 19, 6, tzinfo=UTC)


def seat(clinic: Clinic, hour: int) -> Seat:
    return Seat(
        clinic.type_id,
        clinic.span(hour),
        clinic.provider_id,
        clinic.location_id,
        clinic.operatory_id,
    )


def plan(clinic: Clinic, *hours: int, desk: str = "") -> Plan:
    visits = tuple((seat(clinic, hour),) for hour in hours)
    return Plan(clinic.patient_id, "Toothache", visits, desk=desk)


def hold(actor: Actor, clinic: Clinic, hour: int) -> str:
    name = str(uuid.uuid4())
    wanted = holds.Slot(clinic.span(hour), clinic.provider_id, clinic.operatory_id)
    holds.take(actor, name, [wanted])
    return name


def test_a_plan_with_nothing_in_its_way_has_nothing_to_tell(clinic: Clinic, actor: Actor) -> None:
    desk = hold(actor, clinic, 9)

    assert scheduling.check(actor, plan(clinic, 9, 11, desk=desk)) == ()


def test_what_stands_in_the_way_is_told_with_other_times(clinic: Clinic, actor: Actor) -> None:
    second = builders.a_provider(clinic)
    diary.book(
        actor,
        span=clinic.span(11),
        type_id=clinic.type_id,
        provider_id=second,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )
    hold(actor, clinic, 14)

    refused = scheduling.check(actor, plan(clinic, 9, 11, 14))

    assert [service.number for service in refused] == [1, 2]
    assert {c.kind for c in refused[0].reasons} == {Kind.PATIENT}
    assert "held by" in " ".join(map(str, refused[1].reasons))
    assert refused[0].openings
    assert all(opening.bookable for opening in refused[0].openings)


def test_another_organisations_plan_cannot_be_asked_about(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_clinic(clinic.store, name="Other")

    with pytest.raises(NotFound):
        scheduling.check(actor, plan(other, 9))


def test_a_check_takes_three_queries_and_one_for_each_service(clinic: Clinic, actor: Actor) -> None:
    scheduling.check(actor, plan(clinic, 9))

    with statements(clinic.store) as seen:
        scheduling.check(actor, plan(clinic, 9, 11, 13))

    assert len(seen) <= 6


def test_openings_to_choose_from_do_not_crowd_one_hour(clinic: Clinic, actor: Actor) -> None:
    wish = Wish((Service(clinic.type_id),), location_id=clinic.location_id)

    found = offers.spread(actor, wish, now=NOW, count=4)

    begin = clinic.at(8, day=builders.TUESDAY - timedelta(days=1))
    half, day = timedelta(minutes=30), timedelta(days=1)
    assert [offer.starts_at for offer in found] == [
        begin,
        begin + half,
        begin + day,
        begin + day + half,
    ]
    later = offers.spread(actor, wish, now=NOW, from_at=clinic.at(15, 10), count=1)
    assert later[0].starts_at == clinic.at(15, 15)


def test_openings_to_choose_from_take_few_queries(clinic: Clinic, actor: Actor) -> None:
    wish = Wish((Service(clinic.type_id),), location_id=clinic.location_id)
    offers.spread(actor, wish, now=NOW)

    with statements(clinic.store) as seen:
        offers.spread(actor, wish, now=NOW)

    assert len(seen) <= 4
