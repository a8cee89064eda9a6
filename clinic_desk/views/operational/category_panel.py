"""The categories of forms above their list: chosen by a click, filled by dragging forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.services.form_categories import ANYBODYS, MASTER, FormCategoryCard
from clinic_desk.views import words
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.icons import icon
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.operational.category_editor import CREATES, SHOWS, CategoryEditor
from clinic_desk.views.operational.lines import MIME, swatch_icon
from clinic_desk.views.widgets import column, label, named, row, tool

if TYPE_CHECKING:
    from clinic_desk.views.operational.lines import Group

LISTS = "Form Category Get All"
ALL, NONE = "all", "none"
"""What stands before and behind the categories."""

PLACE = Qt.ItemDataRole.UserRole
LINE = 26
MOST_LINES = 8


class CategoryList(QListWidget):
    """Signals:
    dropped(int, object): this form was dropped on this category (a number, or NONE).
    opened(): Enter, F2 or a double click on a category.
    emptied(): Delete on a category.
    carried(int): it shall stand so many places further down.
    """

    dropped = Signal(int, object)
    opened = Signal()
    emptied = Signal()
    carried = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        named(self, name, _("Categories"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.itemDoubleClicked.connect(lambda _item: self.opened.emit())

    def place(self) -> object:
        """What is chosen: ALL, NONE, or the number of a category."""
        return ALL if self.currentRow() < 0 else self.currentItem().data(PLACE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and F2 open, Delete takes away, Alt with an arrow changes the order."""
        key = event.key()
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.opened.emit()
        elif key == Qt.Key.Key_Delete:
            self.emptied.emit()
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.carried.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def _target(self, event: QDropEvent) -> QListWidgetItem | None:
        if not event.mimeData().hasFormat(MIME):
            return None
        item = self.itemAt(event.position().toPoint())
        return item if item is not None and item.data(PLACE) != ALL else None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # it scrolls at the edges
        if self._target(event) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        item = self._target(event)
        if item is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self.setState(QAbstractItemView.State.NoState)
        self.dropped.emit(carried(event.mimeData()), item.data(PLACE))


def carried(data: QMimeData) -> int:
    """The number of the form that is being dragged."""
    return int(bytes(data.data(MIME).data()))


class CategoryPanel(QWidget):
    """Attributes:
        cards: the categories that the user sees, in their order.

    Signals:
        chosen(): another category is looked at.
        read(): the categories are others.
        put(int, object): put this form into this category; None for none.
    """

    chosen = Signal()
    read = Signal()
    put = Signal(int, object)

    def __init__(self, name: str, desk: Desk) -> None:
        super().__init__()
        named(self, f"{name}-category-panel", _("Categories"))
        self._desk, self._name = desk, name
        self.cards: tuple[FormCategoryCard, ...] = ()
        self._groups: Counter[Group] = Counter()
        self.list = CategoryList(f"{name}-categories")
        self.add = self._tool("plus", "add", _("New category"), self._new)
        self.edit = self._tool("edit", "edit", _("Edit category"), self.open_editor)
        self.up = self._tool("up", "up", _("Move category up"), lambda: self._carry(-1))
        self.down = self._tool("down", "down", _("Move category down"), lambda: self._carry(1))
        self.master = named(
            QCheckBox(_("Master list")), f"{name}-categories-master", _("Master list")
        )
        self.master.setToolTip(_("All categories, those out of use and those of others too"))
        if not desk.may(MASTER):
            self.master.hide()
        self.hint = label(
            _("No category yet. Make one with +, then drag forms onto it."),
            f"{name}-categories-hint", role="hint", wrap=True,
        )  # fmt: skip
        self.hint.hide()
        heading = label(_("Categories"), f"{name}-categories-heading", role="strong")
        heading.setBuddy(self.list)
        tools = row(heading, 1, self.up, self.down, self.edit, self.add, gap=0)
        self.setLayout(column(tools, self.list, self.hint, self.master, gap=4))
        self.list.currentRowChanged.connect(lambda _row: self._chosen())
        self.list.opened.connect(self.open_editor)
        self.list.emptied.connect(lambda: self.open_editor(remove=True))
        self.list.carried.connect(self._carry)
        self.list.dropped.connect(self._dropped)
        self.master.toggled.connect(lambda _on: self.load())
        desk.deeds_happened.connect(self._happened)
        if not desk.may(LISTS):
            self.hide()
        self._fill()
        if desk.may(LISTS):
            self.load()

    def _tool(
        self, sign: str, name: str, spoken: str, clicked: Callable[[], object]
    ) -> QToolButton:
        made = tool("", f"{self._name}-category-{name}", tip=spoken)
        made.setIcon(icon(sign))
        made.clicked.connect(lambda _on=False: clicked())
        return made

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the categories anew."""
        from clinic_desk.services import form_categories

        query = form_categories.categories
        if self.master.isChecked():
            query = form_categories.master_list
        self._desk.ask(
            query, done=self._read, ticket=("categories", id(self)), what=_("Categories")
        )

    def _read(self, cards: tuple[FormCategoryCard, ...]) -> None:
        self.cards = cards
        self._fill()
        self.read.emit()

    def _happened(self, changed: frozenset[Change]) -> None:
        kinds = {kind for kind, _number in changed}
        if (EVERYTHING in changed or "form_category" in kinds) and self._desk.may(LISTS):
            self.load()

    def count(self, groups: Counter[Group]) -> None:
        """How many forms stand in each category; those in none are under None."""
        self._groups = groups
        for place in range(self.list.count()):
            item = self.list.item(place)
            item.setText(self._text(item.data(PLACE)))

    def _text(self, place: object) -> str:
        if place == ALL:
            name, count = _("All forms"), sum(self._groups.values())
        elif place == NONE:
            name, count = _("No category"), self._groups[None]
        else:
            card = next(one for one in self.cards if one.id == place)
            name, count = words.isolated(card.name), self._groups[card.id]
            if not card.active:
                name = _("{name} (inactive)").format(name=name)
            elif not card.shared:
                name = _("{name} (not shared)").format(name=name)
        return _("{name} ({count})").format(name=name, count=count)

    def _fill(self) -> None:
        before = self.list.place()
        self.list.blockSignals(True)
        self.list.clear()
        for place in (ALL, *(card.id for card in self.cards), NONE):
            item = QListWidgetItem(self._text(place))
            item.setData(PLACE, place)
            item.setSizeHint(QSize(0, LINE))
            card = next((one for one in self.cards if one.id == place), None)
            if card is not None and card.colour:
                item.setIcon(swatch_icon(card.colour))
            self.list.addItem(item)
            if place == before:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self.list.setFixedHeight(min(self.list.count(), MOST_LINES) * LINE + 6)
        self.hint.setVisible(not self.cards and self._desk.may(CREATES))
        self._allow()
        if self.list.place() != before:
            self.chosen.emit()

    # Choosing ---------------------------------------------------------------------------------

    @property
    def category_id(self) -> int | None:
        """The category that is looked at, if it is one."""
        place = self.list.place()
        return place if isinstance(place, int) else None

    def shows(self, group: Group) -> bool:
        """Whether forms of this category are looked at."""
        place = self.list.place()
        return place == ALL or group == (None if place == NONE else place)

    def known(self, category_id: int | None) -> int | None:
        """The category, where the user sees it."""
        return category_id if any(card.id == category_id for card in self.cards) else None

    def _chosen(self) -> None:
        self._allow()
        self.chosen.emit()

    def _allow(self) -> None:
        here = self.category_id is not None
        place = self._place()
        allow(self._desk, self.add, CREATES, tip=_("New category"))
        allow(self._desk, self.edit, SHOWS, on=here, tip=_("Edit category"))
        up, down = here and place > 0, here and place < len(self.cards) - 1
        allow(self._desk, self.up, ANYBODYS, on=up, tip=_("Move category up"))
        allow(self._desk, self.down, ANYBODYS, on=down, tip=_("Move category down"))

    def _place(self) -> int:
        numbers = [card.id for card in self.cards]
        return numbers.index(self.category_id) if self.category_id in numbers else -1

    # Doing ------------------------------------------------------------------------------------

    def _new(self) -> None:
        self.editor = CategoryEditor(self._desk, None, self)
        self.editor.open()

    def open_editor(self, *, remove: bool = False) -> None:
        """Open the category that is looked at; with *remove*, ask whether it shall go."""
        from clinic_desk.services import form_categories

        def found(card: FormCategoryCard) -> None:
            self.editor = CategoryEditor(self._desk, card, self)
            self.editor.open()
            if remove:
                self.editor.remove()

        if self.category_id is not None and self._desk.may(SHOWS):
            self._desk.ask(form_categories.category, self.category_id, done=found)

    def _carry(self, step: int) -> None:
        """The chosen category changes places with a neighbour."""
        from clinic_desk.services import form_categories

        place = self._place()
        to = place + step
        if place < 0 or not 0 <= to < len(self.cards) or not self._desk.may(ANYBODYS):
            return
        order = [card.id for card in self.cards]
        order[place], order[to] = order[to], order[place]
        label = _("Order of the categories")
        said = _("Saved: {what}").format(what=label)
        self._desk.do(form_categories.arrange, order, label=label, said=said)

    def _dropped(self, form_id: int, place: object) -> None:
        self.put.emit(form_id, None if place == NONE else place)
