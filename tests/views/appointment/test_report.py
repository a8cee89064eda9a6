"""The report of a visit in its editor: seen, saved as PDF, sent after a question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.services import diary, patient_files, reports
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.appointment import report_page
from clinic_desk.views.appointment.report import ReportPart
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from tests import builders
from tests.services import mailing
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[int], AppointmentEditor]


def shown(qtbot: QtBot, desk: Desk, form: AppointmentEditor) -> ReportPart:
    part = form.parts.show_part("report")
    assert isinstance(part, ReportPart)
    quiet(qtbot, desk)
    return part


def test_the_page_says_what_was_when_and_follows_the_visit(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, notes="Two <b>fillings</b>\nleft")
    part = shown(qtbot, desk, editor(number))
    text = part.page.toPlainText()
    for told in ("Test Clinic", "Main Street", "Jane Smith", "Check-up", "Two <b>fillings</b>"):
        assert told in text
    version = stored(actor, number).version
    elsewhere(diary.change, actor, number, version=version, notes="Three fillings")
    desk.announce([("appointment", number)])
    quiet(qtbot, desk)
    assert "Three fillings" in part.page.toPlainText()


def test_it_is_saved_as_a_pdf(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open, tmp_path: Path
) -> None:
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    assert part.save_button.isEnabled()
    part.save_to(tmp_path / "report.pdf")
    quiet(qtbot, desk)
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert "report.pdf" in part.told.text()
    part.save_to(tmp_path / "no such folder" / "report.pdf")
    quiet(qtbot, desk)
    assert "Choose another folder" in part.told.text()


def test_it_is_sent_after_a_question_that_names_the_address(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    mailing.sends_mails(actor)
    number = mailing.a_visit(clinic)
    part = shown(qtbot, desk, editor(number))
    robot.click(part.send_button)
    assert "jane@example.org" in part.asked.text()
    robot.click(robot.find(part, QAbstractButton, "report-keep"))
    assert not part.question.isVisible()
    robot.click(part.send_button)
    robot.click(robot.find(part, QAbstractButton, "report-really"))
    quiet(qtbot, desk)
    assert "on its way" in part.told.text()
    assert desk.own.count == 0 and desk.own.to_undo is not None and desk.own.to_undo.why
    assert elsewhere(mailing.told, number) == [("report", "waiting")]
    patient = stored(actor, number).patient_id
    (kept,) = elsewhere(patient_files.documents, actor, patient)
    assert kept.name == "Report 2031-05-20.pdf"
    assert kept.size > 1000


def test_where_it_cannot_be_sent_the_reason_stands_there(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    assert not part.send_button.isEnabled()
    assert "mail server" in part.where.text()
    elsewhere(mailing.sends_mails, actor)
    desk.announce([("setting", 1)])
    quiet(qtbot, desk)
    assert "no e-mail address" in part.where.text()


@pytest.mark.parametrize(
    ("may", "saves", "sends"),
    [
        ("Appointment Download Report", True, False),
        ("Appointment Email Report", False, True),
    ],
)
def test_either_permission_shows_the_tab_and_its_own_button(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    desk: Desk,
    editor: Open,
    monkeypatch: pytest.MonkeyPatch,
    may: str,
    saves: bool,
    sends: bool,
) -> None:
    mailing.sends_mails(actor)
    number = mailing.a_visit(clinic)
    monkeypatch.setattr(Desk, "may", lambda _self, name: name == may)
    part = shown(qtbot, desk, editor(number))
    assert (part.save_button.isEnabled(), part.send_button.isEnabled()) == (saves, sends)


def test_who_may_do_neither_has_no_such_tab(
    clinic: builders.Clinic, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: not name.endswith(" Report"))
    form = editor(builders.an_appointment(clinic))
    assert "Report" not in [form.tabs.tabText(n) for n in range(form.tabs.count())]


@pytest.mark.parametrize("language", ["en_US", "de", "ar", "ja"])
def test_a_page_is_a_whole_pdf_in_every_direction(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, language: str
) -> None:
    number = builders.an_appointment(clinic, notes="x\n" * 200)
    facts = reports.for_download(actor, number)
    i18n.set_language(language)
    content = report_page.pdf(facts, "Kim & Co", datetime.now(UTC))
    assert content.count(b"/Type /Page\n") > 1
    assert content.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize(
    ("patients", "clinics", "title", "born"),
    [
        ("de", "", "Bericht", "Geboren"),
        ("ar", "de", "تقرير", ""),
        ("", "de", "Bericht", "Geboren"),
        ("xx", "de", "Bericht", "Geboren"),
        ("", "", "Report", "Born"),
    ],
)
def test_it_speaks_the_patients_language_else_the_clinics_and_not_the_desks(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open,
    patients: str, clinics: str, title: str, born: str,
) -> None:  # fmt: skip
    mailing.sends_mails(actor, language=clinics)
    person = builders.a_patient(
        clinic, language=patients, email="jane@example.org", date_of_birth=date(1990, 4, 2)
    )
    number = builders.an_appointment(clinic, patient_id=person)
    part = shown(qtbot, desk, editor(number))
    text = part.page.toPlainText()
    assert title in text
    assert born in text
    assert part.tongue.isVisible() is (title != "Report")
    assert part.save_button.text() == "Save as PDF…"
    robot.click(part.send_button)
    assert part.asked.text().startswith("Send this report")
    robot.click(robot.find(part, QAbstractButton, "report-really"))
    quiet(qtbot, desk)
    (kept,) = elsewhere(patient_files.documents, actor, person)
    assert kept.name == f"{title} 2031-05-20.pdf"
    assert i18n.language() == "en_US"


def test_the_page_of_an_arabic_report_runs_from_right_to_left(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor
) -> None:
    person = builders.a_patient(clinic, language="ar")
    facts = reports.for_download(actor, builders.an_appointment(clinic, patient_id=person))
    page = report_page.document(facts, "Kim", datetime.now(UTC))
    assert page.defaultTextOption().textDirection() == Qt.LayoutDirection.RightToLeft
    assert not i18n.is_right_to_left()
