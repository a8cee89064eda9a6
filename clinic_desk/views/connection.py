"""The state line: whether this desk shows the truth, and what it is waiting for."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _, minute_text
from clinic_desk.views import theme
from clinic_desk.views.background import STUCK_SECONDS, Background
from clinic_desk.views.widgets import label, named, restyle, row


class State(StrEnum):
    """How well the desk and the database talk."""

    CONNECTED = "connected"
    WAITING = "waiting"
    STUCK = "stuck"
    LOST = "lost"


class Dot(QWidget):
    """A sign for the state: full, half, or hollow with a bar, so colour is not alone."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.CONNECTED
        named(self, "connection-sign")

    def sizeHint(self) -> QSize:
        return QSize(14, 14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme.colour(_COLOURS[self.state]))
        circle = self.rect().center()
        pen = painter.pen()
        pen.setColor(colour)
        pen.setWidthF(1.6)
        painter.setPen(pen)
        if self.state is State.CONNECTED:
            painter.setBrush(colour)
        painter.drawEllipse(circle, 4, 4)
        if self.state is State.WAITING:
            painter.setBrush(colour)
            painter.drawPie(circle.x() - 4, circle.y() - 4, 8, 8, 90 * 16, -180 * 16)
        elif self.state in (State.STUCK, State.LOST):
            painter.drawLine(circle.x() - 5, circle.y() + 5, circle.x() + 5, circle.y() - 5)


_COLOURS = {
    State.CONNECTED: "state.good",
    State.WAITING: "state.warning",
    State.STUCK: "state.error",
    State.LOST: "state.error",
}


class ConnectionLine(QWidget):
    """ "Connected", "Waiting for …", "Reconnecting… showing 10:42"."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "connection", _("Connection"))
        self._dot = Dot()
        self._text = label("", "connection-text", role="hint")
        self.setLayout(row(self._dot, self._text, gap=4))
        self._lost = False
        self._late: tuple[State, str] | None = None
        self._true_at = datetime.now(UTC)
        background.slow.connect(self._slow)
        background.stuck.connect(self._stuck)
        background.relieved.connect(self._relieved)
        self._refresh()

    @property
    def state(self) -> State:
        if self._lost:
            return State.LOST
        return self._late[0] if self._late else State.CONNECTED

    @property
    def text(self) -> str:
        return self._text.text()

    def seen(self, at: datetime) -> None:
        """What is shown was read at *at*."""
        self._true_at = max(self._true_at, at)
        self._refresh()

    def set_connected(self, connected: bool) -> None:
        """The doorbell says whether the database can be heard."""
        if connected and self._lost:
            self._true_at = datetime.now(UTC)
        self._lost = not connected
        self._refresh()

    def _set_late(self, state: State, what: str) -> None:
        self._late = (state, what)
        self._refresh()

    def _slow(self, what: str) -> None:
        self._set_late(State.WAITING, what)

    def _stuck(self, what: str) -> None:
        self._set_late(State.STUCK, what)

    def _relieved(self) -> None:
        self._late = None
        self._refresh()

    def _refresh(self) -> None:
        local = self._true_at.astimezone()
        shown = minute_text(local.hour * 60 + local.minute)
        state = self.state
        if state is State.LOST:
            text = _("Reconnecting… showing {time}").format(time=shown)
            tip = _(
                "The database cannot be reached. You see what was known at {time};"
                " saving needs the connection. The program reconnects by itself."
            ).format(time=shown)
        elif self._late is None:
            text, tip = _("Connected"), _("What you see is kept up to date by itself.")
        elif state is State.WAITING:
            text = _("Waiting: {what}…").format(what=self._late[1])
            tip = _("The database takes longer than usual.")
        else:
            text = _("The server does not answer ({what})").format(what=self._late[1])
            tip = _(
                "No answer for more than {seconds} seconds. You can go on looking;"
                " nothing that you typed is lost."
            ).format(seconds=int(STUCK_SECONDS))
        self._text.setText(text)
        self.setToolTip(tip)
        self.setAccessibleDescription(text)
        self._dot.state = state
        self._dot.update()
        restyle(self._text, tone=str(state))
        self._dot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
