"""Passwords: choosing another one for oneself, and giving one to somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.cards import Done
from clinic_desk.services.founding import SHORTEST_PASSWORD
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, row

TOO_SHORT = N_("The password needs at least {count} characters.")
DIFFER = N_("The two passwords differ.")


def hidden(name: str, spoken: str) -> QLineEdit:
    """A line whose letters nobody sees."""
    made = named(QLineEdit(), name, spoken)
    made.setEchoMode(QLineEdit.EchoMode.Password)
    return made


class PasswordForm(QWidget):
    """The old password (unless it is known), the new one twice.

    Signals:
        wanted(str, str): the old and the new one, both filled and the new one repeated rightly.
    """

    wanted = Signal(str, str)

    def __init__(self, *, old: bool = True, go: str = "") -> None:
        super().__init__()
        named(self, "password-form", _("Password"))
        self._asks_old = old
        self.old = hidden("password-old", _("Present password"))
        self.new = hidden("password-new", _("New password"))
        self.again = hidden("password-again", _("New password once more"))
        self.new.setPlaceholderText(
            _("At least {count} characters").format(count=SHORTEST_PASSWORD)
        )
        self.fields = Fields("password-fields", _("Password"))
        self.fields.add("old", _("Present password"), self.old)
        self.fields.add("new", _("New password"), self.new)
        self.fields.add("again", _("Once more"), self.again)
        self.fields.set_row_visible("old", old)
        self.told = error_line("password-told")
        self.go = button(go or _("Change password"), "password-go", self.submit, look="primary")
        self.setLayout(column(self.fields, self.told, row(self.go, 1), gap=12))
        self.old.returnPressed.connect(self.new.setFocus)
        self.new.returnPressed.connect(self.again.setFocus)
        self.again.returnPressed.connect(self.submit)
        for field in (self.old, self.new, self.again):
            field.textEdited.connect(lambda _text: self._untell())

    @property
    def is_edited(self) -> bool:
        """Whether something was typed."""
        return bool(self.old.text() or self.new.text() or self.again.text())

    def submit(self) -> None:
        """Hand the passwords over, or say what is missing."""
        self._untell()
        new = self.new.text()
        if self._asks_old and not self.old.text():
            self.old.setFocus()
        elif len(new) < SHORTEST_PASSWORD:
            self.tell(Invalid("new", TOO_SHORT, count=SHORTEST_PASSWORD))
        elif new != self.again.text():
            self.tell(Invalid("again", DIFFER))
        else:
            self.wanted.emit(self.old.text(), new)

    def tell(self, error: BaseException) -> None:
        """Show a refusal at its field, else under them."""
        if isinstance(error, Invalid) and error.field == "password":
            error = Invalid("new", error.message, **error.params)
        if not self.fields.tell(error):
            self.told.setText(words.explained(error))
            self.told.show()

    def clear(self) -> None:
        """Forget what was typed."""
        for field in (self.old, self.new, self.again):
            field.clear()
        self._untell()

    def set_busy(self, busy: bool) -> None:
        """Nothing can be pressed while the answer is awaited."""
        self.go.setEnabled(not busy)

    def _untell(self) -> None:
        self.fields.untell()
        self.told.hide()


class SetPassword(QDialog):
    """Somebody else gets a password; *command* is what gives it to the user *user_id*."""

    def __init__(
        self,
        desk: Desk,
        name: str,
        command: Callable[..., Done[Any]],
        user_id: int,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        named(self, "set-password", _("Set password"))
        self.setWindowTitle(_("Set password"))
        self._desk, self._command, self._user_id, self._name = desk, command, user_id, name
        self.form = PasswordForm(old=False, go=_("Set password"))
        self.form.wanted.connect(self._send)
        heading = _("A password for {name}").format(name=name)
        hint = _("Tell it in person. At the next sign-in another one is asked for.")
        leave = button(_("Cancel"), "set-password-leave", self.reject)
        self.setLayout(
            column(
                label(heading, "set-password-title", role="heading", wrap=True),
                label(hint, "set-password-hint", role="hint", wrap=True),
                self.form,
                row(1, leave),
                margin=16,
            )
        )
        self.setMinimumWidth(440)
        self.form.new.setFocus()

    def _send(self, _old: str, new: str) -> None:
        self.form.set_busy(True)
        label = _("New password for {name}").format(name=self._name)
        self._desk.do(
            self._command,
            self._user_id,
            new,
            label=label,
            said=_("Saved: {what}").format(what=label),
            done=self._given,
            failed=self._refused,
        )

    def _given(self, _answer: Done[Any]) -> None:
        self.accept()

    def _refused(self, error: BaseException) -> bool:
        self.form.set_busy(False)
        if not isinstance(error, ClinicError):
            return False
        self.form.tell(error)
        return True
