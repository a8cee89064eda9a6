"""The month: what each day holds at a glance; a day opens, a visit is carried to another."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from clinic_desk.rules import clinic_time
from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views import theme
from clinic_desk.views.agenda import label as labels
from clinic_desk.views.agenda import month_painting
from clinic_desk.views.agenda.grip import ghost_lines, reason_texts
from clinic_desk.views.agenda.judge import Judge, Wish
from clinic_desk.views.agenda.layout import Card, key_of
from clinic_desk.views.agenda.month_grid import moved_to
from clinic_desk.views.agenda.month_painting import Place
from clinic_desk.views.agenda.month_sheet import MonthSheet

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MonthView(MonthSheet):
    """Six weeks around a month, painted.

    The shell gives ``set_catalogue``, ``set_zone``, ``set_view(month, provider_ids)``,
    ``set_data``, ``set_occupancy``, ``set_initials``; and, after a drop, ``settle`` or
    ``take_back`` as for ``AgendaBoard``.

    Signals:
        day_wanted(date): a day's number was clicked, or Enter, or a double click on free room.
        open_wanted(card): a double click on a visit.
        move_wanted(card, Span, provider_id, operatory_id): carried to another day, at the same
            time of the wall.
        selection_changed(card | None)
        period_wanted(int): PgUp, PgDn, or an arrow over the edge.
        context_wanted(card | None, QPoint): the right button; global place.
    """

    move_wanted = Signal(object, object, object, object)
    selection_changed = Signal(object)
    period_wanted = Signal(int)
    context_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._press: tuple[QPoint, Place] | None = None
        self._carried: tuple[Card, QPoint] | None = None
        self._target: date | None = None
        self._wish: Wish | None = None
        self._label: labels.Label | None = None
        self._judge: Judge | None = None

    @property
    def selection(self) -> Card | None:
        """The selected card."""
        return self.model.card(self.selected) if self.selected is not None else None

    @property
    def drag_card(self) -> Card | None:
        """The card in the air."""
        return self._carried[0] if self._carried else None

    # Qt's events

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.scene is None:
            self._renew()
        assert self.scene is not None
        painter = QPainter(self)
        self.places = month_painting.paint(painter, self.scene, self._minutes)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._target is not None and self._label is not None:
            refused = any(begins for _text, _indent, begins in self._label.lines)
            colour = theme.colour("ghost.refused" if refused else "ghost.legal")
            soft = QColor(colour)
            soft.setAlphaF(0.12)
            painter.setBrush(soft)
            self._ring(painter, self._target, colour)
        elif self.hasFocus():
            self._ring(painter, self.cursor_day, theme.colour("focus"))
        for place in self.places:
            if self.selected is not None and key_of(place.card) == self.selected:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("focus"), 2))
                painter.drawRoundedRect(place.rect.adjusted(-1, -1, 0, 0), 3, 3)
        if self._carried is not None and self._label is not None:
            box = labels.place(self._label, QRect(), self._carried[1], self.rect())
            mirrored = self.grid.mirrored
            labels.paint(painter, self._label, box, self.scene.faces, mirrored=mirrored)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pos = event.position().toPoint()
        if event.button() == Qt.MouseButton.RightButton and self._carried is not None:
            self.cancel()
            return
        place, day = self.place_at(pos), self.grid.day_at(pos.x(), pos.y())
        self._select(place.card if place else None)
        if day is not None:
            self.cursor_day = day
        if event.button() == Qt.MouseButton.RightButton:
            at = event.globalPosition().toPoint()
            self.context_wanted.emit(place.card if place else None, at)
        elif event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._press = (pos, place)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pos = event.position().toPoint()
        if self._press is None:
            return
        if self._carried is None:
            way = (pos - self._press[0]).manhattanLength()
            if way < QApplication.startDragDistance():
                return
            self.model.hold_refreshes()
            self._judge = Judge(self.model, self.zone, self.snapshot)
        self._carry(self._press[1].card, pos)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pos = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._carried is not None:
            self._drop()
        elif self._press is None:
            day = self.grid.day_at(pos.x(), pos.y())
            box = self.grid.cell(day) if day is not None else None
            if day is not None and box is not None and pos.y() < box.y + month_painting.TOP:
                self.day_wanted.emit(day)
        self._press = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        pos = event.position().toPoint()
        place, day = self.place_at(pos), self.grid.day_at(pos.x(), pos.y())
        if day is not None:
            self.open(day, place.card if place is not None else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._carried is not None:
            self.cancel()
        elif key in _ARROWS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.go_to(self.grid.step(self.cursor_day, *_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open(self.cursor_day, None)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.period_wanted.emit(-1 if key == Qt.Key.Key_PageUp else 1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """A pointer that rests on a closed day is told why, as the week tells it."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        day = self.grid.day_at(event.pos().x(), event.pos().y())
        free = self._carried is None and self.place_at(event.pos()) is None
        text = self.why_closed(day) if day is not None and free else ""
        if day is None or not text:
            QToolTip.hideText()
        else:
            box = self.grid.cell(day)
            QToolTip.showText(event.globalPos(), text, self, QRect(box.x, box.y, box.w, box.h))
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.cancel()
        self.update()

    # Deeds

    def go_to(self, day: date) -> None:
        """Put the cursor on a day and say it; over the edge another month is wanted."""
        if not self.grid.first <= day <= self.grid.last:
            self.cursor_day = day
            self.period_wanted.emit(-1 if day < self.grid.first else 1)
        self._say(self.sentence(day))
        super().go_to(day)

    def _say(self, text: str) -> None:
        self.setAccessibleDescription(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _select(self, card: Card | None) -> None:
        key = key_of(card) if card is not None else None
        if key != self.selected:
            self.selected = key
            self.selection_changed.emit(card)

    def _carry(self, card: Card, pos: QPoint) -> None:
        assert self.scene is not None
        assert self._judge is not None
        self._carried = (card, pos)
        day = self.grid.day_at(pos.x(), pos.y())
        if day is not None and day != self._target:
            span = moved_to(card, day, clinic_time.zone(self.zone))
            if isinstance(card, EventCard):
                self._wish = Wish(card, span, card.resource_id, None)
            else:
                room = card.operatory.id if card.operatory else None
                self._wish = Wish(card, span, card.provider.id, room)
            found = self._judge.reasons(self._wish)
            reasons = reason_texts(found, self._wish, card.time_zone, self.zone)
            lines = ghost_lines(self._wish, self.model.catalogue, card.time_zone, self.zone)
            more = len(found) - len(reasons)
            self._label = labels.label(lines, reasons, more, self.scene.faces, copy=False)
        elif day is None:
            self._wish = self._label = None
        self._target = day
        self.update()

    def _drop(self) -> None:
        wish, carried = self._wish, self._carried
        self.cancel()
        if wish is None or carried is None or wish.span == carried[0].span:
            return
        card = carried[0]
        if isinstance(card, AppointmentCard):
            self.model.set_pending(card, wish.span, wish.provider_id, wish.operatory_id)
        self.move_wanted.emit(card, wish.span, wish.provider_id, wish.operatory_id)

    def cancel(self) -> bool:
        """Give up what is carried; whether there was anything."""
        was = self._carried is not None
        self._press = self._carried = self._target = self._wish = self._label = None
        self._judge = None
        if was:
            self.model.release_refreshes()
            self.update()
        return was
