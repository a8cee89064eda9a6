"""The lock: after a while without a hand, or by Ctrl+L, no window of the desk shows anything.

All windows are hidden as they are, so what was typed stays in them, and one window takes their
place. A window that opens meanwhile (an answer, a question) is hidden before anybody sees it.
A dialog that something waits for cannot be hidden without being answered: it is veiled.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.desk import Desk
from clinic_desk.views.lock_window import LockWindow
from clinic_desk.views.messages import Change
from clinic_desk.views.widgets import named

LOOK_MS = 2000
"""How often it is looked whether the desk was left alone for too long."""

HANDS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)
BRIEF = frozenset({Qt.WindowType.Popup, Qt.WindowType.ToolTip, Qt.WindowType.SplashScreen})


def _now() -> tuple[float, float]:
    """Seconds by two clocks: one nobody can set, and one that goes on while the computer sleeps."""
    return time.monotonic(), time.time()


class Lock(QObject):
    """Watches over one signed-in desk.

    Attributes:
        window: what stands in the place of the others; None while the desk is open.
        minutes: after so many without a hand it locks itself; 0 is never.

    Signals:
        locked(), unlocked().
        leave_wanted(object): somebody else wants to sign in; the lock window, for questions.
    """

    locked = Signal()
    unlocked = Signal()
    leave_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.window: LockWindow | None = None
        self.minutes = 0
        self.keys = [QKeySequence("Ctrl+L")]
        self._hidden: list[QWidget] = []
        self._veils: list[tuple[QWidget, QWidget, str]] = []
        self._watched: QWindow | None = None
        self._last = _now()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        application = QGuiApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        application.focusWindowChanged.connect(self._watch)
        self._watch(application.focusWindow())
        desk.deeds_happened.connect(self._happened)
        self._timer.start()
        self._ask_minutes()

    # When -------------------------------------------------------------------------------------

    def _ask_minutes(self) -> None:
        from clinic_desk.services import sessions

        self._desk.ask(
            sessions.lock_minutes,
            done=self._set_minutes,
            failed=lambda _error: None,  # it is asked again with the next change of settings
            ticket=("lock", id(self)),
        )

    def _set_minutes(self, minutes: int) -> None:
        self.minutes = minutes

    def _happened(self, changed: frozenset[Change]) -> None:
        if any(kind == "setting" for kind, _number in changed):
            self._ask_minutes()

    def look(self) -> None:
        """Lock where nobody has touched the desk for too long."""
        idle = max(now - last for now, last in zip(_now(), self._last, strict=True))
        if self.window is None and self.minutes and idle >= self.minutes * 60:
            self.lock(idle=True)

    def _watch(self, window: QWindow | None) -> None:
        """Only the window that has the focus is listened to: that costs the others nothing."""
        if self._watched is not None and shiboken6.isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = window
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if self.window is not None and kind == QEvent.Type.Show:
            self._appeared(watched)
        if kind in HANDS and watched is self._watched:
            self._last = _now()
            if isinstance(event, QKeyEvent) and self.window is None and self._is_key(event):
                self.lock()
                return True
        return False

    def _is_key(self, event: QKeyEvent) -> bool:
        return QKeySequence(event.keyCombination()) in self.keys

    # Locking ----------------------------------------------------------------------------------

    def lock(self, *, idle: bool = False) -> None:
        """Cover everything now; *idle* says that nobody was there."""
        if self.window is not None:
            return
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        active = QApplication.activeWindow()
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        before = active if active in shown else (shown[0] if shown else None)
        self.window = LockWindow(self._desk, datetime.now(UTC), idle=idle)
        self.window.opened.connect(self.open)
        self.window.leave_wanted.connect(lambda: self.leave_wanted.emit(self.window))
        if before is not None:
            self.window.setGeometry(before.window().geometry())
            self.window.setWindowState(before.windowState())
        self._application.installEventFilter(self)
        for widget in shown:
            self._cover(widget)
        self.window.show()
        self.window.activateWindow()
        self.window.password.setFocus()
        self.locked.emit()

    def _cover(self, widget: QWidget) -> None:
        if widget.windowType() in BRIEF:
            widget.close()
        elif isinstance(widget, QDialog) and widget.windowModality() == (
            Qt.WindowModality.ApplicationModal
        ):
            veil = named(QWidget(widget), "veil", _("Locked"), role="panel")
            veil.setGeometry(widget.rect())
            veil.show()
            veil.raise_()
            self._veils.append((widget, veil, widget.windowTitle()))
            widget.setWindowTitle(_("Clinic Desk"))
        else:
            self._hidden.append(widget)
            widget.hide()

    def _appeared(self, watched: QObject) -> None:
        """A window opens while all is locked: nobody sees it before the desk is open again."""
        if (
            isinstance(watched, QWidget)
            and watched.isWindow()
            and self.window is not None
            and watched is not self.window
            and not self.window.isAncestorOf(watched)
            and watched.parent() is not self.window
        ):
            # A window is told that it shows before the system puts it on the screen.
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            QTimer.singleShot(0, watched, lambda: self._cover_late(watched))

    def _cover_late(self, widget: QWidget) -> None:
        locked = self.window is not None and widget.isVisible()
        if locked:
            self._cover(widget)
        widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
        if not locked and widget.isVisible():  # it was unlocked in this very moment
            widget.hide()
            widget.show()

    def open(self) -> None:
        """Show everything again, as it was."""
        if self.window is None:
            return
        hidden, self._hidden = [w for w in self._hidden if shiboken6.isValid(w)], []
        self._uncover()
        for widget in sorted(hidden, key=lambda w: isinstance(w, QDialog)):
            widget.show()
        if hidden:
            hidden[0].activateWindow()
        self._last = _now()
        self.unlocked.emit()

    def end(self) -> None:
        """The session is over: what is hidden stays so, and nothing is watched any more."""
        self._timer.stop()
        self._uncover()
        self._hidden = []
        self._application.focusWindowChanged.disconnect(self._watch)
        self._watch(None)

    def _uncover(self) -> None:
        self._application.removeEventFilter(self)
        for widget, veil, title in self._veils:
            if shiboken6.isValid(widget):
                widget.setWindowTitle(title)
                veil.deleteLater()
        self._veils = []
        window, self.window = self.window, None
        if window is not None:
            window.hide()
            window.deleteLater()
