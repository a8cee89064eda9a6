"""Triage forms in the window: made by hand and keys, ordered, refused, kept from others."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.services import forms, questionnaires
from clinic_desk.services.actor import Actor
from clinic_desk.services.forms import FormDraft
from clinic_desk.views import robot
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.form_builder import TriageForm
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, pick, save, write

ONE, TWO = Question("one", "Since when?", FieldKind.DATE), Question("two", "Fever?")
DRAFT = FormDraft("Pain", (ONE, TWO))


def opened(qtbot: QtBot, section: OperationalScreen, actor: Actor) -> tuple[BookPage, TriageForm]:
    """The page with one form, chosen."""
    elsewhere(forms.create, actor, DRAFT)
    book = page(qtbot, section, "triage-forms")
    choose(qtbot, book, "Pain")
    return book, form(book, TriageForm)


def test_a_form_is_made_question_by_question(
    qtbot: QtBot, section: OperationalScreen, clinic: Clinic, actor: Actor
) -> None:
    book = page(qtbot, section, "triage-forms")
    robot.click(book.face.add)
    fields = form(book, TriageForm)
    write(fields.name, "Before a check-up")
    asked = fields.questions
    robot.click(asked.add)
    QTest.keyClicks(asked.text, "Pain?")
    pick(asked.kind, "Choice")
    assert asked.choices.isVisible()
    asked.choices.setFocus()
    QTest.keyClicks(asked.choices, "none")
    QTest.keyClick(asked.choices, Qt.Key.Key_Return)
    QTest.keyClicks(asked.choices, "strong")
    asked.required.setFocus()
    QTest.keyClick(asked.required, Qt.Key.Key_Space)
    robot.click(asked.add)
    QTest.keyClicks(asked.text, "Since when?")
    pick(asked.kind, "Date")
    assert not asked.choices.isVisible()
    save(qtbot, book)

    (card,) = elsewhere(forms.forms, actor)
    pain, since = card.questions
    assert (card.name, card.type_ids, card.active) == ("Before a check-up", frozenset(), True)
    assert (pain.text, pain.kind, pain.required) == ("Pain?", FieldKind.CHOICE, True)
    assert pain.choices == ("none", "strong")
    assert (since.text, since.kind, since.required) == ("Since when?", FieldKind.DATE, False)
    assert names(book) == ["Before a check-up"]
    assert not book.unsaved


def test_questions_change_places_and_are_taken_out(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book, fields = opened(qtbot, section, actor)
    asked = fields.questions
    assert not asked.up.isEnabled()
    robot.click(asked.down)
    assert [one.key for one in asked.value()] == ["two", "one"]
    assert not asked.down.isEnabled()
    robot.click(asked.drop)
    write(asked.text, "Temperature?")
    save(qtbot, book)

    (card,) = elsewhere(forms.forms, actor)
    assert card.questions == (Question("two", "Temperature?"),)


def test_a_question_without_text_is_told_and_nothing_typed_is_lost(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book, fields = opened(qtbot, section, actor)
    robot.click(fields.questions.add)
    write(fields.name, "Pain and fever")
    save(qtbot, book)

    wrong = fields.fields._wrong["questions"]
    assert wrong.isVisible()
    assert "Question 2" in wrong.text()
    assert fields.name.text() == "Pain and fever"
    assert len(fields.questions.value()) == 3
    assert book.unsaved == "Pain"


def test_a_form_is_asked_for_the_types_that_are_ticked(
    qtbot: QtBot, section: OperationalScreen, clinic: Clinic, actor: Actor
) -> None:
    book, fields = opened(qtbot, section, actor)
    fields.types.setFocus()
    fields.types.setCurrentRow(0)
    QTest.keyClick(fields.types, Qt.Key.Key_Space)
    save(qtbot, book)

    (card,) = elsewhere(forms.forms, actor)
    assert card.type_ids == {clinic.type_id}


def test_what_a_colleague_saved_meanwhile_is_not_written_over_unseen(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book, fields = opened(qtbot, section, actor)
    (card,) = elsewhere(forms.forms, actor)
    write(fields.name, "Mine")
    elsewhere(forms.change, actor, card.id, FormDraft("Theirs", (ONE,)), version=1)
    save(qtbot, book)
    assert book.conflict.isVisible()
    assert fields.name.text() == "Mine"
    book.keep_mine()
    quiet(qtbot, book.desk)
    (now,) = elsewhere(forms.forms, actor)
    assert (now.name, len(now.questions)) == ("Mine", 2)


def test_an_approval_questionnaire_is_made_on_its_own_page(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book = page(qtbot, section, "questionnaires")
    robot.click(book.face.add)
    fields = form(book, TriageForm)
    write(fields.name, "First visit")
    robot.click(fields.questions.add)
    QTest.keyClicks(fields.questions.text, "Was a referral sent?")
    save(qtbot, book)
    write(fields.name, "First visits")
    save(qtbot, book)

    (card,) = elsewhere(questionnaires.questionnaires, actor)
    assert (card.name, card.version) == ("First visits", 2)
    assert elsewhere(forms.forms, actor) == ()
