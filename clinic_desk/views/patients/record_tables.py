"""The tables of a patient's record: appointments with their year, cases, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from clinic_desk.i18n import _
from clinic_desk.services.case_cards import CaseLine, HistoryLine
from clinic_desk.views import words
from clinic_desk.views.list_view import visit_table
from clinic_desk.views.patients import texts
from clinic_desk.views.rows import AnyIndex, Rows
from clinic_desk.views.visit_table import VisitTableModel, own_day

VISITS = ("day", "time", "type", "provider", "status")
WHOLE = frozenset({"text", "name", "user_id"})
"""Fields that are all there is to their kind of record."""

NOTHING = "—"
ROW = 32


class PatientVisits(VisitTableModel):
    """Appointments over years: each with its year."""

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__(VISITS, zone, parent)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and index.isValid() and not index.column():
            card = self.cards[index.row()]
            return words.day_numbers(own_day(card))
        return super().data(index, role)


class TextRows(Rows):
    """Rows of texts under headings. Asks nothing."""

    def __init__(self, headings: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = tuple(headings)
        self._texts: list[tuple[str, ...]] = []

    def set_rows(
        self, rows: Sequence[tuple[str, ...]], headings: Sequence[str] | None = None
    ) -> None:
        """Show these texts, under other headings where some are given."""
        self.beginResetModel()
        self._texts = list(rows)
        if headings is not None:
            self._headings = tuple(headings)
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return self._headings

    def _in_rows(self) -> Sequence[tuple[str, ...]]:
        return self._texts

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        text = self._texts[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return text if role == Qt.ItemDataRole.ToolTipRole and len(text) > 20 else None


class CaseRows(TextRows):
    """The cases of a patient."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__((_("Case"), _("State"), _("Appointments"), _("To come")), parent)
        self.lines: tuple[CaseLine, ...] = ()

    def set_lines(self, lines: Sequence[CaseLine]) -> None:
        """Show these cases."""
        self.lines = tuple(lines)
        self.set_rows(
            [
                (
                    words.isolated(line.main_problem) or NOTHING,
                    _("open") if line.open else _("closed"),
                    texts.number(line.counts.total),
                    texts.number(line.counts.ahead),
                )
                for line in lines
            ]
        )


class HistoryRows(TextRows):
    """What was changed of a patient, field by field, the newest first."""

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__((_("When"), _("Who"), _("What"), _("Before"), _("After")), parent)
        self._zone = zone
        self.lines: tuple[HistoryLine, ...] = ()

    def set_lines(self, lines: Sequence[HistoryLine]) -> None:
        """Show these lines."""
        self.lines = tuple(lines)
        self.set_rows([self._row(line) for line in lines])

    def _row(self, line: HistoryLine) -> tuple[str, ...]:
        deed = texts.deeds().get(line.action, _(line.about))
        if line.undoes is not None:
            deed = _("Undone (no. {number})").format(number=line.undoes)
        day = words.day_numbers(words.wall(line.at, self._zone).date())
        what = deed  # which says by itself what it is about
        if line.field not in WHOLE:
            what = _("{deed}: {field}").format(deed=deed, field=_(line.label))
        return (
            f"{day} {words.clock(line.at, self._zone)}",
            words.isolated(line.who) or words.origin(line.origin),
            what,
            texts.value(line.field, line.before) or NOTHING,
            texts.value(line.field, line.after) or NOTHING,
        )


def short_table(name: str, spoken: str, growing: int, widths: Sequence[int] = ()) -> QTableView:
    """A table for a part of a page: column *growing* takes what room is left."""
    table = visit_table(name, spoken)
    header = table.horizontalHeader()
    header.setStretchLastSection(False)
    header.setMinimumSectionSize(40)
    table.setProperty("growing", growing)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setProperty("widths", list(widths))
    return table


def fit(table: QTableView, *, least: int = 1, most: int | None = None) -> None:
    """Set the columns; with *most*, the table is as high as its rows, up to that many."""
    header = table.horizontalHeader()
    for part in (table, header):  # it may not have been seen yet, and then it has no style
        part.ensurePolished()
    growing, widths = table.property("growing"), table.property("widths") or []
    for place in range(header.count()):
        if place == growing:
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        elif place < len(widths) and widths[place]:
            table.setColumnWidth(place, widths[place])
        else:
            table.resizeColumnToContents(place)
    if most is not None:
        rows = max(min(table.model().rowCount(), most), least)
        table.setFixedHeight(rows * ROW + header.sizeHint().height() + 4)
