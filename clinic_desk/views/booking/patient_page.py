"""The third step: who it is for; somebody known, or "+" for somebody new."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import PatientCard
from clinic_desk.views import words
from clinic_desk.views.booking.draft import Draft
from clinic_desk.views.booking.known_of_patient import KnownOfPatient
from clinic_desk.views.booking.values import Values
from clinic_desk.views.desk import Desk
from clinic_desk.views.patient_search import PatientSearch
from clinic_desk.views.widgets import column, label, named, row, tool


class PatientPage(QWidget):
    """Signals:
    chosen(PatientCard or None): who it is for, or nobody any more.
    """

    chosen = Signal(object)

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-patient", _("Patient info"))
        self._desk, self._draft = desk, draft
        self.search = PatientSearch(desk)
        self.add = tool("+", "booking-new-patient", tip=_("New patient"))
        self.add.setProperty("look", "framed")
        heading = label(_("Patients"), "booking-patients-heading", role="heading")
        top = row(heading, 1, self.search, self.add, gap=8)
        top.setStretch(2, 3)
        for part in (heading, self.search, self.add):
            top.setAlignment(part, Qt.AlignmentFlag.AlignTop)
        self.data = Values("booking-patient-data", _("The chosen patient"))
        self.known = KnownOfPatient(desk)
        card = named(QFrame(), "booking-patients", _("Patients"), role="card")
        card.setLayout(column(top, self.data, self.known, 1, margin=14, gap=12))
        self.notes = named(QPlainTextEdit(), "booking-notes", _("Notes"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(64)
        self.notes.setPlainText(draft.notes)
        caption = label(_("Notes for the appointment"), "booking-notes-label", role="strong")
        self.setLayout(column(card, caption, self.notes, grow=0))
        self.add.setVisible(desk.may("Customer Create"))
        self.add.clicked.connect(self._new)
        self.search.chosen.connect(self._chosen)
        self.notes.textChanged.connect(self._noted)
        if draft.patient is not None:
            self.search.set_patient(draft.patient)
        elif draft.sought:
            self.search.seek(draft.sought)
        self._show(draft.patient)

    def begin(self) -> None:
        """Give the focus to the search."""
        self.search.field.setFocus()
        if self._draft.patient is not None:
            self.search.field.selectAll()

    @property
    def is_complete(self) -> bool:
        """Whether it is known who it is for."""
        return self._draft.patient is not None

    def _new(self) -> None:
        if self._draft.patient is not None:
            self.search.clear()
            self._chosen(None)
        self.search.begin_new()

    def _chosen(self, patient: PatientCard | None) -> None:
        before = self._draft.patient
        self._draft.patient = patient
        self._show(patient)
        if patient != before:
            self.chosen.emit(patient)

    def _show(self, patient: PatientCard | None) -> None:
        self.data.show_lines(lines_of(patient) if patient is not None else ())
        self.known.show_patient(patient)

    def _noted(self) -> None:
        self._draft.notes = self.notes.toPlainText()


def lines_of(patient: PatientCard) -> list[tuple[str, str]]:
    """What is told of a patient who is booked for; what is not known is a dash."""
    from clinic_desk.views.patients import texts

    born = words.day_numbers(patient.date_of_birth) if patient.date_of_birth else ""
    pairs = [
        (_("Name"), words.isolated(patient.name)),
        (_("E-mail"), words.isolated(patient.email)),
        (_("Phone"), words.isolated(patient.phone)),
        (_("Date of birth"), born),
        (_("Gender"), texts.gender(patient.gender)),
    ]
    return [(caption, text or "–") for caption, text in pairs]
