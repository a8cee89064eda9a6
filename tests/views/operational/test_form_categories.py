"""Categories of forms in the window: made, filled by dragging and by choosing, and given up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.rules.form_fields import Question
from clinic_desk.services import form_categories, forms, questionnaires
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_categories import FormCategoryDraft
from clinic_desk.services.forms import FormDraft
from clinic_desk.views import robot
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.category_editor import CategoryEditor
from clinic_desk.views.operational.category_panel import ALL, NONE, CategoryPanel
from clinic_desk.views.operational.form_builder import TriageForm, TriageForms
from clinic_desk.views.operational.lines import MIME
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, pick, save, write

WHERE = Question("where", "Where?")


def made(actor: Actor, name: str, **fields: object) -> int:
    draft = replace(FormCategoryDraft(name), **fields)  # type: ignore[arg-type]
    return elsewhere(form_categories.create, actor, draft).value.id


def a_form(actor: Actor, name: str, category_id: int | None = None) -> int:
    draft = FormDraft(name, (WHERE,), category_id=category_id)
    return elsewhere(forms.create, actor, draft).value.id


def panel_of(book: BookPage) -> CategoryPanel:
    assert isinstance(book.book, TriageForms)
    return book.book.categories


def shown(panel: CategoryPanel) -> list[str]:
    return [panel.list.item(n).text().strip("\u2068\u2069") for n in range(panel.list.count())]


def look_at(qtbot: QtBot, book: BookPage, place: object) -> CategoryPanel:
    """A click on a category."""
    panel = panel_of(book)
    items = [panel.list.item(n) for n in range(panel.list.count())]
    item = next(one for one in items if one.data(Qt.ItemDataRole.UserRole) == place)
    where = panel.list.visualItemRect(item).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    quiet(qtbot, book.desk)
    return panel


def editor(qtbot: QtBot, panel: CategoryPanel, desk: Desk) -> CategoryEditor:
    """The window of one category, as the panel opened it."""
    quiet(qtbot, desk)
    assert panel.editor.isVisible()
    return panel.editor


def drop(panel: CategoryPanel, form_id: int, place: object) -> bool:
    """What a drag of a form brings, over a category; whether it was taken."""
    items = [panel.list.item(n) for n in range(panel.list.count())]
    item = next(one for one in items if one.data(Qt.ItemDataRole.UserRole) == place)
    at = panel.list.visualItemRect(item).center()
    data = QMimeData()
    data.setData(MIME, str(form_id).encode())
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
           Qt.KeyboardModifier.NoModifier)  # fmt: skip
    view = panel.list.viewport()
    QApplication.sendEvent(view, QDragEnterEvent(at, *how))
    move = QDragMoveEvent(at, *how)
    QApplication.sendEvent(view, move)
    QApplication.sendEvent(view, QDropEvent(QPointF(at), *how))
    return move.isAccepted()


def test_without_a_category_the_page_says_how_to_begin(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    a_form(actor, "Pain")
    panel = panel_of(page(qtbot, section, "triage-forms"))
    assert panel.hint.isVisible()
    assert "+" in panel.hint.text()
    assert shown(panel) == ["All forms (1)", "No category (1)"]


def test_a_category_is_made_and_forms_are_begun_in_it(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book = page(qtbot, section, "triage-forms")
    panel = panel_of(book)
    robot.click(panel.add)
    window = editor(qtbot, panel, book.desk)
    write(window.name, "Before a cleaning")
    pick(window.colour, "Blue")
    robot.click(window.save_button)
    quiet(qtbot, book.desk)
    (card,) = elsewhere(form_categories.categories, actor)
    assert (card.name, card.colour, card.shared) == ("Before a cleaning", "#0067db", True)
    look_at(qtbot, book, card.id)
    assert not panel.hint.isVisible()
    robot.click(book.face.add)
    fields = form(book, TriageForm)
    write(fields.name, "Gums")
    robot.click(fields.questions.add)
    QTest.keyClicks(fields.questions.text, "Do they bleed?")
    save(qtbot, book)
    (one,) = elsewhere(forms.forms, actor)
    assert one.category_id == card.id
    assert [text.count("(1)") for text in shown(panel)] == [1, 1, 0]


def test_a_category_without_a_name_is_refused_at_its_field(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book = page(qtbot, section, "triage-forms")
    panel = panel_of(book)
    robot.click(panel.add)
    window = editor(qtbot, panel, book.desk)
    robot.click(window.save_button)
    quiet(qtbot, book.desk)
    assert window.fields._wrong["name"].isVisible()
    assert window.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert elsewhere(form_categories.categories, actor) == ()


def test_the_list_shows_the_forms_of_the_category_and_finds_in_it(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain, gums = made(actor, "Pain"), made(actor, "Gums")
    for name, place in (("Tooth", pain), ("Jaw", pain), ("Bleeding", gums), ("Other", None)):
        a_form(actor, name, place)
    book = page(qtbot, section, "triage-forms")
    panel = look_at(qtbot, book, pain)
    assert names(book) == ["Jaw", "Tooth"]
    write(book.face.search, "jaw")
    assert names(book) == ["Jaw"]
    assert "All forms (4)" in shown(panel)
    write(book.face.search, "bleed")
    assert names(book) == []
    assert book.face.none.isVisible()
    look_at(qtbot, book, ALL)
    assert names(book) == ["Bleeding"]
    write(book.face.search, "where")
    assert len(names(book)) == 4  # by what they ask
    book.face.search.clear()
    look_at(qtbot, book, NONE)
    assert names(book) == ["Other"]


def test_a_form_is_dragged_onto_a_category_by_the_mouse(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain, number = made(actor, "Pain"), a_form(actor, "Tooth")
    book = page(qtbot, section, "triage-forms")
    panel, table = panel_of(book), book.face.table
    index = book.face.model.index(0, 0)
    data = book.face.model.mimeData([index])
    assert data.formats() == [MIME]
    assert book.face.model.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
    assert table.dragEnabled()

    assert not drop(panel, number, ALL)
    assert drop(panel, number, pain)
    quiet(qtbot, book.desk)
    assert elsewhere(forms.form, actor, number).category_id == pain
    assert panel.list.currentItem().data(Qt.ItemDataRole.UserRole) == ALL
    drop(panel, number, NONE)
    quiet(qtbot, book.desk)
    assert elsewhere(forms.form, actor, number).category_id is None


def test_a_form_is_put_into_a_category_by_keys(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain, number = made(actor, "Pain"), a_form(actor, "Tooth")
    book = page(qtbot, section, "triage-forms")
    choose(qtbot, book, "Tooth")
    pick(form(book, TriageForm).category, "Pain")
    save(qtbot, book)
    assert elsewhere(forms.form, actor, number).category_id == pain


def test_a_category_is_renamed_moved_and_taken_out_of_use(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain, gums = made(actor, "Pain"), made(actor, "Gums")
    number = a_form(actor, "Tooth", pain)
    book = page(qtbot, section, "triage-forms")
    panel = look_at(qtbot, book, pain)
    QTest.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    quiet(qtbot, book.desk)
    assert [card.id for card in panel.cards] == [gums, pain]
    assert not panel.down.isEnabled()
    assert panel.up.isEnabled()
    QTest.keyClick(panel.list, Qt.Key.Key_F2)
    window = editor(qtbot, panel, book.desk)
    write(window.name, "Aches")
    robot.click(window.active)
    robot.click(window.save_button)
    assert "moves to “No category”" in window.asked.text()
    assert elsewhere(forms.form, actor, number).category_id == pain
    robot.click(window.really)
    quiet(qtbot, book.desk)
    assert elsewhere(forms.form, actor, number).category_id is None
    card = elsewhere(form_categories.category, actor, pain)
    assert (card.name, card.active) == ("Aches", False)


def test_deleting_says_what_becomes_of_the_forms_and_can_be_left(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain = made(actor, "Pain")
    kept = a_form(actor, "Tooth", pain)
    book = page(qtbot, section, "triage-forms")
    panel = look_at(qtbot, book, pain)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    window = editor(qtbot, panel, book.desk)
    assert window.question.isVisible()
    robot.click(robot.find(window, type(window.really), "category-keep"))
    assert not window.question.isVisible()
    robot.click(window.remove_button)
    robot.click(window.really)
    quiet(qtbot, book.desk)
    assert elsewhere(form_categories.master_list, actor) == ()
    assert elsewhere(forms.form, actor, kept).category_id is None
    assert panel.list.place() == ALL
    assert names(book) == ["Tooth"]


def test_what_a_colleague_changed_meanwhile_loses_nothing_that_was_typed(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain = made(actor, "Pain")
    book = page(qtbot, section, "triage-forms")
    panel = look_at(qtbot, book, pain)
    robot.click(panel.edit)
    window = editor(qtbot, panel, book.desk)
    elsewhere(form_categories.change, actor, pain, FormCategoryDraft("Theirs"), version=1)
    write(window.name, "Mine")
    robot.click(window.save_button)
    quiet(qtbot, book.desk)
    assert window.told.isVisible()
    assert window.name.text() == "Mine"
    robot.click(window.save_button)
    quiet(qtbot, book.desk)
    assert elsewhere(form_categories.category, actor, pain).name == "Mine"


def test_a_colleagues_category_and_form_appear_by_themselves(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book = page(qtbot, section, "triage-forms")
    panel = panel_of(book)
    pain = made(actor, "Pain")
    number = a_form(actor, "Tooth", pain)
    book.desk.announce([("form_category", pain), ("form", number)])
    quiet(qtbot, book.desk)
    assert shown(panel)[0] == "All forms (1)"
    assert "Pain" in shown(panel)[1]
    assert names(book) == ["Tooth"]


def test_the_master_list_shows_what_is_out_of_use_and_what_is_others(
    qtbot: QtBot, section: OperationalScreen, clinic: Clinic, actor: Actor
) -> None:
    other = builders.an_actor(clinic)
    made(other, "Theirs", shared=False)
    made(other, "Unused", active=False)
    panel = panel_of(book := page(qtbot, section, "triage-forms"))
    assert panel.list.count() == 2
    robot.click(panel.master)
    quiet(qtbot, book.desk)
    texts = " ".join(shown(panel))
    assert "(not shared)" in texts
    assert "(inactive)" in texts


def test_questionnaires_stand_in_the_same_categories(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    pain = made(actor, "Pain")
    draft = FormDraft("Referral", (WHERE,))
    number = elsewhere(questionnaires.create, actor, draft).value.id
    book = page(qtbot, section, "questionnaires")
    assert drop(panel_of(book), number, pain)
    quiet(qtbot, book.desk)
    assert elsewhere(questionnaires.questionnaire, actor, number).category_id == pain


TRIAGE = {"Service Get All", "Triage Form Get", "Triage Form Show"}


@pytest.fixture
def writer(clinic: Clinic) -> Actor:
    """Somebody who makes forms and knows of no categories."""
    return builders.an_actor(clinic, frozenset(TRIAGE | {"Triage Form Create"}))


@pytest.fixture
def looker(clinic: Clinic) -> Actor:
    """Somebody who looks at forms and their categories."""
    return builders.an_actor(
        clinic, frozenset(TRIAGE | {"Form Category Get All", "Form Category Show"})
    )


def test_whoever_may_not_list_categories_has_the_forms_alone(
    qtbot: QtBot, writer: Actor, section: OperationalScreen, actor: Actor
) -> None:
    pain = made(actor, "Pain")
    number = a_form(actor, "Tooth", pain)
    section._desk.actor = writer
    book = page(qtbot, section, "triage-forms")
    assert not panel_of(book).isVisible()
    choose(qtbot, book, "Tooth")
    fields = form(book, TriageForm)
    assert not fields.category.isVisible()
    write(fields.name, "Teeth")
    save(qtbot, book)
    card = elsewhere(forms.form, actor, number)
    assert (card.name, card.category_id) == ("Teeth", pain)


def test_whoever_may_only_look_sees_why_nothing_can_be_changed(
    qtbot: QtBot, looker: Actor, section: OperationalScreen, actor: Actor
) -> None:
    pain = made(actor, "Pain")
    section._desk.actor = looker
    book = page(qtbot, section, "triage-forms")
    panel = look_at(qtbot, book, pain)
    assert "Form Category Create" in panel.add.toolTip()
    assert not panel.add.isEnabled()
    assert not panel.master.isVisible()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    window = editor(qtbot, panel, book.desk)
    assert not window.save_button.isEnabled()
    assert "Form Category Update" in window.told.text()
