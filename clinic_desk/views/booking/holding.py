"""Keeping what is chosen in an open window for the time of the window, on the writer's thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted, Refused
from clinic_desk.services.offer_cards import Seat
from clinic_desk.views.desk import Desk

if TYPE_CHECKING:
    from clinic_desk.services.holds import Slot

Place: TypeAlias = "Seat | Slot"
"""What can be held: the place of a service, or time of a provider or a room alone."""


class Holding(QObject):
    """Holds times under the name of one window and renews them until it is closed.

    Attributes:
        is_held: whether all that was last asked for is held.
        was_held: whether what was refused was held until a moment ago, as after a long sleep.

    Signals:
        taken(): all that was asked for is held now.
        refused(Conflicted): somebody was faster; what was held before is held still.
    """

    taken = Signal()
    refused = Signal(object)

    def __init__(self, desk: Desk, name: str, parent: QObject) -> None:
        super().__init__(parent)
        from clinic_desk.services import holds

        self._desk, self._name = desk, name
        self._seats: tuple[Place, ...] = ()
        self.is_held = self.was_held = False
        self._number = 0
        self._renew = QTimer(self)
        self._renew.setInterval(holds.RENEWAL_SECONDS * 1000)
        self._renew.timeout.connect(self.renew)

    def keep(self, seats: Sequence[Place]) -> None:
        """Hold *seats* from now on in place of what was held; none lets go of all."""
        from clinic_desk.services import holds

        self._number += 1
        self.was_held = self.is_held and tuple(seats) == self._seats
        self._seats = tuple(seats)
        self.is_held = False
        if not seats:
            self.let_go()
            return
        number = self._number
        wanted = [
            holds.Slot(s.span, s.provider_id, s.operatory_id, s.before_minutes, s.after_minutes)
            if isinstance(s, Seat)
            else s
            for s in seats
        ]
        self._desk.background.write(
            holds.take,
            self._desk.actor,
            self._name,
            wanted,
            done=lambda _until: self._held(number),
            failed=lambda error: self._failed(number, error),
            what=_("holding the time"),
        )
        self._renew.start()

    def _held(self, number: int) -> None:
        if number == self._number and shiboken6.isValid(self):
            self.is_held = True
            self.taken.emit()

    def _failed(self, number: int, error: BaseException) -> None:
        if number != self._number or not shiboken6.isValid(self):
            return
        if isinstance(error, Conflicted):
            self.refused.emit(error)
        elif not isinstance(error, Refused):  # without the right to hold, booking itself decides
            self._desk.complain(error)

    def renew(self) -> None:
        """Hold it for another minute; what was slept through is taken anew."""
        from clinic_desk.services import holds

        number = self._number
        self._desk.background.write(
            holds.renew,
            self._desk.actor,
            self._name,
            done=lambda held: self._renewed(number, held),
            failed=lambda _error: None,  # the state line says it, and the next one comes soon
            what=_("holding the time"),
        )

    def _renewed(self, number: int, held: bool) -> None:
        if number == self._number and shiboken6.isValid(self) and not held and self._seats:
            self.keep(self._seats)

    def forget(self) -> None:
        """What was held is booked now."""
        self._number += 1
        self._seats = ()
        self.is_held = False
        self._renew.stop()

    def let_go(self) -> None:
        """Hold nothing any more."""
        from clinic_desk.services import holds

        self.forget()
        self._desk.background.write(
            holds.release,
            self._desk.actor,
            self._name,
            failed=lambda _error: None,  # it is free by itself within a minute
            what=_("letting the time go"),
        )
