"""Something typed in the quick form is not saved, and the form is to close: the same question as
for the windows of editors (:mod:`clinic_desk.views.leaving`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog

from clinic_desk.views.leaving import LeavingQuestion

if TYPE_CHECKING:
    from clinic_desk.views.quick_form import QuickForm


class QuickLeaving(QObject):
    """Stands for the quick form among the editors of a window.

    Signals:
        sight_wanted(): it is about to ask; the form should be in sight.
    """

    sight_wanted = Signal()

    def __init__(self, form: QuickForm) -> None:
        super().__init__(form)
        self._form = form
        self._then: Callable[[], object] | None = None
        self._question: LeavingQuestion | None = None
        form.closed.connect(self._left)

    @property
    def is_edited(self) -> bool:
        """Whether something was typed, or somebody chosen, that would be missed; a time alone is
        found again by a click.
        """
        return self._form.slot is not None and self._form.is_typed

    def raise_(self) -> None:
        """Bring the form into sight, wherever its window is."""
        self._form.window().raise_()
        self.sight_wanted.emit()

    def leave_then(self, then: Callable[[], object]) -> None:
        """Close the form, and call *then*; where something is typed, only after it has been
        asked, and never where somebody goes on editing.
        """
        self._then = then
        self.reject()

    def save(self) -> None:
        """Book, or block the time; where something is missing for that, it is told."""
        if not self._form.is_saving and not self._form.submit():
            self.stay()
            self._form.tell_missing()

    def discard(self) -> None:
        """Close the form; what is typed in it is given up."""
        if not self._form.is_saving:
            self._form.leave_it()

    def reject(self) -> None:
        """Close the form; what is typed in it is asked about."""
        if self._form.is_saving:
            return
        if not self.is_edited:
            self._form.leave_it()
        elif self._question is None:
            asked = self._question = LeavingQuestion(self._form.heading.text(), self._form)
            asked.save_wanted.connect(self.save)
            asked.discard_wanted.connect(self.discard)
            asked.finished.connect(self._answered)
            asked.open()

    def stay(self) -> None:
        """It does not close: whoever waited for that is told nothing."""
        self._then = None

    def _answered(self, result: int) -> None:
        if self._question is not None:
            self._question.deleteLater()
            self._question = None
        if result != QDialog.DialogCode.Accepted:
            self.stay()

    def _left(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            QTimer.singleShot(0, then)
