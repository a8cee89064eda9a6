"""Holds: the slot that an open booking dialog keeps, so that nobody else takes it meanwhile.

A hold lives for a minute and is renewed by its desk; after a crash it is free again when the
minute is over. It stands outside the history (nobody wants to read it) and takes time like a
visit, so the database itself keeps others out. Every booking first deletes what has expired,
and what its own dialog holds (:func:`gone`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.diary import Hold
from clinic_desk.rules import conflicts
from clinic_desk.rules.conflicts import APPOINTMENT, HOLD, Conflict, Taken
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.diary_view import instant
from clinic_desk.services.faults import ClaimOverlap, Retry
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Rows, Statement, Transaction, transaction_for
from clinic_desk.services.work import ATTEMPTS, query

SECONDS = 60
"""How long a hold lives unless it is renewed."""

RENEWAL_SECONDS = 20
"""How often an open dialog renews what it holds: two may be lost."""

MOST = 20
"""So many slots one dialog may hold."""

HOLDING = "Appointment Create"

_HELD_BY = N_("{resource} is held by {who} until {until}.")


@dataclass(frozen=True, slots=True)
class Slot:
    """What is held: a provider's time, and a room's, or one of them alone; ``span`` is without
    the buffers.
    """

    span: Span
    provider_id: int | None
    operatory_id: int | None = None
    before_minutes: int = 0
    after_minutes: int = 0

    @property
    def padded(self) -> Span:
        """The time that is taken."""
        return self.span.padded(self.before_minutes, self.after_minutes)

    @property
    def resources(self) -> tuple[int, ...]:
        """Whose time it takes."""
        return tuple(n for n in (self.provider_id, self.operatory_id) if n is not None)


@dataclass(frozen=True, slots=True)
class Held:
    """Time of one provider or room that a dialog keeps. ``desk`` is the dialog's own name,
    ``who`` the user in front of it.
    """

    id: int
    resource_id: int
    span: Span
    desk: str
    user_id: int | None
    who: str
    expires_at: datetime


@query(HOLDING)
def take(
    actor: Actor, desk: str, slots: Sequence[Slot], *, now: datetime | None = None
) -> datetime:
    """Hold *slots* for the dialog *desk* (a name of its own, such as a uuid), in place of
    what it held before; all of them or none. Gives the instant at which they expire.

    Raises ``Conflicted`` with every reason where a slot is taken or held by somebody else:
    what the dialog held before it then holds still.
    """
    if not slots or len(slots) > MOST:
        raise Invalid("slots", N_("Hold 1 to {most} times."), most=MOST)
    for slot in slots:
        booking.checked_span(slot.span)
    attempt = 0
    while True:
        attempt += 1
        try:
            return _take(actor, desk, slots, _second(now))
        except (ClaimOverlap, Retry):
            # Somebody was faster; looking again tells who.
            if attempt == ATTEMPTS:
                raise Conflicted(()) from None


@query(HOLDING)
def renew(actor: Actor, desk: str, *, now: datetime | None = None) -> bool:
    """Keep what the dialog holds for another minute. False where it holds nothing any more
    (it slept too long): :func:`take` it again.
    """
    at = _second(now)
    transaction = transaction_for(actor.store)
    try:
        (found,) = transaction.begin([actor.organisation_id], [_live(actor, desk, at)])
        if found:
            transaction.write(
                Statement(
                    "UPDATE hold SET expires_at = ? WHERE organisation_id = ? AND desk = ?",
                    (_stored(_end(at)), actor.organisation_id, _key(actor, desk)),
                )
            )
        transaction.commit(desk)
    except BaseException:
        transaction.roll_back()
        raise
    return bool(found)


@query(HOLDING)
def release(actor: Actor, desk: str) -> None:
    """Let go of what the dialog holds; nothing happens where it holds nothing."""
    transaction = transaction_for(actor.store)
    try:
        transaction.begin([actor.organisation_id], [gone(actor, desk, _second(None))])
        _ring(actor, transaction)
        transaction.commit(desk)
    except BaseException:
        transaction.roll_back()
        raise


@query("Appointment Get All")
def held(actor: Actor, span: Span, *, now: datetime | None = None) -> tuple[Held, ...]:
    """All that dialogs of the organisation hold within *span*, sorted by time; one query."""
    found = actor.store.rows(
        f"{r.selecting(Hold)} WHERE organisation_id = ? AND expires_at > ? AND starts_at < ?"
        " AND ends_at > ? ORDER BY starts_at, resource_id",
        (
            actor.organisation_id,
            _stored(_second(now)),
            _stored(span.ends_at),
            _stored(span.starts_at),
        ),
    )
    return cards(actor.store.catalogue(actor.organisation_id), found)


def gone(actor: Actor, desk: str, now: datetime) -> Statement:
    """For the exchange that takes the lock: away with what has expired, and with all that
    the dialog *desk* holds (none where it is empty).
    """
    return Statement(
        "DELETE FROM hold WHERE organisation_id = ? AND (expires_at <= ? OR desk = ?)",
        (actor.organisation_id, _stored(now), _key(actor, desk)),
    )


def all_of(organisation_id: int) -> Statement:
    """For the same exchange: what dialogs still hold; :func:`cards` makes cards of the answer."""
    return Statement(f"{r.selecting(Hold)} WHERE organisation_id = ?", (organisation_id,))


def others(
    actor: Actor, claims: Iterable[Taken], live: Iterable[Held], desk: str
) -> tuple[list[Taken], dict[int, Held]]:
    """*claims* without expired holds and those of the dialog *desk*; and whose the rest are."""
    own = _key(actor, desk)
    known = {h.id: h for h in live if _key_of(h) != own}
    return [t for t in claims if t.source != HOLD or t.source_id in known], known


def told(found: Iterable[Conflict], live: Mapping[int, Held]) -> tuple[Conflict, ...]:
    """*found*, where every hold says who holds the time, and until when."""
    return tuple(_told(conflict, live.get(conflict.source_id or 0)) for conflict in found)


def _told(conflict: Conflict, by: Held | None) -> Conflict:
    if conflict.source != HOLD or by is None or not by.who:
        return conflict
    params = {**conflict.params, "who": by.who, "until": by.expires_at}
    return replace(conflict, message=_HELD_BY, params=params)


def _take(actor: Actor, desk: str, slots: Sequence[Slot], at: datetime) -> datetime:
    store, expires = actor.store, _end(at)
    transaction = transaction_for(store)
    try:
        _gone, live, *claims = transaction.begin(
            [actor.organisation_id],
            [
                gone(actor, desk, at),
                all_of(actor.organisation_id),
                *(booking.claims_within(store, s.resources, s.padded, actor) for s in slots),
            ],
        )
        _refuse(actor, slots, claims, live)
        for slot in slots:
            for resource_id in slot.resources:
                _write(actor, transaction, desk, resource_id, slot.padded, expires)
        _ring(actor, transaction)
        transaction.commit(desk)
    except BaseException:
        transaction.roll_back()
        raise
    return expires


def _refuse(actor: Actor, slots: Sequence[Slot], claims: Sequence[Rows], live: Rows) -> None:
    """Raise ``Conflicted`` with every reason against every slot."""
    catalogue = actor.store.catalogue(actor.organisation_id)
    by_whom = {h.id: h for h in cards(catalogue, live)}
    found: list[Conflict] = []
    before: list[Taken] = []
    for slot, answer in zip(slots, claims, strict=True):
        provider = catalogue.providers.get(slot.provider_id or 0)
        room = catalogue.operatories.get(slot.operatory_id or 0)
        known = (provider and provider.id, room and room.id)
        if known != (slot.provider_id, slot.operatory_id) or not slot.resources:
            raise NotFound
        place = conflicts.Place(
            provider_name=provider.name if provider else "",
            operatory_name=room.name if room else "",
            time_zone=catalogue.time_zone(room.location_id if room else None),
        )
        proposal = conflicts.Proposal(
            slot.span,
            slot.before_minutes,
            slot.after_minutes,
            slot.provider_id,
            slot.operatory_id,
            None,
        )
        found += conflicts.find(proposal, [*booking.taken(answer), *before], place)
        before += [Taken(n, slot.padded, APPOINTMENT, 0, visit=slot.span) for n in slot.resources]
    if found:
        raise Conflicted(told(dict.fromkeys(found), by_whom))


def _write(
    actor: Actor,
    transaction: Transaction,
    desk: str,
    resource_id: int,
    span: Span,
    expires: datetime,
) -> None:
    columns = ["organisation_id", "desk", "resource_id", "starts_at", "ends_at", "expires_at"]
    values = [
        actor.organisation_id,
        _key(actor, desk),
        resource_id,
        *map(_stored, (span.starts_at, span.ends_at, expires)),
    ]
    transaction.insert("hold", "hold_id_seq", columns, values)


def _ring(actor: Actor, transaction: Transaction) -> None:
    """Wake the other desks though nothing stands in the history; on SQLite a commit does."""
    if actor.store.dialect == "sqlite":
        return
    transaction.write(
        Statement(
            "SELECT pg_notify('clinic_desk', ?::text || ':' || COALESCE(MAX(seq), 0)::text)"
            " FROM deed WHERE organisation_id = ?",
            (str(actor.organisation_id), actor.organisation_id),
        )
    )


def _live(actor: Actor, desk: str, at: datetime) -> Statement:
    return Statement(
        "SELECT id FROM hold WHERE organisation_id = ? AND desk = ? AND expires_at > ?",
        (actor.organisation_id, _key(actor, desk), _stored(at)),
    )


def live(store: Store, organisation_id: int, now: datetime) -> tuple[Held, ...]:
    """All holds of the organisation that have not expired at *now*; one small query."""
    found = store.rows(
        f"{r.selecting(Hold)} WHERE organisation_id = ? AND expires_at > ?",
        (organisation_id, _stored(now)),
    )
    return cards(store.catalogue(organisation_id), found)


def cards(catalogue: Catalogue, found: Rows) -> tuple[Held, ...]:
    """The cards of rows of holds."""
    return tuple(_card(catalogue, row) for row in r.rows(Hold, found))


def is_own(actor: Actor, hold: Held, desk: str) -> bool:
    """Whether the dialog *desk* of the actor keeps this hold."""
    return _key_of(hold) == _key(actor, desk)


def _card(catalogue: Catalogue, row: Hold) -> Held:
    desk, _, number = row.desk.rpartition("/")
    user_id = int(number) if number.isdecimal() and int(number) else None
    user = catalogue.users.get(user_id or 0)
    return Held(
        id=row.id,
        resource_id=row.resource_id,
        span=Span(row.starts_at, row.ends_at),
        desk=desk,
        user_id=user_id,
        who=user.display_name if user else "",
        expires_at=instant(row.expires_at),
    )


def _key(actor: Actor, desk: str) -> str:
    """How the row names the dialog: with its user, so that others can be told who it is."""
    return f"{desk}/{actor.user_id or 0}" if desk else ""


def _key_of(hold: Held) -> str:
    return f"{hold.desk}/{hold.user_id or 0}"


def _second(now: datetime | None) -> datetime:
    return (now or datetime.now(UTC)).replace(microsecond=0)


def _end(at: datetime) -> datetime:
    return at + timedelta(seconds=SECONDS)


def _stored(at: datetime) -> Any:
    return r.stored(Hold, "expires_at", at)
