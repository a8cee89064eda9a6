"""Calendar events as the clinic plans them: team meetings, training, upkeep, coming back too.

A series is rows, one per date, up to two years ahead. First every date is looked at; where the
time is taken the dates are named, and left out once that is accepted. Then the events are
written some thirty at a time (:mod:`clinic_desk.services.clinic_event_rows`). One single event
of a series is moved or taken away in the calendar; here it is all of those to come.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from clinic_desk.models.diary import CalendarEvent
from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, Taken
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound, Stale
from clinic_desk.rules.recurrence import Rule, parse, plan
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import bits, booking, claims, diary_view, lengths
from clinic_desk.services import clinic_event_rows as event_rows
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.catalogue import catalogue as newest
from clinic_desk.services.clinic_event_cards import EventDraft, PlannedEvent, TakenDates
from clinic_desk.services.clinic_event_rows import EVENT, EventWish, taken_by
from clinic_desk.services.impact import MOST_SHOWN, Impact, ImpactLine
from clinic_desk.services.work import query

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

T = TypeVar("T")

CHUNK = 30
"""So many events in a deed, since no deed may hold the lock for long."""

DAY = timedelta(days=1)


@query("Appointment Get All")
def planned(actor: Actor) -> tuple[PlannedEvent, ...]:
    """All events that are to come, each series as one, by the next date; one query."""
    return tuple(_planned(actor))


@query("Appointment Get All")
def planned_one(actor: Actor, event_id: int) -> PlannedEvent:
    """What is to come of the event, or of its series. Raises ``NotFound``."""
    asked = r.by_id(CalendarEvent, actor.organisation_id, event_id)
    found = actor.store.rows(asked.sql, asked.parameters)
    if not found:
        raise NotFound
    row = r.row(CalendarEvent, found[0])
    key = row.series_id or -row.id
    return next(iter(_planned(actor, key)), None) or _only(row)


def add(
    actor: Actor,
    draft: EventDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> Done[int]:
    """Write the event, on every date of its rule; gives the number of the first.

    Raises ``TakenDates`` with every date that is taken and not in *accept* (those are left
    out), ``Invalid`` for what makes no event or no series.
    """
    wish, spans = _wanted(newest(actor), draft)
    free = _free(actor, wish, spans, accept)
    if not free:
        raise Invalid("rule", N_("No date is left for this event."))
    key = uuid.UUID(request_id) if request_id else uuid.uuid4()
    if draft.rule is None:
        made = event_rows.write(actor, wish, None, free, request_id=str(key))
        return Done(made.value[0], made.seq, made.changed)
    begun = event_rows.begin(actor, str(draft.rule), request_id=_key(key, "begin")).value
    done: list[Done[tuple[int, ...]]] = []
    for number, some in enumerate(_chunks(free)):
        try:
            made = event_rows.write(actor, wish, begun, some, request_id=_key(key, str(number)))
        except Conflicted:
            # Somebody was faster at one of these; the others stand.
            left = [s for s in some if s not in dict(_clashes(actor, wish, some, ()))]
            if not left:
                continue
            again = _key(key, f"{number} again")
            made = event_rows.write(actor, wish, begun, left, request_id=again)
        done.append(made)
    if not done:
        raise Stale
    changed = tuple(one for made in done for one in made.changed)
    return Done(done[0].value[0], done[-1].seq, changed, earlier=_earlier(done))


def change(
    actor: Actor,
    before: PlannedEvent,
    draft: EventDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> Done[int]:
    """Give all that is to come of *before* the title, the people and the times of *draft*; a
    single event its day too. The dates of a series stay, so the draft's rule is not read.

    Raises ``TakenDates`` for dates that are taken and not in *accept* (there it stays as it
    was), ``Invalid``, ``Stale`` where somebody changed the next one.
    """
    rows = _rows(actor, before)
    moves = [(row, _moved(row, before, draft, newest(actor))) for row in rows]
    wish, _spans = _wanted(newest(actor), replace(draft, rule=None))
    own = {row.id for row in rows}
    free = set(_free(actor, wish, [span for _row, span in moves], accept, own))
    going = [
        (row.id, row.version, span)
        for row, span in moves
        if span in free and not _stands(row, wish, span)
    ]
    key = uuid.UUID(request_id) if request_id else uuid.uuid4()
    done = [
        event_rows.rewrite(actor, wish, some, request_id=_key(key, str(number)))
        for number, some in enumerate(_chunks(going))
    ]
    changed = tuple(one for made in done for one in made.changed)
    seq = done[-1].seq if done else 0
    return Done(before.card.id, seq, changed, earlier=_earlier(done))


def remove(actor: Actor, before: PlannedEvent, *, request_id: str | None = None) -> Done[None]:
    """Take all that is to come of an event away; what has been stays. Raises ``Stale``."""
    key = uuid.UUID(request_id) if request_id else uuid.uuid4()
    versions = [(row.id, row.version) for row in _rows(actor, before)]
    done = [
        event_rows.clear(actor, some, request_id=_key(key, str(number)))
        for number, some in enumerate(_chunks(versions))
    ]
    changed = tuple(one for made in done for one in made.changed)
    return Done(None, done[-1].seq if done else 0, changed, earlier=_earlier(done))


def _earlier(done: Sequence[Done[Any]]) -> tuple[int, ...]:
    return tuple(made.seq for made in done[:-1] if made.changed)


# What is to come --------------------------------------------------------------------------------


def _planned(actor: Actor, key: int | None = None) -> Iterator[PlannedEvent]:
    now = datetime.now(UTC)
    since = r.stored(CalendarEvent, "starts_at", now - 366 * DAY)
    ends = r.stored(CalendarEvent, "ends_at", now)
    narrow = "" if key is None else " AND COALESCE(series_id, -id) = ?"
    names = ", ".join(f"e.{name}" for name in r.columns(CalendarEvent))
    found = actor.store.rows(
        f"SELECT {names}, g.many, g.last_at, s.rule FROM calendar_event e"  # noqa: S608
        " JOIN (SELECT COALESCE(series_id, -id) AS of_it, MIN(starts_at) AS first_at,"
        " MAX(starts_at) AS last_at, COUNT(*) AS many FROM calendar_event"
        f" WHERE organisation_id = ? AND starts_at > ? AND ends_at > ?{narrow}"
        " GROUP BY COALESCE(series_id, -id)) g"
        " ON g.of_it = COALESCE(e.series_id, -e.id) AND g.first_at = e.starts_at"
        " LEFT JOIN series s ON s.id = e.series_id"
        " WHERE e.organisation_id = ? AND e.starts_at > ? ORDER BY e.starts_at, e.id",
        (
            actor.organisation_id,
            since,
            ends,
            *(() if key is None else (key,)),
            actor.organisation_id,
            since,
        ),
    )
    width = len(r.columns(CalendarEvent))
    for values in found:
        row = r.row(CalendarEvent, values[:width])
        many, last_at, rule = values[width:]
        last = CalendarEvent.starts_at.python_value(last_at)
        day = clinic_time.wall(last, clinic_time.zone(row.time_zone)).date()
        card = diary_view.event_card(row)
        yield PlannedEvent(card, parse(rule) if rule else None, int(many), day)


def _only(row: CalendarEvent) -> PlannedEvent:
    """An event that has been, with nothing to come."""
    day = clinic_time.wall(row.starts_at, clinic_time.zone(row.time_zone)).date()
    return PlannedEvent(diary_view.event_card(row), None, 1, day)


def _rows(actor: Actor, before: PlannedEvent) -> list[CalendarEvent]:
    """All of it that is to come. Raises ``Stale`` where the next one is another by now."""
    card = before.card
    column, number = ("series_id", card.series_id) if card.series_id else ("id", card.id)
    found = actor.store.rows(
        f"{r.selecting(CalendarEvent)} WHERE organisation_id = ? AND {column} = ?"
        " AND starts_at >= ? ORDER BY starts_at, id",
        (
            actor.organisation_id,
            number,
            r.stored(CalendarEvent, "starts_at", card.span.starts_at),
        ),
    )
    rows = r.rows(CalendarEvent, found)
    if not rows or (rows[0].id, rows[0].version) != (card.id, card.version):
        raise Stale(diary_view.event_card(rows[0]) if rows else None)
    return rows


# What is wanted ---------------------------------------------------------------------------------


def _wanted(known: Catalogue, draft: EventDraft) -> tuple[EventWish, list[Span]]:
    title = fold.clean("title", draft.title, longest=lengths.TITLE)
    if not title:
        raise Invalid("title", N_("A calendar event needs a title."))
    if draft.resource_id in known.operatories:
        location: int | None = known.operatories[draft.resource_id].location_id
    elif draft.resource_id in known.providers:
        location = known.usual_location(draft.resource_id, draft.day)
    else:
        raise Invalid("resource_id", N_("Choose a provider or an operatory."))
    wish = EventWish(title, draft.resource_id, location, known.time_zone(location))
    first = _span(draft, draft.day, wish.time_zone)
    if draft.rule is None:
        return wish, [first]
    zone = clinic_time.zone(wish.time_zone)
    found = plan(_checked(draft.rule), clinic_time.wall(first.starts_at, zone), zone)
    minutes = first.minutes
    return wish, [Span.lasting(at, minutes) for at in found.starts]


def _checked(rule: Rule) -> Rule:
    if rule.interval > 2 * 366:
        raise Invalid("interval", N_("A series comes back within two years."))
    return rule


def _span(draft: EventDraft, day: date, time_zone: str) -> Span:
    if not 0 <= draft.starts_minute < draft.ends_minute <= 24 * 60:
        raise Invalid("ends_minute", N_("These hours end before they begin."))
    zone = clinic_time.zone(time_zone)
    span = clinic_time.minute_span(day, draft.starts_minute, draft.ends_minute, zone)
    if span is None:
        raise Invalid("starts_minute", N_("The clocks skip this time on that day."))
    return booking.stored_span(span)


def _moved(row: CalendarEvent, before: PlannedEvent, draft: EventDraft, known: Catalogue) -> Span:
    zone = row.time_zone
    day = clinic_time.wall(row.starts_at, clinic_time.zone(zone)).date()
    if before.card.series_id is None:
        _wish, (span,) = _wanted(known, replace(draft, rule=None))
        return span
    return _span(draft, day, zone)


def _stands(row: CalendarEvent, wish: EventWish, span: Span) -> bool:
    """Whether the event is so already."""
    return (row.title, row.resource_id, row.starts_at, row.ends_at) == (
        wish.title,
        wish.resource_id,
        span.starts_at,
        span.ends_at,
    )


# What is in the way -----------------------------------------------------------------------------


def _free(
    actor: Actor,
    wish: EventWish,
    spans: Sequence[Span],
    accept: Collection[int],
    own: Collection[int] = (),
) -> list[Span]:
    """The spans that are free. Raises ``TakenDates`` for others that are not in *accept*."""
    zone = clinic_time.zone(wish.time_zone)
    taken = dict(_clashes(actor, wish, spans, own))
    days = {span: clinic_time.wall(span.starts_at, zone).date().toordinal() for span in taken}
    new = [span for span in taken if days[span] not in accept]
    if new:
        known = newest(actor)
        lines = tuple(_line(known, wish, span, taken[span]) for span in new[:MOST_SHOWN])
        raise TakenDates(Impact(frozenset(days[span] for span in new), lines))
    return [span for span in spans if span not in taken]


def _clashes(
    actor: Actor, wish: EventWish, spans: Sequence[Span], own: Collection[int]
) -> Iterator[tuple[Span, list[Taken]]]:
    """The spans in which the time is taken, and by whom; few queries, and one for each of them."""
    places = [
        (wish.resource_id, bits.minute(s.starts_at), bits.minute_up(s.ends_at)) for s in spans
    ]
    busy = [(begin, end) for _n, begin, end in claims.claims_in(actor.store, places)]
    for span, (_n, begin, end) in zip(spans, places, strict=True):
        if not any(b < end and e > begin for b, e in busy):
            continue
        asked = booking.claims_within(actor.store, [wish.resource_id], span, actor)
        found = booking.taken(actor.store.rows(asked.sql, asked.parameters))
        there = [t for t in found if not (t.source == EVENT and t.source_id in own)]
        if there:
            yield span, there


def _line(known: Catalogue, wish: EventWish, span: Span, taken: Sequence[Taken]) -> ImpactLine:
    visit = next((t for t in taken if t.source in (APPOINTMENT, EXTRA)), None)
    reasons = tuple(taken_by(known, wish.resource_id, t) for t in taken)
    return ImpactLine(
        visit.source_id if visit is not None else 0,
        span,
        wish.time_zone,
        taken[0].who,
        "",
        reasons[0].params["resource"],
        reasons,
    )


def _chunks(items: Sequence[T]) -> Iterator[list[T]]:
    for first in range(0, len(items), CHUNK):
        yield list(items[first : first + CHUNK])


def _key(key: uuid.UUID, part: str) -> str:
    """A request id for a part of an act, the same whenever the act is sent again."""
    return str(uuid.uuid5(key, part))
