"""What colleagues say to each other about a visit, as it is said; Enter sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.views import words
from clinic_desk.views.appointment.parts import Part
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.widgets import button, column, error_line, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.conversation import MessageCard
    from clinic_desk.views.remember import Memory

READ = "chat/read"
"""Visits and the newest message that was seen on each, in turn."""

MOST_REMEMBERED = 300
"""Visits whose newest seen message this desk remembers."""

ASIDE = 48
"""Pixels by which what one said oneself stands away from what others said."""


class Chat(Part):
    """Attributes:
    messages: what is shown, the oldest first.
    """

    def __init__(self, desk: Desk, card: AppointmentCard, memory: Memory | None = None) -> None:
        super().__init__(desk, card, memory)
        named(self, "chat", _("Chat"))
        self.messages: tuple[MessageCard, ...] = ()
        self._bubbles: dict[int, QWidget] = {}
        self._seen = self._remembered().get(card.id, 0)
        self._sending = ""
        self._then: list[Callable[[], object]] = []
        self.empty = label(
            _("Nobody has said anything yet. What you write here is read by staff only."),
            "chat-empty", role="hint", wrap=True,
        )  # fmt: skip
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._thread = column(1, margin=10)
        self._inside = named(QWidget(), "chat-thread", _("Messages"), role="panel")
        self._inside.setLayout(self._thread)
        self.area = named(QScrollArea(), "chat-scroll", _("Messages"))
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self._inside)
        self.told = error_line("chat-told")
        self.text = named(QPlainTextEdit(), "chat-text", _("Message to colleagues"))
        self.text.setPlaceholderText(_("Message to colleagues"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(70)
        self.text.installEventFilter(self)
        self.text.textChanged.connect(self._typed)
        self.send_button = button(_("Send"), "chat-send", self.send)
        hint = label(_("Enter sends, Shift+Enter begins a new line."), "chat-hint", role="hint")
        hint.setWordWrap(True)
        self.setLayout(
            column(
                self.empty, self.area, self.told, self.text,
                row(hint, self.send_button, grow=0), margin=10, grow=1,
            )
        )  # fmt: skip
        self.setFocusProxy(self.text)
        self._typed()
        desk.deeds_happened.connect(self._happened)
        self.read()

    # Reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask what was said."""
        from clinic_desk.services import conversation

        self.desk.ask(
            conversation.messages, self.card.id, done=self._show,
            ticket=("chat", self.card.id), what=_("reading the messages"),
        )  # fmt: skip

    def _happened(self, changes: frozenset[Change]) -> None:
        if EVERYTHING in changes or any(kind == "appointment_message" for kind, _id in changes):
            self.read()

    def _show(self, found: tuple[MessageCard, ...]) -> None:
        if self.messages != found:
            there = {one.id for one in found}
            for number in [n for n in self._bubbles if n not in there]:
                self._bubbles.pop(number).deleteLater()  # it was taken back
            bar = self.area.verticalScrollBar()
            low = bar.value() >= bar.maximum() - 4
            for one in found:
                if one.id not in self._bubbles:
                    self._bubbles[one.id] = self._bubble(one)
                    self._thread.addWidget(self._bubbles[one.id])
            self.messages = found
            if low or (found and found[-1].mine):
                QTimer.singleShot(0, self, self._to_the_end)
        self.empty.setVisible(not found)
        self._tell_unread()

    def _bubble(self, one: MessageCard) -> QWidget:
        day = words.wall(one.written_at, self.desk.zone).date()
        at = words.clock(one.written_at, self.desk.zone)
        when = at if day == self.desk.today() else f"{words.day_short(day)}, {at}"
        who = label(f"{words.isolated(one.author)} · {when}", "chat-author", role="hint", wrap=True)
        text = label(one.text, "chat-message", wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        frame = named(
            QFrame(), "chat-bubble", f"{one.author}, {when}", role="note" if one.mine else "card"
        )
        frame.setAccessibleDescription(one.text)
        frame.setLayout(column(who, text, margin=8, gap=2))
        holder = QWidget()
        space = QLabel()
        space.setFixedWidth(ASIDE)
        holder.setLayout(row(space, frame, grow=1) if one.mine else row(frame, space, grow=0))
        return holder

    def _to_the_end(self) -> None:
        self._inside.adjustSize()
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.maximum())

    # What was seen ----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell_unread()
        QTimer.singleShot(0, self, self._to_the_end)

    def _tell_unread(self) -> None:
        newest = self.messages[-1].id if self.messages else 0
        if self.isVisible() and newest > self._seen:
            self._seen = newest
            self._remember()
        self.unread.emit(sum(one.id > self._seen and not one.mine for one in self.messages))

    def _remembered(self) -> dict[int, int]:
        if self.memory is None:
            return {}
        flat = self.memory.numbers(READ)
        return dict(zip(flat[::2], flat[1::2], strict=False))

    def _remember(self) -> None:
        if self.memory is not None:
            known = self._remembered()
            known.pop(self.card.id, None)
            known[self.card.id] = self._seen
            kept = list(known.items())[-MOST_REMEMBERED:]
            self.memory.put(READ, [number for pair in kept for number in pair])

    # Sending ----------------------------------------------------------------------------------

    @property
    def unsaved(self) -> bool:
        """Whether something was typed and not sent."""
        return bool(self.text.toPlainText().strip())

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Send what was typed, and call *then* when it is said."""
        self._then.append(then)
        self.send()

    def send(self) -> None:
        """Say what was typed; it stays in the field until it is saved."""
        from clinic_desk.services import conversation

        if self._sending or not self.unsaved:
            return
        self._sending = self.text.toPlainText()
        self._typed()
        self.desk.do(
            conversation.write, self.card.id, self._sending,
            label=_("Message to colleagues"), said="", done=self._sent, failed=self._refused,
        )  # fmt: skip

    def _sent(self, _answer: Done[MessageCard]) -> None:
        sent, self._sending = self._sending, ""
        typed = self.text.toPlainText()
        self.text.setPlainText(typed[len(sent) :].lstrip() if typed.startswith(sent) else typed)
        if not typed.startswith(sent):
            self._typed()
        waiting, self._then = self._then, []
        for then in waiting:
            then()

    def _refused(self, error: BaseException) -> bool:
        self._sending, self._then = "", []
        self._typed()
        self.told.setText(words.explained(error, self.desk.zone))
        self.told.show()
        self.refused.emit()
        return True

    def _typed(self) -> None:
        self.told.hide()
        self.send_button.setEnabled(self.unsaved and not self._sending)
        self.edited.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.text
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self.send()
            return True
        return super().eventFilter(watched, event)
