"""Where, and by whom: the location and, for each service of a visit, a provider or anybody."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.booking.draft import Draft, Part
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import column, label, named


class PlaceBar(QWidget):
    """Signals:
    edited(): another location or provider.
    """

    edited = Signal()

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-place", _("Location and provider"))
        self._desk, self._draft = desk, draft
        self.location = _box("booking-location", _("Location"))
        self.location.activated.connect(self._location_chosen)
        self.providers: list[QComboBox] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(_caption(_("&Location"), self.location), 0, 0)
        self._grid.addWidget(self.location, 0, 1)
        self.same = named(QCheckBox(), "booking-same-provider")
        self.same.setText(_("The same provider for all services"))
        self.same.setChecked(draft.same_provider)
        self.same.toggled.connect(self._same_toggled)
        self.setLayout(column(self._grid, self.same, gap=6))
        self._fill_locations()

    def _fill_locations(self) -> None:
        places = [p for p in self._desk.catalogue.locations.values() if p.active]
        if len(places) != 1:
            self.location.addItem(_("Any location"), None)
        for place in sorted(places, key=lambda one: one.name):
            self.location.addItem(place.name, place.id)
        found = self.location.findData(self._draft.location_id)
        self.location.setCurrentIndex(max(0, found))
        self._draft.location_id = self.location.currentData()

    def show_visit(self, number: int) -> None:
        """Ask for the providers of the services of visit *number*."""
        for box in self.providers:
            self._grid.removeWidget(box)
            box.hide()
            box.deleteLater()
        while self._grid.count() > 2:
            item = self._grid.takeAt(2)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.providers = []
        visit = self._draft.visits[number]
        self.same.setVisible(len(visit) > 1)
        for place, part in enumerate(visit, 1):
            name = self._desk.catalogue.types[part.type_id].name
            box = _box("booking-provider", _("Provider: {service}").format(service=name))
            box.addItem(_("Any provider"), None)
            for who in self._able(part):
                box.addItem(self._desk.catalogue.providers[who].name, who)
            box.setCurrentIndex(max(0, box.findData(part.provider_id)))
            box.activated.connect(partial(self._provider_chosen, part, box))
            text = _("&Provider") if len(visit) == 1 else name.replace("&", "&&")
            self._grid.addWidget(_caption(text, box), place, 0)
            self._grid.addWidget(box, place, 1)
            self.providers.append(box)

    def _same_toggled(self, on: bool) -> None:
        self._draft.same_provider = on
        self.edited.emit()

    def _able(self, part: Part) -> list[int]:
        """Who may give it; also somebody who was named and may not, so that it is told why."""
        known = sorted(self._desk.catalogue.providers.values(), key=lambda one: one.position)
        return [
            card.id
            for card in known
            if (card.active and self._desk.catalogue.qualified(card.id, part.type_id))
            or card.id == part.provider_id
        ]

    def set_location(self, location_id: int | None) -> None:
        """Show the location that was chosen otherwise."""
        self.location.setCurrentIndex(max(0, self.location.findData(location_id)))
        self._draft.location_id = self.location.currentData()

    def _location_chosen(self) -> None:
        self._draft.location_id = self.location.currentData()
        self.edited.emit()

    def _provider_chosen(self, part: Part, box: QComboBox, _index: int) -> None:
        part.provider_id = box.currentData()
        self.edited.emit()


def _box(name: str, spoken: str) -> QComboBox:
    made = named(QComboBox(), name, spoken)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(16)
    return made


def _caption(text: str, box: QComboBox) -> QWidget:
    made = label(text)
    made.setBuddy(box)
    return made
