"""A field for a time of day in which a whole time can be typed, whatever stood there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMarginsF, QObject, QRectF, QSignalBlocker, Qt, QTime
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QValidator,
)
from PySide6.QtWidgets import QTimeEdit

from clinic_desk.i18n import _
from clinic_desk.rules.written_times import may_become, minute_typed
from clinic_desk.views import theme
from clinic_desk.views.widgets import restyle
from clinic_desk.views.words import isolated

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CLEARING = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
_SIDEWAYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_HELD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class TimeField(QTimeEdit):
    """What is typed is read as one time ("9", "930", "9:30 pm"), with each key. What says no time
    leaves the former one and is marked. Arrows and the wheel step; after Tab or an arrow to the
    side within the field, keys write into the part that is chosen, as Qt does it.
    """

    def __init__(self, at: QTime | None = None) -> None:
        super().__init__(at or QTime(0, 0))
        # Qt would turn "9:00" into "00:9" where the page runs from right to left.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._typed: str | None = None
        self._former = self.time()
        self._within = False
        self._entered = False
        self.lineEdit().installEventFilter(self)

    def setTime(self, time: QTime) -> None:  # noqa: N802 - Qt's name
        """Show another time; what is being typed goes unless it says this one."""
        if self._typed is not None and time != self.time():
            self._finish()
        self._mark()
        super().setTime(time)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Collect what is typed; everything else is Qt's."""
        held = event.modifiers() & _HELD
        # AltGr comes as Ctrl and Alt together
        writes = event.text().isprintable() and event.text() and held in (_NONE, _ALT_GR)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._choose_all()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._write(QGuiApplication.clipboard().text().strip())
        elif writes and not self._within:
            self._write((self._typed or "") + event.text())
        elif event.key() in _CLEARING and not held and not self._within:
            self._write((self._typed or "")[:-1])
        else:
            if event.key() in _ENTER or event.key() in _SIDEWAYS:
                self._finish()
                self._within = event.key() in _SIDEWAYS
            super().keyPressEvent(event)
            return
        event.accept()

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Qt leaves what is being typed as it is; it would put its own zeros and signs there."""
        if self._typed is not None:
            return QValidator.State.Acceptable, text, pos
        judged: tuple[QValidator.State, str, int] = super().validate(text, pos)
        return judged

    def stepBy(self, steps: int) -> None:  # noqa: N802 - Qt's name
        """Arrows and the wheel change the part at the caret of the time that stands there."""
        self._finish()
        self._mark()
        super().stepBy(steps)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, N802 - Qt's names
        """Tab goes on to the minutes after an hour alone, and out after a whole time."""
        typed = self._typed
        self._finish()
        if typed is not None and not (typed.isdigit() and len(typed) <= 2):
            self.setCurrentSectionIndex(self.sectionCount() - 1 if next else 0)
        self._within = not super().focusNextPrevChild(next)
        return not self._within

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever clicks into the field finds the whole time chosen."""
        self._within = False
        self._entered = event.reason() == Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was typed becomes the time, as the language writes it."""
        self._finish()
        super().focusOutEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The mouse on the text ends what is typed; the click that enters chooses all of it."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._finish()
            self._within = False
        elif event.type() == QEvent.Type.MouseButtonRelease and self._entered:
            self._entered = False
            self._choose_all()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is wrong has an edge of its own; the style's own is too pale for it."""
        super().paintEvent(event)
        if self.property("tone") != "error":
            return
        painter, width = QPainter(self), 2 if self.hasFocus() else 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("state.error"), width))
        painter.drawRoundedRect(QRectF(self.rect()).marginsRemoved(_edge(width)), 3, 3)
        painter.end()

    def _choose_all(self) -> None:
        self._finish()
        self._within = False
        with QSignalBlocker(self.lineEdit()):  # the arrows go on stepping the part at the caret
            self.lineEdit().selectAll()

    def _write(self, text: str) -> None:
        """Show *text* as it was typed; the field's time is what it says, else the former one."""
        if self._typed is None:
            self._former = self.time()
        self._typed = text
        minute, possible = self._said(text)
        time = self._former if minute is None else QTime(*divmod(minute, 60))
        if time != self.time():
            super().setTime(time)
        self._mark("" if possible else text)
        if self.time() == time:  # else somebody who heard of it set another one
            with QSignalBlocker(self.lineEdit()):
                self.lineEdit().setText(text)

    def _said(self, text: str) -> tuple[int | None, bool]:
        """The minute of the day in *text*, and whether it is or may still become one."""
        former = self._former.hour() * 60 + self._former.minute()
        twelve = "a" in self.displayFormat().lower()
        marks = (self.locale().amText(), self.locale().pmText())
        minute = minute_typed(text, former, twelve=twelve, marks=marks)
        begun = not text or may_become(text, former, twelve=twelve, marks=marks)
        return minute, begun

    def _finish(self) -> None:
        """What was typed is done: the time stands there as the language writes it."""
        typed, self._typed = self._typed, None
        if typed is None:
            return
        self._mark(typed if self._said(typed)[0] is None else "")
        with QSignalBlocker(self.lineEdit()):
            self.lineEdit().setText(self.textFromDateTime(self.dateTime()))

    def _mark(self, wrong: str = "") -> None:
        """Mark the field where *wrong* was typed, and say what stands there in its stead."""
        told = _("“{text}” is no time; {time} still stands.") if wrong else ""
        stands = self.textFromDateTime(self.dateTime())
        told = told.format(text=isolated(wrong), time=isolated(stands))
        self.setToolTip(told)
        self.setAccessibleDescription(told)
        restyle(self, tone="error" if wrong else "")


def _edge(width: int) -> QMarginsF:
    half = width / 2
    return QMarginsF(half, half, half, half)


_NONE = Qt.KeyboardModifier.NoModifier
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
