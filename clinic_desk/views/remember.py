"""What this desk remembers between two starts: sizes, the view, filters, shortcuts.

An INI file in the data folder, so that it can be read, copied and thrown away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings


class Memory:
    """Small values by name. A damaged or unwritable file costs the memory, nothing else."""

    def __init__(self, folder: Path, scope: str = "") -> None:
        self._settings = QSettings(str(folder / "desk.ini"), QSettings.Format.IniFormat)
        self._folder, self._scope = folder, scope

    def of(self, *whose: object) -> Memory:
        """What is remembered for one of them alone, in the same file: names of an organisation,
        a user, a database mean nothing to another.
        """
        return Memory(self._folder, self._scope + "".join(f"{part}/" for part in whose))

    def _found(self, name: str, default: Any = None) -> Any:
        return self._settings.value(self._scope + name, default)

    def text(self, name: str, default: str = "") -> str:
        """The text that was remembered under *name*."""
        value = self._found(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int) -> int:
        """The whole number that was remembered; *default* where there is none."""
        try:
            return int(str(self._found(name, default)))
        except ValueError:
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        """The yes or no that was remembered."""
        return self.text(name, "yes" if default else "no") == "yes"

    def numbers(self, name: str) -> list[int]:
        """A list of numbers; what is no number is left out."""
        parts = self.text(name).split()
        return [int(part) for part in parts if part.lstrip("-").isdigit()]

    def state(self, name: str) -> QByteArray | None:
        """A widget's saved state, or None."""
        value = self._found(name)
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def put(self, name: str, value: Any) -> None:
        """Remember text, a number, a flag, a list of numbers or a widget's state."""
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif isinstance(value, (list, tuple, set, frozenset)):
            value = " ".join(str(part) for part in value)
        self._settings.setValue(self._scope + name, value)

    def forget(self, name: str) -> None:
        """Remember nothing under *name* any more."""
        self._settings.remove(self._scope + name)

    def save(self) -> None:
        """Write the file now."""
        self._settings.sync()
