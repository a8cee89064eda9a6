"""From what a mail server (or the way to it) did to a sentence for the user."""

from __future__ import annotations

import smtplib
import socket
import ssl
from typing import Any

from clinic_desk.rules.words import N_
from clinic_desk.services import mailer
from clinic_desk.services.mailer import Fault, MailServer, MailTrouble

_TOO_LARGE = frozenset({552, 523})
_PERMANENT = 500
_NOT_ACCEPTED = frozenset({530, 534, 535, 538})


def explained(server: MailServer, error: Exception, *, given: bool, late: bool) -> Exception:
    """What to raise instead of *error*. *given*: the mail had left; *late*: we hung up.

    What is not recognised comes back as it is: a bug of ours.
    """
    where: dict[str, Any] = {"host": server.host, "port": str(server.port)}
    if isinstance(error, smtplib.SMTPException | OSError) and given:
        doubtful = _answer(error)
        if doubtful is None:
            return MailTrouble(
                Fault.LATER,
                N_("“{host}” took the mail but did not confirm it; it may have arrived."),
                N_("The program sends it again; a second copy carries the same number."),
                doubt=True,
                **where,
            )
    if late or isinstance(error.__context__, TimeoutError):
        return _silent(server)
    if isinstance(error, smtplib.SMTPException):
        return _from_library(error, where)
    if isinstance(error, OSError):
        return _from_network(server, error, where)
    return error


def _from_network(server: MailServer, error: OSError, where: dict[str, Any]) -> Exception:
    if isinstance(error, socket.gaierror):
        return MailTrouble(
            Fault.SERVER, N_("There is no mail server called “{host}”."), mailer.CHECK_NAME, **where
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” could not prove that it is this server ({detail})."),
            mailer.CHECK_CERTIFICATE,
            detail=error.verify_message or str(error),
            **where,
        )
    if isinstance(error, ssl.SSLError):
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” does not speak this kind of encryption on port {port}."),
            mailer.CHECK_SECURITY,
            **where,
        )
    if isinstance(error, TimeoutError):
        return _silent(server)
    if isinstance(error, ConnectionRefusedError):
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” refuses connections on port {port}."),
            mailer.CHECK_PORT,
            **where,
        )
    return MailTrouble(
        Fault.SERVER,
        N_("The mail server “{host}” cannot be reached ({detail})."),
        mailer.CHECK_NETWORK,
        detail=error.strerror or type(error).__name__,
        **where,
    )


def _silent(server: MailServer) -> MailTrouble:
    return MailTrouble(
        Fault.SERVER,
        N_("“{host}” does not answer on port {port}."),
        mailer.CHECK_PORT,
        host=server.host,
        port=str(server.port),
    )


def _from_library(error: smtplib.SMTPException, where: dict[str, Any]) -> Exception:
    code, said = _answer(error) or (0, "")
    told = where | {"detail": said, "code": str(code)}
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” does not accept this user name and password."),
            mailer.CHECK_LOGIN,
            **where,
        )
    if code in _NOT_ACCEPTED:
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” asks for a user name and password."),
            mailer.CHECK_LOGIN,
            **where,
        )
    if code in _TOO_LARGE:
        return MailTrouble(
            Fault.FOR_GOOD,
            N_("This mail is too large for “{host}”."),
            N_("Send the document in another way."),
            **where,
        )
    fault = Fault.FOR_GOOD if code >= _PERMANENT else Fault.LATER
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return MailTrouble(
            fault,
            N_("“{address}” cannot be reached: {detail}"),
            mailer.CHECK_ADDRESS if fault is Fault.FOR_GOOD else mailer.CHECK_NETWORK,
            address=next(iter(error.recipients), ""),
            **told,
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” does not let “{sender}” send: {detail}"),
            mailer.CHECK_SENDER,
            sender=str(error.sender),
            **told,
        )
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
        return MailTrouble(
            Fault.SERVER,
            N_("“{host}” hung up in the middle of the conversation."),
            mailer.CHECK_NETWORK,
            **where,
        )
    return MailTrouble(
        fault if code else Fault.SERVER,
        N_("“{host}” did not take the mail: {code} {detail}"),
        mailer.ASK_PROVIDER if fault is Fault.FOR_GOOD else mailer.CHECK_NETWORK,
        **told,
    )


def _answer(error: Exception) -> tuple[int, str] | None:
    """The server's own number and words; None where the line broke before it said any."""
    code: int
    said: Any
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        code, said = error.smtp_code, error.smtp_error
    else:
        return None
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return code, " ".join(text.split())[:300]
