"""The painted calendar kept as a picture of the visible part, mended where it changed.

Scrolling moves the picture and paints the strip that came into sight; a drag repaints only
the rectangles it left and entered. Nothing is rebuilt when a drag begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

Paint = Callable[[QPainter, int, int, int, int], None]
"""Paints a rectangle of content with a painter whose origin is the content's."""

LIMIT = 24
"""More dirty rectangles than this are painted as one."""


class Canvas:
    """``paint`` fills it; ``origin`` is the content pixel at its top left corner."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._picture = QPixmap()
        self._dirty: list[QRect] = []
        self._size = QSize()
        self.origin = QPoint()
        self.painted = 0
        """How many pixels were painted so far; tests look at it."""

    @property
    def ratio(self) -> float:
        """Device pixels per logical pixel of the picture."""
        return self._picture.devicePixelRatioF()

    def reset(self, size: QSize, ratio: float) -> None:
        """Begin anew with a picture of *size* logical pixels."""
        if size != self._size or ratio != self._picture.devicePixelRatioF():
            self._size = size
            self._picture = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
            self._picture.setDevicePixelRatio(ratio)
        self._dirty = [QRect(QPoint(), size)]

    def invalidate(self, content: Iterable[QRect]) -> QRegion:
        """Paint these rectangles of content anew at the next look; where they are in sight."""
        seen = QRegion()
        sight = QRect(QPoint(), self._size)
        for rect in content:
            visible = rect.translated(-self.origin) & sight
            if not visible.isEmpty():
                self._dirty.append(visible)
                seen += visible
        return seen

    def scroll_to(self, origin: QPoint) -> None:
        """Show another part of the content, keeping what stays in sight."""
        delta = self.origin - origin
        self.origin = origin
        if delta.isNull():
            return
        ratio = self._picture.devicePixelRatioF()
        across, down = delta.x() * ratio, delta.y() * ratio
        sight = QRect(QPoint(), self._size)
        whole = across == int(across) and down == int(down)
        if not whole or not sight.intersects(sight.translated(delta)):
            self._dirty = [sight]
            return
        self._picture.scroll(int(across), int(down), self._picture.rect())
        self._dirty = [rect.translated(delta) for rect in self._dirty]
        bare = QRegion(sight) - QRegion(sight.translated(delta))
        self._dirty += [QRect(rect) for rect in bare]  # type: ignore[attr-defined]

    def picture(self) -> QPixmap:
        """The picture, mended."""
        if self._dirty:
            self._mend()
        return self._picture

    def _mend(self) -> None:
        sight = QRect(QPoint(), self._size)
        dirty = [rect & sight for rect in self._dirty if rect.intersects(sight)]
        self._dirty = []
        if len(dirty) > LIMIT:
            union = dirty[0]
            for rect in dirty[1:]:
                union |= rect
            dirty = [union]
        if not dirty or self._picture.isNull():
            return
        painter = QPainter(self._picture)
        for rect in dirty:
            painter.save()
            painter.setClipRect(rect)
            painter.translate(-self.origin)
            box = rect.translated(self.origin)
            self._paint(painter, box.x(), box.y(), box.width(), box.height())
            painter.restore()
            self.painted += rect.width() * rect.height()
        painter.end()
