"""May this time be taken? The one decision behind booking, moving, approving and undoing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from clinic_desk.models.catalogue import Permit
from clinic_desk.models.claims import Claim
from clinic_desk.models.diary import Appointment, AppointmentExtra
from clinic_desk.rules import clinic_time, conflicts, fold
from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, Conflict, Kind, Taken
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound, Refused
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import lengths, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.cards import Origin, Override
from clinic_desk.services.catalogue import catalogue as newest_catalogue
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Rows, Statement

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.work import Work

LONGEST = 24 * 60
"""No appointment lasts longer than this, in minutes."""

FIRST, LAST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
"""A buffer's day inside what the database takes for a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit that somebody wants to put somewhere; ``ignore_id`` is itself when it moves."""

    span: Span
    before_minutes: int
    after_minutes: int
    provider_id: int
    operatory_id: int | None
    patient_id: int | None
    type_id: int
    location_id: int | None
    time_zone: str
    patient_name: str = ""
    ignore_id: int | None = None

    @property
    def resources(self) -> list[int]:
        """The numbers of all whose time it takes."""
        return [n for n in (self.provider_id, self.operatory_id, self.patient_id) if n is not None]


REACH = N_("The calendar reaches from 1900 to 2200.")
WHOLE_MINUTE = N_("An appointment starts and ends on a whole minute.")


def stored_span(span: Span, whole_minute: str = WHOLE_MINUTE) -> Span:
    """*span* in whole minutes of years that the database knows. Raises ``Invalid``."""
    if any(at.second or at.microsecond for at in (span.starts_at, span.ends_at)):
        raise Invalid("span", whole_minute)
    if span.starts_at < FIRST or span.ends_at > LAST:
        raise Invalid("span", REACH)
    return span


def checked_span(span: Span) -> Span:
    """*span* as :func:`stored_span`. Raises ``Invalid`` where it makes no visit."""
    stored_span(span)
    if span.minutes > LONGEST:
        raise Invalid("span", N_("An appointment lasts 24 hours at the most."))
    return span


_OF_A_CLAIM = ("resource_id", "starts_at", "ends_at", "source", "source_id", "permit_id")

_NAMED = (
    "SELECT {columns}, a.id, a.starts_at, a.ends_at, p.last_name, p.first_name, e.title"
    " FROM {claims} c"
    " LEFT JOIN appointment_extra x ON c.source = 'x' AND x.id = c.source_id"
    " LEFT JOIN appointment a ON a.id ="
    " CASE c.source WHEN 'a' THEN c.source_id WHEN 'x' THEN x.appointment_id END"
    " LEFT JOIN patient p ON p.id = a.patient_id AND {visible}"
    " LEFT JOIN calendar_event e ON c.source = 'e' AND e.id = c.source_id"
)
"""Claims with the visit or event behind each; where the time is free it costs nothing. A
patient whom the reader may not see is not named.
"""


def catalogue_with(
    actor: Actor,
    *,
    type_ids: Iterable[int | None] = (),
    provider_ids: Iterable[int | None] = (),
    operatory_ids: Iterable[int | None] = (),
    location_ids: Iterable[int | None] = (),
    resource_ids: Iterable[int | None] = (),
) -> Catalogue:
    """The organisation's catalogue, in which all of these stand (None stands for nothing);
    a resource is a provider or an operatory.

    Read anew where one is missing, for it may have been made at another desk a moment ago.
    Raises ``NotFound`` for what is not the organisation's.
    """
    given = (type_ids, provider_ids, operatory_ids, location_ids, resource_ids)
    wanted = [set(ids) - {None} for ids in given]

    def holds(known: Catalogue) -> bool:
        rooms, providers = known.operatories.keys(), known.providers.keys()
        shelves = (known.types, providers, rooms, known.locations, rooms | providers)
        return all(ids <= set(shelf) for ids, shelf in zip(wanted, shelves, strict=True) if ids)

    known = actor.store.catalogue(actor.organisation_id)
    if not holds(known):
        known = newest_catalogue(actor)
    if not holds(known):
        raise NotFound
    return known


def claims_within(
    store: Store, resource_ids: Sequence[int], span: Span, reader: Actor | None = None
) -> Statement:
    """The claims of these resources that overlap *span*, for :func:`taken`; those patients are
    named whom *reader* may see, nobody without one.
    """
    visible, who = patient_access.seen(reader, "a.patient_id") if reader else ("1 = 0", [])
    begin, end = (r.stored(Claim, "starts_at", t) for t in (span.starts_at, span.ends_at))
    names = ", ".join(f"c.{name}" for name in _OF_A_CLAIM)
    if store.dialect == "postgresql":
        return Statement(
            _NAMED.format(columns=names, claims="claim", visible=visible)
            + " WHERE c.resource_id = ANY(?::bigint[])"
            " AND tstzrange(c.starts_at, c.ends_at) && tstzrange(?::timestamptz, ?::timestamptz)",
            (*who, list(resource_ids), begin, end),
        )
    marks = ", ".join("?" * len(resource_ids)) or "NULL"
    select = r.selecting(Claim)
    found = (
        f"({select} WHERE resource_id IN ({marks}) AND starts_at < ? AND ends_at > ?"
        f" AND starts_at > ? - 86400 UNION {select} WHERE resource_id IN ({marks})"
        " AND ends_at - starts_at > 86400 AND starts_at < ? AND ends_at > ?)"
    )
    return Statement(
        _NAMED.format(columns=names, claims=found, visible=visible),
        (*resource_ids, end, begin, begin, *resource_ids, end, begin, *who),
    )


def claims_for(actor: Actor, wanted: Wanted, choice: Sequence[int] = ()) -> Statement:
    """The claims that stand against *wanted*, its own buffers counted, as *actor* may be told
    of them; and those on the rooms of *choice*.
    """
    padded = wanted.span.padded(wanted.before_minutes, wanted.after_minutes)
    return claims_within(actor.store, [*wanted.resources, *choice], padded, actor)


def taken(found: Rows) -> list[Taken]:
    """Answers to :func:`claims_within` as the rules see them, each saying whose it is.

    An extra is told by the number of its appointment, as the appointment itself is.
    """
    instant = Claim.starts_at.python_value
    out = []
    for values in found:
        number, begins, ends, source, source_id, permit_id = values[: len(_OF_A_CLAIM)]
        visit_id, *visit, last, first, title = values[len(_OF_A_CLAIM) :]
        out.append(
            Taken(
                number,
                Span(instant(begins), instant(ends)),
                source,
                source_id if visit_id is None else visit_id,
                shared=permit_id is not None,
                who=title or full_name(first or "", last or ""),
                visit=Span(*map(instant, visit)) if source == APPOINTMENT and visit_id else None,
            )
        )
    return out


def conflicts_of(
    catalogue: Catalogue, wanted: Wanted, claims: Sequence[Taken]
) -> tuple[Conflict, ...]:
    """Every reason against *wanted*; its own claims and extras do not count."""
    own = [
        (source, wanted.ignore_id)
        for source in (APPOINTMENT, EXTRA)
        if wanted.ignore_id is not None
    ]
    return conflicts.find(
        conflicts.Proposal(
            span=wanted.span,
            before_minutes=wanted.before_minutes,
            after_minutes=wanted.after_minutes,
            provider_id=wanted.provider_id,
            operatory_id=wanted.operatory_id,
            patient_id=wanted.patient_id,
        ),
        claims,
        _place_of(catalogue, wanted),
        own=own,
    )


@lru_cache(maxsize=4)
def _place_of(catalogue: Catalogue, wanted: Wanted) -> conflicts.Place:
    """What the catalogue says of the wished place and time.

    Asked before the lock and again under it; a catalogue that did not change in between is
    the same object, so the second answer is the first.
    """
    zone = clinic_time.zone(wanted.time_zone)
    days = clinic_time.days(wanted.span, zone)
    provider = catalogue.providers[wanted.provider_id]
    operatory = catalogue.operatories.get(wanted.operatory_id or 0)
    location = catalogue.locations.get(wanted.location_id or 0)
    kind = catalogue.types[wanted.type_id]
    closed = [
        name for day in days if (name := catalogue.closed_name(wanted.location_id, day)) is not None
    ]
    return conflicts.Place(
        provider_hours=tuple(
            span
            for location_id, span in catalogue.provider_hours(wanted.provider_id, days, zone)
            if wanted.location_id is None or location_id == wanted.location_id
        ),
        clinic_hours=catalogue.clinic_spans(wanted.location_id, days, zone),
        closed_day=closed[0] if closed else None,
        qualified=catalogue.qualified(wanted.provider_id, wanted.type_id),
        type_active=kind.active,
        provider_name=provider.name,
        operatory_name=operatory.name if operatory else "",
        patient_name=wanted.patient_name,
        type_name=kind.name,
        time_zone=wanted.time_zone,
        provider_active=provider.active,
        operatory_active=operatory.active if operatory else True,
        gone_location=location.name if location and not location.active else "",
    )


def full_name(first: str, last: str) -> str:
    """A patient's name as lists show it."""
    return f"{last}, {first}" if first and last else last or first


def settle(
    work: Work, wanted: Wanted, claims: Sequence[Taken], override: Override | None
) -> Permit | None:
    """Decide under the lock. Gives the permit when the visit is squeezed in on purpose.

    Raises ``Conflicted`` with every reason, ``NotAllowed`` when an override is asked for
    that the actor may not give, ``Refused`` when the organisation allows no overbooking.
    """
    found = conflicts_of(work.catalogue, wanted, claims)
    if not found:
        return None
    if override is None or any(c.permission is None for c in found):
        work.give_up()
        raise Conflicted(found)
    reason = fold.clean("reason", override.reason, lines=True, longest=lengths.REASON)
    if not reason:
        raise Invalid("reason", N_("Setting a refusal aside needs a reason."))
    if work.actor.origin is not Origin.DESK:
        raise Refused(N_("Only the desk may set a refusal aside."))
    for conflict in found:
        work.require(conflict.permission or "")
    work.reason = reason
    squeezed = [c for c in found if c.kind in {Kind.PROVIDER, Kind.OPERATORY}]
    if not squeezed:
        return None
    if not work.catalogue.organisation.overbooking:
        raise Refused(
            N_("Your organisation does not allow overbooking."),
            way_out=N_("Choose another time, provider or room."),
        )
    permit = work.create(Permit, user_id=work.actor.user_id, reason=reason, granted_at=work.now)
    neighbours = sorted({c.source_id for c in squeezed if c.source_id is not None})
    reads = [work.locked_row(Appointment, n) for n in neighbours]
    for answer in work.look_again(*reads):
        neighbour = work.found(Appointment, answer)
        if neighbour.permit_id is None:
            work.change(neighbour, permit_id=permit.id)
    return permit


def marked(row: Appointment) -> Appointment | None:
    """*row* as it stands before a change, for :func:`unmark`; None where it shares no time."""
    return None if row.permit_id is None else Appointment(**row.__data__)


def unmark(work: Work, *before: Appointment | None) -> None:
    """After visits have left where they stood *before*: take the mark off each visit there,
    and off those that moved, whose time nobody shares any more.

    Who stands beside whom is a matter of time and not of the permit's number: one visit may
    be squeezed in between two, and the permits of two may meet in a third.
    """
    left = [row for row in before if row is not None]
    if not left:
        return
    moved = {row.id: row for row in work.written.values() if isinstance(row, Appointment)}
    extras = _extras(work, [*moved])
    old = [claim for row in left for claim in _claims_of(row, extras)]
    near = {t.source_id for t in _beside(work, old)} - moved.keys()
    answers = work.look_again(*(work.locked_row(Appointment, n) for n in sorted(near)))
    staying = [work.found(Appointment, answer) for answer in answers]
    rows = moved | {row.id: row for row in staying}
    extras |= _extras(work, sorted(near))
    wanted = {n: _claims_of(row, extras) for n, row in rows.items() if row.permit_id is not None}
    # A server has not been told yet of what this work writes: that is known here.
    others = [
        t
        for t in _beside(work, [claim for claims in wanted.values() for claim in claims])
        if t.source_id not in moved
    ]
    others += [claim for row in moved.values() for claim in _claims_of(row, extras)]
    for number, claims in wanted.items():
        if not any(
            other.source_id != number
            and other.resource_id == claim.resource_id
            and other.span.overlaps(claim.span)
            for claim in claims
            for other in others
        ):
            work.change(rows[number], permit_id=None)


def _beside(work: Work, claims: Sequence[Taken]) -> list[Taken]:
    """What visits take in these places, by what the database knows so far."""
    reads = [claims_within(work.store, [c.resource_id], c.span) for c in claims]
    found = [t for answer in work.look_again(*reads) for t in taken(answer)]
    return [t for t in found if t.source in {APPOINTMENT, EXTRA}]


def _extras(work: Work, numbers: Sequence[int]) -> dict[int, list[AppointmentExtra]]:
    select = f"{r.selecting(AppointmentExtra)} WHERE appointment_id = ?"
    found = work.look_again(*(Statement(select, (n,)) for n in numbers))
    return {n: r.rows(AppointmentExtra, answer) for n, answer in zip(numbers, found, strict=True)}


def _claims_of(row: Appointment, extras: Mapping[int, Sequence[AppointmentExtra]]) -> list[Taken]:
    """The time that a visit takes of providers and rooms, as the database will derive it."""
    if Status(row.status) not in HOLDING:
        return []
    padded = Span(row.starts_at, row.ends_at).padded(row.before_minutes, row.after_minutes)
    times = [(n, padded) for n in (row.provider_id, row.operatory_id) if n is not None]
    for extra in extras[row.id]:
        begins = row.starts_at + timedelta(minutes=extra.from_minute)
        minutes = extra.to_minute - extra.from_minute
        times.append((extra.resource_id, Span.lasting(begins, minutes)))
    return [Taken(number, span, APPOINTMENT, row.id) for number, span in times]


def wall_text(instant: datetime, time_zone: str) -> str:
    """The wall time agreed with the patient, ``YYYY-MM-DDTHH:MM``."""
    return clinic_time.wall(instant, clinic_time.zone(time_zone)).strftime("%Y-%m-%dT%H:%M")
