"""What is just being booked, here and at other desks, shown in the calendar while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from clinic_desk.i18n import _
from clinic_desk.views.agenda.elsewhere import HeldCard
from clinic_desk.views.calendar_screen import CalendarScreen
from clinic_desk.views.desk import Desk

if TYPE_CHECKING:
    from clinic_desk.services.holds import Held

PAUSE_MS = 100
"""Several rings at once are one look."""


class HeldTimes(QObject):
    """Reads the holds of the period in sight, when the bell rings and when the first expires.

    Signals:
        rang(): something may be held, or free again, in any period.
    """

    rang = Signal()

    def __init__(self, desk: Desk, calendar: CalendarScreen, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._calendar = desk, calendar
        self._known: frozenset[int] = frozenset()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._read)
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self._read)
        calendar.turned.connect(self.look)

    def look(self) -> None:
        """Something may be held, or free again."""
        self._pause.start()
        self.rang.emit()

    def _read(self) -> None:
        from clinic_desk.services import holds

        if not self._desk.may("Appointment Get All"):
            return
        self._desk.ask(
            holds.held,
            self._calendar.period().span(),
            done=self._found,
            failed=lambda _error: None,  # the state line says it, and the next ring comes
            ticket=("held", id(self)),
            what=_("reading the calendar"),
        )

    def _found(self, found: Sequence[Held]) -> None:
        rooms = self._desk.catalogue.operatories
        self._calendar.board.set_held(
            [HeldCard(h.resource_id, h.span, h.who, h.resource_id in rooms) for h in found]
        )
        now = frozenset(h.id for h in found)
        if now != self._known:
            self._known = now
            self._calendar.renew_occupancy()  # so that a drag knows it too
        if found:
            # A desk that fell silent lets nobody know: its time is free when it has expired.
            first = min(h.expires_at for h in found) - self._desk.now()
            self._end.start(max(1, first // timedelta(milliseconds=1)) + 500)
        else:
            self._end.stop()
