"""Booking, moving and following a visit."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from clinic_desk.models.diary import AppointmentExtra
from clinic_desk.models.people import Patient
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import (
    Conflicted,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    Stale,
)
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary, journal, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, Done
from tests import builders
from tests.builders import Clinic


def booked(clinic: Clinic, actor: Actor, span: Span | None = None, **more: Any) -> AppointmentCard:
    """A visit through the door, at ten unless told."""
    return book(clinic, actor, span, **more).value


def book(
    clinic: Clinic, actor: Actor, span: Span | None = None, **more: Any
) -> Done[AppointmentCard]:
    asked: dict[str, Any] = {
        "type_id": clinic.type_id,
        "provider_id": clinic.provider_id,
        "patient_id": clinic.patient_id,
        "operatory_id": clinic.operatory_id,
    }
    return diary.book(actor, span=span or clinic.span(10), **(asked | more))


def kinds(refusal: pytest.ExceptionInfo[Conflicted]) -> set[Kind]:
    return {conflict.kind for conflict in refusal.value.conflicts}


def test_a_booking_comes_back_as_the_card_that_is_stored(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor, notes=" Bring the x-ray. ")

    assert card == diary.appointment(actor, card.id)
    assert (card.span, card.status, card.version) == (clinic.span(10), Status.SCHEDULED, 1)
    assert card.location is not None and card.location.id == clinic.location_id
    assert card.notes == "Bring the x-ray."


def test_a_booking_shows_in_the_view_of_its_day(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    view = diary.view(actor, Span(clinic.at(0), clinic.at(23, 59)))

    assert view.appointments == (card,)
    assert [s for _, s in view.open_hours[clinic.provider_id]] == [clinic.span(8, minutes=600)]


def test_every_reason_against_a_time_is_told_at_once(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)

    with pytest.raises(Conflicted) as refusal:
        booked(clinic, actor, clinic.span(10, 15))

    assert kinds(refusal) == {Kind.PROVIDER, Kind.OPERATORY, Kind.PATIENT}
    assert "Smith" in str(refusal.value)


def test_a_refused_booking_leaves_nothing_behind(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)
    before = clinic.store.rows("SELECT COUNT(*) FROM deed")

    with pytest.raises(Conflicted):
        booked(clinic, actor, clinic.span(10, 15))

    assert clinic.store.rows("SELECT COUNT(*) FROM appointment") == [(1,)]
    assert clinic.store.rows("SELECT COUNT(*) FROM deed") == before


def test_visits_may_touch(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)

    later = booked(clinic, actor, clinic.span(10, 30))

    assert later.span.starts_at == clinic.at(10, 30)


def test_the_buffers_of_both_neighbours_count_for_the_provider_but_not_for_the_patient(
    clinic: Clinic, actor: Actor
) -> None:
    kind = builders.a_type(clinic, code="SUR", minutes=30, before_minutes=10, after_minutes=10)
    booked(clinic, actor, type_id=kind)
    other = builders.a_provider(clinic)

    with pytest.raises(Conflicted) as refusal:
        booked(clinic, actor, clinic.span(10, 45), type_id=kind, operatory_id=None)
    elsewhere = booked(
        clinic, actor, clinic.span(10, 30), type_id=kind, provider_id=other, operatory_id=None
    )

    assert kinds(refusal) == {Kind.PROVIDER}
    assert elsewhere.provider.id == other


def test_times_outside_hours_are_refused_with_the_reason(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Conflicted) as refusal:
        booked(clinic, actor, clinic.span(21))

    assert kinds(refusal) == {Kind.CLINIC_CLOSED, Kind.OUTSIDE_HOURS}


def test_a_booking_continues_the_open_case_of_its_main_problem(
    clinic: Clinic, actor: Actor
) -> None:
    first = booked(clinic, actor, main_problem="Toothache")
    second = booked(clinic, actor, clinic.span(11), main_problem="Toothache")
    other = booked(clinic, actor, clinic.span(12), main_problem="Crown")

    assert second.case_id == first.case_id != other.case_id


def test_a_patient_of_elsewhere_cannot_be_booked(clinic: Clinic, actor: Actor) -> None:
    foreign = builders.a_clinic(clinic.store, name="Elsewhere")

    with pytest.raises(NotFound):
        booked(clinic, actor, patient_id=foreign.patient_id)
    with pytest.raises(NotFound):
        booked(clinic, actor, provider_id=foreign.provider_id)


def test_whoever_lacks_the_permission_is_refused(clinic: Clinic) -> None:
    onlooker = builders.an_actor(clinic, frozenset({"Appointment Get All"}))

    with pytest.raises(NotAllowed) as refusal:
        booked(clinic, onlooker)

    assert refusal.value.permission == "Appointment Create"


def test_a_role_that_changes_holds_at_once(clinic: Clinic, actor: Actor) -> None:
    clinic.store.database.execute_sql("UPDATE role SET permissions = '[]'")
    clinic.store.forget_catalogue(clinic.organisation_id)

    with pytest.raises(NotAllowed):
        booked(clinic, actor)


@pytest.mark.parametrize("minutes", [24 * 60 + 1, 3 * 24 * 60])
def test_a_visit_lasts_a_day_at_the_most(clinic: Clinic, actor: Actor, minutes: int) -> None:
    with pytest.raises(Invalid):
        booked(clinic, actor, clinic.span(0, minutes=minutes))


def test_a_move_takes_the_new_time_and_frees_the_old(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    moved = diary.move(actor, card.id, span=clinic.span(14), version=card.version).value
    again = booked(clinic, actor)

    assert (moved.span, moved.version) == (clinic.span(14), 2)
    assert again.span == clinic.span(10)


def test_a_move_over_its_own_old_place_is_free(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    moved = diary.move(actor, card.id, span=clinic.span(10, 15), version=1).value

    assert moved.span == clinic.span(10, 15)


def test_a_visit_over_midnight_stands_in_the_way_of_both_days(clinic: Clinic, actor: Actor) -> None:
    late = builders.a_provider(clinic, hours=(0, 1440))
    overnight = clinic.span(23, minutes=120)
    builders.an_appointment(clinic, overnight, provider_id=late)

    with pytest.raises(Conflicted) as refusal:
        booked(
            clinic,
            actor,
            Span.lasting(clinic.at(0, 30) + timedelta(days=1), 30),
            provider_id=late,
            patient_id=builders.a_patient(clinic),
        )

    assert Kind.PROVIDER in kinds(refusal)


def test_a_stale_move_is_refused_and_shows_what_stands_now(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    diary.move(actor, card.id, span=clinic.span(14), version=1)

    with pytest.raises(Stale) as refusal:
        diary.move(actor, card.id, span=clinic.span(15), version=1)

    assert refusal.value.theirs.span == clinic.span(14)


def test_a_dropped_visit_takes_the_column_it_was_dropped_on(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    provider, room = builders.a_provider(clinic), builders.an_operatory(clinic)

    moved = diary.move(
        actor, card.id, span=card.span, version=1, provider_id=provider, operatory_id=room
    ).value

    assert (moved.provider.id, moved.operatory and moved.operatory.id) == (provider, room)


def test_a_completed_visit_is_not_moved(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    done = diary.set_status(actor, card.id, Status.COMPLETED, version=1).value

    with pytest.raises(Refused):
        diary.move(actor, card.id, span=clinic.span(14), version=done.version)


def test_a_cancelled_visit_frees_its_time_and_comes_back_only_if_it_is_still_free(
    clinic: Clinic, actor: Actor
) -> None:
    card = booked(clinic, actor)
    gone = diary.set_status(actor, card.id, Status.CANCELLED, version=1, reason="Ill").value
    rival = booked(clinic, actor, patient_id=builders.a_patient(clinic))

    with pytest.raises(Conflicted):
        diary.set_status(actor, card.id, Status.SCHEDULED, version=gone.version)
    diary.set_status(actor, rival.id, Status.CANCELLED, version=1)
    back = diary.set_status(actor, card.id, Status.SCHEDULED, version=gone.version).value

    assert (gone.reason, back.status, back.span) == ("Ill", Status.SCHEDULED, clinic.span(10))


def test_each_step_leaves_its_instant_and_a_step_back_takes_it_away(
    clinic: Clinic, actor: Actor
) -> None:
    card = booked(clinic, actor)

    there = diary.set_status(actor, card.id, Status.ARRIVED, version=1).value
    inside = diary.enter_room(actor, card.id, version=there.version).value
    back = diary.set_status(actor, card.id, Status.SCHEDULED, version=inside.version).value

    assert there.arrived_at is not None and inside.in_room_at is not None
    assert back.arrived_at is None and back.in_room_at is None


def test_a_new_type_brings_its_buffers(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    kind = builders.a_type(clinic, code="SUR", after_minutes=15)

    changed = diary.change(actor, card.id, version=1, type_id=kind, notes="Longer").value

    assert (changed.type.id, changed.after_minutes, changed.notes) == (kind, 15, "Longer")


def test_notes_may_be_written_on_a_visit_that_is_over(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    missed = diary.set_status(actor, card.id, Status.MISSED, version=1).value

    noted = diary.change(actor, card.id, version=missed.version, notes="Did not call").value

    assert noted.notes == "Did not call"


def test_an_unchanged_save_writes_nothing(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    done = diary.change(actor, card.id, version=1, notes=card.notes)

    assert (done.changed, done.value.version) == ((), 1)


def test_the_same_request_is_carried_out_once(clinic: Clinic, actor: Actor) -> None:
    request = str(uuid.uuid4())

    first = book(clinic, actor, request_id=request)
    second = book(clinic, actor, request_id=request)

    assert (second.value, second.seq) == (first.value, first.seq)
    assert clinic.store.rows("SELECT COUNT(*) FROM appointment") == [(1,)]


def test_a_request_number_cannot_stand_for_two_wishes(clinic: Clinic, actor: Actor) -> None:
    request = str(uuid.uuid4())
    book(clinic, actor, request_id=request)

    with pytest.raises(Refused):
        book(clinic, actor, clinic.span(15), request_id=request)


def test_a_request_that_was_asked_after_and_not_found_never_arrives(
    clinic: Clinic, actor: Actor
) -> None:
    request = str(uuid.uuid4())

    answer = journal.was_saved(actor, request)
    with pytest.raises(Refused):
        book(clinic, actor, request_id=request)

    assert answer.seq is None
    assert journal.was_saved(actor, request).seq is None


def test_a_saved_request_is_told_as_saved(clinic: Clinic, actor: Actor) -> None:
    request = str(uuid.uuid4())
    done = book(clinic, actor, request_id=request)

    assert journal.was_saved(actor, request).seq == done.seq


def test_an_extra_provider_of_the_visit_itself_does_not_stand_in_its_way(
    clinic: Clinic, actor: Actor
) -> None:
    card = booked(clinic, actor)
    dentist = builders.a_provider(clinic)
    AppointmentExtra.create(
        organisation_id=clinic.organisation_id,
        appointment_id=card.id,
        resource_id=dentist,
        from_minute=10,
        to_minute=20,
    )

    moved = diary.move(actor, card.id, span=clinic.span(10, 15), version=1).value
    swapped = diary.move(actor, card.id, span=clinic.span(14), version=moved.version).value
    with pytest.raises(Conflicted) as refusal:
        booked(
            clinic,
            actor,
            clinic.span(14, 10),
            provider_id=dentist,
            operatory_id=None,
            patient_id=builders.a_patient(clinic),
        )

    assert swapped.span == clinic.span(14)
    assert (kinds(refusal), refusal.value.conflicts[0].source_id) == ({Kind.PROVIDER}, card.id)


def test_the_editor_does_not_move_a_completed_visit_either(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)
    done = diary.set_status(actor, card.id, Status.COMPLETED, version=1).value

    with pytest.raises(Refused, match="only its notes"):
        diary.change(actor, card.id, span=clinic.span(14), version=done.version)


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.CANCELLED])
def test_a_request_is_answered_by_approving_or_declining_only(
    clinic: Clinic, actor: Actor, status: Status
) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)

    if status is Status.REQUESTED:
        diary.set_status(actor, asked.id, status, version=1)
    else:
        with pytest.raises(Refused, match="Approve or decline"):
            diary.set_status(actor, asked.id, status, version=1)

    assert diary.appointment(actor, asked.id).status is Status.REQUESTED


def test_a_request_that_its_client_calls_off_is_cancelled_with_that_permission(
    clinic: Clinic, actor: Actor
) -> None:
    asked = booked(clinic, actor, status=Status.REQUESTED)
    desk = builders.an_actor(clinic, frozenset({"Appointment Update"}))

    with pytest.raises(NotAllowed):
        diary.set_status(desk, asked.id, Status.CANCELLED, version=1)
    gone = diary.set_status(actor, asked.id, Status.CANCELLED, version=1).value

    assert gone.status is Status.CANCELLED


def test_a_room_of_another_location_is_refused_with_a_way_out(clinic: Clinic, actor: Actor) -> None:
    house = builders.a_location(clinic, name="Second")
    room = builders.an_operatory(clinic, location_id=house, name="Attic")
    card = booked(clinic, actor)

    with pytest.raises(Invalid, match=r"Attic is not a room of Main Street\. Choose"):
        booked(clinic, actor, location_id=clinic.location_id, operatory_id=room)
    with pytest.raises(Invalid, match="not a room of Second"):
        diary.change(actor, card.id, version=1, location_id=house)
    with pytest.raises(Invalid):
        diary.move(
            actor,
            card.id,
            version=1,
            span=card.span,
            operatory_id=room,
            location_id=clinic.location_id,
        )
    with pytest.raises(NotFound):
        diary.change(actor, card.id, version=1, location_id=99_999)
    with pytest.raises(NotFound):
        diary.change(actor, card.id, version=1, operatory_id=99_999)


@pytest.mark.parametrize("field", ["notes", "main_problem"])
@pytest.mark.parametrize("text", ["a\0b", "a\x1bb"])
def test_text_that_no_database_keeps_alike_is_refused(
    clinic: Clinic, actor: Actor, field: str, text: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        booked(clinic, actor, None, **{field: text})

    assert refusal.value.field == field


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb"])
def test_reasons_and_changed_notes_are_text_too(clinic: Clinic, actor: Actor, text: str) -> None:
    card = booked(clinic, actor)

    with pytest.raises(Invalid):
        diary.change(actor, card.id, version=1, notes=text)
    with pytest.raises(Invalid):
        diary.set_status(actor, card.id, Status.CANCELLED, version=1, reason=text)
    noted = diary.change(actor, card.id, version=1, notes=" Two\nlines ").value

    assert noted.notes == "Two\nlines"


def test_a_patient_whose_record_is_not_in_use_is_not_booked(clinic: Clinic, actor: Actor) -> None:
    new = patients.create(actor, first_name="Ann", last_name="Twice")
    Patient.update(active=False).where(Patient.id == new.value.id).execute()

    with pytest.raises(Refused, match="Twice, Ann is not in use"):
        booked(clinic, actor, patient_id=new.value.id)


def test_a_check_tells_nothing_of_another_organisation(clinic: Clinic, actor: Actor) -> None:
    theirs = builders.a_clinic(clinic.store, name="Elsewhere")
    booked(theirs, builders.an_actor(theirs))
    asked: dict[str, Any] = {"type_id": clinic.type_id, "provider_id": clinic.provider_id}

    for foreign in (
        {"patient_id": theirs.patient_id},
        {"type_id": theirs.type_id},
        {"provider_id": theirs.provider_id},
        {"operatory_id": theirs.operatory_id},
        {"location_id": theirs.location_id},
    ):
        with pytest.raises(NotFound):
            diary.check(actor, span=clinic.span(10), **(asked | foreign))
    assert diary.check(actor, span=clinic.span(10), **asked, patient_id=clinic.patient_id) == ()


@pytest.mark.parametrize("year", [1899, 2201])
def test_a_year_that_the_calendar_does_not_reach_is_refused(
    clinic: Clinic, actor: Actor, year: int
) -> None:
    with pytest.raises(Invalid):
        booked(clinic, actor, Span.lasting(clinic.at(10).replace(year=year), 30))


def test_a_location_that_is_closed_for_good_takes_no_visit(clinic: Clinic, actor: Actor) -> None:
    here = booked(clinic, actor)
    closed = builders.a_location(clinic, name="Lakeside", active=False)
    room = builders.an_operatory(clinic, location_id=closed)

    with pytest.raises(Conflicted) as refused:
        booked(clinic, actor, clinic.span(14), operatory_id=room)
    with pytest.raises(Conflicted) as not_moved:
        diary.move(actor, here.id, span=here.span, version=here.version, operatory_id=room)

    for refusal in (refused, not_moved):
        assert Kind.INACTIVE in kinds(refusal)
        assert "Lakeside is closed for good." in str(refusal.value)
