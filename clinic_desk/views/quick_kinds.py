"""What is entered in the quick form: an appointment, or time that is blocked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.widgets import named, row, tool


class QuickKinds(QFrame):
    """Two buttons, of which one is down. ``chosen()``: somebody pressed one."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "quick-kinds", _("What to enter"), role="segments")
        self.as_visit = tool(_("Appointment"), "quick-as-visit")
        self.as_event = tool(_("Block time"), "quick-as-event")
        group = QButtonGroup(self)
        self.setLayout(row(self.as_visit, self.as_event, margin=2, gap=0))
        for made in (self.as_visit, self.as_event):
            made.setCheckable(True)
            made.setProperty("look", "segment")
            group.addButton(made)
        self.as_visit.setChecked(True)
        group.buttonClicked.connect(lambda _button: self.chosen.emit())
