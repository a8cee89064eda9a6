"""An undo whose old place is taken today: every reason, and the exception for who may make it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row


def overridable(desk: Desk, error: BaseException) -> bool:
    """Whether the user may set aside everything that stands in the way."""
    if not isinstance(error, Conflicted) or not error.conflicts:
        return False
    needed = {conflict.permission for conflict in error.conflicts}
    return all(name and desk.may(name) for name in needed)


class UndoRefused(QDialog):
    """Signals:
    overridden(str): undo nevertheless, for this reason.
    """

    overridden = Signal(str)

    def __init__(self, desk: Desk, what: str, error: Conflicted) -> None:
        super().__init__(QApplication.activeWindow())
        named(self, "undo-refused", _("Cannot be undone just like that"))
        self.setWindowTitle(_("Cannot be undone just like that"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = (
            _("{what}: the old time is taken by now.") if what else _("The old time is taken.")
        )
        self.heading = label(heading.format(what=what), "undo-heading", role="strong", wrap=True)
        told = words.reasons(error, desk.zone)
        text = "\n".join(f"• {sentence}" for sentence in told)
        self.reasons = label(text, "undo-reasons", wrap=True)
        self.why = named(QLineEdit(), "undo-reason", _("Reason for the exception"))
        self.why.setPlaceholderText(_("Reason, for example: emergency"))
        self.force = button(_("Undo nevertheless"), "undo-override", self._force, look="danger")
        self.force.setEnabled(False)
        self.why.textChanged.connect(lambda typed: self.force.setEnabled(bool(typed.strip())))
        self.keep = button(_("Leave as it was"), "undo-keep", self.reject)
        self.keep.setDefault(True)
        self.setLayout(
            column(
                self.heading,
                self.reasons,
                self.why,
                row(1, self.keep, self.force),
                margin=16,
                gap=10,
            )
        )
        self.setMinimumWidth(420)
        self.keep.setFocus()

    def _force(self) -> None:
        reason = self.why.text().strip()
        if reason:
            self.accept()
            self.overridden.emit(reason)
