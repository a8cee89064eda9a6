"""When the mail to the patient leaves that a deed has written, and the button that keeps it back.

What a deed changed is announced in the same turn in which it is told; so the two are matched
here, and no deed needs to know of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _, ngettext, number_text
from clinic_desk.rules.errors import ClinicError
from clinic_desk.views import words
from clinic_desk.views.messages import Change, Message, Tone
from clinic_desk.views.widgets import button, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.outbox import Leaving
    from clinic_desk.views.desk import Desk

LONG = 120
"""From so many seconds on minutes are told."""


class MailLeaving(QWidget):
    """A second line of the message bar, shown only while it has something to tell.

    Signals:
        changed(): it says something else, or nothing any more.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "mail-leaving", _("Mail to the patient"))
        self.text = label("", "mail-leaving-text", wrap=True)
        self.keep = button(_("Don’t send"), "mail-leaving-keep", self._keep_back, look="quiet")
        self.keep.setToolTip(_("Keep back the mail alone; what was done stays"))
        self.setLayout(row(self.text, self.keep, margin=0, grow=0))
        self._desk: Desk | None = None
        self._message: Message | None = None
        self._fresh = False  # told in this very turn
        self._changes: frozenset[Change] = frozenset()
        self._leaving: tuple[Leaving, ...] = ()
        self._matched = QTimer(self)
        self._matched.setSingleShot(True)
        self._matched.timeout.connect(self._match)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._show)

    def follow(self, desk: Desk) -> None:
        """Ask this desk what leaves."""
        self._desk = desk

    def begin(self, message: Message) -> None:
        """Another message is told: what was said of the one before goes with it, unless the two
        are of one group.
        """
        before, self._message, self._fresh = self._message, message, True
        if message.group is None or before is None or before.group is not message.group:
            self._leaving = ()
            self._second.stop()
            self.hide()
        self._matched.start(0)

    def end(self) -> None:
        """Nothing is told any more."""
        self._message, self._leaving = None, ()
        self._second.stop()
        self.hide()

    def deeds_happened(self, changes: frozenset[Change]) -> None:
        """Something changed, here or elsewhere."""
        self._changes |= changes
        self._matched.start(0)

    def _match(self) -> None:
        """At the end of a turn: what was told and what changed in it belong together."""
        changes, self._changes = self._changes, frozenset()
        fresh, self._fresh = self._fresh, False
        message, desk = self._message, self._desk
        if not fresh or message is None or desk is None or message.tone is not Tone.GOOD:
            return
        lines = _of("outbox", changes)
        visits = _of("appointment", changes)
        if not lines and not visits:
            return
        from clinic_desk.services import outbox

        desk.ask(
            outbox.leaving,
            lines,
            visits,
            done=lambda found: self._found(message, found),
            failed=lambda _error: None,  # what was done stands; the outbox tells the rest
            what=_("looking for the mail"),
        )

    def _found(self, message: Message, found: Sequence[Leaving]) -> None:
        if not shiboken6.isValid(self) or message is not self._message or not found:
            return
        self._leaving = tuple({one.id: one for one in (*self._leaving, *found)}.values())
        self._second.start()
        self.show()
        self._show()
        self.changed.emit()
        if QAccessible.isActive():
            spoken = QAccessibleAnnouncementEvent(self, self.text.text())
            QAccessible.updateAccessibility(spoken)

    def _show(self) -> None:
        assert self._desk is not None
        seconds = self._seconds(min(one.due_at for one in self._leaving))
        people = len({one.patient_id for one in self._leaving})
        if seconds <= 0:
            self._second.stop()
            text = ngettext(
                "The mail to the patient goes out now.",
                "The mails to {count} patients go out now.",
                people,
            )
        elif seconds < LONG:
            text = ngettext(
                "Mail to the patient goes out in {time} s",
                "Mails to {count} patients go out in {time} s",
                people,
            )
        else:
            text = ngettext(
                "Mail to the patient goes out in {time} min",
                "Mails to {count} patients go out in {time} min",
                people,
            )
        time = seconds if seconds < LONG else round(seconds / 60)
        self.text.setText(text.format(count=people, time=number_text(time)))
        self.keep.setVisible(seconds > 0 and self._desk.may("Appointment Update"))
        if seconds <= 0:
            self.changed.emit()

    def _seconds(self, due_at: datetime) -> int:
        assert self._desk is not None
        return round((due_at - self._desk.now()).total_seconds())

    def _keep_back(self) -> None:
        """Withdraw the mail alone."""
        from clinic_desk.services import outbox

        if self._desk is None or not self._leaving:
            return
        self._second.stop()
        self.keep.hide()
        message = self._message
        self._desk.do(
            outbox.withdraw,
            [one.id for one in self._leaving][: outbox.MOST_AT_ONCE],
            label=_("Keep the mail back"),
            said="",
            done=lambda _answer: self._say(message, _("The mail is not sent.")),
            failed=lambda error: self._refused(message, error),
        )

    def _refused(self, message: Message | None, error: BaseException) -> bool:
        if not isinstance(error, ClinicError) or self._desk is None:
            return False
        self._say(message, words.explained(error, self._desk.zone))
        return True

    def _say(self, message: Message | None, text: str) -> None:
        if not shiboken6.isValid(self):
            return
        if message is not self._message:
            if self._desk is not None:
                self._desk.say(text)
            return
        self._leaving = ()
        self.text.setText(text)
        self.show()
        self.changed.emit()


def _of(kind: str, changes: Collection[Change]) -> list[int]:
    return [number for what, number in changes if what == kind and number]
