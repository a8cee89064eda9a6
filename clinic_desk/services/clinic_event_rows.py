"""The deeds behind planned events: some thirty of them each.

Each is a command of its own, so each is in the history; what belongs to one act of the user is
put together by :mod:`clinic_desk.services.clinic_events`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinic_desk.models.diary import CalendarEvent, Series
from clinic_desk.rules import recurrence
from clinic_desk.rules.conflicts import Conflict, Kind, Taken
from clinic_desk.rules.errors import Conflicted, Stale
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

EVENT = "e"
"""The source of an event's claim."""

Move = tuple[int, int, Span]
"""An event, the version that was seen, and its time."""


@dataclass(frozen=True, slots=True)
class EventWish:
    """What all events of one act have in common."""

    title: str
    resource_id: int
    location_id: int | None
    time_zone: str


@command("Calendar Event Update", action="event.begin")
def begin(work: Work, rule: str, *, request_id: str | None = None) -> int:
    """Write the rule of a series; its number. Raises ``Invalid`` for what is no rule."""
    rule = str(recurrence.parse(rule))
    work.lock()
    return int(work.create(Series, uuid=str(uuid.uuid4()), rule=rule, version=1).id)


@command("Calendar Event Update", action="event.write")
def write(
    work: Work,
    wish: EventWish,
    series_id: int | None,
    spans: Sequence[Span],
    *,
    request_id: str | None = None,
) -> tuple[int, ...]:
    """Add events at *spans*; their numbers. Raises ``Conflicted`` where the time is taken."""
    booking.catalogue_with(
        work.actor, resource_ids=[wish.resource_id], location_ids=[wish.location_id]
    )
    answers = work.lock(*(_claims(work, wish, span) for span in spans))
    _refuse(work, wish.resource_id, answers, ())
    out = []
    for span in spans:
        row = work.create(
            CalendarEvent,
            uuid=str(uuid.uuid4()),
            resource_id=wish.resource_id,
            location_id=wish.location_id,
            series_id=series_id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            time_zone=wish.time_zone,
            title=wish.title,
            version=1,
        )
        out.append(int(row.id))
    return tuple(out)


@command("Calendar Event Update", action="event.rewrite")
def rewrite(
    work: Work, wish: EventWish, moves: Sequence[Move], *, request_id: str | None = None
) -> tuple[int, ...]:
    """Give events another title, time or owner. Raises ``Conflicted`` where the time is taken,
    ``Stale`` where somebody changed one of them.
    """
    booking.catalogue_with(
        work.actor, resource_ids=[wish.resource_id], location_ids=[wish.location_id]
    )
    count = len(moves)
    answers = work.lock(
        *(work.locked_row(CalendarEvent, number) for number, _, _ in moves),
        *(_claims(work, wish, span) for _, _, span in moves),
    )
    rows = [work.found(CalendarEvent, answer) for answer in answers[:count]]
    if any(row.version != seen for row, (_, seen, _) in zip(rows, moves, strict=True)):
        raise Stale
    _refuse(work, wish.resource_id, answers[count:], [number for number, _, _ in moves])
    for row, (_, _, span) in zip(rows, moves, strict=True):
        work.change(
            row,
            title=wish.title,
            resource_id=wish.resource_id,
            location_id=wish.location_id,
            time_zone=wish.time_zone,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
        )
    return tuple(row.id for row in rows)


@command("Calendar Event Update", action="event.clear")
def clear(
    work: Work, versions: Sequence[tuple[int, int]], *, request_id: str | None = None
) -> tuple[int, ...]:
    """Take events away: pairs of number and the version that was seen. Raises ``Stale``."""
    answers = work.lock(*(work.locked_row(CalendarEvent, number) for number, _ in versions))
    rows = [work.found(CalendarEvent, answer) for answer in answers]
    if any(row.version != seen for row, (_, seen) in zip(rows, versions, strict=True)):
        raise Stale
    for row in rows:
        work.delete(row)
    return tuple(number for number, _ in versions)


def taken_by(known: Catalogue, resource_id: int, taken: Taken) -> Conflict:
    """The reason that a claim is against an event."""
    is_provider = resource_id in known.providers
    shelf = known.providers if is_provider else known.operatories
    name = shelf[resource_id].name if resource_id in shelf else "…"
    kind = Kind.PROVIDER if is_provider else Kind.OPERATORY
    return Conflict(
        kind=Kind.EVENT if taken.source == EVENT else kind,
        span=taken.span,
        resource_id=resource_id,
        source=taken.source,
        source_id=taken.source_id,
        permission=None,
        message=N_("{resource} is taken by {who}."),
        params={"resource": name, "who": taken.who or "…"},
    )


def _claims(work: Work, wish: EventWish, span: Span) -> Statement:
    return booking.claims_within(work.store, [wish.resource_id], span, work.actor)


def _refuse(work: Work, resource_id: int, answers: Sequence[Rows], own: Sequence[int]) -> None:
    found = tuple(
        taken_by(work.catalogue, resource_id, claim)
        for answer in answers
        for claim in booking.taken(answer)
        if not (claim.source == EVENT and claim.source_id in own)
    )
    if found:
        work.give_up()
        raise Conflicted(found)


def _itself(_actor: Actor, number: int) -> int:
    return number


begin.again = _itself  # type: ignore[attr-defined]
