"""Signing in: names, passwords, and how often somebody may guess."""

from __future__ import annotations

import base64
import secrets
import threading
import time
import unicodedata
from dataclasses import dataclass, field

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from clinic_desk.models.people import User
from clinic_desk.rules.errors import Invalid, Refused
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
SHORTEST_PASSWORD = 8
TOO_SHORT = N_("The password needs at least {count} characters.")


class TooManyTries(Refused):
    """Somebody guessed too often; ``seconds`` from now the next try is heard."""

    def __init__(self, seconds: int) -> None:
        super().__init__(WAIT, way_out=TRY_AGAIN, seconds=seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A hash on its way to its row. It never tells its value, so neither the mark of a request
    nor a log ever holds it.
    """

    value: str

    def __repr__(self) -> str:
        return "•••"


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody signed in. ``must_change`` says that the password was given by somebody else
    and that this user may, and has to, choose another; ``language`` is empty or the user's own.
    """

    actor: Actor
    must_change: bool
    language: str


def nobodys(hasher: argon2.PasswordHasher = STANDARD) -> str:
    """A hash that nothing has, and that takes as long to compare as any other. To make it costs
    no time at all, so not even the first comparison tells that there was nothing to compare.
    """
    salt, value = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (hasher.salt_len, hasher.hash_len)
    )
    kind = f"argon2{hasher.type.name.lower()}"
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"${kind}$v={ARGON2_VERSION}${costs}${salt}${value}"


NOBODYS = nobodys()
"""Compared where no such account is there."""


@dataclass
class _Guesses:
    """How often a name was guessed wrongly, in this process."""

    wrong: int = 0
    until: float = 0.0


@dataclass
class _Guard:
    names: dict[str, _Guesses] = field(default_factory=dict)
    known: dict[tuple[str, int], str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_guard = _Guard()


def checked_password(password: str, field_name: str = "password") -> str:
    """*password*, if it is long enough. Raises ``Invalid`` naming the field."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(field_name, TOO_SHORT, count=SHORTEST_PASSWORD)
    return password


def hash_password(password: str, hasher: argon2.PasswordHasher = STANDARD) -> str:
    """The argon2id hash to store; takes some 40 ms, so never on the window's thread."""
    return hasher.hash(password)


def folded_name(name: str) -> str:
    """The name as it is stored and compared: without regard to case or ways of writing."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


def sign_in(store: Store, name: str, password: str) -> Actor:
    """Who this is; as :func:`enter`."""
    return enter(store, name, password).actor


def enter(store: Store, name: str, password: str) -> Entered:
    """Who this is. Name without regard to case; takes as long for a name that nobody has.

    Raises ``Refused``: one answer for a wrong name, a wrong password and a closed account;
    ``TooManyTries`` after some wrong tries.
    """
    folded = folded_name(name)
    _wait_told(folded)
    found = store.rows(
        f"SELECT {', '.join(r.columns(User))}, (SELECT catalogue_seq FROM deed d"  # noqa: S608
        " WHERE d.organisation_id = u.organisation_id ORDER BY seq DESC LIMIT 1)"
        " FROM user_account u WHERE name = ?",
        (folded,),
    )
    user = r.row(User, found[0]) if found else None
    stored = user.password_hash if user is not None else NOBODYS
    active = user is not None and user.active
    check(folded, stored, password, active=active)
    assert user is not None
    # As it is today: this user may have been added at another desk a moment ago.
    catalogue = store.catalogue(user.organisation_id, at_least=int(found[0][-1] or 0))
    role = catalogue.roles.get(user.role_id)
    actor = Actor(
        store=store,
        organisation_id=user.organisation_id,
        user_id=user.id,
        name=user.display_name,
        role=role.name if role else "",
        permissions=role.granted if role else frozenset(),
        origin=Origin.DESK,
    )
    remember(actor, stored)
    # Whoever may not change a password cannot be asked to.
    must = user.must_change and "User Update" in actor.permissions
    return Entered(actor, must, user.language)


def check(
    name: str,
    stored: str,
    password: str,
    *,
    active: bool = True,
    refusal: Refused | None = None,
) -> None:
    """Whether *password* belongs to the hash *stored*; wrong tries count for *name*, folded.

    An account that is not *active* takes as long and is refused the same way. Raises *refusal*
    (else that name and password do not fit), ``TooManyTries``.
    """
    _wait_told(name)
    if not (_fits(stored, password) and active):
        _count(name)
        raise refusal or Refused(WRONG, way_out=TRY_AGAIN)
    with _guard.lock:
        _guard.names.pop(name, None)


def remember(actor: Actor, stored: str) -> None:
    """The hash to which this session's password belonged, for when the server is away."""
    if actor.user_id is not None:
        with _guard.lock:
            _guard.known[actor.store.url, actor.user_id] = stored


def remembered(actor: Actor) -> str | None:
    """What :func:`remember` has of the actor in this process."""
    with _guard.lock:
        return _guard.known.get((actor.store.url, actor.user_id or 0))


def forget(actor: Actor) -> None:
    """The session is over."""
    with _guard.lock:
        _guard.known.pop((actor.store.url, actor.user_id or 0), None)


def _fits(stored: str, password: str) -> bool:
    try:
        return STANDARD.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _wait_told(name: str) -> None:
    with _guard.lock:
        guesses = _guard.names.get(name)
        left = guesses.until - time.monotonic() if guesses else 0.0
    if left > 0:
        raise TooManyTries(int(left) + 1)


def _count(name: str) -> None:
    with _guard.lock:
        guesses = _guard.names.setdefault(name, _Guesses())
        guesses.wrong += 1
        if guesses.wrong > FREE_TRIES:
            wait = min(2.0 ** (guesses.wrong - FREE_TRIES - 1), LONGEST_WAIT_SECONDS)
            guesses.until = time.monotonic() + wait
