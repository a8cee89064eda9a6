"""Series: a visit that comes back, and changing this one, this and those after it, or all.

A series is rows, one per date, up to two years ahead. First everything is checked and every
clash told; whoever asks chooses for each (leave it out, the next free time, another one); then
the visits are written some thirty at a time, each lot a deed that can be undone.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from clinic_desk.models.diary import Appointment, Series
from clinic_desk.models.people import Patient
from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import HOLDING, OPEN, Status
from clinic_desk.rules.recurrence import Rule, parse, plan
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view, journal, patient_access, series_rows
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import (
    Scope,
    SeriesCard,
    SeriesClash,
    SeriesDate,
    SeriesDone,
    SeriesPlan,
)
from clinic_desk.services.diary import KEEP, Keep
from clinic_desk.services.offer_cards import Seat
from clinic_desk.services.series_dates import judged
from clinic_desk.services.series_rows import CHUNK
from clinic_desk.services.work import query

T = TypeVar("T")

LONGEST_INTERVAL = 730
"""Days, weeks or months between two visits; more never comes back within two years."""


@query("Appointment Get All")
def preview(actor: Actor, appointment_id: int, rule: Rule) -> SeriesPlan:
    """The dates on which the visit would come back, each free or with all reasons against it
    and the next free time of its provider. The visit itself is the first and not listed.

    Raises ``NotFound``, ``Refused`` for a visit that is over or in a series, ``Invalid`` for
    a rule that makes no series.
    """
    if rule.interval > LONGEST_INTERVAL:
        message = N_("A series comes back within two years: its interval is {longest} at the most.")
        raise Invalid("interval", message, longest=LONGEST_INTERVAL)
    row = _row(actor, appointment_id)
    if row.series_id is not None or Status(row.status) not in OPEN:
        raise Refused(
            N_("Only a visit that is to come and belongs to no series can be repeated."),
            way_out=N_("Book a new visit and repeat that one."),
        )
    zone = clinic_time.zone(row.time_zone)
    found = plan(rule, clinic_time.wall(row.starts_at, zone), zone)
    minutes = Span(row.starts_at, row.ends_at).minutes
    seats = [_seat(row, Span.lasting(at, minutes)) for at in found.starts if at != row.starts_at]
    days = [clinic_time.wall(s.span.starts_at, zone).date() for s in seats]
    dates = [SeriesDate(day, seat) for day, seat in zip(days, seats, strict=True)]
    return SeriesPlan(tuple(judged(actor, row.patient_id, dates)), found.skipped)


def repeat(
    actor: Actor,
    appointment_id: int,
    rule: Rule,
    *,
    choices: Mapping[date, Seat | None] | None = None,
    request_id: str | None = None,
) -> SeriesDone:
    """Book the visit on every date of *rule*. *choices* says for single dates where else the
    visit goes (a seat, such as the next free one), or None: it is left out there.

    Raises ``SeriesClash`` with every date that cannot be had and was not chosen for: nothing
    is booked then. Raises as :func:`preview` and as booking does.
    """
    key = uuid.UUID(request_id) if request_id else uuid.uuid4()
    row = _row(actor, appointment_id)
    if row.series_id is not None and _carried_out(actor, key):
        return _as_it_stands(actor, row.series_id)
    given = choices or {}
    planned = preview(actor, appointment_id, rule)
    dates = [
        replace(d, seat=given.get(d.day, d.seat), reasons=()) if d.day in given else d
        for d in planned.dates
        if given.get(d.day, d.seat) is not None
    ]
    dates = judged(actor, row.patient_id, dates)
    if any(not d.free for d in dates):
        raise SeriesClash(tuple(d for d in dates if not d.free))
    if not dates:
        raise Invalid("rule", N_("No date is left to repeat the visit on."))
    begun = series_rows.begin(actor, str(rule), request_id=_key(key, "begin")).value
    ids, seqs, refused = [appointment_id], [], []
    for number, some in enumerate(_chunks(dates)):
        seats = [d.seat for d in some if d.seat is not None]
        try:
            done = series_rows.add(
                actor, appointment_id, begun, seats, request_id=_key(key, str(number))
            )
        except Conflicted:
            # Somebody was faster at one of these; the others of the lot stand where they may.
            refused += [d for d in judged(actor, row.patient_id, some) if not d.free]
            free = [d.seat for d in judged(actor, row.patient_id, some) if d.free and d.seat]
            if not free:
                continue
            done = series_rows.add(
                actor, appointment_id, begun, free, request_id=_key(key, f"{number} again")
            )
        ids += done.value
        seqs.append(done.seq)
    return SeriesDone(begun, tuple(ids), tuple(reversed(seqs)), tuple(refused))


@query("Appointment Get All")
def card(actor: Actor, appointment_id: int) -> SeriesCard:
    """The series of a visit; five queries. Raises ``NotFound``, also for a visit without one."""
    one = diary_view.appointment(actor, appointment_id)
    asked = r.by_id(Series, actor.organisation_id, one.series_id or 0)
    found = actor.store.rows(asked.sql, asked.parameters)
    if not found:
        raise NotFound
    person = r.by_id(Patient, actor.organisation_id, one.patient_id)
    patient = r.row(Patient, actor.store.rows(person.sql, person.parameters)[0])
    catalogue = actor.store.catalogue(actor.organisation_id)
    visits = (
        diary_view.card(catalogue, row, patient, one.main_problem)
        for row in _visits(actor, one.series_id or 0)
    )
    return SeriesCard(one.series_id or 0, parse(r.row(Series, found[0]).rule), tuple(visits))


@query("Appointment Get All")
def preview_change(
    actor: Actor,
    appointment_id: int,
    scope: Scope,
    *,
    span: Span | Keep = KEEP,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | None = KEEP,
    location_id: int | Keep | None = KEEP,
) -> SeriesPlan:
    """Where the visits of *scope* would go, and what stands against each.

    *span* is where the named visit goes: the others move by as many days, to the same wall
    time, and get the same length. What is over or past is left as it is.
    """
    row, members = _members(actor, appointment_id, scope)
    zone = clinic_time.zone(row.time_zone)
    goes = Span(row.starts_at, row.ends_at) if span is KEEP else booking.checked_span(span)
    there = clinic_time.wall(goes.starts_at, zone)
    by = there.date() - clinic_time.wall(row.starts_at, zone).date()
    given = {
        "provider_id": provider_id,
        "operatory_id": operatory_id,
        "location_id": location_id,
    }
    elsewhere: dict[str, Any] = {k: v for k, v in given.items() if v is not KEEP}
    if location_id is KEEP and elsewhere.get("operatory_id") is not None:
        elsewhere["location_id"] = None  # the room says where
    dates = []
    for one in members:
        day = clinic_time.wall(one.starts_at, zone).date() + by
        wall = datetime.combine(day, there.time())
        seat: Seat | None = None
        try:
            begins = clinic_time.resolve(wall, zone, fold=there.fold)
            begins = goes.starts_at if one.id == row.id else begins
            seat = replace(_seat(one, Span.lasting(begins, goes.minutes)), **elsewhere)
        except clinic_time.NoSuchTime:
            pass
        dates.append(SeriesDate(day, seat, appointment_id=one.id, version=one.version))
    together = [one.id for one in members]
    return SeriesPlan(tuple(judged(actor, row.patient_id, dates, together)))


def change(
    actor: Actor,
    appointment_id: int,
    scope: Scope,
    *,
    span: Span | Keep = KEEP,
    provider_id: int | Keep = KEEP,
    operatory_id: int | Keep | None = KEEP,
    location_id: int | Keep | None = KEEP,
    keep: Collection[int] = (),
    versions: Mapping[int, int] | None = None,
    request_id: str | None = None,
) -> SeriesDone:
    """Move the visits of *scope* as :func:`preview_change` says; the visits in *keep* stay.

    *versions* are those of the plan that was looked at: who was changed since then, or was not
    in it, is left and told. Raises ``SeriesClash`` with every date that cannot be had and is
    not kept: nothing is changed then. Raises ``Stale`` where the named visit was changed, or
    one of the others at this very moment.
    """
    planned = preview_change(
        actor,
        appointment_id,
        scope,
        span=span,
        provider_id=provider_id,
        operatory_id=operatory_id,
        location_id=location_id,
    )
    row, members = _members(actor, appointment_id, scope)
    left = _overtaken(actor, row, members, versions, keep)
    staying = {*keep, *(d.appointment_id for d in left)}
    dates = [d for d in planned.dates if d.appointment_id not in staying]
    going = [d.appointment_id for d in dates if d.appointment_id is not None]
    dates = judged(actor, row.patient_id, dates, going)
    if any(not d.free for d in dates):
        raise SeriesClash(tuple(d for d in dates if not d.free))
    stood = {one.id: one.starts_at for one in members}
    moves = [
        (d.appointment_id, d.version, d.seat)
        for d in dates
        if d.appointment_id is not None and d.seat is not None
    ]
    later = any(seat.span.starts_at > stood[number] for number, _, seat in moves)
    moves.sort(key=lambda move: stood[move[0]], reverse=later)  # nobody onto one still there
    key = uuid.UUID(request_id) if request_id else uuid.uuid4()
    ids: list[int] = []
    seqs: list[int] = []
    for number, some in enumerate(_chunks(moves)):
        try:
            done = series_rows.move(actor, some, request_id=_key(key, str(number)))
        except (Conflicted, Stale):
            if not seqs:
                raise
            break  # what is done stands; the rest is told
        ids += [moved for moved, _, _ in some]
        seqs.append(done.seq)
    others = [d for d in dates if d.appointment_id not in ids]
    refused = tuple(judged(actor, row.patient_id, others, going))
    return SeriesDone(row.series_id or 0, tuple(ids), tuple(reversed(seqs)), refused, left)


def cancel(
    actor: Actor,
    appointment_id: int,
    scope: Scope,
    *,
    reason: str = "",
    versions: Mapping[int, int] | None = None,
    request_id: str | None = None,
) -> SeriesDone:
    """Cancel the visits of *scope* that are to come; *versions* as for :func:`change`. Raises as
    :func:`series_rows.cancel`, ``Stale``.
    """
    row, members = _members(actor, appointment_id, scope)
    left = _overtaken(actor, row, members, versions, ())
    staying = {d.appointment_id for d in left}
    key = uuid.UUID(request_id) if request_id else uuid.uuid4()
    going = [(one.id, one.version) for one in members if one.id not in staying]
    seqs = [
        series_rows.cancel(actor, some, reason=reason, request_id=_key(key, str(number))).seq
        for number, some in enumerate(_chunks(going))
    ]
    ids = tuple(number for number, _ in going)
    return SeriesDone(row.series_id or 0, ids, tuple(reversed(seqs)), left=left)


def undo(actor: Actor, done: SeriesDone) -> None:
    """Take all deeds of one act back, the newest first."""
    for seq in done.seqs:
        journal.undo(actor, seq)


def _members(
    actor: Actor, appointment_id: int, scope: Scope
) -> tuple[Appointment, list[Appointment]]:
    """The visit, and those of the scope that are still to come, in order."""
    row = _row(actor, appointment_id)
    if row.series_id is None:
        raise Refused(
            N_("This visit belongs to no series."), way_out=N_("Change the visit itself.")
        )
    now = datetime.now(UTC)
    members = [
        one
        for one in _visits(actor, row.series_id)
        if Status(one.status) in HOLDING
        and one.status != Status.COMPLETED
        and (
            one.id == row.id
            or (scope is Scope.FOLLOWING and one.starts_at > row.starts_at)
            or (scope is Scope.ALL and one.starts_at > now)
        )
    ]
    if row.id not in {one.id for one in members}:
        raise Stale
    return row, members


def _overtaken(
    actor: Actor,
    row: Appointment,
    members: Sequence[Appointment],
    versions: Mapping[int, int] | None,
    keep: Collection[int],
) -> tuple[SeriesDate, ...]:
    """The visits that are otherwise than they were looked at, on the day where they stand now.
    Raises ``Stale`` where the named visit, by which the others go, is one of them.
    """
    if versions is None:
        return ()
    if versions.get(row.id) != row.version:
        raise Stale
    now = {one.id: one.version for one in members}
    changed = {n for n in {*now, *versions} if now.get(n) != versions.get(n)} - set(keep)
    zone = clinic_time.zone(row.time_zone)
    return tuple(
        SeriesDate(
            clinic_time.wall(one.starts_at, zone).date(),
            _seat(one, Span(one.starts_at, one.ends_at)),
            appointment_id=one.id,
            version=one.version,
        )
        for one in (_visits(actor, row.series_id or 0) if changed else ())
        if one.id in changed
    )


def _visits(actor: Actor, series_id: int) -> list[Appointment]:
    found = actor.store.rows(
        f"{r.selecting(Appointment)} WHERE series_id = ? AND organisation_id = ?"
        " ORDER BY starts_at, id",
        (series_id, actor.organisation_id),
    )
    return r.rows(Appointment, found)


def _row(actor: Actor, appointment_id: int) -> Appointment:
    found = actor.store.rows(*patient_access.row(actor, Appointment, appointment_id))
    if not found:
        raise NotFound
    return r.row(Appointment, found[0])


def _seat(row: Appointment, span: Span) -> Seat:
    return Seat(
        row.type_id,
        span,
        row.provider_id,
        row.location_id,
        row.operatory_id,
        row.before_minutes,
        row.after_minutes,
    )


def _carried_out(actor: Actor, key: uuid.UUID) -> bool:
    return bool(
        actor.store.rows(
            "SELECT 1 FROM deed WHERE organisation_id = ? AND COALESCE(actor_id, 0) = ?"
            " AND request_id = ?",
            (actor.organisation_id, actor.user_id or 0, _key(key, "begin")),
        )
    )


def _as_it_stands(actor: Actor, series_id: int) -> SeriesDone:
    found = actor.store.rows(
        "SELECT id FROM appointment WHERE series_id = ? AND organisation_id = ? ORDER BY starts_at",
        (series_id, actor.organisation_id),
    )
    deeds = actor.store.rows(
        "SELECT DISTINCT e.seq FROM deed_entity e JOIN deed d ON d.organisation_id ="
        " e.organisation_id AND d.seq = e.seq WHERE e.organisation_id = ? AND d.action ="
        " 'series.add' AND e.kind = 'appointment' AND e.entity_id IN"
        " (SELECT id FROM appointment WHERE series_id = ?) ORDER BY e.seq DESC",
        (actor.organisation_id, series_id),
    )
    return SeriesDone(series_id, tuple(n for (n,) in found), tuple(n for (n,) in deeds))


def _chunks(items: Sequence[T]) -> Iterator[list[T]]:
    for first in range(0, len(items), CHUNK):
        yield list(items[first : first + CHUNK])


def _key(key: uuid.UUID, part: str) -> str:
    """A request id for a part of an act, the same whenever the act is sent again."""
    return str(uuid.uuid5(key, part))
