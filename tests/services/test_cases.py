"""Cases: all their appointments at once, what they are called, and who counts them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_desk.models.diary import Appointment, Hold
from clinic_desk.models.diary import Case as CaseRow
from clinic_desk.models.people import UserLocation
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import cases, diary, holds, journal, offers
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Override
from clinic_desk.services.case_cards import CaseCounts, NotScheduled, Plan, Scheduled
from clinic_desk.services.holds import Slot
from clinic_desk.services.offer_cards import Seat, Service, Wish
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

NOW = datetime(2031, 5, 1, tzinfo=UTC)


def seat(clinic: Clinic, hour: int = 10, minute: int = 0, **more: Any) -> Seat:
    values: dict[str, Any] = {
        "type_id": clinic.type_id,
        "span": clinic.span(hour, minute),
        "provider_id": clinic.provider_id,
        "location_id": clinic.location_id,
        "operatory_id": clinic.operatory_id,
    }
    return Seat(**values | more)


def plan(clinic: Clinic, *visits: tuple[Seat, ...], **more: Any) -> Plan:
    asked = visits or ((seat(clinic),),)
    values: dict[str, Any] = {"patient_id": clinic.patient_id, "main_problem": "Toothache"} | more
    return Plan(visits=asked, **values)


def scheduled(clinic: Clinic, actor: Actor, *visits: tuple[Seat, ...], **more: Any) -> Scheduled:
    return cases.schedule(actor, plan(clinic, *visits, **more)).value


def deeds(clinic: Clinic) -> int:
    return int(clinic.store.rows("SELECT COUNT(*) FROM deed")[0][0])


def test_a_case_and_all_its_visits_are_made_in_one_deed(clinic: Clinic, actor: Actor) -> None:
    done = cases.schedule(
        actor,
        plan(clinic, (seat(clinic), seat(clinic, 10, 30)), (seat(clinic, 15),), notes=" Ring. "),
    )

    assert deeds(clinic) == 1
    page = cases.case(actor, done.value.case_id)
    assert page.main_problem == "Toothache"
    assert page.patient.id == clinic.patient_id
    assert page.appointments == done.value.appointments
    assert [a.span for a in page.appointments] == [
        clinic.span(10),
        clinic.span(10, 30),
        clinic.span(15),
    ]
    joined = [a.visit_id for a in page.appointments]
    assert joined[0] == joined[1] is not None and joined[2] is None
    assert {a.notes for a in page.appointments} == {"Ring."}
    assert [kind.id for kind in page.services] == [clinic.type_id]
    assert page.counts == CaseCounts(total=3, ahead=3)


def test_what_is_offered_can_be_scheduled_as_it_is(clinic: Clinic, actor: Actor) -> None:
    long = builders.a_type(clinic, code="L", before_minutes=10, after_minutes=15)
    wish = Wish(
        (Service(long), Service(clinic.type_id, gap_minutes=5)),
        clinic.location_id,
        clinic.patient_id,
    )

    for offer in offers.first(actor, wish, from_at=clinic.at(8), count=3, now=NOW):
        patient = builders.a_patient(clinic)
        fresh = offers.times(actor, wish, TUESDAY, now=NOW)
        still = {o.starts_at: o for o in fresh}[offer.starts_at]
        if still.bookable:
            made = scheduled(clinic, actor, still.seats, patient_id=patient)
            assert [a.span for a in made.appointments] == [s.span for s in still.seats]


def test_all_or_nothing_and_the_refusal_names_the_service_and_a_way_out(
    clinic: Clinic, actor: Actor
) -> None:
    other = builders.a_patient(clinic)
    builders.an_appointment(clinic, clinic.span(11), patient_id=other)

    with pytest.raises(NotScheduled) as refusal:
        scheduled(clinic, actor, (seat(clinic, 10),), (seat(clinic, 11),))

    (service,) = refusal.value.services
    assert (service.number, service.name) == (1, "Check-up")
    assert {c.kind for c in service.reasons} == {Kind.PROVIDER}
    assert service.openings[0].starts_at == clinic.at(11, 30)
    assert "Check-up: Dr" in str(refusal.value)
    assert refusal.value.conflicts == service.reasons
    assert issubclass(NotScheduled, Conflicted)
    assert deeds(clinic) == 0
    assert Appointment.select().count() == 1


def test_two_services_of_one_plan_never_overlap_even_on_purpose(
    clinic: Clinic, actor: Actor
) -> None:
    twice = plan(clinic, (seat(clinic), seat(clinic, 10, 15)))

    for override in (None, Override("hurry")):
        with pytest.raises(NotScheduled) as refusal:
            cases.schedule(actor, twice, override=override)
        assert [s.number for s in refusal.value.services] == [1]


def test_a_refusal_is_set_aside_with_a_reason(clinic: Clinic, actor: Actor) -> None:
    builders.an_appointment(clinic, clinic.span(10), patient_id=builders.a_patient(clinic))

    done = cases.schedule(actor, plan(clinic), override=Override("In pain"))

    assert done.value.appointments[0].overbooked


def test_the_own_hold_is_no_hindrance_and_ends_with_the_booking(
    clinic: Clinic, actor: Actor
) -> None:
    held = [Slot(clinic.span(10), clinic.provider_id, clinic.operatory_id)]
    holds.take(actor, "a", held)

    scheduled(clinic, actor, desk="a")

    assert Hold.select().count() == 0


def test_anothers_hold_is_named(clinic: Clinic, actor: Actor) -> None:
    holds.take(builders.an_actor(clinic), "b", [Slot(clinic.span(10), clinic.provider_id)])

    with pytest.raises(NotScheduled) as refusal:
        scheduled(clinic, actor, desk="a")

    assert "is held by Test User until" in str(refusal.value)
    assert Hold.select().count() == 1


def test_a_hold_of_a_desk_that_is_gone_frees_its_slot(clinic: Clinic, actor: Actor) -> None:
    late = datetime.now(UTC) - timedelta(seconds=61)
    holds.take(
        builders.an_actor(clinic), "b", [Slot(clinic.span(10), clinic.provider_id)], now=late
    )

    assert scheduled(clinic, actor).appointments


def test_the_same_request_is_carried_out_once(clinic: Clinic, actor: Actor) -> None:
    key = str(uuid.uuid4())

    first = cases.schedule(actor, plan(clinic), request_id=key)
    again = cases.schedule(actor, plan(clinic), request_id=key)

    assert (again.seq, again.value) == (first.seq, first.value)
    assert deeds(clinic) == 1


def test_undo_takes_all_visits_back(clinic: Clinic, actor: Actor) -> None:
    done = cases.schedule(actor, plan(clinic, (seat(clinic),), (seat(clinic, 15),)))

    journal.undo(actor, done.seq)

    page = cases.case(actor, done.value.case_id)
    assert {a.status for a in page.appointments} == {Status.CANCELLED}
    assert page.counts == CaseCounts(total=2, gone=2)


@pytest.mark.parametrize("blank", ["", "   ", "\t"])
def test_the_main_problem_is_mandatory(clinic: Clinic, actor: Actor, blank: str) -> None:
    made = scheduled(clinic, actor)

    for act in (
        lambda: scheduled(clinic, actor, main_problem=blank),
        lambda: cases.change(actor, made.case_id, version=1, main_problem=blank),
        lambda: cases.open_case(actor, patient_id=clinic.patient_id, main_problem=blank),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == "main_problem"


def test_plans_that_make_no_sense_are_refused(clinic: Clinic, actor: Actor) -> None:
    elsewhere = builders.a_clinic(clinic.store, name="Elsewhere")

    with pytest.raises(Invalid):
        cases.schedule(actor, plan(clinic, ()))
    with pytest.raises(NotFound):
        scheduled(clinic, actor, patient_id=elsewhere.patient_id)
    with pytest.raises(NotFound):
        scheduled(clinic, actor, (seat(clinic, type_id=elsewhere.type_id),))
    with pytest.raises(NotAllowed):
        cases.schedule(
            builders.an_actor(clinic, frozenset(ALL) - {"Appointment Create"}), plan(clinic)
        )


def test_a_further_appointment_joins_the_case(clinic: Clinic, actor: Actor) -> None:
    made = scheduled(clinic, actor)

    more = scheduled(clinic, actor, (seat(clinic, 15),), case_id=made.case_id, main_problem="")

    assert more.case_id == made.case_id
    assert cases.count_of(actor, made.case_id).total == 2
    with pytest.raises(NotFound):
        scheduled(
            clinic,
            actor,
            (seat(clinic, 16),),
            case_id=made.case_id,
            patient_id=builders.a_patient(clinic),
        )


def test_the_same_problem_and_service_of_another_patient_is_counted_by_itself(
    clinic: Clinic, actor: Actor
) -> None:
    other = builders.a_patient(clinic)

    mine = scheduled(clinic, actor)
    again = scheduled(clinic, actor, (seat(clinic, 11),))
    theirs = scheduled(clinic, actor, (seat(clinic, 12),), patient_id=other)

    assert again.case_id == mine.case_id
    assert theirs.case_id != mine.case_id
    assert cases.count_of(actor, mine.case_id).total == 2
    assert cases.count_of(actor, theirs.case_id).total == 1


def test_another_service_of_the_same_problem_is_another_case(clinic: Clinic, actor: Actor) -> None:
    kind = builders.a_type(clinic, code="HYG")

    mine = scheduled(clinic, actor)
    other = scheduled(clinic, actor, (seat(clinic, 11, type_id=kind),))

    assert other.case_id != mine.case_id


def test_the_main_problem_is_renamed_by_whoever_saw_the_newest_version(
    clinic: Clinic, actor: Actor
) -> None:
    made = scheduled(clinic, actor)

    cases.change(actor, made.case_id, version=1, main_problem=" Wisdom tooth ")

    assert cases.case(actor, made.case_id).main_problem == "Wisdom tooth"
    assert diary.appointment(actor, made.appointments[0].id).main_problem == "Wisdom tooth"
    with pytest.raises(Stale) as refusal:
        cases.change(actor, made.case_id, version=1, main_problem="Other")
    assert refusal.value.theirs == cases.case(actor, made.case_id)


def test_requests_are_allowed_for_chosen_types(clinic: Clinic, actor: Actor) -> None:
    made = scheduled(clinic, actor)
    kinds = {builders.a_type(clinic, code=f"T{n}") for n in range(3)}

    cases.change(actor, made.case_id, version=1, allowed_type_ids=kinds)
    assert set(cases.case(actor, made.case_id).allowed_type_ids) == kinds
    cases.change(actor, made.case_id, version=2, allowed_type_ids=[], requests_allowed=False)

    page = cases.case(actor, made.case_id)
    assert (page.allowed_type_ids, page.requests_allowed) == ((), False)
    with pytest.raises(NotFound):
        cases.change(actor, made.case_id, version=3, allowed_type_ids=[999_999])
    with pytest.raises(Stale):
        cases.change(actor, made.case_id, version=2, allowed_type_ids=kinds)


def test_a_case_with_visits_ahead_stays_open(clinic: Clinic, actor: Actor) -> None:
    made = scheduled(clinic, actor)

    with pytest.raises(Refused):
        cases.change(actor, made.case_id, version=1, is_open=False)
    card = made.appointments[0]
    diary.set_status(actor, card.id, Status.CANCELLED, version=card.version)
    cases.change(actor, made.case_id, version=1, is_open=False)

    with pytest.raises(Refused) as refusal:
        scheduled(clinic, actor, (seat(clinic, 15),), case_id=made.case_id)
    assert "closed" in str(refusal.value)
    cases.change(actor, made.case_id, version=2, is_open=True)
    assert scheduled(clinic, actor, (seat(clinic, 15),), case_id=made.case_id)


def test_suggestions_are_the_most_used_of_the_type(clinic: Clinic, actor: Actor) -> None:
    kind = builders.a_type(clinic, code="HYG")
    for text, times in (("Émail worn", 1), ("Recall", 3), ("recall ", 1), ("Bleeding gums", 2)):
        for _ in range(times):
            builders.a_case(clinic, main_problem=text.strip(), type_id=kind)
    builders.a_case(clinic, main_problem="Recall of another type")

    assert cases.suggestions(actor, "", kind)[:2] == (("Recall", 4), ("Bleeding gums", 2))
    assert cases.suggestions(actor, "RE", kind) == (("Recall", 4),)
    assert cases.suggestions(actor, "ema", kind) == (("Émail worn", 1),)
    assert cases.suggestions(actor, "gum", kind) == (("Bleeding gums", 2),)
    assert cases.suggestions(actor, "x", kind) == ()


def test_a_patients_cases_come_open_first_then_the_newest(clinic: Clinic, actor: Actor) -> None:
    old = builders.a_case(clinic, main_problem="Old", open=False)
    made = scheduled(clinic, actor)

    found = cases.of_patient(actor, clinic.patient_id)

    assert [(line.id, line.open, line.counts.total) for line in found] == [
        (made.case_id, True, 1),
        (old, False, 0),
    ]
    assert [line.id for line in cases.listed(actor)] == [made.case_id]
    assert [line.id for line in cases.listed(actor, only_open=False)] == [made.case_id, old]
    assert [x.id for x in cases.listed(actor, only_open=False, before=made.case_id)] == [old]


def test_lists_and_pages_take_few_queries(clinic: Clinic, actor: Actor) -> None:
    for hour in (9, 10, 11):
        made = scheduled(clinic, actor, (seat(clinic, hour),))
    clinic.store.catalogue(clinic.organisation_id)

    for act, most in (
        (lambda: cases.case(actor, made.case_id), 4),
        (lambda: cases.of_patient(actor, clinic.patient_id), 3),
        (lambda: cases.listed(actor), 2),
        (lambda: cases.suggestions(actor, "t", clinic.type_id), 1),
        (lambda: cases.count_of(actor, made.case_id), 2),
        (lambda: cases.history(actor, made.case_id), 4),
    ):
        with statements(clinic.store) as seen:
            act()
        assert len(seen) <= most


def test_another_organisations_case_does_not_exist(clinic: Clinic, actor: Actor) -> None:
    made = scheduled(clinic, actor)
    elsewhere = builders.a_clinic(clinic.store, name="Elsewhere")
    stranger = builders.an_actor(elsewhere)

    for act in (
        lambda: cases.case(stranger, made.case_id),
        lambda: cases.count_of(stranger, made.case_id),
        lambda: cases.change(stranger, made.case_id, version=1, main_problem="x"),
    ):
        with pytest.raises(NotFound):
            act()
    assert cases.listed(stranger) == ()
    assert CaseRow.select().count() == 1


# The history ------------------------------------------------------------------------------


def test_the_history_tells_every_edit_with_names_before_and_after(
    clinic: Clinic, actor: Actor
) -> None:
    other = builders.a_provider(clinic, last_name="Okafor")
    made = scheduled(clinic, actor)
    card = made.appointments[0]
    colleague = builders.an_actor(clinic)
    diary.move(colleague, card.id, span=clinic.span(14), version=1, provider_id=other)
    cases.change(actor, made.case_id, version=1, main_problem="Wisdom tooth")

    page = cases.history(actor, made.case_id)

    told = {(line.action, line.label): (line.before, line.after) for line in page.lines}
    assert told["case.change", "Main problem"] == ("Toothache", "Wisdom tooth")
    assert told["appointment.move", "Provider"] == (card.provider.name, "Dr Okafor")
    assert told["appointment.move", "Start"] == (clinic.at(10), clinic.at(14))
    assert told["case.schedule", "Main problem"] == (None, "Toothache")
    assert page.older is None
    assert [line.seq for line in page.lines] == sorted(
        (line.seq for line in page.lines), reverse=True
    )


def test_the_history_is_filtered_by_who_field_and_time_and_read_in_pages(
    clinic: Clinic, actor: Actor
) -> None:
    made = scheduled(clinic, actor)
    colleague = builders.an_actor(clinic)
    for number in range(5):
        by = colleague if number % 2 else actor
        cases.change(by, made.case_id, version=number + 1, main_problem=f"Problem {number}")

    by_colleague = cases.history(actor, made.case_id, actor_id=colleague.user_id)
    problems = cases.history(actor, made.case_id, field="main_problem")
    future = cases.history(actor, made.case_id, from_at=datetime.now(UTC) + timedelta(days=1))
    past = cases.history(actor, made.case_id, until=datetime.now(UTC) - timedelta(days=1))

    assert [line.after for line in by_colleague.lines] == ["Problem 3", "Problem 1"]
    assert [line.after for line in problems.lines][-1] == "Toothache"
    assert len(problems.lines) == 6
    assert future.lines == past.lines == ()
    first = cases.history(actor, made.case_id, field="main_problem", limit=2)
    rest = cases.history(actor, made.case_id, field="main_problem", before=first.older)
    assert first.lines + rest.lines == problems.lines


def test_the_types_that_may_be_requested_stand_in_the_history(clinic: Clinic, actor: Actor) -> None:
    made = scheduled(clinic, actor)
    cases.change(actor, made.case_id, version=1, allowed_type_ids=[clinic.type_id])
    cases.change(actor, made.case_id, version=2, allowed_type_ids=[])

    lines = [x for x in cases.history(actor, made.case_id).lines if x.kind == "case_type"]

    assert [(x.label, x.before, x.after) for x in lines] == [
        ("Service", "Check-up", None),
        ("Service", None, "Check-up"),
    ]


def test_the_history_tells_the_patient_by_name(clinic: Clinic, actor: Actor) -> None:
    made = scheduled(clinic, actor)

    told = {(x.kind, x.label): x.after for x in cases.history(actor, made.case_id).lines}

    assert told["patient_case", "Patient"] == made.appointments[0].patient_name
    assert ("appointment", "Minutes before") not in told


# Too much, and not for everybody ------------------------------------------------------------


def test_a_main_problem_that_is_too_long_is_refused_by_name_and_never_cut(
    clinic: Clinic, actor: Actor
) -> None:
    made = scheduled(clinic, actor)
    longest, longer = "x" * 300, "x" * 301
    acts: tuple[Callable[[], object], ...] = (
        lambda: cases.change(actor, made.case_id, version=1, main_problem=longer),
        lambda: cases.open_case(actor, patient_id=clinic.patient_id, main_problem=longer),
    )
    for act in acts:
        with pytest.raises(Invalid, match="The main problem is longer than 300") as refusal:
            act()
        assert refusal.value.field == "main_problem"
        assert refusal.value.way_out
    with pytest.raises(Invalid) as refused:
        scheduled(clinic, actor, (seat(clinic, 15),), main_problem=longer)
    assert refused.value.field == "main_problem"
    assert cases.case(actor, made.case_id).main_problem == "Toothache"

    assert cases.change(actor, made.case_id, version=1, main_problem=longest).value == 2
    assert cases.case(actor, made.case_id).main_problem == longest


def test_a_case_of_a_patient_whom_one_may_not_see_does_not_exist(
    clinic: Clinic, actor: Actor
) -> None:
    made = scheduled(clinic, actor)
    branch = builders.a_location(clinic, name="Branch")
    bound = builders.an_actor(clinic)
    UserLocation.create(
        organisation_id=clinic.organisation_id, user_id=bound.user_id, location_id=branch
    )

    for act in (
        lambda: cases.case(bound, made.case_id),
        lambda: cases.history(bound, made.case_id),
        lambda: cases.count_of(bound, made.case_id),
        lambda: cases.change(bound, made.case_id, version=1, main_problem="x"),
    ):
        with pytest.raises(NotFound):
            act()
    assert cases.of_patient(bound, clinic.patient_id) == ()
    assert cases.listed(bound) == ()
    assert cases.case(actor, made.case_id).version == 1
