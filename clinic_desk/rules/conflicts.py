"""Every reason why a visit cannot stand where somebody wants it.

The same function decides under the lock and, frame by frame, while a card is dragged; so it
is pure, and fast: what stands is filtered by resource before any time is compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from clinic_desk.rules.permissions import OVERBOOK, OVERRIDE
from clinic_desk.rules.spans import Span, covered
from clinic_desk.rules.words import N_

Ref = tuple[str, int]
"""What takes time: its source ('a' appointment, 'x' extra, 'e' event, 'h' hold) and number."""

APPOINTMENT, EXTRA, EVENT, HOLD = "a", "x", "e", "h"


class Kind(StrEnum):
    """What stands in the way; the order is the one in which reasons are told."""

    PATIENT = "patient"
    PROVIDER = "provider"
    OPERATORY = "operatory"
    EVENT = "event"
    HOLD = "hold"
    CLOSED_DAY = "closed day"
    CLINIC_CLOSED = "clinic closed"
    OUTSIDE_HOURS = "outside hours"
    UNQUALIFIED = "unqualified"
    INACTIVE = "inactive"
    NO_SUCH_TIME = "no such time"


_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Taken:
    """A claim: ``span`` is the resource's time with the buffers that count for it.

    ``shared`` marks a deliberate overbooking, ``who`` the patient or the event's title where
    it may be told, ``visit`` the time without buffers where it is known (reasons then say it).
    """

    resource_id: int
    span: Span
    source: str
    source_id: int
    shared: bool = False
    who: str = ""
    visit: Span | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A visit as somebody wants it; ``span`` is without buffers, which are whole minutes."""

    span: Span
    before_minutes: int
    after_minutes: int
    provider_id: int | None
    operatory_id: int | None
    patient_id: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the wished place and day, for the reasons that no claim tells.

    Hours None: not asked ("No location set" has no clinic hours). ``closed_day`` is the
    closed day's name, ``gone_location`` that of a location that is not in use any more,
    ``time_zone`` (IANA) the one in which English sentences tell times.
    """

    provider_hours: Sequence[Span] | None = None
    clinic_hours: Sequence[Span] | None = None
    closed_day: str | None = None
    qualified: bool = True
    type_active: bool = True
    provider_name: str = ""
    operatory_name: str = ""
    patient_name: str = ""
    type_name: str = ""
    time_zone: str = ""
    provider_active: bool = True
    operatory_active: bool = True
    location_name: str = ""
    gone_location: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason. ``permission`` may set it aside (with a reason of its own); None: nobody may.

    ``message`` is a template for translation with the places of ``params``, whose times stay
    ``datetime`` and ``Span``, so that each face tells them its own way; ``params["zone"]`` is
    the zone in which ``str(conflict)`` tells them. ``span`` is the other's time with buffers.
    """

    kind: Kind
    span: Span | None
    resource_id: int | None
    source: str | None
    source_id: int | None
    permission: str | None
    message: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        zone = _zone(self.params.get("zone"))
        return self.message.format(**{k: _told(v, zone) for k, v in self.params.items()})

    def named(self, who: str) -> Conflict:
        """The same reason, saying whose visit (or which event) it is."""
        if not who:
            return self
        message = _WITH_NAME.get(self.message, self.message)
        return replace(self, message=message, params={**self.params, "who": who})

    def unnamed(self) -> Conflict:
        """The same reason for eyes that may not know whose visit it is."""
        message = _WITHOUT_NAME.get(self.message, self.message)
        return replace(
            self, message=message, params={k: v for k, v in self.params.items() if k != "who"}
        )


_PROVIDER = N_("{provider} is busy ({span}).")
_PROVIDER_WHO = N_("{provider} is busy with {who} ({span}).")
_OPERATORY = N_("{operatory} is taken ({span}).")
_OPERATORY_WHO = N_("{operatory} is taken by {who} ({span}).")
_PROVIDER_NEAR = N_("{provider} needs time to prepare before or after another visit ({span}).")
_PROVIDER_NEAR_WHO = N_("{provider} needs time to prepare before or after {who} ({span}).")
_OPERATORY_NEAR = N_("{operatory} needs time to prepare before or after another visit ({span}).")
_OPERATORY_NEAR_WHO = N_("{operatory} needs time to prepare before or after {who} ({span}).")
_PATIENT = N_("{patient} has another visit then ({span}).")
_ANY_PATIENT = N_("The patient has another visit then ({span}).")
_BLOCKED = N_("{resource} is blocked by a calendar event ({span}).")
_BLOCKED_WHO = N_("{resource} is blocked: {who} ({span}).")
_HELD = N_("{resource} is being booked at another desk just now ({span}).")
_CLOSED_DAY = N_("The clinic is closed on that day: {day}.")
_CLINIC_CLOSED = N_("The clinic is closed then.")
_CLINIC_CLOSED_OPEN = N_("The clinic is closed then; the nearest opening hours are {hours}.")
_LOCATION_CLOSED = N_("{location} is closed then.")
_LOCATION_CLOSED_OPEN = N_("{location} is closed then; the nearest opening hours are {hours}.")
_NO_HOURS = N_("{provider} does not work on that day.")
_OTHER_HOURS = N_("{provider} does not work then; the nearest work hours are {hours}.")
_UNQUALIFIED = N_("{provider} is not qualified for {type}.")
_GONE = N_("{location} is closed for good.")
_TYPE_INACTIVE = N_("{type} is not offered any more.")
_INACTIVE = N_("{resource} is not available for booking any more.")
_NO_SUCH_TIME = N_("{time} does not exist: the clocks go forward. The nearest time is {nearest}.")

_WITH_NAME = {
    _PROVIDER: _PROVIDER_WHO,
    _OPERATORY: _OPERATORY_WHO,
    _PROVIDER_NEAR: _PROVIDER_NEAR_WHO,
    _OPERATORY_NEAR: _OPERATORY_NEAR_WHO,
    _BLOCKED: _BLOCKED_WHO,
}
_WITHOUT_NAME = {named: bare for bare, named in _WITH_NAME.items()}


def find(
    proposal: Proposal,
    taken: Iterable[Taken],
    place: Place,
    *,
    ignore: Ref | None = None,
    own: Collection[Ref] = (),
) -> tuple[Conflict, ...]:
    """Every reason against *proposal*, in the order of :class:`Kind`, then by time; () is free.

    *ignore* is the visit itself when it moves; *own* is what else does not count against it:
    its extras, the hold of the desk that asks. A shared claim stands in the way like any
    other: squeezing in beside it needs the permission too.
    """
    found: list[Conflict] = []
    span = proposal.span
    padded = span.padded(proposal.before_minutes, proposal.after_minutes)
    begin, end = padded.starts_at, padded.ends_at
    patient_id, provider_id = proposal.patient_id, proposal.provider_id
    wanted = {provider_id, proposal.operatory_id, patient_id} - {None}
    for claim in taken:
        if claim.resource_id not in wanted:
            continue
        other = claim.span
        if other.starts_at >= end or other.ends_at <= begin:
            continue
        if claim.resource_id == patient_id and not span.overlaps(other):
            continue  # no buffers of ours for the patient
        ref = (claim.source, claim.source_id)
        if ref == ignore or ref in own:
            continue
        found.append(_clash(claim, proposal, place))
    _add_place(found, proposal, place)
    if len(found) > 1:
        found.sort(key=_place_in_list)
    return tuple(found)


def no_such_time(wall: datetime, nearest: datetime) -> Conflict:
    """The reason against a naive *wall* time that the clocks skip (``clinic_time.NoSuchTime``)."""
    params = {"time": wall, "nearest": nearest}
    return Conflict(Kind.NO_SUCH_TIME, None, None, None, None, None, _NO_SUCH_TIME, params)


def overridable(found: Iterable[Conflict], permissions: Collection[str]) -> bool:
    """Whether somebody with *permissions* may set every reason aside."""
    return all(c.permission is not None and c.permission in permissions for c in found)


def _clash(claim: Taken, proposal: Proposal, place: Place) -> Conflict:
    told = claim.visit or claim.span
    params: dict[str, Any] = {"span": told, "zone": place.time_zone}
    permission: str | None = None
    if claim.resource_id == proposal.patient_id:
        label, name = "patient", place.patient_name
    elif claim.resource_id == proposal.provider_id:
        label, name = "provider", place.provider_name
    else:
        label, name = "operatory", place.operatory_name
    if claim.source == HOLD:
        kind, message, label = Kind.HOLD, _HELD, "resource"
    elif label == "patient":
        kind, message = Kind.PATIENT, _PATIENT if name else _ANY_PATIENT
    elif claim.source == EVENT:
        kind, message, label = Kind.EVENT, _BLOCKED, "resource"
    else:
        near = not proposal.span.overlaps(told)
        permission = OVERBOOK
        if label == "provider":
            kind, message = Kind.PROVIDER, _PROVIDER_NEAR if near else _PROVIDER
        else:
            kind, message = Kind.OPERATORY, _OPERATORY_NEAR if near else _OPERATORY
    params[label] = name
    if claim.who and message in _WITH_NAME:
        message, params["who"] = _WITH_NAME[message], claim.who
    return Conflict(
        kind,
        claim.span,
        claim.resource_id,
        claim.source,
        claim.source_id,
        permission,
        message,
        params,
    )


def _add_place(found: list[Conflict], proposal: Proposal, place: Place) -> None:
    span = proposal.span
    if place.closed_day is not None:
        found.append(_reason(Kind.CLOSED_DAY, OVERRIDE, _CLOSED_DAY, place, day=place.closed_day))
    elif place.clinic_hours is not None and not covered(span, place.clinic_hours):
        nearest = _nearest(place.clinic_hours, span)
        if place.location_name:
            message = _LOCATION_CLOSED_OPEN if nearest else _LOCATION_CLOSED
        else:
            message = _CLINIC_CLOSED_OPEN if nearest else _CLINIC_CLOSED
        names = {"location": place.location_name, **({"hours": nearest} if nearest else {})}
        found.append(_reason(Kind.CLINIC_CLOSED, OVERRIDE, message, place, **names))
    provider = {"provider": place.provider_name}
    if place.provider_hours is not None and not covered(span, place.provider_hours):
        nearest = _nearest(place.provider_hours, span)
        message = _OTHER_HOURS if nearest else _NO_HOURS
        names = provider | ({"hours": nearest} if nearest else {})
        reason = _reason(Kind.OUTSIDE_HOURS, OVERRIDE, message, place, **names)
        found.append(replace(reason, resource_id=proposal.provider_id))
    if not place.qualified:
        reason = _reason(
            Kind.UNQUALIFIED, OVERRIDE, _UNQUALIFIED, place, **provider, type=place.type_name
        )
        found.append(replace(reason, resource_id=proposal.provider_id))
    if place.gone_location:
        gone = _reason(Kind.INACTIVE, None, _GONE, place, location=place.gone_location)
        found.append(gone)
    if not place.type_active:
        found.append(_reason(Kind.INACTIVE, None, _TYPE_INACTIVE, place, type=place.type_name))
    for active, number, name in (
        (place.provider_active, proposal.provider_id, place.provider_name),
        (place.operatory_active, proposal.operatory_id, place.operatory_name),
    ):
        if not active and number is not None:
            reason = _reason(Kind.INACTIVE, None, _INACTIVE, place, resource=name)
            found.append(replace(reason, resource_id=number))


def _reason(
    kind: Kind, permission: str | None, message: str, place: Place, **params: Any
) -> Conflict:
    params["zone"] = place.time_zone
    return Conflict(kind, None, None, None, None, permission, message, params)


def _nearest(hours: Sequence[Span], span: Span) -> Span | None:
    """The hours that a user would call the nearest: least time between, then the earliest."""
    if not hours:
        return None
    none = timedelta()
    return min(
        hours,
        key=lambda h: (max(h.starts_at - span.ends_at, span.starts_at - h.ends_at, none), h),
    )


def _place_in_list(conflict: Conflict) -> tuple[int, float, int]:
    begins = conflict.span.starts_at.timestamp() if conflict.span else 0.0
    return (_ORDER[conflict.kind], begins, conflict.resource_id or 0)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _zone(name: str | None) -> Any:
    return ZoneInfo(name) if name else UTC


def _told(value: Any, zone: Any) -> str:
    if isinstance(value, Span):
        begin, end = value.starts_at.astimezone(zone), value.ends_at.astimezone(zone)
        if begin.date() == end.date():
            return f"{_day(begin)}, {begin:%H:%M}–{end:%H:%M}"
        return f"{_day(begin)}, {begin:%H:%M} – {_day(end)}, {end:%H:%M}"
    if isinstance(value, datetime):
        local = value if value.tzinfo is None else value.astimezone(zone)
        return f"{_day(local)}, {local:%H:%M}"
    if isinstance(value, date):
        return _day(value)
    return str(value)


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
