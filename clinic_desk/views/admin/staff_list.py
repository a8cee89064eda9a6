"""The list of staff: found by any part of name, sign-in name and role, accents aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt

from clinic_desk.i18n import _
from clinic_desk.services.staff_cards import StaffLine
from clinic_desk.views.rows import AnyIndex, FoundRows


class StaffTableModel(FoundRows[StaffLine]):
    """Name and role; who left is shown only when wanted, in fainter letters."""

    NAME, ROLE = range(2)

    def _heads(self) -> Sequence[str]:
        return (_("Name"), _("Role"))

    def _found_by(self, line: StaffLine) -> str:
        return f"{line.display_name} {line.name} {_(line.role)}"

    def hides(self, user_id: int) -> bool:
        """Whether somebody is there but not shown, because they left."""
        return any(x.id == user_id and not x.active for x in self._all) and not self._inactive

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column() == self.ROLE:
                return _(line.role)
            return self._named(line, line.display_name)
        return self._faint(line, role)
