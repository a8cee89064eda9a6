"""Why a place was refused, all reasons at once, and the ways out as buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted
from clinic_desk.services.cards import AppointmentCard, EventCard, Override
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.free_times import FreeTimes
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import button, column, label, named, row


class RefusalPanel(QFrame):
    """Reasons and ways out.

    Signals:
        slot_chosen(Slot): another place was picked.
        overridden(Override): take the place nevertheless, with a reason.
        dismissed(): leave everything as it was.
    """

    slot_chosen = Signal(object)
    overridden = Signal(object)
    dismissed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "refusal", _("Why this time cannot be taken"), role="refusal")
        self._desk = desk
        self.heading = label("", "refusal-heading", role="strong", wrap=True)
        self.reasons = label("", "refusal-reasons", wrap=True)
        self.instead = label(_("Free instead:"), "refusal-instead", role="hint")
        self.ways = FreeTimes(desk, "refusal-way")
        self.ways.slot_chosen.connect(self._choose)
        self.force = button(
            _("Take it nevertheless"), "refusal-override", self._force, look="danger"
        )
        self.why = named(QLineEdit(), "refusal-override-reason", _("Reason for the exception"))
        self.why.setPlaceholderText(_("Reason, for example: emergency"))
        self.why.textChanged.connect(lambda text: self.force.setEnabled(bool(text.strip())))
        self.why.returnPressed.connect(self._force)
        self._exception = QWidget()
        self._exception.setLayout(column(self.why, row(self.force, 1), gap=4))
        self.keep = button(_("Leave as it was"), "refusal-keep", self._dismiss)
        self.setLayout(
            column(
                self.heading,
                self.reasons,
                self.instead,
                self.ways,
                self._exception,
                row(self.keep, 1),
                margin=10,
            )
        )

    def explain(
        self,
        error: Conflicted,
        wanted: Slot,
        type_id: int | None,
        *,
        patient_id: int | None = None,
        dismissible: bool = False,
        may_override: bool = True,
        about: AppointmentCard | EventCard | None = None,
    ) -> None:
        """Show why *wanted* was refused to what it is *about*, and look for other places, where
        the patient is free.
        """
        moved = about if isinstance(about, AppointmentCard) else None
        who = moved.patient_name if moved is not None else ""
        if isinstance(about, EventCard):
            who = about.title
        text = _("{patient}: {when} cannot be booked") if who else _("{when} cannot be booked")
        zone, there = self._desk.zone, self._desk.catalogue.time_zone(wanted.location_id)
        when = words.when_there(wanted.span, there, zone)
        self.heading.setText(text.format(patient=words.isolated(who), when=when))
        told = words.reasons(error, zone, there)
        self.reasons.setText("\n".join(f"• {sentence}" for sentence in told))
        needed = {conflict.permission for conflict in error.conflicts}
        allowed = (
            may_override and bool(needed) and all(name and self._desk.may(name) for name in needed)
        )
        self._exception.setVisible(allowed)
        self.why.clear()
        self.force.setEnabled(False)
        self.keep.setVisible(dismissible)
        self.ways.clear()
        self.instead.setVisible(type_id is not None)
        self.show()
        if QAccessible.isActive():
            text = " ".join([self.heading.text(), *told])
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        if dismissible:
            self.keep.setFocus(Qt.FocusReason.OtherFocusReason)  # Esc and Enter leave it as it was
        if type_id is not None:
            moving = moved if dismissible and may_override else None
            self.ways.look(wanted, type_id, patient_id=patient_id, moved=moving)

    def _choose(self, slot: Slot) -> None:
        self.hide()
        self.slot_chosen.emit(slot)

    def _force(self) -> None:
        if self.why.text().strip():
            self.hide()
            self.overridden.emit(Override(self.why.text().strip()))

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape and self.keep.isVisible():
            self._dismiss()
        elif event.key() in _TAKES and isinstance(held, QAbstractButton) and held.hasFocus():
            held.click()
        else:
            super().keyPressEvent(event)


_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # Qt itself takes the space bar alone
