"""The section Appointments: the cases, the newest first, and the way to a new one."""

from __future__ import annotations

from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLineEdit,
    QStackedLayout,
    QTableView,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.services.case_cards import CaseLine
from clinic_desk.views import words
from clinic_desk.views.booking.cases_table import CaseRole, CasesModel
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns
from clinic_desk.views.widgets import button, column, label, named, row, select_row

PAGE = 100
PAUSE_MS = 200
TYPED_MS = 120
"""After the last letter: so long it is waited for the next one."""


class AppointmentsScreen(QWidget):
    """Signals:
    booking_wanted(): the window "New appointment".
    """

    booking_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "appointments", _("Appointments"))
        self._desk = desk
        self._stale = True
        self.model = CasesModel(self)
        self._asked, self._waits = "", False
        self.search = named(QLineEdit(), "appointments-search", _("Find a case"))
        self.search.setPlaceholderText(_("Patient or main problem"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(200)
        self.search.setMaximumWidth(380)
        self.search.installEventFilter(self)
        self.table = self._made_table()
        self.closed = named(QCheckBox(), "appointments-closed")
        self.closed.setText(_("Closed cases too"))
        self.closed.toggled.connect(lambda _on: self.load())
        self.new = button(
            _("New appointment"), "appointments-new", self.booking_wanted.emit, look="primary"
        )
        may = desk.may("Appointment Create")
        self.new.setEnabled(may)
        self.older = button(_("Older cases"), "appointments-older", self._load_older, look="quiet")
        self.older.hide()
        title = label(_("Appointments"), "appointments-title", role="title")
        self._body = QWidget()
        self._stack = QStackedLayout(self._body)
        full = QWidget()
        full.setLayout(column(self.table, row(self.older, 1), grow=0))
        self._stack.addWidget(full)
        self._stack.addWidget(self._empty(may=may))
        head = row(title, 1, self.new, gap=12)
        sieve = row(self.search, self.closed, 1, gap=12)
        sieve.setStretch(0, 2)
        self.setLayout(column(head, sieve, self._body, margin=16, gap=12, grow=2))
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(TYPED_MS)
        self._typed.timeout.connect(self.load)
        self.search.textChanged.connect(lambda _text: self._typed.start())
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PAUSE_MS)
        self._later.timeout.connect(self.load)
        desk.deeds_happened.connect(self._deeds_happened)
        self.setFocusProxy(self.search)

    def _made_table(self) -> QTableView:
        made = named(QTableView(), "appointments-table", _("Cases"))
        made.setModel(self.model)
        made.setShowGrid(False)
        made.setAlternatingRowColors(True)
        made.setWordWrap(False)
        made.setTabKeyNavigation(False)
        made.setFrameShape(QTableView.Shape.NoFrame)
        made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        made.verticalHeader().hide()
        made.verticalHeader().setDefaultSectionSize(32)
        across = made.horizontalHeader()
        across.setHighlightSections(False)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        made.doubleClicked.connect(self._open)
        made.installEventFilter(self)
        return made

    def _empty(self, *, may: bool) -> QWidget:
        self.nothing = label("", "appointments-empty", role="heading", wrap=True)
        self.hint = label("", "appointments-empty-hint", role="hint", wrap=True)
        first = button(_("New appointment"), "appointments-first", self.booking_wanted.emit)
        first.setEnabled(may)
        made = QWidget()
        made.setLayout(column(self.nothing, self.hint, row(first, 1), 1, margin=24))
        return made

    # Reading ------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the newest cases anew, of those that are looked for."""
        self._typed.stop()
        self._ask(before=None)

    def _load_older(self) -> None:
        if self.model.lines:
            self._ask(before=self.model.lines[-1].id)

    def _ask(self, *, before: int | None) -> None:
        from clinic_desk.services import cases

        if not self._desk.may("Appointment Get All"):
            return
        self._stale = False
        text = self.search.text().strip()
        fresh = text != self._asked
        before = None if fresh else before
        self._asked, self._waits = text, True
        # What was unfolded stays unfolded when it is read anew.
        known = 0 if fresh or before is not None else len(self.model.lines)
        limit = max(PAGE, known)
        self._desk.ask(
            cases.listed,
            text=text,
            only_open=not self.closed.isChecked(),
            before=before,
            limit=limit,
            done=lambda found: self._found(found, before, limit),
            failed=self._failed,
            ticket=("appointments", id(self)),
            what=_("reading from the database"),
        )

    def _found(self, found: Sequence[CaseLine], before: int | None, limit: int) -> None:
        if not shiboken6.isValid(self):
            return
        self._waits = False
        held = self.table.currentIndex().data(CaseRole)
        at = self.table.verticalScrollBar().value()
        lines = list(found) if before is None else [*self.model.lines, *found]
        self.older.setVisible(len(found) == limit)
        if lines == self.model.lines:
            self._show_body()
            return
        self.model.set_lines(lines)
        self._show_body()
        fit_columns(self.table, CasesModel.PROBLEM, CasesModel.PATIENT, CasesModel.SERVICE)
        number = next((n for n, line in enumerate(lines) if held and line.id == held.id), 0)
        if lines:
            select_row(self.table, number)
            self.table.verticalScrollBar().setValue(at)

    def _failed(self, error: BaseException) -> None:
        self._waits = False
        self._desk.complain(error)

    def _show_body(self) -> None:
        self._stack.setCurrentIndex(0 if self.model.lines else 1)
        if self._asked:
            found = _("No case of “{text}”.").format(text=words.isolated(self._asked))
            hint = _("Closed cases are found where they are listed too. Or begin a new one.")
        else:
            found = _("No case yet.")
            hint = _("A case begins with its first appointment: what a patient comes for.")
        self.nothing.setText(found)
        self.hint.setText(hint)

    def _deeds_happened(self, _changes: object) -> None:
        self._stale = True
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.load()

    # Opening ------------------------------------------------------------------------------------

    def _open(self, index: QModelIndex) -> None:
        line = index.data(CaseRole)
        if isinstance(line, CaseLine):
            from clinic_desk.views.cases.opening import SHOWS_CASES, open_case

            if self._desk.may(SHOWS_CASES):
                open_case(self._desk, line.id, self.window())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens the case; the arrows go through the list while somebody types."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.search.text().strip() != self._asked:
                self.load()  # what is listed is not what was typed
            elif not self._waits:
                self._open(self.table.currentIndex())
            return True
        if watched is self.search:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            last = len(self.model.lines) - 1
            if step is not None and last >= 0:
                here = self.table.currentIndex().row() + step
                select_row(self.table, min(max(here, 0), last))
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)
