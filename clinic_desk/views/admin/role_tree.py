"""All permissions of a role: grouped, searchable, each with one line of what it guards."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules import fold
from clinic_desk.rules.permissions import BY_NAME, CATALOGUE, Permission
from clinic_desk.views import theme
from clinic_desk.views.tick_lines import tick_by_words
from clinic_desk.views.widgets import named

GUARDS, NAME, STATE = range(3)
ROW_HEIGHT = 26
BETWEEN = " · "
LEAST = 150
"""Pixels that a name keeps; the line of what it guards comes first."""
TICK = 64
"""Pixels of the indentation and the box before a line."""


class PermissionTree(QTreeWidget):
    """``edited`` when the user ticked or unticked one.

    What is not in use yet stands in fainter letters, says so, and may be ticked all the same:
    it grants nothing until its feature is there.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        named(self, "permission-tree", _("Permissions"))
        self.setColumnCount(3)
        self.setHeaderLabels([_("What it guards"), _("Permission"), ""])
        self.setRootIsDecorated(True)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        tick_by_words(self)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._locked = False
        bold = QFont()
        bold.setBold(True)
        for permission in CATALOGUE:
            group = self._groups.get(permission.group)
            if group is None:
                group = self._groups[permission.group] = QTreeWidgetItem([_(permission.group)])
                group.setSizeHint(NAME, QSize(0, ROW_HEIGHT))
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setFont(GUARDS, bold)
                self.addTopLevelItem(group)
            self._items[permission.name] = self._item(permission, group)
        self.expandAll()
        header = self.header()
        header.setSectionResizeMode(GUARDS, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.itemChanged.connect(self._ticked)
        theme.notifier().theme_changed.connect(self._colour)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._colour()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the names are shortened rather than scrolled away."""
        super().resizeEvent(event)
        wide, room = self.fontMetrics().horizontalAdvance, self.viewport().width()
        lines = TICK + max(wide(_(permission.guards)) for permission in CATALOGUE)
        names = 16 + max(map(wide, self._items))
        self._narrow(room < lines + names + wide(_("not in use yet")) + 16)
        self.setColumnWidth(NAME, max(LEAST, min(names, room - lines)))

    def _narrow(self, narrow: bool) -> None:
        """Whether what is not in use yet says so before what it guards, not in its own column."""
        if narrow == self.isColumnHidden(STATE):
            return
        self.setColumnHidden(STATE, narrow)
        self.blockSignals(True)
        for permission in CATALOGUE:
            item = self._items[permission.name]
            told = [item.text(STATE)] if narrow and not permission.in_use else []
            item.setText(GUARDS, BETWEEN.join([*told, _(permission.guards)]))
        self.blockSignals(False)

    @staticmethod
    def _item(permission: Permission, group: QTreeWidgetItem) -> QTreeWidgetItem:
        guards = _(permission.guards)
        state = "" if permission.in_use else _("not in use yet")
        item = QTreeWidgetItem(group, [guards, permission.name, state])
        item.setSizeHint(NAME, QSize(0, ROW_HEIGHT))
        item.setToolTip(NAME, permission.name)
        item.setToolTip(GUARDS, guards)
        item.setData(GUARDS, Qt.ItemDataRole.UserRole, permission.name)
        item.setCheckState(GUARDS, Qt.CheckState.Unchecked)
        return item

    def _colour(self, _theme: object = None) -> None:
        self.blockSignals(True)
        faint = QColor(theme.colour("text.disabled"))
        for permission in CATALOGUE:
            if not permission.in_use:
                for part in (NAME, GUARDS, STATE):
                    self._items[permission.name].setForeground(part, faint)
        self.blockSignals(False)

    def fill(self, names: Collection[str]) -> None:
        """Tick these and no others."""
        self.blockSignals(True)
        for name, item in self._items.items():
            on = name in names
            item.setCheckState(GUARDS, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.blockSignals(False)
        self._count()

    def names(self) -> frozenset[str]:
        """What is ticked."""
        return frozenset(
            name
            for name, item in self._items.items()
            if item.checkState(GUARDS) == Qt.CheckState.Checked
        )

    def item_of(self, name: str) -> QTreeWidgetItem:
        """The line of a permission."""
        return self._items[name]

    def lock(self, locked: bool, why: str) -> None:
        """Nothing can be ticked, and it says why; or it can."""
        self._locked = locked
        self.setToolTip(why)
        self.blockSignals(True)
        for item in self._items.values():
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags if locked else flags | Qt.ItemFlag.ItemIsUserCheckable)
        self.blockSignals(False)

    def sift(self, text: str, *, ticked: bool) -> int:
        """Show what has *text* in its name, group or line; with *ticked*, of the ticked ones.
        How many are shown.
        """
        wanted = fold.key(text).split()
        count = 0
        for name, item in self._items.items():
            group = self._groups[BY_NAME[name].group]
            whole = fold.key(f"{group.text(GUARDS)} {name} {item.text(GUARDS)} {item.text(STATE)}")
            shown = all(part in whole for part in wanted)
            shown = shown and (not ticked or item.checkState(GUARDS) == Qt.CheckState.Checked)
            item.setHidden(not shown)
            count += shown
        for group in self._groups.values():
            group.setHidden(all(item.isHidden() for item in _lines(group)))
        return count

    def _count(self) -> None:
        """Each group says how many of its own are ticked."""
        self.blockSignals(True)
        for group in self._groups.values():
            items = _lines(group)
            on = sum(item.checkState(GUARDS) == Qt.CheckState.Checked for item in items)
            text = ngettext("{count} of {all} ticked", "{count} of {all} ticked", on)
            group.setText(NAME, text.format(count=on, all=len(items)))
        self.blockSignals(False)

    def _ticked(self, _item: QTreeWidgetItem, _column: int) -> None:
        self._count()
        self.edited.emit()


def _lines(group: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (group.child(n) for n in range(group.childCount()))
    return [item for item in found if item is not None]
