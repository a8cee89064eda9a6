"""Calendar events: meetings, repairs, training. They take time as a visit does."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from clinic_desk.models.diary import CalendarEvent
from clinic_desk.rules import conflicts, fold
from clinic_desk.rules.conflicts import EVENT, HOLD, Taken
from clinic_desk.rules.errors import Conflicted, Invalid, NotFound, Stale
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view, holds, lengths, visit
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import EventCard
from clinic_desk.services.diary import KEEP, Keep
from clinic_desk.services.work import Work, command, query

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

WHOLE_MINUTE = N_("A calendar event starts and ends on a whole minute.")


@command("Calendar Event Update", action="event.add")
def add(
    work: Work,
    *,
    resource_id: int,
    span: Span,
    title: str,
    location_id: int | None = None,
    desk: str = "",
    request_id: str | None = None,
) -> EventCard:
    """Block the time of a provider or an operatory. What the dialog *desk* held
    (:mod:`clinic_desk.services.holds`) is let go of in the same deed.

    Raises ``Conflicted`` where visits or events stand there already, ``Invalid`` without a
    title, for a time that is none and for a room of another location, ``NotFound`` for a
    resource or location of elsewhere.
    """
    title = _title(title)
    span = booking.stored_span(span, WHOLE_MINUTE)
    catalogue = _known(work, resource_id, location_id)
    location_id = _place(catalogue, resource_id, location_id)
    _gone, claims = work.lock(
        holds.gone(work.actor, desk, work.now),
        booking.claims_within(work.store, [resource_id], span, work.actor),
    )
    _refuse(work, resource_id, span, booking.taken(claims))
    row = work.create(
        CalendarEvent,
        uuid=str(uuid.uuid4()),
        resource_id=resource_id,
        location_id=location_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        time_zone=catalogue.time_zone(location_id),
        title=title,
        version=1,
    )
    return diary_view.event_card(row)


@command("Calendar Event Update", action="event.move")
def move(
    work: Work,
    event_id: int,
    *,
    span: Span,
    version: int,
    resource_id: int | Keep = KEEP,
    title: str | Keep = KEEP,
    request_id: str | None = None,
) -> EventCard:
    """Give an event another time, resource or title. Raises as :func:`add`, and ``Stale``."""
    if title is not KEEP:
        title = _title(title)
    seen = work.find(CalendarEvent, event_id)
    resource = seen.resource_id if resource_id is KEEP else resource_id
    catalogue = _known(work, resource, seen.location_id)
    span = booking.stored_span(span, WHOLE_MINUTE)
    _gone, found, claims = work.lock(
        holds.gone(work.actor, "", work.now),
        work.locked_row(CalendarEvent, event_id),
        booking.claims_within(work.store, [resource], span, work.actor),
    )
    row = work.found(CalendarEvent, found)
    if row.version != version:
        raise Stale(diary_view.event_card(row))
    _refuse(work, resource, span, booking.taken(claims), ignore_id=event_id)
    fields = {"resource_id": resource, "starts_at": span.starts_at, "ends_at": span.ends_at}
    if resource != row.resource_id and resource in catalogue.operatories:
        # Another room may stand in another house.
        place = catalogue.operatories[resource].location_id
        fields |= {"location_id": place, "time_zone": catalogue.time_zone(place)}
    work.change(row, **fields, **({} if title is KEEP else {"title": title}))
    return diary_view.event_card(row)


@command("Calendar Event Update", action="event.remove")
def remove(work: Work, event_id: int, *, version: int, request_id: str | None = None) -> EventCard:
    """Take an event away; undo puts it back if its time is still free."""
    (found,) = work.lock(work.locked_row(CalendarEvent, event_id))
    row = work.found(CalendarEvent, found)
    if row.version != version:
        raise Stale(diary_view.event_card(row))
    work.delete(row)
    return diary_view.event_card(row)


@query("Appointment Get All")
def event(actor: Actor, event_id: int) -> EventCard:
    """One event as it stands now. Raises ``NotFound``."""
    from clinic_desk.services import rows as r

    statement = r.by_id(CalendarEvent, actor.organisation_id, event_id)
    found = actor.store.rows(statement.sql, statement.parameters)
    if not found:
        raise NotFound
    return diary_view.event_card(r.row(CalendarEvent, found[0]))


def _title(title: str) -> str:
    title = fold.clean("title", title, longest=lengths.TITLE)
    if not title:
        raise Invalid("title", N_("A calendar event needs a title."))
    return title


def _known(work: Work, resource_id: int, location_id: int | None) -> Catalogue:
    """The catalogue, with this resource and location in it. Raises ``NotFound``."""
    return booking.catalogue_with(
        work.actor, resource_ids=[resource_id], location_ids=[location_id]
    )


def _place(catalogue: Catalogue, resource_id: int, location_id: int | None) -> int | None:
    room = resource_id if resource_id in catalogue.operatories else None
    return visit.place_of(catalogue, location_id, room)


def _refuse(
    work: Work,
    resource_id: int,
    span: Span,
    claims: list[Taken],
    *,
    ignore_id: int | None = None,
) -> None:
    """An event is refused where time is taken: nothing overrides that."""
    provider = work.catalogue.providers.get(resource_id)
    room = work.catalogue.operatories.get(resource_id)
    found = conflicts.find(
        conflicts.Proposal(
            span, 0, 0, resource_id if provider else None, resource_id if room else None, None
        ),
        claims,
        conflicts.Place(
            provider_name=provider.name if provider else "",
            operatory_name=room.name if room else "",
            time_zone=work.catalogue.time_zone(room.location_id if room else None),
        ),
        ignore=(EVENT, ignore_id) if ignore_id is not None else None,
    )
    if not found:
        return
    work.give_up()
    if any(conflict.source == HOLD for conflict in found):
        live = holds.live(work.store, work.organisation_id, work.now)
        found = holds.told(found, {held.id: held for held in live})
    raise Conflicted(tuple(replace(conflict, permission=None) for conflict in found))


add.again = event  # type: ignore[attr-defined]
move.again = event  # type: ignore[attr-defined]
