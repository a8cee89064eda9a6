"""Lost answers, frozen servers, bugs: the window lives on and says the truth."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from clinic_desk.rules.errors import Disconnected, NotAllowed, OutcomeUnknown
from clinic_desk.services import diary, journal
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.views import background as background_module
from clinic_desk.views import lost_answer
from clinic_desk.views.connection import ConnectionLine, State
from clinic_desk.views.crash import CrashDialog, Crashes
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.messages import Message, Tone
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored


def said(desk: Desk) -> list[Message]:
    """Collects what the desk says."""
    heard: list[Message] = []
    desk.said.connect(heard.append)
    return heard


def test_a_lost_answer_is_asked_after_and_found_saved(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    heard = said(desk)
    done: list[object] = []

    def move_and_lose(who: Actor, *args: Any, request_id: str, **kwargs: Any) -> Done[Any]:
        diary.move(who, *args, request_id=request_id, **kwargs)
        raise OutcomeUnknown(request_id)

    desk.do(move_and_lose, number, span=clinic.span(14), version=1, label="Move", done=done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert stored(actor, number).span == clinic.span(14)
    assert "Checking" in heard[0].text
    assert (heard[-1].text, heard[-1].tone) == ("It was saved: Move", Tone.GOOD)
    desk.undo()
    quiet(qtbot, desk)
    assert stored(actor, number).span == clinic.span(10)


def test_a_lost_answer_that_was_never_saved_is_told_so_and_cannot_arrive_later(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lost_answer, "ASK_AGAIN_MS", 10)
    number = builders.an_appointment(clinic, clinic.span(10))
    heard = said(desk)
    used: list[str] = []
    failed: list[BaseException] = []
    tries = iter([Disconnected(), Disconnected()])
    asked = journal.was_saved

    def was_saved(who: Actor, request_id: str) -> journal.Saved:
        if error := next(tries, None):
            raise error
        return asked(who, request_id)

    monkeypatch.setattr(journal, "was_saved", was_saved)

    def lose(_who: Actor, *, request_id: str) -> Done[Any]:
        used.append(request_id)
        raise OutcomeUnknown(request_id)

    def note(error: BaseException) -> bool:
        failed.append(error)
        return True

    desk.do(lose, label="Move", failed=note)
    qtbot.waitUntil(lambda: bool(failed))
    assert heard[-1].text.startswith("Not saved: Move")
    assert uuid.UUID(used[0])
    with pytest.raises(Exception, match="withdrawn"):
        elsewhere(diary.move, actor, number, span=clinic.span(14), version=1, request_id=used[0])


def test_a_frozen_server_leaves_the_window_alive_and_says_what_it_waits_for(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_module, "SLOW_SECONDS", 0.2)
    monkeypatch.setattr(background_module, "STUCK_SECONDS", 0.7)
    gate = threading.Event()
    window.desk.background.write(lambda: gate.wait(10), what="saving: Move")
    line = window.connection
    qtbot.waitUntil(lambda: line.state is State.WAITING)
    assert "saving: Move" in line.text
    qtbot.waitUntil(lambda: line.state is State.STUCK)
    assert "does not answer" in line.text
    begin = time.monotonic()
    window.calendar.set_view(window.calendar.view)
    window.grab()
    assert time.monotonic() - begin < 1.0
    gate.set()
    qtbot.waitUntil(lambda: line.state is State.CONNECTED)


def test_the_state_line_says_which_moment_is_shown(qtbot: QtBot, desk: Desk) -> None:
    line = ConnectionLine(desk.background)
    qtbot.addWidget(line)
    line.set_connected(False)
    assert line.state is State.LOST
    assert line.text.startswith("Reconnecting… showing ")
    line.set_connected(True)
    assert line.text == "Connected"


def test_a_refusal_is_a_sentence_and_a_bug_is_a_report(
    qtbot: QtBot, desk: Desk, tmp_path: object
) -> None:
    heard = said(desk)
    desk.complain(NotAllowed("Appointment Update"))
    assert "Appointment Update" in heard[0].text
    crashes = Crashes(dialogs=False)
    crashes.install()
    desk.complain(ValueError("a bug"))
    qtbot.waitUntil(lambda: bool(crashes.shown))
    assert "ValueError: a bug" in crashes.shown[0]


def test_the_crash_dialog_folds_its_details(qtbot: QtBot) -> None:
    dialog = CrashDialog("Traceback: this and that", None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.details.isVisible()
    dialog._copy()
    assert "this and that" in dialog.details.toPlainText()


def test_undo_of_what_somebody_changed_since_is_refused_with_the_reason(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    desk.do(diary.move, number, span=clinic.span(14), version=1, label="Move")
    quiet(qtbot, desk)
    elsewhere(diary.move, actor, number, span=clinic.span(16), version=2)
    heard = said(desk)
    desk.undo()
    quiet(qtbot, desk)
    assert heard[-1].tone is Tone.WARNING
    assert stored(actor, number).span == clinic.span(16)
    assert desk.own.to_undo is None
