"""Signs drawn from ``resources/icons``, in the colour of the palette that holds now."""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from clinic_desk.views import theme


@cache
def _drawing(name: str) -> str:
    return (
        resources.files("clinic_desk.resources").joinpath("icons", f"{name}.svg").read_text("utf-8")
    )


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace("#000000", colour).encode()))


class _Engine(QIconEngine):
    """Paints at any size; asks for the colour each time, so a change of theme needs nothing."""

    def __init__(self, name: str, meaning: str, *, turns: bool) -> None:
        super().__init__()
        self._name, self._meaning, self._turns = name, meaning, turns

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        meaning = "text.disabled" if mode == QIcon.Mode.Disabled else self._meaning
        side = min(rect.width(), rect.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(rect).center())
        painter.save()
        if self._turns and painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(2 * box.center().x(), 0)
            painter.scale(-1, 1)
        _renderer(self._name, theme.colour(meaning).name()).render(painter, box)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._meaning, turns=self._turns)


def icon(name: str, meaning: str = "text.soft", *, turns: bool = False) -> QIcon:
    """The sign *name*; *turns* mirrors it where the language runs from right to left."""
    return QIcon(_Engine(name, meaning, turns=turns))
