"""Taking back what is not a plain move: half-seen changes, buffers, events, patients, redoing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from clinic_desk.models.people import Role, User
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, Invalid, NotAllowed, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ALL, OVERRIDE
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary, events, journal, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Override
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import book, booked, kinds

WHY = Override("She is in pain")


@pytest.fixture
def other(clinic: Clinic) -> int:
    """Another patient."""
    return builders.a_patient(clinic)


def test_entering_the_room_is_taken_back_whole(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    entered = diary.enter_room(actor, card.id, version=1)

    undone = journal.undo(actor, entered.seq)

    now = diary.appointment(actor, card.id)
    assert (now.status, now.arrived_at, now.in_room_at) == (Status.SCHEDULED, None, None)
    (change,) = journal.deed(actor, undone.seq).changes
    told = {f.name: f.after for f in change.fields}
    assert told == {"status": "scheduled", "arrived_at": None, "in_room_at": None}


def test_entering_the_room_is_one_change_of_one_visit(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    entered = diary.enter_room(actor, card.id, version=1)

    (change,) = journal.deed(actor, entered.seq).changes
    assert {f.name for f in change.fields} == {"status", "arrived_at", "in_room_at"}


def test_entering_the_room_can_be_done_again(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    entered = diary.enter_room(actor, card.id, version=1)

    journal.undo(actor, journal.undo(actor, entered.seq).seq)

    now = diary.appointment(actor, card.id)
    assert (now.status, now.in_room_at) == (Status.ARRIVED, entered.value.in_room_at)


def test_a_buffer_that_was_taken_since_says_by_whom(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    padded = builders.a_type(clinic, name="Surgery", after_minutes=30)
    card = booked(clinic, actor, type_id=padded)
    changed = diary.change(actor, card.id, version=1, type_id=clinic.type_id)
    booked(clinic, actor, clinic.span(10, 30), patient_id=other)

    with pytest.raises(Conflicted) as refusal:
        journal.undo(actor, changed.seq)

    assert kinds(refusal) == {Kind.PROVIDER, Kind.OPERATORY}
    assert f"Smith{other}" in str(refusal.value)


def test_a_location_that_has_closed_since_is_said(clinic: Clinic, actor: Actor) -> None:
    elsewhere = builders.a_location(clinic, name="Harbour", hours=(14 * 60, 15 * 60))
    builders.work_hours(
        clinic, clinic.provider_id, weekday=1, location_id=elsewhere, ends_minute=18 * 60
    )
    card = booked(clinic, actor, location_id=elsewhere, operatory_id=None, override=WHY)
    moved = diary.change(actor, card.id, version=1, location_id=clinic.location_id)

    with pytest.raises(Conflicted) as refusal:
        journal.undo(actor, moved.seq)

    assert Kind.CLINIC_CLOSED in kinds(refusal)


def test_a_removed_event_whose_time_is_taken_says_by_whom(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    added = events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Tea")
    removed = events.remove(actor, added.value.id, version=1)
    booked(clinic, actor, clinic.span(12), patient_id=other)

    with pytest.raises(Conflicted) as refusal:
        journal.undo(actor, removed.seq)

    assert kinds(refusal) == {Kind.PROVIDER}
    assert f"Smith{other}" in str(refusal.value)
    assert all(c.permission is None for c in refusal.value.conflicts)


def test_a_moved_event_whose_old_time_is_taken_says_by_what(clinic: Clinic, actor: Actor) -> None:
    added = events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Tea")
    moved = events.move(actor, added.value.id, span=clinic.span(14), version=1)
    events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Coffee")

    with pytest.raises(Conflicted, match="Coffee") as refusal:
        journal.undo(actor, moved.seq)

    assert kinds(refusal) == {Kind.EVENT}


def test_a_moved_event_goes_back_over_its_own_time(clinic: Clinic, actor: Actor) -> None:
    added = events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Tea")
    moved = events.move(actor, added.value.id, span=clinic.span(12, 15), version=1)

    journal.undo(actor, moved.seq)

    assert events.event(actor, added.value.id).span == clinic.span(12)


def test_an_event_that_was_moved_since_stays(clinic: Clinic, actor: Actor) -> None:
    added = events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Tea")
    events.move(actor, added.value.id, span=clinic.span(14), version=1)

    with pytest.raises(Refused, match="changed again"):
        journal.undo(actor, added.seq)


def test_redoing_needs_what_doing_needed(clinic: Clinic, actor: Actor) -> None:
    desk = builders.an_actor(clinic, frozenset(ALL))
    card = booked(clinic, desk)
    confirmed = diary.set_status(desk, card.id, Status.CONFIRMED, version=1)
    undone = journal.undo(desk, confirmed.seq)
    grant(clinic, desk, {"Appointment Show", "Appointment Get All"})

    with pytest.raises(NotAllowed, match="Appointment Update"):
        journal.undo(desk, undone.seq)

    assert diary.appointment(actor, card.id).status is Status.SCHEDULED


def test_cancelling_again_needs_the_permission_to_cancel(clinic: Clinic, actor: Actor) -> None:
    desk = builders.an_actor(clinic, frozenset(ALL))
    card = booked(clinic, desk)
    cancelled = diary.set_status(desk, card.id, Status.CANCELLED, version=1)
    undone = journal.undo(desk, cancelled.seq)
    grant(clinic, desk, set(ALL) - {"Appointment Cancel"})

    with pytest.raises(NotAllowed, match="Appointment Cancel"):
        journal.undo(desk, undone.seq)

    assert diary.appointment(actor, card.id).status is Status.SCHEDULED


def test_a_patient_with_a_visit_stays_registered(clinic: Clinic, actor: Actor) -> None:
    made = patients.create(actor, first_name="Ann", last_name="Other")
    visit = book(clinic, actor, patient_id=made.value.id)

    with pytest.raises(Refused, match="has appointments"):
        journal.undo(actor, made.seq)
    assert patients.patient(actor, made.value.id).active

    journal.undo(actor, visit.seq)
    journal.undo(actor, made.seq)
    assert not patients.patient(actor, made.value.id).active


def late(clinic: Clinic, actor: Actor) -> tuple[int, int]:
    """A visit after hours that was moved to the day: its number, and the deed of the move."""
    card = booked(clinic, actor, clinic.span(19), override=WHY)
    return card.id, diary.move(actor, card.id, span=clinic.span(12), version=1).seq


def test_a_visit_goes_back_outside_hours_for_a_reason(clinic: Clinic, actor: Actor) -> None:
    number, moved = late(clinic, actor)
    with pytest.raises(Conflicted) as refusal:
        journal.undo(actor, moved)
    assert kinds(refusal) == {Kind.OUTSIDE_HOURS}

    undone = journal.undo(actor, moved, override="She cannot come earlier")

    assert diary.appointment(actor, number).span == clinic.span(19)
    assert journal.deed(actor, undone.seq).reason == "She cannot come earlier"


@pytest.mark.parametrize(
    ("missing", "reason", "refused"),
    [(OVERRIDE, "She cannot", NotAllowed), ("", "  ", Invalid)],
)
def test_setting_refusals_aside_in_an_undo_asks_what_a_move_asks(
    clinic: Clinic, missing: str, reason: str, refused: type[Refused]
) -> None:
    desk = builders.an_actor(clinic, frozenset(ALL))
    number, moved = late(clinic, desk)
    grant(clinic, desk, set(ALL) - {missing})

    with pytest.raises(refused):
        journal.undo(desk, moved, override=reason)

    assert diary.appointment(desk, number).span == clinic.span(12)


def test_an_undo_squeezes_in_beside_whoever_came_since(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)
    newer = booked(clinic, actor, patient_id=other)

    undone = journal.undo(actor, moved.seq, override="She is in pain")
    assert diary.appointment(actor, card.id).overbooked
    assert diary.appointment(actor, newer.id).overbooked

    journal.undo(actor, undone.seq)
    assert not diary.appointment(actor, card.id).overbooked
    assert not diary.appointment(actor, newer.id).overbooked


def test_a_visit_that_leaves_its_neighbour_takes_the_mark_along(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)
    squeezed = booked(clinic, actor, clinic.span(14), patient_id=other, override=WHY)

    journal.undo(actor, moved.seq)

    assert diary.appointment(actor, card.id).span == clinic.span(10)
    assert not diary.appointment(actor, card.id).overbooked
    assert not diary.appointment(actor, squeezed.id).overbooked


def test_a_squeezed_booking_is_withdrawn_and_squeezed_in_again(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor)
    second = book(clinic, actor, patient_id=other, override=WHY)

    undone = journal.undo(actor, second.seq)
    assert not diary.appointment(actor, first.id).overbooked

    journal.undo(actor, undone.seq)
    assert diary.appointment(actor, first.id).overbooked
    assert diary.appointment(actor, second.value.id).overbooked


def test_going_back_to_where_the_neighbour_has_left_needs_no_mark(
    clinic: Clinic, actor: Actor, other: int
) -> None:
    first = booked(clinic, actor)
    second = booked(clinic, actor, patient_id=other, override=WHY)
    away = diary.move(actor, second.id, span=clinic.span(15), version=second.version)
    version = diary.appointment(actor, first.id).version
    diary.move(actor, first.id, span=clinic.span(16), version=version)

    journal.undo(actor, away.seq)

    assert diary.appointment(actor, second.id).span == clinic.span(10)
    assert not diary.appointment(actor, second.id).overbooked
    assert not diary.appointment(actor, first.id).overbooked


def test_a_step_within_hours_that_were_set_aside_is_taken_back(
    clinic: Clinic, actor: Actor
) -> None:
    card = booked(clinic, actor, clinic.span(19), override=WHY)
    confirmed = diary.set_status(actor, card.id, Status.CONFIRMED, version=1)

    journal.undo(actor, confirmed.seq)

    assert diary.appointment(actor, card.id).status is Status.SCHEDULED


def grant(clinic: Clinic, actor: Actor, names: set[str]) -> None:
    """From now on the actor's role holds these, as every desk has heard by now."""
    assert actor.user_id is not None
    role_id = User.get_by_id(actor.user_id).role_id
    Role.update(permissions=json.dumps(sorted(names))).where(Role.id == role_id).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)


def test_a_beginning_does_not_come_back_behind_an_end_that_was_changed_since(
    clinic: Clinic, actor: Actor
) -> None:
    card = booked(clinic, actor)  # from 10 to 10:30 or so
    late = Span(card.span.starts_at - timedelta(hours=1), card.span.ends_at)
    first = diary.move(actor, card.id, span=late, version=1)
    short = Span(late.starts_at, card.span.starts_at - timedelta(minutes=30))
    diary.move(actor, card.id, span=short, version=2)

    with pytest.raises(Refused):
        journal.undo(actor, first.seq)

    assert diary.appointment(actor, card.id).span == short


@pytest.mark.parametrize("text", ["half \ud83d a letter", "nul \x00 inside"])
def test_half_a_letter_is_refused_and_crashes_nothing(
    clinic: Clinic, actor: Actor, text: str
) -> None:
    card = booked(clinic, actor)
    with pytest.raises(Invalid):
        diary.change(actor, card.id, notes=text, version=1)
    with pytest.raises(Invalid):
        diary.set_status(actor, card.id, Status.CANCELLED, version=1, reason=text)
