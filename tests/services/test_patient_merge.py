"""Two records of one person become one, and two again where that was wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.documents import PatientNote
from clinic_desk.models.people import CareTeam, Patient
from clinic_desk.rules.errors import NotAllowed, NotFound, Refused, Stale
from clinic_desk.services import (
    consent,
    consent_code,
    consent_register,
    consent_registration,
    outbox,
    patient_merge,
    patient_page,
    patient_unmerge,
    patients,
    reports,
    sender,
)
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store
from tests import builders, smtp_server
from tests.builders import Clinic
from tests.services import consenting, mailing


@pytest.fixture
def kept(actor: Actor) -> int:
    return patients.create(actor, first_name="Jane", last_name="Smith", city="Wien").value.id


@pytest.fixture
def other(actor: Actor) -> int:
    made = patients.create(
        actor, first_name="Jané", last_name="Smith", email="jane@example.com", city="Graz"
    )
    return made.value.id


def everything(clinic: Clinic) -> object:
    """All that belongs to somebody, without versions."""
    tables = ("appointment", "patient_case", "patient_note", "care_team")
    rows = [clinic.store.rows(f"SELECT id, patient_id FROM {name} ORDER BY id") for name in tables]
    people = clinic.store.rows(
        "SELECT id, email, email_key, city, search, active, merged_into_id FROM patient ORDER BY id"
    )
    return rows, people


def note(clinic: Clinic, patient_id: int, text: str = "Afraid of needles") -> int:
    row = PatientNote.create(
        uuid=builders._uuid(),
        organisation_id=clinic.organisation_id,
        patient_id=patient_id,
        text=text,
        written_at=datetime(2031, 1, 1, tzinfo=UTC),
    )
    return int(row.id)


def test_all_goes_to_the_kept_record(clinic: Clinic, actor: Actor, kept: int, other: int):
    visit = builders.an_appointment(clinic, patient_id=other)
    written = note(clinic, other)
    nurse = builders.a_user(clinic)
    patient_page.add_to_care_team(actor, other, nurse)
    number = patients.patient(actor, other).number

    done = patient_merge.merge(actor, kept, other)

    assert done.value.left == 0
    assert Appointment.get_by_id(visit).patient_id == kept
    assert PatientNote.get_by_id(written).patient_id == kept
    assert [m.user_id for m in patient_page.care_team(actor, kept)] == [nurse]
    assert [p.id for p in patients.search(actor, number)] == [kept]
    page = patient_page.page(actor, other)
    assert (page.card.id, page.former_numbers) == (kept, (number,))
    assert (page.data.email, page.data.city) == ("jane@example.com", "Wien")
    assert [v.id for v in page.upcoming] == [visit]


def test_a_field_that_both_have_is_taken_by_choice(actor: Actor, kept: int, other: int):
    preview = patient_merge.preview(actor, kept, other)
    assert preview.differing == ("first_name", "city")

    patient_merge.merge(actor, kept, other, take=("city",))

    assert patient_page.page(actor, kept).data.city == "Graz"
    assert other not in {p.id for p in patients.search(actor, "jane smith")}


def test_what_was_chosen_between_is_not_taken_once_it_is_otherwise(
    actor: Actor, kept: int, other: int
):
    seen = patient_merge.preview(actor, kept, other)
    patients.change(actor, other, version=seen.versions[1], city="Linz")

    with pytest.raises(Stale):
        patient_merge.merge(actor, kept, other, take=("city",), versions=seen.versions)

    assert patients.patient(actor, other).active
    seen = patient_merge.preview(actor, kept, other)
    patient_merge.merge(actor, kept, other, take=("city",), versions=seen.versions)
    assert patient_page.page(actor, kept).data.city == "Linz"


def test_messages_that_wait_go_to_the_address_of_the_kept_record_and_a_report_along(
    clinic: Clinic, actor: Actor, other: int, tmp_path: Path
):
    kept = patients.create(actor, first_name="Jane", last_name="Smith", email="k@example.com")
    with smtp_server.running(tmp_path) as smtp:
        going = mailing.sends_mails(actor, smtp.port)
        booked = [mailing.a_visit(clinic, hour, patient_id=other) for hour in (10, 11)]
        mailing.booked(actor, booked[0])
        version = reports.for_mail(actor, booked[1]).version
        reports.send(actor, booked[1], reports.Pdf("R.pdf", b"%PDF-1.7 x"), version=version)

        patient_merge.merge(actor, kept.value.id, other)
        assert [line.recipient for line in outbox.lines(actor).items] == ["k@example.com"] * 2
        done = sender.run_once(clinic.store, going, mailing.after_delay(300))

        assert (done.sent, done.withdrawn) == (2, 0)
        assert {mail.recipients for mail in smtp.received()} == {("k@example.com",)}
    patient_unmerge.unmerge(actor, other)
    assert {line.patient_id for line in outbox.lines(actor).items} == {other}
    assert {line.recipient for line in outbox.lines(actor).items} == {"k@example.com"}  # as sent


def test_after_a_merge_was_taken_back_messages_go_to_whose_visit_it_is(
    clinic: Clinic, actor: Actor, other: int, tmp_path: Path
):
    kept = patients.create(actor, first_name="Jane", last_name="Smith", email="k@example.com").value
    own = builders.an_appointment(clinic, clinic.span(9), patient_id=kept.id)
    theirs = mailing.a_visit(clinic, 10, patient_id=other)
    patient_merge.merge(actor, kept.id, other)
    with smtp_server.running(tmp_path) as smtp:
        going = mailing.sends_mails(actor, smtp.port)
        mailing.booked(actor, own)
        mailing.booked(actor, theirs)
        patient_unmerge.unmerge(actor, other)

        sender.run_once(clinic.store, going, mailing.after_delay(300))

        told = {mail.recipients: str(mail.mail) for mail in smtp.received()}
    assert told.keys() == {("k@example.com",), ("jane@example.com",)}
    assert "10:00" not in told["k@example.com",]


def test_a_message_about_a_visit_that_stays_stays_with_it(
    clinic: Clinic, actor: Actor, kept: int, other: int
):
    mailing.sends_mails(actor)
    builders.an_appointment(clinic, clinic.span(9), patient_id=kept)
    provider = builders.a_provider(clinic)
    own = {"patient_id": other, "case_id": builders.a_case(clinic, other)}
    stays = mailing.a_visit(clinic, 9, **own, provider_id=provider, operatory_id=None)
    for visit in (stays, mailing.a_visit(clinic, 12, patient_id=other)):
        mailing.booked(actor, visit)

    patient_merge.merge(actor, kept, other)

    assert [line.patient_id for line in mailing.lines()] == [other, kept]


def test_a_code_that_was_asked_for_reaches_the_record_that_was_kept(store: Store):
    two = consenting.two_clinics(store)
    kept = patients.create(
        two.keeper, first_name="Xanthippe", last_name="Quarrington", email="new@post.example"
    ).value
    card = consenting.ask(two)

    patient_merge.merge(two.keeper, kept.id, two.record_id)

    minted = consent_code.mint(store, card.id, datetime.now(UTC))
    assert minted is not None
    assert minted.recipient == "new@post.example"
    consent.verify(two.asker, card.id, consenting.Code(minted.code))
    made = consent_registration.agree(two.asker, card.id, {}).value
    assert made.email == "new@post.example"
    (seen,) = consent_register.consents(two.keeper, patient_id=kept.id).items
    assert seen.person == "Quarrington, Xanthippe"


def test_the_old_number_is_still_found_after_the_record_was_changed(
    actor: Actor, kept: int, other: int
):
    number = patients.patient(actor, other).number
    patient_merge.merge(actor, kept, other)
    version = patients.patient(actor, kept).version

    patients.change(actor, kept, version=version, last_name="Miller")

    assert [p.id for p in patients.search(actor, number)] == [kept]
    with pytest.raises(Refused):
        patients.change(actor, other, version=2, last_name="Miller")


def test_visits_that_overlap_are_listed_and_stay(
    clinic: Clinic, actor: Actor, kept: int, other: int
):
    provider = builders.a_provider(clinic)
    one = builders.an_appointment(clinic, clinic.span(10), patient_id=kept)
    two = builders.an_appointment(
        clinic, clinic.span(10, 15), patient_id=other, provider_id=provider
    )
    free = builders.an_appointment(clinic, clinic.span(14), patient_id=other)

    preview = patient_merge.preview(actor, kept, other)
    assert [(a.id, b.id) for a, b in preview.overlaps] == [(one, two)]
    done = patient_merge.merge(actor, kept, other)

    assert done.value.left == 1
    assert Appointment.get_by_id(free).patient_id == kept
    assert Appointment.get_by_id(two).patient_id == other
    assert [v.id for v in patient_page.page(actor, kept).upcoming] == [one, two, free]

    Appointment.update(status="cancelled").where(Appointment.id == one).execute()
    assert patient_merge.merge(actor, kept, other).value.left == 0
    assert Appointment.get_by_id(two).patient_id == kept
    assert Case.get_by_id(Appointment.get_by_id(two).case_id).patient_id == kept


def test_a_long_record_moves_in_steps_and_back(clinic: Clinic, actor: Actor, kept: int, other: int):
    case = builders.a_case(clinic, other)
    for day in range(200):
        builders.an_appointment(
            clinic, clinic.span(8), patient_id=other, case_id=case, status="cancelled"
        )
        note(clinic, other, f"Note {day}")
    nurse = builders.a_user(clinic)
    patient_page.add_to_care_team(actor, other, nurse)
    before = everything(clinic)
    told: list[int] = []

    patient_merge.merge(actor, kept, other, progress=told.append)
    assert told == [80, 160, 240, 320, 400, 401]
    assert not Appointment.select().where(Appointment.patient_id == other).count()

    patient_unmerge.unmerge(actor, other)
    assert everything(clinic) == before
    with pytest.raises(Refused):
        patient_unmerge.unmerge(actor, other)


def test_a_merge_that_was_cancelled_goes_on(clinic: Clinic, actor: Actor, kept: int, other: int):
    for day in range(100):
        note(clinic, other, f"Note {day}")
    steps: list[int] = []

    patient_merge.merge(
        actor, kept, other, progress=steps.append, cancelled=lambda: bool(steps), request_id="once"
    )
    assert PatientNote.select().where(PatientNote.patient_id == other).count() == 20
    assert patients.patient(actor, other).active

    patient_merge.merge(actor, kept, other, request_id="once")
    assert not PatientNote.select().where(PatientNote.patient_id == other).count()
    assert not patients.patient(actor, other).active


def test_a_merge_after_which_something_changed_is_not_taken_back(
    clinic: Clinic, actor: Actor, kept: int, other: int
):
    case = builders.a_case(clinic, other)
    patient_merge.merge(actor, kept, other)
    builders.an_appointment(clinic, patient_id=kept, case_id=case)

    with pytest.raises(Refused, match="added"):
        patient_unmerge.unmerge(actor, other)


def test_anothers_merge_is_taken_back_by_permission_only(
    clinic: Clinic, actor: Actor, kept: int, other: int
):
    patient_merge.merge(actor, kept, other)
    clerk = builders.an_actor(clinic, frozenset({"Customer Update", "Customer Update All"}))

    with pytest.raises(NotAllowed):
        patient_unmerge.unmerge(clerk, other)


def test_who_may_change_only_one_of_them_may_not_merge(
    clinic: Clinic, actor: Actor, kept: int, other: int
):
    clerk = builders.an_actor(clinic, frozenset({"Customer Update", "Customer Show"}))
    CareTeam.create(organisation_id=clinic.organisation_id, user_id=clerk.user_id, patient_id=kept)

    with pytest.raises(NotAllowed):
        patient_merge.merge(clerk, kept, other)
    assert Patient.get_by_id(other).active


def test_what_cannot_be_merged_is_refused(clinic: Clinic, actor: Actor, kept: int, other: int):
    elsewhere = builders.a_clinic(clinic.store, name="Elsewhere").patient_id
    third = builders.a_patient(clinic)
    with pytest.raises(Refused):
        patient_merge.merge(actor, kept, kept)
    with pytest.raises(NotFound):
        patient_merge.merge(actor, kept, elsewhere)
    patient_merge.merge(actor, kept, other)
    with pytest.raises(Refused):
        patient_merge.merge(actor, third, other)
    with pytest.raises(Refused):
        patient_merge.merge(actor, other, third)


def test_a_record_that_has_swallowed_one_can_be_merged_too(
    clinic: Clinic, actor: Actor, kept: int, other: int
):
    third = builders.a_patient(clinic)
    number = patients.patient(actor, other).number
    patient_merge.merge(actor, third, other)

    patient_merge.merge(actor, kept, third)

    assert patient_page.page(actor, other).card.id == kept
    assert [p.id for p in patients.search(actor, number)] == [kept]
    assert len(patient_page.page(actor, kept).former_numbers) == 2
    patient_unmerge.unmerge(actor, third)
    assert patient_page.page(actor, other).card.id == third
