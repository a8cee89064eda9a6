"""Everything that can be done from the main window, each with its menu and its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.agenda import keys as board_keys
from clinic_desk.views.menu import Menu
from clinic_desk.views.sections import SECTIONS
from clinic_desk.views.shortcuts import GAP, Shortcut


@dataclass(frozen=True, slots=True)
class Deed:
    """One action. ``keys`` are separated by two blanks; ``board`` ones hold only while the
    calendar has the focus, so single letters never disturb typing.
    """

    name: str
    text: str
    keys: str = ""
    board: bool = False
    checkable: bool = False


def menus() -> dict[str, tuple[str, list[Deed | None]]]:
    """Menu name to its title and its actions; None is a line between groups."""
    return {
        "file": (
            _("&File"),
            [
                Deed("print-day", _("Print day sheet…"), "Ctrl+P"),
                Deed("print-week", _("Print week…")),
                Deed("pdf-day", _("Day sheet as PDF…")),
                Deed("pdf-week", _("Week as PDF…")),
                None,
                Deed("new-window", _("New window"), "Ctrl+Shift+W"),
                Deed("sign-out", _("Sign out")),
                Deed("quit", _("Quit"), "Ctrl+Q"),
            ],
        ),
        "edit": (
            _("&Edit"),
            [
                Deed("undo", _("Undo"), "Ctrl+Z"),
                Deed("redo", _("Redo"), "Ctrl+Shift+Z  Ctrl+Y"),
                None,
                Deed("pin", _("Put on the pinboard")),
                Deed("place", _("Place the pinned visit here"), "Ctrl+V", board=True),
            ],
        ),
        "view": (
            _("&View"),
            [
                Deed("view-week", _("Week"), "Alt+7  W", checkable=True),
                Deed("view-workweek", _("Work week"), "Alt+5", checkable=True),
                Deed("view-day-providers", _("Day by provider"), "Alt+1  D", checkable=True),
                Deed("view-day-operatories", _("Day by room"), "Alt+2  O", checkable=True),
                Deed("view-month", _("Month"), "Alt+0", checkable=True),
                Deed("view-list", _("List"), "Alt+9  L", checkable=True),
                None,
                Deed("zoom-in", _("Larger"), "Ctrl++  Ctrl+="),
                Deed("zoom-out", _("Smaller"), "Ctrl+-"),
                Deed("zoom-fit", _("Fit the working day"), "Ctrl+0"),
                Deed("cancelled", _("Show cancelled and missed visits"), checkable=True),
                None,
                Deed("panel", _("Side panel"), "F9", checkable=True),
                Deed("light", _("Light colours"), checkable=True),
                Deed("dark", _("Dark colours"), checkable=True),
                Deed("system", _("Colours of the system"), checkable=True),
            ],
        ),
        "go": (
            _("&Go"),
            [
                Deed("palette", _("Go to or do…"), "Ctrl+K  Ctrl+F"),
                Deed("date", _("Go to a day…"), "Ctrl+G"),
                None,
                Deed("today", _("Today"), "Ctrl+T  T"),
                Deed("back", _("Earlier"), "Ctrl+Left"),
                Deed("forward", _("Later"), "Ctrl+Right"),
                None,
                *(
                    Deed(section.name, _(section.text), f"Ctrl+{place}")
                    for place, section in enumerate(SECTIONS, 1)
                ),
                None,
                Deed("next-pane", _("Next pane"), "F6"),
                Deed("previous-pane", _("Previous pane"), "Shift+F6"),
            ],
        ),
        "appointment": (
            _("&Appointment"),
            [
                Deed("new", _("New appointment…"), "Ctrl+N"),
                Deed("booking", _("New appointment step by step…"), "Ctrl+Shift+N"),
                Deed("next-free", _("Next free times…"), "Ctrl+Shift+F  F"),
                Deed("open", _("Open…"), "Ctrl+O"),
                Deed("again", _("Book the same again…")),
                None,
                Deed("confirm", _("Confirmed"), "C", board=True),
                Deed("arrive", _("Arrived"), "A", board=True),
                Deed("room", _("In the room"), "I", board=True),
                Deed("complete", _("Completed"), "X", board=True),
                Deed("miss", _("Missed"), "S", board=True),
                Deed("cancel", _("Cancel appointment…"), "Del", board=True),
                None,
                Deed("approve", _("Approve request")),
                Deed("decline", _("Decline request…")),
            ],
        ),
        "help": (
            _("&Help"),
            [
                Deed("handbook", _("Handbook"), "Shift+F1"),
                Deed("shortcuts", _("Keyboard shortcuts"), "F1"),
                Deed("about", _("About Clinic Desk")),
            ],
        ),
    }


def lettered(titles: Sequence[str]) -> list[str]:
    """*titles* with a letter each after "&" that none of the others has: a translation may have
    given the same one twice.
    """
    wanted = [title.partition("&")[2][:1].casefold() for title in titles]
    taken: set[str] = set()
    out = []
    for title, letter in zip(titles, wanted, strict=True):
        if letter and letter not in taken:
            taken.add(letter)
            out.append(title)
            continue
        plain = title.replace("&", "")
        free = (
            place
            for place, sign in enumerate(plain)
            if sign.isalpha() and sign.casefold() not in taken | set(wanted)
        )
        place = next(free, -1)
        taken.add(plain[place].casefold())
        out.append(plain if place < 0 else f"{plain[:place]}&{plain[place:]}")
    return out


def fixed_keys() -> list[tuple[str, str]]:
    """Keys that every calendar has and that cannot be changed: keys and meaning."""
    return [
        ("← ↑ → ↓", _("Walk times and visits")),
        ("Tab  Shift+Tab", _("Next and previous visit")),
        ("Enter", _("Open the visit, or book the free time")),
        ("Space", _("Show or hide the card of a visit")),
        ("Esc", _("Put back what is carried; take the selection away")),
        (_("Ctrl and drag"), _("Copy the visit")),
        (_("Shift and drag"), _("Move in steps of five minutes")),
    ]


ZOOM_KEYS = frozenset({"agenda.zoom_in", "agenda.zoom_out", "agenda.fit_day"})
"""The window has its own actions for these."""


class Actions:
    """The window's actions by name.

    A single letter among the keys of a window action holds on the calendar only.
    """

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self.by_name: dict[str, QAction] = {}
        self._board: list[QAction] = []
        self.sheet: list[Shortcut] = []
        self.menus: dict[str, QMenu] = {}
        listed = menus()
        titles = lettered([title for title, _deeds in listed.values()])
        for (name, (title, deeds)), shown in zip(listed.items(), titles, strict=True):
            menu = Menu(shown, window)
            window.menuBar().addMenu(menu)
            menu.setObjectName(f"menu-{name}")
            self.menus[name] = menu
            for deed in deeds:
                if deed is None:
                    menu.addSeparator()
                else:
                    menu.addAction(self._make(deed, title.replace("&", "")))
        for keys, text in fixed_keys():
            self.sheet.append(Shortcut("", _("Calendar"), text, keys, keys))

    def list_board(self, set_keys: Callable[[dict[str, str]], object]) -> None:
        """List the board's own keys; *set_keys* gives them to it."""
        texts = board_keys.help_texts()
        for name, (key, _text) in board_keys.DEFAULT.items():
            if name in ZOOM_KEYS:
                continue

            def apply(keys: Sequence[QKeySequence], name: str = name) -> None:
                set_keys({name: keys[0].toString() if keys else ""})

            self.sheet.append(Shortcut(name, _("Calendar"), texts[name], key, key, apply))

    def _make(self, deed: Deed, group: str) -> QAction:
        action = QAction(deed.text, self._window)
        action.setObjectName(deed.name)
        action.setCheckable(deed.checkable)
        keys = [key for key in deed.keys.split(GAP) if key]
        letters = [] if deed.board else [key for key in keys if len(key) == 1]
        self.by_name[deed.name] = action
        if deed.board:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._board.append(action)
        self._list(action, group, deed.text, [key for key in keys if key not in letters])
        if letters:
            twin = QAction(deed.text, self._window)
            twin.setObjectName(f"{deed.name}-letter")
            twin.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            twin.triggered.connect(action.trigger)
            self._board.append(twin)
            self._list(twin, _("Calendar"), deed.text, letters)
        return action

    def _list(self, action: QAction, group: str, text: str, keys: list[str]) -> None:
        action.setShortcuts([QKeySequence(key) for key in keys])
        joined = GAP.join(keys)
        name = action.objectName()
        self.sheet.append(Shortcut(name, group, text, joined, joined, action.setShortcuts))

    def hold_on(self, *calendars: QWidget) -> None:
        """Let the calendar's own keys work inside these widgets."""
        for widget in calendars:
            widget.addActions(self._board)

    def connect(self, name: str, act: Callable[[], Any]) -> None:
        """Do *act* when the action *name* is triggered."""
        self.by_name[name].triggered.connect(lambda _checked=False: act())

    def enable(self, names: Sequence[str], on: bool) -> None:
        """Switch the actions of these names on or off together."""
        for name in names:
            self.by_name[name].setEnabled(on)

    def __getitem__(self, name: str) -> QAction:
        return self.by_name[name]
