"""Asking for consent at the desk: nothing is told too early, and nothing typed is lost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import Patient
from clinic_desk.services import consent, consent_registration
from clinic_desk.services.cards import Done
from clinic_desk.services.consent_cards import AskedCard, Code
from clinic_desk.views.consent.dialog import ConsentDialog
from clinic_desk.views.mail.post import Post
from tests import smtp_server
from tests.services import mailing
from tests.services.consenting import history_of, later, pieces, row, verified, wrong
from tests.views.conftest import elsewhere, quiet
from tests.views.consent.conftest import read_message, shown

LEFT = Qt.MouseButton.LeftButton


def press(button) -> None:
    assert button.isVisible(), button.objectName()
    assert button.isEnabled(), button.objectName()
    QTest.mouseClick(button, LEFT)


def sent(qtbot: QtBot, dialog: ConsentDialog) -> AskedCard:
    """Ask by a click, and wait for the second step."""
    press(dialog.ask.send)
    qtbot.waitUntil(dialog.code.isVisible)
    assert dialog.card is not None
    return dialog.card


def tried(qtbot, desk, dialog, text: str) -> None:
    """Type a code and press Enter."""
    dialog.code.code.setFocus()
    dialog.code.code.selectAll()
    QTest.keyClicks(dialog.code.code, text)
    QTest.keyClick(dialog.code.code, Qt.Key.Key_Return)
    quiet(qtbot, desk)


def test_ask_verify_agree_registers_and_hands_the_patient_back(qtbot, two, desk, dialog, taken):
    card = sent(qtbot, dialog)
    assert dialog.code.code.hasFocus()
    tried(qtbot, desk, dialog, read_message(two, card))
    assert dialog.agree.isVisible()
    assert not dialog.agree.go.isEnabled()

    QTest.keyClick(dialog.agree.agrees, Qt.Key.Key_Return)  # not ticked yet
    quiet(qtbot, desk)
    assert elsewhere(row, card).state == "verified"
    QTest.keyClick(dialog.agree.agrees, Qt.Key.Key_Space)
    QTest.keyClick(dialog.agree.agrees, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.go_on.isVisible)
    quiet(qtbot, desk)
    assert "Agreed" in dialog.promise.text()
    assert "Keeper House" in dialog.promise.text()
    QTest.keyClick(dialog.go_on, Qt.Key.Key_Return)
    assert len(taken) == 1

    assert taken[0].name == "Quarrington, Xanthippe"
    here = elsewhere(
        lambda: list(
            Patient.select().where(
                (Patient.organisation_id == two.asking.organisation_id)
                & (Patient.last_name == "Quarrington")
            )
        )
    )
    assert len(here) == 1
    assert here[0].address == ""  # was not asked for
    assert here[0].medical_alert == ""


def test_nothing_of_the_other_record_is_told_before_the_code_is_right(qtbot, two, desk, dialog):
    said: list[str] = []
    desk.said.connect(lambda message: said.append(message.text))
    before = shown(dialog)
    card = sent(qtbot, dialog)
    code = read_message(two, card)
    waiting = shown(dialog)
    tried(qtbot, desk, dialog, wrong(code).value)
    refused = shown(dialog)

    history = elsewhere(history_of, two.store, two.asking.organisation_id)
    for text in (before, waiting, refused, repr(dialog.card), " ".join(said), history):
        assert not pieces(text)
    assert code not in history


def test_a_code_for_nobody_looks_the_same(qtbot, two, desk, dialog):
    """Typed an address that no record has: the same steps, the same words."""
    card = sent(qtbot, dialog)
    tried(qtbot, desk, dialog, wrong(read_message(two, card)).value)
    known = dialog.told.text(), dialog.code.isVisible(), dialog.steps[1].state.text()

    dialog._draft = {"email": "nobody.at.all@post.example", "first_name": "N"}
    dialog._show_step(0)
    sent(qtbot, dialog)
    tried(qtbot, desk, dialog, "123456")

    assert (dialog.told.text(), dialog.code.isVisible(), dialog.steps[1].state.text()) == known


def test_tries_are_counted_down_and_then_the_code_is_locked(qtbot, two, desk, dialog):
    card = sent(qtbot, dialog)
    code = read_message(two, card)
    assert "5 tries left" in dialog.code.clock.text()
    for left in (4, 3, 2, 1):
        tried(qtbot, desk, dialog, wrong(code).value)
        word = "try" if left == 1 else "tries"
        assert f"{left} {word} left" in dialog.code.clock.text()
        assert dialog.code.code.hasFocus()
        assert dialog.code.code.selectedText() == wrong(code).value
    tried(qtbot, desk, dialog, wrong(code).value)

    assert "locked" in dialog.told.text()
    assert not dialog.code.code.isEnabled()
    assert not dialog.code.check.isEnabled()
    assert dialog.code.again.isEnabled()
    assert elsewhere(row, card).state == "locked"


def test_what_is_no_code_is_said_at_its_field_and_costs_no_try(qtbot, two, desk, dialog):
    card = sent(qtbot, dialog)
    tried(qtbot, desk, dialog, "12345")

    assert "six digits" in dialog.code.fields._wrong["code"].text()
    assert dialog.code.fields._wrong["code"].isVisible()
    assert elsewhere(row, card).tries == 0
    assert dialog.code.code.selectedText() == "12345"
    QTest.keyClicks(dialog.code.code, "6")
    assert not dialog.code.fields._wrong["code"].isVisible()


def test_the_field_takes_six_digits_and_drops_what_is_pasted_along(qtbot, two, desk, dialog):
    sent(qtbot, dialog)
    field = dialog.code.code
    QTest.keyClicks(field, "12a 3-4567")
    assert field.text() == "123456"

    for pasted, text in ((" 654 321\n", "654321"), ("Code: ٦٥٤٣٢١", "٦٥٤٣٢١"), ("7654321", "")):
        field.clear()
        QApplication.clipboard().setText(pasted)
        field.paste()
        assert field.text() == text


def test_who_was_registered_meanwhile_is_opened_and_not_registered_twice(
    qtbot, two, desk, dialog, taken
):
    earlier = elsewhere(verified, two)
    card = sent(qtbot, dialog)
    tried(qtbot, desk, dialog, read_message(two, card))
    there = elsewhere(consent_registration.agree, two.asker, earlier.id, {}).value
    QTest.keyClick(dialog.agree.agrees, Qt.Key.Key_Space)
    press(dialog.agree.go)
    qtbot.waitUntil(dialog.there.isVisible)

    assert "registered here already" in dialog.told.text()
    assert there.number in dialog.told.text()
    assert dialog.there.hasFocus()
    QTest.keyClick(dialog.there, Qt.Key.Key_Return)
    assert [one.id for one in taken] == [there.id]


def test_a_code_that_is_over_is_told_and_another_one_is_sent(qtbot, two, desk, dialog):
    card = sent(qtbot, dialog)
    old = read_message(two, card)
    elsewhere(later, card, minutes=11)
    tried(qtbot, desk, dialog, old)
    assert "over" in dialog.told.text()
    assert not dialog.code.code.isEnabled()

    press(dialog.code.again)
    qtbot.waitUntil(lambda: dialog.card.id != card.id)
    quiet(qtbot, desk)

    assert dialog.code.code.isEnabled()
    assert dialog.code.code.hasFocus()
    tried(qtbot, desk, dialog, read_message(two, dialog.card))
    assert dialog.agree.isVisible()


def test_another_code_is_not_asked_for_in_the_same_breath(qtbot, two, desk, dialog):
    sent(qtbot, dialog)

    assert not dialog.code.again.isEnabled()
    assert "moment" in dialog.code.again.toolTip()


def test_without_a_purpose_the_field_says_so(qtbot, two, desk, dialog):
    dialog.ask.purpose.setFocus()
    dialog.ask.purpose.selectAll()
    QTest.keyClick(dialog.ask.purpose, Qt.Key.Key_Backspace)
    QTest.keyClick(dialog.ask.purpose, Qt.Key.Key_Return)
    quiet(qtbot, desk)

    assert dialog.ask.fields._wrong["purpose"].isVisible()
    assert dialog.card is None


def test_leaving_keeps_the_draft_and_registers_nobody(qtbot, two, desk, dialog, taken):
    said: list[str] = []
    desk.said.connect(lambda message: said.append(message.text))
    sent(qtbot, dialog)
    QTest.keyClick(dialog.code.code, Qt.Key.Key_Escape)
    qtbot.wait(20)

    assert taken == []
    assert "register of consents" in said[-1]


def test_the_deeds_of_consent_are_not_offered_for_undo(qtbot, two, desk, dialog):
    before = desk.own.count
    sent(qtbot, dialog)

    assert desk.own.count == before


def test_fewer_groups_may_be_agreed_to_and_for_a_year(qtbot, two, desk, dialog):
    QTest.keyClick(dialog.ask.shares.boxes["address"], Qt.Key.Key_Space)
    card = sent(qtbot, dialog)
    tried(qtbot, desk, dialog, read_message(two, card))
    assert not dialog.agree.shares.boxes["guardian"].isVisible()  # was not asked for
    QTest.keyClick(dialog.agree.shares.boxes["contact"], Qt.Key.Key_Space)
    dialog.agree.lasts.setFocus()
    QTest.keyClick(dialog.agree.lasts, Qt.Key.Key_Down)
    assert dialog.agree.day.isVisible()
    QTest.keyClick(dialog.agree.agrees, Qt.Key.Key_Space)
    press(dialog.agree.go)
    qtbot.waitUntil(dialog.go_on.isVisible)
    quiet(qtbot, desk)

    kept = elsewhere(row, card)
    assert kept.fields == '["person", "address"]'
    assert kept.until_at is not None
    assert "until" in dialog.promise.text()
    assert dialog.patient.phone == ""


def test_the_code_leaves_with_the_desks_own_mail_and_comes_back_typed(
    qtbot, two, desk, dialog, tmp_path
):
    """Nothing is made up here: a mail server gets the message, a person reads it."""
    with smtp_server.running(tmp_path) as smtp:
        elsewhere(mailing.sends_mails, two.asker, smtp.port)
        post = Post(desk)
        post.start()
        card = sent(qtbot, dialog)
        qtbot.waitUntil(lambda: len(smtp.received()) == 1, timeout=20_000)
        (mail,) = smtp.received()
        plain = mail.mail.get_body(("plain",))
        assert plain is not None
        text = plain.get_content()
        code = next(word for word in text.split() if len(word) == 6 and word.isdigit())
        assert mail.recipients == ("xq.private@post.example",)
        assert not pieces(shown(dialog))
        tried(qtbot, desk, dialog, code)
        assert post.stop(10)

    assert dialog.agree.isVisible()
    assert elsewhere(row, card).state == "verified"


def test_answers_that_were_lost_on_their_way_are_asked_for(qtbot, two, desk, dialog):
    """The server saved it and the line broke: only that it was saved is known."""
    lost = Done(None, 1, ())
    card = sent(qtbot, dialog)
    code = read_message(two, card)
    dialog.card = None
    dialog._taken(lost)
    quiet(qtbot, desk)
    assert dialog.card.id == card.id

    elsewhere(consent.verify, two.asker, card.id, Code(code))
    dialog._verified(lost)
    quiet(qtbot, desk)
    assert dialog.agree.isVisible()

    elsewhere(consent_registration.agree, two.asker, card.id, {})
    dialog._registered(lost)
    quiet(qtbot, desk)
    assert dialog.patient.name == "Quarrington, Xanthippe"
    assert dialog.go_on.isVisible()
    press(dialog.go_on)


def test_somebody_else_withdrew_it_meanwhile(qtbot, two, desk, dialog):
    card = sent(qtbot, dialog)
    code = read_message(two, card)
    version = elsewhere(row, card).version
    elsewhere(consent.withdraw, two.asker, card.id, version=version, reason="Wrong person")
    tried(qtbot, desk, dialog, code)

    assert "withdrawn" in dialog.told.text()
    assert not dialog.code.check.isEnabled()
    assert dialog.on_paper.isVisible()
