"""The sender that runs in a signed-in desk, and the line in the foot that says when it cannot.

Each desk has one; a message is sent by one of them. It ends with the desk, and the window
never waits for it: what is under way with a mail server is ended by its own thread.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QListWidget, QPushButton

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Unavailable
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Change, Tone
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.sender import Condition, OnRound, Sender

PERMISSION = "Appointment Update"
"""Whoever holds it may send a message again, so their desk may send."""

START_MS = 1500
"""After the window was opened: first it is painted and filled."""

KINDS = frozenset({"outbox", "setting", "message_template"})
"""A change of one of these may be something to send, or the way to send it."""


PART_MS = 200
"""How often it is looked whether a sender that was left has ended."""

_left: set[Post] = set()
"""Those whose thread may still tell them something: nobody destroys them under its hands."""


class Post(QObject):
    """The sender of a desk.

    Attributes:
        condition: what came of the last round; None before the first.

    Signals:
        changed(): there was another round.
    """

    changed = Signal()
    _told = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._wanted = False
        self._pause_seconds: float | None = None
        self._sender: Sender | None = None
        self.condition: Condition | None = None
        self._told.connect(self._round, Qt.ConnectionType.QueuedConnection)
        desk.post = self

    def start(self, pause_seconds: float | None = None, *, after_ms: int = 0) -> None:
        """Begin to send, where the user may send messages at all; after so many milliseconds,
        since all that it needs takes a while to load.
        """
        if not self._wanted and self._desk.may(PERMISSION):
            self._wanted, self._pause_seconds = True, pause_seconds
            QTimer.singleShot(after_ms, self, self._prepare)

    def _prepare(self) -> None:
        if self._wanted:
            desk = self._desk
            desk.background.read(
                _made, desk.actor, self._pause_seconds, self._tell, done=self._begin
            )

    def _begin(self, made: Sender) -> None:
        if self._wanted:
            self._sender = made
            self._desk.deeds_happened.connect(self._happened)
            made.start()

    @property
    def is_running(self) -> bool:
        """Whether its thread is there."""
        return self._sender is not None and self._sender.is_running

    def wake(self) -> None:
        """Look at once whether there is something to send."""
        if self._sender is not None:
            self._sender.wake()

    def stop(self, seconds: float = 0.0) -> bool:
        """Send no further mail; False where the last one is under way still. Waits *seconds*
        at most.
        """
        self._wanted = False
        made, self._sender = self._sender, None
        if made is None:
            return True
        with contextlib.suppress(RuntimeError, TypeError):  # the desk is gone already
            self._desk.deeds_happened.disconnect(self._happened)
        return made.stop(seconds)

    def part(self) -> None:
        """The desk is left: send no further mail, and be gone when the thread is."""
        made = self._sender
        self.stop()
        self.setParent(None)
        _left.add(self)
        self._watch(made)

    def _watch(self, made: Sender | None) -> None:
        if made is not None and made.is_running:
            QTimer.singleShot(PART_MS, self, lambda: self._watch(made))
            return
        _left.discard(self)
        self.deleteLater()

    @property
    def trouble(self) -> str:
        """Why nothing is sent from here, as a sentence with a way out; empty where all is well."""
        found = self.condition
        if found is None or found.state in ("off", "well"):
            return ""
        if found.state == "no password":
            return _(
                "This computer does not know the password of the mail server. Messages leave from"
                " the computers that know it; an administrator can enter it under Admin, Mail."
            )
        if isinstance(found.error, Unavailable):
            from clinic_desk.services.mailer import MailTrouble

            if not isinstance(found.error, MailTrouble):
                return ""  # the database is away: the line of the connection tells that
        if found.error is None:
            return _(
                "Messages could not be sent just now; the details are in the log. The program"
                " tries again by itself."
            )
        return words.explained(found.error, self._desk.zone)

    def _tell(self, _organisation_id: int, condition: Condition) -> None:
        """On the sender's thread."""
        with contextlib.suppress(RuntimeError):  # the window is gone: nobody wants to know
            self._told.emit(condition)

    def _round(self, condition: Condition) -> None:
        if self._sender is None:
            return
        before = self.trouble
        self.condition = condition
        told = self.trouble
        if told and told != before:
            self._desk.say(told, Tone.WARNING)
        if condition.done.failed:
            text = ngettext(
                "{count} message could not be sent. The outbox, under Admin, says why.",
                "{count} messages could not be sent. The outbox, under Admin, says why.",
                condition.done.failed,
            )
            self._desk.say(text.format(count=condition.done.failed), Tone.WARNING)
        self.changed.emit()

    def _happened(self, changed: frozenset[Change]) -> None:
        if any(kind in KINDS for kind, _number in changed):
            self.wake()


def _made(actor: Actor, pause_seconds: float | None, on_round: OnRound) -> Sender:
    """On a reader's thread: the window does not wait for all that a sender needs."""
    from clinic_desk.services import consent_code, sender

    return sender.Sender(
        actor.store,
        [actor.organisation_id],
        mint=consent_code.mint,
        pause_seconds=pause_seconds or sender.PAUSE_SECONDS,
        on_round=on_round,
    )


class MailLine(QPushButton):
    """Stands in the foot while messages cannot be sent; a click leads to the outbox."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(_("Messages are not being sent"))
        named(self, "mail-line", self.text(), look="quiet")
        self.setAutoDefault(False)
        self._desk = desk
        self.hide()
        QTimer.singleShot(0, self, self._listen)

    def _listen(self) -> None:
        if self._desk.post is not None:
            self._desk.post.changed.connect(self.refresh)
            self.refresh()

    def refresh(self) -> None:
        """Show what the sender of this desk says now."""
        told = self._desk.post.trouble if self._desk.post is not None else ""
        self.setToolTip(told)
        self.setAccessibleDescription(told)
        self.setVisible(bool(told))


def show_page(pages: QListWidget, name: str) -> None:
    """Choose the page called *name*, as a click on its line does; nothing where it is not there."""
    for place in range(pages.count()):
        if pages.item(place).data(Qt.ItemDataRole.UserRole) == name:
            pages.setCurrentRow(place)
