"""Mails to a real server: encrypted, signed in, and every failure told in a sentence."""

from __future__ import annotations

import socket
import threading
from email.message import EmailMessage
from typing import Any

import pytest

from clinic_desk.rules.errors import Invalid
from clinic_desk.services import mailer
from clinic_desk.services.mailer import Fault, MailServer, MailTrouble, Security
from tests import smtp_server


def a_mail(to: str = "jane@example.org", text: str = "Hello") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "desk@clinic.example"
    mail["To"] = mailer.address(to)
    mail["Subject"] = "Grüße"
    mail["Message-ID"] = "<1@clinic.example>"
    mail.set_content(text)
    return mail


def plain(port: int, **more: Any) -> MailServer:
    values: dict[str, Any] = {"security": Security.NONE, "timeout_seconds": 5.0} | more
    return MailServer("localhost", port, **values)


def a_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_mail_reaches_a_server_on_this_computer(tmp_path):
    with smtp_server.running(tmp_path) as smtp:
        mailer.send(plain(smtp.port), a_mail())

        (received,) = smtp.received()

    assert received.recipients == ("jane@example.org",)
    assert received.message_id == "<1@clinic.example>"
    assert received.mail["Subject"] == "Grüße"
    assert "localhost" not in received.helo
    assert socket.gethostname() not in received.helo


@pytest.mark.parametrize(
    ("tls", "security"), [("starttls", Security.STARTTLS), ("implicit", Security.TLS)]
)
def test_a_mail_travels_encrypted_and_signed_in(tmp_path, tls, security):
    options = ("--user", "desk", "--password", "key")
    with smtp_server.running(tmp_path, *options, tls=tls) as smtp:
        server = plain(
            smtp.port,
            security=security,
            certificate=smtp.certificate,
            user="desk",
            password="key",
        )
        mailer.send(server, a_mail())

        (received,) = smtp.received()

    assert received.encrypted
    assert received.user == "desk"


@pytest.mark.parametrize(
    ("tls", "security"), [("starttls", Security.STARTTLS), ("implicit", Security.TLS)]
)
def test_a_self_made_certificate_that_nobody_added_is_refused(tmp_path, tls, security):
    with smtp_server.running(tmp_path, tls=tls) as smtp:
        with pytest.raises(MailTrouble, match="could not prove") as told:
            mailer.send(plain(smtp.port, security=security), a_mail())

        assert smtp.received() == []
    assert told.value.fault is Fault.SERVER
    assert "certificate" in told.value.way_out


def test_a_certificate_of_another_name_is_refused_though_it_is_trusted(tmp_path):
    with smtp_server.running(tmp_path, tls="starttls", name="mail.other.example") as smtp:
        server = plain(smtp.port, security=Security.STARTTLS, certificate=smtp.certificate)

        with pytest.raises(MailTrouble, match="could not prove"):
            mailer.send(server, a_mail())

        assert smtp.received() == []


def test_what_is_no_certificate_is_told_as_such(tmp_path):
    with smtp_server.running(tmp_path, tls="starttls") as smtp:
        server = plain(smtp.port, security=Security.STARTTLS, certificate="not one")

        with pytest.raises(MailTrouble, match="is not one"):
            mailer.send(server, a_mail())


def test_plain_text_leaves_this_computer_in_no_case():
    server = MailServer("mail.example.org", 25, Security.NONE)

    with pytest.raises(MailTrouble, match="unencrypted"):
        mailer.send(server, a_mail())


def test_a_server_without_encryption_gets_neither_mail_nor_password(tmp_path):
    with smtp_server.running(tmp_path, "--user", "desk", "--password", "key") as smtp:
        server = plain(smtp.port, security=Security.STARTTLS, user="desk", password="key")

        with pytest.raises(MailTrouble, match="offers no encryption"):
            mailer.send(server, a_mail())

        assert smtp.received() == []


def test_the_wrong_kind_of_encryption_is_told(tmp_path):
    with (
        smtp_server.running(tmp_path) as smtp,
        pytest.raises(MailTrouble, match="does not speak this kind of encryption"),
    ):
        mailer.send(plain(smtp.port, security=Security.TLS), a_mail())


def test_a_wrong_password_is_told_and_never_shown(tmp_path):
    with smtp_server.running(tmp_path, "--user", "desk", "--password", "key") as smtp:
        server = plain(smtp.port, user="desk", password="a wrong one")

        with pytest.raises(MailTrouble, match="does not accept this user name") as told:
            mailer.send(server, a_mail())

    assert told.value.fault is Fault.SERVER
    assert "a wrong one" not in f"{told.value} {told.value.params} {server!r}"


def test_a_server_that_wants_a_login_says_so(tmp_path):
    with (
        smtp_server.running(tmp_path, "--user", "desk", "--password", "key") as smtp,
        pytest.raises(MailTrouble, match="asks for a user name"),
    ):
        mailer.send(plain(smtp.port), a_mail())


def test_a_server_that_knows_no_login_says_so(tmp_path):
    with (
        smtp_server.running(tmp_path) as smtp,
        pytest.raises(MailTrouble, match="takes no user name"),
    ):
        mailer.send(plain(smtp.port, user="desk", password="key"), a_mail())


def test_a_refused_recipient_is_the_mails_own_fault(tmp_path):
    with (
        smtp_server.running(tmp_path, "--refuse", "gone@example.org") as smtp,
        pytest.raises(MailTrouble, match=r"“gone@example\.org” cannot be reached") as told,
    ):
        mailer.send(plain(smtp.port), a_mail("gone@example.org"))

    assert told.value.fault is Fault.FOR_GOOD
    assert "no such mailbox" in str(told.value)


def test_a_busy_mailbox_is_a_matter_of_time(tmp_path):
    with (
        smtp_server.running(tmp_path, "--later", "busy@example.org") as smtp,
        pytest.raises(MailTrouble) as told,
    ):
        mailer.send(plain(smtp.port), a_mail("busy@example.org"))

    assert told.value.fault is Fault.LATER


def test_a_mail_that_is_too_large_says_so(tmp_path):
    with (
        smtp_server.running(tmp_path, "--largest", "2000") as smtp,
        pytest.raises(MailTrouble, match="too large") as told,
    ):
        mailer.send(plain(smtp.port), a_mail(text="x" * 70 * 50))

    assert told.value.fault is Fault.FOR_GOOD


def test_a_closed_port_is_told():
    with pytest.raises(MailTrouble, match="refuses connections") as told:
        mailer.send(plain(a_free_port()), a_mail())

    assert told.value.fault is Fault.SERVER
    assert "587" in told.value.way_out


def test_a_name_that_nobody_has_is_told():
    server = MailServer("mail.invalid", 587, Security.STARTTLS, timeout_seconds=5)

    with pytest.raises(MailTrouble, match=r"no mail server called “mail\.invalid”"):
        mailer.send(server, a_mail())


def test_a_server_that_says_nothing_is_told_in_time():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = plain(silent.getsockname()[1], timeout_seconds=0.3)

        with pytest.raises(MailTrouble, match="does not answer"):
            mailer.send(server, a_mail())


def test_a_server_that_drips_letters_is_cut_off_at_the_deadline():
    ended = threading.Event()

    def drip(door: socket.socket) -> None:
        line, _ = door.accept()
        with line:
            line.sendall(b"220 mail.test\r\n")
            while not ended.wait(0.05):
                try:
                    line.sendall(b"250-x\r\n")
                except OSError:
                    return

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        thread = threading.Thread(target=drip, args=(door,))
        thread.start()
        server = plain(door.getsockname()[1], timeout_seconds=5.0, deadline_seconds=0.5)
        try:
            with pytest.raises(MailTrouble, match="does not answer"):
                mailer.send(server, a_mail())
        finally:
            ended.set()
            thread.join()


def test_a_lost_answer_is_told_as_doubt(tmp_path):
    with smtp_server.running(tmp_path, "--drop") as smtp:
        with pytest.raises(MailTrouble, match="may have arrived") as told:
            mailer.send(plain(smtp.port), a_mail())

        assert len(smtp.received()) == 1
    assert told.value.may_have_arrived
    assert told.value.fault is Fault.LATER


def test_an_address_with_special_letters_is_written_to(tmp_path):
    with smtp_server.running(tmp_path) as smtp:
        mailer.send(plain(smtp.port), a_mail("jürgen@example.org"))

        assert smtp.received()[0].recipients == ("jürgen@example.org",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane",
        "@example.org",
        "jane@",
        "a@b.org, c@d.org",
        "jane@example.org\r\nBcc: all@example.org",
        "Jane <jane@example.org>",
        "ja ne@example.org",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid, match="is no e-mail address"):
        mailer.address(text)


def test_the_button_of_the_settings_sends_a_mail(tmp_path):
    with smtp_server.running(tmp_path) as smtp:
        mailer.test(plain(smtp.port), "desk@clinic.example", "boss@clinic.example")

        (received,) = smtp.received()

    assert received.recipients == ("boss@clinic.example",)
    assert received.mail["Message-ID"].endswith("@clinic.example>")
