"""A new patient in the middle of something else: a window that gives the patient back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients.patient_form import PatientForm
from clinic_desk.views.widgets import column, named


class NewPatient(QDialog):
    """Signals:
    chosen(PatientCard): the new patient, or one whom the clinic knew already.
    """

    chosen = Signal(object)

    def __init__(self, desk: Desk, typed: str, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "new-patient", _("New patient"))
        self.setWindowTitle(_("New patient"))
        self.form = PatientForm(desk)
        self.setLayout(column(self.form))
        self.resize(520, 560)
        self.form.saved.connect(self._take)
        self.form.known_chosen.connect(self._take)
        self.form.closed.connect(self.reject)
        self.form.begin_with(typed)

    def _take(self, card: object) -> None:
        self.accept()
        self.chosen.emit(card)
