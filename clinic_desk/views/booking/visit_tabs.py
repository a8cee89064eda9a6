"""Where the services stand each in a visit of its own: which has its time, and which is asked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.booking.draft import Draft
from clinic_desk.views.booking.values import emptied
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import named, row, tool


class VisitTabs(QFrame):
    """Signals:
    visit_wanted(int): the time of this visit is to be chosen.
    """

    visit_wanted = Signal(int)

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-visits", _("Visits"), role="segments")
        self._desk, self._draft = desk, draft
        self._tabs = row(margin=2, gap=0)
        self.setLayout(self._tabs)

    def show_visits(self, current: int) -> None:
        """Show all visits; nothing where there is only one."""
        emptied(self._tabs)
        visits = self._draft.visits
        self.setVisible(len(visits) > 1)
        catalogue, zone = self._desk.catalogue, self._desk.zone
        for number, visit in enumerate(visits):
            code = catalogue.types[visit[0].type_id].code
            seat, when = visit[0].seat, _("no time yet")
            if seat is not None:
                when = words.when_at(seat.span, seat.location_id, catalogue, zone)
            made = tool(_("{code}: {when}").format(code=code, when=when), f"booking-visit-{number}")
            made.setCheckable(True)
            made.setChecked(number == current)
            made.setProperty("look", "segment")
            made.clicked.connect(partial(self.visit_wanted.emit, number))
            self._tabs.addWidget(made)
        self._tabs.addStretch(1)
