"""Secret addresses at which calendar programs read what a provider has to do.

Calendar programs cannot sign in; whoever knows the address reads. So the address holds 256
random bits, is told once when it is made, and can be withdrawn; the database keeps the SHA-256
of its secret. When it was last used is noted past the history, at most once a minute.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from clinic_desk.models.people import Provider
from clinic_desk.models.tokens import CalendarAddress
from clinic_desk.rules import fold
from clinic_desk.rules.errors import ClinicError, Invalid, NotFound
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store
from clinic_desk.services.tokens import PERMISSION
from clinic_desk.services.transaction import Statement, transaction_for
from clinic_desk.services.work import Work, command, query

READING = "Appointment Get All"
NOTED_SECONDS = 60.0
LONGEST_NAME = 100
MOST = 20
"""So many addresses of one provider may be in use."""

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,4})?")

TOO_MANY = N_("This provider has {most} addresses already. Withdraw one of them first.")


class Contents(StrEnum):
    """How much of a visit an address tells: never more than it was made for."""

    BUSY = "busy"
    INITIALS = "initials"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class AddressCard:
    """What may be known of an address. Instants are UTC; ``last_used_at`` to the minute."""

    id: int
    uuid: str
    version: int
    provider_id: int
    name: str
    contents: Contents
    language: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address just made; ``secret`` is told this once, and empty where the making is
    repeated.
    """

    card: AddressCard
    secret: str = field(default="", repr=False, compare=False)

    @property
    def path(self) -> str:
        """Where a server has the calendar, without the server's own address."""
        return path_of(self.secret)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever knows a secret: may read the time of one provider, and nothing else."""

    actor: Actor
    card: AddressCard


def path_of(secret: str) -> str:
    """Where a server has the calendar of this secret."""
    return f"/feeds/{secret}.ics"


@command(PERMISSION, action="calendar.give")
def give(
    work: Work,
    provider_id: int,
    *,
    name: str = "",
    contents: Contents = Contents.BUSY,
    language: str = "en",
    request_id: str | None = None,
) -> NewAddress:
    """Make an address for a provider's calendar; *name* says whose program it is for.

    Raises ``NotFound`` for a provider of elsewhere, ``Invalid`` for a name that is too long, a
    language that is none, and where the provider has too many addresses already.
    """
    label = fold.clean("name", name, longest=LONGEST_NAME)
    if not _LANGUAGE.fullmatch(language):
        raise Invalid("language", N_("This is not a language."))
    secret = secrets.token_urlsafe(32)
    found, counted = work.lock(
        work.locked_row(Provider, provider_id),
        Statement(
            "SELECT COUNT(*) FROM calendar_address WHERE organisation_id = ?"
            " AND provider_id = ? AND revoked_at IS NULL",
            (work.organisation_id, provider_id),
        ),
    )
    work.found(Provider, found)
    if int(counted[0][0]) >= MOST:
        raise Invalid("name", TOO_MANY, most=MOST)
    row = work.create(
        CalendarAddress,
        uuid=str(uuid.uuid4()),
        provider_id=provider_id,
        name=label,
        contents=str(Contents(contents)),
        language=language,
        secret_hash=_hash(secret),
        created_by=work.actor.user_id,
        created_at=work.now,
        version=1,
    )
    return NewAddress(card(row), secret)


@command(PERMISSION, action="calendar.withdraw")
def withdraw(work: Work, address_id: int, *, request_id: str | None = None) -> AddressCard:
    """Withdraw an address for good, from the next request on. Raises ``NotFound``."""
    (found,) = work.lock(work.locked_row(CalendarAddress, address_id))
    row = work.found(CalendarAddress, found)
    if row.revoked_at is None:
        work.change(row, revoked_at=work.now)
    return card(row)


@query(PERMISSION)
def of_provider(actor: Actor, provider_id: int) -> tuple[AddressCard, ...]:
    """The addresses of a provider that are in use, the newest first; one query."""
    found = actor.store.rows(
        f"{r.selecting(CalendarAddress)} WHERE organisation_id = ? AND provider_id = ?"
        " AND revoked_at IS NULL ORDER BY created_at DESC, id DESC",
        (actor.organisation_id, provider_id),
    )
    return tuple(card(row) for row in r.rows(CalendarAddress, found))


def reader(store: Store, secret: str) -> Reader:
    """Who may read with this secret; one query.

    Raises ``NotFound``, in the same words and the same time for what is no secret at all, one
    that nobody has and one that was withdrawn.
    """
    # What is looked for is a hash of it: how long that takes tells nothing of the secrets.
    given = secret if _SHAPE.fullmatch(secret) else ""
    found = store.rows(
        f"{r.selecting(CalendarAddress)} WHERE secret_hash = ? AND revoked_at IS NULL",
        (_hash(given),),
    )
    if not found:
        raise NotFound
    row = r.row(CalendarAddress, found[0])
    _used(store, row)
    actor = Actor(
        store=store,
        organisation_id=row.organisation_id,
        user_id=None,
        name=row.name,
        role="",
        permissions=frozenset({READING}),
        origin=Origin.API,
    )
    return Reader(actor, card(row))


def card(row: CalendarAddress) -> AddressCard:
    """What may be known of an address's row."""
    return AddressCard(
        row.id,
        row.uuid,
        row.version,
        row.provider_id,
        row.name,
        Contents(row.contents),
        row.language,
        row.created_at,
        row.last_used_at,
        row.revoked_at,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _card_of(actor: Actor, address_id: int) -> AddressCard:
    wanted = r.by_id(CalendarAddress, actor.organisation_id, address_id)
    found = actor.store.rows(wanted.sql, wanted.parameters)
    if not found:
        raise NotFound
    return card(r.row(CalendarAddress, found[0]))


def _again(actor: Actor, address_id: int) -> NewAddress:
    """The answer to a making that is sent twice: the secret is not known any more."""
    return NewAddress(_card_of(actor, address_id))


give.again = _again  # type: ignore[attr-defined]
withdraw.again = _card_of  # type: ignore[attr-defined]

_noted: dict[tuple[str, int], float] = {}
_noting = threading.Lock()


def _used(store: Store, row: CalendarAddress) -> None:
    """Note that the address was used, unless that was noted a moment ago; a database that is
    busy misses a minute.
    """
    key, now = (store.url, row.id), time.monotonic()
    with _noting:
        if now - _noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        _noted[key] = now
    at = r.stored(CalendarAddress, "last_used_at", datetime.now(UTC))
    transaction = transaction_for(store)
    with contextlib.suppress(ClinicError):
        try:
            transaction.begin([row.organisation_id], [])
            transaction.write(
                Statement("UPDATE calendar_address SET last_used_at = ? WHERE id = ?", (at, row.id))
            )
            transaction.commit("")
        except BaseException:
            transaction.roll_back()
            raise
