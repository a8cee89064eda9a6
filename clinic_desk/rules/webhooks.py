"""What holds for calls to other programs: where they may go, how they are signed, how often.

Signed as the Standard Webhooks specification has it: HMAC-SHA256 over ``id.timestamp.body``.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

LONGEST_URL: Final = 500
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The only names that may be called without encryption."""

WAITS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
"""How long to wait after each try that failed; after the last one the call counts as failed."""

LONGEST_WAIT: Final = WAITS[-1]
PATIENCE: Final = timedelta(days=3)
"""An address that has answered nothing well for so long is called no more, until somebody says."""

OVERLAP: Final = timedelta(hours=24)
"""So long after a secret was renewed calls are signed with the former one too."""

NO_URL = N_("“{url}” is not an address that can be called.")
HTTPS = N_("Only https keeps what is sent from being read or changed on its way.")
BARE = N_("An address has no user name, no password and no “#” in it.")
OUTSIDE = N_("“{host}” is an address inside a network.")
EXAMPLE = N_("Write it whole, such as https://example.org/clinic.")
TICK = N_("Tick “Inside our network” if the program runs in the clinic’s own network.")

_SHARED = ip_network("100.64.0.0/10")
_THIS = ip_network("0.0.0.0/8")
_NAT64 = ip_network("64:ff9b::/96")
_GIVEN_OUT = ip_network("2000::/3")
"""The only part of IPv6 of which addresses on the internet are given out. Beside it there are
old and translated ones that lead inside and are not marked so (``fec0::``, ``64:ff9b:1::``).
"""


def checked_url(text: str, *, inside: bool) -> str:
    """*text* as an address that may be called. Raises ``Invalid`` for the field ``url``: for what
    is no https address (http only to this very computer, and only *inside*), and for the number
    of a computer inside a network unless *inside*.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host.encode("idna")
    except (ValueError, UnicodeError) as error:
        raise Invalid("url", NO_URL, way_out=EXAMPLE, url=url[:80]) from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not (plain and host and parts.scheme in {"https", "http"} and port != 0):
        raise Invalid("url", NO_URL, way_out=EXAMPLE, url=url[:80])
    if "@" in parts.netloc or "#" in url:
        raise Invalid("url", BARE, way_out=EXAMPLE)
    if parts.scheme == "http" and not (inside and host in LOCAL):
        raise Invalid("url", HTTPS, way_out=EXAMPLE)
    named_local = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    if not inside and (named_local or (_number(host) is not None and not may_call(host))):
        raise Invalid("url", OUTSIDE, way_out=TICK, host=host)
    return url


def may_call(address: str, *, inside: bool = False) -> bool:
    """Whether the computer with this number may be called: any on the internet; *inside* also
    this very computer and those of a private network. Never what only the network itself uses:
    link-local (where clouds keep their secrets), multicast, reserved and unspecified ones.
    """
    number = _number(address.partition("%")[0])
    if number is None:
        return False
    if number.is_multicast or number.is_unspecified or number.is_link_local:
        return False
    if isinstance(number, IPv4Address) and (number.is_reserved or number in _THIS):
        return False
    if isinstance(number, IPv6Address) and not (number.is_private or number in _GIVEN_OUT):
        return False
    if number.is_global:
        return True
    shared = isinstance(number, IPv4Address) and number in _SHARED
    return inside and (number.is_private or number.is_loopback or shared)


def _number(text: str) -> IPv4Address | IPv6Address | None:
    """The number of a computer; one that only wraps another is that other one."""
    try:
        number = ip_address(text)
    except ValueError:
        return None
    if isinstance(number, IPv6Address):
        if number in _NAT64:
            return IPv4Address(int(number) & 0xFFFFFFFF)
        return number.ipv4_mapped or number.sixtofour or (number.teredo or [number])[-1]
    return number


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature`` of a call at *timestamp* (seconds since 1970). Raises
    ``ValueError`` for what is no secret.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not a secret of a webhook") from error
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None where the call is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
