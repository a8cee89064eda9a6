"""A hundred thousand visits ahead and fifty providers: still an answer within a second."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

from clinic_desk.rules.hours import Weekly
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.impact import PLACE_CLOSED, against, wanted_by
from clinic_desk.services.misfits import Standing, newly_refused
from tests import builders
from tests.builders import Clinic

PROVIDERS, DAYS, A_DAY = 50, 200, 10


def test_the_hours_of_a_big_clinic_are_judged_within_a_second(clinic: Clinic, actor: Actor) -> None:
    known = _big(actor.store.catalogue(actor.organisation_id), clinic)
    visits = _visits(clinic, list(known.providers))
    assert len(visits) == 100_000
    shorter = tuple(Weekly(day, 7 * 60, 17 * 60) for day in range(7))
    after = replace(known, clinic_hours={clinic.location_id: shorter})

    began = time.process_time()
    found = newly_refused(known, after, visits)
    seconds = time.process_time() - began

    assert len(found) == PROVIDERS * DAYS
    assert seconds < 1.0
    reasons = against(after, wanted_by(after, found[0]))
    assert reasons
    assert PLACE_CLOSED not in [one.message for one in reasons]


def _big(known: Catalogue, clinic: Clinic) -> Catalogue:
    """The builders' provider fifty times."""
    card = known.providers[clinic.provider_id]
    weekly = known.work_hours[clinic.provider_id]
    numbers = range(1000, 1000 + PROVIDERS)
    return replace(
        known,
        providers={n: replace(card, id=n) for n in numbers},
        work_hours=dict.fromkeys(numbers, weekly),
    )


def _visits(clinic: Clinic, providers: list[int]) -> list[Standing]:
    """Ten an hour apart for each provider on each day; the last one ends after five."""
    first = date(2031, 4, 1).toordinal()
    out: list[Standing] = []
    for day in range(first, first + DAYS):
        for hour in range(8, 8 + A_DAY):
            start = int(clinic.at(hour, 0, date.fromordinal(day)).timestamp())
            for number in providers:
                out.append(
                    (
                        len(out),
                        start,
                        start + 1800,
                        number,
                        None,
                        clinic.location_id,
                        clinic.type_id,
                    )
                )
    return out


def test_the_visits_are_read_by_number_and_not_by_name(clinic: Clinic, actor: Actor) -> None:
    from clinic_desk.services import impact

    visit = builders.an_appointment(clinic, clinic.span(10))
    asked = impact.future(
        actor.store, actor.organisation_id, impact.Scope("provider_id", clinic.provider_id),
        clinic.at(9),
    )  # fmt: skip
    (row,) = actor.store.rows(asked.sql, asked.parameters)

    start = int(clinic.at(10).timestamp())
    assert tuple(row) == (
        visit,
        start,
        start + 1800,
        clinic.provider_id,
        None,
        clinic.location_id,
        clinic.type_id,
    )
