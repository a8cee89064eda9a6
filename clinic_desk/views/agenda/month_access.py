"""What a screen reader finds in the month: each day, and after it the cards painted in it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
)
from PySide6.QtWidgets import QAccessibleWidget

from clinic_desk.i18n import _
from clinic_desk.views.agenda.layout import key_of
from clinic_desk.views.agenda.leaf_access import LeafAccess
from clinic_desk.views.agenda.spoken import card_sentence

if TYPE_CHECKING:
    from clinic_desk.views.agenda.month_sheet import MonthSheet

Key = tuple[date, int]
"""A day, and the key of a card in it; 0 for the day itself."""


class MonthFaces:
    """The accessible children of one month. Costs nothing while nobody listens."""

    def __init__(self, month: MonthSheet) -> None:
        self.month = month
        self._made: dict[Key, tuple[QObject, DayAccess]] = {}

    def keys(self) -> list[Key]:
        """The children in reading order."""
        if self.month.scene is None:
            return []
        found: dict[date, list[int]] = {day: [0] for day in self.month.grid.days}
        for place in self.month.places:
            middle = place.rect.center()
            day = self.month.grid.day_at(middle.x(), middle.y())
            # Until the next painting a place may tell of what was there before.
            if day is not None and self._holds(day, key_of(place.card)):
                found[day].append(key_of(place.card))
        return [(day, key) for day, keys in found.items() for key in keys]

    def _holds(self, day: date, number: int) -> bool:
        assert self.month.scene is not None
        return any(key_of(card) == number for card in self.month.scene.cards.get(day, ()))

    def name(self, key: Key) -> str:
        """The sentence of a child."""
        day, number = key
        if not number:
            return self.month.sentence(day)
        card = self.month.model.card(number)
        names = {n: p.name for n, p in self.month.providers.items()}
        return card_sentence(card, self.month.zone, names) if card is not None else ""

    def rect(self, key: Key) -> QRect:
        """Where a child is, in the month's pixels; empty if it is not painted any more."""
        day, number = key
        cell = self.month.grid.cell(day)
        box = QRect(cell.x, cell.y, cell.w, cell.h)
        if not number:
            return box
        own = (p.rect for p in self.month.places if key_of(p.card) == number)
        return next((rect for rect in own if box.contains(rect.center())), QRect())

    def child(self, key: Key) -> QAccessibleInterface:
        """The interface of a child, made at the first asking."""
        if key not in self._made:
            thing = QObject(self.month)
            face = DayAccess(thing, self, key)
            self._made[key] = thing, face
            QAccessible.registerAccessibleInterface(face)
        return self._made[key][1]

    def renewed(self) -> None:
        """Another month or other cards: children that are gone are dropped."""
        if not self._made and not QAccessible.isActive():
            return
        known = set(self.keys())
        for key in self._made.keys() - known:
            thing, face = self._made.pop(key)
            shiboken6.delete(thing)  # Qt deletes the interface with its object;
            del face  # only then may Python let go of it
        if QAccessible.isActive():
            event = QAccessibleEvent(self.month, QAccessible.Event.ObjectReorder)
            QAccessible.updateAccessibility(event)

    def focus_moved(self) -> None:
        """The cursor is on another day."""
        if QAccessible.isActive() and self.month.hasFocus():
            face = self.child((self.month.cursor_day, 0))
            focus = QAccessibleEvent(face.object(), QAccessible.Event.Focus)
            QAccessible.updateAccessibility(focus)


class DayAccess(LeafAccess):
    """One day, or one card in it. Pressing opens it."""

    def __init__(self, thing: QObject, faces: MonthFaces, key: Key) -> None:
        super().__init__(thing, faces.month, faces.month, DayActions(faces, key))
        self._faces, self.key = faces, key

    def _spoken(self) -> str:
        return self._faces.name(self.key)

    def _identifier(self) -> str:
        day, number = self.key
        what = f"appointment-{number}" if number > 0 else f"event-{-number}"
        return f"{what if number else 'day'}-{day}"

    def _place(self) -> QRect:
        return self._faces.rect(self.key)

    def state(self) -> QAccessible.State:
        month, state = self._faces.month, QAccessible.State()
        day, number = self.key
        state.focusable = state.selectable = True
        state.selected = number == (month.selected or 0) if number else day == month.cursor_day
        state.focused = not number and day == month.cursor_day and month.hasFocus()
        state.offscreen = self._place().isEmpty()
        return state


class DayActions(QAccessibleActionInterface):
    """Press opens the day or the visit, focus puts the cursor on the day."""

    def __init__(self, faces: MonthFaces, key: Key) -> None:
        super().__init__()
        self._faces, self._key = faces, key

    def actionNames(self) -> list[str]:
        return [self.pressAction(), self.setFocusAction()]

    def doAction(self, name: str) -> None:
        month, (day, number) = self._faces.month, self._key
        if name == self.setFocusAction():
            month.setFocus()
            month.go_to(day)
        elif name == self.pressAction():
            month.open(day, month.model.card(number) if number else None)

    def keyBindingsForAction(self, name: str) -> list[str]:
        return ["Return"] if name == self.pressAction() and not self._key[1] else []


class MonthAccess(QAccessibleWidget):
    """The month itself: a list of its days and what is painted in them."""

    def __init__(self, month: MonthSheet) -> None:
        super().__init__(month, QAccessible.Role.List, _("Month"))
        self._month = month

    def childCount(self) -> int:
        return len(self._month.faces.keys())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys = self._month.faces.keys()
        return self._month.faces.child(keys[index]) if 0 <= index < len(keys) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        keys, key = self._month.faces.keys(), getattr(child, "key", None)
        return keys.index(key) if key in keys else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        here = self._month.mapFromGlobal(QPoint(x, y))
        day = self._month.grid.day_at(here.x(), here.y())
        if day is None:
            return None
        place = self._month.place_at(here)
        return self._month.faces.child((day, key_of(place.card) if place else 0))

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        if not self._month.hasFocus():
            return None
        return self._month.faces.child((self._month.cursor_day, 0))
