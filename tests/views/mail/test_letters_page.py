"""Letters: the clinic's own words, seen as they will look, kept for each language by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.services import templates
from clinic_desk.services.actor import Actor
from clinic_desk.services.letter_texts import NAMES, PLACES, Kind
from clinic_desk.views import robot
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.mail.letters_page import PAUSE_MS, LettersPage
from tests import builders
from tests.views.conftest import elsewhere, quiet
from tests.views.mail.conftest import Opened


def letters_page(opened: Opened) -> LettersPage:
    page = opened("letters")
    assert isinstance(page, LettersPage)
    return page


def click_kind(qtbot: QtBot, page: LettersPage, kind: Kind) -> None:
    place = list(Kind).index(kind)
    where = page.list.visualItemRect(page.list.item(place)).center()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    quiet(qtbot, page.desk)


def pick_language(qtbot: QtBot, page: LettersPage, tag: str) -> None:
    page.language.setFocus()
    QTest.keyClick(page.language, Qt.Key.Key_Home)
    while page.language.currentData() != tag:
        QTest.keyClick(page.language, Qt.Key.Key_Down)
    page.language.activated.emit(page.language.currentIndex())
    quiet(qtbot, page.desk)


def rewrite(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)


def rested(qtbot: QtBot, page: LettersPage) -> None:
    qtbot.wait(PAUSE_MS + 50)
    quiet(qtbot, page.desk)


def wrong(page: LettersPage, name: str) -> str:
    told = robot.find(page, QLabel, f"letters-fields-{name}-wrong")
    return told.text() if not told.isHidden() else ""


def test_every_letter_has_its_line_its_words_and_what_can_be_filled_in(
    qtbot: QtBot, opened: Opened
) -> None:
    page = letters_page(opened)
    assert [page.list.item(n).text() for n in range(page.list.count())] == [
        NAMES[kind] for kind in Kind
    ]
    click_kind(qtbot, page, Kind.MOVED)
    assert page.editor.words[0] == "Your appointment was moved to {day}"
    shown = [page.editor.places.item(n).text() for n in range(page.editor.places.count())]
    assert len(shown) == len(PLACES) + 1
    assert any(text.startswith("{earlier}") for text in shown)
    assert "program’s own words" in page.whose.text()
    assert "Maria Example" in page.preview.toPlainText()
    assert "{" not in page.preview_subject.text() + page.preview.toPlainText()


def test_own_words_are_previewed_while_typing_kept_and_given_up_again(
    qtbot: QtBot, opened: Opened, actor: Actor
) -> None:
    page = letters_page(opened)
    rewrite(page.editor.subject, "See you on {day}")
    rested(qtbot, page)
    assert page.preview_subject.text().startswith("See you on Tuesday")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    kept = elsewhere(templates.template, actor, Kind.CONFIRMATION, "en")
    assert kept.subject == "See you on {day}" and kept.version == 1
    assert "own words" in page.list.item(0).text() and "clinic’s own" in page.whose.text()
    assert elsewhere(templates.template, actor, Kind.CONFIRMATION, "de").version == 0

    robot.click(page.reset)
    quiet(qtbot, page.desk)
    assert page.editor.words[0] == "Your appointment on {day}"
    assert "own words" not in page.list.item(0).text()
    assert not page.reset.isEnabled() and not page.unsaved


def test_a_place_that_does_not_exist_is_told_while_typing_and_nothing_is_lost(
    qtbot: QtBot, opened: Opened
) -> None:
    page = letters_page(opened)
    rewrite(page.editor.subject, "Dear {nobody}")
    rested(qtbot, page)
    assert "{nobody}" in wrong(page, "subject") and "{patient}" in wrong(page, "subject")
    assert page.editor.subject.hasFocus()
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert "{nobody}" in wrong(page, "subject")
    assert page.editor.words[0] == "Dear {nobody}"
    robot.click(page.discard_button)
    assert wrong(page, "subject") == "" and not page.unsaved


def test_a_code_letter_keeps_its_code(qtbot: QtBot, opened: Opened) -> None:
    page = letters_page(opened)
    click_kind(qtbot, page, Kind.CODE)
    rewrite(page.editor.body, "{clinic} {shared}")
    QTest.keyClick(page.editor.body, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, page.desk)
    assert "{code}" in wrong(page, "body") and page.unsaved


def test_a_place_goes_where_was_written_last(qtbot: QtBot, opened: Opened) -> None:
    page = letters_page(opened)
    rewrite(page.editor.subject, "For ")
    page.editor.places.setFocus()
    QTest.keyClick(page.editor.places, Qt.Key.Key_Return)
    assert page.editor.words[0] == "For {patient}"
    rewrite(page.editor.body, "At ")
    page.editor.places.setCurrentRow(2)
    robot.click(page.editor.insert)
    assert page.editor.words[1] == "At {time}"


def test_another_letter_is_shown_only_after_the_question_about_what_is_unsaved(
    qtbot: QtBot, opened: Opened, actor: Actor
) -> None:
    page = letters_page(opened)
    rewrite(page.editor.subject, "Mine")
    click_kind(qtbot, page, Kind.MOVED)
    (question,) = [q for q in page.findChildren(LeavingQuestion) if q.isVisible()]
    assert page.editor.words[0] == "Mine" and page.list.currentRow() == 0
    robot.click(robot.find(question, QAbstractButton, "leaving-save"))
    quiet(qtbot, page.desk)
    assert page.kind is Kind.MOVED and page.list.currentRow() == 1
    assert elsewhere(templates.template, actor, Kind.CONFIRMATION, "en").subject == "Mine"


def test_arabic_words_are_written_from_the_right(qtbot: QtBot, opened: Opened) -> None:
    page = letters_page(opened)
    pick_language(qtbot, page, "ar")
    assert page.card is not None and page.card.language == "ar"
    assert page.editor.body.layoutDirection() == Qt.LayoutDirection.RightToLeft
    assert page.list.layoutDirection() == Qt.LayoutDirection.LeftToRight


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten_unseen(
    qtbot: QtBot, opened: Opened, actor: Actor
) -> None:
    page = letters_page(opened)
    elsewhere(
        templates.put, actor, Kind.CONFIRMATION, "en", subject="Theirs", body="{day}", version=0
    )
    rewrite(page.editor.subject, "Mine")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert page.conflict.isVisible() and page.editor.words[0] == "Mine"
    robot.click(robot.find(page, QAbstractButton, "letters-theirs"))
    assert page.editor.words[0] == "Theirs"


def test_whoever_may_not_change_the_words_is_told_why(
    opened: Opened, clinic: builders.Clinic, desk: Desk
) -> None:
    desk.actor = builders.an_actor(clinic, frozenset({"Appointment Get All"}))
    desk.catalogue = clinic.store.catalogue(clinic.organisation_id, at_least=10**9)
    page = letters_page(opened)
    assert page.editor.body.isReadOnly() and "Setting Update" in page.save_button.toolTip()
    assert page.told.isVisible()
