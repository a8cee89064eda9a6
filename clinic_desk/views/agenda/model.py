"""What the calendar shows: the cards of a view, and what is known to be on its way.

A refresh never disturbs a drag: between ``hold_refreshes`` and ``release_refreshes`` newer
data of the same period waits. A visit that was dropped stands at its new place as *pending*
until its new version arrives or it is taken back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from clinic_desk.rules.lifecycle import HOLDING
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, DiaryView, EventCard
from clinic_desk.views.agenda.layout import Card, key_of

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

KEEP = object()
"""Says that a provider or an operatory stays as it is."""
LONG = 4 * 3600
"""Longer cards, in seconds, are kept in a list of their own when one looks for neighbours."""


class AgendaModel(QObject):
    """Holds cards, in the order of their beginnings; knows nothing of pixels.

    Signals:
        changed(): ``cards`` are others than before.
        refresh_held(): newer data arrived and waits for the end of a drag.
    """

    changed = Signal()
    refresh_held = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view: DiaryView | None = None
        self.catalogue: Catalogue | None = None
        self.provider_ids: frozenset[int] = frozenset()
        self._cards: list[Card] | None = None
        self._pending: dict[int, AppointmentCard] = {}
        self._holds = 0
        self._waiting: DiaryView | None = None
        self._long: list[Card] = []
        self._by_key: dict[int, Card] = {}
        self._of_resource: dict[int, tuple[list[float], list[Card]]] = {}
        self._ready = False

    # Data

    def set_data(self, view: DiaryView) -> None:
        """Show *view*. During a drag newer data of the same period waits for its end; another
        period, into which the drag goes on, is shown at once.
        """
        if self._holds and self.view is not None and self.view.period == view.period:
            self._waiting = view
            self.refresh_held.emit()
            return
        self._take(view)

    def hold_refreshes(self) -> None:
        """From now on newer data waits. Calls nest."""
        self._holds += 1

    def release_refreshes(self) -> None:
        """Take back one hold; what waited is shown after the last one."""
        self._holds = max(self._holds - 1, 0)
        if not self._holds and self._waiting is not None:
            view, self._waiting = self._waiting, None
            self._take(view)

    @property
    def held(self) -> bool:
        """Whether newer data waits now, or would."""
        return self._holds > 0

    def _take(self, view: DiaryView) -> None:
        self.view = view
        self._waiting = None
        if self._pending:
            known = {card.id: card for card in view.appointments}
            for number, wanted in list(self._pending.items()):
                stored = known.get(number)
                if stored is not None and stored.version > wanted.version:
                    del self._pending[number]
        self._forget()

    def set_shown(self, provider_ids: Collection[int]) -> None:
        """Show only these providers' visits; empty shows all."""
        if self.provider_ids != frozenset(provider_ids):
            self.provider_ids = frozenset(provider_ids)
            self._forget()

    def _forget(self) -> None:
        self._cards = None
        self._by_key = {}
        self._ready = False
        self.changed.emit()

    # Moves that are on their way

    def set_pending(
        self, card: AppointmentCard, span: Span, provider_id: int | None, operatory_id: object
    ) -> None:
        """Show *card* at the place it is going to. None as provider keeps the present one."""
        provider, operatory = card.provider, card.operatory
        if self.catalogue is not None:
            provider = self.catalogue.providers.get(provider_id or 0, provider)
            if operatory_id is not KEEP:
                operatory = self.catalogue.operatories.get(operatory_id or 0)  # type: ignore[call-overload]
        self._pending[card.id] = replace(card, span=span, provider=provider, operatory=operatory)
        self._forget()

    def settle(self, card: AppointmentCard) -> None:
        """*card* is what was stored: it replaces whatever is shown of it, or is added."""
        self._pending.pop(card.id, None)
        if self.view is not None:
            others = [c for c in self.view.appointments if c.id != card.id]
            if card.span.overlaps(self.view.period):
                others.append(card)
            self.view = replace(self.view, appointments=tuple(others))
        self._forget()

    def take_back(self, appointment_id: int) -> None:
        """The move was refused: the visit stands where it stood."""
        if self._pending.pop(appointment_id, None) is not None:
            self._forget()

    @property
    def pending(self) -> frozenset[int]:
        """Keys of the visits whose move is on its way."""
        return frozenset(self._pending)

    # Questions

    @property
    def cards(self) -> list[Card]:
        """All cards to show, by their beginnings."""
        if self._cards is None:
            self._cards = self._gathered()
        return self._cards

    def _gathered(self) -> list[Card]:
        if self.view is None:
            return sorted(self._pending.values(), key=_start)
        cards: list[Card] = list(self.view.appointments)
        shown = self.provider_ids
        if shown:
            cards = [c for c in cards if c.provider.id in shown]  # type: ignore[union-attr]
        if self._pending:
            cards = [c for c in cards if c.id not in self._pending]
            cards += self._pending.values()
        providers: Mapping[int, object] = self.catalogue.providers if self.catalogue else {}
        cards += [
            e
            for e in self.view.events
            if not shown or e.resource_id in shown or e.resource_id not in providers
        ]
        cards.sort(key=_start)
        return cards

    def card(self, key: int) -> Card | None:
        """The card with a key (see ``layout.key_of``), None where it is not shown."""
        if not self._by_key:
            self._by_key = {key_of(card): card for card in self.cards}
        return self._by_key.get(key)

    def near(self, resource_id: int, begin: float, end: float) -> Iterator[Card]:
        """Every loaded card, shown or hidden, that takes time of a provider, an operatory or a
        patient between two instants (epoch seconds), and its neighbours; quick at any number.
        """
        self.ready()
        for card in self._long:
            if resource_id in resources_of(card):
                yield card
        begins, cards = self._of_resource.get(resource_id, _NOBODY)
        yield from cards[bisect_left(begins, begin - LONG) : bisect_left(begins, end)]

    def ready(self) -> None:
        """Build what ``near`` needs (once), so that the first frame of a drag need not."""
        if self._ready:
            return
        self._ready = True
        cards = self.cards
        if self.provider_ids and self.view is not None:
            cards = sorted([*self.view.appointments, *self.view.events], key=_start)
        self._long, self._of_resource = [], {}
        of_resource = self._of_resource
        for card in cards:
            begin = card.span.starts_at.timestamp()
            if card.span.ends_at.timestamp() - begin > LONG:
                self._long.append(card)
                continue
            for resource_id in resources_of(card):
                known = of_resource.get(resource_id)
                if known is None:
                    of_resource[resource_id] = ([begin], [card])
                else:
                    known[0].append(begin)
                    known[1].append(card)


_NOBODY: tuple[list[float], list[Card]] = ([], [])


def _start(card: Card) -> float:
    return card.span.starts_at.timestamp()


def resources_of(card: Card) -> tuple[int, ...]:
    """Whose time a card takes; nobody's where its status holds none."""
    if isinstance(card, EventCard):
        return (card.resource_id,)
    if card.status not in HOLDING:
        return ()
    if card.operatory is None:
        return card.provider.id, card.patient_id
    return card.provider.id, card.operatory.id, card.patient_id
