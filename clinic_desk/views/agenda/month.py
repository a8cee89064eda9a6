"""The month: what each day holds at a glance; a day opens, a visit is carried to another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QWidget

from clinic_desk.i18n import _, first_weekday, ngettext
from clinic_desk.rules import clinic_time
from clinic_desk.services.cards import AppointmentCard, DiaryView, EventCard
from clinic_desk.views import theme, words
from clinic_desk.views.agenda import label as labels
from clinic_desk.views.agenda import month_painting
from clinic_desk.views.agenda.grip import ghost_lines, reason_texts
from clinic_desk.views.agenda.judge import Judge, Snapshot, Wish
from clinic_desk.views.agenda.layout import Card, key_of
from clinic_desk.views.agenda.looks import Clock
from clinic_desk.views.agenda.model import AgendaModel
from clinic_desk.views.agenda.month_grid import MonthGrid, by_day, moved_to
from clinic_desk.views.agenda.month_painting import MonthScene, Place
from clinic_desk.views.agenda.text import faces
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MonthView(QWidget):
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

    day_wanted = Signal(object)
    open_wanted = Signal(object)
    move_wanted = Signal(object, object, object, object)
    selection_changed = Signal(object)
    period_wanted = Signal(int)
    context_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "month", _("Month"))
        self.model = AgendaModel(self)
        self.zone = "UTC"
        self.month = date(2000, 1, 1)
        self.cursor_day = self.month
        self.initials = False
        self.snapshot: Snapshot | None = None
        self.scene: MonthScene | None = None
        self._places: list[Place] = []
        self._minutes: dict[int, int] = {}
        self._selected: int | None = None
        self._press: tuple[QPoint, Place] | None = None
        self._carried: tuple[Card, QPoint] | None = None
        self._target: date | None = None
        self._wish: Wish | None = None
        self._label: labels.Label | None = None
        self._judge: Judge | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.model.changed.connect(self._renew)
        theme.notifier().theme_changed.connect(self._renew)

    # What the shell says

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Names, closed days and qualifications come from here."""
        self.model.catalogue = catalogue
        self._renew()

    def set_zone(self, name: str) -> None:
        """Days and times are those of this IANA zone."""
        self.zone = name
        self._renew()

    def set_view(self, month: date, provider_ids: Collection[int] = ()) -> None:
        """Show the month of *month*, of these providers only (none: of all)."""
        if (month.year, month.month) != (self.month.year, self.month.month):
            self.cursor_day = month
        self.month = month.replace(day=1)
        self.model.set_shown(provider_ids)
        self._renew()

    def set_data(self, view: DiaryView) -> None:
        """Show the cards of *view*; while a card is carried it waits."""
        self.model.set_data(view)

    def set_occupancy(self, snapshot: Snapshot | None) -> None:
        """The whole organisation's taken time, as for the board."""
        self.snapshot = snapshot

    def set_initials(self, only: bool) -> None:
        """Show patients by their initials."""
        self.initials = only
        self._renew()

    def settle(self, card: AppointmentCard) -> None:
        """*card* was stored: its present version replaces what is shown of it."""
        self.model.settle(card)

    def take_back(self, appointment_id: int) -> None:
        """The move was refused: the visit stands where it stood."""
        self.model.take_back(appointment_id)

    @property
    def selection(self) -> Card | None:
        """The selected card."""
        return self.model.card(self._selected) if self._selected is not None else None

    @property
    def drag_card(self) -> Card | None:
        """The card in the air."""
        return self._carried[0] if self._carried else None

    # Looking

    def _renew(self) -> None:
        zone = clinic_time.zone(self.zone)
        cards = by_day(self.model.cards, zone)
        self._minutes = {
            id(card): clinic_time.minute_of_day(card.span.starts_at, zone)
            for found in cards.values()
            for card in found[:60]
        }
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        first = first_weekday()
        self.scene = MonthScene(
            MonthGrid.around(self.month, first, self.width(), self.height(), mirrored=mirrored),
            self.month,
            clinic_time.wall(datetime.now(UTC), zone).date(),
            cards,
            faces(self.font()),
            Clock(),
            self._closed(),
            self.initials,
        )
        self.update()

    def _closed(self) -> dict[date, str]:
        catalogue = self.model.catalogue
        if catalogue is None:
            return {}
        out: dict[date, list[str]] = {}
        for days in catalogue.closed_days.values():
            for day, name in days.items():
                out.setdefault(day, []).append(name)
        everywhere = len(catalogue.locations)
        return {d: ", ".join(dict.fromkeys(n)) for d, n in out.items() if len(n) == everywhere}

    @property
    def grid(self) -> MonthGrid:
        """The geometry of what is shown."""
        assert self.scene is not None
        return self.scene.grid

    def place_at(self, pos: QPoint) -> Place | None:
        """What was painted under a point."""
        return next((place for place in self._places if place.rect.contains(pos)), None)

    def sentence(self, day: date) -> str:
        """A day as it is spoken: its date and how many visits it holds."""
        count = len(self.scene.cards.get(day, [])) if self.scene else 0
        told = ngettext("{count} visit", "{count} visits", count).format(count=count)
        return f"{words.day_long(day)}, {told}"

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    # Qt's events

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.scene is None:
            self._renew()
        assert self.scene is not None
        painter = QPainter(self)
        self._places = month_painting.paint(painter, self.scene, self._minutes)
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
        for place in self._places:
            if self._selected is not None and key_of(place.card) == self._selected:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("focus"), 2))
                painter.drawRoundedRect(place.rect.adjusted(-1, -1, 0, 0), 3, 3)
        if self._carried is not None and self._label is not None:
            box = labels.place(self._label, QRect(), self._carried[1], self.rect())
            mirrored = self.grid.mirrored
            labels.paint(painter, self._label, box, self.scene.faces, mirrored=mirrored)
        painter.end()

    def _ring(self, painter: QPainter, day: date, colour: QColor) -> None:
        box = self.grid.cell(day)
        if box.w:
            painter.setPen(QPen(colour, 2))
            painter.drawRoundedRect(QRect(box.x + 1, box.y + 2, box.w - 3, box.h - 3), 4, 4)

    def resizeEvent(self, _event: QEvent) -> None:
        self._renew()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LayoutDirectionChange, QEvent.Type.FontChange):
            self._renew()

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
        if place is not None:
            self.open_wanted.emit(place.card)
        elif day is not None:
            self.day_wanted.emit(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._carried is not None:
            self.cancel()
        elif key in _ARROWS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._walk(self.grid.step(self.cursor_day, *_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.day_wanted.emit(self.cursor_day)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.period_wanted.emit(-1 if key == Qt.Key.Key_PageUp else 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.cancel()
        self.update()

    # Deeds

    def _walk(self, day: date) -> None:
        self.cursor_day = day
        if not self.grid.first <= day <= self.grid.last:
            self.period_wanted.emit(-1 if day < self.grid.first else 1)
        self._say(self.sentence(day))
        self.update()

    def _say(self, text: str) -> None:
        self.setAccessibleDescription(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _select(self, card: Card | None) -> None:
        key = key_of(card) if card is not None else None
        if key != self._selected:
            self._selected = key
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
            reasons = reason_texts(found, self._wish, self.zone)
            lines = ghost_lines(self._wish, self.model.catalogue, self.zone)
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
