"""The fields of the quick form: patient, type, length, provider, room, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFormLayout, QPlainTextEdit, QSpinBox, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.spans import Span
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patient_search import PatientSearch
from clinic_desk.views.quick_event import named_in
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import column, field_row, label, named

if TYPE_CHECKING:
    from clinic_desk.views.booking.draft import Draft


class QuickFields(QWidget):
    """Holds what is asked; decides nothing."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "quick-fields", _("Appointment"))
        self._desk = desk
        self.search = PatientSearch(desk)
        self.type = named(QComboBox(), "quick-type", _("Type"))
        self.provider = named(QComboBox(), "quick-provider", _("Provider"))
        self.operatory = named(QComboBox(), "quick-operatory", _("Room"))
        for box in (self.type, self.provider, self.operatory):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.minutes = named(QSpinBox(), "quick-minutes", _("Length in minutes"))
        self.minutes.setRange(5, 24 * 60)
        self.minutes.setSingleStep(5)
        self.minutes.setSuffix(" " + _("min"))
        self.notes = named(QPlainTextEdit(), "quick-notes", _("Notes"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(64)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        field_row(form, _("&Type"), self.type)
        field_row(form, _("&Length"), self.minutes)
        field_row(form, _("Pro&vider"), self.provider)
        field_row(form, _("&Room"), self.operatory)
        caption = label(_("Patient"), "quick-patient-label", role="strong")
        notes = label(_("Notes"), "quick-notes-label", role="strong")
        self.setLayout(column(caption, self.search, form, notes, self.notes, gap=10))

    @property
    def type_id(self) -> int | None:
        """The chosen type; None where the provider may give none."""
        chosen = self.type.currentData()
        return chosen if isinstance(chosen, int) else None

    def fill_types(self, provider_id: int) -> None:
        """Offer what the provider may give; the type of last time stays chosen."""
        catalogue = self._desk.catalogue
        before = self.type.currentData()
        self.type.clear()
        for card in sorted(catalogue.types.values(), key=lambda one: (one.position, one.name)):
            if card.active and catalogue.qualified(provider_id, card.id):
                self.type.addItem(f"{card.code} · {card.name}", card.id)
        self.type.setCurrentIndex(max(0, self.type.findData(before)))

    def show_slot(self, slot: Slot) -> None:
        """Show where and how long, without telling anybody that it changed."""
        catalogue = self._desk.catalogue
        self.provider.clear()
        for provider in sorted(catalogue.providers.values(), key=lambda one: one.position):
            if provider.active:
                self.provider.addItem(provider.name, provider.id)
        self.provider.setCurrentIndex(self.provider.findData(slot.provider_id))
        self.operatory.clear()
        self.operatory.addItem(_("No room"), None)
        for room in sorted(catalogue.operatories.values(), key=lambda one: one.position):
            if room.active and slot.location_id in (None, room.location_id):
                self.operatory.addItem(room.name, room.id)
        self.operatory.setCurrentIndex(max(0, self.operatory.findData(slot.operatory_id)))
        self.minutes.blockSignals(True)
        self.minutes.setValue(slot.span.minutes)
        self.minutes.blockSignals(False)

    def when(self, slot: Slot) -> str:
        """When *slot* is, by the clock of its location."""
        return words.when_at(slot.span, slot.location_id, self._desk.catalogue, self._desk.zone)

    def told(self, slot: Slot, who: Sequence[int | None]) -> str:
        """When *slot* is, and below it whose time: also where, if there are several locations."""
        catalogue = self._desk.catalogue
        place = catalogue.locations.get(slot.location_id or 0)
        several = len(catalogue.locations) > 1
        where = words.isolated(place.name) if place is not None and several else ""
        names = filter(None, [*(named_in(catalogue, number) for number in who), where])
        return f"{self.when(slot)}\n{' · '.join(names)}"

    def as_usual(self, slot: Slot) -> Slot:
        """*slot* for as long as the chosen type usually takes."""
        kind = self._desk.catalogue.types.get(self.type_id or 0)
        if kind is None:
            return slot
        span = Span.lasting(slot.span.starts_at, kind.minutes)
        return replace(slot, span=span, length_meant=True)

    def take_length(self) -> None:
        """The length that the chosen type usually has."""
        kind = self._desk.catalogue.types.get(self.type_id or 0)
        if kind is not None:
            self.minutes.setValue(kind.minutes)

    def draft(self, slot: Slot) -> Draft | None:
        """What is typed here, at *slot*, as the booking window takes it; also a name that was not
        found yet. None without a type.
        """
        from clinic_desk.views.booking.draft import Draft

        if self.type_id is None:
            return None
        patient = self.search.patient
        known = Draft.at(
            self._desk.catalogue,
            slot,
            self.type_id,
            patient=patient,
            notes=self.notes.toPlainText(),
        )
        known.sought = "" if patient else self.search.field.text().strip()
        return known
