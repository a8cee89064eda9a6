"""The history of one thing, readable: who did what when, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHeaderView, QTableView

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import DeedCard, FieldChange
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import deed_names, words
from clinic_desk.views.rows import AnyIndex, Rows
from clinic_desk.views.widgets import named

DeedRole = Qt.ItemDataRole.UserRole + 1
NOTHING = "—"


def field_names() -> dict[str, str]:
    """What the fields of an appointment are called; those that are missing are not shown."""
    return {
        "starts_at": _("Begins"),
        "ends_at": _("Ends"),
        "status": _("Status"),
        "provider_id": _("Provider"),
        "operatory_id": _("Room"),
        "location_id": _("Location"),
        "type_id": _("Type"),
        "notes": _("Notes"),
        "reason": _("Reason"),
        "main_problem": _("Main problem"),
        "title": _("Title"),
        "resource_id": _("Whose time"),
        "before_minutes": _("Minutes before"),
        "after_minutes": _("Minutes after"),
        "permit_id": _("Overbooking permit"),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: a deed's heading, or one field of it."""

    deed: DeedCard
    change: FieldChange | None


class HistoryTableModel(Rows):
    """Deeds, newest first; under each its fields before and after. Asks nothing."""

    TIME, WHAT, BEFORE, AFTER = range(4)

    def __init__(self, catalogue: Catalogue, zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._zone = zone
        self._lines: list[Line] = []

    def set_deeds(self, deeds: Sequence[DeedCard], kind: str, entity_id: int) -> None:
        """Show what *deeds* did to one thing."""
        self.beginResetModel()
        self._lines = []
        known = field_names()
        for deed in sorted(deeds, key=lambda one: one.seq, reverse=True):
            self._lines.append(Line(deed, None))
            for entity in deed.changes:
                if (entity.kind, entity.id) == (kind, entity_id):
                    self._lines.extend(Line(deed, c) for c in entity.fields if c.name in known)
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("When and who"), _("What"), _("Before"), _("After"))

    def _in_rows(self) -> Sequence[Line]:
        return self._lines

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == DeedRole:
            return line.deed
        if role == Qt.ItemDataRole.FontRole and line.change is None:
            font = QFont()
            font.setBold(True)
            return font
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        text = self._heading(line.deed, index.column())
        if line.change is not None:
            text = self._field(line.change, index.column())
        return text if role == Qt.ItemDataRole.DisplayRole or len(text) > 20 else None

    def _heading(self, deed: DeedCard, column: int) -> str:
        if column == self.TIME:
            day = words.wall(deed.at, self._zone).date()
            return f"{words.day_short(day)} {words.clock(deed.at, self._zone)}"
        if column == self.WHAT:
            what = deed_names.action_names().get(deed.action, _("Changed"))
            if deed.undoes is not None:
                what = _("Undone (no. {number})").format(number=deed.undoes)
            return f"{what} · {words.doer(deed.actor_name, deed.origin)}"
        return deed.reason if column == self.BEFORE else ""

    def _field(self, change: FieldChange, column: int) -> str:
        if column == self.WHAT:
            return field_names()[change.name]
        if column == self.BEFORE:
            return self._value(change.name, change.before)
        return self._value(change.name, change.after) if column == self.AFTER else ""

    def _value(self, name: str, value: Any) -> str:
        """A stored value in words."""
        if value is None or value == "":
            return NOTHING
        if name.endswith("_at"):
            return self._instant(value)
        if name == "status":
            return words.status(Status(value))
        catalogue = self._catalogue
        cards: dict[str, Any] = {
            "provider_id": catalogue.providers,
            "operatory_id": catalogue.operatories,
            "location_id": catalogue.locations,
            "type_id": catalogue.types,
            "resource_id": {**catalogue.operatories, **catalogue.providers},
        }
        if name in cards:
            card = cards[name].get(value)
            return words.isolated(card.name) if card else f"#{value}"
        return str(value)

    def _instant(self, value: Any) -> str:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        day = words.wall(instant, self._zone).date()
        return f"{words.day_short(day)} {words.clock(instant, self._zone)}"


def history_table(model: HistoryTableModel) -> QTableView:
    """A table that shows the history; long texts are wrapped."""
    table = named(QTableView(), "editor-history", _("History"))
    table.setModel(model)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setWordWrap(True)
    table.setTabKeyNavigation(False)
    table.setFrameShape(QTableView.Shape.NoFrame)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(model.TIME, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(model.WHAT, QHeaderView.ResizeMode.ResizeToContents)
    return table
