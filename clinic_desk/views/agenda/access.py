"""What a screen reader finds in the calendar: every visit in sight, the slot under the cursor.

The interfaces are made when they are asked for, and only while assistive technology is on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
)
from PySide6.QtWidgets import QAccessibleWidget

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import Status, steps_forward
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import words
from clinic_desk.views.agenda.leaf_access import LeafAccess
from clinic_desk.views.agenda.spoken import sentence, slot_sentence
from clinic_desk.views.visits import answers

if TYPE_CHECKING:
    from clinic_desk.views.agenda.selecting import Selecting

SLOT = 0
"""The key of the slot under the cursor; no card has it."""


class Access:
    """The accessible children of one board. Costs nothing while nobody listens."""

    def __init__(self, board: Selecting) -> None:
        self.board = board
        self._things: dict[int, QObject] = {}
        self._faces: dict[int, Any] = {}
        self.spoken: list[str] = []
        """What was announced, the last few; for tests and for the log of the day."""

    @property
    def listening(self) -> bool:
        """Whether assistive technology is on."""
        return QAccessible.isActive()

    def keys(self) -> list[int]:
        """The children in order: cards in sight, then the slot if the cursor is on one."""
        board = self.board
        sight = QRect(board.offset, board.viewport().size())
        found = board.layout_.within(sight.x(), sight.y(), sight.width(), sight.height())
        keys = list(dict.fromkeys(item.key for item in found))
        return [*keys, SLOT] if board.cursor_.key is None else keys

    def name(self, key: int) -> str:
        """The sentence of a child."""
        board = self.board
        if key == SLOT:
            return slot_sentence(board)
        parts = board.layout_.by_key.get(key)
        return sentence(parts[0], board.zone, board.scene.work.names) if parts else ""

    def rect(self, key: int) -> QRect:
        """Where a child is, in viewport pixels."""
        board = self.board
        parts = board.layout_.by_key.get(key)
        return board.item_rect(parts[0]) if parts else board.cursor_rect()

    def child(self, key: int) -> QAccessibleInterface:
        """The interface of a child, made at the first asking."""
        face = self._faces.get(key)
        if face is None:
            thing = QObject(self.board)
            thing.setObjectName(f"agenda-{key}" if key else "agenda-slot")
            face = CardAccess(thing, self, key)
            self._things[key], self._faces[key] = thing, face
            QAccessible.registerAccessibleInterface(face)
        return face

    def items_changed(self) -> None:
        """Other cards: children of cards that are gone are dropped."""
        if not self._faces and not self.listening:
            return
        known = self.board.layout_.by_key
        for key in [key for key in self._faces if key != SLOT and key not in known]:
            shiboken6.delete(self._things.pop(key))  # Qt deletes the interface with its object;
            self._faces.pop(key)  # only then may Python let go of it
        if self.listening:
            event = QAccessibleEvent(self.board, QAccessible.Event.ObjectReorder)
            QAccessible.updateAccessibility(event)

    def focus_moved(self) -> None:
        """The cursor is on another card or slot."""
        if not self.listening or not self.board.hasFocus():
            return
        key = self.board.cursor_.key or SLOT
        face = self.child(key)
        if key == SLOT:
            QAccessible.updateAccessibility(
                QAccessibleEvent(self._things[key], QAccessible.Event.NameChanged)
            )
        QAccessible.updateAccessibility(QAccessibleEvent(face.object(), QAccessible.Event.Focus))

    def announce(self, text: str) -> None:
        """Let a screen reader say *text*."""
        self.spoken = [*self.spoken[-19:], text]
        if self.listening and text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.board, text))


class CardAccess(LeafAccess):
    """One visit, one event, or the slot under the cursor."""

    def __init__(self, thing: QObject, access: Access, key: int) -> None:
        board = access.board
        super().__init__(thing, board, board.viewport(), CardActions(access, key))
        self._access, self._key = access, key

    def _spoken(self) -> str:
        return self._access.name(self._key)

    def _identifier(self) -> str:
        if self._key == SLOT:
            return "slot"
        return f"appointment-{self._key}" if self._key > 0 else f"event-{-self._key}"

    def _place(self) -> QRect:
        return self._access.rect(self._key)

    def state(self) -> QAccessible.State:
        board, state = self._access.board, QAccessible.State()
        mine = (board.cursor_.key or SLOT) == self._key
        state.focusable = state.selectable = True
        state.selected = mine
        state.focused = mine and board.hasFocus()
        state.offscreen = not board.viewport().rect().intersects(self._place())
        return state


class CardActions(QAccessibleActionInterface):
    """Press opens, focus selects; the further ones set the visit's next status, or answer a
    request, as far as the user may.
    """

    def __init__(self, access: Access, key: int) -> None:
        super().__init__()
        self._access, self._key = access, key

    def actionNames(self) -> list[str]:
        return [
            self.pressAction(),
            self.setFocusAction(),
            *self._steps(),
        ]

    def _steps(self) -> dict[str, Status]:
        """The statuses that the visit may take next, by the words for the step."""
        board = self._access.board
        card = board.model.card(self._key)
        if not isinstance(card, AppointmentCard):
            return {}
        if card.status is Status.REQUESTED:
            return {text: to for to, (text, name) in answers().items() if board.may(name)}
        if not board.may("Appointment Update"):
            return {}
        return {words.status(status): status for status in sorted(steps_forward(card.status))}

    def doAction(self, name: str) -> None:
        board = self._access.board
        if self._key != SLOT:
            board.select(self._key)
        if name == self.setFocusAction():
            board.setFocus()
        elif name == self.pressAction():
            card = board.model.card(self._key) if self._key != SLOT else None
            if card is not None:
                board.open_wanted.emit(card)
            else:
                board.propose_here()
        else:
            status = self._steps().get(name)
            if status is not None:
                board.status_wanted.emit(board.model.card(self._key), status)

    def keyBindingsForAction(self, name: str) -> list[str]:
        return ["Return"] if name == self.pressAction() else []


class BoardAccess(QAccessibleWidget):
    """The calendar itself: a list of what is in sight."""

    def __init__(self, board: Selecting) -> None:
        super().__init__(board, QAccessible.Role.List, _("Calendar"))
        self._board = board

    def childCount(self) -> int:
        return len(self._board.access.keys())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys = self._board.access.keys()
        return self._board.access.child(keys[index]) if 0 <= index < len(keys) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        keys = self._board.access.keys()
        key = getattr(child, "_key", None)
        return keys.index(key) if key in keys else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        item = self._board.item_at(self._board.viewport().mapFromGlobal(QPoint(x, y)))
        return self._board.access.child(item.key) if item is not None else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        if not self._board.hasFocus():
            return None
        return self._board.access.child(self._board.cursor_.key or SLOT)


_lists: dict[int, QAccessibleWidget] = {}


def install() -> None:
    """Let Qt find the interfaces of boards and months; once a process."""
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_make)


_installed: list[bool] = []


def _make(_name: str, thing: QObject) -> QAccessibleInterface | None:
    from clinic_desk.views.agenda.month_access import MonthAccess
    from clinic_desk.views.agenda.month_sheet import MonthSheet
    from clinic_desk.views.agenda.selecting import Selecting

    face: QAccessibleWidget
    if isinstance(thing, Selecting):
        face = BoardAccess(thing)
    elif isinstance(thing, MonthSheet):
        face = MonthAccess(thing)
    else:
        return None
    for number in [number for number, old in _lists.items() if not shiboken6.isValid(old)]:
        del _lists[number]  # Qt has deleted it with its widget; before that it must stay
    _lists[id(face)] = face
    return face
