"""The way back of a visit whose move was refused: short, and never in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QRect, Qt, QVariantAnimation
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from clinic_desk.views.agenda import card_painting
from clinic_desk.views.agenda.layout import Item

if TYPE_CHECKING:
    from clinic_desk.views.agenda.surface import Surface

MILLISECONDS = 140


class Glide:
    """Paints a card between two places for a moment; nothing where effects are switched off."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._item: Item | None = None
        self._way = QVariantAnimation(surface)
        self._way.setDuration(MILLISECONDS)
        self._way.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._way.valueChanged.connect(lambda _value: surface.viewport().update())
        self._way.finished.connect(self._arrived)

    @property
    def active(self) -> bool:
        """Whether a card is under way."""
        return self._item is not None

    def start(self, item: Item, before: QRect, after: QRect) -> None:
        """Let *item* glide from one content rectangle to another."""
        if not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu):
            return
        self._item = item
        self._way.setStartValue(before)
        self._way.setEndValue(after)
        self._way.start()

    def paint(self, painter: QPainter, work: card_painting.Brushwork) -> None:
        """Paint the card where it is now; *painter* is in content coordinates."""
        box: QRect = self._way.currentValue()
        if self._item is None or not isinstance(box, QRect):
            return
        moving = Item(self._item.card, self._item.column, self._item.begin, self._item.end,
                      False, False)  # fmt: skip
        moving.x, moving.y, moving.w, moving.h = box.x(), box.y(), box.width(), box.height()
        painter.save()
        painter.setOpacity(0.9)
        card_painting.paint(painter, [moving], work._replace(lifted=None))
        painter.restore()

    def _arrived(self) -> None:
        self._item = None
        self._surface.viewport().update()
