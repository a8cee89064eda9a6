"""Every shortcut in one table: shown by F1, changed there, kept on this desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTableView,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.views.remember import Memory
from clinic_desk.views.rows import AnyIndex, Rows
from clinic_desk.views.widgets import button, column, label, named, row

GAP = "  "
"""Between two keys for the same thing."""


@dataclass(slots=True)
class Shortcut:
    """One line of the sheet. ``keys`` are separated by two blanks, in portable form;
    ``apply`` gives the keys to whoever listens to them, None where they are fixed.
    """

    name: str
    group: str
    text: str
    keys: str
    default: str
    apply: Callable[[Sequence[QKeySequence]], object] | None = None

    def sequences(self) -> list[QKeySequence]:
        return [QKeySequence(key) for key in self.keys.split(GAP) if key]

    def set_keys(self, keys: str) -> None:
        """Listen to other keys from now on."""
        self.keys = keys
        if self.apply is not None:
            self.apply(self.sequences())


class ShortcutTableModel(Rows):
    """What can be done, its key, and where the key holds."""

    GROUP, TEXT, KEYS = range(3)

    def __init__(self, shortcuts: Sequence[Shortcut], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = list(shortcuts)
        self.shown = list(shortcuts)

    def filter(self, text: str) -> None:
        """Show only what contains *text* in its words or its keys."""
        wanted = text.casefold().strip()
        self.beginResetModel()
        self.shown = [
            one for one in self._all if wanted in f"{one.group} {one.text} {_keys(one)}".casefold()
        ]
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("Where"), _("What"), _("Key"))

    def _in_rows(self) -> Sequence[Shortcut]:
        return self.shown

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (one.group, one.text, _keys(one))[index.column()]
        if role == Qt.ItemDataRole.FontRole and index.column() == self.KEYS:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def changed(self) -> None:
        """Some key is another."""
        if self.shown:
            self.dataChanged.emit(
                self.index(0, self.KEYS), self.index(len(self.shown) - 1, self.KEYS)
            )


def _keys(one: Shortcut) -> str:
    """The keys as this system writes them."""
    if one.apply is None:
        return one.keys
    return GAP.join(written(key) for key in one.sequences())


def written(keys: QKeySequence) -> str:
    """*keys* as this system writes them, from left to right wherever they stand: "Ctrl++" would
    be "++Ctrl" in Arabic.
    """
    text = keys.toString(QKeySequence.SequenceFormat.NativeText)
    return f"\u2066{text}\u2069" if text else ""


def clash(shortcuts: Sequence[Shortcut], mine: Shortcut, keys: QKeySequence) -> Shortcut | None:
    """Who else has *keys*, or None."""
    for one in shortcuts:
        if one is not mine and one.apply is not None and keys in one.sequences():
            return one
    return None


def restore(shortcuts: Sequence[Shortcut], memory: Memory) -> None:
    """Give everything the keys that were chosen on this desk."""
    for one in shortcuts:
        kept = memory.text(f"shortcut/{one.name}", "default")
        if one.apply is not None and kept != "default":
            one.set_keys(kept)


class ShortcutSheet(QDialog):
    """All keys; a chosen line can be given another one."""

    def __init__(
        self, shortcuts: Sequence[Shortcut], memory: Memory, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "shortcut-sheet", _("Keyboard shortcuts"))
        self.setWindowTitle(_("Keyboard shortcuts"))
        self._memory = memory
        self._shortcuts = list(shortcuts)
        self.model = ShortcutTableModel(self._shortcuts, self)
        self.search = named(QLineEdit(), "shortcut-find", _("Find"))
        self.search.setPlaceholderText(_("Find an action or a key"))
        self.search.textChanged.connect(self.model.filter)
        self.table = named(QTableView(), "shortcut-table", _("Keyboard shortcuts"))
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(28)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(ShortcutTableModel.TEXT, QHeaderView.ResizeMode.Stretch)
        self.edit = named(QKeySequenceEdit(), "shortcut-edit", _("New key"))
        self.edit.setMaximumSequenceLength(1)
        field = self.edit.findChild(QLineEdit)
        if field is not None:  # what Qt asks for in it is to be read whole
            asked = field.fontMetrics().horizontalAdvance(field.placeholderText())
            self.edit.setMinimumWidth(asked + 24)
        self.told = label("", "shortcut-told", wrap=True)
        self.give = button(_("Use this key"), "shortcut-give", self._give, look="primary")
        self.reset = button(_("Back to the default"), "shortcut-reset", self._reset)
        close = button(_("Close"), "shortcut-close", self.accept)
        caption = label(_("New key for the chosen line"), "shortcut-caption", role="strong")
        self.setLayout(
            column(
                self.search,
                self.table,
                caption,
                row(self.edit, self.give, self.reset, 1, close),
                self.told,
                margin=16,
            )
        )
        self.table.selectionModel().currentRowChanged.connect(lambda *_rows: self._chosen())
        self.resize(640, 600)
        self._chosen()

    def _current(self) -> Shortcut | None:
        row_number = self.table.currentIndex().row()
        return self.model.shown[row_number] if 0 <= row_number < len(self.model.shown) else None

    def _chosen(self) -> None:
        one = self._current()
        can = one is not None and one.apply is not None
        self.edit.setEnabled(can)
        self.give.setEnabled(can)
        self.reset.setEnabled(can)
        self.edit.clear()
        fixed = one is not None and one.apply is None
        self.told.setText(_("This key belongs to the calendar itself.") if fixed else "")

    def _give(self) -> None:
        one, keys = self._current(), self.edit.keySequence()
        if one is None or one.apply is None:
            return
        other = clash(self._shortcuts, one, keys) if not keys.isEmpty() else None
        if other is not None:
            self.told.setText(_("This key is taken by “{action}”.").format(action=other.text))
            return
        one.set_keys(keys.toString())
        self._memory.put(f"shortcut/{one.name}", keys.toString())
        self.told.setText(_("Saved on this desk."))
        self.model.changed()

    def _reset(self) -> None:
        one = self._current()
        if one is not None and one.apply is not None:
            one.set_keys(one.default)
            self._memory.forget(f"shortcut/{one.name}")
            self.model.changed()
