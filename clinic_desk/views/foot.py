"""The buttons at the foot of a form."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QPushButton, QWidget

from clinic_desk.views.widgets import GAP, row


class Foot(QWidget):
    """Buttons beside each other; where there is no room for all, the last one stands below."""

    def __init__(self, first: tuple[QPushButton, ...], last: QPushButton) -> None:
        super().__init__()
        self._buttons = (*first, last)
        self._way = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._way.setContentsMargins(0, 0, 0, 0)
        self._way.addLayout(row(*first, 1), 1)
        self._way.addWidget(last, 0, Qt.AlignmentFlag.AlignRight)

    def event(self, event: QEvent) -> bool:
        """Another width, another text or one button more: there may be room or not."""
        kind = QEvent.Type
        if event.type() in (kind.Resize, kind.Show, kind.LayoutRequest):
            shown = [one for one in self._buttons if not one.isHidden()]
            need = sum(one.sizeHint().width() for one in shown) + GAP * len(shown)
            way = QBoxLayout.Direction
            wanted = way.LeftToRight if need <= self.width() else way.TopToBottom
            if wanted != self._way.direction():
                self._way.setDirection(wanted)
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest of the two lines."""
        first = sum(one.sizeHint().width() for one in self._buttons[:-1])
        widest = max(first + GAP * len(self._buttons), self._buttons[-1].sizeHint().width())
        return QSize(widest, super().minimumSizeHint().height())
