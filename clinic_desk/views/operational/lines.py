"""The list on the left of a page: found by any part of its text, what is not in use aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from clinic_desk.i18n import _
from clinic_desk.rules import fold
from clinic_desk.views import theme, words

AnyIndex = QModelIndex | QPersistentModelIndex
Group = int | None

MIME = "application/x-clinic-desk-entry"
"""An entry that is dragged: its number, in figures."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: ``hint`` stands fainter beside the text, ``colour`` is a swatch before it;
    ``group`` is the heading under which it can be looked for, ``also`` what it is found by too.
    """

    id: int
    text: str
    hint: str = ""
    active: bool = True
    colour: str = ""
    group: Group = None
    also: str = ""


class LineModel(QAbstractTableModel):
    """Text and hint of each entry.

    Attributes:
        looked_at: whether entries of a group are shown.
        can_be_dragged: whether entries can be carried to somewhere else.
    """

    def __init__(self, headings: tuple[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = headings
        self._all: tuple[Line, ...] = ()
        self.shown: list[Line] = []
        self._wanted, self._inactive = "", False
        self.looked_at: Callable[[Group], bool] = lambda _group: True
        self.can_be_dragged = False

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Other entries."""
        self._all = tuple(lines)
        self._sift()

    def sift(self, text: str, *, inactive: bool) -> None:
        """Show only what has *text* in it; with *inactive*, what is not in use as well."""
        self._wanted, self._inactive = text, inactive
        self._sift()

    def _sift(self) -> None:
        wanted = fold.key(self._wanted).split()
        self.beginResetModel()
        self.shown = [
            line
            for line in self._all
            if (line.active or self._inactive)
            and self.looked_at(line.group)
            and all(part in fold.key(f"{line.text} {line.hint} {line.also}") for part in wanted)
        ]
        self.endResetModel()

    def groups(self) -> Counter[Group]:
        """How many entries each group has, whatever is searched for or looked at."""
        return Counter(line.group for line in self._all if line.active or self._inactive)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        dragged = Qt.ItemFlag.ItemIsDragEnabled if self.can_be_dragged else Qt.ItemFlag(0)
        return super().flags(index) | dragged

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(self.shown[indexes[0].row()].id).encode())
        return data

    def row_of(self, number: int) -> int:
        """In which row an entry stands; -1 where it is not shown."""
        return next((n for n, line in enumerate(self.shown) if line.id == number), -1)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._headings[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column():
                return words.isolated(line.hint)
            name = words.isolated(line.text)
            return name if line.active else _("{name} (inactive)").format(name=name)
        if role == Qt.ItemDataRole.DecorationRole and line.colour and not index.column():
            return swatch(line.colour)
        if role == Qt.ItemDataRole.ForegroundRole and (not line.active or index.column()):
            return QColor(theme.colour("text.faint"))
        if role == Qt.ItemDataRole.FontRole and not line.active:
            font = QFont()
            font.setItalic(True)
            return font
        return None


def swatch(colour: str, side: int = 14) -> QPixmap:
    """A small square of *colour* (``#rrggbb``) with an edge that shows on any background."""
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("border.strong"))
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(1, 1, side - 2, side - 2, 3, 3)
    painter.end()
    return made
