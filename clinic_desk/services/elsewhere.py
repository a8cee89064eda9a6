"""Who is busy at another location: what a calendar of one location does not show, yet counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.rules.lifecycle import HOLDING
from clinic_desk.rules.spans import Span, merged
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import LONGEST, instant
from clinic_desk.services.work import query


@dataclass(frozen=True, slots=True)
class ElsewhereCard:
    """A provider is taken by visits at another location; ``span`` counts their buffers."""

    provider_id: int
    location_id: int
    span: Span


@query("Appointment Get All")
def busy(actor: Actor, period: Span, *, location_id: int) -> tuple[ElsewhereCard, ...]:
    """When each provider is busy in *period* at another location than *location_id*. Visits that
    follow each other are told as one; nobody's name is. One query.
    """
    begin, end = _stored(period.starts_at), _stored(period.ends_at)
    found = actor.store.rows(
        "SELECT provider_id, location_id, starts_at, ends_at, before_minutes, after_minutes"  # noqa: S608
        " FROM appointment WHERE organisation_id = ?"
        " AND starts_at > ? AND starts_at < ? AND ends_at > ?"
        f" AND status IN ({', '.join('?' * len(HOLDING))}) AND location_id <> ?",
        (
            actor.organisation_id,
            _stored(period.starts_at - LONGEST),
            end,
            begin,
            *sorted(HOLDING),
            location_id,
        ),
    )
    taken: dict[tuple[int, int], list[Span]] = {}
    for provider, place, starts_at, ends_at, before, after in found:
        span = Span(instant(starts_at), instant(ends_at)).padded(before, after)
        taken.setdefault((provider, place), []).append(span)
    return tuple(
        ElsewhereCard(provider, place, span)
        for (provider, place), spans in sorted(taken.items())
        for span in merged(spans)
    )


def _stored(value: Any) -> Any:
    return r.stored(Appointment, "starts_at", value)
