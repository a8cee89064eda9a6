"""Next openings: the same as a plain sweep with the rules, on the index and without it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models import catalogue as shelf
from clinic_desk.models.claims import Claim
from clinic_desk.models.diary import AppointmentExtra, Hold
from clinic_desk.models.people import Provider
from clinic_desk.rules import availability, clinic_time
from clinic_desk.rules.availability import Candidate
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.spans import Span, common
from clinic_desk.services import diary, events, holds, openings
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import OpeningCard, Override
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

DAY = timedelta(days=1)
AUTUMN = date(2031, 10, 26)
"""Europe's clocks go back."""


def find(clinic: Clinic, actor: Actor, **wish: Any) -> tuple[OpeningCard, ...]:
    values: dict[str, Any] = {
        "minutes": 30,
        "provider_ids": [clinic.provider_id],
        "from_at": clinic.at(0),
        "until": clinic.at(0) + 7 * DAY,
        "count": 5,
    } | wish
    return openings.next(actor, **values)


@pytest.fixture(params=["index", "claims"])
def ready(request: pytest.FixtureRequest, clinic: Clinic) -> bool:
    """Once with the occupancy index, once as on a desk that has just started."""
    if request.param == "index":
        clinic.store.occupancy(clinic.organisation_id).catch_up()
    return bool(request.param == "index")


def starts(found: tuple[OpeningCard, ...]) -> list[datetime]:
    return [card.span.starts_at for card in found]


@pytest.mark.usefixtures("ready")
def test_the_first_opening_is_the_first_of_the_work_hours(clinic: Clinic, actor: Actor) -> None:
    found = find(clinic, actor)

    assert starts(found) == [clinic.at(8), *(clinic.at(8, m) for m in (15, 30, 45)), clinic.at(9)]
    assert {card.operatory_id for card in found} == {clinic.operatory_id}
    assert {card.location_id for card in found} == {clinic.location_id}
    assert found[0].span == clinic.span(8)


@pytest.mark.usefixtures("ready")
def test_a_booking_takes_its_time_and_the_next_answer_knows_it(
    clinic: Clinic, actor: Actor
) -> None:
    assert starts(find(clinic, actor, count=1)) == [clinic.at(8)]

    diary.book(
        actor,
        span=clinic.span(8, minutes=40),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
    )

    assert starts(find(clinic, actor, count=1)) == [clinic.at(8, 45)]


@pytest.mark.usefixtures("ready")
def test_buffers_have_to_be_free_but_may_lie_outside_the_hours(
    clinic: Clinic, actor: Actor
) -> None:
    events.add(actor, resource_id=clinic.provider_id, span=clinic.span(10), title="Team")

    early = find(clinic, actor, before=15, after=15, count=100)

    assert early[0].span.starts_at == clinic.at(8)
    around = [s for s in starts(early) if clinic.at(8, 45) <= s <= clinic.at(11)]
    assert around == [clinic.at(8, 45), clinic.at(9), clinic.at(9, 15), *(
        clinic.at(10, 45) + n * timedelta(minutes=15) for n in (0, 1)
    )]  # fmt: skip


@pytest.mark.usefixtures("ready")
def test_a_free_provider_without_a_free_room_is_no_opening(clinic: Clinic, actor: Actor) -> None:
    events.add(
        actor, resource_id=clinic.operatory_id, span=clinic.span(8, minutes=60), title="Repair"
    )

    assert starts(find(clinic, actor, count=1)) == [clinic.at(9)]
    assert starts(find(clinic, actor, count=1, operatory_ids=[])) == [clinic.at(8)]
    spare = builders.an_operatory(clinic)
    assert find(clinic, actor, count=1)[0].operatory_id == spare
    assert find(clinic, actor, operatory_ids=[clinic.operatory_id])[0].span == clinic.span(9)


@pytest.mark.usefixtures("ready")
def test_the_usual_room_is_offered_where_it_is_free(clinic: Clinic, actor: Actor) -> None:
    own = builders.an_operatory(clinic)
    shelf.WorkHours.update(operatory_id=own).where(
        shelf.WorkHours.provider_id == clinic.provider_id
    ).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    assert find(clinic, actor)[0].operatory_id == own


@pytest.mark.usefixtures("ready")
def test_where_the_hours_name_no_room_the_one_of_the_location_comes_first(
    clinic: Clinic, actor: Actor
) -> None:
    own = builders.an_operatory(clinic)
    shelf.Location.update(default_operatory_id=own).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    assert find(clinic, actor)[0].operatory_id == own
    known = clinic.store.catalogue(clinic.organisation_id)
    assert known.room_by_hours(clinic.provider_id, clinic.location_id, clinic.at(9)) is None


def test_a_provider_is_where_they_usually_are_on_such_a_day(clinic: Clinic) -> None:
    branch = builders.a_location(clinic, name="Branch")
    shelf.ProviderWeekday.create(
        organisation_id=clinic.organisation_id,
        provider_id=clinic.provider_id,
        weekday=builders.TUESDAY.weekday(),
        location_id=branch,
    )
    known = clinic.store.catalogue(clinic.organisation_id)

    assert known.usual_location(clinic.provider_id, builders.TUESDAY) == branch
    assert known.usual_location(clinic.provider_id, builders.TUESDAY + timedelta(days=1)) == (
        clinic.location_id
    )


@pytest.mark.usefixtures("ready")
def test_who_is_free_first_comes_first_and_equals_in_the_wished_order(
    clinic: Clinic, actor: Actor
) -> None:
    early = builders.a_provider(clinic, hours=(7 * 60, 9 * 60))
    late = builders.a_provider(clinic)
    builders.an_operatory(clinic)

    found = find(clinic, actor, provider_ids=[late, clinic.provider_id, early], count=7)

    assert [(card.provider_id, card.span.starts_at) for card in found] == [
        *((early, clinic.at(7, minute)) for minute in (0, 15, 30, 45)),
        (late, clinic.at(8)),
        (clinic.provider_id, clinic.at(8)),
        (early, clinic.at(8)),
    ]


@pytest.mark.usefixtures("ready")
def test_only_the_active_and_qualified_are_asked(clinic: Clinic, actor: Actor) -> None:
    dentist, gone = builders.a_provider(clinic), builders.a_provider(clinic)
    skill = builders.a_qualification(clinic, "Dentist", dentist, gone)
    crown = builders.a_type(clinic, qualification_ids=(skill,))
    Provider.update(active=False).where(Provider.id == gone).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    found = find(clinic, actor, provider_ids=None, type_id=crown, count=20)

    assert {card.provider_id for card in found} == {dentist}
    with pytest.raises(NotFound):
        find(clinic, actor, type_id=999_999)


@pytest.mark.usefixtures("ready")
def test_the_patients_own_visits_are_kept_clear(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_provider(clinic)
    builders.an_operatory(clinic)
    diary.book(
        actor,
        span=clinic.span(8, minutes=60),
        type_id=clinic.type_id,
        provider_id=other,
        patient_id=clinic.patient_id,
    )

    assert starts(find(clinic, actor, count=1)) == [clinic.at(8)]
    assert starts(find(clinic, actor, count=1, patient_id=clinic.patient_id)) == [clinic.at(9)]


@pytest.mark.usefixtures("ready")
def test_closed_days_and_absences_are_passed_over(clinic: Clinic, actor: Actor) -> None:
    own = {"organisation_id": clinic.organisation_id}
    shelf.ClosedDay.create(location_id=clinic.location_id, day=TUESDAY, name="Holiday", **own)
    shelf.WorkException.create(provider_id=clinic.provider_id, day=TUESDAY + DAY, **own)
    shelf.WorkException.create(
        provider_id=clinic.provider_id,
        day=TUESDAY + 2 * DAY,
        starts_minute=14 * 60,
        ends_minute=15 * 60,
        **own,
    )
    clinic.store.forget_catalogue(clinic.organisation_id)

    assert starts(find(clinic, actor, count=1)) == [clinic.at(14, day=TUESDAY + 2 * DAY)]


@pytest.mark.usefixtures("ready")
def test_a_hold_of_another_desk_is_not_offered(clinic: Clinic, actor: Actor) -> None:
    Hold.create(
        organisation_id=clinic.organisation_id,
        desk="other desk",
        resource_id=clinic.provider_id,
        starts_at=clinic.at(8),
        ends_at=clinic.at(8, 30),
        expires_at=datetime.now(UTC) + timedelta(seconds=60),
    )

    assert starts(find(clinic, actor, count=1)) == [clinic.at(8, 30)]


@pytest.mark.usefixtures("ready")
def test_a_visit_lies_wholly_between_the_two_instants(clinic: Clinic, actor: Actor) -> None:
    between = {"from_at": clinic.at(8, 1), "until": clinic.at(9, 1)}

    assert starts(find(clinic, actor, **between)) == [clinic.at(8, 15), clinic.at(8, 30)]
    assert find(clinic, actor, minutes=60, **between) == ()


def test_the_past_can_be_asked_too(clinic: Clinic, actor: Actor) -> None:
    clinic.store.occupancy(clinic.organisation_id).catch_up()
    long_ago = clinic.at(0, day=date(2024, 3, 5))

    found = find(clinic, actor, from_at=long_ago, until=long_ago + DAY, count=1)

    assert starts(found) == [clinic.at(8, day=date(2024, 3, 5))]


@pytest.mark.parametrize(
    "wish",
    [{"minutes": 0}, {"minutes": 1441}, {"before": -1}, {"after": 1441}, {"count": 0},
     {"count": 501}, {"until": datetime(2040, 1, 1, tzinfo=UTC)}],
)  # fmt: skip
def test_wishes_without_sense_are_refused(
    clinic: Clinic, actor: Actor, wish: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        find(clinic, actor, **wish)


def test_with_the_index_the_answer_costs_one_statement(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    store.occupancy(clinic.organisation_id).catch_up()
    find(clinic, actor)

    with statements(store) as seen:
        find(clinic, actor)

    assert len(seen) == 1


def test_without_it_a_block_costs_a_statement_for_providers_and_one_for_rooms(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    for _ in range(5):
        builders.a_provider(clinic)
    find(clinic, actor)

    with statements(store) as seen:
        find(clinic, actor, provider_ids=None)

    assert len(seen) == 3


# The same answers as a plain sweep ------------------------------------------------------------


def swept(
    catalogue: Catalogue, claims: list[Claim], wish: openings.Wish, window: Span
) -> list[OpeningCard]:
    """Every opening by the rules, one period after the other: slow and plain."""
    order: list[tuple[int, int, int | None]] = []
    candidates = []
    for provider_id in wish.provider_ids:
        for place in sorted(catalogue.locations.values(), key=lambda card: card.id):
            if wish.location_id not in {None, place.id}:
                continue
            zone = clinic_time.zone(place.time_zone)
            days = clinic_time.days(Span(window.starts_at - DAY, window.ends_at + DAY), zone)
            worked = [
                span
                for day in days
                for where, span in catalogue.provider_hours(provider_id, [day])
                if where == place.id
            ]
            inside = common(worked, catalogue.clinic_spans(place.id, days, zone))
            inside = [part for span in inside if (part := span.clipped(window))]
            rooms = [o for o in catalogue.operatories.values() if o.location_id == place.id]
            numbers: list[int | None] = [o.id for o in rooms]
            for room in numbers or [None]:
                taken = [
                    Span(claim.starts_at, claim.ends_at)
                    for claim in claims
                    if claim.resource_id in {provider_id, room}
                ]
                around = Span(window.starts_at - 3 * DAY, window.ends_at + 3 * DAY)
                order.append((provider_id, place.id, room))
                free = availability.free([around], taken)
                candidates.append(Candidate(len(order) - 1, inside, free, zone))
    found = availability.first_openings(
        candidates,
        minutes=wish.minutes,
        before=wish.before,
        after=wish.after,
        step_minutes=catalogue.organisation.step_minutes,
        count=100_000,
    )
    out: list[OpeningCard] = []
    for start, key in found:
        card = OpeningCard(Span.lasting(start, wish.minutes), *order[key])
        same = (card.span, card.provider_id, card.location_id)
        if not any((c.span, c.provider_id, c.location_id) == same for c in out[-20:]):
            out.append(card)
    return out[: wish.count]


weekly = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(0, 23).map(lambda hour: hour * 60),
        st.sampled_from((45, 240, 600, 1440)),
        st.sampled_from(("every", "odd", "even")),
        st.booleans(),
    ),
    min_size=2,
    max_size=8,
)
busy = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(-3000, 12 * 1440), st.sampled_from((5, 45, 300, 2000))
    ),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    zones=st.sampled_from(
        (
            ("Europe/Vienna", "America/Los_Angeles"),
            ("Australia/Lord_Howe", "Africa/Cairo"),
            ("Asia/Kathmandu", "Pacific/Chatham"),
        )
    ),
    work=weekly,
    exceptions=st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from((None, 0, 600)), st.booleans()),
        max_size=3,
        unique_by=lambda item: item[0],
    ),
    taken=busy,
    begin=st.sampled_from((date(2031, 10, 24), date(2031, 3, 28), date(2031, 5, 14))),
    minutes=st.sampled_from((1, 45, 180)),
    buffers=st.tuples(st.sampled_from((0, 5, 600)), st.sampled_from((0, 10, 1440))),
    step=st.sampled_from((5, 15, 60)),
)
def test_the_answers_are_those_of_a_plain_sweep(
    store: Store,
    zones: tuple[str, str],
    work: list[Any],
    exceptions: list[Any],
    taken: list[Any],
    begin: date,
    minutes: int,
    buffers: tuple[int, int],
    step: int,
) -> None:
    clinic = builders.a_clinic(store, time_zone=zones[0], step_minutes=step)
    far = builders.a_location(clinic, time_zone=zones[1], hours=(0, 1380))
    other = builders.a_provider(clinic, hours=None)
    for weekday, start, length, weeks, away in work:
        builders.work_hours(
            clinic,
            other,
            weekday=weekday,
            starts_minute=start,
            ends_minute=min(start + length, 1440),
            weeks=weeks,
            location_id=far if away else clinic.location_id,
        )
    own = {"organisation_id": clinic.organisation_id}
    for number, start, away in exceptions:
        shelf.WorkException.create(
            provider_id=other,
            day=begin + number * DAY,
            starts_minute=start,
            ends_minute=None if start is None else start + 200,
            location_id=(far if away else clinic.location_id) if start else None,
            **own,
        )
    shelf.ClosedDay.create(location_id=far, day=begin + 4 * DAY, name="Closed", **own)
    store.forget_catalogue(clinic.organisation_id)
    resources = (clinic.provider_id, other, clinic.operatory_id)
    origin = datetime.combine(begin, datetime.min.time(), UTC)
    for which, minute, length in taken:
        span = Span.lasting(origin + timedelta(minutes=minute), length)
        if not _is_taken(resources[which % 3], span):
            builders.an_event(clinic, span, resource_id=resources[which % 3])
    window = Span(origin + timedelta(hours=5), origin + 10 * DAY)
    actor = builders.an_actor(clinic)
    wish = openings.Wish(
        minutes=minutes,
        before=buffers[0],
        after=buffers[1],
        provider_ids=(other, clinic.provider_id),
        location_id=None,
        rooms=None,
        patient_id=None,
        start=0,
        end=0,
        count=40,
    )
    claims = list(Claim.select().where(Claim.resource_id << resources))
    want = swept(store.catalogue(clinic.organisation_id), claims, wish, window)

    for _ in ("claims", "index", "index, warm"):
        got = openings.next(
            actor,
            minutes=minutes,
            before=buffers[0],
            after=buffers[1],
            provider_ids=wish.provider_ids,
            from_at=window.starts_at,
            until=window.ends_at,
            count=wish.count,
        )
        assert list(got) == want
        store.occupancy(clinic.organisation_id).catch_up()


@pytest.mark.usefixtures("ready")
def test_the_visit_that_is_to_be_moved_takes_no_time_itself(clinic: Clinic, actor: Actor) -> None:
    dentist = builders.a_provider(clinic)
    asked: dict[str, Any] = {"type_id": clinic.type_id, "provider_id": clinic.provider_id}
    asked |= {"operatory_id": clinic.operatory_id, "patient_id": clinic.patient_id}
    diary.book(actor, span=clinic.span(8, minutes=20), **asked)
    moved = diary.book(actor, span=clinic.span(8, 30, minutes=20), **asked).value
    AppointmentExtra.create(
        organisation_id=clinic.organisation_id,
        appointment_id=moved.id,
        resource_id=dentist,
        from_minute=0,
        to_minute=20,
    )
    wish: dict[str, Any] = {
        "patient_id": clinic.patient_id,
        "ignore": ("a", moved.id),
        "minutes": 20,
    }

    assert starts(find(clinic, actor, **wish, count=1)) == [clinic.at(8, 30)]
    assert starts(find(clinic, actor, **(wish | {"ignore": None}), count=1)) == [clinic.at(9)]
    # The gaps before and after it are too short, and long enough with it.
    long = wish | {"minutes": 40}
    assert starts(find(clinic, actor, **long, count=1)) == [clinic.at(8, 30)]
    asked["patient_id"] = builders.a_patient(clinic)
    pain = Override("Pain")
    diary.book(actor, span=clinic.span(8, 45, minutes=20), override=pain, **asked)
    assert starts(find(clinic, actor, **long, count=1)) == [clinic.at(9, 15)]
    other = wish | {"provider_ids": [dentist], "operatory_ids": (), "patient_id": None}
    clinic.store.occupancy(clinic.organisation_id).forget()
    assert starts(find(clinic, actor, **other, from_at=clinic.at(8, 30), count=1)) == [
        clinic.at(8, 30)
    ]


@pytest.mark.usefixtures("ready")
def test_what_the_dialog_itself_holds_is_free_to_it(clinic: Clinic, actor: Actor) -> None:
    slot = holds.Slot(clinic.span(8), clinic.provider_id, clinic.operatory_id)
    holds.take(actor, "mine", [slot])

    assert starts(find(clinic, actor, desk="mine", count=1)) == [clinic.at(8)]
    assert starts(find(clinic, actor, desk="another", count=1)) == [clinic.at(8, 30)]
    assert starts(find(clinic, actor, count=1)) == [clinic.at(8, 30)]


@pytest.mark.usefixtures("ready")
def test_an_opening_tells_nothing_of_another_organisation(clinic: Clinic, actor: Actor) -> None:
    theirs = builders.a_clinic(clinic.store, name="Elsewhere")
    visit = builders.an_appointment(theirs, theirs.span(8))

    for foreign in (
        {"patient_id": theirs.patient_id},
        {"type_id": theirs.type_id},
        {"provider_ids": [clinic.provider_id, theirs.provider_id]},
        {"operatory_ids": [theirs.operatory_id]},
        {"location_id": theirs.location_id},
    ):
        with pytest.raises(NotFound):
            find(clinic, actor, **foreign)
    ignoring = find(clinic, actor, ignore=("a", visit), count=1)
    assert starts(ignoring) == [clinic.at(8)]


def _is_taken(resource_id: int, span: Span) -> bool:
    rows = Claim.select().where(Claim.resource_id == resource_id)
    return any(Span(row.starts_at, row.ends_at).overlaps(span) for row in rows)
