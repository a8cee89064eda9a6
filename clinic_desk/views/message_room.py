"""Room at the end of a long page for the message that floats over its foot."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLayout, QListView, QPlainTextEdit, QScrollArea, QTextEdit, QWidget

GAP = 6

Scrolling = QScrollArea | QPlainTextEdit | QTextEdit | QListView


class MessageRoom:
    """While a message stands over what scrolls, its end can be scrolled out from under the
    message. Nothing that is in sight moves for it.
    """

    def __init__(self) -> None:
        self._given: dict[Scrolling, tuple[int, int]] = {}

    def give(self, page: QWidget, bar: QRect, parent: QWidget) -> None:
        """Leave room in what *page* shows under *bar*, which lies in *parent*."""
        for area in page.findChildren(QScrollArea):
            if area.isVisible():
                self._give(area, bar, parent)
        for inside in _others(page):
            if inside.isVisible() and inside.height() > 2 * bar.height():
                self._give(inside, bar, parent)

    def _give(self, area: Scrolling, bar: QRect, parent: QWidget) -> None:
        place = QRect(area.mapTo(parent, QPoint(0, 0)), area.size())
        if not place.intersects(bar):
            return
        before, given = self._given.get(area, (_foot(area), 0))
        wanted = place.bottom() - bar.top() + GAP
        if isinstance(area, QScrollArea):  # there may be buttons below that the message avoids
            wanted = min(wanted, bar.height() + GAP)
        if wanted > given:  # what became free again is left, or the page would waver
            self._given[area] = before, wanted
            _set_foot(area, before + wanted)

    def take_back(self) -> None:
        """The message is gone."""
        for area, (before, _given) in self._given.items():
            if shiboken6.isValid(area):
                _set_foot(area, before)
        self._given.clear()


def _others(page: QWidget) -> list[QPlainTextEdit | QTextEdit | QListView]:
    texts: list[QPlainTextEdit] = page.findChildren(QPlainTextEdit)
    rich: list[QTextEdit] = page.findChildren(QTextEdit)
    lists: list[QListView] = page.findChildren(QListView)
    return [*texts, *rich, *lists]


def _inner(area: QScrollArea) -> QLayout | None:
    inside: QWidget | None = area.widget()
    return inside.layout() if inside is not None else None


def _foot(area: Scrolling) -> int:
    if not isinstance(area, QScrollArea):
        return area.viewportMargins().bottom()
    inner = _inner(area)
    return inner.contentsMargins().bottom() if inner is not None else 0


def _set_foot(area: Scrolling, foot: int) -> None:
    if not isinstance(area, QScrollArea):
        margins = area.viewportMargins()
        margins.setBottom(foot)
        area.setViewportMargins(margins)
        return
    inner = _inner(area)
    if inner is not None:
        margins = inner.contentsMargins()
        margins.setBottom(foot)
        inner.setContentsMargins(margins)
