"""A day of the month that offers nothing says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_desk.models import catalogue as shelf
from clinic_desk.services import events, offers
from clinic_desk.services.actor import Actor
from clinic_desk.services.offer_cards import DayOffer, EmptyDay, Service, Wish
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

DAY = timedelta(days=1)
NOW = datetime(2031, 5, 12, 9, tzinfo=UTC)


@pytest.fixture(autouse=True, params=["index", "claims"])
def ready(request: pytest.FixtureRequest, clinic: Clinic) -> None:
    """Once with the occupancy index, once as on a desk that has just started."""
    if request.param == "index":
        clinic.store.occupancy(clinic.organisation_id).catch_up()


def asked(clinic: Clinic, **more: Any) -> Wish:
    service = Service(clinic.type_id, provider_ids=(clinic.provider_id,))
    values: dict[str, Any] = {"location_id": clinic.location_id, "patient_id": clinic.patient_id}
    return Wish((service,), **values | more)


def found(actor: Actor, wish: Wish) -> dict[int, DayOffer]:
    return {offer.day.day: offer for offer in offers.days(actor, wish, TUESDAY, now=NOW)}


def test_past_closed_away_and_taken_are_told_apart(clinic: Clinic, actor: Actor) -> None:
    own = {"organisation_id": clinic.organisation_id}
    shelf.ClosedDay.create(location_id=clinic.location_id, day=TUESDAY, name="Fair", **own)
    shelf.WorkException.create(provider_id=clinic.provider_id, day=TUESDAY + DAY, **own)
    clinic.store.forget_catalogue(clinic.organisation_id)
    whole = clinic.span(0, minutes=1440, day=TUESDAY + 2 * DAY)
    events.add(actor, resource_id=clinic.provider_id, span=whole, title="Congress")

    days = found(actor, asked(clinic))

    assert (days[11].why, days[12].why) == (EmptyDay.PAST, None)
    assert (days[20].why, days[20].name) == (EmptyDay.CLOSED, "Fair")
    assert (days[21].why, days[21].name) == (EmptyDay.AWAY, "Dr Provider2")
    assert days[22].why is EmptyDay.FULL
    assert days[23].bookable


def test_without_hours_that_day_nobody_is_there(clinic: Clinic, actor: Actor) -> None:
    part = builders.a_provider(clinic, hours=None)
    builders.work_hours(clinic, part, weekday=1)
    wish = asked(clinic)
    alone = replace(wish, services=(Service(clinic.type_id, provider_ids=(part,)),))

    days = found(actor, alone)

    assert days[20].bookable
    assert days[21].why is EmptyDay.NOBODY


def test_a_weekday_on_which_the_clinic_is_shut_is_closed_without_a_name(
    clinic: Clinic, actor: Actor
) -> None:
    sundays = shelf.ClinicHours.delete().where(shelf.ClinicHours.weekday == 6)
    assert sundays.execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    sunday = found(actor, asked(clinic))[25]

    assert date(2031, 5, 25).weekday() == 6
    assert (sunday.why, sunday.name) == (EmptyDay.CLOSED, "")


def test_the_reasons_cost_no_query(clinic: Clinic, actor: Actor) -> None:
    found(actor, asked(clinic))
    with statements(clinic.store) as seen:
        found(actor, asked(clinic))

    assert len(seen) <= 3
