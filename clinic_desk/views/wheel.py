"""Which fields the wheel of the mouse changes: those that somebody works in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QWidget


class WheelKeeper(QObject):
    """Lets the wheel go by fields that nobody works in, so that it scrolls the page. It watches
    the fields alone: through a watch over the program would come everything that is painted.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel over a field without the focus belongs to what is around the field."""
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def keep_wheel(field: QWidget) -> None:
    """The wheel changes *field*, a number, time or choice, only while it has the focus, and
    does not bring the focus. Other widgets stay as they are.
    """
    application = QApplication.instance()
    if application is None or not isinstance(field, QAbstractSpinBox | QComboBox):
        return
    if field.focusPolicy() == Qt.FocusPolicy.WheelFocus:
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    keeper = application.findChild(WheelKeeper)
    field.installEventFilter(keeper or WheelKeeper(application))
