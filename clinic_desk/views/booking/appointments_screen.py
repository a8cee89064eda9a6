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
    QStackedLayout,
    QTableView,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.services.case_cards import CaseLine
from clinic_desk.views.booking.cases_table import CaseRole, CasesModel
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row, select_row

PAGE = 100
PAUSE_MS = 200


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
        head = row(title, 1, self.closed, self.new, gap=12)
        self.setLayout(column(head, self._body, margin=20, gap=12, grow=1))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PAUSE_MS)
        self._later.timeout.connect(self.load)
        desk.deeds_happened.connect(self._deeds_happened)
        self.setFocusProxy(self.table)

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
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for wide in (CasesModel.PROBLEM, CasesModel.PATIENT, CasesModel.SERVICE):
            across.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        made.doubleClicked.connect(self._open)
        made.installEventFilter(self)
        return made

    def _empty(self, *, may: bool) -> QWidget:
        nothing = label(_("No case yet."), "appointments-empty", role="heading")
        hint = label(
            _("A case begins with its first appointment: what a patient comes for."),
            "appointments-empty-hint",
            role="hint",
        )
        first = button(_("New appointment"), "appointments-first", self.booking_wanted.emit)
        first.setEnabled(may)
        made = QWidget()
        made.setLayout(column(nothing, hint, row(first, 1), 1, margin=24))
        return made

    # Reading ------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the newest cases anew."""
        self._ask(before=None)

    def _load_older(self) -> None:
        if self.model.lines:
            self._ask(before=self.model.lines[-1].id)

    def _ask(self, *, before: int | None) -> None:
        from clinic_desk.services import cases

        if not self._desk.may("Appointment Get All"):
            return
        self._stale = False
        # What was unfolded stays unfolded when it is read anew.
        limit = PAGE if before is not None else max(PAGE, len(self.model.lines))
        self._desk.ask(
            cases.listed,
            only_open=not self.closed.isChecked(),
            before=before,
            limit=limit,
            done=lambda found: self._found(found, before, limit),
            failed=self._desk.complain,
            ticket=("appointments", id(self)),
            what=_("reading from the database"),
        )

    def _found(self, found: Sequence[CaseLine], before: int | None, limit: int) -> None:
        if not shiboken6.isValid(self):
            return
        held = self.table.currentIndex().data(CaseRole)
        at = self.table.verticalScrollBar().value()
        lines = list(found) if before is None else [*self.model.lines, *found]
        self.older.setVisible(len(found) == limit)
        if lines == self.model.lines:
            self._show_body()
            return
        self.model.set_lines(lines)
        self._show_body()
        number = next((n for n, line in enumerate(lines) if held and line.id == held.id), 0)
        if lines:
            select_row(self.table, number)
            self.table.verticalScrollBar().setValue(at)

    def _show_body(self) -> None:
        self._stack.setCurrentIndex(0 if self.model.lines else 1)

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
        """Enter opens the case."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        pressed = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if watched is self.table and pressed and event.key() in enter:  # type: ignore[attr-defined]
            self._open(self.table.currentIndex())
            return True
        return super().eventFilter(watched, event)
