"""The history as other programs follow it: which appointment or patient changed, in order.

There is no second log: what is told are the deeds of the organisation, a line for each record
that a deed touched, with its uuid and never with what stands in it. A cursor says how far
somebody has read. The organisation's lock numbers the deeds and is held until they are
committed, so no deed ever appears behind a cursor that somebody has been given.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from clinic_desk.rules.errors import Invalid, NotAllowed, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.journal import SHOWN_BY
from clinic_desk.services.store import Store

KINDS = ("appointment", "patient")
"""The kinds of records that are told of; each is told to whoever may open such a record."""

EVENTS = (
    "appointment.created",
    "appointment.updated",
    "appointment.cancelled",
    "appointment.deleted",
    "patient.created",
    "patient.updated",
    "patient.merged",
    "patient.deleted",
)
"""All that can be told."""

MOST = 500
"""So many changes one page has at the most."""

WINDOW = 10
"""So many times as many records are looked at for a page, however few of them are told of."""

GIVEN_UP = frozenset({str(Status.CANCELLED), str(Status.DECLINED)})

NO_CURSOR = N_("This is not a cursor that was given out here.")
LOST = N_("This cursor belongs to another organisation, or to the time before a restore.")
BEGIN_ANEW = N_("Begin anew: with since=beginning, or without since for what happens from now on.")


class LostCursor(Refused):
    """The history that a cursor was made for is not the one that is here."""

    message = LOST
    way_out = BEGIN_ANEW


class Position(NamedTuple):
    """A place in the history: behind this record of deed number ``seq``."""

    seq: int = 0
    kind: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A deed touched a record. ``version`` is the one that the deed left; of an older deed the
    record's newest one, and None where the record is not there any more. ``at`` is UTC, to the
    second.
    """

    position: Position
    at: datetime
    event: str
    uuid: str
    version: int | None
    origin: str


@dataclass(frozen=True, slots=True)
class Page:
    """Changes, the oldest first, and how far that is; ``more`` says that there are further ones."""

    items: tuple[Change, ...]
    position: Position
    more: bool


class Follower:
    """Reads the changes that *actor* may see. Raises ``NotAllowed`` for who may see none."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._kinds = [kind for kind in KINDS if actor.may(SHOWN_BY[kind])]
        if not self._kinds:
            raise NotAllowed(SHOWN_BY[KINDS[0]])
        found = actor.store.rows(
            "SELECT epoch, COALESCE((SELECT seq FROM deed WHERE organisation_id = ?"
            " ORDER BY seq DESC LIMIT 1), 0) FROM database_info WHERE id = 1",
            (actor.organisation_id,),
        )
        self._epoch, self._head = str(found[0][0]), int(found[0][1])

    @property
    def now(self) -> Position:
        """Behind everything that has happened."""
        return Position(self._head + 1)

    def page(self, after: Position, limit: int = 100) -> Page:
        """At most *limit* changes after a position; five queries, however many they are."""
        seen = patient_access.seen(self._actor)
        store, number = self._actor.store, self._actor.organisation_id
        return read(store, number, after, limit, kinds=self._kinds, seen=seen)

    def written(self, position: Position) -> str:
        """The cursor that stands for *position*."""
        body = self._mark() + struct.pack(">QQ", position.seq, position.id)
        whole = body + position.kind.encode()
        return base64.urlsafe_b64encode(self._seal(whole) + whole).decode().rstrip("=")

    def position(self, text: str) -> Position:
        """What :meth:`written` wrote. Raises ``Invalid`` for what nobody wrote here, and
        :class:`LostCursor` for a cursor of another organisation or of before a restore.
        """
        try:
            raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
            seq, number = struct.unpack(">QQ", raw[16:32])
            kind = raw[32:].decode()
        except (binascii.Error, ValueError, struct.error) as error:
            raise Invalid("since", NO_CURSOR, way_out=BEGIN_ANEW) from error
        if raw[8:16] != self._mark():
            raise LostCursor
        if not hmac.compare_digest(raw[:8], self._seal(raw[8:])):
            raise Invalid("since", NO_CURSOR, way_out=BEGIN_ANEW)
        if seq > self._head + 1:
            raise LostCursor
        return Position(seq, kind, number)

    def _mark(self) -> bytes:
        about = f"{self._epoch}\n{self._actor.organisation_id}"
        return hashlib.sha256(about.encode()).digest()[:8]

    def _seal(self, body: bytes) -> bytes:
        return hmac.new(self._epoch.encode(), body, "sha256").digest()[:8]


def read(
    store: Store,
    organisation_id: int,
    after: Position,
    limit: int,
    *,
    kinds: Collection[str] = KINDS,
    seen: tuple[str, Sequence[Any]] = ("1 = 1", ()),
) -> Page:
    """At most *limit* changes of these kinds after a position; *seen* is true for the patients
    (``p.id``) who may be told of. A page may be empty although there are more.
    """
    width = limit * WINDOW
    found = store.rows(
        "SELECT seq, kind, entity_id, version FROM deed_entity WHERE organisation_id = ?"
        " AND (seq, kind, entity_id) > (?, ?, ?) ORDER BY seq, kind, entity_id LIMIT ?",
        (organisation_id, *after, width + 1),
    )
    window = [Position(*values) for *values, _version in found]
    left = {Position(*values): version for *values, version in found}
    told = [place for place in window[:width] if place.kind in kinds][:limit]
    if len(told) == limit and told[-1] != window[-1]:
        end, more = told[-1], True
    elif len(window) > width:
        end, more = window[width - 1], True
    else:
        end, more = (window[-1] if window else after), False
    changes = _changes(store, organisation_id, told, seen)
    return Page(
        tuple(replace(c, version=left[c.position] or c.version) for c in changes), end, more
    )


def _changes(
    store: Store,
    organisation_id: int,
    told: Sequence[Position],
    seen: tuple[str, Sequence[Any]],
) -> tuple[Change, ...]:
    if not told:
        return ()
    deeds = _deeds(store, organisation_id, {place.seq for place in told})
    rows: dict[tuple[str, int], tuple[str, int]] = {}
    for kind in KINDS:
        numbers = {place.id for place in told if place.kind == kind}
        for number, uuid, version in _rows(store, organisation_id, kind, numbers, seen):
            rows[kind, number] = (uuid, version)
    out = []
    for place in told:
        at, origin, body = deeds[place.seq]
        change = body.get((place.kind, place.id), {})
        event = f"{place.kind}.{_event(place.kind, change)}"
        uuid, version = rows.get((place.kind, place.id), ("", None))
        if not uuid and event.endswith(".deleted"):
            uuid = str(change["before"].get("uuid", ""))
        if uuid:
            out.append(Change(place, at, event, uuid, version, origin))
    return tuple(out)


_Body = Mapping[tuple[str, int], Mapping[str, Any]]


def _deeds(
    store: Store, organisation_id: int, numbers: Collection[int]
) -> dict[int, tuple[datetime, str, _Body]]:
    """When each deed was done, from where, and what it changed; an erased one tells nothing."""
    marks = ", ".join("?" * len(numbers))
    found = store.rows(
        "SELECT d.seq, d.at, d.origin, t.body FROM deed d LEFT JOIN deed_text t"  # noqa: S608
        " ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
        f" WHERE d.organisation_id = ? AND d.seq IN ({marks})",
        (organisation_id, *numbers),
    )
    return {
        seq: (instant(at), str(origin), _by_record(json.loads(body)["changes"] if body else ()))
        for seq, at, origin, body in found
    }


def _by_record(changes: Iterable[Mapping[str, Any]]) -> _Body:
    return {(c["kind"], c["id"]): c for c in changes}


def _rows(
    store: Store,
    organisation_id: int,
    kind: str,
    numbers: Collection[int],
    seen: tuple[str, Sequence[Any]],
) -> list[tuple[Any, ...]]:
    """Number, uuid and version of those of these records that may be told of."""
    if not numbers:
        return []
    condition, values = seen
    marks = ", ".join("?" * len(numbers))
    source = "patient p" if kind == "patient" else "appointment x JOIN patient p"
    name = "p" if kind == "patient" else "x"
    joined = "" if kind == "patient" else " ON p.id = x.patient_id"
    return store.rows(
        f"SELECT {name}.id, {name}.uuid, {name}.version FROM {source}{joined}"  # noqa: S608
        f" WHERE {name}.id IN ({marks}) AND {name}.organisation_id = ? AND {condition}",
        (*numbers, organisation_id, *values),
    )


def _event(kind: str, change: Mapping[str, Any]) -> str:
    if change.get("created"):
        return "created"
    after = change.get("after", {})
    if change and not after:
        return "deleted"
    if kind == "appointment" and after.get("status") in GIVEN_UP:
        return "cancelled"
    if kind == "patient" and after.get("merged_into_id"):
        return "merged"
    return "updated"
