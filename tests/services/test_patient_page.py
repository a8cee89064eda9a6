"""The page of a patient, who may see it, and who may change what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_desk.models.people import CareTeam, User, UserLocation
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused
from clinic_desk.rules.spans import Span
from clinic_desk.services import (
    diary,
    journal,
    patient_access,
    patient_history,
    patient_notes,
    patient_page,
    patients,
    undo,
)
from clinic_desk.services.actor import Actor
from clinic_desk.services.feed import Feed
from clinic_desk.services.patient_cards import Likeness
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

DESK = frozenset({"Customer Get All", "Customer Show", "Customer Update", "Appointment Get All"})


@pytest.fixture
def north(clinic: Clinic) -> int:
    """A second location."""
    return builders.a_location(clinic, name="North")


def bound_to(clinic: Clinic, location_id: int, names: frozenset[str] = DESK) -> Actor:
    """Somebody who sees one location only."""
    actor = builders.an_actor(clinic, names)
    UserLocation.create(
        organisation_id=clinic.organisation_id, user_id=actor.user_id, location_id=location_id
    )
    return actor


def cares(clinic: Clinic, actor: Actor, patient_id: int) -> None:
    CareTeam.create(
        organisation_id=clinic.organisation_id, user_id=actor.user_id, patient_id=patient_id
    )


def test_the_page_tells_what_comes_and_what_was(clinic: Clinic, actor: Actor):
    case = builders.a_case(clinic, main_problem="Toothache")
    builders.an_appointment(clinic, clinic.span(10), case_id=case)
    builders.an_appointment(clinic, clinic.span(9), case_id=case)
    past = Span.lasting(datetime.now(UTC).replace(microsecond=0, second=0) - timedelta(days=9), 30)
    builders.an_appointment(clinic, past, case_id=case, status="completed")
    builders.an_appointment(clinic, clinic.span(14), case_id=case, status="requested")
    booked = diary.book(
        actor,
        span=clinic.span(13),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
        case_id=case,
    )
    undo.undo(actor, booked.seq)

    page = patient_page.page(actor, clinic.patient_id)

    assert [v.span for v in page.upcoming] == [clinic.span(9), clinic.span(10)]
    assert [str(v.status) for v in page.not_booked] == ["cancelled", "requested"]
    assert [str(v.status) for v in page.past] == ["completed"]
    assert (page.counts.ahead, page.counts.over, page.counts.gone, page.counts.total) == (
        3,
        1,
        1,
        5,
    )
    assert [line.main_problem for line in page.cases] == ["Toothache"]


def test_a_page_takes_the_same_questions_however_full_it_is(clinic: Clinic, actor: Actor):
    def asked() -> int:
        with statements(actor.store) as seen:
            patient_page.page(actor, clinic.patient_id)
        return len(seen)

    builders.an_appointment(clinic, clinic.span(8))
    patient_page.page(actor, clinic.patient_id)
    few = asked()
    for hour in range(9, 18):
        builders.an_appointment(clinic, clinic.span(hour))

    assert asked() == few == 8


def test_medical_alerts_are_for_those_who_may_see_them(clinic: Clinic, actor: Actor):
    made = patients.create(
        actor, first_name="A", last_name="B", alert="Wheelchair", medical_alert="Penicillin"
    ).value
    onlooker = builders.an_actor(clinic, DESK)

    assert patient_page.page(actor, made.id).data.medical_alert == "Penicillin"
    assert patient_page.page(onlooker, made.id).data.medical_alert is None
    assert patient_page.page(onlooker, made.id).data.alert == "Wheelchair"
    told = [line.after for line in patient_history.history(onlooker, made.id).lines]
    assert "Penicillin" not in told and journal.HIDDEN in told
    with pytest.raises(NotAllowed):
        patients.create(onlooker, first_name="A", last_name="B", medical_alert="x")


def test_another_organisations_patient_does_not_exist(clinic: Clinic):
    stranger = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))

    for asks in (patient_page.page, patients.patient, patient_history.history):
        with pytest.raises(NotFound):
            asks(stranger, clinic.patient_id)


def test_who_is_bound_to_a_location_sees_those_who_come_there(clinic: Clinic, north: int):
    here, there, new, both = (
        builders.a_patient(clinic, last_name=f"Someone{n}", search=f"someone{n}") for n in range(4)
    )
    for patient_id, location_id, hour in (
        (here, clinic.location_id, 8),
        (there, north, 9),
        (both, north, 10),
        (both, clinic.location_id, 11),
    ):
        builders.an_appointment(
            clinic, clinic.span(hour), patient_id=patient_id, location_id=location_id
        )
    desk = bound_to(clinic, clinic.location_id)

    assert {p.id for p in patients.search(desk, "someone")} == {here, new, both}
    with pytest.raises(NotFound):
        patient_page.page(desk, there)
    with pytest.raises(NotFound):
        patients.change(desk, there, version=1, city="Graz")

    cares(clinic, desk, there)

    assert {p.id for p in patients.search(desk, "someone")} == {here, there, new, both}
    assert patient_page.page(desk, there).data.may_change


def test_who_is_bound_to_nothing_sees_everybody(clinic: Clinic, north: int):
    builders.an_appointment(clinic, location_id=north)
    desk = builders.an_actor(clinic, DESK)

    patient_access.require_seen(desk, clinic.patient_id)


def test_in_ones_own_care_are_those_whom_one_treats(clinic: Clinic):
    other = builders.a_patient(clinic)
    preferred = builders.a_patient(clinic, preferred_provider_id=clinic.provider_id)
    builders.an_appointment(clinic)
    doctor = builders.an_actor(clinic, DESK)
    User.update(provider_id=clinic.provider_id).where(User.id == doctor.user_id).execute()

    patients.change(doctor, clinic.patient_id, version=1, city="Graz")
    patients.change(doctor, preferred, version=1, city="Graz")
    with pytest.raises(NotAllowed):
        patients.change(doctor, other, version=1, city="Graz")
    assert not patient_page.page(doctor, other).data.may_change


def test_update_all_changes_anybody(clinic: Clinic):
    desk = builders.an_actor(clinic, DESK | {"Customer Update All"})

    assert patients.change(desk, clinic.patient_id, version=1, city="Graz").value.version == 2


def test_the_care_team_grows_and_shrinks(clinic: Clinic, actor: Actor):
    nurse = builders.a_user(clinic, display_name="Nurse")

    patient_page.add_to_care_team(actor, clinic.patient_id, nurse, role="Recall")
    (member,) = patient_page.care_team(actor, clinic.patient_id)
    assert (member.name, member.role) == ("Nurse", "Recall")
    with pytest.raises(Refused):
        patient_page.add_to_care_team(actor, clinic.patient_id, nurse)
    with pytest.raises(Invalid):
        patient_page.add_to_care_team(actor, clinic.patient_id, 999999)

    patient_page.remove_from_care_team(actor, member.id)
    assert patient_page.care_team(actor, clinic.patient_id) == ()


@pytest.mark.parametrize(
    ("typed", "likeness"),
    [
        ({"first_name": "Jnae", "last_name": "Smith", "date_of_birth": date(1986, 4, 12)},
         {Likeness.BORN, Likeness.NAME}),
        ({"first_name": "Xaver", "last_name": "Other", "phone": "+43 664 1234567"},
         {Likeness.PHONE}),
        ({"first_name": "Xaver", "last_name": "Other", "email": "JANE@example.com"},
         {Likeness.EMAIL}),
        ({"first_name": "Jane", "last_name": "Smith"}, {Likeness.NAME}),
    ],
)  # fmt: skip
def test_a_similar_patient_is_told_before_there_are_two(actor, typed, likeness):
    born = date(1986, 4, 12)
    made = patients.create(
        actor, first_name="Jane", last_name="Smith", date_of_birth=born,
        phone="0664 1234567", email="jane@example.com",
    ).value  # fmt: skip

    (found,) = patients.similar(actor, **typed)

    assert found.patient.id == made.id
    assert found.likeness == likeness


@pytest.mark.parametrize(
    "typed",
    [
        {"first_name": "Jane", "last_name": "Smith", "date_of_birth": date(1990, 1, 1)},
        {"first_name": "Peter", "last_name": "Miller", "date_of_birth": date(1986, 4, 12)},
        {"phone": "06", "email": "jane@", "national_id": "n/a"},
        {},
    ],
)
def test_somebody_else_is_not_similar(actor, typed):
    patients.create(actor, first_name="Jane", last_name="Smith", date_of_birth=date(1986, 4, 12))

    assert patients.similar(actor, **typed) == ()


def test_looking_for_similar_ones_takes_five_questions(actor):
    asks: dict[str, Any] = {"first_name": "A", "last_name": "B", "date_of_birth": date(1986, 4, 12)}
    contact: dict[str, Any] = {
        "phone": "0664 1234567",
        "email": "a@example.com",
        "national_id": "A1234",
    }
    patients.similar(actor, **asks, **contact)
    with statements(actor.store) as seen:
        patients.similar(actor, **asks, **contact)

    assert len(seen) == 5


@pytest.mark.parametrize("typed", ["0664 1234567", "+43 664 123", "6641234567", "00436641"])
def test_a_telephone_number_is_found_as_people_dial_it(actor, typed):
    made = patients.create(actor, first_name="A", last_name="B", phone="0664/1234567").value

    assert [card.id for card in patients.search(actor, typed)] == [made.id]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date_of_birth", date(1850, 1, 1)),
        ("phone", "nobody"),
        ("email", "nobody"),
        ("guardian_phone", "nobody"),
        ("guardian_email", "nobody"),
        ("country", "Austria"),
        ("national_id", "n/a"),
        ("preferred_provider_id", 123456),
        ("address", "x" * 300),
    ],
)
def test_what_makes_no_sense_names_its_field(actor, field, value: Any):
    with pytest.raises(Invalid) as refused:
        patients.create(actor, first_name="A", last_name="B", **{field: value})

    assert refused.value.field == field


def test_a_number_is_read_as_in_the_patients_country(actor):
    made = patients.create(
        actor, first_name="A", last_name="B", phone="(415) 555-0148", country="us"
    ).value

    assert made.phone == "+1 415-555-0148"


def test_the_history_keeps_what_is_not_there_any_more(clinic, actor):
    number, user = clinic.patient_id, builders.a_user(clinic)
    patient_page.add_to_care_team(actor, number, user)
    (member,) = [m for m in patient_page.care_team(actor, number) if m.user_id == user]
    patient_page.remove_from_care_team(actor, member.id)
    written = patient_notes.write(actor, number, "Afraid of needles")
    changed = patient_notes.change(actor, written.value, "Afraid of dogs", version=1)
    journal.undo(actor, changed.seq)
    journal.undo(actor, written.seq)

    told = [(x.label, x.before, x.after) for x in patient_history.history(actor, number).lines]

    assert told == [
        ("Note", "Afraid of needles", None),
        ("Note", "Afraid of dogs", "Afraid of needles"),
        ("Note", "Afraid of needles", "Afraid of dogs"),
        ("Note", None, "Afraid of needles"),
        ("Care team", "Test User", None),
        ("Care team", None, "Test User"),
    ]


def test_a_number_that_is_used_again_tells_nothing_of_another_patient(clinic, actor):
    other = builders.a_patient(clinic)
    written = patient_notes.write(actor, clinic.patient_id, "Afraid")
    journal.undo(actor, patient_notes.change(actor, written.value, "Brave", version=1).seq)
    journal.undo(actor, written.seq)
    patient_notes.write(actor, other, "Cheerful")

    told = [(x.before, x.after) for x in patient_history.history(actor, other).lines]

    assert told == [(None, "Cheerful")]


def test_what_hangs_on_a_record_is_no_news_of_the_patient(clinic, actor):
    feed = Feed(actor.store, clinic.organisation_id)
    done = patient_notes.write(actor, clinic.patient_id, "Afraid")

    assert [(c.kind, c.id) for c in feed.changes()] == [("patient_note", done.value)]
    assert journal.touched(actor, done.seq) == (("patient_note", done.value),)


def test_the_history_names_what_was_changed_by_whom(clinic, actor):
    patients.change(actor, clinic.patient_id, version=1, city="Graz")
    patients.change(actor, clinic.patient_id, version=2, city="Wien", alert="Deaf")
    builders.a_user(clinic)

    page = patient_history.history(actor, clinic.patient_id)

    assert [(x.label, x.before, x.after, x.who) for x in page.lines] == [
        ("City", "Graz", "Wien", "Test User"),
        ("Alert", None, "Deaf", "Test User"),
        ("City", None, "Graz", "Test User"),
    ]
    first = patient_history.history(actor, clinic.patient_id, limit=1)
    rest = patient_history.history(actor, clinic.patient_id, before=first.older)
    assert first.lines + rest.lines == page.lines
