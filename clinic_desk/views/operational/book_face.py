"""What a page of the section looks like: its list, its form and the bar that stays in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.views import words
from clinic_desk.views.foot import Foot
from clinic_desk.views.kept_sizes import MOVED
from clinic_desk.views.list_view import visit_table
from clinic_desk.views.operational.impact_panel import ImpactPanel
from clinic_desk.views.operational.lines import LineModel
from clinic_desk.views.widgets import button, column, label, line, named, select_row

if TYPE_CHECKING:
    from clinic_desk.views.operational.book import Book, Form
    from clinic_desk.views.operational.book_page import BookPage

MOST = 150
"""Pixels of the column that does not grow."""

NARROW = 700
"""Pixels of a page that has no room to spare."""


class StillFields(QObject):
    """Turning the wheel scrolls the page; it never changes a field that lies in its way."""

    def __init__(self, holder: QWidget) -> None:
        super().__init__(holder)
        for kind in (QComboBox, QAbstractSpinBox):
            for field in holder.findChildren(kind):
                field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is not accepted goes on to the page."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False


class BookFace:
    """The widgets of a page. Decides nothing; the page tells it what to show."""

    def __init__(self, page: BookPage, book: Book, form: Form) -> None:
        self.page, self.book, self.form = page, book, form
        name = book.name
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), f"{name}-splitter")
        self.splitter.addWidget(self._list())
        self.splitter.addWidget(self._right())
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([280, 720])
        self._narrow = False
        self.impact = ImpactPanel(name)
        page.setLayout(column(self.splitter, self.impact, grow=0))
        page.setFocusProxy(self.search)

    def _list(self) -> QWidget:
        name, book = self.book.name, self.book
        self.model = LineModel(book.headings, self.page)
        self.table = visit_table(f"{name}-table", book.title)
        self.table.setModel(self.model)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if book.wraps:
            self.table.setWordWrap(True)
            self.table.setColumnHidden(1 - book.growing, True)
            lines = self.table.verticalHeader()
            lines.setMinimumSectionSize(32)
            lines.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(book.growing, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.search = named(QLineEdit(), f"{name}-search", _("Find"))
        self.search.setPlaceholderText(_("Find"))
        self.search.setClearButtonEnabled(True)
        self.inactive = named(
            QCheckBox(_("Show inactive")), f"{name}-show-inactive", _("Show inactive")
        )
        if not book.can_be_inactive:
            self.inactive.hide()
        self.search.textChanged.connect(lambda _text: self.sift())
        self.inactive.toggled.connect(lambda _on: self.sift())
        self.add = button(book.new_text, f"{name}-new", self.page.begin_new)
        self.none = label("", f"{name}-none", role="hint", wrap=True)
        self.none.hide()
        above = book.panel(self)
        side = named(QWidget(), f"{name}-side", role="panel")
        parts = (self.search, self.inactive, self.none, self.table, self.add)
        way = column(above, *parts, margin=16)
        way.setStretchFactor(self.table, 1)
        side.setLayout(way)
        side.setMinimumWidth(190)
        return side

    def _right(self) -> QWidget:
        name, page = self.book.name, self.page
        self.title = label("", f"{name}-title", role="title", wrap=True)
        self.remove = button(self.book.remove_text, f"{name}-remove", page.remove, look="danger")
        if not self.book.remove_text:
            self.remove.hide()
        holder = named(QWidget(), f"{name}-holder", role="panel")
        holder.setLayout(column(self.title, self.form, 1, margin=16, gap=12))
        self.scroll = named(QScrollArea(), f"{name}-scroll")
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.scroll.setWidget(holder)
        self.still = StillFields(holder)
        self.foot = Foot((page.save_button, page.discard_button), self.remove)
        self.only_seen = label("", f"{name}-only-seen", role="hint", wrap=True)
        self.only_seen.hide()
        bar = named(QWidget(), f"{name}-bar", role="panel")
        bar.setLayout(
            column(
                line(f"{name}-line"),
                page.conflict,
                page.told,
                self.only_seen,
                self.foot,
                margin=16,
            )
        )
        self.pane = QWidget()
        self.pane.setLayout(column(self.scroll, bar, gap=0, grow=0))
        self.empty = label(self.book.choose_text, f"{name}-empty", role="hint", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        both = named(QWidget(), f"{name}-right", role="panel")
        both.setLayout(column(self.empty, self.pane, gap=0))
        return both

    def fit(self, width: int) -> None:
        """Where a page is only so wide, the list leaves the room to the form."""
        narrow = width < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            if self.splitter.property(MOVED):
                return
            self.splitter.setSizes([190, width - 190] if narrow else [280, width - 280])

    # The list ---------------------------------------------------------------------------------

    def sift(self) -> None:
        """Show what is looked for."""
        self.model.sift(self.search.text(), inactive=self.inactive.isChecked())
        card = self.page.card
        self.sifted(None if card is None else self.book.number(card))

    def sifted(self, number: int | None) -> None:
        """The list is another; the open entry stays marked."""
        self.mark(number)
        other = 1 - self.book.growing
        self.table.resizeColumnToContents(other)
        self.table.setColumnWidth(other, min(MOST, self.table.columnWidth(other)))
        found = _("Nothing is called that.") if self.search.text() else _("Nothing yet.")
        self.none.setText(found)
        self.none.setVisible(not self.model.shown)
        self.book.sifted(self.model)

    def mark(self, number: int | None) -> None:
        """Select the row of an entry without opening it."""
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        place = -1 if number is None else self.model.row_of(number)
        if place < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            select_row(self.table, place)
        selection.blockSignals(False)
        self.table.viewport().update()

    def _row_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self.page.wanted(self.model.shown[index.row()].id)

    # The form ---------------------------------------------------------------------------------

    def show_form(self, shown: bool) -> None:
        """The form, or a hint in its place."""
        may_add = self.page.desk.may(self.book.changing)
        self.empty.setText(self.book.choose_text if may_add else _("Choose an entry on the left."))
        self.empty.setVisible(not shown)
        self.pane.setVisible(shown)

    def quiet(self) -> None:
        """No refusal, no question."""
        for part in (self.page.told, self.page.conflict, self.impact):
            part.hide()

    def lock(self, may: bool, permission: str) -> None:
        """Whether the fields can be changed; each says why not, and so does the foot in place of
        buttons that could never be pressed.
        """
        why = "" if may else words.explained(NotAllowed(permission))
        self.only_seen.setText(why)
        self.only_seen.setVisible(not may)
        self.foot.setVisible(may)
        self.form.lock(why)
        self.page.save_button.setToolTip(why)
