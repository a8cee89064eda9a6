"""The register of consents: who asked whom for what, how it ended, and taking it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_desk import i18n
from clinic_desk.models.consents import Consent
from clinic_desk.services import consent, consent_registration
from clinic_desk.services.consent_cards import AskedCard, Code, Share, Side, State
from clinic_desk.views import theme
from clinic_desk.views.consent import register
from clinic_desk.views.consent.dialog import ConsentDialog
from clinic_desk.views.consent.of_patient import PatientConsents
from clinic_desk.views.consent.register import RegisterPage
from tests import builders
from tests.services import consenting
from tests.services.consenting import ask, code_of, pieces, row, verified
from tests.services.mailing import sends_mails
from tests.views.conftest import elsewhere, quiet
from tests.views.consent.conftest import read_message, shown
from tests.views.consent.test_consent_dialog import press


@pytest.fixture
def opened(qtbot, qapp, two, desk, guarded):
    """Opens the page on what is in the database by now."""
    theme.apply(qapp, "light")
    guarded()

    def made() -> RegisterPage:
        page = RegisterPage(desk)
        qtbot.addWidget(page)
        page.resize(1000, 640)
        page.show()
        quiet(qtbot, desk)
        return page

    return made


def choose(qtbot, page, place: int) -> None:
    page.table.setFocus()
    page.table.selectRow(place)
    quiet(qtbot, page.desk)


def asked_of_us(two) -> AskedCard:
    """The other clinic asks for somebody of ours, who was told the code."""
    from tests import builders

    builders.a_patient(two.asking, first_name="Ours", last_name="Alone", email="ours@post.example",
                       email_key="ours@post.example")  # fmt: skip
    sends_mails(two.keeper)
    card = consent.take(
        two.keeper, {"email": "ours@post.example"}, purpose="Second view", shares=[Share.PERSON]
    ).value
    code = code_of(two, card)
    return consent.verify(two.keeper, card.id, Code(code)).value


def test_an_empty_register_says_how_a_consent_comes_to_be(opened):
    page = opened()

    assert "No consents yet" in page.none.text()
    assert not page.table.isVisible()
    assert not page.all.isVisible()


def test_both_sides_stand_in_the_list_and_the_filters_sift(qtbot, two, opened):
    elsewhere(verified, two)
    elsewhere(asked_of_us, two)
    page = opened()
    assert [one.side for one in page.model.cards] == [Side.KEEPS, Side.ASKS]
    assert page.count.text() == "2 consents"

    page.sides.setFocus()
    QTest.keyClick(page.sides, Qt.Key.Key_Down)
    quiet(qtbot, page.desk)
    assert [one.side for one in page.model.cards] == [Side.ASKS]

    page.states.setFocus()
    QTest.keyClick(page.states, Qt.Key.Key_Down)
    quiet(qtbot, page.desk)
    assert page.states.currentData() == State.ASKED
    assert page.none.text() == "No consent is like that."
    press(page.all)
    quiet(qtbot, page.desk)
    assert len(page.model.cards) == 2
    assert "Verified, not registered yet (2)" in page.states.itemText(2)


def test_what_is_not_verified_tells_nothing_of_the_other_record(qtbot, two, opened):
    card = elsewhere(ask, two)
    elsewhere(code_of, two, card)
    page = opened()
    choose(qtbot, page, 0)

    texts = [str(page.model.index(0, n).data()) for n in range(page.model.columnCount())]
    assert "not known yet" in texts
    for told in (shown(page), " ".join(texts)):
        assert pieces(told) == []


def test_a_consent_is_withdrawn_with_a_reason(qtbot, two, opened):
    card = elsewhere(verified, two)
    page = opened()
    choose(qtbot, page, 0)
    assert page.detail.title.text().strip("\u2068\u2069") == "Quarrington, Xanthippe"
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert page.detail.reason.hasFocus()
    QTest.keyClick(page.detail.reason, Qt.Key.Key_Return)
    quiet(qtbot, page.desk)
    assert page.detail.fields._wrong["reason"].isVisible()

    QTest.keyClicks(page.detail.reason, "The person called")
    press(page.detail.sure)
    quiet(qtbot, page.desk)

    assert elsewhere(row, card).state == "withdrawn"
    assert page.detail.badge.text() == "Withdrawn"
    assert not page.detail.withdraw.isVisible()
    assert not page.detail.asking.isVisible()
    assert page.desk.own.count == 0


def test_keeping_it_changes_nothing_and_what_was_typed_stays(qtbot, two, opened):
    elsewhere(verified, two)
    card = elsewhere(verified, two)
    page = opened()
    choose(qtbot, page, 0)
    press(page.detail.withdraw)
    QTest.keyClicks(page.detail.reason, "Perhaps")
    press(page.detail.keep)
    choose(qtbot, page, 1)
    assert page.detail.reason.text() == ""
    choose(qtbot, page, 0)
    press(page.detail.withdraw)

    assert page.detail.reason.text() == "Perhaps"
    assert elsewhere(row, card).state == "verified"


def test_whose_record_it_is_may_withdraw_too(qtbot, two, opened):
    card = elsewhere(asked_of_us, two)
    page = opened()
    choose(qtbot, page, 0)
    assert not page.detail.go_on.isVisible()
    press(page.detail.withdraw)
    QTest.keyClicks(page.detail.reason, "Not wanted any more")
    QTest.keyClick(page.detail.reason, Qt.Key.Key_Return)
    quiet(qtbot, page.desk)

    assert elsewhere(row, card).state == "withdrawn"


def test_somebody_else_was_faster_and_the_page_shows_it(qtbot, two, opened):
    card = elsewhere(verified, two)
    page = opened()
    choose(qtbot, page, 0)
    press(page.detail.withdraw)
    QTest.keyClicks(page.detail.reason, "Mine")
    version = page.detail.card.version
    elsewhere(consent.withdraw, two.keeper, card.id, version=version, reason="Theirs")
    press(page.detail.sure)
    quiet(qtbot, page.desk)

    assert page.detail.badge.text() == "Withdrawn"
    assert "Theirs" in shown(page.detail)


def test_a_consent_is_taken_up_again_after_a_crash(qtbot, two, opened):
    card = elsewhere(ask, two)
    page = opened()
    choose(qtbot, page, 0)
    press(page.detail.go_on)
    made = page.findChild(ConsentDialog)
    qtbot.waitUntil(made.code.isVisible)
    assert not made.code.again.isVisible()
    QTest.keyClicks(made.code.code, read_message(two, card))
    QTest.keyClick(made.code.code, Qt.Key.Key_Return)
    qtbot.waitUntil(made.agree.isVisible)
    QTest.keyClick(made.agree.agrees, Qt.Key.Key_Space)
    press(made.agree.go)
    qtbot.waitUntil(made.go_on.isVisible)
    quiet(qtbot, page.desk)
    press(made.go_on)
    quiet(qtbot, page.desk)

    assert page.detail.badge.text() == "Agreed"
    assert page.detail.title.text().strip("\u2068\u2069") == "Quarrington, Xanthippe"


def taken_up(qtbot, page) -> ConsentDialog:
    choose(qtbot, page, 0)
    press(page.detail.go_on)
    quiet(qtbot, page.desk)
    made: ConsentDialog | None = page.findChild(ConsentDialog)
    assert made is not None
    return made


def test_a_code_that_was_waited_for_gives_way_to_a_form_later_too(qtbot, two, opened, tmp_path):
    card = elsewhere(ask, two)
    page = opened()
    made = taken_up(qtbot, page)
    press(made.on_paper)
    assert made.paper.isVisible()
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"%PDF-1.4 signed")
    made.paper.take(file)
    quiet(qtbot, page.desk)
    QTest.keyClicks(made.paper.reason, "No mail came")
    QTest.keyClick(made.agree.agrees, Qt.Key.Key_Space)
    press(made.agree.go)
    qtbot.waitUntil(made.go_on.isVisible)
    quiet(qtbot, page.desk)
    press(made.go_on)
    quiet(qtbot, page.desk)

    assert elsewhere(row, card).state == "agreed"
    assert page.detail.badge.text() == "Agreed"


def test_what_is_over_when_it_is_taken_up_says_how_to_ask_again(qtbot, two, opened):
    card = elsewhere(ask, two)
    page = opened()
    choose(qtbot, page, 0)
    elsewhere(consenting.later, card, minutes=11)
    made = taken_up(qtbot, page)

    assert "Expired" in made.told.text()
    assert "as a new patient" in made.told.text()
    assert not made.on_paper.isVisible()
    assert not made.code.check.isEnabled()
    press(made.leave)


def test_what_others_do_is_shown(qtbot, two, opened):
    page = opened()
    elsewhere(ask, two)
    page.desk.announce([("consent", 1)])
    quiet(qtbot, page.desk)

    assert len(page.model.cards) == 1


def test_many_consents_are_turned_by_pages(qtbot, two, opened, monkeypatch):
    monkeypatch.setattr(register, "A_PAGE", 2)
    for _n in range(5):
        elsewhere(ask, two)
        elsewhere(lambda: Consent.update(code_hash="x|").execute())  # another contact each
    page = opened()
    assert page.count.text() == "1 to 2 of 5"
    assert not page.earlier.isVisible()
    press(page.later)
    quiet(qtbot, page.desk)
    press(page.later)
    quiet(qtbot, page.desk)

    assert page.count.text() == "5 to 5 of 5"
    assert not page.later.isVisible()
    press(page.earlier)
    quiet(qtbot, page.desk)
    assert page.count.text() == "3 to 4 of 5"


def test_in_arabic_what_is_chosen_stays_chosen_when_the_page_is_read_again(
    qtbot, qapp, two, opened
):
    elsewhere(verified, two)
    i18n.set_language("ar")
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    page = opened()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Home)
    chosen = page.detail.card
    assert chosen is not None
    page.load()
    quiet(qtbot, page.desk)

    assert page.table.currentIndex().row() == 0
    assert page.detail.card is not None and page.detail.card.id == chosen.id
    assert page.detail.title.alignment() & Qt.AlignmentFlag.AlignRight


def test_a_patients_page_lists_their_consents_alone(qtbot, two, desk, guarded):
    def another():
        mail = "bo@post.example"
        builders.a_patient(two.keeping, first_name="Bo", email=mail, email_key=mail)
        card = ask(two, email=mail)
        return consent.verify(two.asker, card.id, Code(code_of(two, card))).value

    first, second = elsewhere(verified, two), elsewhere(another)
    patients_ = [
        elsewhere(consent_registration.agree, two.asker, one.id, {}).value.id
        for one in (first, second)
    ]
    guarded()
    part = PatientConsents(desk)
    qtbot.addWidget(part)
    part.resize(700, 600)
    part.show()
    quiet(qtbot, desk)
    assert part.model.rowCount() == 0
    for card, patient in zip((first, second), patients_, strict=True):
        part.show_patient(patient)
        quiet(qtbot, desk)
        assert [one.id for one in part.model.cards] == [card.id]
    part.show_patient(two.asking.patient_id)
    quiet(qtbot, desk)
    assert part.none.isVisible()
    assert not part.all.isVisible()
