"""The chat on a visit: Enter sends, others' words appear, a dot says that there are some."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from clinic_desk.services import conversation
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.appointment.chat import Chat
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[int], AppointmentEditor]


def shown(form: AppointmentEditor) -> Chat:
    part = form.parts.show_part("chat")
    assert isinstance(part, Chat)
    return part


def said(chat: Chat) -> list[str]:
    return [one.text() for one in chat.findChildren(QLabel, "chat-message")]


def tab(form: AppointmentEditor) -> int:
    return next(n for n in range(form.tabs.count()) if form.tabs.tabText(n) == "Chat")


def test_enter_sends_and_shift_enter_begins_a_new_line(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    chat = shown(editor(number))
    assert chat.empty.isVisible()
    assert not chat.send_button.isEnabled()
    robot.write(chat.text, "She comes")
    robot.key(chat.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    robot.write(chat.text, "with her son")
    robot.key(chat.text, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert [m.text for m in elsewhere(conversation.messages, actor, number)] == [
        "She comes\nwith her son"
    ]
    assert said(chat) == ["She comes\nwith her son"]
    assert not chat.text.toPlainText()
    assert not chat.empty.isVisible()


def test_what_a_colleague_says_appears_with_a_dot_until_it_is_seen(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, actor: Actor, desk: Desk
) -> None:
    number = builders.an_appointment(clinic)
    other = builders.an_actor(clinic)
    window.open_editor(stored(actor, number))
    form = window.editors[number]
    quiet(qtbot, desk)
    assert form.tabs.tabIcon(tab(form)).isNull()
    elsewhere(conversation.write, other, number, "Room 2 then")
    qtbot.waitUntil(lambda: not form.tabs.tabIcon(tab(form)).isNull(), timeout=10_000)
    assert form.tabs.tabToolTip(tab(form)) == "1 new"
    chat = shown(form)
    assert said(chat) == ["Room 2 then"]
    assert form.tabs.tabIcon(tab(form)).isNull()
    form.discard()
    window.open_editor(stored(actor, number))
    quiet(qtbot, desk)
    again = window.editors[number]
    assert again.tabs.tabIcon(tab(again)).isNull()  # it was seen at this desk
    assert said(shown(again)) == ["Room 2 then"]
    again.discard()


def test_a_message_that_could_not_be_sent_stays_in_the_field(
    qtbot: QtBot,
    clinic: builders.Clinic,
    desk: Desk,
    editor: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chat = shown(editor(builders.an_appointment(clinic)))
    robot.write(chat.text, "x" * 20)
    monkeypatch.setattr(conversation, "LONGEST", 10)
    robot.key(chat.text, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert chat.text.toPlainText() == "x" * 20
    assert "longer than 10" in chat.told.text()
    assert chat.send_button.isEnabled()


def test_what_is_typed_and_not_sent_is_asked_about_and_sent_by_save(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    form = editor(number)
    chat = shown(form)
    robot.write(chat.text, "Not sent yet")
    assert form.is_edited
    robot.key(form, Qt.Key.Key_Escape)
    assert form.isVisible()
    form.form.notes.setPlainText("and a note")
    robot.click(robot.find(form, QAbstractButton, "leaving-save"))
    quiet(qtbot, desk)
    qtbot.waitUntil(lambda: not form.isVisible())
    assert elsewhere(conversation.messages, actor, number)[0].text == "Not sent yet"
    assert stored(actor, number).notes == "and a note"


def test_a_sent_message_is_taken_back_and_leaves_the_thread(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    chat = shown(editor(number))
    for text in ("Hello", "To the wrong visit"):
        robot.write(chat.text, text)
        robot.click(chat.send_button)
        quiet(qtbot, desk)

    def said() -> list[str]:
        bubbles = chat.findChildren(QLabel, "chat-message")
        return [one.text() for one in bubbles if one.isVisible()]

    desk.undo()
    quiet(qtbot, desk)
    assert said() == ["Hello"]
    assert [m.text for m in elsewhere(conversation.messages, actor, number)] == ["Hello"]
    desk.undo()
    quiet(qtbot, desk)
    assert said() == []
    assert chat.empty.isVisible()
    desk.redo()
    quiet(qtbot, desk)
    assert said() == ["Hello"]


def test_who_may_not_chat_has_no_such_tab(
    clinic: builders.Clinic, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: name != "Appointment Chat")
    form = editor(builders.an_appointment(clinic))
    assert "Chat" not in [form.tabs.tabText(n) for n in range(form.tabs.count())]
