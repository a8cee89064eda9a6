"""From the form of a new patient into consent, and back with the patient."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from clinic_desk.models.people import Patient
from clinic_desk.services import consent_registration
from clinic_desk.views.consent.dialog import ConsentDialog
from clinic_desk.views.patients.new_patient import NewPatient
from clinic_desk.views.patients.patient_card import PatientCardView
from tests.services.consenting import later, pieces, verified
from tests.views.conftest import elsewhere, quiet
from tests.views.consent.conftest import read_message, shown
from tests.views.consent.test_consent_dialog import press


@pytest.fixture
def chosen():
    return []


@pytest.fixture
def made(qtbot, two, desk, guarded, chosen):
    """The window in which a new patient is written down in the middle of something else."""
    guarded()
    behind = QWidget()
    qtbot.addWidget(behind)
    behind.show()
    opened = NewPatient(desk, "Xan Typed", behind)
    opened.chosen.connect(chosen.append)
    opened.open()
    quiet(qtbot, desk)
    yield opened
    behind.close()


def refused(qtbot, desk, made) -> None:
    """Type an address that another clinic knows, and press "Create patient"."""
    QTest.keyClicks(made.form.fields.line("email"), "xq.private@post.example")
    press(made.form.save)
    quiet(qtbot, desk)


def test_whoever_is_known_elsewhere_is_led_into_consent_and_back(qtbot, two, desk, made, chosen):
    refused(qtbot, desk, made)
    assert "already in use" in made.form.told.text()
    assert made.form.consent.hasFocus()
    assert pieces(made.form.told.text()) == []

    QTest.keyClick(made.form.consent, Qt.Key.Key_Return)
    dialog = made.findChild(ConsentDialog)
    assert dialog is not None
    quiet(qtbot, desk)
    press(dialog.ask.send)
    qtbot.waitUntil(dialog.code.isVisible)
    assert "Keeper" not in shown(dialog)
    QTest.keyClicks(dialog.code.code, read_message(two, dialog.card))
    QTest.keyClick(dialog.code.code, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.agree.isVisible)
    QTest.keyClick(dialog.agree.agrees, Qt.Key.Key_Space)
    press(dialog.agree.go)
    qtbot.waitUntil(dialog.go_on.isVisible)
    QTest.keyClick(dialog.go_on, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(chosen) == 1)
    quiet(qtbot, desk)

    assert chosen[0].name == "Quarrington, Xanthippe"
    here = Patient.organisation_id == two.asking.organisation_id
    assert elsewhere(
        lambda: Patient.select().where(here & (Patient.email_key == "xq.private@post.example"))
        .count()
    ) == 1  # fmt: skip


def test_cancelling_keeps_all_that_was_typed_and_the_way_back(qtbot, two, desk, made, chosen):
    refused(qtbot, desk, made)
    press(made.form.consent)
    dialog = made.findChild(ConsentDialog)
    quiet(qtbot, desk)
    dialog.ask.purpose.setText("Second opinion")
    press(dialog.ask.send)
    qtbot.waitUntil(dialog.code.isVisible)
    asked = dialog.card
    press(dialog.leave)
    quiet(qtbot, desk)
    elsewhere(later, asked, minutes=1)
    press(made.form.consent)
    dialog = made.findChildren(ConsentDialog)[-1]
    qtbot.waitUntil(dialog.code.isVisible)
    assert dialog.card.id == asked.id
    assert dialog.code.code.hasFocus()
    press(dialog.code.again)
    qtbot.waitUntil(lambda: dialog.card.id != asked.id)
    assert dialog.card.purpose == "Second opinion"
    press(dialog.leave)
    quiet(qtbot, desk)

    assert chosen == []
    assert made.isVisible()
    assert made.form.fields.line("email").text() == "xq.private@post.example"
    assert made.form.fields.line("last_name").text() == "Typed"


def test_whoever_may_not_ask_is_not_led_there(qtbot, two, desk, made):
    desk.may = lambda name: name != "Consent Take"
    refused(qtbot, desk, made)

    assert "already in use" in made.form.told.text()
    assert not made.form.consent.isVisible()


def test_the_page_of_a_patient_has_their_consents(qtbot, two, desk, guarded):
    card = elsewhere(verified, two)
    patient = elsewhere(consent_registration.agree, two.asker, card.id, {}).value
    guarded()
    page = PatientCardView(desk)
    qtbot.addWidget(page)
    page.resize(800, 700)
    page.show()
    page.open(patient.id)
    quiet(qtbot, desk)
    assert page.consents is not None
    bar = page.tabs.tabBar()
    where = bar.tabRect(page.tabs.indexOf(page.consents)).center()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=where)
    quiet(qtbot, desk)

    assert [one.id for one in page.consents.model.cards] == [card.id]


def test_whoever_may_not_see_consents_has_no_tab_of_them(qtbot, two, desk, guarded):
    desk.may = lambda name: name != "Consent Get Consented"
    guarded()
    page = PatientCardView(desk)
    qtbot.addWidget(page)

    assert page.consents is None
