"""What others do, as it happens: the doorbell rings, the history is read, screens are told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from clinic_desk.services.deeds import CATALOGUE_KINDS
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import EVERYTHING

if TYPE_CHECKING:
    from clinic_desk.services.doorbell import Doorbell
    from clinic_desk.services.feed import Change, Feed

TRY_AGAIN_MS = 2000


class Live(QObject):
    """Keeps a desk true.

    Signals:
        connected(bool): the database can be heard, or not any more.
        looked(): the bell rang and all it told is announced; it may have told of no deed, as
            when somebody holds a time or lets it go.
    """

    connected = Signal(bool)
    looked = Signal()
    _rang = Signal()
    _heard = Signal(bool)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._feed: Feed | None = None
        self._bell: Doorbell | None = None
        self._reading = threading.Lock()
        self.is_connected = True
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(TRY_AGAIN_MS)
        self._again.timeout.connect(self.look)
        self._rang.connect(self.look, Qt.ConnectionType.QueuedConnection)
        self._heard.connect(self._state, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Listen from now on; what happened since the catalogue was read is told first."""
        from clinic_desk.services.doorbell import Doorbell

        self._bell = Doorbell(
            self._desk.actor.store,
            self._desk.actor.organisation_id,
            on_ring=self._rang.emit,
            on_state=lambda state, _since: self._heard.emit(state == "connected"),
        )
        self._bell.start()
        self.look()

    def close(self) -> None:
        """Stop listening."""
        self._again.stop()
        if self._bell is not None:
            self._bell.close()
            self._bell = None

    def look(self) -> None:
        """Read what happened since the last look. Without a ticket: no answer may be lost,
        since each moves the cursor on.
        """
        self._desk.background.read(self._news, done=self._tell, failed=self._lost)

    def _news(self) -> tuple[Change, ...]:
        """On a reader's thread."""
        from clinic_desk.services.feed import Feed

        with self._reading:
            if self._feed is None:
                actor = self._desk.actor
                self._feed = Feed(
                    actor.store, actor.organisation_id, since=self._desk.catalogue.seq
                )
            return self._feed.changes()

    def _tell(self, changes: tuple[Change, ...]) -> None:
        self._state(True)
        found = {(c.kind, c.id) for c in changes if not self._desk.is_own(c.seq)}
        if any(kind in CATALOGUE_KINDS for kind, _number in found):
            self._desk.renew_catalogue()
        self._desk.announce(found)
        self.looked.emit()

    def _lost(self, _error: BaseException) -> None:
        self._state(False)
        self._again.start()

    def _state(self, on: bool) -> None:
        if on != self.is_connected:
            self.is_connected = on
            self.connected.emit(on)
            if on:
                self.look()
                self._desk.announce([EVERYTHING])  # what could not be read is read now
