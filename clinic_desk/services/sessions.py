"""A signed-in session: unlocking it, also while the server is away, and when it locks itself."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_desk.models.people import Setting
from clinic_desk.rules.errors import Invalid, Refused, Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.services import accounts
from clinic_desk.services import rows as r
from clinic_desk.services import settings as shared
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command

NAME = "lock"
DEFAULT_MINUTES = 10
LONGEST_MINUTES = 240

WRONG = N_("This is not the password of {name}.")
CLOSED = N_("This account is closed.")
SWITCH = N_("Let somebody else sign in.")
AWAY = N_("The server is away, and this computer does not know your password.")
WAIT_FOR_IT = N_("It can be unlocked when the server is back.")


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The password was right. ``offline``: by what this desk remembers, the server is away."""

    offline: bool


def unlock(actor: Actor, password: str) -> Unlocked:
    """Whether *password* is the actor's today. While the server is away it is compared with the
    salted hash that this session signed in by, which only this process has.

    Takes some 40 ms, and as long as a server needs to fail: never on the window's thread.
    Raises ``Refused`` (``TooManyTries`` after some wrong ones), ``Unavailable`` where neither
    the server nor this process knows.
    """
    try:
        user = accounts.prove(actor, password, _wrong(actor))
    except Unavailable as error:
        return _offline(actor, password, error)
    if user is None or not user.active:
        raise Refused(CLOSED, way_out=SWITCH)
    accounts.remember(actor, user.password_hash)
    return Unlocked(offline=False)


def _offline(actor: Actor, password: str, error: Unavailable) -> Unlocked:
    known = accounts.remembered(actor)
    if known is None:
        raise Unavailable(AWAY, way_out=WAIT_FOR_IT) from error
    accounts.check(f"session {actor.user_id}", known, password, refusal=_wrong(actor))
    return Unlocked(offline=True)


def _wrong(actor: Actor) -> Refused:
    return Refused(WRONG, way_out=accounts.TRY_AGAIN, name=actor.name)


def end(actor: Actor) -> None:
    """The user signed out: this process forgets the hash."""
    accounts.forget(actor)


def lock_minutes(actor: Actor) -> int:
    """After how many minutes without a hand a desk locks itself; 0 is never. For everybody who
    is signed in, so it asks for no permission.
    """
    wanted = _statement(actor.organisation_id)
    found = actor.store.rows(wanted.sql, wanted.parameters)
    value = r.row(Setting, found[0]).value if found else ""
    return int(value) if value.isdigit() else DEFAULT_MINUTES


@command(shared.SHARING, action="lock.minutes")
def set_lock_minutes(work: Work, minutes: int, *, request_id: str | None = None) -> int:
    """Choose :func:`lock_minutes` for the whole organisation. Raises ``Invalid``."""
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise Invalid("minutes", N_("Between 0 and {most} minutes."), most=LONGEST_MINUTES)
    (found,) = work.lock(_statement(work.organisation_id))
    if found:
        work.change(r.row(Setting, found[0]), value=str(minutes))
    else:
        work.create(Setting, user_id=None, name=NAME, value=str(minutes))
    return minutes


def _statement(organisation_id: int) -> Statement:
    return Statement(
        f"{r.selecting(Setting)} WHERE organisation_id = ? AND COALESCE(user_id, 0) = 0"
        " AND name = ?",
        (organisation_id, NAME),
    )
