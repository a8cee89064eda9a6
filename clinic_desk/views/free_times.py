"""Buttons with the next free places: of the same person first, then of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.rules.conflicts import APPOINTMENT
from clinic_desk.rules.errors import Disconnected
from clinic_desk.services.cards import AppointmentCard, OpeningCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import button, column, label, named

SAME = 2
OTHERS = 2
"""How many openings of the same provider and of others are offered."""
A_DAY = 60
"""So many openings are looked through where earlier starts count too."""
AHEAD = timedelta(days=60)


class FreeTimes(QWidget):
    """Signals:
    slot_chosen(Slot): one was picked.
    """

    slot_chosen = Signal(object)

    def __init__(self, desk: Desk, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, name, _("Free times"))
        self._desk = desk
        self._looks = 0
        self._waiting = 0
        self._wanted = desk.now()
        self._broke = False
        self._offers: list[list[OpeningCard]] = []
        self._box = column(gap=4)
        self._none = label(
            _("No free time within 60 days."), f"{name}-none", role="hint", wrap=True
        )
        self.setLayout(column(self._box, self._none))
        self._none.hide()

    def clear(self) -> None:
        """Take all offers away; answers that are still on their way are not waited for."""
        self._looks += 1
        self._none.hide()
        while self._box.count():
            item = self._box.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def look(
        self,
        slot: Slot,
        type_id: int,
        *,
        patient_id: int | None = None,
        from_at: datetime | None = None,
        moved: AppointmentCard | None = None,
    ) -> None:
        """Offer places for a visit like *slot*, from *from_at* (default: its own time) on, where
        the patient is free too. The time of a visit that is to be *moved* counts as free; where
        it was to become longer or shorter, earlier starts of its day are offered as well.
        """
        from clinic_desk.services import openings

        self.clear()
        catalogue = self._desk.catalogue
        kind = catalogue.types[type_id]
        others = [
            card.id
            for card in catalogue.providers.values()
            if card.active and card.id != slot.provider_id and catalogue.qualified(card.id, type_id)
        ]
        begin = from_at or slot.span.starts_at
        resized = moved is not None and moved.span.minutes != slot.span.minutes
        if resized:
            begin = self._day_begins(slot)
        begin = max(begin, self._desk.now())
        self._wanted = slot.span.starts_at
        groups = [([slot.provider_id], SAME), (others, OTHERS)]
        self._waiting = sum(1 for who, _count in groups if who)
        self._offers = [[] for _group in groups]
        self._broke = False
        for group, (who, count) in enumerate(groups):
            if who:
                self._desk.ask(
                    openings.next,
                    minutes=slot.span.minutes,
                    before=kind.before_minutes,
                    after=kind.after_minutes,
                    provider_ids=who,
                    location_id=slot.location_id,
                    patient_id=patient_id,
                    from_at=begin,
                    until=begin + AHEAD,
                    count=A_DAY if resized else count,
                    ignore=(APPOINTMENT, moved.id) if moved is not None else None,
                    done=partial(self._arrived, self._looks, group),
                    failed=partial(self._failed, self._looks, group),
                    ticket=("free", id(self), group),
                    what=_("looking for free times"),
                )

    def _day_begins(self, slot: Slot) -> datetime:
        """Midnight before *slot*, where it lies."""
        there = zone(self._desk.catalogue.time_zone(slot.location_id))
        return day_span(slot.span.starts_at.astimezone(there).date(), there).starts_at

    def _arrived(self, look: int, group: int, found: Sequence[OpeningCard]) -> None:
        """One of two answers; shown together, the same provider's first."""
        if look != self._looks or not shiboken6.isValid(self):
            return
        self._waiting -= 1
        self._offers[group] = list(found)
        if self._waiting:
            return
        offers = [
            opening
            for some, count in zip(self._offers, (SAME, OTHERS), strict=True)
            for opening in self._nearest(some, count)
        ]
        for opening in offers:
            self._box.addWidget(self._button(opening))
        self._none.setVisible(not offers and not self._broke)

    def _nearest(self, found: list[OpeningCard], count: int) -> list[OpeningCard]:
        """The *count* openings nearest to what was wanted, in the order of time."""
        near = sorted(found, key=lambda one: abs(one.span.starts_at - self._wanted))[:count]
        return sorted(near, key=lambda one: (one.span, one.provider_id))

    def _failed(self, look: int, group: int, error: BaseException) -> None:
        if look == self._looks and shiboken6.isValid(self):
            self._broke = True  # what could not be looked for is not said to be full
            if not isinstance(error, Disconnected):  # the state line says that already
                self._desk.complain(error)
        self._arrived(look, group, ())

    def _button(self, opening: OpeningCard) -> QWidget:
        provider = self._desk.catalogue.providers[opening.provider_id]
        begins, calendar = opening.span.starts_at, self._desk.zone
        there = self._desk.catalogue.time_zone(opening.location_id)
        time = words.clock_there(begins, there, calendar)
        text = _("{day}, {time} · {provider}")
        if time != words.clock(begins, there):  # with the place it is too long for one line
            text = _("{day}\n{time} · {provider}")
        text = text.format(
            day=words.day_short(words.wall(begins, there).date()),
            time=time,
            provider=words.isolated(provider.name),
        )
        slot = Slot(opening.span, opening.provider_id, opening.operatory_id, opening.location_id)
        way = button(text, f"{self.objectName()}-{self._box.count() + 1}", look="way")
        way.setToolTip(words.when_there(opening.span, there, calendar))
        way.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        way.clicked.connect(lambda _checked=False: self.slot_chosen.emit(slot))
        return way

    def first(self) -> QWidget | None:
        """The first offer, to give it the focus."""
        item = self._box.itemAt(0)
        return item.widget() if item is not None else None
