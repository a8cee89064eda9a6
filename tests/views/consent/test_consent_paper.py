"""The signed form in place of a code: printed, scanned, recorded with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from clinic_desk import i18n
from clinic_desk.models.documents import Document
from clinic_desk.rules.permissions import ROLES
from clinic_desk.views import theme
from clinic_desk.views.consent import ask
from clinic_desk.views.consent.paper_form import html, to_pdf
from clinic_desk.views.desk import Desk
from tests import builders
from tests.services.consenting import pieces, row
from tests.views.conftest import elsewhere, quiet
from tests.views.consent.conftest import DRAFT, shown
from tests.views.consent.test_consent_dialog import press, sent

SCAN = b"%PDF-1.4 signed by hand"


@pytest.fixture
def paper(qtbot, two, desk, dialog):
    """The dialog at its second step, on paper."""
    press(dialog.on_paper)
    qtbot.waitUntil(dialog.paper.isVisible)
    quiet(qtbot, desk)
    return dialog


def add_scan(qtbot, monkeypatch, paper, path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(path), ""))
    press(paper.paper.add)
    quiet(qtbot, paper._desk)


def text_of(form) -> str:
    """All that can be read on the form."""
    page = QTextDocument()
    page.setHtml(html(form))
    return page.toPlainText()


def test_a_signed_form_registers_and_is_kept_with_the_patient(
    qtbot, two, desk, paper, taken, monkeypatch, tmp_path
):
    file = tmp_path / "signed form.pdf"
    file.write_bytes(SCAN)
    add_scan(qtbot, monkeypatch, paper, file)
    assert "signed form.pdf" in paper.paper.name.text()
    QTest.keyClicks(paper.paper.reason, "Has no e-mail")
    QTest.keyClick(paper.agree.agrees, Qt.Key.Key_Space)
    press(paper.agree.go)
    qtbot.waitUntil(paper.go_on.isVisible)
    quiet(qtbot, desk)
    QTest.keyClick(paper.go_on, Qt.Key.Key_Return)

    assert taken[0].name == "Quarrington, Xanthippe"
    kept = elsewhere(row, paper.card)
    assert (kept.channel, kept.reason) == ("paper", "Has no e-mail")
    assert elsewhere(lambda: Document.get_by_id(kept.document_id).name) == "signed form.pdf"


def test_nothing_of_the_other_record_is_told_on_the_way(qtbot, paper):
    form = paper._form()

    for told in (shown(paper), text_of(form), repr(form)):
        assert pieces(told) == []


def test_without_scan_or_reason_the_field_says_so_and_all_is_kept(
    qtbot, two, desk, paper, monkeypatch, tmp_path
):
    QTest.keyClick(paper.agree.agrees, Qt.Key.Key_Space)
    press(paper.agree.go)
    assert paper.paper.fields._wrong["scan"].isVisible()

    file = tmp_path / "scan.pdf"
    file.write_bytes(SCAN)
    add_scan(qtbot, monkeypatch, paper, file)
    press(paper.agree.go)
    quiet(qtbot, desk)
    assert paper.paper.fields._wrong["reason"].isVisible()
    assert paper.agree.agrees.isChecked()
    assert paper.paper.scan is not None


def test_a_file_that_is_no_scan_is_refused_at_its_field(
    qtbot, two, desk, paper, monkeypatch, tmp_path
):
    file = tmp_path / "letter.docx.pdf"
    file.write_bytes(b"PK no picture")
    add_scan(qtbot, monkeypatch, paper, file)
    QTest.keyClicks(paper.paper.reason, "Has no e-mail")
    QTest.keyClick(paper.agree.agrees, Qt.Key.Key_Space)
    press(paper.agree.go)
    quiet(qtbot, desk)

    assert "PDF, PNG or JPEG" in paper.paper.fields._wrong["scan"].text()
    assert paper.patient is None


@pytest.mark.parametrize("size", ["gone", "large"])
def test_a_file_that_cannot_be_taken_is_told(qtbot, two, desk, paper, monkeypatch, tmp_path, size):
    file = tmp_path / "scan.pdf"
    if size == "large":
        with file.open("wb") as made:
            made.truncate(10 * 1024 * 1024 + 1)
    add_scan(qtbot, monkeypatch, paper, file)

    assert paper.paper.fields._wrong["scan"].isVisible()
    assert paper.paper.scan is None


def test_a_scan_is_dropped_from_the_computer(qtbot, two, desk, paper, tmp_path):
    file = tmp_path / "scan.png"
    file.write_bytes(b"\x89PNG\r\n and so on")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    nothing = Qt.KeyboardModifier.NoModifier
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, nothing)
    enter = QDragEnterEvent(QPoint(5, 5), *how)
    paper.paper.dragEnterEvent(enter)
    assert enter.isAccepted()
    paper.paper.dropEvent(QDropEvent(QPoint(5, 5), *how))
    quiet(qtbot, desk)

    assert paper.paper.scan.name == "scan.png"


def test_the_code_gives_way_to_the_form(qtbot, two, desk, dialog):
    card = sent(qtbot, dialog)
    press(dialog.on_paper)
    qtbot.waitUntil(dialog.paper.isVisible)

    assert elsewhere(row, card).state == "withdrawn"
    assert dialog.card.id != card.id
    assert not dialog.on_paper.isVisible()


def test_the_form_says_who_asks_for_what_and_what_one_should_know(
    qtbot, two, paper, monkeypatch, tmp_path
):
    path = tmp_path / "form"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(path), ""))
    press(paper.paper.saved)

    assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF")
    text = text_of(paper.paper.form())
    for piece in (
        "Xan Typed",
        "Asker",
        "telephone and e-mail",
        "withdraw at any time",
        "Both clinics write down",
        "You need not sign",
        f"Consent no. {paper.card.id}",
    ):
        assert piece in text, piece


@pytest.mark.parametrize("language", i18n.available())
def test_the_form_fits_one_page_in_every_language(two, paper, tmp_path, language):
    form = replace(
        paper._form(),
        person="Maximiliane Freifrau von Unterschwaningen-Oberhausen",
        purpose="Behandlung der Weisheitszähne und aller anderen <b>Zähne</b> & mehr " * 2,
    )
    path = tmp_path / "form.pdf"

    assert to_pdf(form, path, language) == 1
    assert "<b>Zähne</b> & mehr" in text_of(form)
    assert i18n.language() == "en_US"


def test_whoever_may_not_record_a_form_is_told_so(qtbot, two, desk, dialog):
    from clinic_desk.views.admin.pages import allow

    desk.may = lambda name: name != "Consent Paper Form"
    allow(desk, dialog.on_paper, "Consent Paper Form")

    assert not dialog.on_paper.isEnabled()
    assert "Consent Paper Form" in dialog.on_paper.toolTip()


def test_who_may_not_take_the_form_reads_who_may_in_both_steps(
    qtbot, qapp, clinic, two, background, guarded
):
    theme.apply(qapp, "light")
    names = ROLES["Scheduler"]
    actor = elsewhere(builders.an_actor, clinic, names)
    elsewhere(builders.a_role, clinic, ROLES["Clinical Director"], name="Clinical Director")
    desk = Desk(actor, background, elsewhere(actor.store.catalogue, actor.organisation_id))
    guarded()
    behind = QWidget()
    qtbot.addWidget(behind)
    behind.show()
    dialog = ask.begin(desk, DRAFT, behind, lambda _patient: None)
    qtbot.waitUntil(dialog.isVisible)
    quiet(qtbot, desk)

    def told() -> None:
        assert dialog.on_paper.isVisible() and not dialog.on_paper.isEnabled()
        assert dialog.who_may.isVisible()
        assert "Clinical Director" in dialog.who_may.text()
        assert "take the signed paper form" not in shown(dialog)

    told()
    sent(qtbot, dialog)
    told()
    quiet(qtbot, desk)


def test_who_may_take_the_form_is_told_nothing_of_roles(qtbot, desk, dialog):
    assert dialog.on_paper.isEnabled() and not dialog.who_may.isVisible()
    assert "take the signed paper form" in shown(dialog)
