"""What is seen while a desk is locked: who locked it, a password, and a way for others."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.sessions import Unlocked
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.icons import icon
from clinic_desk.views.password_form import hidden
from clinic_desk.views.waits import Countdown
from clinic_desk.views.widgets import button, column, error_line, field_row, label, named, row


class LockWindow(QWidget):
    """Signals:
    opened(): the password was right.
    leave_wanted(): somebody else wants to sign in, or the window is closed.
    """

    opened = Signal()
    leave_wanted = Signal()

    def __init__(self, desk: Desk, at: datetime, *, idle: bool) -> None:
        super().__init__()
        named(self, "lock", _("Locked"))
        self.setWindowTitle(_("Clinic Desk"))
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._desk = desk
        text = _("{name} · locked {time} (idle)") if idle else _("{name} · locked {time}")
        who = text.format(name=words.isolated(desk.actor.name), time=words.clock(at, desk.zone))
        sign = QLabel()
        sign.setPixmap(icon("app", "accent").pixmap(44, 44))
        self.password = hidden("lock-password", _("Password"))
        self.caps = label(_("Caps Lock may be on"), "lock-caps", role="hint")
        self.caps.hide()
        self.told = error_line("lock-told")
        self.countdown = Countdown(self.told)
        self.countdown.over.connect(lambda: self._set_busy(False))
        self.go = button(_("Unlock"), "lock-go", self.submit, look="primary")
        self.go.setMinimumHeight(36)
        self.switch = button(
            _("Someone else? Switch user"), "lock-switch", self.leave_wanted.emit, look="quiet"
        )
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        field_row(form, _("&Password"), self.password)
        kept = label(_("What was begun here is kept."), "lock-kept", role="hint", wrap=True)
        card = named(QFrame(), "lock-card", role="card")
        card.setLayout(
            column(
                row(sign, label(_("Locked"), "lock-title", role="title"), 1),
                label(who, "lock-who", wrap=True),
                form,
                self.caps,
                self.told,
                self.go,
                kept,
                self.switch,
                margin=28,
                gap=12,
            )
        )
        card.setFixedWidth(400)
        self.setLayout(column(1, row(1, card, 1), 1, margin=24))
        self.password.returnPressed.connect(self.submit)
        self.password.textEdited.connect(lambda _text: self._untell())
        desk.background.stuck.connect(self._stuck)

    def submit(self) -> None:
        """Ask in the background whether the password is right."""
        from clinic_desk.services import sessions

        if self.countdown.running or not self.go.isEnabled() or not self.password.text():
            self.password.setFocus()
            return
        self._set_busy(True)
        self._desk.background.read(
            sessions.unlock,
            self._desk.actor,
            self.password.text(),
            done=self._right,
            failed=self._wrong,
            ticket=("unlock", id(self)),
            what=_("unlocking"),
        )

    def _right(self, answer: Unlocked) -> None:
        if answer.offline:
            self._desk.say(_("Unlocked without the server; it is away."))
        self.opened.emit()

    def _wrong(self, error: BaseException) -> None:
        self._set_busy(False)
        seconds = error.params.get("seconds") if isinstance(error, ClinicError) else None
        self.told.show()
        if isinstance(seconds, int):
            self._set_busy(True)
            self.countdown.start(seconds)
        else:
            self.told.setText(words.explained(error))
            self.password.selectAll()
            self.password.setFocus()
        if not isinstance(error, ClinicError):
            self._desk.background.broke.emit(error)

    def tell(self, text: str) -> None:
        """Say something under the password."""
        self.told.setText(text)
        self.told.show()

    def _stuck(self, _what: str) -> None:
        if not self.go.isEnabled() and not self.countdown.running:
            self.tell(_("The server does not answer. It stays locked until that is known."))

    def _set_busy(self, busy: bool) -> None:
        self.go.setEnabled(not busy)
        if not busy:
            self.password.setFocus()

    def _untell(self) -> None:
        if not self.countdown.running:
            self.told.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters that come out large without Shift betray Caps Lock."""
        text = event.text()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if text.isalpha():
            self.caps.setVisible(text.isupper() and not shift)
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The frame's cross leads to another sign-in, never past the password."""
        event.ignore()
        self.leave_wanted.emit()
