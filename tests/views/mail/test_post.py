"""The sender that runs in the desk: it sends, says when it cannot, and never holds a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.rules.errors import Disconnected
from clinic_desk.services import mail_settings
from clinic_desk.services.actor import Actor
from clinic_desk.services.sender import Condition, State
from clinic_desk.services.store import Store
from clinic_desk.views.app import Desktop
from clinic_desk.views.desk import Desk
from clinic_desk.views.mail import post as post_module
from clinic_desk.views.mail.post import Post
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.messages import Message
from clinic_desk.views.remember import Memory
from tests import builders, smtp_server
from tests.services.mailing import SETTINGS, a_visit, booked, sends_mails
from tests.views.conftest import PASSWORD, a_user_who_signs_in, elsewhere, quiet


def states(actor: Actor) -> list[str]:
    found = elsewhere(actor.store.rows, "SELECT state FROM outbox ORDER BY id")
    return [state for (state,) in found]


@pytest.fixture
def said(desk: Desk) -> list[str]:
    heard: list[str] = []
    desk.said.connect(lambda message: heard.append(_text(message)))
    return heard


def _text(message: Message) -> str:
    return message.text


def test_what_is_booked_is_told_to_the_patient_by_the_desk_itself(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, post: Post, smtp: smtp_server.Smtp
) -> None:
    sends_mails(actor, smtp.port, delay_seconds=0)
    booked(actor, a_visit(clinic))
    post.start()
    qtbot.waitUntil(lambda: states(actor) == ["sent"], timeout=10_000)
    (received,) = smtp.received()
    assert received.recipients == ("jane@example.org",)
    qtbot.waitUntil(lambda: post.condition is not None)
    assert post.trouble == ""


def test_many_desks_send_it_once(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    desk: Desk,
    post: Post,
    smtp: smtp_server.Smtp,
) -> None:
    sends_mails(actor, smtp.port, delay_seconds=0)
    others = [Post(Desk(actor, desk.background, desk.catalogue)) for _ in range(3)]
    visits = [a_visit(clinic, hour) for hour in (9, 10, 11, 12)]
    for visit in visits:
        booked(actor, visit)
    for one in (post, *others):
        one.start(0.05)
    qtbot.waitUntil(lambda: states(actor) == ["sent"] * 4, timeout=15_000)
    qtbot.wait(200)
    for one in others:
        assert one.stop(10)
    assert len({r.message_id for r in smtp.received()}) == len(smtp.received()) == 4


def test_a_mail_server_that_is_away_is_told_once_and_stands_in_the_foot(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    window: MainWindow,
    smtp: smtp_server.Smtp,
    said: list[str],
) -> None:
    elsewhere(mail_settings.save, actor, SETTINGS)
    post = Post(window.desk)
    window.mail._listen()
    elsewhere(_book, clinic, actor)
    try:
        post.start(0.05)
        qtbot.waitUntil(window.mail.isVisible, timeout=10_000)
        assert "refuses connections on port" in window.mail.toolTip()
        qtbot.wait(300)
        assert len([text for text in said if "refuses connections" in text]) == 1

        elsewhere(mail_settings.save, actor, replace(SETTINGS, port=smtp.port))
        qtbot.waitUntil(lambda: states(actor) == ["sent"], timeout=10_000)
        qtbot.waitUntil(window.mail.isHidden)
    finally:
        assert post.stop(10)


def _book(clinic: builders.Clinic, actor: Actor) -> None:
    from clinic_desk.models.journal import Outbox

    booked(actor, a_visit(clinic))
    Outbox.update(due_at=Outbox.created_at).execute()


def test_a_computer_without_the_password_says_so_and_leaves_the_line_to_others(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, post: Post, said: list[str]
) -> None:
    sends_mails(actor, 25, delay_seconds=0, user="desk")
    booked(actor, a_visit(clinic))
    post.start()
    qtbot.waitUntil(lambda: "does not know the password" in post.trouble, timeout=10_000)
    assert states(actor) == ["waiting"]
    assert said and "administrator" in said[0]


def test_an_address_that_is_refused_is_told_with_the_way_to_the_outbox(
    qtbot: QtBot,
    tmp_path: Path,
    clinic: builders.Clinic,
    actor: Actor,
    post: Post,
    said: list[str],
) -> None:
    with smtp_server.running(tmp_path, "--refuse", "jane@example.org") as running:
        sends_mails(actor, running.port, delay_seconds=0)
        booked(actor, a_visit(clinic))
        post.start()
        qtbot.waitUntil(lambda: bool(said), timeout=10_000)
    assert said[0].startswith("1 message could not be sent")
    assert states(actor) == ["failed"]


def test_somebody_who_may_not_send_has_no_sender(
    clinic: builders.Clinic, desk: Desk, post: Post
) -> None:
    desk.actor = builders.an_actor(clinic, frozenset({"Appointment Get All"}))
    desk.catalogue = clinic.store.catalogue(clinic.organisation_id, at_least=10**9)
    post.start()
    assert not post.is_running


def test_a_mail_server_that_is_silent_holds_no_window(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, tmp_path: Path
) -> None:
    with smtp_server.running(tmp_path, "--slow", "4") as running:
        sends_mails(actor, running.port, delay_seconds=0)
        booked(actor, a_visit(clinic))
        post = Post(desk)
        post.start()
        qtbot.waitUntil(lambda: len(running.received()) == 1, timeout=10_000)
        sender = post._sender
        began = time.monotonic()
        assert not post.stop()
        assert time.monotonic() - began < 0.2
        assert sender is not None and sender.stop(15)
    assert states(actor) == ["sent"]


def test_a_database_that_is_away_is_told_by_the_line_of_the_connection_alone(
    qtbot: QtBot, post: Post
) -> None:
    post.condition = Condition(State.TROUBLE, Disconnected())
    assert post.trouble == ""
    post.condition = Condition(State.TROUBLE)
    assert "details are in the log" in post.trouble


# The whole program --------------------------------------------------------------------------


@pytest.fixture
def started(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], Desktop]]:
    made: list[Desktop] = []

    def start(url: str) -> Desktop:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        desktop = Desktop(application, url, Memory(tmp_path))
        made.append(desktop)
        desktop.open()
        return desktop

    yield start
    for desktop in made:
        for window in list(desktop.windows):
            window.close()
        if desktop.start is not None:
            desktop.start.close()
        desktop.close()
        desktop.deleteLater()


def signed_in(qtbot: QtBot, desktop: Desktop) -> MainWindow:
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None and desktop.start.sign_in is not None
    form = desktop.start.sign_in
    form.name.clear()
    QTest.keyClicks(form.name, "kim")
    QTest.keyClicks(form.password, PASSWORD)
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(desktop.windows), timeout=20_000)
    assert desktop.desk is not None
    quiet(qtbot, desktop.desk)
    return desktop.windows[0]


def test_signing_out_waits_for_no_mail_server_and_loses_nothing(
    qtbot: QtBot,
    store: Store,
    clinic: builders.Clinic,
    actor: Actor,
    tmp_path: Path,
    started: Callable[[str], Desktop],
) -> None:
    with smtp_server.running(tmp_path, "--slow", "3") as running:
        sends_mails(actor, running.port, delay_seconds=0)
        a_user_who_signs_in(clinic)
        booked(actor, a_visit(clinic))
        desktop = started(store.url)
        signed_in(qtbot, desktop)
        qtbot.waitUntil(lambda: len(running.received()) == 1, timeout=10_000)
        assert desktop.post is not None
        sender = desktop.post._sender

        began = time.monotonic()
        desktop.sign_out()
        assert time.monotonic() - began < 1.5
        assert sender is not None and sender.is_running
        qtbot.waitUntil(lambda: not sender.is_running, timeout=10_000)
        qtbot.waitUntil(lambda: not post_module._left, timeout=5_000)
        assert states(actor) == ["sent"] and len(running.received()) == 1


def test_the_program_sends_while_somebody_is_signed_in_and_only_then(
    qtbot: QtBot,
    store: Store,
    clinic: builders.Clinic,
    actor: Actor,
    smtp: smtp_server.Smtp,
    started: Callable[[str], Desktop],
) -> None:
    sends_mails(actor, smtp.port, delay_seconds=0)
    a_user_who_signs_in(clinic)
    booked(actor, a_visit(clinic))
    desktop = started(store.url)
    signed_in(qtbot, desktop)
    qtbot.waitUntil(lambda: len(smtp.received()) == 1, timeout=10_000)
    post = desktop.post
    assert post is not None
    sender = post._sender
    assert sender is not None
    qtbot.waitUntil(lambda: post.condition is not None and post.condition.done.sent == 1)

    desktop.sign_out()
    qtbot.waitUntil(lambda: not sender.is_running, timeout=5_000)
    again = signed_in(qtbot, desktop).desk.post
    assert again is not None and again is not post
    qtbot.waitUntil(lambda: again.is_running, timeout=10_000)
