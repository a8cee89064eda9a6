"""Where the keyboard stays when what has the focus disables or hides itself."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

_PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)


class FocusKeeper(QObject):
    """Holds the focus on the frame around a widget that disables or hides itself, and gives it
    back when the widget can be used again. Qt would go on to whatever comes next, so that a
    second Space or Enter pressed a button that nobody chose. One for the whole program.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._left: QWidget | None = None
        self._frame: QWidget | None = None
        application.focusChanged.connect(self._changed)

    def _changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and new is self._frame:
            return
        left = old if old is not self._frame else None
        self._forget()
        if left is None or not shiboken6.isValid(left) or _usable(left):
            return
        window = left.window()
        if not window.isVisible() or (new is not None and new.window() is not window):
            return  # another window has the keyboard, as it should
        frame = _around(left)
        if frame is None or (new is None and not window.isActiveWindow()):
            return
        self._left, self._frame = left, frame
        left.installEventFilter(self)
        frame.installEventFilter(self)
        frame.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget(self) -> None:
        for one in (self._left, self._frame):
            if one is not None and shiboken6.isValid(one):
                one.removeEventFilter(self)
        self._left = self._frame = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the focus back; no key presses anything meanwhile, not even a default button."""
        left, frame = self._left, self._frame
        if watched is left and frame is not None:
            again = event.type() in (QEvent.Type.EnabledChange, QEvent.Type.Show)
            if again and _usable(left) and shiboken6.isValid(frame) and frame.hasFocus():
                self._forget()
                left.setFocus(Qt.FocusReason.OtherFocusReason)
        elif watched is frame and event.type() == QEvent.Type.KeyPress:
            return isinstance(event, QKeyEvent) and event.key() in _PRESSES
        return False


def _usable(widget: QWidget) -> bool:
    return widget.isEnabled() and widget.isVisible()


def _around(widget: QWidget) -> QWidget | None:
    """The nearest part around *widget* that can hold the focus itself."""
    frame = widget.parentWidget()
    while frame is not None and not (_usable(frame) and frame.focusProxy() is None):
        frame = None if frame.isWindow() else frame.parentWidget()
    return frame


def keep_focus(application: QApplication) -> None:
    """Let one keeper watch over the whole program, however often this is asked for."""
    if application.findChild(FocusKeeper) is None:
        FocusKeeper(application)
