"""The way from a list of visits to the pinboard: a button, and the key that the calendar has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTableView

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.shortcuts import written
from clinic_desk.views.visit_table import CardRole
from clinic_desk.views.widgets import button

MOVES = "Appointment Update"
"""The permission to give a visit another time."""
KEY = "Ctrl+X"
MOVABLE = HOLDING - {Status.COMPLETED}
"""Visits that can still be given another time."""


def on_pinboard(card: AppointmentCard) -> str:
    """That a visit is on the pinboard, and what that means."""
    text = _("{patient} is on the pinboard and stays booked until you place it.")
    return text.format(patient=words.isolated(card.patient_name))


def may_pin(desk: Desk, card: object) -> bool:
    """Whether the user of *desk* may give *card* another time: a visit that is not over."""
    if not isinstance(card, AppointmentCard) or card.busy:
        return False
    return card.status in MOVABLE and desk.may(MOVES)


class ToPinboard:
    """Lays the visit of the current line of *table* on the pinboard, by calling *park*. Its owner
    calls :meth:`offer` when what is shown becomes another.

    Attributes:
        button: named *name*; off where there is nothing to move, or the user may not.
    """

    def __init__(
        self, desk: Desk, name: str, table: QTableView, park: Callable[[AppointmentCard], object]
    ) -> None:
        self._desk, self._table, self._park = desk, table, park
        self.button = button(_("To pinboard"), name, self._pressed)
        keys = QShortcut(QKeySequence(KEY), table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self._pressed)
        table.selectionModel().currentRowChanged.connect(lambda *_rows: self.offer())
        self.offer()

    def offer(self) -> None:
        """Switch the button on where the visit of the current line can be moved."""
        from clinic_desk.views.admin.pages import allow

        tip = _("Key {key}").format(key=written(QKeySequence(KEY)))
        allow(self._desk, self.button, MOVES, on=may_pin(self._desk, self._current()), tip=tip)

    def _current(self) -> Any:
        return self._table.currentIndex().data(CardRole)

    def _pressed(self) -> None:
        card = self._current()
        if may_pin(self._desk, card):
            self._park(card)
