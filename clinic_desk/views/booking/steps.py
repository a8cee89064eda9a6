"""The steps at the left of the booking window, each with what was answered there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.widgets import column, named, tool

WIDTH = 236


class Steps(QWidget):
    """Signals:
    wanted(int): go to this step.
    """

    wanted = Signal(int)

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
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            made.clicked.connect(partial(self._clicked, number))
            self.buttons.append(made)
        self.setLayout(column(*self.buttons, 1, margin=10, gap=6))
        self.setFixedWidth(WIDTH)

    def _clicked(self, number: int) -> None:
        self.wanted.emit(number)

    def show_state(self, current: int, answers: Sequence[str], done: Sequence[bool]) -> None:
        """Mark the step in sight; below each title stands what was answered there."""
        for number, made in enumerate(self.buttons):
            made.setChecked(number == current)
            sign = "✓" if done[number] else str(number + 1)
            title = _("{number}  {title}").format(number=sign, title=self._titles[number])
            answer = answers[number]
            room = WIDTH - 60
            short = QFontMetrics(made.font()).elidedText(answer, Qt.TextElideMode.ElideRight, room)
            made.setText(f"{title}\n{short}" if answer else title)
            made.setToolTip(answer)
            made.setAccessibleName(_("{title}: {answer}").format(
                title=self._titles[number], answer=answer or _("not answered yet")
            ))  # fmt: skip
