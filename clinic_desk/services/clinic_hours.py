"""When providers work: the week, other hours on one day, and time off.

A week is written as one deed, however many pieces it has. Time off can always be entered, over
booked visits too; those stand in :func:`to_be_replaced` until they are moved or called off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from clinic_desk.models.catalogue import WorkException, WorkHours
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.rules.words import N_
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services import impact, misfits
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue, catalogue
from clinic_desk.services.clinic_cards import DayCard
from clinic_desk.services.impact import Change, Impact, Scope
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

MOST_DAYS = 92
"""So many days one time off may have: a quarter of a year."""

LONGEST_REASON = 200

DAY = timedelta(days=1)


@query("Location Show")
def days(actor: Actor, provider_id: int) -> tuple[DayCard, ...]:
    """The exceptions of a provider from yesterday on, by day; one query."""
    yesterday = (datetime.now(UTC) - DAY).date()
    asked = _days_from(actor.organisation_id, provider_id, yesterday)
    return _cards(r.rows(WorkException, actor.store.rows(asked.sql, asked.parameters)))


@command("Hours Update", action="hours.week")
def set_week(
    work: Work,
    provider_id: int,
    *,
    before: tuple[Weekly, ...],
    weekly: tuple[Weekly, ...],
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> tuple[Weekly, ...]:
    """Give a provider these weekly hours; *before* are those that were shown.

    Raises ``WouldBreak`` for visits that are not in *accept*, ``Invalid`` where pieces overlap
    or have no location, ``Stale`` with the present hours.
    """
    tidy = fields.tidy_week("hours", weekly)
    (found,) = impact.lock(
        work,
        Scope("provider_id", provider_id),
        as_week(provider_id, tidy),
        accept,
        Statement(
            f"{r.selecting(WorkHours)} WHERE organisation_id = ? AND provider_id = ?",
            (work.organisation_id, provider_id),
        ),
    )
    known = work.catalogue
    standing = r.rows(WorkHours, found)
    now = fields.in_order(_weekly(row) for row in standing)
    if now != fields.in_order(before):
        raise Stale(now)
    for piece in tidy:
        if piece.location_id is None:
            raise Invalid("hours", N_("Say at which location these hours are."))
        fields.known("hours", piece.location_id, known.locations)
        fields.known("hours", piece.operatory_id, known.operatories)
    fields.rewrite(
        work,
        standing,
        tidy,
        _weekly,
        lambda w: work.create(
            WorkHours,
            provider_id=provider_id,
            location_id=w.location_id,
            weekday=w.weekday,
            starts_minute=w.starts_minute,
            ends_minute=w.ends_minute,
            weeks=w.weeks,
            operatory_id=w.operatory_id,
            version=1,
        ),
    )
    return tidy


@command("Hours Update", action="hours.day")
def set_day(
    work: Work,
    provider_id: int,
    day: date,
    *,
    before: tuple[OneDay, ...],
    hours: tuple[OneDay, ...],
    reason: str = "",
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> tuple[DayCard, ...]:
    """Give a provider these only hours on *day*; none takes the exception away, so that the
    weekly ones hold again. *before* are the exceptions of that day that were shown.

    Raises ``WouldBreak`` for visits that are not in *accept*, ``Invalid`` where hours overlap,
    ``Stale`` with the present exceptions.
    """
    reason = fold.clean("reason", reason, longest=LONGEST_REASON)
    tidy = _tidy_day(day, hours)
    (found,) = impact.lock(
        work,
        Scope("provider_id", provider_id),
        as_days(provider_id, [day], tidy),
        accept,
        _of_days(work.organisation_id, provider_id, day, day),
    )
    standing = r.rows(WorkException, found)
    if {c.hours for c in _cards(standing)} != set(before):
        raise Stale(_cards(standing))
    for one in tidy:
        fields.known("hours", one.location_id, work.catalogue.locations)
    for row in standing:
        work.delete(row)
    return _cards(_create(work, provider_id, one, reason) for one in tidy)


@command("Hours Update", action="hours.off")
def take_off(
    work: Work,
    provider_id: int,
    first: date,
    last: date,
    *,
    reason: str = "",
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> tuple[DayCard, ...]:
    """A provider is absent from *first* to *last*, both included, whatever is booked; days
    without any hours need nothing. Exceptions of those days give way.

    Raises ``WouldBreak`` with the visits to be re-placed that are not in *accept*, ``Invalid``
    for days in the wrong order or too many.
    """
    reason = fold.clean("reason", reason, longest=LONGEST_REASON)
    wanted = _days_between(first, last)
    absent = tuple(OneDay(day) for day in wanted)
    (found,) = impact.lock(
        work,
        Scope("provider_id", provider_id),
        as_days(provider_id, wanted, absent),
        accept,
        _of_days(work.organisation_id, provider_id, first, last),
    )
    standing = r.rows(WorkException, found)
    kept = {row.day: row for row in standing if _card(row).hours == OneDay(row.day)}
    for row in standing:
        if row is not kept.get(row.day):
            work.delete(row)
    for row in kept.values():
        work.change(row, reason=reason or row.reason)
    made = [_create(work, provider_id, one, reason) for one in absent if one.day not in kept]
    if not made and not standing:
        raise Refused(N_("Nothing to enter."), way_out=N_("Choose other days."))
    return _cards([*kept.values(), *made])


@command("Hours Update", action="hours.back")
def put_back(
    work: Work,
    provider_id: int,
    first: date,
    last: date,
    *,
    before: tuple[OneDay, ...],
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> None:
    """The weekly hours of a provider hold again from *first* to *last*, both included; *before*
    are the exceptions of those days that were shown.

    Raises ``WouldBreak`` for visits that are not in *accept* (other hours on a free day are
    gone), ``Invalid`` as :func:`take_off`, ``Stale`` with the present exceptions.
    """
    wanted = _days_between(first, last)
    (found,) = impact.lock(
        work,
        Scope("provider_id", provider_id),
        as_days(provider_id, wanted, ()),
        accept,
        _of_days(work.organisation_id, provider_id, first, last),
    )
    standing = r.rows(WorkException, found)
    if {c.hours for c in _cards(standing)} != set(before):
        raise Stale(_cards(standing))
    for row in standing:
        work.delete(row)


@query("Appointment Get All")
def to_be_replaced(actor: Actor) -> Impact:
    """Every future visit that its place refuses today: the provider is away, the clinic is
    closed, something is not in use any more. Two queries, however many visits.
    """
    known = catalogue(actor)
    asked = impact.future(actor.store, actor.organisation_id, Scope(), datetime.now(UTC))
    visits = actor.store.rows(asked.sql, asked.parameters)
    return impact.told(actor, known, misfits.refused(known, visits))


# What the catalogue would be -----------------------------------------------------------------


def as_week(provider_id: int, weekly: tuple[Weekly, ...]) -> Change:
    """The catalogue with these weekly hours of a provider."""

    def change(known: Catalogue) -> Catalogue:
        if provider_id not in known.providers:
            raise NotFound
        return replace(known, work_hours={**known.work_hours, provider_id: weekly})

    return change


def as_days(provider_id: int, wanted: Iterable[date], hours: tuple[OneDay, ...]) -> Change:
    """The catalogue with *hours* as the only exceptions of a provider on the *wanted* days."""
    gone = frozenset(wanted)

    def change(known: Catalogue) -> Catalogue:
        if provider_id not in known.providers:
            raise NotFound
        kept = (e for e in known.work_exceptions.get(provider_id, ()) if e.day not in gone)
        return replace(
            known, work_exceptions={**known.work_exceptions, provider_id: (*kept, *hours)}
        )

    return change


def _days_between(first: date, last: date) -> list[date]:
    if last < first:
        raise Invalid("last", N_("The last day is before the first one."))
    if (last - first).days >= MOST_DAYS:
        raise Invalid("last", N_("Enter {most} days at a time at most."), most=MOST_DAYS)
    return [first + n * DAY for n in range((last - first).days + 1)]


def _tidy_day(day: date, hours: tuple[OneDay, ...]) -> tuple[OneDay, ...]:
    found = tuple(sorted(set(hours), key=lambda h: (h.starts_minute or 0, h.location_id or 0)))
    if any(one.day != day for one in found):
        raise Invalid("hours", N_("These hours are of another day."))
    at = [h for h in found if h.starts_minute is not None]
    for one, other in pairwise(at):
        if (other.starts_minute or 0) < (one.ends_minute or 0):
            raise Invalid("hours", fields.OVERLAP)
    return found


def _days_from(organisation_id: int, provider_id: int, first: date) -> Statement:
    return _of_days(organisation_id, provider_id, first, date(2200, 1, 1))


def _of_days(organisation_id: int, provider_id: int, first: date, last: date) -> Statement:
    return Statement(
        f"{r.selecting(WorkException)} WHERE organisation_id = ? AND provider_id = ?"
        " AND day >= ? AND day <= ? ORDER BY day, id",
        (
            organisation_id,
            provider_id,
            r.stored(WorkException, "day", first),
            r.stored(WorkException, "day", last),
        ),
    )


def _create(work: Work, provider_id: int, one: OneDay, reason: str) -> WorkException:
    return work.create(
        WorkException,
        provider_id=provider_id,
        location_id=one.location_id,
        day=one.day,
        starts_minute=one.starts_minute,
        ends_minute=one.ends_minute,
        reason=reason,
        version=1,
    )


def _cards(rows: Iterable[WorkException]) -> tuple[DayCard, ...]:
    cards = map(_card, rows)
    return tuple(sorted(cards, key=lambda c: (c.hours.day, c.hours.starts_minute or 0, c.id)))


def _card(row: WorkException) -> DayCard:
    hours = OneDay(row.day, row.starts_minute, row.ends_minute, location_id=row.location_id)
    return DayCard(row.id, hours, row.reason)


def _weekly(row: WorkHours) -> Weekly:
    return Weekly(
        row.weekday,
        row.starts_minute,
        row.ends_minute,
        weeks=row.weeks,
        location_id=row.location_id,
        operatory_id=row.operatory_id,
    )
