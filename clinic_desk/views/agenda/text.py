"""Fonts of the calendar and fast shortening of texts: worked out once, painted often."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

SIZE, SMALL = 12, 11
"""Sizes of text on cards in logical pixels at a text zoom of 1."""
KEPT = 30_000
"""How many shortened texts a face remembers before it begins anew."""


@dataclass(slots=True)
class Face:
    """A font with its metrics; ``ascent`` and ``line`` in pixels."""

    font: QFont
    metrics: QFontMetricsF
    ascent: float
    line: float
    _widths: dict[str, float] = field(default_factory=dict)
    _short: dict[tuple[str, int], str] = field(default_factory=dict)

    def width(self, text: str) -> float:
        """How wide *text* is, in pixels."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) > KEPT:
                self._widths.clear()
            width = self._widths[text] = self.metrics.horizontalAdvance(text)
        return width

    def fitted(self, text: str, room: int) -> str:
        """*text* if it fits into *room* pixels, else its beginning with "…" (or nothing)."""
        if self.width(text) <= room:
            return text
        key = (text, room)
        short = self._short.get(key)
        if short is None:
            if len(self._short) > KEPT:
                self._short.clear()
            short = self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            if len(short) < 3:
                short = ""
            self._short[key] = short
        return short


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts of cards: names strong, the rest plain, what is called off struck through."""

    name: Face
    code: Face
    plain: Face
    struck: Face
    label: Face
    label_strong: Face


def faces(base: QFont, zoom: float = 1.0) -> Faces:
    """The faces derived from the program's font; *zoom* is the text zoom (0.8 to 2).

    The same faces for the same font, with all that they remember.
    """
    return _faces(base.toString(), zoom)


@lru_cache(4)
def _faces(described: str, zoom: float) -> Faces:
    base = QFont()
    base.fromString(described)

    def face(size: int, weight: QFont.Weight, *, struck: bool = False) -> Face:
        font = QFont(base)
        font.setPixelSize(max(round(size * zoom), 7))
        font.setWeight(weight)
        font.setStrikeOut(struck)
        metrics = QFontMetricsF(font)
        return Face(font, metrics, metrics.ascent(), round(metrics.height()))

    weight = QFont.Weight
    return Faces(
        face(SIZE, weight.Medium),
        face(SMALL, weight.Bold),
        face(SMALL, weight.Normal),
        face(SIZE, weight.Normal, struck=True),
        face(SIZE, weight.Normal),
        face(SIZE, weight.DemiBold),
    )
