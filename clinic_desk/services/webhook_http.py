"""Giving one call to another program, and saying in a sentence why that failed.

The name is resolved here, each number it has is asked about (``rules.webhooks.may_call``), and
the connection goes to the very number that was asked about: a name that changes its mind in
between leads nowhere. Certificates are always checked; no answer leads anywhere else, and
nothing of it is read but its status and when to try again.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from clinic_desk.rules.errors import Unavailable
from clinic_desk.rules.webhooks import may_call
from clinic_desk.rules.words import N_

TIMEOUT_SECONDS = 10.0
"""For connecting, and for the answer."""

DEADLINE_SECONDS = 20.0
"""For a call as a whole; far shorter than its lease."""

CHECK_NAME = N_("Check the address, and this computer’s network.")
CHECK_PROGRAM = N_("The program tries again by itself. Ask whoever runs the other program.")
CHECK_CERTIFICATE = N_(
    "Ask whoever runs the other program for a certificate that holds, or add its own one."
)
TICK = N_("Add it again with “Inside our network”, if the program runs in the clinic’s network.")
NEW_ADDRESS = N_("Add the address that it leads to.")


class CallTrouble(Unavailable):
    """A call did not arrive. ``reached``: somebody answered; ``gone``: they want no more calls;
    ``seconds``: they ask not to be called again before.
    """

    def __init__(
        self,
        message: str,
        way_out: str,
        *,
        reached: bool = False,
        gone: bool = False,
        seconds: int = 0,
        **params: object,
    ) -> None:
        super().__init__(message, way_out=way_out, **params)
        self.reached = reached
        self.gone = gone
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes. ``inside``: it may go into the clinic's own network; ``certificate`` is
    a PEM text trusted beside the system's own.
    """

    url: str
    inside: bool = False
    certificate: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS
    deadline_seconds: float = DEADLINE_SECONDS

    @property
    def host(self) -> str:
        """The name of the other computer."""
        return (urlsplit(self.url).hostname or "").rstrip(".")


def post(target: Target, headers: Mapping[str, str], body: bytes) -> int:
    """Give *body* to the other program; the status of its answer, which is 200 to 299.

    Raises :class:`CallTrouble` with a sentence and a way out. Never call it on the window's
    thread, and never inside a transaction: it may take ``deadline_seconds``.
    """
    parts = urlsplit(target.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _connected(target) as line:
            line.request("POST", path, body, dict(headers))
            answer = line.getresponse()
            status, later = answer.status, answer.getheader("Retry-After", "")
    except CallTrouble:
        raise
    except ssl.SSLCertVerificationError as error:
        raise CallTrouble(
            N_("The certificate of “{host}” does not hold: {reason}."),
            CHECK_CERTIFICATE,
            host=target.host,
            reason=error.verify_message,
        ) from error
    except TimeoutError as error:
        raise CallTrouble(
            N_("“{host}” did not answer in time."), CHECK_PROGRAM, host=target.host
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise CallTrouble(
            N_("“{host}” could not be reached ({reason})."),
            CHECK_PROGRAM,
            host=target.host,
            reason=getattr(error, "strerror", None) or type(error).__name__,
        ) from error
    _judge(target, status, later)
    return status


def _judge(target: Target, status: int, later: str) -> None:
    if 200 <= status < 300:
        return
    told: dict[str, Any] = {"host": target.host, "status": status}
    if 300 <= status < 400:
        raise CallTrouble(
            N_("“{host}” leads elsewhere (status {status}), and calls do not follow."),
            NEW_ADDRESS,
            reached=True,
            **told,
        )
    if status == 410:
        raise CallTrouble(
            N_("“{host}” wants no more calls (status {status})."),
            CHECK_PROGRAM,
            reached=True,
            gone=True,
            **told,
        )
    raise CallTrouble(
        N_("“{host}” answered with status {status}."),
        CHECK_PROGRAM,
        reached=True,
        seconds=int(later) if later.isascii() and later.isdigit() and len(later) < 7 else 0,
        **told,
    )


@contextlib.contextmanager
def _connected(target: Target) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(target.url)
    is_plain = parts.scheme == "http"
    port = parts.port or (80 if is_plain else 443)
    context = None if is_plain else _context(target)
    opened = _opened(target, port)
    # Its Host line names the other program; the connection itself is made already.
    line = http.client.HTTPConnection(target.host, port, timeout=target.timeout_seconds)
    line.default_port = 80 if is_plain else 443
    line.sock = opened
    # One slow byte at a time would outlive every timeout, and the lease of the call with it.
    alarm = threading.Timer(target.deadline_seconds, _hang_up, (line,))
    alarm.daemon = True
    alarm.start()
    try:
        if context is not None:
            line.sock = context.wrap_socket(
                opened, server_hostname=target.host, do_handshake_on_connect=False
            )
            line.sock.do_handshake()
        yield line
    finally:
        alarm.cancel()
        with contextlib.suppress(Exception):
            line.close()


def _opened(target: Target, port: int) -> socket.socket:
    """A connection to one of the numbers that the name has; every one of them must be allowed."""
    try:
        found = socket.getaddrinfo(target.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallTrouble(
            N_("The name “{host}” is not known."), CHECK_NAME, host=target.host
        ) from error
    if not all(may_call(str(place[4][0]), inside=target.inside) for place in found):
        raise CallTrouble(
            N_("“{host}” is inside a network, and calls may not go there."), TICK, host=target.host
        )
    trouble: OSError = OSError()
    for family, kind, proto, _name, address in found:
        line = socket.socket(family, kind, proto)
        line.settimeout(target.timeout_seconds)
        try:
            line.connect(address)
        except OSError as error:
            line.close()
            trouble = error
        else:
            return line
    raise trouble


def _hang_up(line: http.client.HTTPConnection) -> None:
    with contextlib.suppress(Exception):
        line.sock.shutdown(socket.SHUT_RDWR)


def _context(target: Target) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if target.certificate:
        try:
            context.load_verify_locations(cadata=target.certificate)
        except (ssl.SSLError, ValueError) as error:
            raise CallTrouble(
                N_("The certificate of the webhook is not one."),
                N_("Paste the text from “BEGIN CERTIFICATE” to “END CERTIFICATE”."),
            ) from error
    return context
