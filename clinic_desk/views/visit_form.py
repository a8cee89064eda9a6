"""The fields of one visit, and what of them differs from a card. No saving here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QDate, QLocale, QTime, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFormLayout,
    QPlainTextEdit,
    QSpinBox,
    QTimeEdit,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import resolve, zone
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import words
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import field_row, label, named


@dataclass(frozen=True, slots=True)
class Values:
    """What a form holds, or what a card says: comparable field by field."""

    type_id: int
    span: Span
    provider_id: int
    operatory_id: int | None
    notes: str

    @classmethod
    def of(cls, card: AppointmentCard) -> Values:
        """What the form shows for an appointment that is there."""
        slot = Slot.of(card)
        return cls(card.type.id, card.span, slot.provider_id, slot.operatory_id, card.notes)

    def differing(self, other: Values) -> dict[str, Any]:
        """The fields of *self* that *other* does not share."""
        names = ("type_id", "span", "provider_id", "operatory_id", "notes")
        return {n: getattr(self, n) for n in names if getattr(self, n) != getattr(other, n)}


class VisitForm(QWidget):
    """Type, day, time, length, provider, room, notes. ``edited`` when the user changed one."""

    edited = Signal()

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "visit-form", _("Appointment"))
        self._catalogue = catalogue
        self._zone = ""
        self._filling = False
        self.type = named(QComboBox(), "editor-type", _("Type"))
        self.day = named(QDateEdit(), "editor-day", _("Day"))
        self.day.setCalendarPopup(True)
        short = self.day.locale().dateFormat(QLocale.FormatType.ShortFormat)
        self.day.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        self.start = named(QTimeEdit(), "editor-start", _("Begins"))
        self.minutes = named(QSpinBox(), "editor-minutes", _("Length in minutes"))
        self.minutes.setRange(1, 24 * 60)
        self.minutes.setSingleStep(5)
        self.minutes.setSuffix(" " + _("min"))
        self.ends = label("", "editor-ends", role="hint")
        self.provider = named(QComboBox(), "editor-provider", _("Provider"))
        self.operatory = named(QComboBox(), "editor-operatory", _("Room"))
        self.notes = named(QPlainTextEdit(), "editor-notes", _("Notes"))
        self.notes.setTabChangesFocus(True)
        self.notes.setMinimumHeight(80)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        field_row(form, _("&Type"), self.type)
        field_row(form, _("&Day"), self.day, label())
        field_row(form, _("&Begins"), self.start, self.minutes, self.ends)
        field_row(form, _("Pro&vider"), self.provider)
        field_row(form, _("&Room"), self.operatory)
        field_row(form, _("&Notes"), self.notes)
        self.type.activated.connect(self._type_chosen)
        for changed in (
            self.day.dateChanged,
            self.start.timeChanged,
            self.minutes.valueChanged,
            self.provider.currentIndexChanged,
            self.operatory.currentIndexChanged,
            self.type.currentIndexChanged,
            self.notes.textChanged,
        ):
            changed.connect(self._changed)

    def fill(self, card: AppointmentCard, values: Values | None = None) -> None:
        """Show *values* (default: those of *card*) in the zone of the visit."""
        values = values or Values.of(card)
        self._filling = True
        self._zone = card.time_zone
        catalogue = self._catalogue
        self.type.clear()
        for kind in sorted(catalogue.types.values(), key=lambda one: (one.position, one.name)):
            if kind.active or kind.id == values.type_id:
                self.type.addItem(f"{kind.code} · {kind.name}", kind.id)
        self.type.setCurrentIndex(self.type.findData(values.type_id))
        self.provider.clear()
        for person in sorted(catalogue.providers.values(), key=lambda one: one.position):
            if person.active or person.id == values.provider_id:
                self.provider.addItem(person.name, person.id)
        self.provider.setCurrentIndex(self.provider.findData(values.provider_id))
        self.operatory.clear()
        self.operatory.addItem(_("No room"), None)
        for room in sorted(
            catalogue.operatories.values(), key=lambda one: (one.location_id, one.position)
        ):
            if room.active or room.id == values.operatory_id:
                where = catalogue.locations[room.location_id].name
                self.operatory.addItem(f"{room.name} · {where}", room.id)
        self.operatory.setCurrentIndex(max(0, self.operatory.findData(values.operatory_id)))
        local = words.wall(values.span.starts_at, self._zone)
        self.day.setDate(QDate(local.year, local.month, local.day))
        self.start.setTime(QTime(local.hour, local.minute))
        self.minutes.setValue(values.span.minutes)
        if self.notes.toPlainText() != values.notes:
            self.notes.setPlainText(values.notes)
        self._filling = False
        self._tell_end()

    def take_slot(self, slot: Slot) -> None:
        """Go to a place that was offered; the other fields stay."""
        local = words.wall(slot.span.starts_at, self._zone)
        self.day.setDate(QDate(local.year, local.month, local.day))
        self.start.setTime(QTime(local.hour, local.minute))
        self.minutes.setValue(slot.span.minutes)
        self.provider.setCurrentIndex(self.provider.findData(slot.provider_id))
        self.operatory.setCurrentIndex(max(0, self.operatory.findData(slot.operatory_id)))

    def values(self) -> Values:
        """What stands in the fields. Raises ``Invalid`` for a time that does not exist."""
        return Values(
            type_id=self.type.currentData(),
            span=self._span(),
            provider_id=self.provider.currentData(),
            operatory_id=self.operatory.currentData(),
            notes=self.notes.toPlainText(),
        )

    def set_editable(self, on: bool, *, notes: bool) -> None:
        """Whether time and place may be changed, and whether the notes may."""
        for part in (self.type, self.day, self.start, self.minutes, self.provider, self.operatory):
            part.setEnabled(on)
        self.notes.setReadOnly(not notes)

    def _span(self) -> Span:
        day, at = self.day.date(), self.start.time()
        wall = datetime.combine(
            date(day.year(), day.month(), day.day()), time(at.hour(), at.minute())
        )
        begins = resolve(wall, zone(self._zone), fold=0)
        return Span(begins, begins + timedelta(minutes=self.minutes.value()))

    def _type_chosen(self) -> None:
        kind = self._catalogue.types.get(self.type.currentData())
        if kind is not None:
            self.minutes.setValue(kind.minutes)

    def _changed(self) -> None:
        if not self._filling:
            self._tell_end()
            self.edited.emit()

    def _tell_end(self) -> None:
        at = self.start.time()
        end = at.hour() * 60 + at.minute() + self.minutes.value()
        from clinic_desk.i18n import minute_text

        self.ends.setText(_("until {time}").format(time=minute_text(end % (24 * 60))))
