"""Tables that leave out what matters least where there is little room, so that nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QTableView

LEAST = 130
"""Pixels that a column keeps which takes what room is left."""


class LeavesOut(QObject):
    """Hides columns of *table*, those of *least* that come first at first, until the others have
    room: those that are *growing* have :data:`LEAST` pixels, the rest what is in them. Follows the
    width of the table; its owner calls :meth:`fit` when other rows are shown.
    """

    def __init__(self, table: QTableView, growing: Sequence[int], least: Sequence[int]) -> None:
        super().__init__(table)
        self._table, self._growing, self._least = table, tuple(growing), tuple(least)
        table.viewport().installEventFilter(self)

    def fit(self) -> None:
        """Show as many columns as have room."""
        count = self._table.model().columnCount()
        wanted = {place: self._wanted(place) for place in range(count)}
        for place in self._least:
            if sum(wanted.values()) > self._table.viewport().width():
                del wanted[place]
        for place in self._least:
            hidden = place not in wanted
            if self._table.isColumnHidden(place) != hidden:
                self._table.setColumnHidden(place, hidden)
                if not hidden and place not in self._growing:
                    self._table.resizeColumnToContents(place)

    def _wanted(self, place: int) -> int:
        if place in self._growing:
            return LEAST
        was_hidden = self._table.isColumnHidden(place)
        if was_hidden:  # nobody can say how wide it would be
            self._table.setColumnHidden(place, False)
        header = self._table.horizontalHeader()
        wide = max(self._table.sizeHintForColumn(place), header.sectionSizeHint(place))
        if was_hidden:
            self._table.setColumnHidden(place, True)
        return wide

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The table became wider or narrower."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)
