"""The triage forms of a visit in its editor: a dot, four kinds of answers, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.services import form_categories, forms
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_categories import FormCategoryDraft
from clinic_desk.services.forms import FormDraft, VisitForm
from clinic_desk.views import robot
from clinic_desk.views.appointment.triage import TriagePart
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from tests import builders
from tests.views.conftest import elsewhere, quiet

Open = Callable[[int], AppointmentEditor]

PAIN = Question("pain", "Pain?", FieldKind.CHOICE, True, ("none", "some", "strong"))
SINCE = Question("since", "Since when?", FieldKind.DATE)
FEVER = Question("fever", "Fever?", FieldKind.NUMBER)
TOLD = Question("told", "What happened?")
DRAFT = FormDraft("Pain", (PAIN, SINCE, FEVER, TOLD))


@pytest.fixture
def form_id(actor: Actor) -> int:
    return forms.create(actor, DRAFT).value.id


def shown(qtbot: QtBot, desk: Desk, form: AppointmentEditor) -> TriagePart:
    part = form.parts.show_part("triage")
    assert isinstance(part, TriagePart)
    quiet(qtbot, desk)
    return part


def field(part: TriagePart, form_id: int, key: str) -> QWidget:
    return part.blocks[form_id].inputs[key][1]


def given(actor: Actor, number: int) -> VisitForm:
    return elsewhere(forms.of_visit, actor, number)[0]


def tab(form: AppointmentEditor) -> int:
    return next(n for n in range(form.tabs.count()) if form.tabs.tabText(n) == "Triage")


def test_a_dot_tells_of_what_has_to_be_answered_until_it_is(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int
) -> None:
    number = builders.an_appointment(clinic)
    form = editor(number)
    quiet(qtbot, desk)
    assert not form.tabs.tabIcon(tab(form)).isNull()
    assert form.tabs.tabToolTip(tab(form)) == "1 question has to be answered."
    part = shown(qtbot, desk, form)
    pain = field(part, form_id, "pain")
    pain.setFocus()
    robot.key(pain, Qt.Key.Key_S)
    robot.write(field(part, form_id, "since"), "5/1/2031")
    robot.write(field(part, form_id, "fever"), "37.5")
    robot.write(field(part, form_id, "told"), "Fell off a horse")
    back = robot.find(part, QLabel, f"triage-{form_id}-since-read")
    assert back.text() == "Thursday, May 1, 2031"
    part.save()
    quiet(qtbot, desk)
    assert given(actor, number).answers == {
        "pain": "some", "since": "2031-05-01", "fever": "37.5", "told": "Fell off a horse",
    }  # fmt: skip
    assert form.tabs.tabIcon(tab(form)).isNull()
    assert not form.is_edited
    assert "Test User" in part.blocks[form_id].hint.text()
    desk.undo()
    quiet(qtbot, desk)
    assert not given(actor, number).answers


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [("en", "5/1/2031", "37.5"), ("de", "1.5.2031", "37,5"), ("ar", "1/5/2031", "٣٧٫٥")],
)
def test_days_and_numbers_are_read_as_the_language_writes_them(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int,
    language: str, day: str, number: str,
) -> None:  # fmt: skip
    i18n.set_language(language)
    visit = builders.an_appointment(clinic)
    part = shown(qtbot, desk, editor(visit))
    pain, since, fever = (field(part, form_id, key) for key in ("pain", "since", "fever"))
    assert isinstance(pain, QComboBox)
    assert isinstance(since, QLineEdit)
    assert isinstance(fever, QLineEdit)
    pain.setCurrentIndex(1)
    since.setText(day)
    fever.setText(number)
    part.save()
    quiet(qtbot, desk)
    answers = given(actor, visit).answers
    assert (answers["since"], answers["fever"]) == ("2031-05-01", "37.5")
    assert not part.unsaved


def test_a_wrong_and_a_missing_answer_are_told_at_their_questions(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int
) -> None:
    form = editor(builders.an_appointment(clinic))
    part = shown(qtbot, desk, form)
    robot.write(field(part, form_id, "told"), "Fell")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    wrong = robot.find(part, QLabel, f"triage-{form_id}-pain-wrong")
    assert "has to be answered" in wrong.text()
    robot.key(field(part, form_id, "pain"), Qt.Key.Key_Down)
    assert not wrong.isVisible()
    robot.write(field(part, form_id, "since"), "last week")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    assert "no day" in robot.find(part, QLabel, f"triage-{form_id}-since-wrong").text()
    since = field(part, form_id, "since")
    assert isinstance(since, QLineEdit)
    assert since.text() == "last week"
    assert form.isVisible()


def test_two_forms_are_saved_one_after_the_other(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int
) -> None:
    second = forms.create(actor, replace(DRAFT, name="Second", questions=(TOLD,))).value.id
    number = builders.an_appointment(clinic)
    form = editor(number)
    part = shown(qtbot, desk, form)
    robot.key(field(part, form_id, "pain"), Qt.Key.Key_Down)
    robot.write(field(part, second, "told"), "Nothing else")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    qtbot.waitUntil(lambda: not form.isVisible())
    found = elsewhere(forms.of_visit, actor, number)
    assert [dict(one.answers) for one in found] == [{"pain": "none"}, {"told": "Nothing else"}]


def test_what_a_colleague_answered_meanwhile_is_shown_beside_ones_own(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int
) -> None:
    number = builders.an_appointment(clinic)
    part = shown(qtbot, desk, editor(number))
    told = field(part, form_id, "told")
    assert isinstance(told, QPlainTextEdit)
    robot.write(told, "Mine")
    elsewhere(forms.answer, actor, number, form_id, {"pain": "strong"}, version=0)
    desk.announce([("form_answer", 1)])
    quiet(qtbot, desk)
    assert "strong" in part.stale_text.text()
    assert told.toPlainText() == "Mine"
    robot.click(robot.find(part, QAbstractButton, "triage-take-theirs"))
    assert not part.unsaved
    assert told.toPlainText() == ""


def test_where_no_form_is_asked_it_says_so(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open
) -> None:
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    assert part.empty.isVisible()
    assert not part.unsaved


def test_who_may_only_read_sees_why_nothing_can_be_written(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(Desk, "may", lambda _self, name: name == "Triage Form Show")
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    assert "Appointment Update Triage" in part.locked.text()
    assert not field(part, form_id, "pain").isEnabled()


def test_who_may_not_read_triage_has_no_such_tab(
    clinic: builders.Clinic, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: name != "Triage Form Show")
    form = editor(builders.an_appointment(clinic))
    assert "Triage" not in [form.tabs.tabText(n) for n in range(form.tabs.count())]


def test_forms_stand_under_their_categories_and_are_gone_to(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, form_id: int
) -> None:
    made = form_categories.create(actor, FormCategoryDraft("Before a cleaning")).value.id
    gums = Question("gums", "Do the gums bleed?")
    draft = FormDraft("Gums", (gums,), category_id=made)
    second = forms.create(actor, draft).value.id
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    heads = [one.text().strip("\u2068\u2069") for one in part._headings]
    assert heads == ["Before a cleaning", "No category"]
    tops = [part.blocks[n].frame.y() for n in (second, form_id)]
    assert part._headings[0].y() < tops[0] < part._headings[1].y() < tops[1]

    chooser = part.chooser
    texts = [chooser.itemText(n).strip("\u2068\u2069") for n in range(chooser.count())]
    assert texts == ["Before a cleaning", "Gums", "No category", "Pain"]
    assert chooser.currentText().strip("\u2068\u2069") == "Gums"
    chooser.setFocus()
    robot.key(chooser, Qt.Key.Key_Down)
    assert chooser.currentData() == form_id  # a heading is passed over
    chooser.activated.emit(chooser.currentIndex())
    assert field(part, form_id, "pain").hasFocus()
    seen = part.blocks[form_id].frame.visibleRegion().boundingRect()
    assert not seen.isEmpty()


def test_one_form_needs_no_list_to_choose_from(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open, form_id: int
) -> None:
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    assert not part.choosing.isVisible()
    assert part._headings == []
