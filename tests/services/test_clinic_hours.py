"""When providers work, and what changing it would break."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Stale
from clinic_desk.rules.hours import EVEN, OneDay, Weekly, is_odd
from clinic_desk.rules.permissions import ROLES
from clinic_desk.services import clinic_hours, clinic_providers
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.clinic_setup import broken
from tests.services.counting import statements

DAY = timedelta(days=1)


def week(clinic: Clinic, begin: int, end: int, **fields: object) -> tuple[Weekly, ...]:
    """The same hours on every day."""
    return tuple(
        Weekly(d, begin * 60, end * 60, location_id=clinic.location_id, **fields)  # type: ignore[arg-type]
        for d in range(7)
    )


def weekly(actor: Actor, clinic: Clinic) -> tuple[Weekly, ...]:
    """The hours as they stand."""
    return clinic_providers.provider(actor, clinic.provider_id).weekly


def test_a_whole_week_is_one_deed(clinic: Clinic, actor: Actor) -> None:
    wanted = week(clinic, 9, 12)

    done = clinic_hours.set_week(
        actor, clinic.provider_id, before=weekly(actor, clinic), weekly=wanted
    )

    assert weekly(actor, clinic) == done.value == wanted
    assert {kind for kind, _n in done.changed} == {"work_hours"}


def test_shorter_hours_name_the_visits_outside_them(clinic: Clinic, actor: Actor) -> None:
    late = builders.an_appointment(clinic, clinic.span(15))
    builders.an_appointment(clinic, clinic.span(10))
    before, wanted = weekly(actor, clinic), week(clinic, 9, 12)

    found = broken(clinic_hours.set_week, actor, clinic.provider_id, before=before, weekly=wanted)

    assert found.ids == {late}
    assert "does not work then" in str(found.lines[0].reasons[0])
    clinic_hours.set_week(actor, clinic.provider_id, before=before, weekly=wanted, accept=found.ids)
    assert clinic_hours.to_be_replaced(actor).ids == {late}


def test_hours_of_even_weeks_leave_the_odd_ones(clinic: Clinic, actor: Actor) -> None:
    assert not is_odd(TUESDAY)
    builders.an_appointment(clinic, clinic.span(10))
    odd = builders.an_appointment(clinic, clinic.span(10, day=TUESDAY + 7 * DAY))

    found = broken(
        clinic_hours.set_week,
        actor,
        clinic.provider_id,
        before=weekly(actor, clinic),
        weekly=week(clinic, 8, 18, weeks=EVEN),
    )

    assert found.ids == {odd}


def test_somebody_elses_change_is_not_written_over(clinic: Clinic, actor: Actor) -> None:
    before = weekly(actor, clinic)
    clinic_hours.set_week(actor, clinic.provider_id, before=before, weekly=week(clinic, 8, 17))

    with pytest.raises(Stale) as caught:
        clinic_hours.set_week(actor, clinic.provider_id, before=before, weekly=())

    assert caught.value.theirs == week(clinic, 8, 17)


def test_hours_that_make_no_sense_are_refused(store: Store, clinic: Clinic, actor: Actor) -> None:
    before = weekly(actor, clinic)
    other = builders.a_clinic(store, name="Elsewhere")
    for wanted in (
        (Weekly(0, 480, 600),),
        (Weekly(0, 480, 600, location_id=other.location_id),),
        (
            Weekly(0, 480, 600, location_id=clinic.location_id),
            Weekly(0, 590, 700, location_id=builders.a_location(clinic, name="Broadway")),
        ),
    ):
        with pytest.raises(Invalid):
            clinic_hours.set_week(actor, clinic.provider_id, before=before, weekly=wanted)
    with pytest.raises(NotFound):
        clinic_hours.set_week(actor, other.provider_id, before=before, weekly=())
    with pytest.raises(NotAllowed):
        clinic_hours.set_week(
            builders.an_actor(clinic, ROLES["Provider"]),
            clinic.provider_id,
            before=before,
            weekly=(),
        )


def test_one_day_has_other_hours_and_gets_the_weekly_ones_back(
    clinic: Clinic, actor: Actor
) -> None:
    morning = builders.an_appointment(clinic, clinic.span(9))
    after_noon = (OneDay(TUESDAY, 13 * 60, 19 * 60, location_id=clinic.location_id),)

    found = broken(
        clinic_hours.set_day, actor, clinic.provider_id, TUESDAY, before=(), hours=after_noon
    )
    assert found.ids == {morning}
    (card,) = clinic_hours.set_day(
        actor,
        clinic.provider_id,
        TUESDAY,
        before=(),
        hours=after_noon,
        reason="Training",
        accept=found.ids,
    ).value
    assert (card.hours, card.reason) == (after_noon[0], "Training")
    assert clinic_hours.days(actor, clinic.provider_id) == (card,)

    clinic_hours.set_day(actor, clinic.provider_id, TUESDAY, before=after_noon, hours=())
    assert clinic_hours.days(actor, clinic.provider_id) == ()
    assert not clinic_hours.to_be_replaced(actor).ids
    with pytest.raises(Stale):
        clinic_hours.set_day(actor, clinic.provider_id, TUESDAY, before=after_noon, hours=())


def test_time_off_is_entered_over_visits_and_lists_them_to_be_replaced(
    clinic: Clinic, actor: Actor
) -> None:
    inside = builders.an_appointment(clinic, clinic.span(9))
    builders.an_appointment(clinic, clinic.span(9, day=TUESDAY + 7 * DAY))
    builders.an_appointment(clinic, clinic.span(11), provider_id=builders.a_provider(clinic))
    off = (clinic.provider_id, TUESDAY - DAY, TUESDAY + 2 * DAY)

    found = broken(clinic_hours.take_off, actor, *off, reason="Flu")
    assert found.ids == {inside}
    cards = clinic_hours.take_off(actor, *off, reason="Flu", accept=found.ids).value

    assert [card.hours for card in cards] == [OneDay(TUESDAY + n * DAY) for n in (-1, 0, 1, 2)]
    waiting = clinic_hours.to_be_replaced(actor)
    assert waiting.ids == {inside}
    assert waiting.lines[0].patient_name.startswith("Smith")
    assert "does not work on that day" in str(waiting.lines[0].reasons[0])


def test_time_off_needs_days_in_order_and_not_too_many(clinic: Clinic, actor: Actor) -> None:
    for last in (TUESDAY - DAY, TUESDAY + 100 * DAY):
        with pytest.raises(Invalid):
            clinic_hours.take_off(actor, clinic.provider_id, TUESDAY, last)
    quarter = clinic_hours.take_off(actor, clinic.provider_id, TUESDAY, TUESDAY + 91 * DAY)
    assert len(quarter.value) == 92


def test_the_list_of_days_is_one_query_and_leaves_the_past_out(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    clinic_hours.take_off(actor, clinic.provider_id, date(2020, 1, 1), date(2020, 1, 5))
    clinic_hours.take_off(actor, clinic.provider_id, TUESDAY, TUESDAY + 20 * DAY)
    actor.may("Location Show")

    with statements(store) as seen:
        found = clinic_hours.days(actor, clinic.provider_id)

    assert (len(found), len(seen)) == (21, 1)


def test_the_list_to_be_replaced_takes_the_same_statements_however_long(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    clinic_hours.take_off(actor, clinic.provider_id, TUESDAY, TUESDAY)
    builders.an_appointment(clinic, clinic.span(9))
    clinic_hours.to_be_replaced(actor)
    with statements(store) as few:
        clinic_hours.to_be_replaced(actor)
    for hour in (10, 11, 12):
        builders.an_appointment(clinic, clinic.span(hour))
    clinic_hours.to_be_replaced(actor)

    with statements(store) as seen:
        assert clinic_hours.to_be_replaced(actor).count == 4

    assert len(seen) == len(few)


def test_the_weekly_hours_hold_again_where_time_off_is_put_back(
    clinic: Clinic, actor: Actor
) -> None:
    number, last = clinic.provider_id, TUESDAY + 13 * DAY
    away = clinic_hours.take_off(actor, number, TUESDAY, last, reason="Vacation").value
    shown = tuple(card.hours for card in away)

    with pytest.raises(Stale):
        clinic_hours.put_back(actor, number, TUESDAY, last, before=shown[1:])
    clinic_hours.put_back(actor, number, TUESDAY, last, before=shown)

    assert clinic_hours.days(actor, number) == ()


def test_hours_of_a_free_day_are_not_put_back_before_their_visits_were_named(
    clinic: Clinic, actor: Actor
) -> None:
    number = clinic.provider_id
    late = (OneDay(TUESDAY, 19 * 60, 20 * 60, clinic.location_id),)
    clinic_hours.set_day(actor, number, TUESDAY, before=(), hours=late)
    visit = builders.an_appointment(clinic, clinic.span(19))

    found = broken(clinic_hours.put_back, actor, number, TUESDAY, TUESDAY, before=late)
    assert found.ids == {visit}
    clinic_hours.put_back(actor, number, TUESDAY, TUESDAY, before=late, accept=found.ids)
    assert clinic_hours.days(actor, number) == ()


def test_a_longer_time_off_takes_its_reason_to_the_days_that_were_off_already(
    clinic: Clinic, actor: Actor
) -> None:
    clinic_hours.take_off(actor, clinic.provider_id, TUESDAY, TUESDAY, reason="Flu")
    clinic_hours.take_off(actor, clinic.provider_id, TUESDAY, TUESDAY + DAY, reason="Parental")

    reasons = [card.reason for card in clinic_hours.days(actor, clinic.provider_id)]
    assert reasons == ["Parental", "Parental"]
