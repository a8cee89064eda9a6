"""The history: who did what when; whether something was saved; undoing it; proving it whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from clinic_desk.rules.errors import NotFound, Withdrawn
from clinic_desk.services import chain, patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import DeedCard, Done, EntityChange, FieldChange, Origin
from clinic_desk.services.deeds import RECORD
from clinic_desk.services.diary_view import instant
from clinic_desk.services.patient_fields import ALERTS
from clinic_desk.services.store import Store
from clinic_desk.services.work import WITHDRAWN, AlreadyDone, Work, command, query

_SELECT = (
    "SELECT d.seq, d.at, d.actor_id, d.origin, d.action, d.undoes, t.body, "  # noqa: S608
    + patient_access.BOUND
    + " FROM deed d"
    " LEFT JOIN deed_text t ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
)


@dataclass(frozen=True, slots=True)
class Saved:
    """The truth about one request: ``seq`` is its deed, or None where nothing was saved
    and (from now on) nothing will be.
    """

    seq: int | None
    action: str = ""
    at: datetime | None = None


SHOWN_BY = {
    "appointment": "Appointment Show",
    "patient_case": "Appointment Show",
    "permit": "Appointment Show",
    "calendar_event": "Appointment Get All",
    "patient": "Customer Show",
}
"""Which permission opens the history of a kind of record: the one that opens the record."""

HIDDEN = "•••"
"""Told in place of what a reader may not see."""

HIDING = frozenset({"medical_alert"})
"""The fields of a patient that are for those who may see medical alerts."""

EVERYTHING = "History Show"
"""Opens the history of all other kinds: users, roles, hours, settings."""


def history(actor: Actor, kind: str, entity_id: int, *, limit: int = 200) -> tuple[DeedCard, ...]:
    """All deeds that touched this entity, the newest first. Of what else they touched they
    tell what the actor may see. One query, a few more for who is bound to locations.

    Raises ``NotAllowed`` without the permission for this kind, ``NotFound`` for what is about a
    patient whom the actor may not see.
    """
    actor.require(SHOWN_BY.get(kind, EVERYTHING))
    found = actor.store.rows(
        f"{_SELECT} JOIN deed_entity e ON e.organisation_id = d.organisation_id AND e.seq = d.seq"
        " WHERE e.organisation_id = ? AND e.kind = ? AND e.entity_id = ?"
        " ORDER BY d.seq DESC LIMIT ?",
        (*_who(actor), actor.organisation_id, kind, entity_id, limit),
    )
    cards = [_card(values) for values in found]
    seen = _seen(actor, cards, bound=any(values[-1] for values in found))
    # What was erased from the history has its lines still, without any change.
    if _tells(cards, kind, entity_id) and not _tells(seen, kind, entity_id):
        raise NotFound
    return seen


def _tells(cards: Iterable[DeedCard], kind: str, number: int) -> bool:
    return any((c.kind, c.id) == (kind, number) for card in cards for c in card.changes)


def undo(
    actor: Actor, seq: int, *, override: str | None = None, request_id: str | None = None
) -> Done[Any]:
    """Take back deed number *seq*; see :func:`clinic_desk.services.undo.undo`."""
    from clinic_desk.services import patient_unmerge
    from clinic_desk.services import undo as undoing

    card = told(actor, seq)
    if card.action in patient_unmerge.MERGES:
        return patient_unmerge.reverse(actor, card, request_id=request_id)
    return undoing.undo(actor, seq, override=override, request_id=request_id)


@query("Appointment Show")
def deed(actor: Actor, seq: int) -> DeedCard:
    """One deed of the organisation's history, with those of its changes that the actor may
    see. Raises ``NotFound``.
    """
    card, bound = _told(actor, seq)
    return _seen(actor, [card], bound=bound)[0]


def _seen(actor: Actor, cards: Sequence[DeedCard], *, bound: bool) -> tuple[DeedCard, ...]:
    """Without the changes of records that *actor* may not open, and of those about patients
    whom they may not see; without the reason where nothing is left that it could be about.
    """
    known: dict[str, set[int]] = {}
    for table in patient_access.WHOSE if bound else ():
        numbers = {c.id for card in cards for c in card.changes if c.kind == table}
        known[table] = patient_access.visible(actor, table, numbers)
    alerts = actor.may(ALERTS)
    out = []
    for card in cards:
        seen = tuple(
            c if alerts or c.kind != "patient" else _without_alerts(c)
            for c in card.changes
            if actor.may(SHOWN_BY.get(c.kind, EVERYTHING))
            and (c.kind not in known or c.id in known[c.kind])
        )
        out.append(replace(card, changes=seen, reason=card.reason if seen else ""))
    return tuple(out)


def _without_alerts(change: EntityChange) -> EntityChange:
    """*change*, telling of medical alerts only that there was one, or another."""

    def masked(value: Any) -> Any:
        return HIDDEN if value else value

    fields = tuple(
        replace(f, before=masked(f.before), after=masked(f.after)) if f.name in HIDING else f
        for f in change.fields
    )
    return replace(change, fields=fields)


def told(actor: Actor, seq: int) -> DeedCard:
    """One deed with all its changes: for the door, not for faces. Raises ``NotFound``."""
    return _told(actor, seq)[0]


def _told(actor: Actor, seq: int) -> tuple[DeedCard, bool]:
    """A deed, and whether *actor* is bound to locations. Raises ``NotFound``."""
    found = actor.store.rows(
        f"{_SELECT} WHERE d.organisation_id = ? AND d.seq = ?",
        (*_who(actor), actor.organisation_id, seq),
    )
    if not found:
        raise NotFound
    return _card(found[0]), bool(found[0][-1])


def _who(actor: Actor) -> tuple[int, int]:
    return actor.organisation_id, actor.user_id or 0


def touched(actor: Actor, seq: int) -> tuple[tuple[str, int], ...]:
    """Kind and id of all that a deed touched."""
    return tuple(
        (kind, number)
        for kind, number in actor.store.rows(
            "SELECT kind, entity_id FROM deed_entity WHERE organisation_id = ? AND seq = ?"
            " AND kind <> ?",
            (actor.organisation_id, seq, RECORD),
        )
    )


def subject(actor: Actor, seq: int) -> int | None:
    """The id of the visit or event that a deed was about, for repeating its answer."""
    changes = told(actor, seq).changes
    for kind in ("appointment", "calendar_event", "patient"):
        # The one that was made, else the most changed: its neighbours only get a mark.
        about = [c for c in changes if c.kind == kind]
        if about:
            return max(about, key=lambda c: (c.created, len(c.fields))).id
    return next((number for _, number in touched(actor, seq)), None)


def was_saved(actor: Actor, request_id: str) -> Saved:
    """Whether the request arrived. When it had not, it is withdrawn for good: sent later by
    a slow network it will be refused, so the answer stays true.
    """
    try:
        _withdraw(actor, request_id=request_id)
    except _AlreadySaved as saved:
        return saved.answer
    except Withdrawn:
        return Saved(None)
    return Saved(None)


class _AlreadySaved(Exception):
    def __init__(self, answer: Saved) -> None:
        super().__init__()
        self.answer = answer


@command("Appointment Show", action=WITHDRAWN)
def _withdraw(work: Work, *, request_id: str | None = None) -> None:
    work.allow_any_fingerprint()
    try:
        work.lock()
    except AlreadyDone as done:
        work.give_up()
        card = told(work.actor, done.seq)
        raise _AlreadySaved(Saved(done.seq, card.action, card.at)) from None


def _card(values: Any) -> DeedCard:
    seq, at, actor_id, origin, action, undoes, body, _bound = values
    erased = {"actor": "", "reason": "", "changes": []}
    text: dict[str, Any] = json.loads(body) if body else erased
    return DeedCard(
        seq=seq,
        at=instant(at),
        actor_id=actor_id,
        actor_name=text["actor"],
        origin=Origin(origin),
        action=action,
        reason=text["reason"],
        undoes=undoes,
        changes=tuple(_change(change) for change in text["changes"]),
    )


def _change(change: dict[str, Any]) -> EntityChange:
    before, after = change["before"], change["after"]
    names = sorted(before.keys() | after.keys())
    return EntityChange(
        kind=change["kind"],
        id=change["id"],
        created=change["created"],
        fields=tuple(FieldChange(n, before.get(n), after.get(n)) for n in names),
    )


@query("Appointment Get All")
def mark(actor: Actor, seq: int) -> str:
    """The first sixteen characters of the chain's link number *seq*: printed on paper, they
    prove later that the history up to there is the one of that day. Empty where there is none.
    """
    found = actor.store.rows(
        "SELECT chain FROM deed WHERE organisation_id = ? AND seq = ?",
        (actor.organisation_id, seq),
    )
    return str(found[0][0])[:16] if found else ""


def broken_links(store: Store, organisation_id: int) -> Iterator[tuple[int, str]]:
    """Walk the whole chain; yields (seq, what is wrong) for each deed that does not fit."""
    previous, expected = chain.GENESIS, 1
    last = 0
    while True:
        found = store.rows(
            "SELECT d.seq, d.request_id, d.actor_id, d.origin, d.action, d.at, d.undoes, d.digest,"
            " d.chain, t.salt, t.body FROM deed d LEFT JOIN deed_text t"
            " ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
            " WHERE d.organisation_id = ? AND d.seq > ? ORDER BY d.seq LIMIT 5000",
            (organisation_id, last),
        )
        if not found:
            return
        for seq, request, who, origin, action, at, undoes, mark, linked, salt, body in found:
            if seq != expected:
                yield expected, "missing"
            if salt and chain.digest(salt, body) != mark:
                yield seq, "text"
            made = chain.link(
                previous,
                organisation_id=organisation_id,
                seq=seq,
                request_id=str(request),
                actor_id=who,
                origin=origin,
                action=action,
                at=instant(at),
                undoes=undoes,
                digest=mark,
            )
            if made != linked:
                yield seq, "link"
            previous, expected, last = linked, seq + 1, seq
