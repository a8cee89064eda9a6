"""Buttons with the next free places: of the same person first, then of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import OpeningCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import button, column, label, named

SAME = 2
OTHERS = 2
"""How many openings of the same provider and of others are offered."""
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
        self._waiting = 0
        self._box = column(gap=4)
        self._none = label(_("No free time within 60 days."), f"{name}-none", role="hint", wrap=True)
        self.setLayout(column(self._box, self._none))
        self._none.hide()

    def clear(self) -> None:
        """Take all offers away."""
        self._none.hide()
        while self._box.count():
            widget = self._box.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def look(self, slot: Slot, type_id: int, *, from_at: datetime | None = None) -> None:
        """Offer places for a visit like *slot*, from *from_at* (default: its own time) on."""
        from clinic_desk.services import openings

        self.clear()
        catalogue = self._desk.catalogue
        kind = catalogue.types[type_id]
        others = [
            card.id
            for card in catalogue.providers.values()
            if card.active and card.id != slot.provider_id and catalogue.qualified(card.id, type_id)
        ]
        begin = max(from_at or slot.span.starts_at, self._desk.now())
        groups = [([slot.provider_id], SAME), (others, OTHERS)]
        self._waiting = sum(1 for who, _count in groups if who)
        for group, (who, count) in enumerate(groups):
            if who:
                self._desk.ask(
                    openings.next,
                    minutes=slot.span.minutes,
                    before=kind.before_minutes,
                    after=kind.after_minutes,
                    provider_ids=who,
                    location_id=slot.location_id,
                    from_at=begin,
                    until=begin + AHEAD,
                    count=count,
                    done=self._offer,
                    failed=self._nothing,
                    ticket=("free", id(self), group),
                    what=_("looking for free times"),
                )

    def _nothing(self, _error: BaseException) -> None:
        self._offer(())

    def _offer(self, found: Sequence[OpeningCard]) -> None:
        self._waiting -= 1
        for opening in found:
            provider = self._desk.catalogue.providers[opening.provider_id]
            text = _("{when} with {provider}").format(
                when=words.when(opening.span, self._desk.zone), provider=words.isolated(provider.name)
            )
            slot = Slot(opening.span, opening.provider_id, opening.operatory_id, opening.location_id)
            way = button(text, f"{self.objectName()}-{self._box.count() + 1}", look="way")
            way.clicked.connect(lambda _checked=False, slot=slot: self.slot_chosen.emit(slot))
            self._box.addWidget(way)
        self._none.setVisible(not self._waiting and not self._box.count())

    def first(self) -> QWidget | None:
        """The first offer, to give it the focus."""
        item = self._box.itemAt(0)
        return item.widget() if item is not None else None
