"""What was answered, as lines of a name and a value, whichever way the language runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLayout, QWidget

from clinic_desk.views.widgets import label, named


def emptied(layout: QLayout) -> None:
    """Take all widgets out of *layout*."""
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()


class Values(QWidget):
    """Names at the side, values beside them; a value of the other direction keeps its column."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(16)

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these, in place of what was shown."""
        emptied(self._grid)
        for place, (caption, text) in enumerate(lines):
            self._grid.addWidget(self._aligned(label(caption, role="hint")), place, 0)
            value = label(text, f"{self.objectName()}-{place}", wrap=True)
            value.setAccessibleName(f"{caption}: {text}")
            self._grid.addWidget(self._aligned(value), place, 1)

    def texts(self) -> list[str]:
        """What is shown, as one reads it."""
        return [part.text() for part in self.findChildren(QLabel) if not part.isHidden()]

    def _aligned(self, part: QLabel) -> QLabel:
        """Qt aligns a text by its own direction; in a table it stands where its column begins."""
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        part.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignTop)
        return part
