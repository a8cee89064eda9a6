"""The windows of the page of webhooks: the secret that is shown once, the key of the computers
that call, and the question before a webhook is removed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.webhooks import NewWebhook, WebhookCard
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, text_field
from clinic_desk.views.admin.token_shown import code_line
from clinic_desk.views.desk import Desk
from clinic_desk.views.mail.errand import Errand
from clinic_desk.views.sure_question import SureQuestion
from clinic_desk.views.widgets import button, column, error_line, label, named, row

WIDTH = 720


class SecretShown(QDialog):
    """The only place where a webhook's secret can be seen; closed without a copy only at the
    second try.
    """

    def __init__(self, new: NewWebhook, parent: QWidget, *, renewed: bool = False) -> None:
        """*renewed*: the webhook was there already, and its former secret holds for a while."""
        super().__init__(parent)
        title = _("The new secret") if renewed else _("The new webhook")
        named(self, "webhook-secret-shown", title)
        self.setWindowTitle(title)
        self._lost = _lost(renewed=renewed)
        self._text = new.secret
        self._warned = False
        self.secret = code_line(new.secret, "webhook-secret", _("Secret"))
        self.copy = button(_("Copy"), "webhook-secret-copy", self._copy, look="primary")
        self.copy.setDefault(True)
        self.told = label("", "webhook-secret-told", wrap=True)
        once = label(
            _(
                "By this secret the other program knows that it is we who call (Standard"
                " Webhooks: HMAC-SHA256). It is shown this once: put it into the program’s"
                " settings now."
            ),
            "webhook-secret-once",
            wrap=True,
        )
        heading = _("Webhook to {address}").format(address=words.isolated(new.card.url))
        self.leave = button(_("Close"), "webhook-secret-close", self.reject)
        self.setLayout(
            column(
                label(heading, "webhook-secret-heading", role="heading", wrap=True),
                once,
                row(self.secret, self.copy, grow=0),
                self.told,
                row(1, self.leave),
                margin=16,
            )
        )
        self.setMinimumWidth(460)
        self.resize(WIDTH, self.sizeHint().height())
        self.copy.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.told.setText(_("Copied."))
        self._warned = True

    def reject(self) -> None:
        """Close, where the secret was copied; else say first what that means."""
        if self._warned or QGuiApplication.clipboard().text() == self._text:
            super().reject()
            return
        self._warned = True
        self.told.setText(self._lost)
        self.leave.setText(_("Close without it"))
        self.copy.setFocus()

    def done(self, result: int) -> None:
        """Whichever way it is closed, the secret stands nowhere any more."""
        self._text = ""
        self.secret.clear()
        super().done(result)


def _lost(*, renewed: bool) -> str:
    """What closing the secret without a copy means."""
    if renewed:
        return _(
            "The secret was not copied. Once this is closed nobody can see it again; it would have"
            " to be renewed once more."
        )
    return _(
        "The secret was not copied. Once this is closed nobody can see it again; the"
        " webhook would have to be removed and added anew."
    )


class KeyForm(QDialog):
    """The key under which the secrets are sealed is entered on this computer.

    Signals:
        kept(): it fits and is kept.
    """

    kept = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "webhook-key-form", _("Key for webhooks"))
        self.setWindowTitle(_("Key for webhooks"))
        self._desk = desk
        self._busy = False
        self.key = text_field("webhook-key", _("Key"), self._edited)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.fields = Fields("webhook-key-fields", _("Key for webhooks"))
        self.fields.add("key", _("Key"), self.key)
        self.told = error_line("webhook-key-told")
        text = _(
            "Copy it on a computer that calls webhooks, under Admin, Webhooks, and paste it here."
            " It is kept in this computer’s keyring, or else in a file that only you can read."
        )
        self.go = button(_("Keep the key"), "webhook-key-keep", self._keep, look="primary")
        self.go.setDefault(True)
        leave = button(_("Cancel"), "webhook-key-leave", self.reject)
        self.setLayout(
            column(
                label(text, "webhook-key-text", wrap=True),
                self.fields,
                self.told,
                row(leave, 1, self.go),
                margin=16,
            )
        )
        self.setMinimumWidth(520)
        self.key.setFocus()

    def _keep(self) -> None:
        from clinic_desk.services import webhooks

        if self._busy:
            return
        self._busy = True
        self.go.setEnabled(False)
        text = self.key.text()
        Errand(self._desk, webhooks.enter_key, text, done=self._kept, failed=self._refused)

    def _kept(self, _nothing: object) -> None:
        self._busy = False
        self.accept()
        self.kept.emit()

    def _refused(self, error: BaseException) -> None:
        self._busy = False
        self.go.setEnabled(True)
        if not isinstance(error, ClinicError):
            self._desk.complain(error)
        elif not self.fields.tell(error):
            self.told.setText(words.explained(error))
            self.told.show()

    def _edited(self) -> None:
        self.told.hide()
        self.fields.untell()

    def done(self, result: int) -> None:
        """Whichever way it is closed, the key stands in no field any more."""
        self.key.clear()
        super().done(result)


class RenewQuestion(SureQuestion):
    """What a new secret means for the other program."""

    def __init__(self, card: WebhookCard, parent: QWidget) -> None:
        super().__init__("webhook-renew-question", _("A new secret"), parent)
        address = words.isolated(card.url)
        heading = _("Renew the secret of the webhook to {address}?").format(address=address)
        text = _(
            "The new secret is shown once. For 24 hours calls are signed with the former one too:"
            " enter the new one at the other program in this time. This cannot be taken back."
        )
        self._say(
            label(heading, "webhook-renew-heading", role="heading", wrap=True),
            label(text, "webhook-renew-text", wrap=True),
            keep=button(_("Cancel"), "webhook-renew-leave"),
            go=button(_("Renew the secret"), "webhook-renew-now", look="primary"),
        )


class RemoveQuestion(SureQuestion):
    """What ends when a webhook is removed."""

    def __init__(self, card: WebhookCard, parent: QWidget) -> None:
        super().__init__("webhook-remove-question", _("Remove a webhook"), parent)
        address = words.isolated(card.url)
        heading = _("Remove the webhook to {address}?").format(address=address)
        text = _(
            "It is called no more, and its secret and the list of its calls are gone. This cannot"
            " be taken back; to stop it for a while, pause it."
        )
        self._say(
            label(heading, "webhook-remove-heading", role="heading", wrap=True),
            label(text, "webhook-remove-text", wrap=True),
            keep=button(_("Keep it"), "webhook-keep"),
            go=button(_("Remove"), "webhook-remove-now", look="danger"),
        )
