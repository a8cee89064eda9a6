"""Signing in: names, passwords, and how often somebody may guess.

A try is counted before its password is looked at, in one statement on the user's row: however
many guess at once, at however many desks, no more are heard than the waits let through; and
that survives the program. Names that nobody has, and a server that is away, are counted in the
memory of this process, in the same way.
"""

from __future__ import annotations

import base64
import math
import secrets
import threading
import time
import unicodedata
from dataclasses import dataclass, field
from typing import Any

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
from clinic_desk.services.transaction import Statement, alone

FREE_TRIES = 3
"""Wrong passwords before the waits begin; then 1, 2, 4 … seconds."""

LONGEST_WAIT_SECONDS = 60
_DOUBLED = 6
"""So often a wait is doubled before it is the longest."""

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


MOST_NAMES = 1000
"""So many names that nobody has are remembered; the one guessed first is forgotten first."""

_NOW_MS = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}
"""How a database tells the time in milliseconds: by its clock alone, desks may differ."""


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
    user, seq = _counted(store, "name", folded)
    if user is None:
        check(folded, NOBODYS, password)
        raise Refused(WRONG, way_out=TRY_AGAIN)
    stored = user.password_hash
    if not (_fits(stored, password) and user.active):
        raise Refused(WRONG, way_out=TRY_AGAIN)
    _forgive(store, user)
    # As it is today: this user may have been added at another desk a moment ago.
    catalogue = store.catalogue(user.organisation_id, at_least=seq)
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


def prove(actor: Actor, password: str, refusal: Refused) -> User | None:
    """The actor's row as it stands, if *password* is theirs; None where there is no such user.

    Raises *refusal*, ``TooManyTries``.
    """
    user, _seq = _counted(actor.store, "id", actor.user_id or 0)
    if user is None or user.organisation_id != actor.organisation_id:
        return None
    if not _fits(user.password_hash, password):
        raise refusal
    _forgive(actor.store, user)
    return user


def check(name: str, stored: str, password: str, *, refusal: Refused | None = None) -> None:
    """Whether *password* belongs to the hash *stored*, where no row can be asked; tries count
    for *name*, in this process. Raises *refusal* (else that name and password do not fit),
    ``TooManyTries``.
    """
    _count(name)
    if not _fits(stored, password):
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


def _counted(store: Store, column: str, value: Any) -> tuple[User | None, int]:
    """The user with this name or id, after a try of theirs was counted, and the last deed that
    changed the catalogue. Raises ``TooManyTries`` where they have to wait.

    Of a name that nobody has somebody's row is written as it is: to write takes a while.
    """
    now, longest = _NOW_MS[store.dialect], LONGEST_WAIT_SECONDS * 1000
    asked = f"{column} = ?"
    # No wait is longer: what lies further ahead was written before a clock was set back.
    waits = f"wait_until_ms > {now} AND wait_until_ms <= {now} + {longest}"
    found = alone(
        store,
        0,
        Statement(
            f"UPDATE user_account SET wrong_tries = wrong_tries + CASE WHEN {asked} THEN 1"  # noqa: S608
            f" ELSE 0 END, wait_until_ms = CASE WHEN NOT ({asked}) THEN wait_until_ms"
            f" WHEN wrong_tries < {FREE_TRIES} THEN 0"
            f" WHEN wrong_tries >= {FREE_TRIES} + {_DOUBLED}"
            f" THEN {now} + {longest}"
            f" ELSE {now} + 1000 * (1 << (wrong_tries - {FREE_TRIES})) END"
            f" WHERE id = COALESCE((SELECT id FROM user_account WHERE {asked}),"
            " (SELECT MIN(id) FROM user_account))"
            f" AND NOT ({asked} AND {waits})"
            f" RETURNING {', '.join(r.columns(User))}, CASE WHEN {asked} THEN 1 ELSE 0 END,"
            " (SELECT catalogue_seq FROM deed d WHERE d.organisation_id ="
            " user_account.organisation_id ORDER BY seq DESC LIMIT 1)",
            [value] * 5,
        ),
    )
    if found:
        *_row, is_theirs, seq = found[0]
        return (r.row(User, found[0]) if is_theirs else None), int(seq or 0)
    left = store.rows(
        f"SELECT wait_until_ms - {now} FROM user_account WHERE {asked}",  # noqa: S608
        (value,),
    )
    if left:
        raise TooManyTries(max(1, math.ceil(left[0][0] / 1000)))
    return None, 0


def _forgive(store: Store, user: User) -> None:
    """The password was right: what was counted is over."""
    sql = "UPDATE user_account SET wrong_tries = 0, wait_until_ms = 0 WHERE id = ? RETURNING id"
    alone(store, user.organisation_id, Statement(sql, (user.id,)))


def _count(name: str) -> None:
    """Count a try of this name. Raises ``TooManyTries`` where it has to wait."""
    with _guard.lock:
        guesses = _guard.names.setdefault(name, _Guesses())
        left = guesses.until - time.monotonic()
        if left > 0:
            raise TooManyTries(math.ceil(left))
        guesses.wrong += 1
        if guesses.wrong > FREE_TRIES:
            doubled = min(guesses.wrong - FREE_TRIES - 1, _DOUBLED)
            guesses.until = time.monotonic() + min(1 << doubled, LONGEST_WAIT_SECONDS)
        if len(_guard.names) > MOST_NAMES:
            del _guard.names[next(iter(_guard.names))]
