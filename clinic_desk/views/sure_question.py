"""The question before something is done that cannot be taken back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from clinic_desk.views.widgets import column, named, row


class SureQuestion(QDialog):
    """Says what would stop or be gone. Enter and Esc keep it; only its other button does it. A
    question of this kind says its sentences by ``_say``.

    Signals:
        confirmed(): do it.
    """

    confirmed = Signal()

    def __init__(self, name: str, title: str, parent: QWidget, *, width: int = 480) -> None:
        """*width* in logical pixels, at the least."""
        super().__init__(parent)
        named(self, name, title)
        self.setWindowTitle(title)
        self.setMinimumWidth(width)

    def _say(self, *sentences: QWidget, keep: QPushButton, go: QPushButton) -> None:
        """*sentences* below each other, under them the two answers."""
        keep.clicked.connect(lambda _checked=False: self.reject())
        keep.setDefault(True)
        go.clicked.connect(lambda _checked=False: self._go())
        self.setLayout(column(*sentences, 1, row(keep, 1, go), margin=16))
        keep.setFocus()

    def _go(self) -> None:
        self.accept()
        self.confirmed.emit()
