"""One line: whether the time in the quick form is free, for whom, or every reason why not."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.conflicts import Conflict
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import named, restyle


class FreeLine(QLabel):
    """Asks and tells."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "quick-free", "")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._desk = desk

    def look(self, slot: Slot, type_id: int, patient_id: int | None, holder: str) -> None:
        """Ask whether *slot* is free, but for what the dialog *holder* holds."""
        from clinic_desk.services import diary

        self._desk.ask(
            diary.check,
            span=slot.span,
            type_id=type_id,
            provider_id=slot.provider_id,
            patient_id=patient_id,
            operatory_id=slot.operatory_id,
            location_id=slot.location_id,
            desk=holder,
            done=partial(self._checked, slot, patient_id),
            ticket=("quick-check", id(self)),
            what=_("checking whether the time is free"),
        )

    def warn(self, slot: Slot, conflicts: tuple[Conflict, ...]) -> None:
        """Tell every reason against *slot*."""
        there = self._desk.catalogue.time_zone(slot.location_id)
        told = [words.reason(c, self._desk.zone, there) for c in conflicts]
        self.setText("\n".join(f"⚠ {sentence}" for sentence in told))
        restyle(self, tone="warning")

    def _checked(self, slot: Slot, patient_id: int | None, conflicts: tuple[Conflict, ...]) -> None:
        if conflicts:
            self.warn(slot, conflicts)
        else:
            self.setText("✓ " + _free_for(slot, patient_id))
            restyle(self, tone="good")


def _free_for(slot: Slot, patient_id: int | None) -> str:
    """Only who and what was asked about is said to be free."""
    room = slot.operatory_id is not None
    if patient_id is None:
        return _("Free for the provider and the room") if room else _("Free for the provider")
    if room:
        return _("Free for the provider, the room and the patient")
    return _("Free for the provider and the patient")
