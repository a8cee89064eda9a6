"""The key under which an organisation's webhook secrets are sealed.

Whoever signs a call needs its secret, so it cannot be kept as a hash. In the database, its
history and its backups it stands sealed (AES-256-GCM, bound to its webhook); the key is in the
safe of each computer that sends, as the mail server's password is. A computer without the key
leaves the calls to those that have it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.webhooks import SECRET_PREFIX
from clinic_desk.rules.words import N_
from clinic_desk.services import safe
from clinic_desk.services.safe import Place
from clinic_desk.services.store import Store

PREFIX = "whkey_"
_NONCE = 12

NO_KEY = N_("This is not a key for webhooks.")
COPY_IT = N_("Copy it on a computer that sends webhooks, under Admin, Webhooks.")


def known(store: Store, organisation_id: int) -> str | None:
    """The organisation's key as this computer knows it; None where it does not.

    Raises ``Refused`` for a file of passwords that others may read.
    """
    return safe.recall(name(store, organisation_id))


def keep(store: Store, organisation_id: int, key: str) -> None:
    """Keep the key in this computer's keyring, where it has none in a file that only this user
    can read. Raises ``Invalid`` for what is no key.
    """
    checked(key)
    place = Place.KEYRING if safe.has_keyring() else Place.FILE
    safe.keep(name(store, organisation_id), key.strip(), place)


def made() -> str:
    """A new key."""
    return PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def new_secret() -> str:
    """A new secret of a webhook, as the specification writes it: 256 random bits."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def checked(key: str) -> bytes:
    """The bits of a key. Raises ``Invalid`` for the field ``key``."""
    try:
        bits = base64.b64decode(key.strip().removeprefix(PREFIX), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("key", NO_KEY, way_out=COPY_IT) from error
    if len(bits) != 32 or not key.strip().startswith(PREFIX):
        raise Invalid("key", NO_KEY, way_out=COPY_IT)
    return bits


def mark(key: str) -> str:
    """What names a key without telling it."""
    return hashlib.sha256(b"clinic-desk webhooks\n" + checked(key)).hexdigest()[:16]


def sealed(key: str, webhook_uuid: str, secret: str) -> str:
    """*secret* as it may stand in the database."""
    nonce = secrets.token_bytes(_NONCE)
    box = AESGCM(checked(key)).encrypt(nonce, secret.encode(), webhook_uuid.encode())
    return base64.b64encode(nonce + box).decode()


def opened(key: str, webhook_uuid: str, box: str) -> str | None:
    """What :func:`sealed` sealed; None where it was another key, or another webhook's."""
    try:
        raw = base64.b64decode(box, validate=True)
        plain = AESGCM(checked(key)).decrypt(raw[:_NONCE], raw[_NONCE:], webhook_uuid.encode())
    except (InvalidTag, ValueError):
        return None
    return plain.decode()


Former = tuple[str, datetime]
"""A sealed secret, and until when (UTC) it holds."""


def holding(former: Sequence[Former]) -> str:
    """Secrets that were renewed, as the database holds them."""
    return json.dumps([[box, until.isoformat()] for box, until in former])


def still_held(text: str, now: datetime) -> list[Former]:
    """Those that hold still at *now*, of what :func:`holding` wrote."""
    told = [(str(box), datetime.fromisoformat(until)) for box, until in json.loads(text)]
    return [(box, until) for box, until in told if until > now]


def name(store: Store, organisation_id: int) -> str:
    """Under which name the safe has it."""
    return f"webhooks-{store.catalogue(organisation_id).organisation.uuid}"
