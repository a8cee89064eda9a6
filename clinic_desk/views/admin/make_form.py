"""What the windows have in common in which something is made for another program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.cards import Done
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import EditorWindow
from clinic_desk.views.widgets import button, column, error_line, label, named, row, scrolled


class MakeForm(EditorWindow):
    """Stays until it is made; what was typed is not closed away unasked. A window of this kind
    adds its ``fields``, is laid out by ``_lay_out_form``, says what ``is_edited`` and sends its
    command by ``_send`` when it is to ``save``.

    Attributes:
        go: the button that makes it.
        told: a refusal that is about no single field.

    Signals:
        made(object): what was made; None where the answer that carried its secret was lost.
    """

    made = Signal(object)

    def __init__(self, desk: Desk, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, f"{name}-form", title)
        self.setWindowTitle(title)
        self._desk, self._name = desk, name
        self._busy = False
        self.fields = Fields(f"{name}-fields", title)
        self.told = error_line(f"{name}-told")

    def _lay_out_form(self, hint: str, go: QPushButton) -> None:
        """*hint* above the fields; *go*, the default button, stays in sight below them."""
        self.go = go
        self.go.setDefault(True)
        leave = button(_("Cancel"), f"{self._name}-leave", self.reject)
        text = label(hint, f"{self._name}-text", role="hint", wrap=True)
        inside = QWidget()
        inside.setLayout(column(text, self.fields, 1, gap=12))
        area = scrolled(inside, f"{self._name}-area")
        self.setLayout(column(area, self.told, row(leave, 1, self.go), margin=16, grow=0))

    @property
    def is_saving(self) -> bool:
        """Whether it is being made just now."""
        return self._busy

    @property
    def about(self) -> str:
        """As the window is called."""
        return self.windowTitle()

    def _send(self, command: Callable[..., Done[Any]], *, label: str, **kwargs: Any) -> None:
        """Send the command away, as :meth:`Desk.do`; nothing is told beside what it made."""
        self._busy = True
        self.go.setEnabled(False)
        self._desk.do(
            command, label=label, said="", done=self._done, failed=self._refused, **kwargs
        )

    def _done(self, answer: Done[Any]) -> None:
        self._busy = False
        self.accept()
        self.made.emit(answer.value)

    def _refused(self, error: BaseException) -> bool:
        self._busy = False
        self.go.setEnabled(True)
        if not isinstance(error, ClinicError):
            return False
        if not self.fields.tell(error):
            self.told.setText(words.explained(error))
            self.told.show()
        return True

    def _edited(self) -> None:
        self.told.hide()
        self.fields.untell()
