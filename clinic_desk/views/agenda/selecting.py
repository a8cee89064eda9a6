"""What is selected in the calendar, and where its keyboard cursor is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.spans import Span
from clinic_desk.views.agenda.access import Access, install
from clinic_desk.views.agenda.cursor import Cursor, slot_box
from clinic_desk.views.agenda.grip import grip_at
from clinic_desk.views.agenda.hover import HoverCard
from clinic_desk.views.agenda.judge import wish_for
from clinic_desk.views.agenda.layout import Card, Item, key_of
from clinic_desk.views.agenda.sheet import Sheet
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import named

NEW_MINUTES = 30
"""Length of what is proposed on free time, at least a step of the grid."""


class Selecting(Sheet):
    """A sheet with a cursor; it declares what the whole calendar tells, see ``AgendaBoard``."""

    move_wanted = Signal(object, object, object, object)
    copy_wanted = Signal(object, object, object, object)
    create_wanted = Signal(object, object, object)
    create_here_wanted = Signal(object, object, object)
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
        self.proposal: tuple[int, float, float] | None = None
        self.proposed: Slot | None = None
        self.cursor_ = Cursor()
        self.may: Callable[[str], bool] = lambda _permission: True
        self.slot_shown = False
        self._announced: Card | None = None
        self.hover = HoverCard(self)
        self.access = Access(self)
        install()

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

    def put_on_day(self, day: date) -> None:
        """The cursor at its hour of *day*, where that is shown."""
        columns = [n for n, column in enumerate(self.grid.columns) if column.day == day]
        if columns:
            column = self.cursor_.column if self.cursor_.column in columns else columns[0]
            self.cursor_.put_at(self.layout_, column, self.cursor_.minute, self.step)
            self.cursor_moved()

    def cursor_moved(self, *, reveal: bool = True) -> None:
        """The cursor is elsewhere: show it and tell."""
        if reveal:
            item = self.cursor_.item(self.layout_)
            box = item.rect if item else slot_box(self.grid, self.cursor_, self.step)
            self.reveal(QRect(*box))
        self.slot_shown = True
        self.viewport().update()
        self.tell_selection()
        self.access.focus_moved()

    def tell_selection(self) -> None:
        """Tell where another card is selected, or the same one is another version. A move that
        is on its way is told when it is stored.
        """
        card = self.selection
        told = self._announced
        same = card is not None and told is not None and key_of(card) == key_of(told)
        if same and self.cursor_.key in self.model.pending:
            return
        if card != self._announced:
            self._announced = card
            self.selection_changed.emit(card)

    def scroll_to_work(self) -> None:
        """The first opening hour at the top, unless the selected card would be out of sight."""
        super().scroll_to_work()
        item = self.cursor_.item(self.layout_)
        if item is not None:
            self.reveal(QRect(*item.rect))

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

    def clear_proposal(self) -> None:
        """Take away the mark of a swept time, or of what is being entered."""
        self.proposal = self.proposed = None
        self.viewport().update()

    def propose(self, slot: Slot) -> None:
        """Mark where and how long something new is being entered, wherever that is shown, until
        ``clear_proposal``; the mark of a swept time gives way to it.
        """
        self.proposal, self.proposed = None, slot
        self.viewport().update()

    def proposals(self) -> list[tuple[int, float, float]]:
        """The marks: column, axis minutes from and to."""
        marks = [self.proposal] if self.proposal is not None else []
        if self.proposed is None:
            return marks
        slot = self.proposed
        for index, column in enumerate(self.grid.columns):
            room = column.operatory_id is not None or column.no_room
            meant = (
                column.operatory_id == slot.operatory_id
                if room
                else column.provider_id in (None, slot.provider_id)
            )
            minutes = self.grid.minutes(index, slot.span) if meant else None
            if minutes is not None:
                marks.append((index, *minutes))
        return marks

    def to_content(self, pos: QPoint) -> QPoint:
        """The content point under a point of the viewport."""
        return pos + self.offset

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
            self.create_here_wanted.emit(span, wish.provider_id, wish.operatory_id)

    # Looking

    def item_at(self, pos: QPoint) -> Item | None:
        """The item at a viewport point; the grips of the selected one come first, small ones have
        a larger reach, and the hair's breadth beside an item belongs to it.
        """
        at = self.to_content(pos)
        selected = self.cursor_.item(self.layout_)
        if selected is not None and grip_at(selected, at) is not None:
            return selected
        found = self.layout_.at(at.x(), at.y(), 12)
        if found is not None:
            return found
        return next(iter(self.layout_.within(at.x() - 2, at.y() - 2, 4, 4)), None)

    def cursor_rect(self) -> QRect:
        """Where the selected card or the cursor's slot is, in viewport pixels."""
        item = self.cursor_.item(self.layout_)
        box = item.rect if item else slot_box(self.grid, self.cursor_, self.step)
        return QRect(*box).translated(-self.offset)
