"""Notes and documents of a patient, one beside the other where there is room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.patient_cards import PatientPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients.card_files import CardFiles
from clinic_desk.views.patients.card_notes import CardNotes
from clinic_desk.views.widgets import column, named

WIDE = 800


class CardPapers(QWidget):
    """Read when it is first looked at."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-papers", _("Notes and documents"))
        self.notes = CardNotes(desk)
        self.files = CardFiles(desk)
        self.splitter = named(QSplitter(Qt.Orientation.Vertical), "patient-papers-splitter")
        for part in (self.notes, self.files):
            part.setContentsMargins(0, 6, 0, 6)
            self.splitter.addWidget(part)
        self.splitter.setChildrenCollapsible(False)
        self.setLayout(column(self.splitter, margin=16))

    def show_page(self, page: PatientPage) -> None:
        """Read a patient's."""
        self.notes.open(page.card.id, may_change=page.data.may_change)
        self.files.open(page.card.id, may_change=page.data.may_change)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
