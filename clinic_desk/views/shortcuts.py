"""Every shortcut in one table: shown by F1, changed there, kept on this desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QFont, QKeySequence
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
from clinic_desk.views.widgets import button, column, label, named, row

AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(slots=True)
class Shortcut:
    """One line of the sheet. Without an ``action`` it is a fixed key of the board."""

    group: str
    text: str
    action: QAction | None
    keys: str = ""
    default: str = ""


class ShortcutTableModel(QAbstractTableModel):
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

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's
        return 0 if parent.isValid() else 3

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (_("Where"), _("What"), _("Key"))[section]
        return None

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
            self.dataChanged.emit(self.index(0, self.KEYS), self.index(len(self.shown) - 1, self.KEYS))


def _keys(one: Shortcut) -> str:
    if one.action is None:
        return one.keys
    keys = one.action.shortcuts()
    return "  ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


def clash(shortcuts: Sequence[Shortcut], mine: Shortcut, keys: QKeySequence) -> Shortcut | None:
    """Who else has *keys*, or None."""
    for one in shortcuts:
        if one is not mine and one.action is not None and keys in one.action.shortcuts():
            return one
    return None


def restore(actions: Mapping[str, QAction], memory: Memory) -> None:
    """Give the actions the keys that were chosen on this desk."""
    for name, action in actions.items():
        kept = memory.text(f"shortcut/{name}", "default")
        if kept != "default":
            action.setShortcuts([QKeySequence(kept)] if kept else [])


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
        self.find = named(QLineEdit(), "shortcut-find", _("Find"))
        self.find.setPlaceholderText(_("Find an action or a key"))
        self.find.textChanged.connect(self.model.filter)
        self.table = named(QTableView(), "shortcut-table", _("Keyboard shortcuts"))
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(28)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(ShortcutTableModel.TEXT, QHeaderView.ResizeMode.Stretch)
        self.edit = named(QKeySequenceEdit(), "shortcut-edit", _("New key"))
        self.edit.setMaximumSequenceLength(1)
        self.told = label("", "shortcut-told", wrap=True)
        self.give = button(_("Use this key"), "shortcut-give", self._give, look="primary")
        self.reset = button(_("Back to the default"), "shortcut-reset", self._reset)
        close = button(_("Close"), "shortcut-close", self.accept)
        caption = label(_("New key for the chosen line"), "shortcut-caption", role="strong")
        self.setLayout(
            column(
                self.find,
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
        can = one is not None and one.action is not None
        self.edit.setEnabled(can)
        self.give.setEnabled(can)
        self.reset.setEnabled(can)
        self.edit.clear()
        fixed = one is not None and one.action is None
        self.told.setText(_("This key belongs to the calendar itself.") if fixed else "")

    def _give(self) -> None:
        one, keys = self._current(), self.edit.keySequence()
        if one is None or one.action is None:
            return
        other = clash(self._shortcuts, one, keys) if not keys.isEmpty() else None
        if other is not None:
            self.told.setText(_("This key is taken by “{action}”.").format(action=other.text))
            return
        one.action.setShortcuts([] if keys.isEmpty() else [keys])
        self._memory.put(f"shortcut/{one.action.objectName()}", keys.toString())
        self.told.setText(_("Saved on this desk."))
        self.model.changed()

    def _reset(self) -> None:
        one = self._current()
        if one is not None and one.action is not None:
            one.action.setShortcuts([QKeySequence(key) for key in one.default.split("  ") if key])
            self._memory.forget(f"shortcut/{one.action.objectName()}")
            self.model.changed()
