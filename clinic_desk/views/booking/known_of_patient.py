"""What whoever books should know of the patient: alerts, and what is booked for them already."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, PatientCard
from clinic_desk.services.patient_cards import PatientPage
from clinic_desk.views import words
from clinic_desk.views.booking.values import emptied
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import column, label, named

MOST = 4
"""So many appointments ahead are told."""


class KnownOfPatient(QWidget):
    """Alerts at once, the rest as soon as it is read; nothing where there is nothing to tell."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-known", _("What is known of the patient"))
        self._desk = desk
        self._patient: PatientCard | None = None
        self.alert = label("", "booking-known-alert", role="alert", wrap=True)
        self.caption = label(_("Booked already"), "booking-known-caption", role="strong")
        self._visits = column(gap=2)
        self.setLayout(column(self.alert, self.caption, self._visits, gap=6))
        self.caption.hide()
        self.alert.hide()

    def show_patient(self, patient: PatientCard | None) -> None:
        """Tell of *patient*; of nobody, nothing."""
        from clinic_desk.services import patient_page

        if patient == self._patient:
            return
        self._patient = patient
        self._show_alerts(patient.alert if patient is not None else "")
        self._show_visits(())
        if patient is not None and self._desk.may("Customer Show"):
            self._desk.ask(
                patient_page.page,
                patient.id,
                done=self._found,
                failed=lambda _error: None,  # it is a courtesy: booking looks for itself
                ticket=("booking-known", id(self)),
                what=_("reading from the database"),
            )

    def _found(self, page: PatientPage) -> None:
        if self._patient is None:
            return
        told = [page.card.alert, page.data.medical_alert or ""]
        self._show_alerts("\n".join(filter(None, told)))
        self._show_visits(page.upcoming)

    def _show_alerts(self, text: str) -> None:
        self.alert.setText(_("Note: {alert}").format(alert=text))
        self.alert.setVisible(bool(text))

    def _show_visits(self, visits: tuple[AppointmentCard, ...]) -> None:
        emptied(self._visits)
        for card in visits[:MOST]:
            text = _("{when} · {type} · {provider}").format(
                when=words.visit_when(card, self._desk.zone),
                type=card.type.code,
                provider=words.isolated(card.provider.name),
            )
            self._visits.addWidget(label(text, "booking-known-visit", role="hint"))
        self.caption.setVisible(bool(visits))
