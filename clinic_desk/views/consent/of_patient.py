"""The consents of one patient, as a part of their page: one above the other."""

from __future__ import annotations

from PySide6.QtCore import Qt

from clinic_desk.i18n import _
from clinic_desk.services.consent_cards import ConsentPage
from clinic_desk.views.consent.register import RegisterPage
from clinic_desk.views.consent.register_table import RegisterModel

PERMISSION = "Consent Get Consented"
"""Whoever lacks it sees no consents."""


class PatientConsents(RegisterPage):
    """What was asked for to register this patient, and what others asked of their record."""

    NAME = "patient-consents"

    def _begin(self) -> None:
        """Nothing is read before it is known whose consents are wanted."""
        self.splitter.setOrientation(Qt.Orientation.Vertical)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setSizes([150, 450])
        self.table.hideColumn(RegisterModel.PERSON)
        for part in (self.title, self.states, self.sides, self.none, self.all):
            part.hide()

    def show_patient(self, patient_id: int) -> None:
        """Read the consents of this patient."""
        if patient_id != self.patient_id:
            self.patient_id, self.page = patient_id, 1
            self.model.set_cards((), self.desk.zone)
            self.detail.show_card(None)
        self.load()

    def load(self) -> None:
        """Read the page anew, once it is known whose."""
        if self.patient_id is not None:
            super().load()

    def _read(self, found: ConsentPage) -> None:
        """The newest one is shown at once: mostly it is the only one."""
        super()._read(found)
        if self.detail.card is None and found.items:
            self.table.setCurrentIndex(self.model.index(0, RegisterModel.ASKED))

    def _nothing(self) -> str:
        return _("No consents. The data of this patient were told here, and nobody asked for them.")
