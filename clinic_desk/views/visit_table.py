"""Visits as rows: for the list view, the requests and the overview. Asks nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import HOLDING
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import theme, words
from clinic_desk.views.rows import AnyIndex, Rows

CardRole = Qt.ItemDataRole.UserRole + 1
SortRole = Qt.ItemDataRole.UserRole + 2

Cell = Callable[[AppointmentCard, str], str]


def own_day(card: AppointmentCard) -> date:
    """The day of the visit where it takes place."""
    return words.wall(card.span.starts_at, card.time_zone).date()


def column_texts() -> dict[str, tuple[str, Cell]]:
    """Every column that a table of visits may have: its heading and its text."""
    return {
        "day": (_("Day"), lambda c, z: words.day_short(own_day(c))),
        "time": (_("Time"), lambda c, z: words.times_there(c.span, c.time_zone, z)),
        "minutes": (_("Length"), lambda c, z: words.length(c.span.minutes)),
        "patient": (_("Patient"), lambda c, z: words.isolated(c.patient_name)),
        "born": (
            _("Born"),
            lambda c, z: words.day_numbers(c.patient_born) if c.patient_born else "—",
        ),
        "type": (_("Type"), lambda c, z: f"{c.type.code} · {c.type.name}"),
        "code": (_("Type"), lambda c, z: c.type.code),
        "provider": (_("Provider"), lambda c, z: words.isolated(c.provider.name)),
        "room": (_("Room"), lambda c, z: words.isolated(c.operatory.name) if c.operatory else "—"),
        "location": (
            _("Location"),
            lambda c, z: words.isolated(c.location.name) if c.location else "—",
        ),
        "status": (_("Status"), lambda c, z: words.status(c.status)),
        "notes": (_("Notes"), lambda c, z: " ".join(c.notes.split())),
        "origin": (_("Asked through"), lambda c, z: words.origin(c.origin)),
    }


class VisitTableModel(Rows):
    """One visit a row; *columns* name what is shown (keys of :func:`column_texts`).

    ``zone`` is the one that the desk shows.

    Updates keep the rows of visits that stay, so the selection survives a refresh.
    """

    def __init__(self, columns: Sequence[str], zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        known = column_texts()
        self.columns = tuple(columns)
        self._texts = [known[name] for name in columns]
        self._headings = tuple(heading for heading, _cell in self._texts)
        self.zone = zone
        self._swatches: dict[tuple[str, int], QIcon] = {}
        self.cards: list[AppointmentCard] = []

    def set_zone(self, zone: str) -> None:
        """The desk shows this zone: visits of places with another clock name theirs."""
        self.beginResetModel()
        self.zone = zone
        self.endResetModel()

    def set_cards(self, cards: Iterable[AppointmentCard]) -> None:
        """Show *cards* in the order given."""
        new = list(cards)
        if [c.id for c in new] == [c.id for c in self.cards]:
            self.cards = new
            if new:
                last = self.index(len(new) - 1, len(self.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.cards = new
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return self._headings

    def _in_rows(self) -> Sequence[AppointmentCard]:
        return self.cards

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self.cards[index.row()]
        name = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._texts[index.column()][1](card, self.zone)
        if role == CardRole:
            return card
        if role == SortRole:
            return self._sort_key(card, name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(card, index.column())
        if role == Qt.ItemDataRole.DecorationRole and name in ("type", "code"):
            return self._swatch(card.type.colour)
        if role == Qt.ItemDataRole.FontRole and card.status not in HOLDING:
            font = QFont()
            font.setStrikeOut(True)
            return font
        return None

    def _tip(self, card: AppointmentCard, column: int) -> str:
        """All about the patient; else what a narrow column cuts off."""
        if self.columns[column] not in ("patient", "notes"):
            return self._texts[column][1](card, self.zone)
        parts = [words.isolated(card.patient_name), words.born(card.patient_born)]
        return "\n".join([" · ".join(parts), card.patient_alert, card.notes]).strip()

    def _sort_key(self, card: AppointmentCard, name: str) -> Any:
        """What a column sorts by, comparable within the column."""
        if name in ("day", "time"):
            return card.span.starts_at.timestamp()
        if name == "minutes":
            return card.span.minutes
        if name == "born":
            return card.patient_born.toordinal() if card.patient_born else 0
        return self._texts[self.columns.index(name)][1](card, self.zone).casefold()

    def _swatch(self, colour: str) -> QIcon:
        """A small square in the type's colour, with an edge that shows on any background; it is
        the same in a chosen row.
        """
        edge = theme.colour("border.strong")
        key = (colour, edge.rgb())
        found = self._swatches.get(key)
        if found is None:
            found = self._swatches[key] = QIcon()
            for ratio in (1, 2):
                drawn = _drawn(colour, edge, ratio)
                found.addPixmap(drawn, QIcon.Mode.Normal)
                found.addPixmap(drawn, QIcon.Mode.Selected)
        return found


def _drawn(colour: str, edge: QColor, ratio: int) -> QPixmap:
    made = QPixmap(12 * ratio, 12 * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(edge)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(QRectF(0.5, 0.5, 11, 11), 2, 2)
    painter.end()
    return made
