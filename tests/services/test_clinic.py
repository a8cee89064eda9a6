"""Locations and operatories, and what changing them would break."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from clinic_desk.models.catalogue import ClinicHours, Location
from clinic_desk.rules.errors import Conflicted, Invalid, NotAllowed, Refused, Stale
from clinic_desk.rules.hours import EVEN, ODD, Weekly
from clinic_desk.rules.permissions import ROLES
from clinic_desk.services import clinic as set_up
from clinic_desk.services import journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_cards import LocationDraft, OperatoryDraft
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.clinic_setup import broken
from tests.services.counting import statements
from tests.services.test_diary import book

NINE_TO_FIVE = tuple(Weekly(day, 9 * 60, 17 * 60) for day in range(7))


def test_a_location_is_added_with_its_hours_and_closed_days(actor: Actor) -> None:
    made = set_up.add_location(
        actor,
        LocationDraft(
            name="  Broadway ",
            address="1 Broadway",
            time_zone="America/New_York",
            phone="+43 1 5880117",
            hours=NINE_TO_FIVE,
            closed=((date(2031, 12, 25), "Christmas"),),
        ),
    ).value

    assert set_up.location(actor, made.card.id) == made
    assert (made.card.name, made.card.time_zone) == ("Broadway", "America/New_York")
    assert made.card.phone == "+43 1 5880117"
    assert made.hours == NINE_TO_FIVE
    assert made.closed == ((date(2031, 12, 25), "Christmas"),)
    assert [card.name for card in set_up.locations(actor)] == ["Broadway", "Main Street"]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "MAIN STREET"}),
        ("time_zone", {"time_zone": "Mars/Phobos"}),
        ("phone", {"phone": "call me"}),
        ("hours", {"hours": (Weekly(0, 480, 600), Weekly(0, 540, 660))}),
        ("default_operatory_id", {"default_operatory_id": 999}),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    actor: Actor, field: str, fields: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as caught:
        set_up.add_location(actor, replace(LocationDraft("New"), **fields))  # type: ignore[arg-type]

    assert caught.value.field == field


def test_hours_of_odd_and_of_even_weeks_are_those_of_every_week(actor: Actor) -> None:
    both = (Weekly(0, 480, 600, weeks=ODD), Weekly(0, 480, 600, weeks=EVEN))

    made = set_up.add_location(actor, LocationDraft("New", hours=both)).value

    assert made.hours == (Weekly(0, 480, 600),)


def test_shorter_hours_name_the_visits_outside_them_and_are_saved_when_accepted(
    clinic: Clinic, actor: Actor
) -> None:

    early = builders.an_appointment(clinic, clinic.span(8))
    builders.an_appointment(clinic, clinic.span(10))
    builders.an_appointment(clinic, clinic.span(8, 30), status="cancelled")
    shown = set_up.location(actor, clinic.location_id)
    draft = replace(shown.draft, hours=NINE_TO_FIVE)

    found = broken(set_up.change_location, actor, shown, draft)

    assert found.ids == {early}
    (line,) = found.lines
    assert line.span == clinic.span(8)
    assert line.patient_name.startswith("Smith")
    assert "closed" in str(line.reasons[0])
    assert set_up.location(actor, clinic.location_id) == shown

    later = builders.an_appointment(clinic, clinic.span(8, 30))
    again = broken(set_up.change_location, actor, shown, draft, accept=found.ids)
    assert again.ids == {later}

    set_up.change_location(actor, shown, draft, accept=found.ids | again.ids)
    assert set_up.location(actor, clinic.location_id).hours == NINE_TO_FIVE


def test_a_closed_day_a_zone_and_an_end_name_their_visits(clinic: Clinic, actor: Actor) -> None:

    visit = builders.an_appointment(clinic, clinic.span(10))
    builders.a_location(clinic, name="Broadway")
    shown = set_up.location(actor, clinic.location_id)

    for fields in (
        {"closed": ((TUESDAY, "Inventory"),)},
        {"time_zone": "America/Los_Angeles"},
        {"active": False},
    ):
        found = broken(set_up.change_location, actor, shown, replace(shown.draft, **fields))
        assert found.ids == {visit}


def test_visits_of_the_past_do_not_matter(clinic: Clinic, actor: Actor) -> None:

    builders.an_appointment(clinic, clinic.span(8, day=date(2021, 5, 18)))
    shown = set_up.location(actor, clinic.location_id)

    set_up.change_location(actor, shown, replace(shown.draft, hours=NINE_TO_FIVE))


def test_who_may_not_see_the_calendar_is_not_told_names(clinic: Clinic, actor: Actor) -> None:

    builders.an_appointment(clinic, clinic.span(8))
    blind = builders.an_actor(
        clinic, frozenset({"Location Show", "Location Update All", "Hours Update"})
    )
    shown = set_up.location(blind, clinic.location_id)

    found = broken(set_up.change_location, blind, shown, replace(shown.draft, hours=NINE_TO_FIVE))

    assert [line.patient_name for line in found.lines] == [""]


def test_what_was_shown_before_is_not_written_over(clinic: Clinic, actor: Actor) -> None:

    shown = set_up.location(actor, clinic.location_id)
    set_up.change_location(actor, shown, replace(shown.draft, hours=NINE_TO_FIVE))

    with pytest.raises(Stale) as caught:
        set_up.change_location(actor, shown, replace(shown.draft, name="Other"))

    assert caught.value.theirs.hours == NINE_TO_FIVE


def test_one_save_is_one_deed_and_writes_only_what_differs(clinic: Clinic, actor: Actor) -> None:

    shown = set_up.location(actor, clinic.location_id)
    longer = (replace(shown.hours[0], ends_minute=21 * 60), *shown.hours[1:])

    done = set_up.change_location(actor, shown, replace(shown.draft, name="New", hours=longer))

    assert sorted(kind for kind, _n in done.changed) == ["clinic_hours", "clinic_hours", "location"]
    assert journal.told(actor, done.seq).action == "location.change"


def test_the_last_location_in_use_stays(clinic: Clinic, actor: Actor) -> None:

    shown = set_up.location(actor, clinic.location_id)

    with pytest.raises(Refused, match="only location"):
        set_up.change_location(actor, shown, replace(shown.draft, active=False))


def test_hours_need_their_own_permission(clinic: Clinic, actor: Actor) -> None:

    some = builders.an_actor(clinic, frozenset({"Location Show", "Location Update All"}))
    shown = set_up.location(some, clinic.location_id)
    set_up.change_location(some, shown, replace(shown.draft, name="Renamed"))
    shown = set_up.location(some, clinic.location_id)

    with pytest.raises(NotAllowed, match="Hours Update"):
        set_up.change_location(some, shown, replace(shown.draft, hours=NINE_TO_FIVE))
    with pytest.raises(NotAllowed):
        set_up.add_location(builders.an_actor(clinic, ROLES["Scheduler"]), LocationDraft("X"))


def test_a_room_is_added_and_made_inactive(clinic: Clinic, actor: Actor) -> None:

    made = set_up.add_operatory(actor, OperatoryDraft("Laser", clinic.location_id)).value
    assert made in set_up.operatories(actor)
    visit = builders.an_appointment(clinic, clinic.span(10), operatory_id=made.id)
    gone = OperatoryDraft("Laser", clinic.location_id, active=False)

    assert broken(set_up.change_operatory, actor, made, gone).ids == {visit}

    after = set_up.change_operatory(actor, made, gone, accept=frozenset({visit})).value
    assert not after.active
    with pytest.raises(Stale):
        set_up.change_operatory(actor, made, gone)
    with pytest.raises(Invalid):
        set_up.add_operatory(actor, OperatoryDraft("laser", clinic.location_id))


def test_a_room_of_here_can_be_the_default(clinic: Clinic, actor: Actor) -> None:

    shown = set_up.location(actor, clinic.location_id)
    draft = replace(shown.draft, default_operatory_id=clinic.operatory_id)

    set_up.change_location(actor, shown, draft)

    assert set_up.location(actor, clinic.location_id).card.default_operatory_id == (
        clinic.operatory_id
    )


def test_another_desk_books_by_the_new_hours_at_once(clinic: Clinic, actor: Actor) -> None:

    shown = set_up.location(actor, clinic.location_id)
    set_up.change_location(actor, shown, replace(shown.draft, hours=NINE_TO_FIVE))

    with pytest.raises(Conflicted):
        book(clinic, actor, clinic.span(8))


def test_nobody_elsewhere_is_touched(store: Store, clinic: Clinic, actor: Actor) -> None:
    from clinic_desk.rules.errors import NotFound

    other = builders.a_clinic(store, name="Elsewhere")
    shown = set_up.location(builders.an_actor(other), other.location_id)

    with pytest.raises(NotFound):
        set_up.location(actor, other.location_id)
    with pytest.raises(NotFound):
        set_up.change_location(actor, shown, shown.draft)
    assert Location.get_by_id(other.location_id).name == "Main Street"
    assert ClinicHours.select().where(ClinicHours.location_id == other.location_id).count() == 7


def test_saving_takes_the_same_statements_however_many_visits_stand_there(
    store: Store, clinic: Clinic, actor: Actor
) -> None:

    def count(hour: int) -> int:
        hours = tuple(Weekly(day, hour * 60, 20 * 60) for day in range(7))
        shown = set_up.location(actor, clinic.location_id)
        with statements(store) as seen:
            found = broken(set_up.change_location, actor, shown, replace(shown.draft, hours=hours))
        assert found.count == (5 if hour == 13 else 1)
        return len(seen)

    builders.an_appointment(clinic, clinic.span(8))
    few = count(9)
    for hour in (9, 10, 11, 12):
        builders.an_appointment(clinic, clinic.span(hour))

    assert count(13) == few
