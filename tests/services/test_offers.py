"""The offers of the booking flow: days, times with their reasons, and why there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models import catalogue as shelf
from clinic_desk.models.diary import Appointment
from clinic_desk.rules import permissions
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, Invalid, NotAllowed, NotFound
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary, events, holds, no_day, offers
from clinic_desk.services.actor import Actor
from clinic_desk.services.holds import Slot
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Way, Why, Wish
from clinic_desk.services.store import Store, open_store
from tests import builders, databases
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

DAY = timedelta(days=1)
NOW = datetime(2031, 5, 1, tzinfo=UTC)


def wish(clinic: Clinic, *services: Service, **more: Any) -> Wish:
    values: dict[str, Any] = {"location_id": clinic.location_id, "patient_id": clinic.patient_id}
    asked = services or (Service(clinic.type_id, provider_ids=(clinic.provider_id,)),)
    return Wish(asked, **values | more)


def times(actor: Actor, asked: Wish, day: date = TUESDAY) -> dict[datetime, TimeOffer]:
    return {offer.starts_at: offer for offer in offers.times(actor, asked, day, now=NOW)}


def bookable(actor: Actor, asked: Wish, day: date = TUESDAY) -> list[datetime]:
    return [at for at, offer in times(actor, asked, day).items() if offer.bookable]


@pytest.fixture(params=["index", "claims"])
def ready(request: pytest.FixtureRequest, clinic: Clinic) -> None:
    """Once with the occupancy index, once as on a desk that has just started."""
    if request.param == "index":
        clinic.store.occupancy(clinic.organisation_id).catch_up()


def test_every_start_inside_the_hours_is_listed_with_all_reasons(
    clinic: Clinic, actor: Actor
) -> None:
    builders.an_appointment(clinic, clinic.span(10), operatory_id=clinic.operatory_id)

    found = times(actor, wish(clinic))

    assert next(iter(found)) == clinic.at(8)
    assert list(found)[-1] == clinic.at(17, 45)
    assert len(found) == 40
    assert {c.kind for c in found[clinic.at(10, 15)].reasons} == {
        Kind.PATIENT,
        Kind.PROVIDER,
        Kind.OPERATORY,
    }
    assert [c.kind for c in found[clinic.at(17, 45)].reasons] == [Kind.OUTSIDE_HOURS]
    assert found[clinic.at(9, 30)].seats == (
        Seat(
            clinic.type_id,
            clinic.span(9, 30),
            clinic.provider_id,
            clinic.location_id,
            clinic.operatory_id,
        ),
    )


def test_any_provider_gives_all_who_could(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_provider(clinic, hours=(9 * 60, 11 * 60))
    builders.an_operatory(clinic)
    asked = wish(clinic, Service(clinic.type_id))

    found = times(actor, asked)

    assert found[clinic.at(8)].provider_ids == (clinic.provider_id,)
    assert found[clinic.at(9)].provider_ids == (clinic.provider_id, other)
    builders.an_appointment(clinic, clinic.span(9), patient_id=builders.a_patient(clinic))
    assert times(actor, asked)[clinic.at(9)].seats[0].provider_id == other


def test_nothing_past_is_offered(clinic: Clinic, actor: Actor) -> None:
    asked, now = wish(clinic), clinic.at(12, 7)

    assert offers.times(actor, asked, TUESDAY, now=now)[0].starts_at == clinic.at(12, 15)
    assert offers.times(actor, asked, TUESDAY - DAY, now=now) == ()
    found = offers.days(actor, asked, TUESDAY, now=now)
    assert next(d.day for d in found if d.bookable) == TUESDAY
    assert {d.day: d.first for d in found}[TUESDAY] == clinic.at(12, 15)


@pytest.mark.usefixtures("ready")
def test_the_days_of_a_month_say_which_can_be_booked(clinic: Clinic, actor: Actor) -> None:
    own = {"organisation_id": clinic.organisation_id}
    shelf.ClosedDay.create(location_id=clinic.location_id, day=TUESDAY, name="Fair", **own)
    shelf.WorkException.create(provider_id=clinic.provider_id, day=TUESDAY + DAY, **own)
    clinic.store.forget_catalogue(clinic.organisation_id)
    whole = clinic.span(0, minutes=1440, day=TUESDAY + 2 * DAY)
    events.add(actor, resource_id=clinic.provider_id, span=whole, title="Congress")

    found = offers.days(actor, wish(clinic), TUESDAY, now=NOW)

    assert [d.day for d in found] == [date(2031, 5, n) for n in range(1, 32)]
    assert [d.day.day for d in found if not d.bookable] == [20, 21, 22]
    assert found[0].first == clinic.at(8, day=date(2031, 5, 1))


@pytest.mark.usefixtures("ready")
def test_services_follow_each_other_with_their_pause(clinic: Clinic, actor: Actor) -> None:
    exam = builders.a_type(clinic, code="EX", minutes=20)
    asked = wish(clinic, Service(clinic.type_id), Service(exam, gap_minutes=10))

    one, two = times(actor, asked)[clinic.at(9)].seats

    assert one.span == clinic.span(9)
    assert two.span == clinic.span(9, 40, minutes=20)
    assert bookable(actor, asked)[-1] == clinic.at(17)
    first = offers.first(actor, asked, from_at=clinic.at(17), now=NOW, count=2)
    assert [o.starts_at for o in first] == [clinic.at(17), clinic.at(8, day=TUESDAY + DAY)]


def test_the_buffers_of_one_provider_have_to_fit_between_two_services(
    clinic: Clinic, actor: Actor
) -> None:
    long = builders.a_type(clinic, code="L", minutes=30, before_minutes=10, after_minutes=15)
    builders.an_operatory(clinic)
    other = builders.a_provider(clinic)

    same = times(actor, wish(clinic, Service(long), Service(long), same_provider=True))
    two = wish(
        clinic,
        Service(long, provider_ids=(clinic.provider_id,)),
        Service(long, provider_ids=(other,)),
    )

    first, second = same[clinic.at(9)].seats
    assert first.provider_id == second.provider_id
    assert second.span == clinic.span(9, 55)
    first, second = times(actor, two)[clinic.at(9)].seats
    assert second.span == clinic.span(9, 30)
    assert first.operatory_id != second.operatory_id


def test_a_service_that_only_another_may_give_goes_to_that_one(
    clinic: Clinic, actor: Actor
) -> None:
    dentist = builders.a_provider(clinic)
    skill = builders.a_qualification(clinic, "Dentist", dentist)
    exam = builders.a_type(clinic, code="EX", qualification_ids=(skill,))
    own = Service(clinic.type_id, provider_ids=(clinic.provider_id,))

    found = times(actor, wish(clinic, own, Service(exam)))

    assert [s.provider_id for s in found[clinic.at(9)].seats] == [clinic.provider_id, dentist]
    refused = times(actor, wish(clinic, own, Service(exam), same_provider=True))
    assert not any(o.bookable for o in refused.values())


def test_the_reasons_of_a_later_service_are_told(clinic: Clinic, actor: Actor) -> None:
    builders.an_event(clinic, clinic.span(9, 30, minutes=15), title="Team")
    asked = wish(
        clinic,
        Service(clinic.type_id, provider_ids=(clinic.provider_id,)),
        Service(clinic.type_id, provider_ids=(clinic.provider_id,)),
    )

    found = times(actor, asked)[clinic.at(9)]

    assert [c.kind for c in found.reasons] == [Kind.EVENT]


def test_what_the_dialog_holds_is_its_own_and_others_see_who_holds_it(
    clinic: Clinic, actor: Actor
) -> None:
    other = builders.an_actor(clinic)
    slot = Slot(clinic.span(9), clinic.provider_id, clinic.operatory_id)
    holds.take(actor, "a", [slot], now=NOW)

    own = times(actor, wish(clinic, desk="a"))[clinic.at(9)]
    theirs = times(other, wish(clinic, desk="b"))[clinic.at(9)]

    assert own.bookable
    assert {c.kind for c in theirs.reasons} == {Kind.HOLD}
    assert "is held by Test User until" in " ".join(map(str, theirs.reasons))
    near: dict[str, Any] = {"from_at": clinic.at(9), "count": 1, "now": NOW}
    assert offers.first(actor, wish(clinic, desk="a"), **near)[0].starts_at == clinic.at(9)
    assert offers.first(other, wish(clinic), **near)[0].starts_at == clinic.at(9, 30)


def test_a_hold_that_has_expired_stands_in_nobodys_way(clinic: Clinic, actor: Actor) -> None:
    held = [Slot(clinic.span(9), clinic.provider_id)]
    holds.take(builders.an_actor(clinic), "b", held, now=NOW - timedelta(seconds=61))

    assert times(actor, wish(clinic))[clinic.at(9)].bookable


def test_what_was_chosen_for_another_visit_is_taken(clinic: Clinic, actor: Actor) -> None:
    seat = times(actor, wish(clinic))[clinic.at(9)].seats[0]
    other = builders.a_provider(clinic)
    asked = wish(clinic, Service(clinic.type_id, provider_ids=(other,)), chosen=(seat,))

    found = times(actor, asked)

    assert {c.kind for c in found[clinic.at(9, 15)].reasons} >= {Kind.PATIENT}
    assert found[clinic.at(9, 30)].bookable


def test_times_are_those_of_the_locations_clock(clinic: Clinic, actor: Actor) -> None:
    spring, autumn = date(2031, 3, 30), date(2031, 10, 26)
    builders.work_hours(clinic, clinic.provider_id, weekday=6, starts_minute=0, ends_minute=8 * 60)
    own = {"organisation_id": clinic.organisation_id, "location_id": clinic.location_id}
    shelf.ClinicHours.create(weekday=6, starts_minute=0, ends_minute=8 * 60, **own)
    clinic.store.forget_catalogue(clinic.organisation_id)
    now = datetime(2031, 1, 1, tzinfo=UTC)

    short = offers.times(actor, wish(clinic), spring, now=now)
    long = offers.times(actor, wish(clinic), autumn, now=now)

    assert len(long) - len(short) == 8


def test_a_wish_that_makes_no_sense_is_refused(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Invalid):
        offers.times(actor, Wish(()), TUESDAY)
    with pytest.raises(Invalid):
        offers.times(actor, wish(clinic, Service(clinic.type_id, minutes=0)), TUESDAY)
    with pytest.raises(NotFound):
        offers.days(actor, wish(clinic, Service(999_999)), TUESDAY)
    with pytest.raises(NotAllowed):
        offers.days(builders.an_actor(clinic, frozenset()), wish(clinic), TUESDAY)


def test_times_take_four_queries_and_days_three(clinic: Clinic, actor: Actor) -> None:
    for _ in range(3):
        builders.a_provider(clinic)
    asked = wish(clinic, Service(clinic.type_id), desk="a")
    times(actor, asked)

    with statements(clinic.store) as seen:
        times(actor, asked)
    assert len(seen) <= 4
    with statements(clinic.store) as seen:
        offers.days(actor, asked, TUESDAY, now=NOW)
    assert len(seen) <= 3


# Why there is none ------------------------------------------------------------------------


def why(actor: Actor, asked: Wish) -> Any:
    return no_day.why_none(actor, asked, from_at=NOW, now=NOW)


def test_where_a_day_can_be_offered_there_is_nothing_to_say(clinic: Clinic, actor: Actor) -> None:
    assert why(actor, wish(clinic)) is None


def test_a_provider_without_hours_has_three_ways_out(clinic: Clinic, actor: Actor) -> None:
    idle = builders.a_provider(clinic, hours=None, last_name="Idle")
    asked = wish(clinic, Service(clinic.type_id, provider_ids=(idle,)))

    found = why(actor, asked)

    assert (found.why, str(found)) == (
        Why.NO_HOURS,
        "Dr Idle has no work hours yet. Set the hours, or choose another provider.",
    )
    assert found.provider_ids == (clinic.provider_id,)
    assert Way.ANOTHER_PROVIDER in found.ways and Way.FIRST_OPENING in found.ways
    assert found.opening.starts_at == clinic.at(8, day=date(2031, 5, 1))
    assert found.opening.seats[0].provider_id == clinic.provider_id


def test_where_nobody_has_hours_their_days_or_another_location_are_the_way_out(
    clinic: Clinic,
) -> None:
    chief = replace(builders.an_actor(clinic), user_id=None, permissions=frozenset(permissions.ALL))
    clerk = replace(chief, permissions=chief.permissions - {"Hours Update"})
    branch = builders.a_location(clinic, name="Branch")
    builders.an_operatory(clinic, location_id=branch)
    anybody = Service(clinic.type_id)
    empty = wish(clinic, anybody, location_id=branch)

    elsewhere, hers = why(clerk, empty), why(chief, empty)

    assert str(elsewhere).endswith("Choose another location.")
    assert elsewhere.ways == (Way.FIRST_OPENING,)
    assert elsewhere.opening.seats[0].location_id == clinic.location_id
    assert str(hers).endswith("Set the hours of somebody who may give it.")
    assert hers.ways == (Way.PROVIDER_DAYS, Way.FIRST_OPENING)

    people = clinic.store.catalogue(clinic.organisation_id).providers
    clinic.store.connection().execute("DELETE FROM work_hours")
    clinic.store.forget_catalogue(clinic.organisation_id)
    found = why(chief, wish(clinic, anybody))
    assert (found.ways, found.provider_ids) == ((Way.PROVIDER_DAYS,), tuple(people))
    assert str(why(clerk, wish(clinic, anybody))).endswith(
        "Ask an administrator to set the hours of somebody who may give it."
    )


def test_nobody_is_sent_to_another_provider_where_there_is_none(
    clinic: Clinic, actor: Actor
) -> None:
    builders.an_event(clinic, Span(clinic.at(0) - 40 * DAY, clinic.at(0) + 180 * DAY))

    found = why(actor, wish(clinic, Service(clinic.type_id, provider_ids=(clinic.provider_id,))))

    assert str(found).endswith("Go to that day.")


def test_the_providers_days_are_a_way_out_for_those_who_may_change_them(clinic: Clinic) -> None:
    idle = builders.a_provider(clinic, hours=None)
    asked = wish(clinic, Service(clinic.type_id, provider_ids=(idle,)))
    may, may_not = "Hours Update", permissions.ALL
    chief = builders.an_actor(clinic)
    chief = replace(chief, user_id=None, permissions=frozenset(permissions.ALL))
    clerk = replace(chief, permissions=frozenset(may_not) - {may})

    assert Way.PROVIDER_DAYS in why(chief, asked).ways
    assert Way.PROVIDER_DAYS not in why(clerk, asked).ways


def test_fully_booked_says_until_when(clinic: Clinic, actor: Actor) -> None:
    builders.an_event(clinic, Span(clinic.at(0) - 40 * DAY, clinic.at(0) + 180 * DAY))
    other = builders.a_provider(clinic)

    found = why(actor, wish(clinic))

    assert found.why is Why.FULL
    assert found.params["day"] == TUESDAY + 180 * DAY
    assert found.opening.seats[0].provider_id == other


@pytest.mark.parametrize("case", ["type", "provider", "skill", "location", "elsewhere"])
def test_every_other_reason_has_its_sentence(clinic: Clinic, actor: Actor, case: str) -> None:
    skill = builders.a_qualification(clinic)
    rare = builders.a_type(clinic, code="R", qualification_ids=(skill,))
    kind = builders.a_type(clinic, code="OLD", active=False)
    gone = builders.a_provider(clinic, active=False)
    shut = builders.a_location(clinic, active=False)
    branch = builders.a_location(clinic, name="Branch")
    builders.an_operatory(clinic, location_id=branch)
    own = (clinic.provider_id,)
    asked, expected = {
        "type": (wish(clinic, Service(kind)), Why.TYPE_INACTIVE),
        "provider": (
            wish(clinic, Service(clinic.type_id, provider_ids=(gone,))),
            Why.PROVIDER_INACTIVE,
        ),
        "skill": (wish(clinic, Service(rare)), Why.NOBODY_QUALIFIED),
        "location": (wish(clinic, location_id=shut), Why.LOCATION_CLOSED),
        "elsewhere": (
            wish(clinic, Service(clinic.type_id, provider_ids=own), location_id=branch),
            Why.NO_HOURS,
        ),
    }[case]

    found = why(actor, asked)

    assert found.why is expected
    assert "{" not in str(found)
    assert found.way_out


# Laws -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One file for all examples; each makes an organisation of its own."""
    folder: Path = tmp_path_factory.mktemp("offers")
    url, remove = databases.fresh("sqlite", folder)
    store = open_store(url)
    yield store
    store.close()
    remove()


diaries = st.fixed_dictionaries(
    {
        "events": st.lists(
            st.tuples(
                st.integers(0, 3), st.integers(6 * 60, 20 * 60), st.sampled_from((5, 45, 300))
            ),
            max_size=8,
        ),
        "visits": st.lists(st.integers(8 * 4, 17 * 4), max_size=3, unique=True),
        "buffers": st.tuples(st.sampled_from((0, 10, 45)), st.sampled_from((0, 15))),
        "minutes": st.sampled_from((20, 45, 180)),
        "hours": st.tuples(st.integers(0, 14), st.sampled_from((1, 3, 9))),
        "rooms": st.integers(0, 2),
        "any": st.booleans(),
        "closed": st.sampled_from((False, False, False, True)),
        "away": st.sampled_from((False, False, False, True)),
        "day": st.sampled_from((TUESDAY, date(2031, 3, 30), date(2031, 10, 26))),
    }
)


def drawn(store: Store, values: dict[str, Any]) -> tuple[Clinic, Wish, int]:
    clinic = builders.a_clinic(store)
    before, after = values["buffers"]
    day: date = values["day"]
    first = 60 * values["hours"][0]
    other = builders.a_provider(clinic, hours=(first, min(first + 60 * values["hours"][1], 1440)))
    rooms = [clinic.operatory_id, *(builders.an_operatory(clinic) for _ in range(values["rooms"]))]
    kind = builders.a_type(
        clinic,
        code="X",
        minutes=values["minutes"],
        before_minutes=before,
        after_minutes=after,
    )
    if values["rooms"] == 0:
        shelf.Operatory.update(active=False).where(
            shelf.Operatory.id == clinic.operatory_id
        ).execute()
        rooms = []
    resources = [clinic.provider_id, other, *rooms]
    for which, minute, length in values["events"]:
        span = clinic.span(minute // 60, minute % 60, minutes=length, day=day)
        with contextlib.suppress(peewee.IntegrityError):  # taken by one before it
            builders.an_event(clinic, span, resource_id=resources[which % len(resources)])
    for quarter in values["visits"]:
        span = clinic.span(quarter // 4, 15 * (quarter % 4), minutes=15, day=day)
        with contextlib.suppress(peewee.IntegrityError):  # taken by one before it
            builders.an_appointment(clinic, span)
    own = {"organisation_id": clinic.organisation_id}
    if values["closed"]:
        shelf.ClosedDay.create(location_id=clinic.location_id, day=day, name="Fair", **own)
    if values["away"]:
        shelf.WorkException.create(provider_id=other, day=day, **own)
    store.forget_catalogue(clinic.organisation_id)
    who = None if values["any"] else (other,)
    return clinic, wish(clinic, Service(kind, provider_ids=who)), kind


def accepts(actor: Actor, seat: Seat, patient_id: int) -> bool:
    """Whether booking really takes it; it is taken away again."""
    try:
        done = diary.book(
            actor,
            span=seat.span,
            type_id=seat.type_id,
            provider_id=seat.provider_id,
            patient_id=patient_id,
            location_id=seat.location_id,
            operatory_id=seat.operatory_id,
        )
    except Conflicted:
        return False
    Appointment.delete().where(Appointment.id == done.value.id).execute()
    return True


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=diaries)
def test_bookable_is_exactly_what_booking_accepts(
    file_store: Store, values: dict[str, Any]
) -> None:
    clinic, asked, kind = drawn(file_store, values)
    actor = builders.an_actor(clinic)
    day: date = values["day"]
    rooms: list[int | None] = [
        room.id
        for room in file_store.catalogue(clinic.organisation_id).operatories.values()
        if room.active
    ] or [None]

    found = offers.times(actor, asked, day, now=datetime(2031, 1, 1, tzinfo=UTC))

    for offer in found:
        if offer.bookable:
            assert accepts(actor, offer.seats[0], clinic.patient_id)
            assert offer.seats[0].provider_id in offer.provider_ids
            continue
        assert offer.reasons
        able = (
            asked.services[0].provider_ids
            or file_store.catalogue(clinic.organisation_id).providers.keys()
        )
        for provider_id in able:
            for room in rooms:
                span = Span.lasting(offer.starts_at, values["minutes"])
                seat = Seat(kind, span, provider_id, clinic.location_id, room)
                assert not accepts(actor, seat, clinic.patient_id)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=diaries, two=st.booleans(), same=st.booleans(), gap=st.sampled_from((0, 10, 60)))
def test_a_day_is_offered_exactly_when_one_of_its_times_is(
    file_store: Store, values: dict[str, Any], two: bool, same: bool, gap: int
) -> None:
    clinic, asked, kind = drawn(file_store, values)
    actor = builders.an_actor(clinic)
    now = datetime(2031, 1, 1, tzinfo=UTC)
    if two:
        second = Service(kind, minutes=30, gap_minutes=gap)
        asked = replace(asked, services=(*asked.services, second), same_provider=same)

    for _ in ("claims", "index"):
        month = offers.days(actor, asked, values["day"], now=now)
        first = {d.day: d.first for d in month}
        near = {values["day"] + n * DAY for n in (-1, 0, 1)} & first.keys()
        for day in near:
            able = [o.starts_at for o in offers.times(actor, asked, day, now=now) if o.bookable]
            assert first[day] == (able[0] if able else None)
        file_store.occupancy(clinic.organisation_id).catch_up()
