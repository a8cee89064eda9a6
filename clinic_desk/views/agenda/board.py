"""The calendar that people use: selection, dragging, keys, hovering."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import words
from clinic_desk.views.agenda import ghost as ghosts
from clinic_desk.views.agenda import overlay
from clinic_desk.views.agenda.access import Access, install
from clinic_desk.views.agenda.cursor import Cursor, slot_box
from clinic_desk.views.agenda.edges import Edges
from clinic_desk.views.agenda.gestures import Gestures, Mode
from clinic_desk.views.agenda.glide import Glide
from clinic_desk.views.agenda.grid import Kind
from clinic_desk.views.agenda.hover import Badge, HoverCard
from clinic_desk.views.agenda.judge import Snapshot, Wish, wish_for
from clinic_desk.views.agenda.keys import Keys
from clinic_desk.views.agenda.layout import Card, Item, key_of
from clinic_desk.views.agenda.pointer import NEW_MINUTES, Pointer
from clinic_desk.views.agenda.surface import Surface
from clinic_desk.views.widgets import named


class AgendaBoard(Surface):
    """The week, or a day by provider or by operatory.

    What the shell gives: ``set_catalogue``, ``set_zone``, ``set_view(kind, first_day, columns)``,
    ``set_data``, ``set_occupancy``, ``set_step``, ``set_zoom`` / ``zoom_by`` / ``fit_day``,
    ``set_initials``, ``set_text_zoom``, ``set_keys``. What it asks: ``selection``, ``cursor_span``,
    ``drag_card``, ``grid.hour``.

    A drop leaves as one intention and the card stands at its new place as pending, until the
    shell says ``settle(card)`` (stored; the new card), ``take_back(id)`` (refused: it glides
    back), or ``set_data`` brings a newer version.

    Signals (``card`` is an appointment's or a calendar event's card; times are UTC):
        move_wanted(card, Span, provider_id, operatory_id): moved or stretched. The ids are what
            is wanted, changed or not; operatory None means "no room". An event's resource is
            given as provider_id.
        copy_wanted(card, Span, provider_id, operatory_id): dropped with Ctrl.
        create_wanted(Span, provider_id | None, operatory_id | None): swept, or Enter, or a
            double click on free time; the swept place stays marked until ``clear_proposal``.
        open_wanted(card): Enter or a double click.
        park_wanted(card): to the pinboard.
        context_wanted(card | None, QPoint): the menu key or the right button; global place.
        period_wanted(int): -1 or 1, other days; a drag that is under way goes on there.
        selection_changed(card | None)
        status_wanted(card, status): a key of the status keys.
        drag_started(card), drag_ended(): a card is in the air; nothing else should pop up.
        drag_moved(QPoint): where the pointer of a drag is, global.
        drag_dropped_outside(card, QPoint): let go outside the calendar; nothing has moved, the
            shell decides what lies there (mini-month, pinboard).
        spoken(str): what a screen reader should say now.
    """

    move_wanted = Signal(object, object, object, object)
    copy_wanted = Signal(object, object, object, object)
    create_wanted = Signal(object, object, object)
    open_wanted = Signal(object)
    park_wanted = Signal(object)
    context_wanted = Signal(object, QPoint)
    period_wanted = Signal(int)
    selection_changed = Signal(object)
    status_wanted = Signal(object, object)
    drag_started = Signal(object)
    drag_ended = Signal()
    drag_moved = Signal(QPoint)
    drag_dropped_outside = Signal(object, QPoint)
    spoken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "agenda", _("Calendar"))
        self.snapshot: Snapshot | None = None
        self.proposal: tuple[int, float, float] | None = None
        self.cursor_ = Cursor()
        self.gestures = Gestures(self)
        self.edges = Edges(self, self._scrolled_under, self._turned)
        self.glide = Glide(self)
        self.hover = HoverCard(self)
        self.access = Access(self)
        self._pointer = Pointer(self)
        self._keys = Keys(self)
        self._badge: Badge | None = None
        self._announced: int | None = None
        self._alive = True
        install()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    # What the shell says

    def set_occupancy(self, snapshot: Snapshot | None) -> None:
        """The whole organisation's taken time, for reasons that the loaded cards do not tell."""
        self.snapshot = snapshot

    def settle(self, card: AppointmentCard) -> None:
        """*card* was stored: its present version replaces what is shown of it."""
        self.model.settle(card)

    def take_back(self, appointment_id: int) -> None:
        """The move of this visit was refused: it glides back to where it stood."""
        before = [QRect(*item.rect) for item in self.layout_.by_key.get(appointment_id, [])]
        self.model.take_back(appointment_id)
        after = [QRect(*item.rect) for item in self.layout_.by_key.get(appointment_id, [])]
        if before and after and before[0] != after[0]:
            self.glide.start(self.layout_.by_key[appointment_id][0], before[0], after[0])

    def clear_proposal(self) -> None:
        """Take away the mark of a swept time."""
        self.proposal = None
        self.viewport().update()

    # Selection

    @property
    def selection(self) -> Card | None:
        """The selected card."""
        return self.model.card(self.cursor_.key) if self.cursor_.key is not None else None

    @property
    def cursor_span(self) -> Span | None:
        """The selected card's time, or the slot under the keyboard cursor."""
        card = self.selection
        if card is not None:
            return card.span
        if not self.grid.columns:
            return None
        begin = self.cursor_.minute
        return self.grid.span(self.cursor_.column, begin, begin + self.step)

    def select(self, key: int | None) -> None:
        """Select a card by its key (an appointment's id; an event's, negative) or nothing."""
        parts = self.layout_.by_key.get(key, []) if key is not None else []
        if parts:
            self.cursor_.put_on(parts[0])
        else:
            self.cursor_.key = None
        self.cursor_moved(reveal=bool(parts))

    def cursor_moved(self, *, reveal: bool = True) -> None:
        """The cursor is elsewhere: show it and tell."""
        if reveal:
            item = self.cursor_.item(self.layout_)
            box = item.rect if item else slot_box(self.grid, self.cursor_, self.step)
            self.reveal(QRect(*box))
        self.viewport().update()
        if self.cursor_.key != self._announced:
            self._announced = self.cursor_.key
            self.selection_changed.emit(self.selection)
        self.access.focus_moved()

    def reveal(self, content: QRect) -> None:
        """Scroll as little as needed to bring a content rectangle into sight."""
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        sight = QRect(self.offset, self.viewport().size())
        if content.top() < sight.top() or content.height() > sight.height():
            down.setValue(content.top() - 8)
        elif content.bottom() > sight.bottom():
            down.setValue(content.bottom() - sight.height() + 8)
        shift = min(content.left() - sight.left(), 0) or max(content.right() - sight.right(), 0)
        across.setValue(across.value() + (-shift if self.grid.mirrored else shift))

    # What gestures ask and tell

    @property
    def drag_card(self) -> Card | None:
        """The card in the air, by mouse or by keyboard."""
        return self.gestures.card

    def to_content(self, pos: QPoint) -> QPoint:
        return pos + self.offset

    def is_outside(self, pos: QPoint) -> bool:
        """Whether a viewport point lies outside the whole calendar, headings and hours included."""
        return not self.rect().contains(self.viewport().mapTo(self, pos))

    def wall_of(self, column: int, minute: float) -> datetime:
        """The naive wall time that a place stands for, even one that clocks jump over."""
        day = datetime.combine(self.grid.columns[column].day, time())
        return day + timedelta(minutes=self.grid.ruled.wall_minute(int(minute)))

    def ghost_lines(self, wish: Wish, column: int) -> list[str]:
        """What the ghost says: when, how long, with whom, where."""
        catalogue = self.model.catalogue
        times = words.times(wish.span, self.zone)
        day = words.day_short(words.wall(wish.span.starts_at, self.zone).date())
        first = _("{day}, {times} · {length}").format(
            day=day, times=times, length=words.length(wish.span.minutes)
        )
        where = []
        if catalogue is not None:
            person = catalogue.providers.get(wish.provider_id or 0)
            room = catalogue.operatories.get(wish.operatory_id or wish.provider_id or 0)
            where = [words.isolated(part.name) for part in (person, room) if part is not None]
        return [first, " · ".join(where)] if where else [first]

    def lifted_changed(self) -> None:
        """A card was picked up or put down: its place is painted anew, nothing else."""
        self.lift()
        self.hover.hide()
        self.viewport().update()
        if self.gestures.busy:
            self.drag_started.emit(self.gestures.card)
            return
        self.edges.stop()
        if self._badge is not None:
            self._badge.hide()
        self.drag_ended.emit()

    def lift(self) -> None:
        """Paint the carried card's own place pale, or, of a copy, as it stands."""
        before, card = self.lifted, self.gestures.card
        self.lifted = None if card is None or self.gestures.copy else key_of(card)
        if self.lifted == before:
            return
        self.scene.work = self.scene.work._replace(lifted=self.lifted)
        touched = [
            i for key in (before, self.lifted) for i in self.layout_.by_key.get(key or 0, ())
        ]
        self._refresh([QRect(*item.rect) for item in touched])

    def carried_to(self, pos: QPoint) -> None:
        """The pointer of a drag is at a viewport point."""
        at, card = self.viewport().mapToGlobal(pos), self.gestures.card
        if self.gestures.mode is not Mode.MOVE or card is None:
            return
        if self.is_outside(pos):
            if self._badge is None:
                self._badge = Badge(self.window())
            self._badge.follow(card, at, hidden_name=self.initials)
        elif self._badge is not None:
            self._badge.hide()
        self.drag_moved.emit(at)

    def ghost_moved(self, before: ghosts.Ghost | None, after: ghosts.Ghost | None) -> None:
        """Repaint what the ghost left and what it entered."""
        region = QRegion()
        for one in (before, after):
            if one is not None:
                region += one.box.translated(-self.offset).adjusted(-2, -2, 2, 2)
                region += self.label_rect(one).adjusted(-1, -1, 1, 1)
        self.viewport().update(region)
        if after is not None and self.gestures.by_keys:
            self.reveal(after.box)

    def ghost_spoken(self) -> None:
        """Say where the ghost is and why it may not stay there."""
        ghost = self.gestures.ghost
        if ghost is not None:
            self.say(". ".join([*ghost.lines, *ghost.reasons]))

    def say(self, text: str) -> None:
        """Tell a screen reader."""
        self.spoken.emit(text)
        self.access.announce(text)

    def label_rect(self, ghost: ghosts.Ghost) -> QRect:
        return ghosts.label_rect(ghost, self.font(), self.offset, self.viewport().rect())

    def _scrolled_under(self) -> None:
        self.gestures.follow(self._pointer.modifiers)
        self.viewport().update()

    def _turned(self, side: int) -> None:
        self.period_wanted.emit(-side if self.grid.mirrored else side)

    def _laid_out(self) -> None:
        if not hasattr(self, "_alive"):
            return
        if self.gestures.busy:
            self.gestures.regrid()
        elif self.cursor_.key is not None and self.cursor_.key not in self.layout_.by_key:
            self.cursor_.key = None
            self.cursor_moved(reveal=False)
        self.access.items_changed()

    def _data_changed(self) -> None:
        super()._data_changed()
        if hasattr(self, "_alive"):
            self.hover.zone, self.hover.names = self.zone, self.scene.work.names

    def _paint_over(self, painter: QPainter, rect: QRect) -> None:
        overlay.paint(self, painter, rect)

    # Intentions

    def drop(self) -> bool:
        """Let go of what is carried: one intention leaves. False where nothing changes."""
        gestures = self.gestures
        mode, ghost, copy, grip = gestures.mode, gestures.ghost, gestures.copy, gestures.grip
        wish = gestures.drop()
        if wish is None or ghost is None:
            return False
        if mode is Mode.SWEEP:
            self.proposal = (ghost.column, ghost.begin, ghost.end)
            self.create_wanted.emit(wish.span, wish.provider_id, wish.operatory_id)
            return True
        card: Any = grip.card if grip else None
        if copy:
            self.copy_wanted.emit(card, wish.span, wish.provider_id, wish.operatory_id)
            return True
        if not self.grid.exists(ghost.column, ghost.begin):  # nobody may set this aside
            self.say(" ".join(ghost.reasons))
            return False
        if isinstance(card, AppointmentCard):
            self.model.set_pending(card, wish.span, wish.provider_id, wish.operatory_id)
        self.say(_("Moved to {place}").format(place=", ".join(ghost.lines)))
        self.move_wanted.emit(card, wish.span, wish.provider_id, wish.operatory_id)
        return True

    def cancel(self) -> bool:
        """Give up what is under way; everything is exactly as it was. Whether there was anything."""
        if not self.gestures.cancel():
            return False
        self.say(_("Put back"))
        return True

    # What keys and menus do

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Other keys for the actions of ``keys.DEFAULT``, by id."""
        self._keys.set(keys)

    def pick_up(self) -> bool:
        """Take hold of the selected card; arrows carry it, Enter drops it, Esc puts it back."""
        item = self.cursor_.item(self.layout_)
        if item is None or self.gestures.busy:
            return False
        self.gestures.pick_up(item)
        self.ghost_spoken()
        return True

    def carry(self, dx: int, dy: int) -> None:
        """Carry what was picked up by columns (to the right) and steps (down); over the side
        it goes to other days.
        """
        if not self.gestures.by_keys or self.gestures.carry(dx, dy):
            return
        onwards = self.grid.step_column(0, dx)
        if self.kind in (Kind.WEEK, Kind.WORKWEEK):
            self.gestures.wrap(onwards)
            self.period_wanted.emit(onwards)

    def put_back(self) -> None:
        """Esc: what is carried returns."""
        self.cancel()

    def nudge(self, dx: int, dy: int) -> bool:
        """Move the selected card at once; while one is carried, carry it."""
        if self.gestures.busy:
            self.carry(dx, dy)
            return True
        if not self.pick_up():
            return False
        if not self.gestures.carry(dx, dy):
            self.cancel()
            return False
        return self._drop_and_follow()

    def stretch(self, steps: int, *, start: bool = False) -> bool:
        """Make the selected card longer (shorter: negative) at its end or at its *start*."""
        item = self.cursor_.item(self.layout_)
        if item is None or self.gestures.busy:
            return False
        self.gestures.pick_up(item, Mode.RESIZE_TOP if start else Mode.RESIZE_BOTTOM)
        self.gestures.carry(0, steps)
        return self._drop_and_follow()

    def _drop_and_follow(self) -> bool:
        done = self.drop()
        item = self.cursor_.item(self.layout_)
        if item is not None:
            self.cursor_.put_on(item)
            self.cursor_moved()
        return done

    def park(self) -> None:
        """The selected card is wanted on the pinboard."""
        card = self.drag_card or self.selection
        self.cancel()
        if card is not None:
            self.park_wanted.emit(card)

    def propose_here(self) -> None:
        """Something new is wanted at the cursor's slot."""
        if self.cursor_.key is not None or not self.grid.columns:
            return
        column, begin = self.cursor_.column, self.cursor_.minute
        end = min(begin + max(NEW_MINUTES, self.step), self.grid.ruled.minutes)
        span = self.grid.span(column, begin, end)
        if span is not None:
            wish = wish_for(None, span, self.grid.columns[column])
            self.proposal = (column, begin, end)
            self.viewport().update()
            self.create_wanted.emit(span, wish.provider_id, wish.operatory_id)

    def toggle_hover(self) -> None:
        """Show or hide all that is known of the selected card."""
        item = self.cursor_.item(self.layout_)
        if item is None or self.hover.isVisible():
            self.hover.hide()
        else:
            self.hover.show_for(item.card, self.item_rect(item))

    # Qt's events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._pointer.context(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._pointer.wheel(event):
            self.hover.hide()
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _DRAG_KEYS and self.gestures.busy:
            self._pointer.modifiers_changed(event.modifiers() | _DRAG_KEYS[Qt.Key(event.key())])
        elif not self._keys.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in _DRAG_KEYS and self.gestures.busy:
            self._pointer.modifiers_changed(event.modifiers() & ~_DRAG_KEYS[Qt.Key(event.key())])
        else:
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: N802 - Qt's name
        return self._keys.tab(forwards) or super().focusNextPrevChild(forwards)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._keys.owns(event):
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()
        self.access.focus_moved()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.cancel()
        self.hover.hide()
        self.viewport().update()

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel()
        self.hover.hide()
        super().hideEvent(event)

    # Looking

    def item_at(self, pos: QPoint) -> Item | None:
        """The item at a viewport point; small ones have a larger reach."""
        at = self.to_content(pos)
        return self.layout_.at(at.x(), at.y(), 12)

    def cursor_rect(self) -> QRect:
        """Where the selected card or the cursor's slot is, in viewport pixels."""
        item = self.cursor_.item(self.layout_)
        box = item.rect if item else slot_box(self.grid, self.cursor_, self.step)
        return QRect(*box).translated(-self.offset)


_DRAG_KEYS = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
}
