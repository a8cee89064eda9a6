"""Beside the visits of a case: whose it is, its services, and what may be requested for it."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QWidget,
)

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.case_cards import CaseCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import texts
from clinic_desk.views.widgets import column, label, named

NOTHING = "—"


def at_the_beginning(text: QLabel) -> None:
    """Names and numbers stand where the line begins, also where they run the other way."""
    mirrored = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    text.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)


class CaseSide(QScrollArea):
    """Signals:
    requests_wanted(bool): "Allow appointment requests" was switched.
    types_wanted(frozenset): the numbers of the types that may be requested; none: all.
    """

    requests_wanted = Signal(bool)
    types_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "case-side", _("Patient and services"))
        self._desk = desk
        self._card: CaseCard | None = None
        self._boxes: dict[int, QCheckBox] = {}
        self.name = label("", "case-patient", role="heading", wrap=True)
        self.alert = label("", "case-alert", role="alert", wrap=True)
        self.fields = {
            name: label("", f"case-patient-{name}", wrap=True)
            for name in ("born", "gender", "email", "phone", "number")
        }
        captions = {
            "born": _("Date of birth"),
            "gender": _("Gender"),
            "email": _("E-mail"),
            "phone": _("Phone"),
            "number": _("Number"),
        }
        data = QFormLayout()
        data.setHorizontalSpacing(12)
        data.setVerticalSpacing(4)
        data.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name, value in self.fields.items():
            at_the_beginning(value)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            data.addRow(label(captions[name], role="hint"), value)
        at_the_beginning(self.name)
        patient = named(QFrame(), "case-patient-card", _("Patient"), role="card")
        patient.setLayout(column(self.name, self.alert, data, margin=12))
        self.services = label("", "case-services", wrap=True)
        at_the_beginning(self.services)
        services = named(QFrame(), "case-services-card", _("Services"), role="card")
        heading = label(_("Services"), "case-services-title", role="heading")
        services.setLayout(column(heading, self.services, margin=12))
        self.requests = QCheckBox(_("Allow appointment requests"))
        named(self.requests, "case-requests", _("Allow appointment requests"))
        self.requests.clicked.connect(self.requests_wanted)
        self.types_text = label("", "case-types-text", role="hint", wrap=True)
        self._types = column(gap=4)
        requests = named(QFrame(), "case-requests-card", _("Appointment requests"), role="card")
        requests.setLayout(column(self.requests, self.types_text, self._types, margin=12))
        inside = QWidget()
        inside.setLayout(column(patient, services, requests, 1, gap=10))
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(280)
        self.setMaximumWidth(460)

    def show_card(self, card: CaseCard) -> None:
        """Show what *card* says."""
        self._card = card
        self._show_patient(card.patient)
        counted = Counter(visit.type.id for visit in card.appointments)
        lines = [
            ngettext("{name}: {count} appointment", "{name}: {count} appointments", n).format(
                name=words.isolated(kind.name), count=n
            )
            for kind in card.services
            for n in [counted[kind.id]]
        ]
        self.services.setText("\n".join(lines) or _("None yet."))
        self.requests.setChecked(card.requests_allowed)
        self._show_types(card)
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """While something is being saved, nothing else is."""
        may = self._desk.may("Appointment Update")
        why = "" if may else words.explained(NotAllowed("Appointment Update"))
        allowed = self._card is not None and self._card.requests_allowed
        self.requests.setEnabled(may and not busy)
        self.requests.setToolTip(why)
        for box in self._boxes.values():
            box.setEnabled(may and allowed and not busy)
            box.setToolTip(why)

    def _show_patient(self, patient: PatientCard) -> None:
        self.name.setText(words.isolated(patient.name))
        self.alert.setText(f"⚠ {patient.alert}")
        self.alert.setVisible(bool(patient.alert))
        born = patient.date_of_birth
        values = {
            "born": words.day_numbers(born) if born else "",
            "gender": texts.gender(patient.gender),
            "email": words.isolated(patient.email),
            "phone": words.isolated(patient.phone),
            "number": patient.number,
        }
        for name, value in values.items():
            self.fields[name].setText(value or NOTHING)

    def _show_types(self, card: CaseCard) -> None:
        wanted = [
            kind
            for kind in sorted(
                self._desk.catalogue.types.values(), key=lambda one: (one.position, one.name)
            )
            if kind.active or kind.id in card.allowed_type_ids
        ]
        if [kind.id for kind in wanted] != list(self._boxes):
            for box in self._boxes.values():
                self._types.removeWidget(box)
                box.hide()
                box.deleteLater()
            self._boxes = {}
            for kind in wanted:
                box = QCheckBox(kind.name)
                named(box, f"case-type-{kind.id}", kind.name)
                box.clicked.connect(self._types_changed)
                self._boxes[kind.id] = box
                self._types.addWidget(box)
        for number, box in self._boxes.items():
            box.setChecked(number in card.allowed_type_ids)
        text = _("Only these services may be requested:")
        if not card.requests_allowed:
            text = _("Nothing can be requested for this case.")
        elif not card.allowed_type_ids:
            text = _("All services may be requested. Tick some to allow only these:")
        self.types_text.setText(text)

    def _types_changed(self) -> None:
        ticked = frozenset(number for number, box in self._boxes.items() if box.isChecked())
        self.types_wanted.emit(ticked)
