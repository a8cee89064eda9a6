"""The fields of the quick form for blocking time: whose time, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import column, label, named

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue


class QuickEvent(QWidget):
    """Holds what is asked; decides nothing."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.whose = named(QComboBox(), "quick-whose", _("Whose time?"))
        self.title = named(QLineEdit(), "quick-title", _("Title"))
        self.title.setPlaceholderText(_("Team meeting, repair, training…"))
        whose = label(_("Whose time?"), "quick-whose-label", role="strong")
        caption = label(_("What for?"), "quick-title-label", role="strong")
        self.setLayout(column(whose, self.whose, caption, self.title))

    def show_slot(self, slot: Slot) -> None:
        """Offer who can be blocked here; at first whose column was swept."""
        before = self.whose.currentData()
        self.whose.clear()
        for number in (slot.provider_id, slot.operatory_id):
            name = named_in(self._desk.catalogue, number)
            if name:
                self.whose.addItem(name, number)
        places = [self.whose.findData(number) for number in (before, slot.column)]
        self.whose.setCurrentIndex(next((place for place in places if place >= 0), 0))


def named_in(catalogue: Catalogue, resource_id: int | None) -> str:
    """The name of a provider or room, kept apart from what stands around it; empty for none."""
    card = catalogue.providers.get(resource_id or 0) or catalogue.operatories.get(resource_id or 0)
    return words.isolated(card.name) if card is not None else ""
