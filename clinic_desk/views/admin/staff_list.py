"""The list of staff: found by any part of name, sign-in name and role, accents aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from clinic_desk.i18n import _
from clinic_desk.rules import fold
from clinic_desk.services.staff_cards import StaffLine
from clinic_desk.views import theme, words

AnyIndex = QModelIndex | QPersistentModelIndex


class StaffTableModel(QAbstractTableModel):
    """Name and role; who left is shown only when wanted, in fainter letters."""

    NAME, ROLE = range(2)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[StaffLine, ...] = ()
        self.shown: list[StaffLine] = []
        self._wanted = ""
        self._inactive = False

    def set_lines(self, lines: Sequence[StaffLine]) -> None:
        """Other people."""
        self._all = tuple(lines)
        self._sift()

    def sift(self, text: str, *, inactive: bool) -> None:
        """Show only who has *text* in name or role; with *inactive*, who left as well."""
        self._wanted, self._inactive = text, inactive
        self._sift()

    def _sift(self) -> None:
        wanted = fold.key(self._wanted).split()
        self.beginResetModel()
        self.shown = [
            line
            for line in self._all
            if (line.active or self._inactive)
            and all(
                part in fold.key(f"{line.display_name} {line.name} {_(line.role)}")
                for part in wanted
            )
        ]
        self.endResetModel()

    def row_of(self, user_id: int) -> int:
        """In which row somebody stands; -1 where not shown."""
        return next((n for n, line in enumerate(self.shown) if line.id == user_id), -1)

    def hides(self, user_id: int) -> bool:
        """Whether somebody is there but not shown, because they left."""
        return any(x.id == user_id and not x.active for x in self._all) and not self._inactive

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (_("Name"), _("Role"))[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column() == self.ROLE:
                return _(line.role)
            name = words.isolated(line.display_name)
            return name if line.active else _("{name} (inactive)").format(name=name)
        if role == Qt.ItemDataRole.ForegroundRole and not line.active:
            return QColor(theme.colour("text.faint"))
        if role == Qt.ItemDataRole.FontRole and not line.active:
            font = QFont()
            font.setItalic(True)
            return font
        return None
