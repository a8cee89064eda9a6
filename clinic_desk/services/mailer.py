"""Giving one mail to the mail server, and saying in a sentence why that failed.

Encrypted always, save to a server on this very computer; the certificate is always checked.
A failure says whose it is: of the mail (``FOR_GOOD``: trying again is useless), of the
moment (``LATER``), or of the server as a whole (``SERVER``: no other mail would fare better).
``may_have_arrived`` marks the one doubt that SMTP leaves: the mail was given and the answer lost.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from enum import StrEnum

from clinic_desk.rules.errors import Invalid, Unavailable
from clinic_desk.rules.words import N_

TIMEOUT_SECONDS = 20.0
"""For each answer of the server."""

DEADLINE_SECONDS = 120.0
"""For one conversation as a whole; shorter than the lease of a line (see ``delivery``)."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""The only names of servers that may be spoken to in plain text."""

_OK = 250

NO_ADDRESS = N_("“{text}” is no e-mail address.")
CHECK_NAME = N_("Check the server’s name in the mail settings, and this computer’s network.")
CHECK_PORT = N_("Check the port: 587 goes with STARTTLS, 465 with TLS. A firewall may block it.")
CHECK_NETWORK = N_("The program tries again by itself. Check the network if this goes on.")
CHECK_SECURITY = N_("Choose the other kind of encryption, or the port that goes with this one.")
CHECK_CERTIFICATE = N_(
    "Use the name that the provider of the mailbox gives. For a server of your own, add its"
    " certificate in the mail settings."
)
CHECK_LOGIN = N_("Check user name and password; many mailboxes ask for an “app password”.")
CHECK_ADDRESS = N_("Check the address with the patient, change it and send again.")
CHECK_SENDER = N_("Use an address that belongs to this mailbox as the sender.")
ASK_PROVIDER = N_("Ask the provider of the mailbox, and send again.")


class Security(StrEnum):
    """How the connection is encrypted: after a greeting, from the start, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Fault(StrEnum):
    """Whose failure it is: the mail's for good, the moment's, or the server's as a whole."""

    FOR_GOOD = "for_good"
    LATER = "later"
    SERVER = "server"


class MailTrouble(Unavailable):
    """A mail did not go out. ``may_have_arrived``: it was given, only the answer is missing."""

    def __init__(
        self, fault: Fault, message: str, way_out: str, *, doubt: bool = False, **params: object
    ) -> None:
        super().__init__(message, way_out=way_out, **params)
        self.fault = fault
        self.may_have_arrived = doubt


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mails leave. ``certificate`` is a PEM text trusted beside the system's own."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    certificate: str = ""
    helo: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS
    deadline_seconds: float = DEADLINE_SECONDS


@dataclass(slots=True)
class _Progress:
    """How far a conversation has come; ``given`` once the whole mail has left."""

    given: bool = False
    late: bool = False


class _Plain(smtplib.SMTP):
    """Notes the moment from which on a lost answer means doubt."""

    progress: _Progress

    def data(self, msg: object) -> tuple[int, bytes]:
        self.progress.given = True
        return super().data(msg)  # type: ignore[arg-type]


class _Encrypted(smtplib.SMTP_SSL):
    progress: _Progress

    def data(self, msg: object) -> tuple[int, bytes]:
        self.progress.given = True
        return super().data(msg)  # type: ignore[arg-type]


def address(text: str, field_name: str = "recipient") -> Address:
    """One plain address. Raises ``Invalid`` for anything else: lists, comments, line breaks."""
    plain = text.strip()
    # The library knows the grammar, but of letters outside ASCII only that they are new.
    spelled = "".join(sign if sign.isascii() or not sign.isalnum() else "x" for sign in plain)
    try:
        Address(addr_spec=spelled)
        user, _, domain = plain.rpartition("@")
        found = Address(username=user, domain=domain)
    except (ValueError, IndexError, MessageError) as error:
        raise Invalid(field_name, NO_ADDRESS, text=plain) from error
    spaced = any(sign.isspace() or not sign.isprintable() for sign in plain)
    if spaced or not domain or not user:
        raise Invalid(field_name, NO_ADDRESS, text=plain)
    return found


def send(server: MailServer, mail: EmailMessage) -> None:
    """Give *mail* to *server*, in one conversation. Returns once the server has taken it.

    Raises :class:`MailTrouble` with a sentence and a way out. Never call it on the window's
    thread, and never inside a transaction: it may take ``deadline_seconds``.
    """
    progress = _Progress()
    try:
        with _connected(server, progress) as line:
            _log_in(server, line)
            _hand_over(mail, line, progress)
    except MailTrouble:
        raise
    except Exception as error:
        raise _explained(server, error, progress) from error


def reach(server: MailServer, sender: str) -> None:
    """Greet *server*, log in and name *sender*, as for a mail that is then not sent. Raises what
    :func:`send` raises.
    """
    progress = _Progress()
    try:
        with _connected(server, progress) as line:
            _log_in(server, line)
            if sender.isascii():  # others depend on whom they write to
                _name_sender(line, sender)
            line.rset()
    except MailTrouble:
        raise
    except Exception as error:
        raise _explained(server, error, progress) from error


def test(server: MailServer, sender: str, to: str) -> None:
    """Send a short mail from *sender* to *to*, for the button on the page of settings.

    Raises ``Invalid`` for an address, :class:`MailTrouble` for all else.
    """
    from email.utils import format_datetime, localtime, make_msgid

    mail = EmailMessage()
    mail["From"] = address(sender, "sender")
    mail["To"] = address(to, "to")
    mail["Subject"] = "Clinic Desk"
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = make_msgid(domain=address(sender, "sender").domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Clinic Desk: OK\n")
    send(server, mail)


@contextlib.contextmanager
def _connected(server: MailServer, progress: _Progress) -> Iterator[smtplib.SMTP]:
    if server.security is Security.NONE and server.host.lower() not in LOCAL:
        raise MailTrouble(
            Fault.SERVER,
            N_(
                "Mails to “{host}” would travel unencrypted; that is allowed on this computer only."
            ),
            N_("Choose STARTTLS or TLS in the mail settings."),
            host=server.host,
        )
    line = _opened(server, progress)
    # One slow byte at a time would outlive every timeout, and the lease of the line with it.
    alarm = threading.Timer(server.deadline_seconds, _hang_up, (line, progress))
    alarm.daemon = True
    alarm.start()
    try:
        line.ehlo_or_helo_if_needed()
        if server.security is Security.STARTTLS:
            _start_tls(server, line)
        yield line
    finally:
        alarm.cancel()
        with contextlib.suppress(Exception):
            line.quit()
        line.close()


def _opened(server: MailServer, progress: _Progress) -> smtplib.SMTP:
    """A greeted line. Calls itself by an address: the computer's name is nobody's business."""
    helo = server.helo or "[127.0.0.1]"
    where = (server.host, server.port)
    line: _Plain | _Encrypted
    if server.security is Security.TLS:
        line = _Encrypted(
            *where, local_hostname=helo, timeout=server.timeout_seconds, context=_context(server)
        )
    else:
        line = _Plain(*where, local_hostname=helo, timeout=server.timeout_seconds)
    line.progress = progress
    return line


def _hang_up(line: smtplib.SMTP, progress: _Progress) -> None:
    progress.late = True
    with contextlib.suppress(Exception):
        if line.sock is not None:
            line.sock.shutdown(socket.SHUT_RDWR)


def _context(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.certificate:
        try:
            context.load_verify_locations(cadata=server.certificate)
        except (ssl.SSLError, ValueError) as error:
            raise MailTrouble(
                Fault.SERVER,
                N_("The certificate in the mail settings is not one."),
                N_("Paste the text from “BEGIN CERTIFICATE” to “END CERTIFICATE”."),
            ) from error
    return context


def _start_tls(server: MailServer, line: smtplib.SMTP) -> None:
    if not line.has_extn("starttls"):
        raise MailTrouble(
            Fault.SERVER,
            N_("“{host}” offers no encryption on port {port}."),
            CHECK_SECURITY,
            host=server.host,
            port=str(server.port),
        )
    line.starttls(context=_context(server))
    line.ehlo_or_helo_if_needed()


def _log_in(server: MailServer, line: smtplib.SMTP) -> None:
    if not server.user:
        return
    try:
        line.login(server.user, server.password)
    except smtplib.SMTPNotSupportedError as error:
        raise MailTrouble(
            Fault.SERVER,
            N_("“{host}” takes no user name and password on port {port}."),
            CHECK_SECURITY,
            host=server.host,
            port=str(server.port),
        ) from error


def _name_sender(line: smtplib.SMTP, sender: str) -> None:
    code, said = line.mail(sender)
    if code != _OK:
        raise smtplib.SMTPSenderRefused(code, said, sender)


def _hand_over(mail: EmailMessage, line: smtplib.SMTP, progress: _Progress) -> None:
    sender = mail["From"].addresses[0].addr_spec
    recipients = [a.addr_spec for a in mail["To"].addresses]
    international = not all(text.isascii() for text in (sender, *recipients))
    if international and not line.has_extn("smtputf8"):
        raise MailTrouble(
            Fault.FOR_GOOD,
            N_("The mail server cannot write to “{address}”."),
            N_("Use another address of the patient, without special letters."),
            address=recipients[0],
        )
    options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
    content = mail.as_bytes(policy=SMTPUTF8 if international else SMTP)
    line.sendmail(sender, recipients, content, mail_options=options)
    progress.given = False  # taken: what may still fail is only the farewell


def _explained(server: MailServer, error: Exception, progress: _Progress) -> Exception:
    """The sentence for what the library raised; what it does not know is a bug of ours."""
    from clinic_desk.services import mail_trouble

    return mail_trouble.explained(server, error, given=progress.given, late=progress.late)
