"""Something typed is not saved, and its window is to close: the question what becomes of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.widgets import button, column, label, named, row


class LeavingQuestion(QDialog):
    """Stands before its window until it is answered; Esc keeps editing.

    Signals:
        save_wanted(): save, then close.
        discard_wanted(): close without saving.
    """

    save_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, about: str, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "leaving", _("Not saved"))
        self.setWindowTitle(_("Not saved"))
        save = button(_("Save"), "leaving-save", self._save, look="primary")
        save.setDefault(True)
        discard = button(_("Discard"), "leaving-discard", self._discard, look="danger")
        keep = button(_("Keep editing"), "leaving-keep", self.reject)
        heading = label(about, "leaving-about", role="heading", wrap=True)
        text = label(_("What you have changed here is not saved."), "leaving-text", wrap=True)
        self.setLayout(column(heading, text, row(keep, 1, discard, save), margin=16))
        self.setMinimumWidth(420)
        save.setFocus()

    def _save(self) -> None:
        self.accept()
        self.save_wanted.emit()

    def _discard(self) -> None:
        self.accept()
        self.discard_wanted.emit()
