"""The occupancy index says what the claims say, whatever has happened in whatever order."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.models.claims import Claim
from clinic_desk.models.diary import AppointmentExtra, Hold
from clinic_desk.models.journal import DeedText
from clinic_desk.models.people import Resource
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span, merged
from clinic_desk.services import bits, diary, events, journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Override
from clinic_desk.services.occupancy import Occupancy
from clinic_desk.services.snapshot import BLOCK_DAYS, Snapshot
from clinic_desk.services.store import Store
from clinic_desk.services.work import Work, command
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

DAY = timedelta(days=1)


def swept(clinic: Clinic, span: Span) -> dict[int, list[Span]]:
    """What a plain sweep over all rows finds taken, per resource."""
    out: dict[int, list[Span]] = {
        row.id: []
        for row in Resource.select().where(Resource.organisation_id == clinic.organisation_id)
    }
    for row in Claim.select():
        part = Span(row.starts_at, row.ends_at).clipped(span)
        if part and row.resource_id in out:
            out[row.resource_id].append(part)
    return {resource_id: merged(spans) for resource_id, spans in out.items()}


def told(snapshot: Snapshot, clinic: Clinic, span: Span) -> dict[int, list[Span]]:
    return {number: snapshot.busy_spans(number, span) for number in swept(clinic, span)}


def whole(clinic: Clinic) -> Span:
    """Three weeks around the builders' Tuesday."""
    return Span(clinic.at(0) - 10 * DAY, clinic.at(0) + 11 * DAY)


@pytest.fixture
def index(store: Store, clinic: Clinic) -> Occupancy:
    return store.occupancy(clinic.organisation_id)


def book(clinic: Clinic, actor: Actor, hour: int = 10, **fields: Any) -> Any:
    values: dict[str, Any] = {
        "span": clinic.span(hour),
        "type_id": clinic.type_id,
        "provider_id": clinic.provider_id,
        "patient_id": clinic.patient_id,
        "operatory_id": clinic.operatory_id,
    } | fields
    return diary.book(actor, **values)


def test_nothing_is_known_before_it_was_built(index: Occupancy) -> None:
    assert not index.ready
    assert index.snapshot() is None


def test_once_built_it_can_be_looked_at_without_the_database(index: Occupancy) -> None:
    built = index.catch_up()

    assert index.ready
    assert index.snapshot() is built


def test_what_was_there_before_is_found(clinic: Clinic, actor: Actor, index: Occupancy) -> None:
    book(clinic, actor)
    events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Team")

    snapshot = index.catch_up()

    assert snapshot.busy(clinic.provider_id, clinic.span(10, 29, minutes=1))
    assert snapshot.busy(clinic.patient_id, clinic.span(10))
    assert snapshot.busy(clinic.operatory_id, clinic.span(10))
    assert snapshot.busy(clinic.provider_id, clinic.span(12))
    assert not snapshot.busy(clinic.provider_id, clinic.span(11))
    assert told(snapshot, clinic, whole(clinic)) == swept(clinic, whole(clinic))


def test_a_moved_visit_leaves_its_old_place(clinic: Clinic, actor: Actor, index: Occupancy) -> None:
    card = book(clinic, actor).value
    index.catch_up()
    other = builders.a_provider(clinic)

    diary.move(
        actor,
        card.id,
        span=clinic.span(15, day=builders.TUESDAY + 3 * DAY),
        version=1,
        provider_id=other,
        operatory_id=None,
    )
    snapshot = index.catch_up()

    for resource_id in (clinic.provider_id, clinic.operatory_id):
        assert snapshot.busy_spans(resource_id, whole(clinic)) == []
    assert snapshot.busy(other, clinic.span(15, day=builders.TUESDAY + 3 * DAY))
    assert told(snapshot, clinic, whole(clinic)) == swept(clinic, whole(clinic))


def test_an_older_snapshot_stays_what_it_was(
    clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    book(clinic, actor)
    before = index.catch_up()

    diary.set_status(actor, 1, Status.CANCELLED, version=1, reason="ill")
    after = index.catch_up()

    assert before.busy(clinic.provider_id, clinic.span(10))
    assert not after.busy(clinic.provider_id, clinic.span(10))
    assert before.seq < after.seq


def test_several_deeds_on_one_visit_are_followed_back_to_the_first_place(
    clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    card = book(clinic, actor).value
    index.catch_up()

    for version, day in enumerate((1, 2, 3), start=1):
        span = clinic.span(9, day=builders.TUESDAY + day * DAY)
        diary.move(actor, card.id, span=span, version=version)
    diary.set_status(actor, card.id, Status.CANCELLED, version=4, reason="ill")

    assert index.catch_up().busy_spans(clinic.provider_id, whole(clinic)) == []


def test_a_removed_event_is_free_again(clinic: Clinic, actor: Actor, index: Occupancy) -> None:
    span = Span(clinic.at(0), clinic.at(0) + 4 * DAY)
    card = events.add(actor, resource_id=clinic.operatory_id, span=span, title="Repair").value
    assert index.catch_up().busy_spans(clinic.operatory_id, whole(clinic)) == [span]

    events.remove(actor, card.id, version=1)

    assert index.catch_up().busy_spans(clinic.operatory_id, whole(clinic)) == []


def test_extras_follow_their_visit(clinic: Clinic, actor: Actor, index: Occupancy) -> None:
    dentist = builders.a_provider(clinic)
    card = book(clinic, actor).value
    _add_extra(actor, card.id, dentist)
    index.catch_up()

    diary.move(actor, card.id, span=clinic.span(15, day=builders.TUESDAY + DAY), version=1)
    snapshot = index.catch_up()

    assert snapshot.busy_spans(dentist, whole(clinic)) == [
        clinic.span(15, 10, minutes=10, day=builders.TUESDAY + DAY)
    ]


def test_an_extra_by_itself_is_seen(clinic: Clinic, actor: Actor, index: Occupancy) -> None:
    dentist = builders.a_provider(clinic)
    card = book(clinic, actor).value
    index.catch_up()

    _add_extra(actor, card.id, dentist)

    assert index.catch_up().busy_spans(dentist, whole(clinic)) == [clinic.span(10, 10, minutes=10)]


@command("Appointment Update", action="test.extra")
def _extra(work: Work, appointment_id: int, resource_id: int) -> None:
    work.lock()
    work.create(
        AppointmentExtra,
        appointment_id=appointment_id,
        resource_id=resource_id,
        from_minute=10,
        to_minute=20,
    )


def _add_extra(actor: Actor, appointment_id: int, resource_id: int) -> None:
    _extra(actor, appointment_id, resource_id)


def test_a_shared_time_stays_taken_while_one_of_two_is_left(
    clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    first = book(clinic, actor).value
    squeezed = book(
        clinic,
        actor,
        patient_id=builders.a_patient(clinic),
        operatory_id=None,
        override=Override("pain"),
    ).value
    index.catch_up()

    diary.set_status(actor, squeezed.id, Status.CANCELLED, version=1, reason="better")
    assert index.catch_up().busy(clinic.provider_id, clinic.span(10))

    version = diary.appointment(actor, first.id).version
    diary.set_status(actor, first.id, Status.CANCELLED, version=version, reason="ill")
    assert not index.catch_up().busy(clinic.provider_id, clinic.span(10))


def test_holds_lie_over_the_snapshot_until_they_expire(clinic: Clinic, index: Occupancy) -> None:
    now = datetime.now(UTC)

    def hold(hour: int, seconds: int) -> None:
        Hold.create(
            organisation_id=clinic.organisation_id,
            desk="other desk",
            resource_id=clinic.provider_id,
            starts_at=clinic.at(hour),
            ends_at=clinic.at(hour + 1),
            expires_at=now + timedelta(seconds=seconds),
        )

    index.catch_up()
    hold(9, -5)
    hold(11, 60)

    assert index.catch_up().busy_spans(clinic.provider_id, whole(clinic)) == [
        clinic.span(11, minutes=60)
    ]

    Hold.delete().execute()

    assert index.catch_up().busy_spans(clinic.provider_id, whole(clinic)) == []


def test_where_a_deed_was_erased_everything_is_read_anew(
    clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    card = book(clinic, actor).value
    index.catch_up()
    moved = diary.move(actor, card.id, span=clinic.span(16), version=1)
    DeedText.update(salt="", body="").where(DeedText.seq == moved.seq).execute()

    snapshot = index.catch_up()

    assert snapshot.busy_spans(clinic.provider_id, whole(clinic)) == [clinic.span(16)]


def test_another_organisations_visits_are_not_read(
    store: Store, clinic: Clinic, index: Occupancy
) -> None:
    other = builders.a_clinic(store, name="Elsewhere")
    builders.an_appointment(other)

    snapshot = index.catch_up()

    assert not snapshot.busy(other.provider_id, other.span(10))
    assert not snapshot.busy(other.patient_id, other.span(10))


def test_nothing_new_costs_one_statement(
    store: Store, clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    first = index.catch_up()

    with statements(store) as seen:
        again = index.catch_up()

    assert len(seen) == 1
    assert again is first


def test_a_deed_is_followed_in_six_statements_however_many_visits_there_are(
    store: Store, clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    for hour in (8, 9, 11):
        book(clinic, actor, hour=hour)
    index.catch_up()
    card = book(clinic, actor).value
    diary.move(actor, card.id, span=clinic.span(14), version=1)

    with statements(store) as seen:
        index.catch_up()

    assert len(seen) <= 6


def test_many_threads_may_ask_at_once(
    store: Store, clinic: Clinic, actor: Actor, index: Occupancy
) -> None:
    book(clinic, actor)
    found: list[bool] = []

    def ask() -> None:
        found.append(index.catch_up().busy(clinic.provider_id, clinic.span(10)))
        store.forget_connection()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 8


# The edges that matter: midnight in UTC, the end of a block of the index, lengths of a minute
# and of a day, buffers that reach over both.
MIDNIGHT = datetime(2031, 5, 20, tzinfo=UTC)


def block_edge(now: datetime) -> datetime:
    """The end of a block of an index that is built at *now*."""
    base = (bits.minute(now) // bits.DAY - 1) * bits.DAY
    return bits.instant(base + 30 * BLOCK_DAYS * bits.DAY)


times = st.builds(
    lambda anchor, minutes, length: Span.lasting(
        (MIDNIGHT if anchor else block_edge(datetime.now(UTC))) + timedelta(minutes=minutes),
        length,
    ),
    st.booleans(),
    st.integers(-1500, 1500),
    st.sampled_from((1, 15, 30, 45, 600, 1440)),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "book",
                "book",
                "book",
                "look",
                "move",
                "move",
                "look",
                "cancel",
                "event",
                "shift",
                "remove",
                "undo",
            ]
        ),
        times,
        st.integers(0, 5),
        st.booleans(),
    ),
    min_size=6,
    max_size=16,
)


def _do(clinic: Clinic, actor: Actor, people: list[int], step: Any, done: dict[str, Any]) -> None:
    what, span, number, flag = step
    visits, blocks = done["visits"], done["events"]
    provider = done["providers"][flag]
    room = clinic.operatory_id if number % 2 else None
    if what == "book":
        override = Override("squeezed in")
        visits.append(
            book(
                clinic,
                actor,
                span=span,
                provider_id=provider,
                operatory_id=room,
                patient_id=people[number % len(people)],
                override=override,
            ).value.id
        )
    elif what == "event":
        whom = provider if number % 2 else clinic.operatory_id
        long = Span(span.starts_at, span.ends_at + number * DAY)
        blocks.append(events.add(actor, resource_id=whom, span=long, title="Event").value.id)
    elif what == "move" and visits:
        card = diary.appointment(actor, visits[number % len(visits)])
        diary.move(
            actor, card.id, span=span, version=card.version, provider_id=provider, operatory_id=room
        )
    elif what == "cancel" and visits:
        card = diary.appointment(actor, visits[number % len(visits)])
        diary.set_status(actor, card.id, Status.CANCELLED, version=card.version, reason="x")
    elif what == "shift" and blocks:
        event = events.event(actor, blocks[number % len(blocks)])
        events.move(actor, event.id, span=span, version=event.version, resource_id=provider)
    elif what == "remove" and blocks:
        event = events.event(actor, blocks[number % len(blocks)])
        events.remove(actor, event.id, version=event.version)
    elif what == "undo":
        found = actor.store.rows(
            "SELECT COALESCE(MAX(seq), 1) FROM deed WHERE organisation_id = ?",
            (clinic.organisation_id,),
        )
        journal.undo(actor, max(int(found[0][0]) - number, 1))


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=steps, minutes_before=st.sampled_from((0, 10, 90)))
def test_after_any_story_the_index_says_what_a_plain_sweep_says(
    store: Store, story: list[Any], minutes_before: int
) -> None:
    clinic = builders.a_clinic(store)
    padded = builders.a_type(clinic, before_minutes=minutes_before, after_minutes=5)
    clinic = Clinic(**{**clinic.__dict__, "type_id": padded})
    actor = builders.an_actor(clinic)
    index = store.occupancy(clinic.organisation_id)

    people = [clinic.patient_id, builders.a_patient(clinic), builders.a_patient(clinic)]
    done: dict[str, Any] = {
        "visits": [],
        "events": [],
        "providers": (clinic.provider_id, builders.a_provider(clinic)),
    }
    index.catch_up()
    for step in story:
        if step[0] == "look":
            index.catch_up()
            continue
        try:
            _do(clinic, actor, people, step, done)
        except Refused:
            continue

    for around in (MIDNIGHT, block_edge(datetime.now(UTC))):
        window = Span(around - 9 * DAY, around + 9 * DAY)
        want = swept(clinic, window)
        assert told(index.catch_up(), clinic, window) == want
        assert told(Occupancy(store, clinic.organisation_id).catch_up(), clinic, window) == want
