"""What an organisation offers, read as a whole and kept as long as it is true."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest

from clinic_desk.models import catalogue as shelf
from clinic_desk.models.people import Organisation, Role, User
from clinic_desk.rules import clinic_time
from clinic_desk.rules.spans import Span
from clinic_desk.services import catalogue, diary
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

DAY = timedelta(days=1)
VIENNA = clinic_time.zone("Europe/Vienna")


@command("Appointment Update", action="test.rename")
def _rename(work: Work, name: str) -> None:
    (found,) = work.lock(
        Statement(f"{r.selecting(Organisation)} WHERE id = ?", (work.organisation_id,))
    )
    work.change(work.found(Organisation, found), name=name)


def test_it_tells_who_works_where_and_what_is_offered(store: Store, clinic: Clinic) -> None:
    found = store.catalogue(clinic.organisation_id)

    assert found.organisation.name == "Test Clinic"
    assert list(found.locations) == [clinic.location_id]
    assert list(found.operatories) == [clinic.operatory_id]
    assert found.providers[clinic.provider_id].name.startswith("Dr Provider")
    assert found.types[clinic.type_id].minutes == 30
    assert found.time_zone(clinic.location_id) == found.time_zone(None) == "Europe/Vienna"


def test_it_cannot_be_changed(store: Store, clinic: Clinic) -> None:
    with pytest.raises(FrozenInstanceError):
        store.catalogue(clinic.organisation_id).seq = 5  # type: ignore[misc]


def test_nothing_of_another_organisation_is_in_it(store: Store, clinic: Clinic) -> None:
    other = builders.a_clinic(store, name="Elsewhere")

    found = store.catalogue(clinic.organisation_id)

    assert other.provider_id not in found.providers
    assert other.location_id not in found.locations
    assert other.type_id not in found.types


def test_reading_it_takes_few_statements_however_much_is_offered(
    store: Store, clinic: Clinic
) -> None:
    with statements(store) as seen:
        catalogue.load(store, clinic.organisation_id)
    few = len(seen)
    for _ in range(5):
        provider = builders.a_provider(clinic)
        builders.a_type(
            clinic, qualification_ids=(builders.a_qualification(clinic, "Q", provider),)
        )
        builders.a_location(clinic)

    with statements(store) as seen:
        catalogue.load(store, clinic.organisation_id)

    assert len(seen) == few <= 18


def test_it_is_read_once_and_then_only_asked_after(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    before = catalogue.catalogue(actor)

    with statements(store) as seen:
        again = catalogue.catalogue(actor)

    assert again is before
    assert len(seen) == 1


def test_a_booking_leaves_it_as_it_is(store: Store, clinic: Clinic, actor: Actor) -> None:
    before = catalogue.catalogue(actor)

    diary.book(
        actor,
        span=clinic.span(10),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
    )

    assert catalogue.catalogue(actor) is before


def test_a_change_elsewhere_is_seen_by_whoever_asks(clinic: Clinic, actor: Actor) -> None:
    catalogue.catalogue(actor)

    _rename(actor, "A Better Name")

    assert catalogue.catalogue(actor).organisation.name == "A Better Name"


def test_a_deed_decides_on_the_catalogue_as_it_stands_under_the_lock(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    stale = store.catalogue(clinic.organisation_id)
    _rename(actor, "A Better Name")
    store._catalogues[clinic.organisation_id] = stale
    seen: list[str] = []

    @command("Appointment Update", action="test.look")
    def look(work: Work) -> None:
        work.lock()
        seen.append(work.catalogue.organisation.name)

    look(actor)

    assert seen == ["A Better Name"]


def test_a_type_may_ask_for_one_of_several_qualifications(store: Store, clinic: Clinic) -> None:
    dentist = builders.a_provider(clinic)
    skill = builders.a_qualification(clinic, "Dentist", dentist)
    other = builders.a_qualification(clinic, "Surgeon")
    crown = builders.a_type(clinic, qualification_ids=(skill, other))
    found = store.catalogue(clinic.organisation_id)

    assert found.qualified(dentist, crown)
    assert not found.qualified(clinic.provider_id, crown)
    assert found.qualified(clinic.provider_id, clinic.type_id)


def test_hours_are_those_of_the_place_and_closed_days_have_none(
    store: Store, clinic: Clinic
) -> None:
    far = builders.a_location(clinic, time_zone="America/New_York")
    builders.work_hours(clinic, clinic.provider_id, location_id=far, weekday=TUESDAY.weekday())
    shelf.ClosedDay.create(
        organisation_id=clinic.organisation_id,
        location_id=clinic.location_id,
        day=TUESDAY + DAY,
        name="Holiday",
    )
    found = store.catalogue(clinic.organisation_id)

    hours = found.provider_hours(clinic.provider_id, [TUESDAY, TUESDAY + DAY], VIENNA)

    assert hours == [
        (clinic.location_id, Span(clinic.at(8), clinic.at(18))),
        (far, Span(clinic.at(14), clinic.at(18))),
    ]
    assert found.closed_name(clinic.location_id, TUESDAY + DAY) == "Holiday"
    assert found.clinic_spans(clinic.location_id, [TUESDAY + DAY]) == ()
    assert found.clinic_spans(clinic.location_id, [TUESDAY]) == (Span(clinic.at(7), clinic.at(20)),)


def test_without_a_location_it_is_always_open(store: Store, clinic: Clinic) -> None:
    found = store.catalogue(clinic.organisation_id)

    assert found.clinic_spans(None, [date(2031, 5, 20)], VIENNA) == (
        clinic_time.day_span(date(2031, 5, 20), VIENNA),
    )


def test_permissions_are_those_of_the_role_today_and_none_for_the_shut_out(
    store: Store, clinic: Clinic
) -> None:
    user_id = builders.a_user(clinic, frozenset({"Appointment Show"}))
    assert store.catalogue(clinic.organisation_id).permissions_of(user_id) == {"Appointment Show"}

    Role.update(permissions='["Appointment Show", "From a newer program"]').execute()
    store.forget_catalogue(clinic.organisation_id)
    assert store.catalogue(clinic.organisation_id).permissions_of(user_id) == {"Appointment Show"}

    User.update(active=False).execute()
    store.forget_catalogue(clinic.organisation_id)
    assert store.catalogue(clinic.organisation_id).permissions_of(user_id) == frozenset()
    assert store.catalogue(clinic.organisation_id).permissions_of(999) == frozenset()
