"""The page of a patient: who it is at the top, all that hangs on them in tabs below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.patient_cards import PatientPage
from clinic_desk.views import words
from clinic_desk.views.consent.of_patient import PERMISSION as CONSENTS
from clinic_desk.views.consent.of_patient import PatientConsents
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Change
from clinic_desk.views.patients.card_data import CardData
from clinic_desk.views.patients.card_head import CardHead
from clinic_desk.views.patients.card_history import CardHistory
from clinic_desk.views.patients.card_papers import CardPapers
from clinic_desk.views.patients.card_visits import CardVisits
from clinic_desk.views.widgets import add_tab, column, label, named, part_tabs

RECORD = frozenset({"patient", "care_team"})
PAPERS = frozenset({"patient_note", "document"})
VISITS = frozenset({"appointment", "patient_case"})
KINDS = RECORD | PAPERS | VISITS


class PatientCardView(QWidget):
    """Signals:
    book_wanted(PatientCard): an appointment for them.
    edit_wanted(PatientData): the form.
    merge_wanted(PatientCard): with another record.
    unmerge_wanted(FormerRecord): it was not the same person after all.
    open_wanted(AppointmentCard): the editor.
    case_wanted(int): the page of a case.
    park_wanted(AppointmentCard): to the pinboard.
    shown(PatientCard): the page has been read, of whoever it is about now.
    """

    book_wanted = Signal(object)
    edit_wanted = Signal(object)
    merge_wanted = Signal(object)
    unmerge_wanted = Signal(object)
    open_wanted = Signal(object)
    case_wanted = Signal(int)
    park_wanted = Signal(object)
    shown = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-card", _("Patient"), role="panel")
        self._desk = desk
        self.patient_id = 0
        self.page: PatientPage | None = None
        self.head = CardHead(desk)
        self.visits = CardVisits(desk)
        self.data = CardData(desk)
        self.papers = CardPapers(desk)
        self.history = CardHistory(desk)
        self.tabs = part_tabs("patient-tabs", _("Parts"))
        add_tab(self.tabs, self.visits, _("Appointments"))
        add_tab(self.tabs, self.data, _("Data"))
        add_tab(self.tabs, self.papers, _("Notes and documents"))
        self.consents: PatientConsents | None = None
        if desk.may(CONSENTS):
            self.consents = PatientConsents(desk)
            add_tab(self.tabs, self.consents, _("Consents"))
        add_tab(self.tabs, self.history, _("History"))
        self.tabs.currentChanged.connect(lambda _place: self._look())
        self.told = label("", "patient-card-told", role="hint", wrap=True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.told.hide()
        self.setLayout(column(self.head, self.told, self.tabs, gap=0, grow=2))
        self.head.book_wanted.connect(self._book)
        self.head.edit_wanted.connect(self.edit)
        self.head.merge_wanted.connect(self._merge)
        self.head.unmerge_wanted.connect(self.unmerge_wanted)
        self.visits.open_wanted.connect(self.open_wanted)
        self.visits.case_wanted.connect(self.case_wanted)
        self.visits.park_wanted.connect(self.park_wanted)
        self._stale = False
        desk.deeds_happened.connect(self._happened)
        self._show_nothing()

    def open(self, patient_id: int) -> None:
        """Read and show a patient."""
        if patient_id != self.patient_id:
            self._show_nothing()
        self.patient_id = patient_id
        self.load()

    def load(self) -> None:
        """Read the page anew."""
        from clinic_desk.services import patient_page

        self._desk.ask(
            patient_page.page,
            self.patient_id,
            done=self._read,
            failed=self._not_read,
            ticket=("patient-page", id(self)),
            what=_("reading the patient's page"),
        )

    def _read(self, page: PatientPage) -> None:
        self.page, self.patient_id, self._stale = page, page.card.id, False
        self.head.show_page(page)
        self.visits.show_page(page)
        self.data.show_page(page)
        self.told.hide()
        self.head.show()
        self.tabs.show()
        self._look()
        self.shown.emit(page.card)

    def _not_read(self, error: BaseException) -> None:
        self._show_nothing()
        self.told.setText(words.explained(error, self._desk.zone))
        self.told.show()
        if not isinstance(error, ClinicError):
            self._desk.complain(error)

    def _show_nothing(self) -> None:
        self.page = None
        self.head.hide()
        self.tabs.hide()

    def _look(self) -> None:
        """Read what only the tab that is looked at needs."""
        if self.page is not None and self.tabs.currentWidget() is self.history:
            self.history.load(self.patient_id)
        elif self.page is not None and self.tabs.currentWidget() is self.papers:
            self.papers.show_page(self.page)
        elif self.page is not None and self.tabs.currentWidget() is self.consents:
            assert self.consents is not None
            self.consents.show_patient(self.patient_id)

    # What is pressed ----------------------------------------------------------------------------

    def _book(self) -> None:
        if self.page is not None:
            self.book_wanted.emit(self.page.card)

    def edit(self) -> None:
        """Ask for the form, where the user may change this patient."""
        if self.page is not None and self.page.data.may_change:
            self.edit_wanted.emit(self.page.data)

    def _merge(self) -> None:
        if self.page is not None and self.page.data.may_change:
            self.merge_wanted.emit(self.page.card)

    # News -----------------------------------------------------------------------------------------

    def _happened(self, changed: frozenset[Change]) -> None:
        if self.page is None:
            return
        kinds = {kind for kind, _number in changed}
        if not self.isVisible():
            self._stale = self._stale or bool(kinds & KINDS)
        elif kinds & (RECORD | VISITS):
            self.load()
        elif kinds & PAPERS:
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed while nobody looked is read now."""
        super().showEvent(event)
        if self._stale and self.page is not None:
            self.load()
