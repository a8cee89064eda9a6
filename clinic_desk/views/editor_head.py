"""The upper part of the editor: who it is, where it stands, and the steps from there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import Status, may_become
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.visits import steps
from clinic_desk.views.widgets import button, column, label, named, restyle, row


class EditorHead(QWidget):
    """Signals:
    status_wanted(Status): a status button.
    approve_wanted(), decline_wanted(): the answer to a request.
    """

    status_wanted = Signal(object)
    approve_wanted = Signal()
    decline_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "editor-head", _("Patient and status"))
        self._desk = desk
        self._answers_on = True
        self.patient = label("", "editor-patient", role="title", wrap=True)
        self.born = label("", "editor-born", role="hint", wrap=True)
        self.alert = label("", "editor-alert", role="alert", wrap=True)
        self.state = label("", "editor-status", role="badge")
        self.buttons = {}
        states = QGridLayout()
        states.setContentsMargins(0, 0, 0, 0)
        states.setSpacing(6)
        for index, step in enumerate(steps()):
            made = button(step.text, f"editor-status-{step.status}")
            made.clicked.connect(
                lambda _c=False, status=step.status: self.status_wanted.emit(status)
            )
            self.buttons[step.status] = made
            states.addWidget(made, index // 3, index % 3)
        self.status_row = QWidget()
        self.status_row.setLayout(states)
        self.approve = button(
            _("Approve"), "editor-approve", self.approve_wanted.emit, look="primary"
        )
        self.decline = button(
            _("Decline…"), "editor-decline", self.decline_wanted.emit, look="danger"
        )
        self.asks = label("", "editor-request", wrap=True)
        self.request_row = named(QFrame(), "editor-request-row", role="note")
        self.request_row.setLayout(row(self.asks, self.approve, self.decline, margin=8, grow=0))
        name = row(column(self.patient, self.born, gap=2), column(self.state, 1), grow=0)
        self.setLayout(column(name, self.alert, self.request_row, self.status_row, gap=10))

    def show_card(self, card: AppointmentCard) -> None:
        """Show who *card* is and offer the steps from its status."""
        self.patient.setText(words.isolated(card.patient_name))
        parts = [words.born(card.patient_born), card.main_problem]
        self.born.setText(" · ".join(part for part in parts if part))
        self.alert.setText(f"⚠ {card.patient_alert}")
        self.alert.setVisible(bool(card.patient_alert))
        self.state.setText(words.status(card.status))
        restyle(self.state, status=str(card.status))
        asked = card.status is Status.REQUESTED
        self.request_row.setVisible(asked)
        self.allow_answers(on=self._answers_on)
        self.status_row.setVisible(not asked)
        may = self._desk.may("Appointment Update")
        possible = may_become(card.status)
        for status, made in self.buttons.items():
            made.setEnabled(may and status in possible)
            restyle(made, current=card.status is status)

    def allow_answers(self, *, on: bool) -> None:
        """Let a request be answered; not where its fields hold another time than the one that
        would be approved and told to the client.
        """
        from clinic_desk.views.admin.pages import allow

        self._answers_on = on
        first = "" if on else _("Save or leave what you have begun here first.")
        self.asks.setText(first or _("This is a request; its time is held."))
        allow(self._desk, self.approve, "Appointment Request Approve", on=on, tip=first)
        allow(self._desk, self.decline, "Appointment Reject", on=on, tip=first)
