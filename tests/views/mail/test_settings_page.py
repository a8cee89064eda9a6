"""The page of mail settings: typed, really tried out, kept, and what is wrong said at its field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.services import mail_settings, safe
from clinic_desk.services.actor import Actor
from clinic_desk.services.mailer import Security
from clinic_desk.views import robot
from clinic_desk.views.admin.fields import choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.mail.settings_page import MailPage
from tests import builders, smtp_server
from tests.services.mailing import SETTINGS, sends_mails
from tests.views.conftest import elsewhere, quiet
from tests.views.mail.conftest import Opened


def write(field: QWidget, text: str) -> None:
    """In the place of what stood there."""
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)


def pick_security(page: MailPage, wanted: Security) -> None:
    box = page.form.security
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.currentData() != wanted:
        QTest.keyClick(box, Qt.Key.Key_Down)
    box.activated.emit(box.currentIndex())


def filled(opened: Opened, port: int, security: Security = Security.NONE) -> MailPage:
    page = opened("mail")
    assert isinstance(page, MailPage)
    write(page.form.host, "localhost")
    pick_security(page, security)
    write(page.form.port, str(port))
    write(page.form.address, "desk@clinic.example")
    write(page.to, "me@example.org")
    return page


def tried(qtbot: QtBot, page: MailPage) -> str:
    robot.click(page.test)
    assert not page.test.isEnabled()
    qtbot.waitUntil(page.test.isEnabled, timeout=30_000)
    return page.outcome.text()


def wrong(page: MailPage, part: str, name: str) -> str:
    told = robot.find(page, QLabel, f"mail-{part}-{name}-wrong")
    return told.text() if not told.isHidden() else ""


def test_the_test_button_really_sends_what_is_not_saved_yet(
    qtbot: QtBot, opened: Opened, smtp: smtp_server.Smtp, actor: Actor
) -> None:
    page = filled(opened, smtp.port)

    said = tried(qtbot, page)

    assert "me@example.org" in said and page.outcome.property("tone") == "good"
    (received,) = smtp.received()
    assert received.recipients == ("me@example.org",)
    assert received.sender == "desk@clinic.example"
    assert not elsewhere(mail_settings.get, actor).ready


def test_settings_are_kept_with_ctrl_s_for_everybody(
    qtbot: QtBot, opened: Opened, actor: Actor, desk: Desk
) -> None:
    page = filled(opened, 2525)
    write(page.form.hours, "2, 48")
    QTest.mouseClick(page.form.tell_provider, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert page.unsaved
    QTest.keyClick(page.form.host, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, desk)

    kept = elsewhere(mail_settings.get, actor)
    assert (kept.host, kept.port, kept.security) == ("localhost", 2525, Security.NONE)
    assert kept.reminder_hours == (48, 2)
    assert not kept.tell_provider
    assert not page.unsaved and page.form.hours.text() == "48, 2"


def test_each_cause_is_said_with_a_way_out(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    options = ("--user", "desk", "--password", "right one")
    with smtp_server.running(tmp_path, *options, tls="starttls") as running:
        page = filled(opened, running.port, Security.STARTTLS)
        assert "could not prove that it is this server" in tried(qtbot, page)
        page.form.certificate.setFocus()
        page.form.certificate.setPlainText(running.certificate)
        assert "asks for a user name and password" in tried(qtbot, page)
        write(page.form.user, "desk")
        write(page.form.password, "wrong one")
        said = tried(qtbot, page)
        assert "does not accept this user name and password" in said
        assert "app password" in said
        write(page.form.password, "right one")
        assert "took the mail" in tried(qtbot, page)
        assert running.received()[0].user == "desk"
    assert "refuses connections" in tried(qtbot, page)


def test_a_wrong_address_is_told_under_its_field_and_nothing_typed_is_lost(
    qtbot: QtBot, opened: Opened, desk: Desk
) -> None:
    page = filled(opened, 2525)
    write(page.form.address, "no address")
    robot.click(page.save_button)
    quiet(qtbot, desk)
    assert "no e-mail address" in wrong(page, "sender", "sender")
    write(page.form.address, "desk@clinic.example")
    assert wrong(page, "sender", "sender") == ""
    write(page.form.hours, "soon")
    robot.click(page.save_button)
    quiet(qtbot, desk)
    assert "whole hours" in wrong(page, "times", "reminder_hours")
    assert page.form.hours.text() == "soon" and page.form.host.text() == "localhost"


def test_unencrypted_mail_leaves_to_this_computer_only(
    qtbot: QtBot, opened: Opened, desk: Desk
) -> None:
    page = filled(opened, 2525)
    write(page.form.host, "mail.example.org")
    robot.click(page.save_button)
    quiet(qtbot, desk)
    assert "this very computer" in wrong(page, "server", "security")


def test_the_port_goes_with_the_encryption_unless_somebody_chose_another(opened: Opened) -> None:
    page = opened("mail")
    assert isinstance(page, MailPage)
    pick_security(page, Security.TLS)
    assert page.form.port.value() == 465
    write(page.form.port, "2465")
    pick_security(page, Security.STARTTLS)
    assert page.form.port.value() == 2465


def test_the_password_stays_on_this_computer(
    qtbot: QtBot, opened: Opened, actor: Actor, desk: Desk
) -> None:
    page = filled(opened, 2525)
    choose(page.form.place, safe.Place.FILE)
    write(page.form.password, "secret words")
    robot.click(page.save_button)
    qtbot.waitUntil(lambda: not page.unsaved, timeout=10_000)
    qtbot.waitUntil(lambda: "knows it" in page.form.known.text())

    assert page.form.password.text() == ""
    assert elsewhere(mail_settings.password, actor.store, actor.organisation_id) == "secret words"
    found = elsewhere(actor.store.rows, "SELECT body FROM deed_text")
    assert not any("secret words" in str(row) for row in found)


def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(
    qtbot: QtBot, opened: Opened, actor: Actor, desk: Desk
) -> None:
    page = filled(opened, 2525)
    elsewhere(mail_settings.save, actor, replace(SETTINGS, host="127.0.0.1"))
    robot.click(page.save_button)
    quiet(qtbot, desk)
    assert page.conflict.isVisible() and page.form.host.text() == "localhost"
    robot.click(robot.find(page, QWidget, "mail-mine"))
    quiet(qtbot, desk)
    assert elsewhere(mail_settings.get, actor).host == "localhost"


def test_whoever_may_not_change_the_settings_is_told_why(
    opened: Opened, clinic: builders.Clinic, desk: Desk, actor: Actor
) -> None:
    sends_mails(actor)
    desk.actor = builders.an_actor(clinic, frozenset({"Appointment Get All"}))
    desk.catalogue = clinic.store.catalogue(clinic.organisation_id, at_least=10**9)
    page = opened("mail")
    assert isinstance(page, MailPage)
    assert not page.form.host.isEnabled() and not page.test.isEnabled()
    assert "Setting Update" in page.test.toolTip()


@pytest.mark.parametrize("text", ["", "   "])
def test_without_an_address_there_is_nothing_to_try(opened: Opened, text: str) -> None:
    page = opened("mail")
    assert isinstance(page, MailPage)
    write(page.to, text)
    assert not page.test.isEnabled()
