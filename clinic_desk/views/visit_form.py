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
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import NoSuchTime, TwoTimes, resolve, zone
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import words
from clinic_desk.views.slots import Slot
from clinic_desk.views.time_field import TimeField
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
        self._notes = ("", "")
        self.type = named(QComboBox(), "editor-type", _("Type"))
        self.day = named(QDateEdit(), "editor-day", _("Day"))
        self.day.setCalendarPopup(True)
        short = self.day.locale().dateFormat(QLocale.FormatType.ShortFormat)
        self.day.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        self.start = named(TimeField(), "editor-start", _("Begins"))
        self.start.setDisplayFormat(self.start.locale().timeFormat(QLocale.FormatType.ShortFormat))
        self.fold = named(QComboBox(), "editor-fold", _("The clocks go back: which one"))
        self.fold.addItem("", 0)
        self.fold.addItem("", 1)
        self.fold.hide()
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
        field_row(form, _("&Begins"), self.start, self.fold, self.minutes, self.ends)
        field_row(form, _("Pro&vider"), self.provider)
        field_row(form, _("&Room"), self.operatory)
        field_row(form, _("&Notes"), self.notes)
        self.type.activated.connect(self._type_chosen)
        for changed in (
            self.day.dateChanged,
            self.start.timeChanged,
            self.fold.currentIndexChanged,
            self.minutes.valueChanged,
            self.provider.currentIndexChanged,
            self.operatory.currentIndexChanged,
            self.type.currentIndexChanged,
            self.notes.textChanged,
        ):
            changed.connect(self._changed)

    def fill(self, card: AppointmentCard) -> None:
        """Show what *card* says, in the zone of the visit."""
        values = Values.of(card)
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
        self._show_start(values.span)
        if self._typed_notes() != values.notes:
            self.notes.setPlainText(values.notes)
            self._notes = (self.notes.toPlainText(), values.notes)
        self._filling = False
        self._tell_end()

    def take_slot(self, slot: Slot) -> None:
        """Go to a place that was offered; the other fields stay."""
        self._show_start(slot.span)
        self.provider.setCurrentIndex(self.provider.findData(slot.provider_id))
        self.operatory.setCurrentIndex(max(0, self.operatory.findData(slot.operatory_id)))

    def values(self) -> Values:
        """What stands in the fields. Raises ``Invalid`` for a time that does not exist."""
        return Values(
            type_id=self.type.currentData(),
            span=self._span(),
            provider_id=self.provider.currentData(),
            operatory_id=self.operatory.currentData(),
            notes=self._typed_notes(),
        )

    def set_editable(self, on: bool, *, notes: bool) -> None:
        """Whether time and place may be changed, and whether the notes may."""
        when = (self.day, self.start, self.fold, self.minutes)
        for part in (self.type, *when, self.provider, self.operatory):
            part.setEnabled(on)
        self.notes.setReadOnly(not notes)

    def _typed_notes(self) -> str:
        """The notes as they were given while nobody types: the field knows one kind of line end."""
        shown, given = self._notes
        typed = self.notes.toPlainText()
        return given if typed == shown else typed

    def _show_start(self, span: Span) -> None:
        local = words.wall(span.starts_at, self._zone)
        self.day.setDate(QDate(local.year, local.month, local.day))
        self.start.setTime(QTime(local.hour, local.minute))
        self.fold.setCurrentIndex(local.fold)
        self.minutes.setValue(span.minutes)

    def _wall(self) -> datetime:
        day, at = self.day.date(), self.start.time()
        return datetime.combine(
            date(day.year(), day.month(), day.day()), time(at.hour(), at.minute())
        )

    def _span(self) -> Span:
        begins = resolve(self._wall(), zone(self._zone), fold=self.fold.currentData())
        return Span(begins, begins + timedelta(minutes=self.minutes.value()))

    def _offer_passes(self) -> None:
        """A time that comes twice on the day is asked which one it is."""
        try:
            resolve(self._wall(), zone(self._zone))
        except TwoTimes as twice:
            for place, instant in enumerate((twice.first, twice.second)):
                name = instant.astimezone(zone(self._zone)).tzname()
                text = _("second time ({zone})") if place else _("first time ({zone})")
                self.fold.setItemText(place, text.format(zone=name))
            self.fold.show()
            return
        except NoSuchTime:
            pass
        self.fold.hide()
        self.fold.setCurrentIndex(0)

    def _type_chosen(self) -> None:
        kind = self._catalogue.types.get(self.type.currentData())
        if kind is not None:
            self.minutes.setValue(kind.minutes)

    def _changed(self) -> None:
        if not self._filling:
            self._tell_end()
            self.edited.emit()

    def _tell_end(self) -> None:
        self._offer_passes()
        try:
            end = words.clock(self._span().ends_at, self._zone)
        except NoSuchTime:
            end = "–"
        self.ends.setText(_("until {time}").format(time=end))
