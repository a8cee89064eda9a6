"""The list on the left of a page: found by any part of its text, what is not in use aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QMimeData, QModelIndex, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from clinic_desk.views import theme, words
from clinic_desk.views.rows import AnyIndex, FoundRows

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


class LineModel(FoundRows[Line]):
    """Text and hint of each entry.

    Attributes:
        looked_at: whether entries of a group are shown.
        can_be_dragged: whether entries can be carried to somewhere else.
    """

    def __init__(self, headings: tuple[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = headings
        self.looked_at: Callable[[Group], bool] = lambda _group: True
        self.can_be_dragged = False

    def _heads(self) -> Sequence[str]:
        return self._headings

    def _found_by(self, line: Line) -> str:
        return f"{line.text} {line.hint} {line.also}"

    def _is_looked_at(self, line: Line) -> bool:
        return super()._is_looked_at(line) and self.looked_at(line.group)

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

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column():
                return words.isolated(line.hint)
            return self._named(line, line.text)
        if role == Qt.ItemDataRole.DecorationRole and line.colour and not index.column():
            return swatch_icon(line.colour)
        if role == Qt.ItemDataRole.ForegroundRole and index.column():
            return QColor(theme.colour("text.faint"))
        return self._faint(line, role)


def swatch_icon(colour: str) -> QIcon:
    """A small square of *colour* for a row; the same where the row is chosen, and sharp at twice
    the pixels too.
    """
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        for ratio in (1, 2):
            made.addPixmap(swatch(colour, ratio=ratio), mode)
    return made


def swatch(colour: str, side: int = 14, *, ratio: int = 2) -> QPixmap:
    """A small square of *colour* (``#rrggbb``) with an edge that shows on any background, drawn
    with *ratio* pixels per point.
    """
    made = QPixmap(ratio * side, ratio * side)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("border.strong"))
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(QRectF(0.5, 0.5, side - 1, side - 1), 3, 3)
    painter.end()
    return made
