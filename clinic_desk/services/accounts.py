"""Signing in: names, passwords, and how often somebody may guess."""

from __future__ import annotations

import threading
import time
import unicodedata
from dataclasses import dataclass, field
from functools import cache

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from clinic_desk.models.people import User
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store

FREE_TRIES = 3
"""Wrong passwords before the waits begin; then 1, 2, 4 … seconds."""

LONGEST_WAIT_SECONDS = 60.0

STANDARD = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""argon2id with the parameters of OWASP's password storage sheet (19 MiB, two passes)."""

WRONG = N_("This name and password do not fit together.")
TRY_AGAIN = N_("Check both and the Caps Lock key. If you forgot it, ask an administrator.")
WAIT = N_("Too many wrong passwords. Wait {seconds} seconds.")


@dataclass
class _Guesses:
    """How often a name was guessed wrongly, in this process."""

    wrong: int = 0
    until: float = 0.0


@dataclass
class _Guard:
    names: dict[str, _Guesses] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_guard = _Guard()


def hash_password(password: str, hasher: argon2.PasswordHasher = STANDARD) -> str:
    """The argon2id hash to store; takes some 40 ms, so never on the window's thread."""
    return hasher.hash(password)


def folded_name(name: str) -> str:
    """The name as it is stored and compared: without regard to case or ways of writing."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


def sign_in(store: Store, name: str, password: str) -> Actor:
    """Who this is. Name without regard to case; takes as long for a name that nobody has.

    Raises ``Refused``: one answer for a wrong name, a wrong password and a closed account;
    after some wrong tries the wait until the next.
    """
    folded = folded_name(name)
    _wait_told(folded)
    found = store.rows(f"{r.selecting(User)} WHERE name = ?", (folded,))
    user = r.row(User, found[0]) if found else None
    right = _fits(user.password_hash if user else _nobody(), password)
    if user is None or not right or not user.active:
        _count(folded)
        raise Refused(WRONG, way_out=TRY_AGAIN)
    with _guard.lock:
        _guard.names.pop(folded, None)
    catalogue = store.catalogue(user.organisation_id)
    role = catalogue.roles.get(user.role_id)
    return Actor(
        store=store,
        organisation_id=user.organisation_id,
        user_id=user.id,
        name=user.display_name,
        role=role.name if role else "",
        permissions=role.granted if role else frozenset(),
        origin=Origin.DESK,
    )


def _fits(stored: str, password: str) -> bool:
    try:
        return STANDARD.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return STANDARD.hash("nobody has this password")


def _wait_told(name: str) -> None:
    with _guard.lock:
        guesses = _guard.names.get(name)
        left = guesses.until - time.monotonic() if guesses else 0.0
    if left > 0:
        raise Refused(WAIT, way_out=TRY_AGAIN, seconds=int(left) + 1)


def _count(name: str) -> None:
    with _guard.lock:
        guesses = _guard.names.setdefault(name, _Guesses())
        guesses.wrong += 1
        if guesses.wrong > FREE_TRIES:
            wait = min(2.0 ** (guesses.wrong - FREE_TRIES - 1), LONGEST_WAIT_SECONDS)
            guesses.until = time.monotonic() + wait
