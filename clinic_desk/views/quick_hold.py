"""What the quick form holds: the time that is in it, for as long as it is in it; of a visit that
of provider and room, of time that is to be blocked that of the one whose time it is, for nothing
overrides a refusal where somebody else books there meanwhile.
"""

from __future__ import annotations

import uuid

from PySide6.QtCore import QObject, Signal

from clinic_desk.rules.errors import Conflicted
from clinic_desk.rules.spans import Span
from clinic_desk.services.offer_cards import Seat
from clinic_desk.views.booking.holding import Holding, Place
from clinic_desk.views.desk import Desk
from clinic_desk.views.slots import Slot


class QuickHold(QObject):
    """Holds one place at a time, under a new name for every entry.

    Signals:
        lost(Conflicted): what was held was somebody else's when it was to be renewed.
        refused(Conflicted): somebody else was there, or holds it.
        found(): what was wanted is held.
    """

    lost = Signal(object)
    refused = Signal(object)
    found = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._holding: Holding | None = None
        self._wanted: Place | None = None
        self._missed = False
        self.name = ""

    @property
    def is_held(self) -> bool:
        """Whether the time in the form is held."""
        return self._holding is not None and self._holding.is_held

    def keep(self, slot: Slot, type_id: int) -> None:
        """Hold *slot*, with the buffers of the type, in place of what was held; asked again for
        the same, nothing happens unless it was refused.
        """
        kind = self._desk.catalogue.types[type_id]
        self._keep(
            Seat(
                type_id,
                slot.span,
                slot.provider_id,
                slot.location_id,
                slot.operatory_id,
                kind.before_minutes,
                kind.after_minutes,
            )
        )

    def keep_for_event(self, span: Span, resource_id: int | None) -> None:
        """Hold *span* of a provider or a room alone, as :meth:`keep`; of nobody, nothing."""
        from clinic_desk.services.holds import Slot as Held

        if resource_id is None:
            self.let_go()
        elif resource_id in self._desk.catalogue.operatories:
            self._keep(Held(span, None, resource_id))
        else:
            self._keep(Held(span, resource_id))

    def _keep(self, wanted: Place) -> None:
        if wanted == self._wanted and not self._missed:
            return
        self._wanted = wanted
        if self._holding is None:
            self.name = f"quick-{uuid.uuid4()}"
            self._holding = Holding(self._desk, self.name, self)
            self._holding.taken.connect(self._taken)
            self._holding.refused.connect(self._refused)
        self._missed = False
        self._holding.keep([wanted])

    def let_go(self) -> None:
        """Hold nothing any more."""
        if self._holding is not None:
            self._holding.let_go()
        self.hand_over()

    def hand_over(self) -> str:
        """Stop renewing: whoever goes on under this name holds the time from now on, and what
        was booked under it is held no longer. Empty where nothing was held.
        """
        name, holding = self.name, self._holding
        self._holding, self._wanted, self._missed, self.name = None, None, False, ""
        if holding is not None:
            holding.forget()
            holding.deleteLater()
        return name

    def _taken(self) -> None:
        self.found.emit()

    def _refused(self, error: Conflicted) -> None:
        self._missed = True
        if self._holding is not None and self._holding.was_held:
            self.lost.emit(error)
        self.refused.emit(error)
