"""The appointments of a patient, those to come and those that were, and their cases."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QTableView, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.patient_cards import PatientPage
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.narrow_table import LeavesOut
from clinic_desk.views.patients import texts
from clinic_desk.views.patients.record_tables import (
    VISITS,
    CaseRows,
    PatientVisits,
    fit,
    short_table,
)
from clinic_desk.views.to_pinboard import ToPinboard
from clinic_desk.views.visit_table import CardRole
from clinic_desk.views.widgets import button, column, label, named, row, select_row

SEES_VISITS = "Appointment Get All"
GONE = (Status.CANCELLED, Status.DECLINED)
MOST_AHEAD = 5
MOST_CASES = 4
LEAST_PAST = 180
"""Pixels of the past appointments, below which the whole tab scrolls."""


class CardVisits(QScrollArea):
    """Signals:
    open_wanted(AppointmentCard): the editor.
    case_wanted(int): the page of a case.
    park_wanted(AppointmentCard): to the pinboard.
    """

    open_wanted = Signal(object)
    case_wanted = Signal(int)
    park_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-visits", _("Appointments"))
        self._desk = desk
        self._narrow: list[LeavesOut] = []
        self.ahead_model = PatientVisits(desk.zone, self)
        self.past_model = PatientVisits(desk.zone, self)
        self.case_model = CaseRows(self)
        self.ahead = self._visits("patient-ahead", _("Upcoming appointments"), self.ahead_model)
        self.past = self._visits("patient-past", _("Past appointments"), self.past_model)
        self.open = button(_("Open…"), "patient-open-visit", self._open_ahead, tip=_("Enter"))
        self.pin = ToPinboard(desk, "patient-pin-visit", self.ahead, self.park_wanted.emit)
        self.acts = QWidget()
        self.acts.setLayout(row(self.open, self.pin.button, 1))
        self.acts.setContentsMargins(0, 0, 0, 6)
        self.cases = short_table("patient-cases", _("Cases"), 0)
        self.cases.setModel(self.case_model)
        self.cases.doubleClicked.connect(self._open_case)
        self.cases.installEventFilter(self)
        self.no_ahead = label(_("Nothing is booked."), "patient-no-ahead", role="hint")
        self.no_past = label(_("Has not been here yet."), "patient-no-past", role="hint")
        self.counts = label("", "patient-counts", role="hint", wrap=True)
        self.case_title = label(_("Cases"), "patient-cases-title", role="heading")
        inside = named(QWidget(), "patient-visits-inside", role="panel")
        inside.setLayout(
            column(
                label(_("Upcoming appointments"), "patient-ahead-title", role="heading"),
                self.no_ahead,
                self.ahead,
                self.acts,
                self.case_title,
                self.cases,
                label(_("Past appointments"), "patient-past-title", role="heading"),
                self.counts,
                self.no_past,
                self.past,
                margin=16,
            )
        )
        layout = inside.layout()
        assert layout is not None
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.past.setMinimumHeight(LEAST_PAST)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidget(inside)
        desk.zone_changed.connect(self._zone_changed)

    def _visits(self, name: str, spoken: str, model: PatientVisits) -> QTableView:
        table = short_table(name, spoken, 2)
        table.setModel(model)
        # Where there is little room, the type has it and who treats gives way.
        self._narrow.append(LeavesOut(table, [VISITS.index("type")], [VISITS.index("provider")]))
        table.doubleClicked.connect(self._open)
        table.installEventFilter(self)
        return table

    def show_page(self, page: PatientPage) -> None:
        """Show a patient's; a visit that is chosen stays chosen, in whatever line it stands now."""
        ahead = sorted((*page.upcoming, *page.not_booked), key=lambda one: one.span.starts_at)
        _set_cards(self.ahead, self.ahead_model, ahead)
        _set_cards(self.past, self.past_model, page.past)
        self.case_model.set_lines(page.cases)
        self.acts.setVisible(bool(ahead))
        for table, nothing, holds, most in (
            (self.ahead, self.no_ahead, page.upcoming, MOST_AHEAD),
            (self.past, self.no_past, page.past, None),
        ):
            table.setVisible(table.model().rowCount() > 0)
            nothing.setVisible(not holds)
            fit(table, most=most)
        for narrow in self._narrow:
            narrow.fit()
        if not self._desk.may(SEES_VISITS):
            self.no_past.setText(words.explained(NotAllowed(SEES_VISITS)))
            self.no_ahead.setText(words.explained(NotAllowed(SEES_VISITS)))
        if ahead and not self.ahead.currentIndex().isValid():  # what the buttons are about
            select_row(self.ahead, ahead.index(page.upcoming[0]) if page.upcoming else 0)
        self.pin.offer()
        for part in (self.case_title, self.cases):
            part.setVisible(bool(page.cases))
        fit(self.cases, most=MOST_CASES)
        self._count(page)

    def _count(self, page: PatientPage) -> None:
        parts = []
        if page.counts.missed:
            parts.append(texts.missed(page.counts.missed))
        gone = sum(card.status in GONE for card in page.past)
        if gone:
            parts.append(texts.gone(gone))
        self.counts.setText(" · ".join(parts))
        self.counts.setVisible(bool(parts))

    def _zone_changed(self) -> None:
        for model in (self.ahead_model, self.past_model):
            model.set_zone(self._desk.zone)

    def _open(self, index: QModelIndex) -> None:
        card = index.data(CardRole)
        if card is not None:
            self.open_wanted.emit(card)

    def _open_ahead(self) -> None:
        self._open(self.ahead.currentIndex())

    def _open_case(self, index: QModelIndex) -> None:
        if index.isValid():
            self.case_wanted.emit(self.case_model.lines[index.row()].id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens, as a double click does."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and isinstance(watched, QTableView)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            opens = self._open_case if watched is self.cases else self._open
            opens(watched.currentIndex())
            return True
        return super().eventFilter(watched, event)


def _set_cards(table: QTableView, model: PatientVisits, cards: Sequence[AppointmentCard]) -> None:
    chosen = table.currentIndex().data(CardRole)
    model.set_cards(cards)
    place = model.row_of(chosen.id) if isinstance(chosen, AppointmentCard) else -1
    if place >= 0 and place != table.currentIndex().row():
        select_row(table, place)
