"""Ctrl+K: one line that goes to days, patients and actions, and books what it says.

"smith hyg tue pm chen" gives times that can be had; Enter books the marked one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted
from clinic_desk.services.cards import AppointmentCard, Done, PatientCard
from clinic_desk.views import when, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.icons import icon
from clinic_desk.views.shortcuts import written
from clinic_desk.views.widgets import column, label, named

if TYPE_CHECKING:
    from clinic_desk.rules.wish_tongues import Words
    from clinic_desk.services.wish_why import Silent
    from clinic_desk.services.wish_words import WordOffer
    from clinic_desk.views.main_window import MainWindow

AnyIndex = QModelIndex | QPersistentModelIndex
MOST = 12
PATIENTS, TIMES, WHY = "patients", "times", "why"
"""What may be waited for."""
ROW = 30
WIDTH = 700


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer: its words, its sign, what happens when it is taken, what more is to be said."""

    text: str
    sign: str
    take: Callable[[], Any]
    more: str = ""


class HitModel(QAbstractListModel):
    """What the line offers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: list[Hit] = []
        self._signs: dict[str, QIcon] = {}

    def set_hits(self, hits: Sequence[Hit]) -> None:
        """Offer these lines, best first."""
        self.beginResetModel()
        self.hits = list(hits)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.text
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return hit.more or hit.text
        if role == Qt.ItemDataRole.DecorationRole:
            return self._signs.setdefault(hit.sign, icon(hit.sign))
        return None


class Palette(QFrame):
    """Opens over the window's top; Esc or a click elsewhere closes it.

    Signals:
        day_wanted(date): go there.
        patient_wanted(PatientCard): show this patient.
        booked(AppointmentCard): an offer was taken and is saved.
        booking_wanted(Draft): find a time in the booking window, with what is known: for a patient
            who was found, or because an offer was gone.
    """

    day_wanted = Signal(object)
    patient_wanted = Signal(object)
    booked = Signal(object)
    booking_wanted = Signal(object)

    def __init__(self, desk: Desk, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        named(self, "palette", _("Go to or do"), role="popup")
        self._desk, self._actions = desk, list(actions)
        self._found: list[Hit] = []
        self._bookings: list[Hit] = []
        self._offers: list[Hit] = []
        self._is_name = False
        self._waiting: set[str] = set()
        self._why = ""
        self.field = named(QLineEdit(), "palette-field", _("A day, a patient or an action"))
        self.field.setPlaceholderText(
            _("A day (+3w, next tue), a patient, an action, or “smith hyg tue pm”…")
        )
        self.field.setClearButtonEnabled(True)
        self.model = HitModel(self)
        self.list = named(QListView(), "palette-list", _("Offers"))
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hint = label(
            _("Enter takes the marked line, Esc closes."), "palette-hint", role="hint", wrap=True
        )
        self.setLayout(column(self.field, self.list, self.hint, margin=10, gap=6))
        self.field.textChanged.connect(self._edited)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._take)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(80)
        self._pause.timeout.connect(self._search)
        self.setFixedWidth(WIDTH)

    def open(self, text: str = "") -> None:
        """Show the line, empty or with *text*."""
        parent = self.parentWidget()
        assert parent is not None
        left = (parent.width() - self.width()) // 2
        self.move(parent.mapToGlobal(QPoint(max(left, 0), 72)))
        self._forget()
        self.field.setText(text)
        self._show()
        self.show()
        self.field.setFocus()

    def _forget(self) -> None:
        self._found, self._bookings, self._offers, self._why = [], [], [], ""
        self._is_name = False

    def _edited(self, _text: str) -> None:
        self._forget()
        self._waiting = {PATIENTS} if len(self.field.text().strip()) >= 2 else set()
        if self._waiting:
            self._pause.start()
        self._show()

    def _show(self) -> None:
        text = self.field.text().strip()
        people = [*self._found, *self._bookings]
        # What is all of a name is read as one: then Enter shows somebody, and books nothing.
        both = [*people, *self._offers] if self._is_name else [*self._offers, *people]
        hits = [*self._days(text), *both, *self._matching_actions(text)][:MOST]
        self.model.set_hits(hits)
        height = self.list.sizeHintForRow(0) if hits else ROW
        self.list.setFixedHeight(height * max(1, len(hits)) + 4)
        if hits:
            self.list.setCurrentIndex(self.model.index(0))
        nothing = self._why or _(
            "Nothing found. Type a day (+3w, next tue, 19.5), a patient’s name, birth date or"
            " number, or what you want to do."
        )
        taking = "\n".join(filter(None, [self._why, _("Enter takes the marked line, Esc closes.")]))
        self.hint.setText(taking if hits else _("Searching…") if self._waiting else nothing)
        self.list.setVisible(bool(hits))
        self.adjustSize()

    def _days(self, text: str) -> list[Hit]:
        day = when.parse(text, self._desk.today()) if text else None
        if day is None:
            return []
        return [
            Hit(_("Go to {day}").format(day=words.day_long(day)), "calendar", lambda: self._go(day))
        ]

    def _go(self, day: date) -> None:
        self.day_wanted.emit(day)

    def _matching_actions(self, text: str) -> list[Hit]:
        wanted = text.casefold().split()
        hits = []
        for action in self._actions:
            name = action.text().replace("&", "").rstrip("…")
            if not action.isEnabled() or not all(part in name.casefold() for part in wanted):
                continue
            keys = written(action.shortcut())
            shown = f"{name}   {keys}" if keys else name
            hits.append(Hit(shown, "go", action.trigger))
        return hits

    def _search(self) -> None:
        from clinic_desk.services import patients

        text = self.field.text().strip()
        self._desk.ask(
            patients.search, text, limit=6, done=self._patients_found, failed=self._search_failed,
            ticket=("palette", id(self)), what=_("searching patients"),
        )  # fmt: skip

        if len(text.split()) > 1 and self._desk.may("Appointment Create"):
            self._look_for_times(text)

    def _look_for_times(self, text: str) -> None:
        """What the line wishes, where it says more than a name."""
        from clinic_desk.services import wish_words
        from clinic_desk.views.booking import wish_language

        known = wish_language.spoken()
        self._waiting.add(TIMES)
        self._desk.ask(
            wish_words.offers_for, text, words=known,
            done=partial(self._times_found, text, known),
            failed=lambda _error: self._times_found(text, known, ()),
            ticket=("palette-times", id(self)), what=_("looking for free times"),
        )  # fmt: skip

    def _times_found(self, text: str, known: Words, found: Sequence[WordOffer]) -> None:
        from clinic_desk.views.booking import wish_language

        if not shiboken6.isValid(self):
            return
        if not self.isVisible() or text != self.field.text().strip():
            return
        self._waiting.discard(TIMES)
        self._offers = [
            Hit(
                wish_language.told(offer, self._desk.zone),
                "calendar",
                partial(self._book, offer),
                wish_language.heard(offer, self._desk.zone),
            )
            for offer in wish_language.meant(text, found, self._desk, known)
        ]
        if not found:
            self._ask_why(text, known)
        self._show()

    def _ask_why(self, text: str, known: Words) -> None:
        """Where a line gives nothing at all, its wrong words are named."""
        from clinic_desk.services import wish_why

        self._waiting.add(WHY)
        self._desk.ask(
            wish_why.why_none, text, words=known,
            done=partial(self._why_found, text),
            failed=lambda _error: self._why_found(text, None),
            ticket=("palette-why", id(self)), what=_("looking for free times"),
        )  # fmt: skip

    def _why_found(self, text: str, silent: Silent | None) -> None:
        from clinic_desk.views.booking import wish_language

        if not shiboken6.isValid(self) or text != self.field.text().strip():
            return
        self._waiting.discard(WHY)
        if silent is not None and self.isVisible() and not self.model.hits:
            self._why = wish_language.why(silent)
            better = wish_language.mended(text, silent)
            if better:
                told = _("Did you mean “{text}”?").format(text=words.isolated(better))
                self._offers = [Hit(told, "go", partial(self.open, better))]
        self._show()

    def _book(self, offer: WordOffer) -> None:
        from clinic_desk.services import wish_words

        told = {
            "patient": words.isolated(offer.patient.name),
            "when": words.when_there(offer.span, offer.time_zone, self._desk.zone),
        }
        self._desk.do(
            wish_words.book,
            offer,
            label=_("Book {patient}, {when}").format(**told),
            said=_("Booked: {patient}, {when}").format(**told),
            done=self._was_booked,
            failed=partial(self._refused, offer),
        )

    def _was_booked(self, answer: Done[AppointmentCard]) -> None:
        if answer.value is not None:  # None: the answer was lost, and it was saved all the same
            self.booked.emit(answer.value)

    def _refused(self, offer: WordOffer, error: BaseException) -> bool:
        """Somebody was faster: say so, and go on with all that the line said."""
        if not isinstance(error, Conflicted):
            return False
        from clinic_desk.views.booking.draft import Draft, Part

        self._desk.complain(error)
        self.booking_wanted.emit(
            Draft(
                problem=offer.type.name,
                parts=[Part(offer.type.id, provider_id=offer.provider.id)],
                location_id=offer.location.id if offer.location is not None else None,
                patient=offer.patient,
            )
        )
        return True

    def _patients_found(self, patients: Sequence[PatientCard]) -> None:
        from clinic_desk.views.booking import wish_language

        if not self.isVisible():
            return
        text = self.field.text().strip()
        self._waiting.discard(PATIENTS)
        self._found = [
            Hit(words.patient(card), "person", partial(self.patient_wanted.emit, card))
            for card in patients
        ]
        self._is_name = bool(patients) and not wish_language.says_when(text, self._desk)
        if len(patients) == 1 and self._desk.may("Appointment Create"):
            self._bookings = [
                Hit(
                    " · ".join([_("New appointment"), words.patient(patients[0])]),
                    "go",
                    partial(self._begin_booking, patients[0]),
                )
            ]
        self._show()

    def _begin_booking(self, patient: PatientCard) -> None:
        from clinic_desk.views.booking.draft import Draft

        self.booking_wanted.emit(Draft(patient=patient))

    def _search_failed(self, _error: BaseException) -> None:
        self._patients_found(())

    def _take(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self.model.hits):
            hit = self.model.hits[index.row()]
            self.close()
            hit.take()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the field steer the list."""
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            row_number = self.list.currentIndex().row()
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                last = self.model.rowCount() - 1
                self.list.setCurrentIndex(self.model.index(max(0, min(last, row_number + step))))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)


def of_window(window: MainWindow) -> Palette:
    """The command line of a main window: where what it offers leads to."""
    made = Palette(window.desk, list(window.actions_.by_name.values()), window)
    made.day_wanted.connect(window.go_to)
    made.day_wanted.connect(window.calendar.put_cursor_on)
    made.patient_wanted.connect(partial(_show_patient, window))
    made.booked.connect(window.show_booked)
    made.booking_wanted.connect(window.open_booking)
    return made


def _show_patient(window: MainWindow, patient: PatientCard) -> None:
    """The patient's page; whoever is not led to patients begins an appointment for them."""
    if "patients" not in window.navigation.buttons:
        window.begin_for(patient)
        return
    window.show_screen("patients")
    window.screens.patients.open_patient(patient.id)
