"""The label beside what is carried: times, place, and every reason against the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter

from clinic_desk.i18n import ngettext
from clinic_desk.views import theme
from clinic_desk.views.agenda import icons
from clinic_desk.views.agenda.text import Face, Faces

WIDEST = 340
"""Texts are no wider than this, in pixels; longer reasons go on in the next line."""
MARGIN = 4
REASON = 17
"""Indent of a reason, for the cross before it."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label worked out once: (text, indent, begins a reason) by line, and its size."""

    lines: tuple[tuple[str, int, bool], ...]
    size: QSize
    copy: bool


def label(
    lines: Sequence[str], reasons: Sequence[str], more: int, faces: Faces, *, copy: bool
) -> Label:
    """Lay the texts out in lines."""
    out: list[tuple[str, int, bool]] = []
    for number, line in enumerate(lines):
        face = faces.label if number else faces.label_strong
        out.append((face.fitted(line, WIDEST), 0, False))
    told = list(reasons)
    if more:
        told.append(ngettext("and {count} more", "and {count} more", more).format(count=more))
    for reason in told:
        parts = _wrapped(reason, faces.label)
        out += [(part, REASON, number == 0) for number, part in enumerate(parts)]
    widest = max(
        (
            (faces.label if n else faces.label_strong).width(x) + i
            for n, (x, i, _r) in enumerate(out)
        ),
        default=0,
    )
    height = int(faces.label.line) * len(out) + 12 + (4 if reasons else 0)
    return Label(tuple(out), QSize(int(widest) + 22 + (14 if copy else 0), height), copy)


def _wrapped(text: str, face: Face) -> list[str]:
    if face.width(text) <= WIDEST - REASON:
        return [text]
    out: list[str] = []
    room, space = 0.0, face.width(" ")
    for word in text.split(" "):
        width = face.width(word)
        if out and room + space + width <= WIDEST - REASON:
            out[-1] += f" {word}"
            room += space + width
        else:
            out.append(word)
            room = width
    return out


def place(shown: Label, box: QRect, at: QPoint | None, sight: QRect) -> QRect:
    """Where a label stands, in viewport pixels: by the pointer (*at*) or below the ghost's
    *box*, never outside *sight*.
    """
    if at is not None:
        rect = QRect(at + QPoint(18, 20), shown.size)
    else:
        rect = QRect(QPoint(box.left() + 12, box.bottom() + 8), shown.size)
    if rect.right() > sight.right() - MARGIN:
        edge = at.x() if at is not None else box.right()
        rect.moveRight(min(edge - 12, sight.right() - MARGIN))
    if rect.bottom() > sight.bottom() - MARGIN:
        edge = at.y() if at is not None else box.top()
        rect.moveBottom(max(edge - 12, rect.height() + MARGIN))
    rect.moveLeft(max(rect.left(), MARGIN))
    return rect


def paint(painter: QPainter, shown: Label, rect: QRect, faces: Faces, *, mirrored: bool) -> None:
    """Paint a label into *rect*."""
    ink = theme.colour("ghost.label.text")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("ghost.label"))
    painter.drawRoundedRect(rect, 6, 6)
    painter.setPen(ink)
    y = rect.top() + 6 + faces.label.ascent
    parted = False
    for number, (text, indent, begins) in enumerate(shown.lines):
        face = faces.label if number else faces.label_strong
        if number < 2:
            painter.setFont(face.font)
        if indent and not parted:
            parted = True
            y += 4
        if begins:
            x = rect.right() - 19 if mirrored else rect.left() + 9
            icons.paint(painter, "missed", x, y - faces.label.ascent + 2, 10, ink)
        width = face.width(text) if mirrored else 0
        left = rect.right() - 9 - indent - width if mirrored else rect.left() + 10 + indent
        painter.drawText(QPointF(left, y), text)
        y += faces.label.line
    if shown.copy:
        painter.setFont(faces.label_strong.font)
        x = rect.left() + 6 if mirrored else rect.right() - 15
        painter.drawText(QPointF(x, rect.top() + 6 + faces.label.ascent), "+")
    painter.restore()
