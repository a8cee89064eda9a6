"""The appointments of a case as a table, with the way to a further one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import CaseCard
from clinic_desk.views.cases.add_visit import AddVisit
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.to_pinboard import ToPinboard, on_pinboard
from clinic_desk.views.visit_table import CardRole, VisitTableModel
from clinic_desk.views.widgets import OnEnter, button, column, label, named, row

COLUMNS = ("day", "time", "type", "provider", "room", "status")


class VisitsTab(QWidget):
    """Signals:
    open_wanted(AppointmentCard): its editor.
    shown_in_calendar(AppointmentCard): its week.
    park_wanted(AppointmentCard): to the pinboard.
    """

    open_wanted = Signal(object)
    shown_in_calendar = Signal(object)
    park_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "case-visits-tab", _("Appointments"))
        self._desk = desk
        self.card: CaseCard | None = None
        self.counts = label("", "case-counts", role="hint", wrap=True)
        self.model = VisitTableModel(COLUMNS, desk.zone, self)
        self.table = visit_table("case-visits", _("Appointments"))
        self.table.setModel(self.model)
        OnEnter(self.table, self._open)
        self.table.doubleClicked.connect(lambda index: self.open_wanted.emit(index.data(CardRole)))
        self.table.selectionModel().currentRowChanged.connect(lambda *_args: self._offer())
        self.empty = label(
            _("This case has no appointments yet."), "case-visits-empty", role="hint"
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add = button(_("Add appointment"), "case-add", self.begin, look="primary")
        self.open = button(_("Open…"), "case-open-visit", self._open, tip=_("Enter"))
        self.show_ = button(_("Show in calendar"), "case-show-visit", self._show)
        self.pin = ToPinboard(desk, "case-pin-visit", self.table, self._park)
        self.pinned = label("", "case-pinned", role="hint", wrap=True)
        self.pinned.hide()
        self.form = AddVisit(desk)
        self.form.left.connect(self._left)
        self.form.hide()
        head = row(self.counts, 1, self.add)
        buttons = row(1, self.open, self.pin.button, self.show_)
        parts = (head, self.table, self.empty, buttons, self.pinned, self.form)
        self.setLayout(column(*parts, margin=10, grow=1))
        desk.zone_changed.connect(self._zone_changed)
        self.setFocusProxy(self.table)
        self.empty.hide()
        self._offer()

    def _zone_changed(self) -> None:
        self.model.set_zone(self._desk.zone)

    def show_card(self, card: CaseCard) -> None:
        """Show the visits of *card*; what is selected stays selected."""
        first = self.card is None
        self.card = card
        kept = self.current()
        self.model.set_cards(card.appointments)
        if first or kept is None:
            now = self._desk.now()
            ahead = (v for v in card.appointments if v.span.ends_at > now)
            kept = next(ahead, card.appointments[-1] if card.appointments else None)
        if kept is not None and self.model.row_of(kept.id) >= 0:
            # Not selectRow(): that asks where columns stand, which right to left nobody knows yet.
            self.table.setCurrentIndex(self.model.index(self.model.row_of(kept.id), 0))
        self.table.setVisible(bool(card.appointments))
        self.empty.setVisible(not card.appointments)
        if card.appointments:
            fit_columns(self.table, COLUMNS.index("type"))
        counts = card.counts
        self.counts.setText(
            _("{total} in all · {ahead} to come · {over} over · {gone} cancelled or missed").format(
                total=counts.total, ahead=counts.ahead, over=counts.over, gone=counts.gone
            )
        )
        self.form.show_card(card)
        self._offer()

    def current(self) -> AppointmentCard | None:
        """The visit of the selected row."""
        card = self.table.currentIndex().data(CardRole)
        return card if isinstance(card, AppointmentCard) else None

    def begin(self) -> None:
        """Offer times for a further appointment in this case."""
        if self.card is not None and self.add.isEnabled():
            self.add.hide()
            self.form.begin(self.card)
            self.form.show()

    def _left(self) -> None:
        self.form.hide()
        self.add.show()
        self.add.setFocus()

    def _offer(self) -> None:
        for made in (self.open, self.show_):
            made.setEnabled(self.current() is not None)
        self.pin.offer()
        self.pinned.hide()
        card = self.card
        may = self._desk.may("Appointment Create")
        self.add.setEnabled(may and card is not None and card.open and card.patient.active)
        why = ""
        if not may:
            why = _("You may not book appointments.")
        elif card is not None and not card.open:
            why = _("This case is closed. Reopen it to add an appointment.")
        elif card is not None and not card.patient.active:
            why = _("The record of this patient is not in use any more.")
        self.add.setToolTip(why)

    def _open(self) -> None:
        card = self.current()
        if card is not None:
            self.open_wanted.emit(card)

    def _park(self, card: AppointmentCard) -> None:
        """What is said in the window behind is said here, too."""
        self.park_wanted.emit(card)
        self.pinned.setText(on_pinboard(card))
        self.pinned.show()

    def _show(self) -> None:
        card = self.current()
        if card is not None:
            self.shown_in_calendar.emit(card)
