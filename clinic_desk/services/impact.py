"""What a change of hours, people or places would do to the visits that are booked already.

A visit is *newly refused* where the rules would not let it be booked any more, and did so
before. That is asked twice: before the lock, so that somebody can look at the visits and
decide, and again under it, for what was booked meanwhile. Only visits that begin later than
now and hold their time are asked about.

Which visits those are reckons :mod:`clinic_desk.services.misfits`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from clinic_desk.models.diary import Appointment
from clinic_desk.rules.conflicts import Conflict, Kind
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.lifecycle import HOLDING
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.catalogue import catalogue as newest
from clinic_desk.services.misfits import Standing, newly_refused
from clinic_desk.services.transaction import Rows, Statement

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.store import Store
    from clinic_desk.services.work import Work

MOST_SHOWN = 200
"""So many of the visits are read with names; the count is of all."""

PLACE_CLOSED = N_("{location} is not open for booking any more.")

Change = Callable[["Catalogue"], "Catalogue"]
"""Gives the catalogue as it would stand after the change."""


@dataclass(frozen=True, slots=True)
class ImpactLine:
    """A visit that would not fit any more, and why. The patient is not named
    without "Appointment Get All", nor where the actor may not see them.
    """

    id: int
    span: Span
    time_zone: str
    patient_name: str
    type_name: str
    provider_name: str
    reasons: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """All visits that a change would break; ``lines`` are the first of them, by time."""

    ids: frozenset[int]
    lines: tuple[ImpactLine, ...]

    @property
    def count(self) -> int:
        """How many visits."""
        return len(self.ids)


class WouldBreak(Refused):
    """Nothing was saved: visits that nobody has accepted yet would not fit any more;
    ``impact`` holds these and no others.
    """

    message = N_("Future appointments that would no longer fit: {count}.")
    way_out = N_("Look at them, then save anyway or go back.")

    def __init__(self, impact: Impact) -> None:
        super().__init__(count=impact.count)
        self.impact = impact


@dataclass(frozen=True, slots=True)
class Scope:
    """Which visits a change can concern at all: those of one provider, operatory, location or
    type; with nothing given, all of the organisation.
    """

    column: str = ""
    number: int = 0


def future(store: Store, organisation_id: int, scope: Scope, now: datetime) -> Statement:
    """Every visit after *now* that holds its time, for :func:`standing`."""
    second = "CAST(EXTRACT(EPOCH FROM {0}) AS bigint)" if store.dialect == "postgresql" else "{0}"
    marks = ", ".join("?" * len(HOLDING))
    values: list[object] = [organisation_id, r.stored(Appointment, "starts_at", now)]
    narrow = ""
    if scope.column:
        narrow = f" AND {r.column(Appointment, scope.column)} = ?"
        values.append(scope.number)
    return Statement(
        f"SELECT id, {second.format('starts_at')}, {second.format('ends_at')},"  # noqa: S608
        " provider_id, operatory_id, location_id, type_id FROM appointment"
        f" WHERE organisation_id = ? AND starts_at > ?{narrow} AND status IN ({marks})",
        (*values, *sorted(HOLDING)),
    )


def look(actor: Actor, scope: Scope, change: Change) -> Impact:
    """What *change* would break, as the diary stands now; two queries, however many visits."""
    before = newest(actor)
    asked = future(actor.store, actor.organisation_id, scope, datetime.now(UTC))
    visits = actor.store.rows(asked.sql, asked.parameters)
    after = change(before)
    return told(actor, after, newly_refused(before, after, visits))


def lock(
    work: Work, scope: Scope, change: Change, accept: Collection[int], *reads: Statement
) -> list[Rows]:
    """Take the work's lock, and give the answers to *reads*; refuse what *change* would break.

    Looks first, so that whoever has not accepted yet holds nobody up. Raises ``WouldBreak``
    with the visits that are not in *accept*.
    """
    asked = future(work.store, work.organisation_id, scope, work.now)
    (seen,) = work.look_ahead(asked)
    _refuse(work, newest(work.actor), change, seen, accept)
    *answers, visits = work.lock(*reads, asked)
    _refuse(work, work.catalogue, change, visits, accept)
    return answers


def _refuse(
    work: Work, before: Catalogue, change: Change, visits: Rows, accept: Collection[int]
) -> None:
    after = change(before)
    new = [v for v in newly_refused(before, after, visits) if v[0] not in accept]
    if new:
        work.give_up()
        raise WouldBreak(told(work.actor, after, new))


def told(actor: Actor, after: Catalogue, visits: Sequence[Standing]) -> Impact:
    """*visits* with names and with the reasons that *after* has against them."""
    first = sorted(visits, key=lambda v: (v[1], v[0]))[:MOST_SHOWN]
    names: dict[int, str] = {}
    if first and actor.may("Appointment Get All"):
        marks = ", ".join("?" * len(first))
        visible, who = patient_access.seen(actor)
        found = actor.store.rows(
            "SELECT a.id, p.first_name, p.last_name FROM appointment a"  # noqa: S608
            f" JOIN patient p ON p.id = a.patient_id WHERE a.id IN ({marks})"
            f" AND a.organisation_id = ? AND {visible}",
            (*(v[0] for v in first), actor.organisation_id, *who),
        )
        names = {n: booking.full_name(given, family) for n, given, family in found}
    return Impact(
        frozenset(v[0] for v in visits),
        tuple(_line(after, v, names.get(v[0], "")) for v in first),
    )


def _line(after: Catalogue, visit: Standing, name: str) -> ImpactLine:
    wanted = wanted_by(after, visit)
    return ImpactLine(
        visit[0],
        wanted.span,
        wanted.time_zone,
        name,
        after.types[wanted.type_id].name,
        after.providers[wanted.provider_id].name,
        against(after, wanted),
    )


def wanted_by(catalogue: Catalogue, visit: Standing) -> booking.Wanted:
    """The visit as a wish for its own place, without a patient."""
    number, start, end, provider_id, operatory_id, location_id, type_id = visit
    return booking.Wanted(
        span=Span(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)),
        before_minutes=0,
        after_minutes=0,
        provider_id=provider_id,
        operatory_id=operatory_id,
        patient_id=None,
        type_id=type_id,
        location_id=location_id,
        time_zone=catalogue.time_zone(location_id),
        ignore_id=number,
    )


def against(catalogue: Catalogue, wanted: booking.Wanted) -> tuple[Conflict, ...]:
    """Every reason of the place against a visit: hours, closed days, who may give what, and
    what is not offered any more. Other visits are not asked about.
    """
    found = booking.conflicts_of(catalogue, wanted, ())
    place = catalogue.locations.get(wanted.location_id or 0)
    if place is not None and not place.active:
        params = {"location": place.name, "zone": wanted.time_zone}
        found = (
            *found,
            Conflict(Kind.INACTIVE, None, None, None, None, None, PLACE_CLOSED, params),
        )
    return found
