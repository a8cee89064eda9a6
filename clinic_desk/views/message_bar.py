"""The line at the bottom that tells what was done, with Undo for ten seconds; and, where a mail
to a patient follows, when it leaves and how to keep it back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from clinic_desk.i18n import _, ngettext
from clinic_desk.views.mail_leaving import MailLeaving
from clinic_desk.views.message_room import MessageRoom
from clinic_desk.views.messages import Group, Message, Tone
from clinic_desk.views.widgets import button, column, label, named, restyle, row, tool

if TYPE_CHECKING:
    from clinic_desk.views.desk import Desk

MOST_WIDTH, MARGIN, GAP = 720, 14, 6
SHOWN_MS = 10_000
"""How long a message and its Undo stay, unless the mouse or the focus rests on them."""
FIELDS = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox)
AWAY_MS = 300
"""How soon it gives way to a button that came after it."""


class MessageBar(QFrame):
    """Floats over the foot of *above*, clear of its buttons (and of its fields, where there is
    room), and moves nothing aside. Shows one message at a time; errors stay until closed.

    Signals:
        undo_wanted(int): the user pressed Undo for this deed; for each of several, the last first.
    """

    undo_wanted = Signal(int)

    def __init__(self, above: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._above = above
        above.installEventFilter(self)
        named(self, "message-bar", _("Messages"), role="message")
        self._room = MessageRoom()
        self._message: Message | None = None
        self._seqs: list[int] = []
        self.earlier: deque[Message] = deque(maxlen=50)
        self._text = label("", "message-text", wrap=True)
        self.undo = button(_("Undo"), "message-undo", self._undo_pressed, look="quiet")
        self.undo.setToolTip(_("Take this back (Ctrl+Z)"))
        self._close = tool("✕", "message-close", tip=_("Close this message"))
        self._close.clicked.connect(self.clear)
        self.mail = MailLeaving()
        self.mail.hide()
        self.mail.changed.connect(self._mail_changed)
        first = row(self._text, self.undo, self._close, margin=0, grow=0)
        self._box = column(first, self.mail, gap=2)
        self._box.setContentsMargins(14, 7, 8, 7)
        self.setLayout(self._box)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._time_is_up)
        self._giving_way = QTimer(self)
        self._giving_way.setInterval(AWAY_MS)
        self._giving_way.timeout.connect(self._give_way)
        for child in (self.undo, self._close, self.mail.keep):
            child.installEventFilter(self)
        self.hide()

    def follow(self, desk: Desk) -> None:
        """Tell what *desk* says, and undo there."""
        desk.said.connect(self.show_message)
        desk.deeds_happened.connect(self.mail.deeds_happened)
        self.undo_wanted.connect(desk.undo)
        self.mail.follow(desk)

    @property
    def text(self) -> str:
        """What is shown now; empty when nothing is."""
        return self._text.text() if self._message else ""

    def show_message(self, message: Message) -> None:
        """Show *message* in the place of whatever stood here; those of a group count together."""
        before = self._message
        joined = message.group is not None and message.undo is not None
        if not (joined and before is not None and before.group is message.group):
            self._seqs = []
        if message.undo is not None:
            self._seqs += [*message.earlier, message.undo]
        self._message = message
        self.earlier.append(message)
        text, count = message.text, len(self._seqs) if message.group is not None else 0
        if message.group is not None and count > 1:
            text = "\n".join([_together(message.group, count), text])
        self._text.setText(text)
        self.undo.setText(_("Undo all") if count > 1 else _("Undo"))
        self.undo.setVisible(message.undo is not None)
        restyle(self, tone=str(message.tone))
        self.mail.begin(message)
        self._settle()
        self.show()
        self.raise_()
        self._giving_way.start()
        if message.tone is Tone.ERROR:
            self._timer.stop()
        else:
            self._timer.start(SHOWN_MS)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message.text))

    def clear(self) -> None:
        """Take the message away."""
        self._message, self._seqs = None, []
        self.mail.end()
        self._timer.stop()
        self._giving_way.stop()
        self._room.take_back()
        self.hide()

    def _mail_changed(self) -> None:
        if self._message is None:
            return
        self._settle()
        if self._timer.isActive():
            self._timer.start(SHOWN_MS)  # from when it can be read

    def _give_way(self) -> None:
        if not self.underMouse():  # nothing runs away from a click
            self._settle()

    def _settle(self) -> None:
        """Take the place at the foot of what lies below."""
        parent = self.parentWidget()
        below = self._above
        if parent is None:
            return
        width = min(MOST_WIDTH, below.width() - 2 * MARGIN)
        metrics = self._text.fontMetrics()
        wanted = metrics.size(0, self._text.text()).width() + 190
        if not self.mail.isHidden():
            wanted = max(wanted, self.mail.sizeHint().width() + 40)
        width = max(min(width, wanted), min(width, 320))
        height = self._box.heightForWidth(width)
        height = max(height, self.sizeHint().height() if height < 0 else 44)
        page = QRect(below.mapTo(parent, QPoint(0, 0)), below.size())
        left = page.x() + (page.width() - width) // 2
        foot = QRect(left, page.bottom() - height - MARGIN, width, height)
        pressed, highest = _seen(below, parent, (QAbstractButton,)), page.center().y()
        buttons = [*pressed, *_seen(below, parent, (QAbstractButton,), enabled=False)]
        fields = _seen(below, parent, FIELDS)
        ways = ([*buttons, *fields], buttons, [*pressed, *fields], pressed)
        found = (_clear_of(foot, others, highest) for others in ways)
        self.setGeometry(next(filter(None, found), foot))
        self._room.give(below, self.geometry(), parent)

    def _undo_pressed(self) -> None:
        if self._message is not None and self._message.undo is not None:
            seqs = self._seqs
            self.clear()
            for seq in reversed(seqs):
                self.undo_wanted.emit(seq)

    def _time_is_up(self) -> None:
        if self.underMouse() or any(b.hasFocus() for b in (self.undo, self._close, self.mail.keep)):
            self._timer.start(2000)
        else:
            self.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A focus that leaves starts the clock anew; the place follows the window."""
        if watched is self._above:
            if event.type() == QEvent.Type.Resize and self.isVisible():
                self._settle()
            return False
        if event.type() == QEvent.Type.FocusOut and self._timer.isActive():
            self._timer.start(2000)
        return super().eventFilter(watched, event)


def _seen(
    page: QWidget, parent: QWidget, kinds: Sequence[type[QWidget]], *, enabled: bool = True
) -> list[QRect]:
    """Where what is of these *kinds* is in sight that somebody may want to use next, or that is
    not *enabled* as yet.
    """
    places = [
        _in_sight(found, parent)
        for kind in kinds
        for found in page.findChildren(kind)
        if found.isVisible() and found.isEnabled() is enabled
    ]
    return [place for place in places if not place.isEmpty()]


def _in_sight(widget: QWidget, parent: QWidget) -> QRect:
    """Which part of *parent* shows *widget*: it may be scrolled away."""
    place = QRect(widget.mapTo(parent, QPoint(0, 0)), widget.size())
    around = widget.parentWidget()
    while around is not None and around is not parent:
        place &= QRect(around.mapTo(parent, QPoint(0, 0)), around.size())
        around = around.parentWidget()
    return place


def _clear_of(foot: QRect, others: Sequence[QRect], highest: int) -> QRect | None:
    """*foot*, or as little above it as leaves the *others* free; None where that is not below
    *highest*.
    """
    place = QRect(foot)
    while covered := [found.top() for found in others if found.intersects(place)]:
        place.moveBottom(min(covered) - GAP)
        if place.top() < highest:
            return None
    return place


def _together(group: Group, count: int) -> str:
    """What several deeds of one group are called."""
    assert group is Group.APPROVED
    return ngettext("{count} approved", "{count} approved", count).format(count=count)
