"""Ctrl+Z in a field in which nothing was typed belongs to the program."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class UndoPasser(QObject):
    """Leaves the keys of undo and redo to the program while nothing was typed in the field that
    has the focus: after a save the cursor stands in a field again, and Qt would let it take the
    key for nothing. Where something was typed, or taken back, the keys stay the field's. One for
    the whole program.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.focusChanged.connect(self._changed)

    def _changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if isinstance(old, QLineEdit) and shiboken6.isValid(old):
            old.removeEventFilter(self)
        if isinstance(new, QLineEdit):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answers for the field when Qt asks it whether it wants the key for itself."""
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QLineEdit):
            return False
        if not any(event.matches(keys) for keys in _KEYS) or not _untouched(watched):
            return False
        event.ignore()
        return True


def _untouched(field: QLineEdit) -> bool:
    plain = field.echoMode() is QLineEdit.EchoMode.Normal
    touched = field.isModified() or field.isUndoAvailable() or field.isRedoAvailable()
    return plain and not touched


def pass_undo(application: QApplication) -> None:
    """Let one of them watch over the whole program, however often this is asked for."""
    if application.findChild(UndoPasser) is None:
        UndoPasser(application)
