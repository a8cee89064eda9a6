"""A week of hours to draw with the mouse or the keys: sweep, drag, pull an edge, delete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.hours import EVEN, ODD, Weekly
from clinic_desk.views import words
from clinic_desk.views.operational import week_names, week_paint
from clinic_desk.views.operational.week_paint import HEAD, HOUR, times
from clinic_desk.views.operational.week_pieces import DAY, SNAP, WeekPieces
from clinic_desk.views.widgets import named

EDGE = 6
FIRST, LAST = 6 * 60, 22 * 60
"""The minutes in sight, unless some hours lie outside."""


@dataclass(slots=True)
class _Grip:
    """What the mouse holds: nothing yet (a sweep), a body, or an edge."""

    kind: str
    piece: Weekly | None
    weekday: int
    minute: int
    at: QPoint
    wanted: Weekly | None = None
    begun: bool = False


class WeekHours(QWidget):
    """Signals:
    changed(): the user changed the hours.
    selected(object): another piece, or None.
    """

    changed = Signal()
    selected = Signal(object)

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, name, spoken)
        self.week = WeekPieces()
        self.selection: Weekly | None = None
        self.cursor_at = (0, 9 * 60)
        self._places: Mapping[int, str] = {}
        self._grip: _Grip | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._tell()

    # What is shown ----------------------------------------------------------------------------

    @property
    def pieces(self) -> tuple[Weekly, ...]:
        """All hours, of all weeks and locations."""
        return self.week.pieces

    def set_pieces(self, pieces: Iterable[Weekly]) -> None:
        """Show these hours."""
        self._grip = None
        self.week.set(pieces)
        self.select(self.selection if self.selection in self.pieces else None)
        self.updateGeometry()
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def set_places(self, places: Mapping[int, str]) -> None:
        """The names of the locations, in the order of their colours."""
        self._places = dict(places)
        self.update()

    def set_weeks(self, weeks: str) -> None:
        """Edit the hours of every week, of odd or of even ones."""
        self.week.weeks = weeks
        self.select(None)
        self.update()

    def select(self, piece: Weekly | None) -> None:
        """Select a piece, or none."""
        if piece is not None:
            self.cursor_at = (piece.weekday, piece.starts_minute)
        if piece != self.selection:
            self.selection = piece
            self.selected.emit(piece)
        self._tell()
        self.update()

    def change_selected(self, wanted: Weekly) -> bool:
        """Put *wanted* in place of what is selected. False where it overlaps something."""
        if self.selection is None or not self.week.change(self.selection, wanted):
            return False
        self._took(wanted)
        return True

    def add_piece(self, piece: Weekly) -> bool:
        """Add hours, selected. False where they overlap something."""
        if not self.week.add(piece):
            return False
        self._took(piece)
        return True

    def remove_selected(self) -> None:
        """Take the selected hours away."""
        if self.selection is not None and self.isEnabled():
            self.week.remove(self.selection)
            self._took(None)

    def _took(self, piece: Weekly | None) -> None:
        self.select(piece)
        self.setMinimumHeight(self.sizeHint().height())
        self.update()
        self.changed.emit()

    def text_of(self, piece: Weekly) -> str:
        """ "Monday, 08:00–12:00, Main Street, as this week"."""
        text = _("{day}, {times}").format(day=i18n.weekday_text(piece.weekday), times=times(piece))
        more = []
        place = self._places.get(piece.location_id or 0)
        if place is not None and len(self._places) > 1:
            more.append(words.isolated(place))
        if piece.weeks in (ODD, EVEN):
            more.append(week_names.short(piece.weeks))
        for one in more:
            text = _("{text}, {more}").format(text=text, more=one)
        return text

    def _tell(self) -> None:
        """What a screen reader says of the place where the user is."""
        where = self.selection or self.week.at(*self.cursor_at)
        day, minute = self.cursor_at
        text = (
            self.text_of(where)
            if where is not None
            else f"{i18n.weekday_text(day)}, {i18n.minute_text(minute)}"
        )
        self.setAccessibleDescription(text)

    # Geometry ---------------------------------------------------------------------------------

    def range_(self) -> tuple[int, int]:
        """The first and the last minute in sight."""
        pieces = self.pieces
        low = min([FIRST, *(p.starts_minute // 60 * 60 for p in pieces)])
        high = max([LAST, *(-(-p.ends_minute // 60) * 60 for p in pieces)])
        return low, high

    def sizeHint(self) -> QSize:
        low, high = self.range_()
        return QSize(560, HEAD + (high - low) * HOUR // 60 + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    def days(self) -> list[int]:
        """The weekdays from the left, as the locale begins the week."""
        first = i18n.first_weekday()
        found = [(first + n) % 7 for n in range(7)]
        return found[::-1] if self.isRightToLeft() else found

    def ruler(self) -> int:
        """The pixels of the times at the side."""
        metrics = self.fontMetrics()
        return 14 + max(metrics.horizontalAdvance(i18n.minute_text(m)) for m in (600, 1320))

    def column(self, place: int) -> tuple[int, int]:
        """The left and the right pixel of the column number *place*."""
        ruler, rtl = self.ruler(), self.isRightToLeft()
        width = self.width() - ruler
        offset = 0 if rtl else ruler
        return offset + place * width // 7, offset + (place + 1) * width // 7

    def level(self, minute: int) -> int:
        """The height of a minute of the day."""
        return HEAD + (minute - self.range_()[0]) * HOUR // 60

    def rect_of(self, piece: Weekly) -> QRect:
        """Where a piece stands; weeks as this one take the leading half, others the other one."""
        left, right = self.column(self.days().index(piece.weekday))
        left, right = left + 3, right - 3
        half = (left + right) // 2
        if piece.weeks in (ODD, EVEN):
            leading = week_names.is_this(piece.weeks) != self.isRightToLeft()
            left, right = (left, half - 1) if leading else (half + 1, right)
        top, bottom = self.level(piece.starts_minute), self.level(piece.ends_minute)
        return QRect(left, top, right - left, bottom - top)

    def place_at(self, at: QPoint) -> tuple[int, int]:
        """Weekday and minute under a point."""
        column = next((n for n in range(7) if at.x() < self.column(n)[1]), 6)
        low, high = self.range_()
        minute = low + (at.y() - HEAD) * 60 // HOUR
        return self.days()[column], max(low, min(high, minute))

    def _piece_at(self, at: QPoint) -> Weekly | None:
        here = [p for p in self.pieces if self.rect_of(p).contains(at)]
        return next((p for p in here if self.week.may_edit(p)), here[0] if here else None)

    def _edge_at(self, piece: Weekly, at: QPoint) -> str:
        box = self.rect_of(piece)
        grip = min(EDGE, box.height() // 3)
        if at.y() - box.top() < grip:
            return "start"
        return "end" if box.bottom() - at.y() < grip else "body"

    # Mouse ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:  # the other button gives up
            self._give_up()
            return
        if event.button() != Qt.MouseButton.LeftButton or event.position().y() < HEAD:
            return
        at = event.position().toPoint()
        weekday, minute = self.place_at(at)
        piece = self._piece_at(at)
        self.select(piece)
        self.cursor_at = (weekday, minute // SNAP * SNAP)
        if piece is None:
            self._grip = _Grip("sweep", None, weekday, minute, at)
        elif self.week.may_edit(piece):
            self._grip = _Grip(self._edge_at(piece, at), piece, weekday, minute, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, grip = event.position().toPoint(), self._grip
        if grip is None:
            self._point(at)
            return
        far = (at - grip.at).manhattanLength() >= min(6, QApplication.startDragDistance())
        grip.begun = grip.begun or far
        if grip.begun:
            grip.wanted = self._wanted(grip, at)
            self.update()

    def _wanted(self, grip: _Grip, at: QPoint) -> Weekly | None:
        weekday, minute = self.place_at(at)
        if grip.piece is None:
            return self.week.swept(grip.weekday, grip.minute, minute)
        if grip.kind == "body":
            by = minute - grip.minute
            return self.week.moved(grip.piece, weekday, grip.piece.starts_minute + by)
        return self.week.resized(grip.piece, minute, start=grip.kind == "start")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grip, self._grip = self._grip, None
        if grip is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if grip.begun and grip.wanted is not None and grip.wanted != grip.piece:
            if grip.piece is None:
                self.add_piece(grip.wanted)
            elif self.week.change(grip.piece, grip.wanted):
                self._took(grip.wanted)
        self.update()

    def _give_up(self) -> None:
        self._grip = None
        self.update()

    def _point(self, at: QPoint) -> None:
        piece = self._piece_at(at)
        shape = Qt.CursorShape.ArrowCursor
        if piece is not None and self.week.may_edit(piece):
            body = self._edge_at(piece, at) == "body"
            shape = Qt.CursorShape.SizeAllCursor if body else Qt.CursorShape.SizeVerCursor
        self.setCursor(shape)
        self.setToolTip("" if piece is None else self.text_of(piece))

    # Keys -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move; Enter adds or selects; with Alt they move what is selected, with Shift
        and Alt its end; Del removes; Esc gives up.
        """
        key, keys = event.key(), event.modifiers()
        alt = bool(keys & Qt.KeyboardModifier.AltModifier)
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        arrows = {
            Qt.Key.Key_Up: (0, -SNAP),
            Qt.Key.Key_Down: (0, SNAP),
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
        }
        if key in arrows:
            self._arrow(*arrows[Qt.Key(key)], alt=alt, shift=shift)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._enter()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._editable():
            self.remove_selected()
        elif key == Qt.Key.Key_Escape and (self._grip is not None or self.selection is not None):
            self._give_up()
            self.select(None)
        else:
            super().keyPressEvent(event)

    def _editable(self) -> bool:
        return self.selection is not None and self.week.may_edit(self.selection)

    def _arrow(self, across: int, by: int, *, alt: bool, shift: bool) -> None:
        piece = self.selection
        if alt and piece is not None:
            if not self._editable():
                return
            if shift:
                wanted = self.week.resized(piece, piece.ends_minute + by, start=False)
            else:
                wanted = self.week.moved(
                    piece, self._beside(piece.weekday, across), piece.starts_minute + by
                )
            if wanted != piece:
                self.change_selected(wanted)
            return
        day, minute = self.cursor_at
        day, minute = self._beside(day, across), min(max(0, minute + by), DAY - SNAP)
        self.select(None)
        self.cursor_at = (day, minute)
        self._tell()
        self.update()

    def _beside(self, weekday: int, across: int) -> int:
        order = self.days()
        return order[min(max(0, order.index(weekday) + across), 6)]

    def _enter(self) -> None:
        day, minute = self.cursor_at
        piece = self.week.at(day, minute)
        if piece is not None:
            self.select(piece)
            return
        made = self.week.swept(day, minute, minute + 60)
        if made is not None:
            self.add_piece(made)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._give_up()

    def event(self, event: QEvent) -> bool:
        """Esc and Del are ours while something is selected, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ours = (Qt.Key.Key_Escape, Qt.Key.Key_Delete)
            alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
            if self.selection is not None and (event.key() in ours or alt):
                event.accept()
                return True
        return super().event(event)

    # Painting ---------------------------------------------------------------------------------

    @property
    def places(self) -> Mapping[int, str]:
        """The names of the locations by number."""
        return self._places

    @property
    def dragged(self) -> tuple[Weekly | None, Weekly | None, bool]:
        """What the mouse moves, what would become of it, and whether that place is free."""
        grip = self._grip
        if grip is None or not grip.begun or grip.wanted is None:
            return None, None, True
        return grip.piece, grip.wanted, self.week.is_free(grip.wanted, grip.piece)

    def paintEvent(self, event: QPaintEvent) -> None:
        week_paint.paint(self, QPainter(self))
