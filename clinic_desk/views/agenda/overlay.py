"""What lies over the painted calendar: the present time, the cursor, a drag, an empty view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

from clinic_desk.i18n import _
from clinic_desk.views import theme
from clinic_desk.views.agenda import ghost as ghosts
from clinic_desk.views.agenda import label as labels
from clinic_desk.views.agenda.cursor import slot_box
from clinic_desk.views.agenda.grid import Grid
from clinic_desk.views.agenda.grip import HANDLE
from clinic_desk.views.agenda.layout import Item

if TYPE_CHECKING:
    from clinic_desk.views.agenda.carrier import Carrier


def paint(board: Carrier, painter: QPainter, region: QRegion) -> None:
    """Paint over the picture within *region* of the viewport."""
    gestures = board.gestures
    sight = region.boundingRect().translated(board.offset)
    painter.save()
    painter.translate(-board.offset)
    if gestures.forbidden:
        for part in region:  # type: ignore[attr-defined]
            place = part.translated(board.offset)
            ghosts.paint_forbidden(painter, board.grid, gestures.forbidden, place)
    paint_now(painter, board.grid, board.now_epoch, sight)
    if not gestures.busy:
        for mark in board.proposals():
            _paint_proposal(painter, board.grid, *mark)
        _paint_cursor(board, painter)
    if board.glide.active:
        board.glide.paint(painter, board.scene.work)
    if gestures.ghost is not None:
        ghosts.paint_block(painter, gestures.ghost, board.scene.work)
    painter.restore()
    if not board.layout_.by_key and board.model.view is not None and not gestures.busy:
        _paint_empty(board, painter)
    if gestures.ghost is not None:
        box = board.label_rect(gestures.ghost)
        if gestures.ghost.label is not None and box.intersects(region.boundingRect()):
            faces = board.scene.work.faces
            labels.paint(painter, gestures.ghost.label, box, faces, mirrored=board.grid.mirrored)


def paint_now(painter: QPainter, grid: Grid, epoch: float, sight: QRect) -> None:
    """The line of the present time, strong in its own day; content coordinates."""
    now = grid.now(epoch)
    if now is None or not sight.top() - 6 <= now[1] <= sight.bottom() + 6:
        return
    colour = theme.colour("grid.now")
    left, right = 0, grid.width
    if len(grid.ruled.tracks) > 1:
        faint = QColor(colour)
        faint.setAlphaF(0.4)
        painter.setPen(QPen(faint, 1, Qt.PenStyle.DotLine))
        painter.drawLine(left, now[1], right, now[1])
        left, right = grid.edges(now[0])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 2))
    painter.drawLine(left, now[1], right - 1, now[1])
    painter.setBrush(colour)
    painter.drawEllipse(QPoint(right - 1 if grid.mirrored else left + 1, now[1]), 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_cursor(board: Carrier, painter: QPainter) -> None:
    item = board.cursor_.item(board.layout_)
    if item is None and not (board.hasFocus() and board.slot_shown):
        return
    x, y, w, h = item.rect if item else slot_box(board.grid, board.cursor_, board.step)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if item is not None:
        painter.setPen(QPen(theme.colour("card.base"), 1))
        painter.drawRoundedRect(QRect(x + 2, y + 2, w - 5, h - 5), 3, 3)
    painter.setPen(QPen(theme.colour("focus" if board.hasFocus() else "border.strong"), 2))
    painter.drawRoundedRect(QRect(x, y, w - 1, h - 1), 4, 4)
    if item is not None and item.h > 3 * HANDLE:
        _paint_handles(painter, item)


def _paint_handles(painter: QPainter, item: Item) -> None:
    """Bars at the edges that can be taken hold of, to stretch the visit."""
    painter.setPen(QPen(theme.colour("card.base"), 1))
    painter.setBrush(theme.colour("focus"))
    left = item.x + item.w // 2 - 10
    for y, there in ((item.y - 2, item.head), (item.y + item.h - 4, item.tail)):
        if there:
            painter.drawRoundedRect(QRect(left, y, 20, 5), 2, 2)


def _paint_proposal(painter: QPainter, grid: Grid, column: int, begin: float, end: float) -> None:
    if column >= len(grid.columns):
        return
    box, soft = grid.box(column, begin, end), theme.colour("accent")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(soft, 2))
    soft.setAlphaF(0.14)
    painter.setBrush(soft)
    painter.drawRoundedRect(QRect(box.x + 1, box.y + 1, box.w - 2, box.h - 3), 4, 4)


def _paint_empty(board: Carrier, painter: QPainter) -> None:
    told = _("No appointments here. Draw a time with the mouse, or press Enter, to book one.")
    font = painter.font()
    font.setPixelSize(14)
    painter.setFont(font)
    flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    sight = board.viewport().rect().adjusted(24, 24, -24, -24)
    box = painter.boundingRect(sight, flags, told).adjusted(-14, -8, 14, 8)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("border"))
    painter.setBrush(theme.colour("surface.raised"))
    painter.drawRoundedRect(box, 8, 8)
    painter.setPen(theme.colour("text.soft"))
    painter.drawText(sight, flags, told)
