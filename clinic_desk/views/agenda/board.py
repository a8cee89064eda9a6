"""The calendar that people use: a mouse, a keyboard, and everything under them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from clinic_desk.views.agenda.carrier import Carrier
from clinic_desk.views.agenda.grid import Kind
from clinic_desk.views.agenda.grip import Mode
from clinic_desk.views.agenda.keys import Keys
from clinic_desk.views.agenda.shaded import shade_at


class AgendaBoard(Carrier):
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
        create_wanted(Span, provider_id | None, operatory_id | None): swept; the place stays
            marked until ``clear_proposal``.
        create_here_wanted(Span, provider_id | None, operatory_id | None): Enter, or a double
            click on free time: nobody said how long; the place stays marked as well.
        open_wanted(card): Enter or a double click.
        park_wanted(card): to the pinboard.
        context_wanted(card | None, QPoint): the menu key or the right button; global place.
        period_wanted(int): -1 or 1, other days; a drag that is under way goes on there.
        selection_changed(card | None)
        status_wanted(card, status): chosen among a visit's accessible actions, which
            the shell's ``may`` (permission) limits.
        drag_started(card), drag_ended(): a card is in the air; nothing else should pop up.
        drag_moved(QPoint): where the pointer of a drag is, global.
        drag_dropped_outside(card, QPoint): let go outside the calendar; nothing has moved, the
            shell decides what lies there (mini-month, pinboard).
        spoken(str): what a screen reader should say now.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = Keys(self)

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
        early = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if early and self._keys.owns(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._explain(event)
            return True
        return super().viewportEvent(event)

    def _explain(self, event: QHelpEvent) -> None:
        """Why the place under a resting pointer is shaded; a card tells of itself."""
        found = None
        if self.item_at(event.pos()) is None and not self.gestures.busy:
            found = shade_at(self, self.to_content(event.pos()))
        if found is None:
            QToolTip.hideText()
        else:
            box = found.box.translated(-self.offset)
            QToolTip.showText(event.globalPos(), found.text, self.viewport(), box)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.slot_shown = self.slot_shown or event.reason() in _BY_KEYS
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


_DRAG_KEYS = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
}
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
