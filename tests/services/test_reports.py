"""The report of a visit: what it says, and that it goes out once, to the right one, and is kept."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from clinic_desk.models.documents import Document, DocumentPart
from clinic_desk.models.journal import DeedText
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.services import diary, patient_files, reports, sender
from clinic_desk.services.actor import Actor
from clinic_desk.services.reports import Pdf
from tests import builders, smtp_server
from tests.builders import Clinic
from tests.services.counting import statements
from tests.services.mailing import a_visit, after_delay, lines, sends_mails

PAGE = Pdf("Report 2031-05-20.pdf", b"%PDF-1.7 " + b"secret words " * 100_000)


def sent(actor: Actor, visit: int, pdf: Pdf = PAGE) -> None:
    reports.send(actor, visit, pdf, version=reports.for_mail(actor, visit).version)


def test_a_report_says_who_what_when_and_where(clinic: Clinic, actor: Actor):
    patient = builders.a_patient(
        clinic, first_name="Jane", last_name="Doe", number="77", email="jane@example.org"
    )
    visit = builders.an_appointment(clinic, patient_id=patient, notes="Two fillings")

    told = reports.for_download(actor, visit)

    assert (told.clinic, told.location) == ("Test Clinic", "Main Street")
    assert (told.patient, told.number, told.service) == ("Jane Doe", "77", "Check-up")
    assert told.provider.startswith("Dr ")
    assert (told.starts_at, told.time_zone) == (clinic.at(10), clinic.time_zone)
    assert (told.notes, told.main_problem) == ("Two fillings", "Check-up")
    assert (told.recipient, told.mail_ready) == ("jane@example.org", False)
    assert reports.for_mail(actor, visit) == told


def test_it_is_read_in_four_questions(clinic: Clinic, actor: Actor):
    visit = builders.an_appointment(clinic)
    reports.for_download(actor, visit)
    with statements(actor.store) as seen:
        reports.for_download(actor, visit)
    assert len(seen) == 4


def test_it_goes_out_by_mail_with_the_page_and_is_kept_with_the_patient(
    clinic: Clinic, actor: Actor, tmp_path: Path
):
    with smtp_server.running(tmp_path) as smtp:
        going = sends_mails(actor, smtp.port)
        visit = a_visit(clinic)
        sent(actor, visit)
        sender.run_once(clinic.store, going, after_delay())
        (mail,) = smtp.received()
    assert mail.recipients == ("jane@example.org",)
    (file,) = mail.mail.iter_attachments()
    assert file.get_filename() == PAGE.name
    assert file.get_content() == PAGE.content
    (card,) = patient_files.documents(actor, diary.appointment(actor, visit).patient_id)
    assert (card.name, card.media_type, card.appointment_id) == (
        PAGE.name, "application/pdf", visit,
    )  # fmt: skip
    saved = patient_files.save(actor, card.id, tmp_path / "out.pdf")
    assert saved.read_bytes() == PAGE.content


def test_what_the_page_says_stands_in_no_history(clinic: Clinic, actor: Actor):
    sends_mails(actor)
    sent(actor, a_visit(clinic))
    told = "".join(row.body for row in DeedText.select())
    assert "secret words" not in told
    assert PAGE.sha256 in told
    assert "secret" not in repr(PAGE)


def test_without_a_server_or_an_address_nothing_is_kept_and_the_way_out_is_told(
    clinic: Clinic, actor: Actor
):
    with pytest.raises(Refused) as refused:
        sent(actor, a_visit(clinic))
    assert "mail server" in str(refused.value)
    sends_mails(actor)
    with pytest.raises(Refused) as refused:
        sent(actor, builders.an_appointment(clinic, clinic.span(12)))
    assert "no e-mail address" in str(refused.value)
    assert refused.value.way_out
    assert Document.select().count() == DocumentPart.select().count() == len(lines()) == 0


@pytest.mark.parametrize("content", [b"", b"MZ program", b"%PDF-" + b"x" * reports.MOST_BYTES])
def test_what_is_no_report_is_not_sent(clinic: Clinic, actor: Actor, content: bytes):
    sends_mails(actor)
    with pytest.raises(Invalid) as refused:
        sent(actor, a_visit(clinic), Pdf("x.pdf", content))
    assert refused.value.field == "pdf"


def test_a_report_of_an_older_version_is_not_sent(clinic: Clinic, actor: Actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    version = reports.for_mail(actor, visit).version
    diary.change(actor, visit, version=version, notes="Otherwise")
    with pytest.raises(Stale):
        reports.send(actor, visit, PAGE, version=version)


def test_a_record_that_is_out_of_use_is_not_written_to(clinic: Clinic, actor: Actor):
    sends_mails(actor)
    visit = a_visit(clinic)
    Patient.update(active=False).where(Patient.email == "jane@example.org").execute()
    with pytest.raises(Refused) as refused:
        sent(actor, visit)
    assert refused.value.way_out


def test_sent_twice_it_goes_out_once(clinic: Clinic, actor: Actor):
    sends_mails(actor)
    visit, key = a_visit(clinic), str(uuid.uuid4())
    for _time in range(2):
        reports.send(actor, visit, PAGE, version=1, request_id=key)
    assert [line.kind for line in lines(visit)] == ["report"]
    assert Document.select().count() == 1


def test_saving_and_sending_have_their_own_permissions(clinic: Clinic, actor: Actor):
    visit = builders.an_appointment(clinic)
    saves = builders.an_actor(clinic, frozenset({"Appointment Download Report"}))
    sends = builders.an_actor(clinic, frozenset({"Appointment Email Report"}))
    reports.for_download(saves, visit)
    reports.for_mail(sends, visit)
    for attempt in (
        lambda: reports.for_mail(saves, visit),
        lambda: reports.send(saves, visit, PAGE, version=1),
        lambda: reports.for_download(sends, visit),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_another_organisations_visit_is_not_there(clinic: Clinic, actor: Actor):
    visit = builders.an_appointment(clinic)
    other = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))
    for attempt in (
        lambda: reports.for_download(other, visit),
        lambda: reports.for_mail(other, visit),
        lambda: reports.send(other, visit, PAGE, version=1),
    ):
        with pytest.raises(NotFound):
            attempt()
