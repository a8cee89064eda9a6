"""Colours and measures by meaning, light and dark, the same on every system.

``resources/theme.toml`` names them; nothing else in the views writes a colour. The style is
Fusion with a palette of our own, because not every platform can switch Qt's. ``system``
follows the desktop until somebody chooses.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

MODES = ("system", "light", "dark")
FRAME_SHADE = 140
"""By how many per cent the style draws frames darker than the window."""
_PLACE = re.compile(r"\{([a-z.]+)\}")


@dataclass(frozen=True, slots=True)
class Theme:
    """One palette. ``colours`` holds ``#rrggbb`` by meaning, ``measures`` logical pixels."""

    name: str
    colours: Mapping[str, str]
    measures: Mapping[str, int]

    @property
    def dark(self) -> bool:
        """Whether light stands on dark."""
        return self.name == "dark"

    def colour(self, meaning: str) -> QColor:
        """The colour that means *meaning*. Raises ``KeyError`` for a meaning nobody defined."""
        return QColor(self.colours[meaning])

    def palette(self) -> QPalette:
        """Qt's own roles in our colours."""
        role, group = QPalette.ColorRole, QPalette.ColorGroup
        made = QPalette(self.colour("surface.raised"), self.colour("window"))
        for where, meaning in (
            (role.Window, "window"),
            (role.WindowText, "text"),
            (role.Base, "surface"),
            (role.AlternateBase, "window"),
            (role.Text, "text"),
            (role.PlaceholderText, "text.faint"),
            (role.Button, "surface.raised"),
            (role.ButtonText, "text"),
            (role.BrightText, "state.error"),
            (role.Highlight, "selection"),
            (role.HighlightedText, "selection.text"),
            (role.Link, "accent"),
            (role.LinkVisited, "accent"),
            (role.ToolTipBase, "tooltip"),
            (role.ToolTipText, "tooltip.text"),
            (role.Accent, "accent"),
        ):
            made.setColor(where, self.colour(meaning))
        for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
            made.setColor(group.Disabled, where, self.colour("text.disabled"))
        return made

    def palette_of_numbers(self) -> QPalette:
        """For fields with arrows, which the style frames in a darker shade of the window: so that
        the frame is as strong as that of other fields.
        """
        made = self.palette()
        frame = self.colour("border.strong")
        made.setColor(QPalette.ColorRole.Window, frame.lighter(FRAME_SHADE))
        return made

    def style_sheet(self) -> str:
        """``resources/theme.qss`` with its places filled."""
        return _PLACE.sub(lambda place: self._filled(place[1]), _read("theme.qss"))

    def _filled(self, place: str) -> str:
        """A colour by meaning, or the place of a picture of ``resources/controls``."""
        kind, _dot, name = place.partition(".")
        if kind != "picture":
            return self.colours[place]
        found = resources.files("clinic_desk.resources") / "controls" / f"{name}-{self.name}.svg"
        return Path(str(found)).as_posix()


class Notifier(QObject):
    """Tells when another palette holds. ``theme_changed(Theme)`` comes after it was applied."""

    theme_changed = Signal(object)


@dataclass(slots=True)
class _State:
    mode: str = "system"
    current: Theme | None = None
    styled: bool = False


_notifier = Notifier()
_state = _State()


def notifier() -> Notifier:
    """Whose ``theme_changed`` painted widgets listen to."""
    return _notifier


def current() -> Theme:
    """The palette that holds now; light before anything was applied."""
    return _state.current or load("light")


def mode() -> str:
    """What was asked for: ``system``, ``light`` or ``dark``."""
    return _state.mode


def colour(meaning: str) -> QColor:
    """The colour that means *meaning* in the present palette."""
    return current().colour(meaning)


def measure(meaning: str) -> int:
    """A distance by meaning, in logical pixels."""
    return current().measures[meaning]


def apply(app: QApplication, wanted: str = "system") -> Theme:
    """Give *app* the palette *wanted*; ``system`` goes on following the desktop.

    Raises ``ValueError`` for a mode that is none of ``MODES``.
    """
    if wanted not in MODES:
        raise ValueError(f"a theme is one of {', '.join(MODES)}, not {wanted!r}")
    _state.mode = wanted
    if not _state.styled:  # with a style sheet the style no longer tells its name
        app.setStyle("Fusion")
        _state.styled = True
    hints = QGuiApplication.styleHints()
    _listen()
    if wanted == "system":
        hints.unsetColorScheme()
    else:  # the window's own frame follows where the system can do it
        hints.setColorScheme(Qt.ColorScheme.Dark if wanted == "dark" else Qt.ColorScheme.Light)
    return _use(app, load(wanted if wanted != "system" else _system()))


@cache
def load(name: str) -> Theme:
    """The palette called *name* (``light`` or ``dark``), read once."""
    tables = tomllib.loads(_read("theme.toml"))
    return Theme(name, tables[name], tables["measures"])


@cache
def _read(name: str) -> str:
    return resources.files("clinic_desk.resources").joinpath(name).read_text("utf-8")


def _system() -> str:
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"


def _frame_numbers(app: QApplication, theme: Theme) -> None:
    """Versions of the binding want the name of a class as text or as bytes; a frame is no reason
    not to start.
    """
    for name in ("QAbstractSpinBox", b"QAbstractSpinBox"):
        with contextlib.suppress(TypeError, ValueError):
            app.setPalette(theme.palette_of_numbers(), name)  # type: ignore[arg-type]
            return


def _use(app: QApplication, theme: Theme) -> Theme:
    before, _state.current = _state.current, theme
    if before is not theme:
        app.setPalette(theme.palette())
        _frame_numbers(app, theme)
        app.setStyleSheet(theme.style_sheet())
        _notifier.theme_changed.emit(theme)
    return theme


@cache
def _listen() -> None:
    QGuiApplication.styleHints().colorSchemeChanged.connect(_follow)


def _follow() -> None:
    app = QApplication.instance()
    if _state.mode == "system" and isinstance(app, QApplication):
        _use(app, load(_system()))
