"""The cases of the clinic as a table; asks nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt

from clinic_desk.i18n import _, number_text
from clinic_desk.services.case_cards import CaseLine
from clinic_desk.views import words
from clinic_desk.views.rows import AnyIndex, Rows

CaseRole = Qt.ItemDataRole.UserRole + 1


class CasesModel(Rows):
    """Main problem, patient, service, appointments ahead and over, state."""

    PROBLEM, PATIENT, SERVICE, AHEAD, OVER, STATE = range(6)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[CaseLine] = []

    def set_lines(self, lines: Sequence[CaseLine]) -> None:
        """Show these cases, in their order."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("Main problem"), _("Patient"), _("Service"), _("To come"), _("Over"), _("State"))

    def _in_rows(self) -> Sequence[CaseLine]:
        return self.lines

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == CaseRole:
            return line
        numbers = (self.AHEAD, self.OVER)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in numbers:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(line, index.column())
        return None

    def _text(self, line: CaseLine, column: int) -> str:
        if column == self.PROBLEM:
            return words.isolated(line.main_problem)
        if column == self.PATIENT:
            return words.isolated(line.patient_name)
        if column == self.SERVICE:
            return line.type.name if line.type is not None else "–"
        if column == self.AHEAD:
            return number_text(line.counts.ahead)
        if column == self.OVER:
            return number_text(line.counts.over)
        return _("Open") if line.open else _("Closed")
