"""Finding a known patient as you type, always with the birth date beside the name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import PatientCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.rows import AnyIndex, Rows
from clinic_desk.views.widgets import button, column, label, named, select_row

PatientRole = Qt.ItemDataRole.UserRole + 1
PAUSE_MS = 60
"""Typing faster than this asks once."""
ROOMY = 340
"""Pixels from which on the number has room beside name and birth date."""
LEAST = 2
"""Letters before a search begins."""
SHOWN = 40
"""Letters of what was typed that a sentence repeats."""


class PatientTableModel(Rows):
    """Patients found; asks nothing itself."""

    NAME, BORN, NUMBER = range(3)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.patients: tuple[PatientCard, ...] = ()

    def set_patients(self, patients: Sequence[PatientCard]) -> None:
        """Show these patients, best match first."""
        self.beginResetModel()
        self.patients = tuple(patients)
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("Name"), _("Born"), _("Number"))

    def _in_rows(self) -> Sequence[PatientCard]:
        return self.patients

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self.patients[index.row()]
        if role == PatientRole:
            return card
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return words.patient(card)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == self.NAME:
            return card.name
        if index.column() == self.BORN:
            return words.day_numbers(card.date_of_birth) if card.date_of_birth else "—"
        return card.number


class PatientSearch(QWidget):
    """A field and what it finds. Down, Up and Enter work from inside the field.

    Attributes:
        offers_new: whether somebody who is not found may be written down from here.
        leaves_out: the number of a patient who is never offered, or None.

    Signals:
        chosen(PatientCard or None): a patient was picked, or the choice was taken back.
    """

    chosen = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-search", _("Find a patient"))
        self._desk = desk
        self.patient: PatientCard | None = None
        self.offers_new = desk.may("Customer Create")
        self.leaves_out: int | None = None
        self._found_for = ""  # what the list below was found for
        self._entered = False  # Enter came before the answer to what was typed
        self.model = PatientTableModel(self)
        self.field = named(QLineEdit(), "patient-field", _("Patient"))
        self.field.setPlaceholderText(_("Name, birth date or number"))
        self.field.setClearButtonEnabled(True)
        self.table = named(QTableView(), "patient-results", _("Patients found"))
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(28)
        self.table.horizontalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(PatientTableModel.NAME, QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(6 * 28 + 4)
        self.hint = label("", "patient-hint", role="hint", wrap=True)
        self.new = button("", "patient-new", self.begin_new, look="quiet", tip=_("Alt+N"))
        self.setLayout(column(self.field, self.table, self.hint, self.new, gap=4))
        for part in (self.table, self.hint, self.new):
            part.hide()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self.field.textEdited.connect(self._edited)
        self.field.installEventFilter(self)
        self.table.activated.connect(self._take)
        self.table.clicked.connect(self._take)
        self.setFocusProxy(self.field)

    def clear(self) -> None:
        """Begin anew."""
        self.patient = None
        self.field.clear()
        self._hide_results()

    def seek(self, text: str) -> None:
        """Look for *text*, as if it had been typed."""
        self.field.setText(text)
        self._edited(text)

    def set_patient(self, card: PatientCard) -> None:
        """Choose *card*, as if it had been picked."""
        self.patient = card
        self.field.setText(f"{card.name} · {words.born(card.date_of_birth)}")
        self.field.setCursorPosition(0)
        self._hide_results()
        if card.alert:
            self.hint.setText(_("Note: {alert}").format(alert=card.alert))
            self.hint.show()
        self.chosen.emit(card)

    def tell(self, sentence: str) -> None:
        """Say something beside the field, until it is gone on with."""
        self.hint.setText(sentence)
        self.hint.show()

    def begin_new(self) -> None:
        """Write down a new patient by what was typed; they are chosen then."""
        if self.patient is not None or not self.offers_new:
            return
        from clinic_desk.views.patients.new_patient import NewPatient

        made = NewPatient(self._desk, self.field.text(), self.window())
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.chosen.connect(self.set_patient)
        made.open()

    def _edited(self, text: str) -> None:
        if self.patient is not None:
            self.patient = None
            self.chosen.emit(None)
        if len(text.strip()) < LEAST:
            self._desk.background.forget(("patients", id(self)))
            self._hide_results()
        else:
            self._pause.start()
        self._entered = False

    def _search(self) -> None:
        from clinic_desk.services import patients

        typed = self.field.text()
        self._desk.ask(
            patients.search,
            typed,
            limit=20,
            done=partial(self._found, typed),
            ticket=("patients", id(self)),
            what=_("searching patients"),
        )

    def _found(self, asked: str, patients: Sequence[PatientCard]) -> None:
        if self.patient is not None:
            return
        patients = [card for card in patients if card.id != self.leaves_out]
        self._found_for = asked
        self.model.set_patients(patients)
        self.table.setVisible(bool(patients))
        self.hint.setVisible(not patients)
        typed = words.isolated(_short(self.field.text().strip()))
        self.new.setText(_("+ New patient “{text}”").format(text=typed))
        self.new.setVisible(self.offers_new)
        if patients:
            # Where there is little room, the name and the birth date have it.
            self.table.setColumnHidden(PatientTableModel.NUMBER, self.width() < ROOMY)
            select_row(self.table, 0)
        else:
            self.hint.setText(
                _("No patient “{text}”. Try fewer letters, the birth date or the number.").format(
                    text=typed
                )
            )
        if self._entered and len(patients) == 1:
            self._take(self.model.index(0, 0))
        self._entered = False

    def _hide_results(self) -> None:
        self._pause.stop()
        self._found_for = ""
        self.table.hide()
        self.hint.hide()
        self.new.hide()
        self.model.set_patients(())

    def _take(self, index: QModelIndex) -> None:
        card = index.data(PatientRole)
        if card is not None:
            self.set_patient(card)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the field steer the list below it."""
        if watched is self.field and isinstance(event, QKeyEvent) and _is_new(event):
            # Before a menu whose letter it may be.
            if event.type() == QEvent.Type.KeyPress:
                self.begin_new()
            event.accept()
            return True
        pressed = event.type() == QEvent.Type.KeyPress and watched is self.field
        if pressed and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and self._is_behind:
                self._hurry()
                return True
            if self.table.isVisible() and self._steer(event.key()):
                return True
            if enter and self.new.isVisible() and not self.table.isVisible():
                self.begin_new()
                return True
        return super().eventFilter(watched, event)

    @property
    def _is_behind(self) -> bool:
        """Whether the answer to what stands in the field has not come yet."""
        typed = self.field.text()
        return self.patient is None and len(typed.strip()) >= LEAST and typed != self._found_for

    def _hurry(self) -> None:
        """Enter was faster than the answer: nobody is taken whom nobody could read. The only
        one found is taken when the answer comes; several are shown.
        """
        self._entered = True
        self._pause.stop()
        self._search()

    def _steer(self, key: int) -> bool:
        row = self.table.currentIndex().row()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            select_row(self.table, max(0, min(self.model.rowCount() - 1, row + step)))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.model.index(max(row, 0), 0))
            return True
        if key == Qt.Key.Key_Escape:
            self._hide_results()
            return True
        return False


def _short(text: str) -> str:
    """*text* as far as a line has room for it."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _is_new(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_N and event.modifiers() == Qt.KeyboardModifier.AltModifier
