"""The list of patients: all of them by name, or whom the search finds, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.patient_cards import PatientPlace
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import visit_table
from clinic_desk.views.patient_search import PatientRole, PatientTableModel
from clinic_desk.views.widgets import button, column, label, named, row

AnyIndex = QModelIndex | QPersistentModelIndex
PAUSE_MS = 60
ROOMY = {PatientTableModel.NUMBER: 380, 3: 500}
"""From how many pixels on number and telephone have room beside name and birth date."""
AT_ONCE = 100
"""Patients of a page; the next one comes when somebody scrolls there."""


class PatientListModel(PatientTableModel):
    """Patients that are known so far. Asks nothing itself.

    Signals:
        more_wanted(): somebody came to the end of what is known.
    """

    PHONE = 3
    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.has_more = False
        self._waits = False

    def show_first(self, patients: Sequence[PatientCard], *, more: bool) -> None:
        """Another list begins with these."""
        self.has_more, self._waits = more, False
        self.set_patients(patients)

    def add(self, patients: Sequence[PatientCard], *, more: bool) -> None:
        """The list goes on with these."""
        self.has_more, self._waits = more, False
        if patients:
            first = len(self.patients)
            self.beginInsertRows(QModelIndex(), first, first + len(patients) - 1)
            self.patients = (*self.patients, *patients)
            self.endInsertRows()

    def renew(self, card: PatientCard) -> None:
        """Another card of somebody who is known; one who is not active any more leaves."""
        place = self.row_of(card.id)
        if place < 0:
            return
        if card.active:
            known = (*self.patients[:place], card, *self.patients[place + 1 :])
            self.patients = known
            self.dataChanged.emit(self.index(place, 0), self.index(place, self.PHONE))
            return
        self.beginRemoveRows(QModelIndex(), place, place)
        self.patients = (*self.patients[:place], *self.patients[place + 1 :])
        self.endRemoveRows()

    def row_of(self, patient_id: int) -> int:
        """In which row a patient stands; -1 where they are not known here."""
        return next((n for n, card in enumerate(self.patients) if card.id == patient_id), -1)

    def canFetchMore(self, parent: AnyIndex = QModelIndex()) -> bool:  # noqa: B008, N802 - Qt's
        return not parent.isValid() and self.has_more and not self._waits

    def fetchMore(self, parent: AnyIndex = QModelIndex()) -> None:  # noqa: B008, N802 - Qt's
        if self.canFetchMore(parent):
            self._waits = True
            self.more_wanted.emit()

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else 4

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role == Qt.ItemDataRole.DisplayRole:
            card = self.patients[index.row()]
            if index.column() == self.PHONE:
                return words.isolated(card.phone)
            if index.column() == self.NAME and card.alert:
                return f"{words.isolated(card.name)} ⚠"
        return super().data(index, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        shown = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        if shown and section == self.PHONE:
            return _("Phone")
        return super().headerData(section, orientation, role)


class PatientList(QWidget):
    """Signals:
    chosen(PatientCard): the current line is another patient's.
    new_wanted(str): somebody new; what was typed of them.
    import_wanted(): patients of another program.
    """

    chosen = Signal(object)
    new_wanted = Signal(str)
    import_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patients-side", _("Patients"), role="panel")
        self._desk = desk
        self._after: PatientPlace | None = None
        self._limit = AT_ONCE
        self._marked = 0
        self.model = PatientListModel(self)
        self.model.more_wanted.connect(self._ask_more)
        self.search = named(QLineEdit(), "patients-search", _("Find a patient"))
        self.search.setPlaceholderText(_("Name, birth date, phone, e-mail or number"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.table = visit_table("patients-table", _("Patients"))
        self.table.setModel(self.model)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(PatientListModel.NAME, QHeaderView.ResizeMode.Stretch)
        for place, width in ((1, 92), (2, 74), (3, 132)):
            self.table.setColumnWidth(place, width)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.none = label("", "patients-none", role="hint", wrap=True)
        self.none.hide()
        self.new = button(
            _("New patient"), "patients-new", self._new, look="primary", tip=_("Alt+N")
        )
        self.bring = button(_("Import…"), "patients-import", self.import_wanted.emit)
        title = label(_("Patients"), "patients-title", role="title")
        self.setLayout(
            column(
                title, self.search, self.none, self.table, row(self.new, self.bring, 1),
                margin=16, grow=3,
            )
        )  # fmt: skip
        self.setMinimumWidth(300)
        self.setFocusProxy(self.search)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.load)
        self.search.textChanged.connect(self._edited)
        desk.catalogue_changed.connect(self._allow)
        self._allow()

    def _allow(self) -> None:
        self.new.setVisible(self._desk.may("Customer Create"))
        importing = self._desk.may("Import Customer Upload") and self._desk.may("Customer Create")
        self.bring.setVisible(importing or self._desk.may("Import Customer Get All"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the name and the birth date have it."""
        super().resizeEvent(event)
        for place, least in ROOMY.items():
            self.table.setColumnHidden(place, self.width() < least)

    # Asking -----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the first page anew, for what stands in the field."""
        self._pause.stop()
        self._limit = AT_ONCE
        self._ask(first=True)

    def renew(self, patient_ids: Iterable[int]) -> None:
        """These were changed: their lines are read anew. Whoever came in appears where no more
        than the first page is known; else the place in a long list is worth more.
        """
        from clinic_desk.services import patients

        for number in patient_ids:
            if self.model.row_of(number) >= 0:
                self._desk.ask(
                    patients.patient,
                    number,
                    done=self.model.renew,
                    failed=lambda _error: None,
                    what=_("finding patients"),
                )
            elif len(self.model.patients) <= AT_ONCE:
                self._pause.start()

    def _edited(self, _text: str) -> None:
        self._pause.start()

    def _ask_more(self) -> None:
        self._ask(first=False)

    def _ask(self, *, first: bool) -> None:
        from clinic_desk.services import patients

        text, ticket = self.search.text().strip(), ("patients", id(self))
        what = _("finding patients")
        if text:
            self._limit = self._limit if first else self._limit * 2
            self._desk.ask(
                patients.search, text, limit=self._limit,
                done=self._found, failed=self._failed, ticket=ticket, what=what,
            )  # fmt: skip
            return
        self._desk.ask(
            patients.listed, after=None if first else self._after, limit=AT_ONCE,
            done=self._first_page if first else self._next_page,
            failed=self._failed, ticket=ticket, what=what,
        )  # fmt: skip

    def _found(self, patients: Sequence[PatientCard]) -> None:
        known = len(self.model.patients)
        more = len(patients) >= self._limit
        if self._limit > AT_ONCE and self.model.patients == tuple(patients[:known]):
            self.model.add(patients[known:], more=more)
        else:
            self.model.show_first(patients, more=more)
            self._shown()

    def _first_page(self, answer: tuple[Sequence[PatientCard], PatientPlace | None]) -> None:
        patients, self._after = answer
        self.model.show_first(patients, more=self._after is not None)
        self._shown()

    def _next_page(self, answer: tuple[Sequence[PatientCard], PatientPlace | None]) -> None:
        patients, self._after = answer
        self.model.add(patients, more=self._after is not None)

    def _failed(self, error: BaseException) -> None:
        self.model.add((), more=False)
        self._desk.complain(error)

    def _shown(self) -> None:
        text = words.isolated(self.search.text().strip())
        nobody = _("No patient is found by “{text}”.").format(text=text)
        self.none.setText(nobody if text else _("There is no patient yet."))
        self.none.setVisible(not self.model.patients)
        self.mark(self._marked)

    # Choosing ---------------------------------------------------------------------------------

    def mark(self, patient_id: int) -> None:
        """Select a patient's line without opening it; 0 selects none."""
        self._marked = patient_id
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        place = self.model.row_of(patient_id)
        if place < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            self.table.setCurrentIndex(self.model.index(place, 0))
        selection.blockSignals(False)
        self.table.viewport().update()

    def _row_changed(self, index: QModelIndex) -> None:
        card = index.data(PatientRole)
        if isinstance(card, PatientCard) and card.id != self._marked:
            self.chosen.emit(card)

    def _new(self) -> None:
        self.new_wanted.emit(self.search.text().strip())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the field go through the list; Enter opens the first one found."""
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            last = len(self.model.patients) - 1
            here = self.table.currentIndex().row()
            steps = {Qt.Key.Key_Down: here + 1, Qt.Key.Key_Up: max(here - 1, 0)}
            step = steps.get(Qt.Key(event.key()))
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                step = max(here, 0)
            if step is not None and last >= 0:
                self.table.setCurrentIndex(self.model.index(min(step, last), 0))
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)
