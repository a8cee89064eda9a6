"""What every plain list has in common that is shown as rows under headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from clinic_desk.i18n import _
from clinic_desk.rules import fold
from clinic_desk.views import theme, words

AnyIndex = QModelIndex | QPersistentModelIndex


class Rows(QAbstractTableModel):
    """Lines under headings, nothing below a line; asks nothing itself. A list of this kind keeps
    its lines, gives them by ``_in_rows`` and says by ``data`` what stands in them.
    """

    def _heads(self) -> Sequence[str]:
        """What stands above the columns."""
        raise NotImplementedError

    def _in_rows(self) -> Sequence[Any]:
        """The lines that are shown, in their order."""
        raise NotImplementedError

    def row_of(self, number: int) -> int:
        """In which row the line with this number (its ``id``) stands; -1 where not shown."""
        return next((n for n, one in enumerate(self._in_rows()) if one.id == number), -1)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self._in_rows())

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self._heads())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._heads()[section]
        return None


class Findable(Protocol):
    """A line that has a number and is in use or not."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def active(self) -> bool:
        """Whether it is in use."""


F = TypeVar("F", bound=Findable)


class FoundRows(Rows, Generic[F]):
    """Lines that are found by any part of their text, accents aside; those that are not in use
    are shown only when wanted, in fainter letters.

    Attributes:
        shown: the lines that were found.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[F, ...] = ()
        self.shown: list[F] = []
        self._wanted, self._inactive = "", False

    def _found_by(self, line: F) -> str:
        """The texts by which a line is found."""
        raise NotImplementedError

    def _is_looked_at(self, line: F) -> bool:
        """Whether a line is among those that are looked at, whatever is searched for."""
        return line.active or self._inactive

    def set_lines(self, lines: Sequence[F]) -> None:
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
            if self._is_looked_at(line)
            and all(part in fold.key(self._found_by(line)) for part in wanted)
        ]
        self.endResetModel()

    def _in_rows(self) -> Sequence[F]:
        return self.shown

    @staticmethod
    def _named(line: F, name: str) -> str:
        """*name* of a line, with a word where it is not in use."""
        isolated = words.isolated(name)
        return isolated if line.active else _("{name} (inactive)").format(name=isolated)

    @staticmethod
    def _faint(line: F, role: int) -> Any:
        """How a line looks that is not in use; None in any other role."""
        if role == Qt.ItemDataRole.ForegroundRole and not line.active:
            return QColor(theme.colour("text.faint"))
        if role == Qt.ItemDataRole.FontRole and not line.active:
            font = QFont()
            font.setItalic(True)
            return font
        return None
