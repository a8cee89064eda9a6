"""A token that was just made, shown this once; and the question before one is withdrawn."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.tokens import NewToken, TokenCard
from clinic_desk.views import words
from clinic_desk.views.admin.tokens_table import last_used, scope_line
from clinic_desk.views.sure_question import SureQuestion
from clinic_desk.views.widgets import button, column, label, named, row

WIDTH = 780
"""In logical pixels: a whole token and its button."""


def code_line(text: str, name: str, spoken: str) -> QLineEdit:
    """Something to copy, letter by letter: it runs from left to right in every language."""
    made = named(QLineEdit(text), name, spoken)
    made.setReadOnly(True)
    made.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    made.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    made.setCursorPosition(0)
    return made


class TokenShown(QDialog):
    """The only place where the token can be seen. Whoever closes it without a copy is asked."""

    def __init__(self, new: NewToken, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "token-shown", _("The new token"))
        self.setWindowTitle(_("The new token"))
        self._text = new.text
        self._question: QDialog | None = None
        heading = _("Access for {program}").format(program=words.isolated(new.card.name))
        self.token = code_line(new.text, "token-text-once", _("Token"))
        self.copy = button(_("Copy"), "token-copy", self._copy, look="primary")
        self.copy.setDefault(True)
        self.copied = label("", "token-copied", wrap=True)
        once = label(
            _(
                "This is the only time that the token is shown. Put it into the program’s"
                " settings now; whoever has it can do what it allows."
            ),
            "token-once",
            wrap=True,
        )
        close = button(_("Close"), "token-close", self.reject)
        self.setLayout(
            column(
                label(heading, "token-heading", role="heading", wrap=True),
                once,
                row(self.token, self.copy, grow=0),
                self.copied,
                row(1, close),
                margin=16,
            )
        )
        self.setMinimumWidth(460)
        self.resize(WIDTH, self.sizeHint().height())
        self.copy.setFocus()

    @property
    def is_copied(self) -> bool:
        """Whether the token lies in the clipboard, by the button or by hand."""
        return QGuiApplication.clipboard().text() == self._text or bool(self.copied.text())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copied.setText(_("Copied."))

    def reject(self) -> None:
        """Close, where the token was copied; else ask."""
        if self.is_copied:
            super().reject()
            return
        asked = self._question = NotCopied(self)
        asked.copy_wanted.connect(self._copy_and_close)
        asked.close_wanted.connect(lambda: QDialog.reject(self))
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _copy_and_close(self) -> None:
        self._copy()
        super().reject()

    def done(self, result: int) -> None:
        """Whichever way it is closed, the token stands nowhere any more."""
        self._text = ""
        self.token.clear()
        super().done(result)


class NotCopied(QDialog):
    """Signals:
    copy_wanted(): copy the token, then close.
    close_wanted(): close without it.
    """

    copy_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "token-not-copied", _("Not copied"))
        self.setWindowTitle(_("Not copied"))
        copy = button(_("Copy and close"), "not-copied-copy", self._copy, look="primary")
        copy.setDefault(True)
        leave = button(_("Close without it"), "not-copied-close", self._close, look="danger")
        stay = button(_("Back to the token"), "not-copied-stay", self.reject)
        text = _("Once this is closed, nobody can see the token again; another one must be made.")
        self.setLayout(
            column(
                label(_("The token was not copied."), "not-copied-heading", role="heading"),
                label(text, "not-copied-text", wrap=True),
                row(stay, 1, leave, copy),
                margin=16,
            )
        )
        self.setMinimumWidth(460)
        copy.setFocus()

    def _copy(self) -> None:
        self.accept()
        self.copy_wanted.emit()

    def _close(self) -> None:
        self.accept()
        self.close_wanted.emit()


class WithdrawQuestion(SureQuestion):
    """What stops working when a token is withdrawn."""

    def __init__(self, card: TokenCard, parent: QWidget) -> None:
        super().__init__("token-withdraw-question", _("Withdraw a token"), parent)
        name = words.isolated(card.name)
        heading = _("Withdraw the access of {program}?").format(program=name)
        text = _("Last used: {when}. From its next request on, {program} can no longer:").format(
            when=last_used(card), program=name
        )
        self.stops = label(
            "\n".join(f"• {scope_line(scope)}" for scope in card.scopes),
            "token-withdraw-stops",
            wrap=True,
        )
        after = _(
            "What it has booked stays booked. This cannot be taken back; the program would need"
            " a new token."
        )
        self._say(
            label(heading, "token-withdraw-heading", role="heading", wrap=True),
            label(text, "token-withdraw-text", wrap=True),
            self.stops,
            label(after, "token-withdraw-after", role="hint", wrap=True),
            keep=button(_("Keep it"), "token-keep"),
            go=button(_("Withdraw"), "token-withdraw-now", look="danger"),
        )
