"""The editor: saving, refusals with everything kept, both versions side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt, QTime
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot, visits
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from clinic_desk.views.visits import Visits
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[int], AppointmentEditor]


@pytest.fixture
def editor(qtbot: QtBot, desk: Desk, guarded: Callable[[], None]) -> Open:
    """Opens the editor on a visit."""

    def made(number: int) -> AppointmentEditor:
        card = stored(desk.actor, number)
        guarded()
        made_ = AppointmentEditor(desk, Visits(desk, lambda: made_), card)
        made_.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(made_)
        made_.show()
        return made_

    return made


def test_only_what_differs_is_saved(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10), notes="old")
    form = editor(number)
    assert not form.save_button.isEnabled()
    form.form.notes.setPlainText("new")
    form.form.minutes.setValue(45)
    assert form.isWindowModified()
    robot.click(form.save_button)
    quiet(qtbot, desk)
    card = stored(actor, number)
    assert (card.notes, card.span, card.version) == ("new", clinic.span(10, minutes=45), 2)
    assert not form.isVisible()


def test_a_refusal_keeps_what_was_typed_and_offers_times(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    other = builders.a_patient(clinic)
    builders.an_appointment(clinic, clinic.span(12), patient_id=other)
    form = editor(number)
    form.form.start.setTime(QTime(12, 0))
    form.form.notes.setPlainText("typed")
    robot.click(form.save_button)
    qtbot.waitUntil(lambda: form.refusal.isVisible() and form.refusal.ways.first() is not None)
    assert form.form.notes.toPlainText() == "typed"
    way = form.refusal.ways.first()
    assert isinstance(way, QAbstractButton)
    qtbot.waitUntil(way.isVisible)
    robot.click(way)
    robot.click(form.save_button)
    quiet(qtbot, desk)
    assert stored(actor, number).notes == "typed"
    assert stored(actor, number).span.starts_at > clinic.span(12).starts_at


def test_a_stale_save_shows_theirs_and_yours_and_takes_either(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    form = editor(number)
    form.form.notes.setPlainText("mine")
    elsewhere(diary.move, actor, number, span=clinic.span(14), version=1)
    robot.click(form.save_button)
    qtbot.waitUntil(form.conflict.isVisible)
    assert "2:00" in form.stale_text.text()
    assert "10:00" in form.stale_text.text()
    robot.click(robot.find(form, QAbstractButton, "editor-take-theirs"))
    assert form.form.start.time() == QTime(14, 0)
    form.form.notes.setPlainText("mine again")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    card = stored(actor, number)
    assert (card.span, card.notes) == (clinic.span(14), "mine again")


def test_mine_can_win_over_theirs(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    form = editor(number)
    form.form.start.setTime(QTime(16, 0))
    elsewhere(diary.move, actor, number, span=clinic.span(14), version=1)
    desk.announce([("appointment", number)])
    qtbot.waitUntil(form.conflict.isVisible)
    robot.click(robot.find(form, QAbstractButton, "editor-use-mine"))
    quiet(qtbot, desk)
    assert stored(actor, number).span == clinic.span(16)


def test_what_others_noted_is_seen_before_it_is_overwritten(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    form = editor(number)
    form.form.notes.setPlainText("brings a wheelchair " * 20)
    elsewhere(diary.change, actor, number, notes="allergic\nto latex", version=1)
    robot.click(form.save_button)
    qtbot.waitUntil(form.conflict.isVisible)
    told = form.stale_text.text().replace("\u2068", "").replace("\u2069", "").splitlines()
    assert "notes “allergic to latex”" in told[1]
    assert "notes “brings a wheelchair" in told[2]
    assert len(told[2]) < 250


def test_an_untouched_form_follows_what_others_do(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    form = editor(number)
    elsewhere(diary.move, actor, number, span=clinic.span(14), version=1)
    desk.announce([("appointment", number)])
    qtbot.waitUntil(lambda: form.form.start.time() == QTime(14, 0))
    assert not form.conflict.isVisible()


def test_a_time_that_the_clocks_skip_is_refused_in_words(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    form = editor(number)
    spring = date(2031, 3, 30)
    form.form.day.setDate(QDate(spring.year, spring.month, spring.day))
    form.form.start.setTime(QTime(2, 30))
    robot.click(form.save_button)
    assert form.told.isVisible()
    assert "3:00" in form.told.text()


def test_notes_with_other_line_ends_are_not_edited_until_somebody_types(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10), notes="one\r\ntwo\rthree")
    form = editor(number)
    assert not form.is_edited
    form.form.minutes.setValue(45)
    robot.click(form.save_button)
    quiet(qtbot, desk)
    card = stored(actor, number)
    assert (card.notes, card.span.minutes) == ("one\r\ntwo\rthree", 45)


def test_cancelling_asks_why_and_keep_it_keeps_it(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    desk: Desk,
    editor: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    form = editor(number)
    answers = iter([None, "The patient called"])
    monkeypatch.setattr(visits, "ask_reason", lambda *_asked: next(answers))
    robot.click(form.head.buttons[Status.CANCELLED])
    quiet(qtbot, desk)
    assert stored(actor, number).status is Status.SCHEDULED
    robot.click(form.head.buttons[Status.CANCELLED])
    quiet(qtbot, desk)
    card = stored(actor, number)
    assert (card.status, card.reason) == (Status.CANCELLED, "The patient called")
    assert not form.form.day.isEnabled()


def test_a_request_shows_approve_and_decline(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10), status="requested")
    form = editor(number)
    assert form.head.request_row.isVisible()
    assert not form.head.status_row.isVisible()
    robot.click(form.head.approve)
    quiet(qtbot, desk)
    assert stored(actor, number).status is Status.SCHEDULED
    assert form.head.status_row.isVisible()


def test_a_request_is_answered_only_at_the_time_that_is_saved(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10), status="requested")
    form = editor(number)
    form.form.minutes.setValue(45)
    for button in (form.head.approve, form.head.decline):
        assert not button.isEnabled()
        assert button.toolTip().startswith("Save or leave")
    assert form.head.asks.text().startswith("Save or leave")
    form.form.minutes.setValue(30)
    assert form.head.approve.isEnabled() and form.head.decline.isEnabled()
    assert "held" in form.head.asks.text()
    form.form.minutes.setValue(45)
    robot.click(form.save_button)
    quiet(qtbot, desk)
    again = editor(number)
    robot.click(again.head.approve)
    quiet(qtbot, desk)
    card = stored(actor, number)
    assert (card.status, card.span) == (Status.SCHEDULED, clinic.span(10, minutes=45))


def test_who_may_only_look_can_change_nothing(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, _name: False)
    form = editor(builders.an_appointment(clinic, clinic.span(10)))
    assert not form.form.day.isEnabled()
    assert form.form.notes.isReadOnly()
    assert not any(made.isEnabled() for made in form.head.buttons.values())
