"""The history of a case as rows: a deed's heading, under it its fields before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import HistoryLine
from clinic_desk.views import deed_names, history, words
from clinic_desk.views.rows import AnyIndex, Rows

RowRole = Qt.ItemDataRole.UserRole + 1
SHORT = 20
"""Letters that are seen without a tip."""


@dataclass(frozen=True, slots=True)
class Row:
    """A heading (``is_heading``) or a field of the deed that ``line`` belongs to."""

    line: HistoryLine
    is_heading: bool


class CaseHistoryTableModel(Rows):
    """Deeds, newest first; asks nothing itself."""

    TIME, WHAT, BEFORE, AFTER = range(4)

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zone = zone
        self._lines: tuple[HistoryLine, ...] = ()
        self._rows: list[Row] = []
        self._visits: Mapping[int, AppointmentCard] = {}

    @property
    def lines(self) -> tuple[HistoryLine, ...]:
        """What is shown, the newest first."""
        return self._lines

    def set_lines(
        self, lines: Sequence[HistoryLine], visits: Mapping[int, AppointmentCard]
    ) -> None:
        """Show *lines*; *visits* are the case's appointments by number, as they stand now."""
        self.beginResetModel()
        self._lines, self._visits = tuple(lines), visits
        self._rows = []
        seq = None
        for line in lines:
            if line.seq != seq:
                self._rows.append(Row(line, is_heading=True))
                seq = line.seq
            self._rows.append(Row(line, is_heading=False))
        self.endResetModel()

    def moment(self, index: AnyIndex) -> tuple[date, AppointmentCard | None] | None:
        """Where a row leads in the calendar: the day on which the visit stood before or stands
        after, with the visit if it is still there; for what is about the case, the day of the
        deed.
        """
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        line = row.line
        card = self._visits.get(line.entity_id) if line.kind == "appointment" else None
        at = self._start(line, before=index.column() == self.BEFORE and not row.is_heading)
        if at is None:
            at = card.span.starts_at if card is not None else line.at
        stands = card is not None and card.span.starts_at == at
        return words.wall(at, self.zone).date(), card if stands else None

    def _start(self, line: HistoryLine, *, before: bool) -> datetime | None:
        """Where the deed of *line* put its visit, or where it stood *before*."""
        for other in self._lines:
            same = (other.seq, other.kind, other.entity_id) == (line.seq, line.kind, line.entity_id)
            if same and line.kind == "appointment" and other.field == "starts_at":
                found = other.before if before else other.after
                return found if isinstance(found, datetime) else None
        return None

    @property
    def headings(self) -> list[int]:
        """The rows that are headings; their text runs on to the end of the row."""
        return [number for number, row in enumerate(self._rows) if row.is_heading]

    def _heads(self) -> Sequence[str]:
        return (_("When"), _("What"), _("Before"), _("After"))

    def _in_rows(self) -> Sequence[Row]:
        return self._rows

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.FontRole and row.is_heading:
            font = QFont()
            font.setBold(True)
            return font
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        text = self._heading(row.line, index.column())
        if not row.is_heading:
            text = self._field(row.line, index.column())
        return text if role == Qt.ItemDataRole.DisplayRole or len(text) > SHORT else None

    def _heading(self, line: HistoryLine, column: int) -> str:
        if column == self.TIME:
            return self._instant(line.at)
        if column == self.WHAT:
            what = deed_names.action_names().get(line.action, _("Changed"))
            if line.undoes is not None:
                what = _("Undone (no. {number})").format(number=line.undoes)
            who = words.doer(line.who, line.origin)
            return " · ".join(part for part in (what, who, words.isolated(line.reason)) if part)
        return ""

    def _field(self, line: HistoryLine, column: int) -> str:
        if column == self.TIME:
            return self._about(line)
        if column == self.WHAT:
            return _(line.label)
        return self._value(line.field, line.before if column == self.BEFORE else line.after)

    def _about(self, line: HistoryLine) -> str:
        """Which visit a line is about, where there may be several."""
        card = self._visits.get(line.entity_id) if line.kind == "appointment" else None
        if card is None:
            return _(line.about)
        return words.visit_when(card, self.zone)

    def _value(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return history.NOTHING
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return self._instant(value)
        if name == "status":
            return words.status(Status(value))
        return words.isolated(str(value))

    def _instant(self, instant: datetime) -> str:
        day = words.wall(instant, self.zone).date()
        return f"{words.day_numbers(day)} {words.clock(instant, self.zone)}"
