"""Nothing stays behind on the screen, headings stand over their columns, edges can be gripped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk.views.agenda.board import AgendaBoard
from clinic_desk.views.agenda.grip import Mode
from tests.views.agenda import made


def on_screen(board: Any) -> QImage:
    """What the screen shows, which is not what a full painting would show."""
    QApplication.processEvents()
    shot: QImage = board.screen().grabWindow(board.winId()).toImage()
    return shot.convertToFormat(QImage.Format.Format_RGB32)


def painted_anew(board: Any) -> QImage:
    board.viewport().repaint()
    return on_screen(board)


def test_the_screen_can_be_looked_at(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(2, 9)))
    seen = on_screen(board)
    pos = board.viewport().mapTo(board, made.middle(board, 1))
    assert QColor(seen.pixel(pos.x(), pos.y())) != QColor("black")


@pytest.mark.parametrize("change", ["stored elsewhere", "shorter", "gone"])
def test_nothing_of_the_outline_stays_where_a_selected_visit_was(qtbot, change):
    card = made.visit(1, made.hour(2, 10))
    board = made.shown(qtbot, card, made.visit(2, made.hour(4, 10)))
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=made.middle(board, 1))
    on_screen(board)
    if change == "gone":
        board.set_data(made.diary([made.visit(2, made.hour(4, 10))]))
    else:
        span = made.hour(3, 14) if change == "stored elsewhere" else made.hour(2, 10, minutes=30)
        board.settle(replace(card, version=2, span=span))
    left = on_screen(board)
    assert left == painted_anew(board)


def test_only_what_differs_is_painted(qtbot, monkeypatch):
    card = made.visit(1, made.hour(2, 10))
    board = made.shown(qtbot, card)
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=made.middle(board, 1))
    on_screen(board)
    regions: list[list[QRect]] = []
    over = board._paint_over

    def noted(painter: QPainter, region: Any) -> None:
        """*region* is a QRegion; that it can be iterated is missing from its stub."""
        regions.append(list(region))
        over(painter, region)

    monkeypatch.setattr(board, "_paint_over", noted)
    board.settle(replace(card, version=2, span=made.hour(3, 14)))
    QApplication.processEvents()
    assert regions
    whole = board.viewport().width() * board.viewport().height()
    seen = sum(part.width() * part.height() for region in regions for part in region)
    assert seen < whole / 8


def crowded(qtbot: QtBot, **more: Any) -> AgendaBoard:
    """A week so full at one hour that it scrolls sideways."""
    cards = [made.visit(n, made.hour(1, 9)) for n in range(1, 13)]
    board = made.shown(qtbot, *cards, **more)
    assert board.horizontalScrollBar().maximum() > 0
    return board


@pytest.mark.parametrize("way", list(Qt.LayoutDirection)[:2])
def test_headings_stand_over_their_columns_also_where_the_week_scrolls_sideways(qtbot, way):
    board = crowded(qtbot, direction=way)
    mirrored = way is Qt.LayoutDirection.RightToLeft
    assert board.grid.mirrored is mirrored
    days: list[date] = []
    board.day_chosen.connect(days.append)
    for value in (0, board.horizontalScrollBar().maximum()):
        for where in ("as first shown", "scrolled"):
            if where == "scrolled":
                board.horizontalScrollBar().setValue(value)
            for x in range(10, board.viewport().width(), 97):
                days.clear()
                column = board.grid.column_at(x + board.offset.x())
                at = board.viewport().mapTo(board, QPoint(x, 0))
                pos = board.header.mapFrom(board, QPoint(at.x(), 20))
                QTest.mouseClick(board.header, Qt.MouseButton.LeftButton, pos=pos)
                assert days == [board.grid.columns[column].day]


def edge(board, number, below: int) -> QPoint:
    """A pixel of the grip at a visit's lower edge, so many below the card's last one."""
    rect = board.item_rect(made.item(board, number))
    return QPoint(rect.center().x(), rect.bottom() + below)


@pytest.mark.parametrize("below", [-3, 0, 1, 2])
def test_the_lowest_pixels_of_a_grip_stretch_the_visit_and_sweep_nothing(qtbot, below):
    board = made.shown(qtbot, made.visit(1, made.hour(2, 10)))
    moved, created = [], []
    board.move_wanted.connect(lambda *asked: moved.append(asked))
    board.create_wanted.connect(lambda *asked: created.append(asked))
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=made.middle(board, 1))
    start = edge(board, 1, below)
    made.drag(board, start, start + QPoint(0, 48))
    assert not created
    assert [asked[1] for asked in moved] == [made.hour(2, 10, minutes=120)]


def test_the_grip_of_the_selected_visit_wins_over_the_one_that_follows(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(2, 10)), made.visit(2, made.hour(2, 11)))
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=made.middle(board, 1))
    at = edge(board, 1, 4)
    found = board.item_at(at)
    assert found is not None
    assert found.key == 1
    assert board.gestures.handle(found, board.to_content(at)) is Mode.RESIZE_BOTTOM
    beside = QPoint(board.item_rect(found).left() + 8, at.y())
    other = board.item_at(beside)
    assert other is not None
    assert other.key == 2


def test_a_grip_is_at_least_24_pixels_wide_and_high(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(2, 10)))
    QTest.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=made.middle(board, 1))
    rect = board.item_rect(made.item(board, 1))
    for dx in (-12, 0, 11):
        for dy in (-11, 0, 11):
            at = QPoint(rect.center().x() + dx, rect.bottom() + dy)
            found = board.item_at(at)
            assert found is not None, (dx, dy)
            mode = board.gestures.handle(found, board.to_content(at))
            assert mode is Mode.RESIZE_BOTTOM, (dx, dy)


def test_a_sweep_never_begins_in_the_gap_between_visits(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(2, 10)), made.visit(2, made.hour(2, 11)))
    rect = board.item_rect(made.item(board, 1))
    for at in (
        QPoint(rect.left() + 8, rect.bottom() + 1),
        QPoint(rect.right() + 1, rect.center().y()),
    ):
        assert board.item_at(at) is not None
