"""Planned events: once and coming back, and the dates on which the time is taken."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Stale
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.services import clinic_events, events, journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_event_cards import EventDraft, PlannedEvent, TakenDates
from clinic_desk.services.impact import Impact
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

WEEK = timedelta(days=7)


def meeting(clinic: Clinic, **fields: Any) -> EventDraft:
    """Every week at noon, ten times."""
    draft = EventDraft("Team", clinic.provider_id, TUESDAY, rule=Rule(Every.WEEK, count=10))
    return replace(draft, **fields)


def taken(call: Any, *args: Any, **kwargs: Any) -> Impact:
    """The dates that are named as taken."""
    with pytest.raises(TakenDates) as caught:
        call(*args, **kwargs)
    return caught.value.impact


def only(actor: Actor) -> PlannedEvent:
    """The one event that is planned."""
    (found,) = clinic_events.planned(actor)
    return found


def test_an_event_is_written_once(clinic: Clinic, actor: Actor) -> None:
    number = clinic_events.add(actor, meeting(clinic, rule=None)).value
    found = only(actor)
    assert (found.card.id, found.rule, found.left, found.last) == (number, None, 1, TUESDAY)
    assert found.card.span == clinic.span(12, minutes=60)
    assert found == clinic_events.planned_one(actor, number)


def test_a_series_is_one_line_and_stays_at_its_wall_time(clinic: Clinic, actor: Actor) -> None:
    rule = Rule(Every.WEEK, 2, frozenset({1, 3}), until=date(2032, 5, 1))
    done = clinic_events.add(actor, meeting(clinic, rule=rule))
    found = only(actor)
    assert (found.rule, found.left) == (rule, len(done.changed))
    assert found.left > clinic_events.CHUNK
    zone = clinic_time.zone(clinic.time_zone)
    rows = clinic_events._rows(actor, found)
    assert {clinic_time.wall(row.starts_at, zone).hour for row in rows} == {12}
    assert {clinic_time.wall(row.starts_at, zone).weekday() for row in rows} == {1, 3}


def test_dates_that_are_taken_are_named_and_left_out_once_accepted(
    clinic: Clinic, actor: Actor
) -> None:
    visit = builders.an_appointment(clinic, clinic.span(12, day=TUESDAY + WEEK))
    events.add(
        actor,
        resource_id=clinic.provider_id,
        span=clinic.span(12, day=TUESDAY + 2 * WEEK),
        title="Lunch",
    )
    draft = meeting(clinic)

    found = taken(clinic_events.add, actor, draft)
    assert found.ids == {(TUESDAY + n * WEEK).toordinal() for n in (1, 2)}
    assert [line.id for line in found.lines] == [visit, 0]
    assert "is taken by" in str(found.lines[0].reasons[0])
    assert len(clinic_events.planned(actor)) == 1

    clinic_events.add(actor, draft, accept=found.ids)
    (series,) = [one for one in clinic_events.planned(actor) if one.rule is not None]
    assert series.left == 8


def test_where_no_date_is_left_nothing_is_written(clinic: Clinic, actor: Actor) -> None:
    builders.an_appointment(clinic, clinic.span(12))
    once = meeting(clinic, rule=None)
    found = taken(clinic_events.add, actor, once)
    with pytest.raises(Invalid):
        clinic_events.add(actor, once, accept=found.ids)
    assert clinic_events.planned(actor) == ()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 201}),
        ("resource_id", {"resource_id": 999}),
        ("ends_minute", {"ends_minute": 12 * 60}),
        ("interval", {"rule": Rule(Every.DAY, 5000)}),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_of_its_field(
    clinic: Clinic, actor: Actor, field: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as caught:
        clinic_events.add(actor, meeting(clinic, **fields))
    assert caught.value.field == field


def test_all_that_is_to_come_gets_another_time_and_title(clinic: Clinic, actor: Actor) -> None:
    clinic_events.add(actor, meeting(clinic))
    before = only(actor)
    builders.an_appointment(clinic, clinic.span(8, day=TUESDAY + WEEK))
    wanted = meeting(clinic, title="Huddle", starts_minute=8 * 60, ends_minute=8 * 60 + 15)

    found = taken(clinic_events.change, actor, before, wanted)
    assert found.ids == {(TUESDAY + WEEK).toordinal()}
    clinic_events.change(actor, before, wanted, accept=found.ids)

    after = only(actor)
    assert (after.card.title, after.card.span) == ("Huddle", clinic.span(8, minutes=15))
    rows = clinic_events._rows(actor, after)
    assert [row.title for row in rows].count("Team") == 1 and len(rows) == 10
    with pytest.raises(Stale):
        clinic_events.change(actor, before, wanted)


def test_a_single_event_moves_to_another_day_and_room(clinic: Clinic, actor: Actor) -> None:
    clinic_events.add(actor, meeting(clinic, rule=None))
    wanted = meeting(clinic, rule=None, day=TUESDAY + WEEK, resource_id=clinic.operatory_id)
    clinic_events.change(actor, only(actor), wanted)
    card = only(actor).card
    assert card.span == clinic.span(12, minutes=60, day=TUESDAY + WEEK)
    assert (card.resource_id, card.location_id) == (clinic.operatory_id, clinic.location_id)


def test_all_that_is_to_come_goes(clinic: Clinic, actor: Actor) -> None:
    clinic_events.add(actor, meeting(clinic, rule=Rule(Every.WEEK, count=40)))
    before = only(actor)
    clinic_events.remove(actor, before)
    assert clinic_events.planned(actor) == ()
    with pytest.raises(Stale):
        clinic_events.remove(actor, before)
    with pytest.raises(NotFound):
        clinic_events.planned_one(actor, before.card.id)


def test_a_long_series_is_taken_back_deed_by_deed(clinic: Clinic, actor: Actor) -> None:
    done = clinic_events.add(actor, meeting(clinic, rule=Rule(Every.WEEK, count=70)))
    assert len(done.earlier) == 2

    for seq in reversed((*done.earlier, done.seq)):
        journal.undo(actor, seq)

    assert clinic_events.planned(actor) == ()


def test_the_list_is_one_query_and_shows_nothing_of_another_organisation(
    clinic: Clinic, actor: Actor, store: Store
) -> None:
    for day in range(3):
        draft = meeting(clinic, day=TUESDAY + timedelta(days=day), starts_minute=600)
        clinic_events.add(actor, draft)
    other = builders.a_clinic(store, name="Elsewhere")
    clinic_events.add(builders.an_actor(other), meeting(other))

    with statements(store) as seen:
        found = clinic_events.planned(actor)
    assert len(seen) == 1
    assert [one.left for one in found] == [10, 10, 10]
    assert {one.card.title for one in found} == {"Team"}


def test_whoever_may_not_change_events_writes_none(clinic: Clinic, actor: Actor) -> None:
    less = builders.an_actor(clinic, frozenset({"Appointment Get All"}))
    with pytest.raises(NotAllowed):
        clinic_events.add(less, meeting(clinic), request_id=str(uuid.uuid4()))
    assert clinic_events.planned(less) == ()
