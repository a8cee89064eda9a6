"""Tokens: how other programs sign in, and what each of them may do.

A token is ``clinicdesk_<number>_<secret>``: 32 hexadecimal digits of its uuid, and 256 random
bits. It is told once, when it is made; the database keeps the SHA-256 of the secret, which is
enough for a secret that nobody can guess. When it was last used is noted past the history, at
most once a minute for each token, so that asking costs no write.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from clinic_desk.models.people import Organisation, Role
from clinic_desk.models.tokens import ApiToken
from clinic_desk.rules import fold, permissions
from clinic_desk.rules import scopes as table
from clinic_desk.rules.errors import ClinicError, Disconnected, Invalid, NotFound, Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import roles_book
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import OrganisationCard, Origin
from clinic_desk.services.catalogue import catalogue
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement, transaction_for
from clinic_desk.services.work import Work, command, query

PERMISSION = "Token Update"
NOTED_SECONDS = 60.0
"""How exactly the last use of a token is known."""

LONGEST_NAME = 100

_SHAPE = re.compile(r"clinicdesk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_NOBODY = hashlib.sha256(b"nobody has this secret").hexdigest()

_COLUMNS = ", ".join(f"t.{name}" for name in r.columns(ApiToken))
_WITH_ROLE = (
    f"SELECT {_COLUMNS}, o.name, o.permissions,"  # noqa: S608 - our own words
    " (SELECT d.catalogue_seq FROM deed d WHERE d.organisation_id = t.organisation_id"
    " ORDER BY d.seq DESC LIMIT 1)"
    " FROM api_token t LEFT JOIN role o ON o.id = t.role_id WHERE t.uuid = ?"
)
"""A token with its role, and the deed that its organisation's catalogue is of."""

UNKNOWN = N_("This token is not known, or has been withdrawn.")
ASK_FOR_ONE = N_("Ask an administrator of the organisation for a new one.")


@dataclass(frozen=True, slots=True)
class TokenCard:
    """What may be known of a token. Instants are UTC; ``last_used_at`` to the minute."""

    id: int
    uuid: str
    version: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; ``text`` is told this once, and empty where the making is repeated."""

    card: TokenCard
    text: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Program:
    """Who asks: the actor of a token, the token's uuid, and how new the organisation's catalogue
    must be to be the one that stood when it was asked.
    """

    actor: Actor
    token_uuid: str
    catalogue_seq: int = 0


class UnknownToken(Refused):
    """Whoever asks is nobody that we know."""

    message = UNKNOWN
    way_out = ASK_FOR_ONE


@command(PERMISSION, action="token.create")
def create(
    work: Work,
    *,
    name: str,
    scopes: tuple[str, ...],
    role_id: int | None = None,
    request_id: str | None = None,
) -> NewToken:
    """Make a token for a program called *name*. With a role it may do what both its scopes and
    that role say, as the role stands at each request.

    Raises ``Invalid`` for the name or a scope, ``NotFound`` for a role of elsewhere, ``Refused``
    where whoever makes it may not do so much themselves.
    """
    label = fold.clean("name", name, longest=LONGEST_NAME)
    if not label:
        raise Invalid("name", N_("Say which program the token is for."))
    wanted = table.checked(scopes)
    number, secret = uuid.uuid4(), secrets.token_urlsafe(32)
    roles = work.lock(*([] if role_id is None else [work.locked_row(Role, role_id)]))
    for found in roles:
        work.found(Role, found)
    _require_own(work.actor, wanted)
    row = work.create(
        ApiToken,
        uuid=str(number),
        name=label,
        scopes=json.dumps(wanted),
        secret_hash=_hash(secret),
        role_id=role_id,
        created_by=work.actor.user_id,
        created_at=work.now,
        version=1,
    )
    return NewToken(card(row), f"clinicdesk_{number.hex}_{secret}")


@command(PERMISSION, action="token.revoke")
def revoke(work: Work, token_id: int, *, request_id: str | None = None) -> TokenCard:
    """Withdraw a token for good, from the next request on. Raises ``NotFound``.

    It lets go of its role, which could not be deleted as long as a token has it.
    """
    (found,) = work.lock(work.locked_row(ApiToken, token_id))
    row = work.found(ApiToken, found)
    if row.revoked_at is None:
        work.change(row, revoked_at=work.now, role_id=None)
    return card(row)


@query(PERMISSION)
def listed(actor: Actor) -> tuple[TokenCard, ...]:
    """All tokens of the organisation, the newest first, also those withdrawn; one query."""
    found = actor.store.rows(
        f"{r.selecting(ApiToken)} WHERE organisation_id = ? ORDER BY created_at DESC, id DESC",
        (actor.organisation_id,),
    )
    return tuple(card(row) for row in r.rows(ApiToken, found))


def authenticate(store: Store, text: str) -> Program:
    """Whose token this is, as it stands now, with its role and catalogue; one exchange.

    Raises ``UnknownToken``, in the same words and the same time for a number that nobody has,
    a wrong secret and a token that was withdrawn.
    """
    shaped = _SHAPE.fullmatch(text)
    number, secret = shaped.groups() if shaped else ("0" * 32, "")
    asked = Statement(_WITH_ROLE, (str(uuid.UUID(number)),))
    try:
        (found,) = transaction_for(store).look([asked])
    except Disconnected:
        # The line may have broken since it was last used, and nobody has asked for anything yet.
        (found,) = transaction_for(store).look([asked])
    row = r.row(ApiToken, found[0]) if found else None
    fits = hmac.compare_digest(_hash(secret), row.secret_hash if row else _NOBODY)
    if row is None or not fits or row.revoked_at is not None:
        raise UnknownToken
    _used(store, row)
    role, names, newest = found[0][-3:]
    actor = Actor(
        store=store,
        organisation_id=row.organisation_id,
        user_id=None,
        name=row.name,
        role=role or "",
        permissions=_granted(row.scopes, None if row.role_id is None else names or "[]"),
        origin=Origin.API,
    )
    return Program(actor, row.uuid, newest or 0)


@lru_cache(maxsize=64)
def _granted(scopes: str, role: str | None) -> frozenset[str]:
    """What a token may whose scopes and whose role's permissions are these lists (JSON)."""
    granted = table.granted(json.loads(scopes))
    if role is not None:
        granted &= permissions.granted(frozenset(json.loads(role)))
    return granted


def organisation_named(store: Store, wanted: str) -> OrganisationCard:
    """The organisation with this uuid or (without regard to case) this name.

    Raises ``Refused`` naming those that there are.
    """
    rows = r.rows(Organisation, store.rows(f"{r.selecting(Organisation)} ORDER BY id"))
    key = wanted.strip().casefold()
    found = [row for row in rows if key in {row.uuid, row.name.casefold()}]
    if len(found) != 1:
        raise Refused(
            N_("There is no organisation “{wanted}” here, or more than one."),
            way_out=N_("Name one of these: {known}."),
            wanted=wanted,
            known="; ".join(f"{row.uuid} ({row.name})" for row in rows),
        )
    return store.catalogue(found[0].id).organisation


def role_named(actor: Actor, wanted: str) -> int:
    """The number of the organisation's role with this name (without regard to case).

    Raises ``Refused`` naming those that there are.
    """
    roles = catalogue(actor).roles.values()
    key = wanted.strip().casefold()
    found = [role.id for role in roles if role.name.casefold() == key]
    if not found:
        raise Refused(
            N_("There is no role “{wanted}” here."),
            way_out=N_("Name one of these: {known}."),
            wanted=wanted,
            known="; ".join(sorted(role.name for role in roles)),
        )
    return found[0]


def at_the_console(store: Store, organisation_id: int) -> Actor:
    """Whoever sits at the computer of the database and may make tokens there; in the history
    they stand as the command line.
    """
    return Actor(store, organisation_id, None, "clinic-desk token", "", frozenset({PERMISSION}))


def card(row: ApiToken) -> TokenCard:
    """What may be known of a token's row."""
    return TokenCard(
        row.id,
        row.uuid,
        row.version,
        row.name,
        tuple(json.loads(row.scopes)),
        row.created_at,
        row.last_used_at,
        row.revoked_at,
        row.role_id,
    )


def _require_own(actor: Actor, scopes: tuple[str, ...]) -> None:
    """Nobody hands out more than they have; the command line is whoever owns the database."""
    if actor.user_id is None or actor.may("Role Update"):
        return
    more = sorted(name for name in table.granted(scopes) if not actor.may(name))
    if more:
        raise Refused(roles_book.MORE_THAN_OWN, way_out=roles_book.ASK_HIGHER, permission=more[0])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _again(actor: Actor, token_id: int) -> NewToken:
    """The answer to a making that is sent twice: the secret is not known any more."""
    return NewToken(_card_of(actor, token_id))


def _card_of(actor: Actor, token_id: int) -> TokenCard:
    wanted = r.by_id(ApiToken, actor.organisation_id, token_id)
    found = actor.store.rows(wanted.sql, wanted.parameters)
    if not found:
        raise NotFound
    return card(r.row(ApiToken, found[0]))


create.again = _again  # type: ignore[attr-defined]
revoke.again = _card_of  # type: ignore[attr-defined]

_noted: dict[tuple[str, int], float] = {}
_noting = threading.Lock()


def _used(store: Store, row: ApiToken) -> None:
    """Note that the token was used, unless that was noted a moment ago. A database that is busy
    or cannot be written misses a minute; whoever asks must not wait for it.
    """
    key, now = (store.url, row.id), time.monotonic()
    with _noting:
        if now - _noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        _noted[key] = now
    at = r.stored(ApiToken, "last_used_at", datetime.now(UTC))
    transaction = transaction_for(store)
    with contextlib.suppress(ClinicError):
        try:
            transaction.begin([row.organisation_id], [])
            transaction.write(
                Statement("UPDATE api_token SET last_used_at = ? WHERE id = ?", (at, row.id))
            )
            transaction.commit("")
        except BaseException:
            transaction.roll_back()
            raise
