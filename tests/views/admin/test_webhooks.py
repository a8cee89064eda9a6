"""Webhooks: added with a secret shown once, tested, paused, tried again and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import config
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import patients, safe, webhook_delivery, webhook_keys, webhooks
from clinic_desk.services.actor import Actor
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.webhooks import WebhookCard
from clinic_desk.views import robot
from clinic_desk.views.admin.admin_screen import AdminScreen
from clinic_desk.views.admin.webhook_shown import SecretShown
from clinic_desk.views.admin.webhooks_page import WebhooksPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.messages import Message, Tone
from tests import webhook_receiver
from tests.views.conftest import elsewhere, quiet
from tests.webhook_receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver.running() as made:
        yield made


@pytest.fixture
def own_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer's safe is a file in a folder of the test's own."""
    monkeypatch.setattr(config, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(safe, "has_keyring", lambda: False)
    monkeypatch.setattr(safe, "_memory", {})


@pytest.fixture
def hook(actor: Actor, receiver: Receiver, own_safe: None) -> WebhookCard:
    """A webhook that is there already."""
    made = webhooks.add(actor, url=receiver.url, events=EVENTS, inside=True)
    return made.value.card


@pytest.fixture
def admin(qtbot: QtBot, desk: Desk, guarded: Callable[[], None], own_safe: None) -> AdminScreen:
    QGuiApplication.clipboard().clear()
    guarded()
    screen = AdminScreen(desk)
    qtbot.addWidget(screen)
    screen.resize(1100, 900)
    screen.show()
    screen.activateWindow()
    quiet(qtbot, desk)
    return screen


def opened(qtbot: QtBot, admin: AdminScreen) -> WebhooksPage:
    made = admin.show_page("webhooks")
    assert isinstance(made, WebhooksPage)
    qtbot.waitUntil(lambda: made.key_state is not None, timeout=10_000)
    quiet(qtbot, made.desk)
    return made


def a_round(actor: Actor) -> None:
    """What the sender of some desk does."""
    key = webhook_keys.known(actor.store, actor.organisation_id)
    now = datetime.now(UTC)
    elsewhere(webhook_delivery.run_once, actor.store, actor.organisation_id, now, key=key)


def added(qtbot: QtBot, page: WebhooksPage, url: str) -> SecretShown:
    robot.click(page.add)
    assert page.form is not None
    QTest.keyClicks(page.form.url, url)
    page.form.inside.setFocus()
    QTest.keyClick(page.form.inside, Qt.Key.Key_Space)
    robot.click(page.form.go)
    quiet(qtbot, page.desk)
    assert page.shown is not None and page.shown.isVisible()
    return page.shown


def test_a_webhook_is_added_its_secret_copied_once_and_a_test_arrives(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, receiver: Receiver
) -> None:
    page = opened(qtbot, admin)
    assert page.none.isVisible() and not page.detail.isVisible()
    assert not page.key_told.isVisible()

    shown = added(qtbot, page, receiver.url)
    robot.click(shown.copy)
    secret = QGuiApplication.clipboard().text()
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not QApplication.activeModalWidget()
    assert not any(secret in field.text() for field in page.findChildren(QLineEdit))
    told: list[Message] = []
    page.desk.said.connect(told.append)
    robot.click(page.test)
    quiet(qtbot, page.desk)
    assert [one.tone for one in told] == [Tone.PLAIN]  # nothing has arrived yet
    a_round(actor)
    page.load()
    qtbot.waitUntil(lambda: told[-1].tone is Tone.GOOD, timeout=10_000)
    quiet(qtbot, page.desk)

    assert "has arrived" in told[-1].text
    (call,) = receiver.calls
    assert call.is_signed_with(secret) and call.told["type"] == "webhook.test"
    (line,) = page.calls.shown
    assert line.state == "sent"
    assert page.card is not None and page.card.delivered_at is not None
    assert set(page.card.events) == {e for e in EVENTS if e.startswith("appointment.")}


@pytest.mark.parametrize("status", [500, 410])
def test_a_test_that_does_not_arrive_is_told_as_an_error_with_its_reason(
    hook: WebhookCard, qtbot: QtBot, admin: AdminScreen, actor: Actor, receiver: Receiver,
    status: int,
) -> None:  # fmt: skip
    receiver.answers = [status]
    page = opened(qtbot, admin)
    told: list[Message] = []
    page.desk.said.connect(told.append)
    robot.click(page.test)
    quiet(qtbot, page.desk)
    a_round(actor)
    qtbot.waitUntil(lambda: told[-1].tone is Tone.ERROR, timeout=10_000)

    assert not [one for one in told if one.tone is Tone.GOOD]
    assert "did not arrive" in told[-1].text and str(status) in told[-1].text
    assert "Ask whoever runs the other program" in told[-1].text
    quiet(qtbot, page.desk)


def test_whoever_closes_the_secret_without_a_copy_is_told_first(
    qtbot: QtBot, admin: AdminScreen, receiver: Receiver
) -> None:
    shown = added(qtbot, opened(qtbot, admin), receiver.url)

    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.isVisible() and "not copied" in shown.told.text()
    QTest.keyClick(shown, Qt.Key.Key_Escape)

    assert not shown.isVisible()


def test_a_wrong_address_is_told_at_its_field_and_nothing_typed_is_lost(
    qtbot: QtBot, admin: AdminScreen
) -> None:
    page = opened(qtbot, admin)
    robot.click(page.add)
    form = page.form
    assert form is not None
    QTest.keyClicks(form.url, "https://127.0.0.1/hook")
    QTest.keyClick(form.url, Qt.Key.Key_Return)
    quiet(qtbot, page.desk)

    wrong = robot.find(form, QWidget, "webhook-fields-url-wrong")
    assert wrong.isVisible() and form.url.hasFocus()
    QTest.keyClick(form, Qt.Key.Key_Escape)
    question = form.findChild(LeavingQuestion)
    assert question is not None and question.isVisible()
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert form.isVisible() and form.url.text() == "https://127.0.0.1/hook"


def test_a_failure_is_shown_with_its_reason_and_tried_again(
    hook: WebhookCard, qtbot: QtBot, admin: AdminScreen, actor: Actor, receiver: Receiver
) -> None:
    receiver.answers = [410]
    elsewhere(patients.create, actor, first_name="", last_name="New")
    a_round(actor)
    page = opened(qtbot, admin)

    assert "wants no more calls" in page.why.text()
    assert page.card is not None and (page.card.state, page.card.failed) == ("stopped", 1)
    robot.click(page.pause)  # it says Resume now
    quiet(qtbot, page.desk)
    assert page.card.state == "active"
    robot.click(page.retry)
    quiet(qtbot, page.desk)
    a_round(actor)
    page.load()
    quiet(qtbot, page.desk)

    assert len(receiver.calls) == 2
    assert page.calls.shown[0].state == "sent"
    assert not page.retry.isVisible() and not page.why.isVisible()


def test_a_webhook_is_paused_resumed_and_removed_after_a_question(
    hook: WebhookCard, qtbot: QtBot, admin: AdminScreen, actor: Actor
) -> None:
    page = opened(qtbot, admin)
    robot.click(page.pause)
    quiet(qtbot, page.desk)
    assert page.card is not None and page.card.state == "paused"
    assert not page.test.isEnabled() and page.pause.text() == "Resume"
    page.pause.setFocus()
    QTest.keyClick(page.pause, Qt.Key.Key_Return)
    quiet(qtbot, page.desk)
    assert page.card.state == "active"

    robot.click(page.remove)
    assert page.question is not None
    QTest.keyClick(page.question, Qt.Key.Key_Return)  # Keep it
    quiet(qtbot, page.desk)
    assert page.card is not None
    robot.click(page.remove)
    robot.click(robot.find(page.question, QWidget, "webhook-remove-now"))
    quiet(qtbot, page.desk)

    assert page.model.shown == () and page.none.isVisible()
    assert elsewhere(webhooks.listed, actor) == ()


def test_a_secret_is_renewed_after_a_question_and_shown_once(
    hook: WebhookCard, qtbot: QtBot, admin: AdminScreen, actor: Actor, receiver: Receiver
) -> None:
    page = opened(qtbot, admin)
    robot.click(page.renew)
    assert page.question is not None
    QTest.keyClick(page.question, Qt.Key.Key_Return)  # Cancel
    quiet(qtbot, page.desk)
    assert not page.findChildren(SecretShown)
    robot.click(page.renew)
    robot.click(robot.find(page.question, QWidget, "webhook-renew-now"))
    quiet(qtbot, page.desk)
    assert page.shown is not None and page.shown.windowTitle() == "The new secret"
    QTest.keyClick(page.shown, Qt.Key.Key_Escape)
    assert "renewed once more" in page.shown.told.text()
    robot.click(page.shown.copy)
    secret = QGuiApplication.clipboard().text()
    QTest.keyClick(page.shown, Qt.Key.Key_Escape)
    quiet(qtbot, page.desk)
    assert "the former secret holds until" in page.told.text()
    robot.click(page.test)
    quiet(qtbot, page.desk)
    a_round(actor)

    (call,) = receiver.calls
    assert call.is_signed_with(secret)
    assert len(call.headers["webhook-signature"].split()) == 2


def test_a_computer_without_the_key_says_so_and_takes_it(
    hook: WebhookCard, qtbot: QtBot, admin: AdminScreen, actor: Actor
) -> None:
    key = elsewhere(webhooks.key, actor)
    safe.forget(webhook_keys.name(actor.store, actor.organisation_id))
    page = opened(qtbot, admin)
    assert "does not have the key" in page.key_told.text()

    robot.click(page.key_button)
    form = page.key_form
    assert form is not None
    QTest.keyClicks(form.key, "whkey_wrong")
    robot.click(form.go)
    wrong = robot.find(form, QWidget, "webhook-key-fields-key-wrong")
    qtbot.waitUntil(wrong.isVisible, timeout=10_000)
    form.key.clear()
    QTest.keyClicks(form.key, key)
    robot.click(form.go)
    qtbot.waitUntil(lambda: page.key_state is not None and page.key_state.fits, timeout=10_000)

    robot.click(page.key_button)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == key, timeout=10_000)


def test_who_may_not_give_access_is_not_led_here(
    qtbot: QtBot, desk: Desk, admin: AdminScreen
) -> None:
    from clinic_desk.views.admin.pages import PAGES, offered

    names = [page.name for page in offered(lambda name: name in set(ALL) - {"Token Update"}, PAGES)]

    assert "webhooks" not in names
    assert "webhooks" in [page.name for page in offered(lambda name: True, PAGES)]
