"""The requests that wait, read once for the badge, the overview and their own screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Change
from clinic_desk.views.sections import SEES_VISITS


class Waiting(QObject):
    """Signals:
    changed(): ``cards`` are others, or other versions.
    """

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.cards: tuple[AppointmentCard, ...] = ()
        desk.deeds_happened.connect(self._deeds_happened)

    def load(self) -> None:
        """Read them anew, where the user may see them."""
        from clinic_desk.services import requests

        if not self._desk.may(SEES_VISITS):
            return
        self._desk.ask(
            requests.waiting,
            done=self._loaded,
            ticket=("requests", id(self)),
            what=_("reading requests"),
        )

    def _loaded(self, cards: Sequence[AppointmentCard]) -> None:
        self.cards = tuple(cards)
        self.changed.emit()

    def _deeds_happened(self, changes: frozenset[Change]) -> None:
        if any(kind == "appointment" for kind, _number in changes):
            self.load()
