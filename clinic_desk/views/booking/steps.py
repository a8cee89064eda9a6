"""The steps at the left of the booking window, each with what was answered there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QIconEngine, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.views import theme
from clinic_desk.views.widgets import button, column, named, tool

WIDTH = 248
SIGN = 24


class _Sign(QIconEngine):
    """A step's number in a ring, or a tick where it is answered."""

    def __init__(self, text: str, *, done: bool) -> None:
        super().__init__()
        self._text, self._done = text, done

    def paint(self, painter: QPainter, rect: QRect, _mode: QIcon.Mode, _state: QIcon.State) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5)
        accent = QColor(theme.colour("accent"))
        painter.setPen(QPen(accent if self._done else QColor(theme.colour("border.strong")), 1.5))
        painter.setBrush(accent if self._done else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring)
        ink = "accent.text" if self._done else "text"
        painter.setPen(QColor(theme.colour(ink)))
        font = painter.font()
        font.setPixelSize(max(8, rect.height() // 2))
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(ring, int(Qt.AlignmentFlag.AlignCenter), self._text)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Sign(self._text, done=self._done)


class Steps(QWidget):
    """Signals:
    wanted(int): go to this step.
    permissions_wanted(): which permissions booking needs.
    """

    wanted = Signal(int)
    permissions_wanted = Signal()

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-steps", _("Steps"), role="sidebar")
        self._titles = list(titles)
        self.buttons: list[QToolButton] = []
        for number, title in enumerate(titles):
            made = tool(title, f"booking-step-{number}")
            made.setProperty("role", "navigation")
            made.setCheckable(True)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            made.setIconSize(QSize(SIGN, SIGN))
            made.clicked.connect(partial(self._clicked, number))
            self.buttons.append(made)
        self.permissions = button(
            _("View the permissions"),
            "booking-view-permissions",
            self.permissions_wanted.emit,
            look="quiet",
        )
        self.permissions.setAutoDefault(False)
        self.setLayout(column(*self.buttons, 1, self.permissions, margin=10, gap=6))
        self.setFixedWidth(WIDTH)

    def _clicked(self, number: int) -> None:
        self.wanted.emit(number)

    def show_state(self, current: int, answers: Sequence[str], done: Sequence[bool]) -> None:
        """Mark the step in sight; below each title stands what was answered there."""
        for number, made in enumerate(self.buttons):
            made.setChecked(number == current)
            sign = "✓" if done[number] else i18n.number_text(number + 1)
            made.setIcon(QIcon(_Sign(sign, done=done[number])))
            title, answer = self._titles[number], answers[number]
            room = WIDTH - SIGN - 56
            short = QFontMetrics(made.font()).elidedText(answer, Qt.TextElideMode.ElideRight, room)
            made.setText(f"{title}\n{short}" if answer else title)
            made.setToolTip(answer)
            made.setAccessibleName(_("{title}: {answer}").format(
                title=self._titles[number], answer=answer or _("not answered yet")
            ))  # fmt: skip
