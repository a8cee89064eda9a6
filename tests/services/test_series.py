"""A visit that comes back: every clash is told before, and one, some or all are changed."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models import catalogue as shelf
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ALL
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary, series, series_rows
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import Scope, SeriesClash, SeriesDone
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.test_diary import booked

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FIVE = Rule(Every.WEEK, count=5)


def on(weeks: int, days: int = 0) -> date:
    return TUESDAY + weeks * WEEK + days * DAY


def visits(actor: Actor, done: SeriesDone) -> list[AppointmentCard]:
    found = [diary.appointment(actor, number) for number in done.appointment_ids]
    return sorted(found, key=lambda card: card.span)


def repeated(clinic: Clinic, actor: Actor, rule: Rule = FIVE, **more: Any) -> SeriesDone:
    return series.repeat(actor, booked(clinic, actor).id, rule, **more)


def deeds(clinic: Clinic) -> int:
    return int(clinic.store.rows("SELECT COUNT(*) FROM deed")[0][0])


def test_a_visit_comes_back_at_the_same_wall_time(clinic: Clinic, actor: Actor) -> None:
    done = repeated(clinic, actor, Rule(Every.WEEK, interval=4, count=8))

    cards = visits(actor, done)
    assert [c.span for c in cards] == [clinic.span(10, day=on(4 * n)) for n in range(8)]
    assert len({c.span.starts_at.hour for c in cards}) == 2  # the clocks have changed
    assert {c.series_id for c in cards} == {done.series_id}
    assert {c.case_id for c in cards} == {cards[0].case_id}
    assert {c.operatory.id for c in cards if c.operatory} == {clinic.operatory_id}


def test_every_clash_is_told_before_with_its_reasons_and_the_next_free_time(
    clinic: Clinic, actor: Actor
) -> None:
    first = booked(clinic, actor)
    other = builders.a_patient(clinic)
    builders.an_appointment(clinic, clinic.span(10, day=on(1)), patient_id=other)
    shelf.ClosedDay.create(
        organisation_id=clinic.organisation_id,
        location_id=clinic.location_id,
        day=on(2),
        name="Fair",
    )
    clinic.store.forget_catalogue(clinic.organisation_id)

    found = series.preview(actor, first.id, FIVE)

    assert [d.day for d in found.dates] == [on(n) for n in range(1, 5)]
    taken, closed = found.clashes
    assert {c.kind for c in taken.reasons} == {Kind.PROVIDER}
    assert taken.next_free is not None
    assert taken.next_free.starts_at == clinic.at(10, 30, day=on(1))
    assert {c.kind for c in closed.reasons} >= {Kind.CLOSED_DAY}
    before = deeds(clinic)
    with pytest.raises(SeriesClash) as refusal:
        series.repeat(actor, first.id, FIVE)
    assert [d.day for d in refusal.value.dates] == [on(1), on(2)]
    assert deeds(clinic) == before
    assert diary.appointment(actor, first.id).series_id is None


def test_each_clash_is_left_out_or_goes_elsewhere_by_choice(clinic: Clinic, actor: Actor) -> None:
    first = booked(clinic, actor)
    for weeks in (1, 2):
        other = builders.a_patient(clinic)
        builders.an_appointment(clinic, clinic.span(10, day=on(weeks)), patient_id=other)
    clash, _ = series.preview(actor, first.id, FIVE).clashes
    assert clash.next_free is not None

    done = series.repeat(
        actor, first.id, FIVE, choices={on(1): clash.next_free.seats[0], on(2): None}
    )

    assert [c.span for c in visits(actor, done)] == [
        clinic.span(10),
        clinic.span(10, 30, day=on(1)),
        clinic.span(10, day=on(3)),
        clinic.span(10, day=on(4)),
    ]


def test_two_years_are_written_in_several_deeds_and_taken_back_together(
    clinic: Clinic, actor: Actor
) -> None:
    done = repeated(clinic, actor, Rule(Every.WEEK))

    assert len(done.appointment_ids) >= 104
    assert len(done.seqs) == 4
    series.undo(actor, done)

    cards = visits(actor, done)
    assert [c.status for c in cards].count(Status.CANCELLED) == len(cards) - 1
    assert cards[0].status is Status.SCHEDULED and cards[0].series_id is None


def test_the_same_request_is_carried_out_once(clinic: Clinic, actor: Actor) -> None:
    first, key = booked(clinic, actor), str(uuid.uuid4())

    done = series.repeat(actor, first.id, FIVE, request_id=key)
    before = deeds(clinic)
    again = series.repeat(actor, first.id, FIVE, request_id=key)

    assert again == done
    assert deeds(clinic) == before


def test_days_that_do_not_exist_are_left_out_and_told(clinic: Clinic, actor: Actor) -> None:
    end = date(2031, 5, 31)
    first = booked(clinic, actor, clinic.span(10, day=end))

    found = series.preview(actor, first.id, Rule(Every.MONTH, count=3))

    assert [d.day for d in found.dates] == [date(2031, 7, 31), date(2031, 8, 31)]
    assert [(x.month, x.day) for x in found.left_out] == [(6, 31)]


def test_only_this_one_is_changed(clinic: Clinic, actor: Actor) -> None:
    done = repeated(clinic, actor)
    third = visits(actor, done)[2]

    series.change(actor, third.id, Scope.THIS, span=clinic.span(15, day=on(2)))

    assert [c.span for c in visits(actor, done)] == [
        clinic.span(15 if n == 2 else 10, day=on(n)) for n in range(5)
    ]


def test_this_and_those_after_it_move_by_as_many_days_to_the_same_wall_time(
    clinic: Clinic, actor: Actor
) -> None:
    done = repeated(clinic, actor)
    third = visits(actor, done)[2]
    other = builders.a_provider(clinic)

    changed = series.change(
        actor,
        third.id,
        Scope.FOLLOWING,
        span=clinic.span(14, 15, minutes=45, day=on(2, days=1)),
        provider_id=other,
    )

    cards = visits(actor, done)
    assert [c.span for c in cards[:2]] == [clinic.span(10, day=on(n)) for n in range(2)]
    assert [c.span for c in cards[2:]] == [
        clinic.span(14, 15, minutes=45, day=on(n, days=1)) for n in (2, 3, 4)
    ]
    assert {c.provider.id for c in cards[2:]} == {other}
    series.undo(actor, changed)
    assert [c.span for c in visits(actor, done)] == [clinic.span(10, day=on(n)) for n in range(5)]


@pytest.mark.parametrize("by", [-1, 1])
def test_a_daily_series_moves_by_a_day_over_itself(clinic: Clinic, actor: Actor, by: int) -> None:
    done = repeated(clinic, actor, Rule(Every.DAY, count=70))
    first = visits(actor, done)[0]

    changed = series.change(actor, first.id, Scope.ALL, span=clinic.span(10, day=on(0, days=by)))

    assert len(changed.seqs) == 3
    assert [c.span for c in visits(actor, done)] == [
        clinic.span(10, day=on(0, days=n + by)) for n in range(70)
    ]


def test_a_clash_of_a_change_is_told_and_kept_where_it_is_by_choice(
    clinic: Clinic, actor: Actor
) -> None:
    done = repeated(clinic, actor)
    cards = visits(actor, done)
    builders.an_event(clinic, clinic.span(15, day=on(3)))
    goes = clinic.span(15)

    with pytest.raises(SeriesClash) as refusal:
        series.change(actor, cards[0].id, Scope.ALL, span=goes)
    (clash,) = refusal.value.dates
    assert clash.appointment_id == cards[3].id
    assert [c.kind for c in clash.reasons] == [Kind.EVENT]
    assert visits(actor, done) == cards
    series.change(actor, cards[0].id, Scope.ALL, span=goes, keep=[cards[3].id])

    assert [c.span for c in visits(actor, done)] == [
        clinic.span(10 if n == 3 else 15, day=on(n)) for n in range(5)
    ]


def test_a_visit_that_moves_keeps_its_own_buffers_and_its_room_says_where(
    clinic: Clinic, actor: Actor
) -> None:
    branch = builders.a_location(clinic, name="Branch")
    room = builders.an_operatory(clinic, location_id=branch)
    for weekday in range(7):
        builders.work_hours(
            clinic, clinic.provider_id, location_id=branch, weekday=weekday, ends_minute=20 * 60
        )
    kind = builders.a_type(clinic, code="L", before_minutes=10)
    first = booked(clinic, actor, type_id=kind)
    done = series.repeat(actor, first.id, FIVE)
    shelf.AppointmentType.update(before_minutes=600).where(
        shelf.AppointmentType.id == kind
    ).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)

    series.change(actor, first.id, Scope.ALL, operatory_id=room)

    cards = visits(actor, done)
    assert {(c.before_minutes, c.location.id if c.location else 0) for c in cards} == {(10, branch)}


def test_what_is_over_stays_as_it_is(clinic: Clinic, actor: Actor) -> None:
    done = repeated(clinic, actor)
    cards = visits(actor, done)
    diary.set_status(actor, cards[1].id, Status.COMPLETED, version=cards[1].version)
    diary.set_status(actor, cards[2].id, Status.CANCELLED, version=cards[2].version)

    series.change(actor, cards[0].id, Scope.ALL, span=clinic.span(15))

    hours = [c.span for c in visits(actor, done)]
    assert hours == [clinic.span(10 if n in {1, 2} else 15, day=on(n)) for n in range(5)]


def test_what_somebody_changed_since_it_was_looked_at_is_left_and_told(
    clinic: Clinic, actor: Actor
) -> None:
    done = repeated(clinic, actor)
    cards = visits(actor, done)
    first, colleague = cards[0], builders.an_actor(clinic)
    looked_at = series.preview_change(actor, first.id, Scope.ALL, span=clinic.span(15))
    assert looked_at.versions == {c.id: c.version for c in cards}
    diary.move(colleague, cards[2].id, span=clinic.span(12, day=on(2)), version=cards[2].version)
    diary.set_status(colleague, cards[3].id, Status.CANCELLED, version=cards[3].version)
    diary.set_status(colleague, cards[4].id, Status.CONFIRMED, version=cards[4].version)

    moved = series.change(
        actor, first.id, Scope.ALL, span=clinic.span(15), versions=looked_at.versions
    )

    assert [d.day for d in moved.left] == [on(2), on(3), on(4)]
    assert moved.appointment_ids == (cards[1].id, first.id)
    now = visits(actor, done)
    assert [c.span.starts_at for c in now] == [
        clinic.span(hour, day=on(n)).starts_at for n, hour in enumerate((15, 15, 12, 10, 10))
    ]
    with pytest.raises(Stale):  # by the named visit all others go
        series.cancel(actor, first.id, Scope.ALL, reason="Away", versions=looked_at.versions)
    seen = looked_at.versions | {c.id: c.version for c in now[:2]}
    gone = series.cancel(actor, first.id, Scope.ALL, reason="Away", versions=seen)
    assert [d.appointment_id for d in gone.left] == [c.id for c in cards[2:]]
    assert [c.status for c in visits(actor, done)] == [
        *[Status.CANCELLED] * 2, Status.SCHEDULED, Status.CANCELLED, Status.CONFIRMED
    ]  # fmt: skip


def test_all_that_is_to_come_is_cancelled_with_a_reason(clinic: Clinic, actor: Actor) -> None:
    done = repeated(clinic, actor)
    cards = visits(actor, done)

    gone = series.cancel(actor, cards[2].id, Scope.FOLLOWING, reason="Moved away")

    after = visits(actor, done)
    assert [c.status for c in after] == [Status.SCHEDULED] * 2 + [Status.CANCELLED] * 3
    assert {c.reason for c in after[2:]} == {"Moved away"}
    series.undo(actor, gone)
    assert {c.status for c in visits(actor, done)} == {Status.SCHEDULED}


def test_what_makes_no_series_is_refused(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    with pytest.raises(NotFound):
        series.preview(actor, 999_999, FIVE)
    with pytest.raises(Refused):
        series.change(actor, card.id, Scope.ALL, span=clinic.span(15))
    with pytest.raises(Invalid):
        series.repeat(actor, card.id, Rule(Every.WEEK, count=1))
    with pytest.raises(NotAllowed):
        series.repeat(
            builders.an_actor(clinic, frozenset(ALL) - {"Appointment Create"}), card.id, FIVE
        )
    done = series.repeat(actor, card.id, FIVE)
    with pytest.raises(Refused):
        series.repeat(actor, done.appointment_ids[1], FIVE)
    last = visits(actor, done)[-1]
    diary.set_status(actor, last.id, Status.CANCELLED, version=last.version)
    with pytest.raises(Stale):
        series.change(actor, last.id, Scope.THIS, span=clinic.span(15))


def test_a_year_is_looked_at_in_few_queries(clinic: Clinic, actor: Actor) -> None:
    from tests.services.counting import statements

    card = booked(clinic, actor)
    series.preview(actor, card.id, FIVE)

    with statements(clinic.store) as seen:
        series.preview(actor, card.id, Rule(Every.WEEK, count=52))

    assert len(seen) <= 4
    assert datetime.now(UTC) < card.span.starts_at


def test_what_is_too_long_is_refused_by_name_and_never_cut(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Invalid, match="its interval is 730") as refusal:
        series.preview(actor, booked(clinic, actor).id, Rule(Every.MONTH, interval=10**12))
    assert refusal.value.field == "interval"
    done = series.repeat(actor, diary.view(actor, clinic.span(10)).appointments[0].id, FIVE)
    with pytest.raises(Invalid, match="The reason is longer than 500") as refused:
        series.cancel(actor, done.appointment_ids[0], Scope.ALL, reason="x" * 501)
    assert refused.value.field == "reason"
    assert {c.status for c in visits(actor, done)} == {Status.SCHEDULED}
    series.cancel(actor, done.appointment_ids[0], Scope.ALL, reason="x" * 500)
    assert {c.reason for c in visits(actor, done)} == {"x" * 500}


def test_the_next_free_time_keeps_clear_of_the_series_itself(clinic: Clinic, actor: Actor) -> None:
    kind = builders.a_type(clinic, code="ALL", name="All day", minutes=600)
    first = booked(clinic, actor, clinic.span(8, minutes=600), type_id=kind)
    builders.an_event(clinic, clinic.span(12, day=on(0, days=1)))

    found = series.preview(actor, first.id, Rule(Every.DAY, count=4))

    (clash,) = found.clashes
    assert clash.next_free is not None
    assert clash.next_free.starts_at == clinic.at(8, day=on(0, days=4))  # not one of its own days
    own = found.dates[1].seat
    with pytest.raises(SeriesClash) as refusal:
        series.repeat(actor, first.id, Rule(Every.DAY, count=4), choices={clash.day: own})
    assert [d.day for d in refusal.value.dates] == [on(0, days=2)]
    done = series.repeat(
        actor, first.id, Rule(Every.DAY, count=4), choices={clash.day: clash.next_free.seats[0]}
    )
    assert len(done.appointment_ids) == 4


def test_a_series_is_read_as_it_stands(clinic: Clinic, actor: Actor) -> None:
    from tests.services.counting import statements

    done = repeated(clinic, actor)
    gone = done.appointment_ids[2]
    diary.set_status(actor, gone, Status.CANCELLED, version=1)
    with statements(clinic.store) as seen:
        found = series.card(actor, done.appointment_ids[1])

    assert len(seen) <= 6
    assert str(found.rule) == "FREQ=WEEKLY;COUNT=5"
    assert [c.id for c in found.visits] == list(done.appointment_ids)
    assert found.visits[2].status is Status.CANCELLED
    with pytest.raises(NotFound):
        series.card(actor, booked(clinic, actor, clinic.span(16)).id)


busy = st.lists(
    st.tuples(st.integers(0, 9), st.integers(8 * 4, 17 * 4), st.integers(1, 40)), max_size=14
)
"""Events: so many days after the first visit, from which quarter of an hour, for how many."""

rules = st.builds(
    Rule,
    st.sampled_from((Every.DAY, Every.WEEK)),
    interval=st.integers(1, 3),
    count=st.integers(2, 9),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=busy, rule=rules, minutes=st.sampled_from((15, 30, 240)))
def test_what_is_offered_for_every_clash_can_be_taken_together(
    store: Store, events: list[tuple[int, int, int]], rule: Rule, minutes: int
) -> None:
    clinic = builders.a_clinic(store)
    actor = builders.an_actor(clinic)
    first = booked(clinic, actor, clinic.span(9, minutes=minutes))
    for days, quarter, quarters in events:
        begin = clinic.at(0, day=on(0, days=days)) + timedelta(minutes=15 * quarter)
        meeting = Span.lasting(begin, 15 * quarters)
        if not meeting.overlaps(first.span):
            with contextlib.suppress(peewee.IntegrityError):  # meetings do not overlap either
                builders.an_event(clinic, meeting)

    found = series.preview(actor, first.id, rule)
    choices = {d.day: d.next_free.seats[0] if d.next_free else None for d in found.clashes}
    if len(found.dates) == sum(seat is None for seat in choices.values()):
        return
    done = series.repeat(actor, first.id, rule, choices=choices)

    cards = visits(actor, done)
    assert not done.refused
    assert len(cards) == 1 + len(found.dates) - sum(s is None for s in choices.values())
    assert all(one.span.ends_at <= two.span.starts_at for one, two in itertools.pairwise(cards))


def test_two_clashes_are_not_offered_the_same_time(clinic: Clinic, actor: Actor) -> None:
    first = booked(clinic, actor)
    for days in (1, 2):
        builders.an_event(clinic, clinic.span(8, minutes=600, day=on(0, days=days)))

    found = series.preview(actor, first.id, Rule(Every.DAY, count=3))

    offered = [d.next_free.starts_at for d in found.clashes if d.next_free]
    assert offered == [clinic.at(8, day=on(0, days=3)), clinic.at(8, 30, day=on(0, days=3))]


def test_a_date_that_is_taken_while_the_series_is_written_is_told_and_the_others_stand(
    clinic: Clinic, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = booked(clinic, actor)
    begin = series_rows.begin

    def slow(*args: Any, **more: Any) -> Any:
        builders.an_event(clinic, clinic.span(10, day=on(2)))
        return begin(*args, **more)

    monkeypatch.setattr(series_rows, "begin", slow)
    done = series.repeat(actor, first.id, FIVE)

    assert [d.day for d in done.refused] == [on(2)]
    assert done.refused[0].next_free is not None
    assert [c.span for c in visits(actor, done)] == [
        clinic.span(10, day=on(n)) for n in (0, 1, 3, 4)
    ]
