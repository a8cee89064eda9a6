"""Something typed is not saved, and its window is to close: the question what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.widgets import button, column, label, named, row


class Question(QDialog):
    """Stands before its window until it is answered; Esc keeps what is not saved. Without a
    word for *saving* it can only be kept, which Enter does then, or given up.

    Signals:
        save_wanted(): save, then close.
        discard_wanted(): close without saving.
    """

    save_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, about: str, said: str, keeping: str, saving: str, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "leaving", _("Not saved"))
        self.setWindowTitle(_("Not saved"))
        keep = button(keeping, "leaving-keep", self.reject, look="" if saving else "primary")
        discard = button(_("Discard"), "leaving-discard", self._discard, look="danger")
        answers, default = row(discard, 1, keep), keep
        if saving:
            default = button(saving, "leaving-save", self._save, look="primary")
            answers = row(keep, 1, discard, default)
        default.setDefault(True)
        heading = label(about, "leaving-about", role="heading", wrap=True)
        text = label(said, "leaving-text", wrap=True)
        self.setLayout(column(heading, text, answers, margin=16))
        self.setMinimumWidth(420)
        default.setFocus()

    def _save(self) -> None:
        self.accept()
        self.save_wanted.emit()

    def _discard(self) -> None:
        self.accept()
        self.discard_wanted.emit()


class LeavingQuestion(Question):
    """Asked of whoever typed it. *saving* is what the window calls it to save, where it has a
    word of its own.
    """

    def __init__(self, about: str, parent: QWidget, saving: str = "") -> None:
        said = _("What you have changed here is not saved.")
        super().__init__(about, said, _("Keep editing"), saving or _("Save"), parent)


class EditorWindow(QDialog):
    """A window that may hold something unsaved: whatever closes it (Esc, its buttons, its frame,
    the window it belongs to) asks first. It says whether something ``is_edited``, whether it
    ``is_saving`` (then it stays until that is done), what the question is ``about`` and how to
    ``save``; who saves closes it when that has succeeded, and calls ``_stay`` when it has not.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._then: Callable[[], object] | None = None
        self._question: LeavingQuestion | None = None

    @property
    def is_edited(self) -> bool:
        """Whether something typed here is not saved."""
        raise NotImplementedError

    @property
    def is_saving(self) -> bool:
        """Whether it is being saved just now."""
        raise NotImplementedError

    @property
    def about(self) -> str:
        """What is not saved, as the question names it."""
        raise NotImplementedError

    @property
    def saving(self) -> str:
        """What it is called here to save; empty for just that."""
        return ""

    def save(self) -> None:
        """Save what was typed, and close when that has succeeded."""
        raise NotImplementedError

    def leave_then(self, then: Callable[[], object]) -> None:
        """Close, and call *then*; where something is not saved, only after it has been asked."""
        self._then = then
        self.reject()

    def discard(self) -> None:
        """Close; what is not saved is given up."""
        if not self.is_saving:
            super().reject()

    def reject(self) -> None:
        """Esc and the frame's cross; what is not saved is asked about."""
        if self.is_saving:
            return
        if not self.is_edited:
            super().reject()
        elif self._question is None:
            asked = self._question = LeavingQuestion(self.about, self, self.saving)
            asked.save_wanted.connect(self.save)
            asked.discard_wanted.connect(self.discard)
            asked.finished.connect(self._answered)
            asked.open()

    def _answered(self, result: int) -> None:
        if self._question is not None:
            self._question.deleteLater()
            self._question = None
        if result != QDialog.DialogCode.Accepted:
            self._stay()

    def _stay(self) -> None:
        """It does not close: whoever waited for that is told nothing."""
        self._then = None

    def done(self, result: int) -> None:
        """Every way out ends here."""
        then, self._then = self._then, None
        super().done(result)
        if then is not None:
            QTimer.singleShot(0, then)
