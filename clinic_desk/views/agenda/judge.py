"""Why a visit cannot stand where it is being carried: asked at every frame, without a query.

What is loaded tells names; what the occupancy index knows beyond that is told as "busy".
The rules are those that decide at the end (``rules.conflicts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from clinic_desk.rules import clinic_time, conflicts
from clinic_desk.rules.conflicts import APPOINTMENT, EVENT, Conflict, Place, Proposal, Taken
from clinic_desk.rules.spans import Span, minus
from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views.agenda.axis import Track
from clinic_desk.views.agenda.grid import Column, Grid
from clinic_desk.views.agenda.layout import Card, key_of
from clinic_desk.views.agenda.model import AgendaModel

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Snapshot(Protocol):
    """What the judge asks the occupancy index (``services.occupancy``)."""

    def busy_spans(self, resource_id: int, span: Span) -> Sequence[Span]:
        """What is taken of *span*: sorted, disjoint, clipped to it."""
        ...


BUFFER = 24 * 3600
"""No buffer is longer, in seconds."""
UNKNOWN = -1
"""The number of a claim of which only the time is known."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A place for a card (None: something new): ``operatory_id`` None is "no room"."""

    card: Card | None
    span: Span
    provider_id: int | None
    operatory_id: int | None


def wish_for(card: Card | None, span: Span, column: Column) -> Wish:
    """What dropping *card* into *column* means: a column of a provider or a room changes
    these, all else stays as it is.
    """
    if isinstance(card, EventCard):
        return Wish(card, span, column.provider_id or column.operatory_id or card.resource_id, None)
    provider_id, operatory_id = column.provider_id, column.operatory_id
    if card is not None:
        provider_id = provider_id or card.provider.id
        if operatory_id is None and not column.no_room and card.operatory is not None:
            operatory_id = card.operatory.id
    return Wish(card, span, provider_id, operatory_id)


def clock_of(wish: Wish, model: AgendaModel, zone: str, place: int | None = None) -> str:
    """The zone of the place that *wish* means: of its room; of its card; with neither, in a
    calendar of all locations (*place* None), of where the provider works then. *zone*, the
    calendar's, where no place is known.
    """
    card, catalogue = wish.card, model.catalogue
    if catalogue is None or isinstance(card, EventCard):
        return card.time_zone if card is not None else zone
    room = catalogue.operatories.get(wish.operatory_id or 0)
    if room is not None:
        return catalogue.time_zone(room.location_id)
    if card is not None:
        return card.time_zone
    person = catalogue.providers.get(wish.provider_id or 0)
    if place is not None or person is None:
        return zone
    hours = model.view.open_hours.get(person.id, ()) if model.view is not None else ()
    places = (where for where, span in hours if span.overlaps(wish.span))
    day = wish.span.starts_at.astimezone(clinic_time.zone(zone)).date()
    there = next(places, catalogue.usual_location(person.id, day))
    return catalogue.time_zone(there) if there is not None else zone


class Judge:
    """Remembers hours by day, so it lives as long as one drag. *zone* is that of the board; the
    days of a place are told by its own clock.
    """

    def __init__(self, model: AgendaModel, zone: str, snapshot: Snapshot | None = None) -> None:
        self._model = model
        self._zone_name = zone
        self._snapshot = snapshot
        self._hours: dict[tuple[int, int | None, tuple[date, ...]], list[Span]] = {}
        self._clinics: dict[tuple[int | None, tuple[date, ...]], list[Span]] = {}

    def reasons(self, wish: Wish, *, copy: bool = False) -> tuple[Conflict, ...]:
        """Every reason against *wish*; () where it could be dropped. A copy leaves its original
        standing, so that one counts against it too.
        """
        card = wish.card
        before = after = 0
        patient_id = None
        if isinstance(card, AppointmentCard):
            before, after, patient_id = card.before_minutes, card.after_minutes, card.patient_id
        proposal = Proposal(
            wish.span, before, after, wish.provider_id, wish.operatory_id, patient_id
        )
        ignore = None
        if card is not None and not copy:
            ignore = (EVENT if isinstance(card, EventCard) else APPOINTMENT, card.id)
        who = (wish.provider_id, wish.operatory_id, patient_id)
        wanted = {number for number in who if number is not None}
        padded = wish.span.padded(before, after)
        taken = list(self._loaded(wanted, padded))
        taken += self._unknown(wanted, padded, taken)
        return conflicts.find(proposal, taken, self._place(wish), ignore=ignore)

    def _loaded(self, wanted: set[int], span: Span) -> Iterator[Taken]:
        """The claims of the cards that are loaded; their buffers may reach into *span*."""
        begin, end = span.starts_at.timestamp() - BUFFER, span.ends_at.timestamp() + BUFFER
        for resource_id in wanted:
            for card in self._model.near(resource_id, begin, end):
                if isinstance(card, EventCard):
                    yield Taken(resource_id, card.span, EVENT, card.id, who=card.title)
                    continue
                claim = card.span
                if resource_id != card.patient_id:
                    claim = claim.padded(card.before_minutes, card.after_minutes)
                shared = card.overbooked and resource_id != card.patient_id
                who = card.patient_name
                yield Taken(resource_id, claim, APPOINTMENT, card.id, shared, who, card.span)

    def _unknown(self, wanted: set[int], span: Span, known: list[Taken]) -> Iterator[Taken]:
        if self._snapshot is None:
            return
        for resource_id in wanted:
            busy = self._snapshot.busy_spans(resource_id, span)
            told = [claim.span for claim in known if claim.resource_id == resource_id]
            for rest in minus(busy, told):
                yield Taken(resource_id, rest, APPOINTMENT, UNKNOWN)

    def _place(self, wish: Wish) -> Place:
        catalogue, card = self._model.catalogue, wish.card
        if catalogue is None:
            return Place(time_zone=self._zone_name)
        provider = catalogue.providers.get(wish.provider_id or 0)
        room = catalogue.operatories.get(wish.operatory_id or 0)
        location_id = self._location(wish)
        days = tuple(clinic_time.days(wish.span, self._zone(location_id)))
        if isinstance(card, EventCard):  # an event may lie anywhere
            name = provider.name if provider else room.name if room else ""
            return Place(provider_name=name, time_zone=self._zone_name)
        closed = [n for day in days if (n := catalogue.closed_name(location_id, day)) is not None]
        qualified = active = True
        if card is not None:
            active = card.type.active
            qualified = provider is None or catalogue.qualified(provider.id, card.type.id)
        return Place(
            provider_hours=self.hours(provider.id, location_id, days) if provider else None,
            clinic_hours=self._clinic(location_id, days),
            closed_day=closed[0] if closed else None,
            qualified=qualified,
            type_active=active,
            provider_name=provider.name if provider else "",
            operatory_name=room.name if room else "",
            patient_name=card.patient_name if card is not None else "",
            type_name=card.type.name if card is not None else "",
            time_zone=self._zone_name,
            provider_active=provider.active if provider else True,
            operatory_active=room.active if room else True,
        )

    def _zone(self, location_id: int | None) -> ZoneInfo:
        """The zone by whose days the hours of a place are kept."""
        catalogue = self._model.catalogue
        name = catalogue.time_zone(location_id) if catalogue is not None else self._zone_name
        return clinic_time.zone(name)

    def _location(self, wish: Wish) -> int | None:
        catalogue, card = self._model.catalogue, wish.card
        if catalogue is not None and wish.operatory_id in catalogue.operatories:
            return catalogue.operatories[wish.operatory_id].location_id  # type: ignore[index]
        if isinstance(card, AppointmentCard) and card.location is not None:
            return card.location.id
        return None

    def hours(
        self, provider_id: int, location_id: int | None, days: tuple[date, ...]
    ) -> list[Span]:
        """When a provider works on *days* (at a location)."""
        key = (provider_id, location_id, days)
        found = self._hours.get(key)
        if found is None:
            assert self._model.catalogue is not None
            found = self._hours[key] = [
                span
                for where, span in self._model.catalogue.provider_hours(
                    provider_id, days, self._zone(location_id)
                )
                if location_id is None or where == location_id
            ]
        return found

    def _clinic(self, location_id: int | None, days: tuple[date, ...]) -> list[Span]:
        key = (location_id, days)
        found = self._clinics.get(key)
        if found is None:
            assert self._model.catalogue is not None
            found = list(
                self._model.catalogue.clinic_spans(location_id, days, self._zone(location_id))
            )
            self._clinics[key] = found
        return found

    def forbidden(self, card: Card | None, grid: Grid, index: int) -> list[tuple[float, float]]:
        """The axis minutes of a column in which *card* cannot be: nobody's hours, taken time."""
        column = grid.columns[index]
        day = Span(grid.instant(index, 0), grid.instant(index, grid.ruled.minutes))
        wish = wish_for(card, day, column)
        closed: list[Span] = []
        if (
            wish.provider_id is not None
            and self._model.catalogue is not None
            and not isinstance(card, EventCard)
        ):
            place = self._location(wish)
            days = tuple(clinic_time.days(day, self._zone(place)))
            hours = self.hours(wish.provider_id, place, days)
            closed = minus([day], hours)
        if self._snapshot is not None:
            closed += self._busy(self._snapshot, wish, day)
        pairs = [pair for span in closed if (pair := grid.minutes(index, span)) is not None]
        return _joined(pairs + self._taken(wish, card, column.track, grid.ruled.minutes))

    def _taken(
        self, wish: Wish, card: Card | None, track: Track, minutes: int
    ) -> list[tuple[float, float]]:
        """The axis minutes that loaded cards take of whom *wish* is about."""
        who = {wish.provider_id, wish.operatory_id}
        if isinstance(card, AppointmentCard):
            who.add(card.patient_id)
        out = []
        own = None if card is None else key_of(card)
        for resource_id in who - {None}:
            for other in self._model.near(resource_id, track.begins, track.ends):  # type: ignore[arg-type]
                begin, end = other.span.starts_at.timestamp(), other.span.ends_at.timestamp()
                if begin < track.ends and end > track.begins and key_of(other) != own:
                    first = max(track.minute(begin), 0.0)
                    out.append((first, min(track.end_minute(end), float(minutes))))
        return out

    @staticmethod
    def _busy(snapshot: Snapshot, wish: Wish, day: Span) -> list[Span]:
        busy: list[Span] = []
        for resource_id in {wish.provider_id, wish.operatory_id} - {None}:
            busy += snapshot.busy_spans(resource_id, day)  # type: ignore[arg-type]
        if wish.card is None:
            return busy
        own = wish.card.span
        if isinstance(wish.card, AppointmentCard):
            own = own.padded(wish.card.before_minutes, wish.card.after_minutes)
        return minus(busy, [own])


def _joined(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    out: list[tuple[float, float]] = []
    for begin, end in sorted(pairs):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return out
