"""The screens of the program, down the left side. Only what exists is offered."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.views import theme
from clinic_desk.views.icons import icon
from clinic_desk.views.sections import Section
from clinic_desk.views.widgets import column, named, restyle

MOST = 99
"""Higher counts are shown as "99+"."""


class NavigationButton(QToolButton):
    """An icon, a word, and a count in a red bubble where something waits."""

    def __init__(self, name: str, text: str, sign: str) -> None:
        super().__init__()
        named(self, f"navigation-{name}", text, role="navigation")
        self.setText(text)
        self.setIcon(icon(sign))
        self.setIconSize(QSize(20, 20))
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(36)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)
        self.count = 0
        self._spoken = text

    def set_compact(self, compact: bool) -> None:
        """Only the sign, its word in the tool tip; or both."""
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonIconOnly if compact else style.ToolButtonTextBesideIcon
        )
        self._tell()

    @property
    def is_compact(self) -> bool:
        """Whether only the sign is shown."""
        return self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly

    def set_count(self, count: int, spoken: str) -> None:
        """Show *count* (0 shows none); *spoken* is the whole sentence."""
        self.count, self._spoken = count, spoken
        self.setAccessibleName(spoken)
        self._tell()

    def _tell(self) -> None:
        """The tool tip, and room for the badge beside the word."""
        self.setToolTip(self._spoken if self.is_compact or self.count else "")
        beside = self.count and not self.is_compact
        side = "" if not beside else "left" if self.isRightToLeft() else "right"
        restyle(self, badge=side)
        self.update()

    @property
    def badge(self) -> str:
        """The text of the badge; empty where nothing waits."""
        return "" if not self.count else str(self.count) if self.count <= MOST else f"{MOST}+"

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.badge:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * (0.75 if self.is_compact else 0.88))
        painter.setFont(font)
        high = 16 if self.is_compact else 20
        edge = 0 if self.is_compact else 10
        width = max(high, QFontMetrics(font).horizontalAdvance(self.badge) + high // 2 + 2)
        left = edge if self.isRightToLeft() else self.width() - width - edge
        top = 0 if self.is_compact else (self.height() - high) // 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colour("state.error")))
        painter.drawRoundedRect(left, top, width, high, high // 2, high // 2)
        painter.setPen(QColor(theme.colour("surface")))
        painter.drawText(left, top, width, high, int(Qt.AlignmentFlag.AlignCenter), self.badge)


class Navigation(QWidget):
    """The buttons; ``screen_wanted(str)`` names the screen."""

    screen_wanted = Signal(str)

    def __init__(self, sections: Iterable[Section], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "navigation", _("Screens"))
        self._group = QButtonGroup(self)
        self.buttons = {
            section.name: NavigationButton(section.name, _(section.text), section.sign)
            for section in sections
        }
        for name, made in self.buttons.items():
            self._group.addButton(made)
            made.clicked.connect(lambda _checked=False, name=name: self.screen_wanted.emit(name))
        self.setLayout(column(*self.buttons.values(), gap=2))

    def set_compact(self, compact: bool) -> None:
        """Only the signs, or signs and words."""
        for made in self.buttons.values():
            made.set_compact(compact)

    def set_current(self, name: str) -> None:
        """Mark the screen that is shown."""
        if name in self.buttons:
            self.buttons[name].setChecked(True)

    def set_waiting(self, count: int) -> None:
        """How many requests wait for an answer; nothing where nobody is led to them."""
        if "requests" not in self.buttons:
            return
        spoken = _("Appointment requests")
        if count:
            waiting = ngettext("{count} waiting", "{count} waiting", count).format(count=count)
            spoken = f"{spoken}, {waiting}"
        self.buttons["requests"].set_count(count, spoken)
