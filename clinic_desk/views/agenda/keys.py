"""The keyboard in the calendar. What a key does has an id, so that the shell can list and
change it; arrows, Tab, Enter, Escape and Space are what every calendar has and stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_

if TYPE_CHECKING:
    from clinic_desk.views.agenda.board import AgendaBoard

DEFAULT: dict[str, tuple[str, str]] = {
    "agenda.pick_up": ("M", N_("Pick up; arrows carry, Enter drops, Esc puts back")),
    "agenda.park": ("Ctrl+X", N_("Put on the pinboard")),
    "agenda.up": ("Alt+Up", N_("Move one step earlier")),
    "agenda.down": ("Alt+Down", N_("Move one step later")),
    "agenda.left": ("Alt+Left", N_("Move to the column at the left")),
    "agenda.right": ("Alt+Right", N_("Move to the column at the right")),
    "agenda.shorter": ("Alt+Shift+Up", N_("Make shorter")),
    "agenda.longer": ("Alt+Shift+Down", N_("Make longer")),
    "agenda.earlier": ("Ctrl+Alt+Shift+Up", N_("Begin earlier")),
    "agenda.later": ("Ctrl+Alt+Shift+Down", N_("Begin later")),
    "agenda.new": ("N", N_("New appointment here")),
    "agenda.previous": ("PgUp", N_("Earlier days")),
    "agenda.next": ("PgDown", N_("Later days")),
    "agenda.zoom_in": ("Ctrl++", N_("Taller hours")),
    "agenda.zoom_out": ("Ctrl+-", N_("Lower hours")),
    "agenda.fit_day": ("Ctrl+0", N_("Fit the day")),
}
"""Action id -> (key, English description)."""

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Keys:
    """What keys do to one board."""

    def __init__(self, board: AgendaBoard) -> None:
        self._board = board
        self._actions: dict[str, Callable[[], object]] = {
            "agenda.pick_up": board.pick_up,
            "agenda.park": board.park,
            "agenda.up": lambda: board.nudge(0, -1),
            "agenda.down": lambda: board.nudge(0, 1),
            "agenda.left": lambda: board.nudge(-1, 0),
            "agenda.right": lambda: board.nudge(1, 0),
            "agenda.shorter": lambda: board.stretch(-1),
            "agenda.longer": lambda: board.stretch(1),
            "agenda.earlier": lambda: board.stretch(-1, start=True),
            "agenda.later": lambda: board.stretch(1, start=True),
            "agenda.new": board.propose_here,
            "agenda.previous": lambda: board.period_wanted.emit(-1),
            "agenda.next": lambda: board.period_wanted.emit(1),
            "agenda.zoom_in": lambda: board.zoom_by(1),
            "agenda.zoom_out": lambda: board.zoom_by(-1),
            "agenda.fit_day": board.fit_day,
        }
        self._by_key: dict[str, str] = {}
        self.set({name: key for name, (key, _text) in DEFAULT.items()})

    def set(self, keys: Mapping[str, str]) -> None:
        """Other keys for actions, by id; an empty text takes a key away."""
        by_action = {action: key for key, action in self._by_key.items()}
        by_action |= {action: _normal(key) for action, key in keys.items() if action in DEFAULT}
        self._by_key = {key: action for action, key in by_action.items() if key}

    def owns(self, event: QKeyEvent) -> bool:
        """Whether the board wants the key before any shortcut of the window gets it."""
        if self._board.gestures.busy:
            return event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, *_ARROWS)
        return False

    def press(self, event: QKeyEvent) -> bool:
        """Do what the key says; False where it says nothing here."""
        board, key = self._board, event.key()
        if key in (Qt.Key.Key_Control, Qt.Key.Key_Shift):
            return False
        if board.gestures.busy and self._carrying(event):
            return True
        action = self._by_key.get(_normal(QKeySequence(event.keyCombination()).toString()))
        if action is not None and not (board.gestures.busy and not board.gestures.by_keys):
            self._actions[action]()
            return True
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain != Qt.KeyboardModifier.NoModifier or board.gestures.busy:
            return False
        return self._walk(Qt.Key(key))

    def _carrying(self, event: QKeyEvent) -> bool:
        board, key = self._board, event.key()
        if key == Qt.Key.Key_Escape:
            board.put_back()
        elif not board.gestures.by_keys:
            return False
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            board.drop()
        elif key in _ARROWS:
            board.carry(*_ARROWS[Qt.Key(key)])
        else:
            return False
        return True

    def _walk(self, key: Qt.Key) -> bool:
        board, cursor = self._board, self._board.cursor_
        layout, step = board.layout_, board.step
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            cursor.down(layout, step, _ARROWS[key][1])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if not cursor.across(layout, step, _ARROWS[key][0]):
                forwards = board.grid.step_column(0, _ARROWS[key][0])
                cursor.column = 0 if forwards > 0 else max(len(board.grid.columns) - 1, 0)
                cursor.key = None
                board.period_wanted.emit(forwards)
        elif key == Qt.Key.Key_Home:
            cursor.put_at(layout, cursor.column, board.working_day[0], step)
        elif key == Qt.Key.Key_End:
            cursor.put_at(layout, cursor.column, board.working_day[1] - step, step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            card = board.selection
            if card is not None:
                board.open_wanted.emit(card)
            else:
                board.propose_here()
            return True
        elif key == Qt.Key.Key_Space:
            board.toggle_hover()
            return True
        elif key == Qt.Key.Key_Escape:
            return self._escape()
        else:
            return False
        board.cursor_moved()
        return True

    def _escape(self) -> bool:
        """The innermost thing goes: the hover card, the mark, the selection."""
        board = self._board
        if board.hover.isVisible():
            board.hover.hide()
        elif board.proposal is not None:
            board.clear_proposal()
        elif board.cursor_.key is not None:
            board.cursor_.key = None
            board.cursor_moved(reveal=False)
        else:
            return False
        return True

    def tab(self, forwards: bool) -> bool:
        """The next or previous visit; False past the last, so that Tab leaves the calendar."""
        board = self._board
        if board.gestures.busy:
            return True
        item = board.cursor_.tab(board.layout_, forwards)
        if item is None:
            return False
        board.cursor_.put_on(item)
        board.cursor_moved()
        return True


def help_texts() -> dict[str, str]:
    """What each action does, in the reader's language, for the list of shortcuts."""
    return {action: _(text) for action, (_key, text) in DEFAULT.items()}


def _normal(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
