"""The section Patients: the list on the left, the page of the chosen one on the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.patient_cards import FormerRecord, PatientData
from clinic_desk.views import words
from clinic_desk.views.admin.pages import Page
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Change
from clinic_desk.views.patients.long_task import LongTask
from clinic_desk.views.patients.patient_card import PatientCardView
from clinic_desk.views.patients.patient_form import PatientForm
from clinic_desk.views.patients.patient_list import PatientList
from clinic_desk.views.widgets import button, column, label, named, row


class Holder:
    """What holds something unsaved, as the sections that have several pages answer it.

    Attributes:
        name: of the section.
    """

    name = "patients"

    def __init__(self, page: Page) -> None:
        self._page = page

    @property
    def unsaved(self) -> Page | None:
        """The page, where something on it is not saved."""
        return self._page if self._page.unsaved else None


class PatientsScreen(Page):
    """Signals:
    book_wanted(PatientCard): an appointment for them.
    open_wanted(AppointmentCard): the editor.
    park_wanted(AppointmentCard): to the pinboard.
    """

    book_wanted = Signal(object)
    open_wanted = Signal(object)
    park_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        named(self, "patients", _("Patients"))
        self._read = False
        self._task: LongTask | None = None
        self.holder = Holder(self)
        self.list = PatientList(desk)
        self.card = PatientCardView(desk)
        self.form = PatientForm(desk)
        self.empty = self._build_empty()
        self.stack = named(QStackedWidget(), "patients-page", role="panel")
        for part in (self.empty, self.card, self.form):
            self.stack.addWidget(part)
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "patients-splitter")
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self.stack)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([400, 700])
        self.setLayout(column(self.splitter))
        self.setFocusProxy(self.list.search)
        self._connect()

    def _build_empty(self) -> QWidget:
        made = named(QWidget(), "patients-empty", role="panel")
        text = label(
            _("Choose somebody on the left, or write down a new patient."),
            "patients-empty-text", role="hint", wrap=True,
        )  # fmt: skip
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty_new = button(_("New patient"), "patients-empty-new", lambda: self.begin_new(""))
        made.setLayout(column(1, text, row(1, self.empty_new, 1), 2, margin=24))
        self.empty_new.setVisible(self.desk.may("Customer Create"))
        return made

    def _connect(self) -> None:
        self.list.chosen.connect(self._chosen)
        self.list.new_wanted.connect(self._new_wanted)
        self.list.import_wanted.connect(self._import)
        self.card.book_wanted.connect(self.book_wanted)
        self.card.open_wanted.connect(self.open_wanted)
        self.card.case_wanted.connect(self._open_case)
        self.card.park_wanted.connect(self.park_wanted)
        self.card.edit_wanted.connect(self._edit)
        self.card.merge_wanted.connect(self._merge)
        self.card.unmerge_wanted.connect(self._unmerge)
        self.card.shown.connect(lambda card: self.list.mark(card.id))
        self.form.saved.connect(self._saved)
        self.form.refused.connect(self.not_saved)
        self.form.known_chosen.connect(self._known)
        self.form.closed.connect(lambda: self.leave_then(self.discard))
        notes = self.card.papers.notes
        notes.saved.connect(self.saved)
        notes.refused.connect(self.not_saved)
        self.desk.deeds_happened.connect(self._happened)
        for listens in (self, self.list.search, self.list.table):
            listens.installEventFilter(self)
        keys = QShortcut(QKeySequence("Ctrl+E"), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self._edit_shown)

    # What is shown ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """The first look reads the list."""
        super().showEvent(event)
        if not self._read:
            self._read = True
            self.list.load()

    def open_patient(self, patient_id: int) -> None:
        """Show the page of a patient; what is unsaved is asked about first."""
        self.leave_then(lambda: self._open(patient_id))

    def _open(self, patient_id: int) -> None:
        self.list.mark(patient_id)
        self.card.open(patient_id)
        self.stack.setCurrentWidget(self.card)

    def _chosen(self, card: PatientCard) -> None:
        if self.unsaved:
            new = self._form_is_edited and self.form.data is None
            self.list.mark(0 if new else self.card.patient_id)
        self.open_patient(card.id)

    def begin_new(self, typed: str) -> None:
        """A new patient of whom *typed* is known; what is unsaved is asked about first."""
        self.leave_then(lambda: self._begin_new(typed))

    def _new_wanted(self, typed: str) -> None:
        # Who was looked for and is there is not the one who is to be written down.
        self.begin_new("" if self.list.model.patients else typed)

    def _begin_new(self, typed: str) -> None:
        if not self.desk.may("Customer Create"):
            return
        self.list.mark(0)
        if typed:
            self.form.begin_with(typed)
        else:
            self.form.begin()
        self.stack.setCurrentWidget(self.form)
        if not typed:
            self.form.set_focus()

    def _edit_shown(self) -> None:
        if self.stack.currentWidget() is self.card:
            self.card.edit()

    def _edit(self, data: PatientData) -> None:
        self.form.begin(data)
        self.stack.setCurrentWidget(self.form)
        self.form.set_focus()

    def _saved(self, card: PatientCard) -> None:
        self._open(card.id)
        self.list.table.setFocus()
        self.list.load()
        self.saved()

    def _known(self, card: PatientCard) -> None:
        """It is somebody whom the clinic knows: what was typed was for them."""
        self.form.is_edited = False
        self._open(card.id)

    def _merge(self, card: PatientCard) -> None:
        """Somebody is here twice."""
        from clinic_desk.views.patients.merge_dialog import MergeDialog

        made = MergeDialog(self.desk, card, self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.merged.connect(self._merged)
        made.open()

    def _merged(self, kept_id: int) -> None:
        self._open(kept_id)
        self.list.load()

    def _unmerge(self, record: FormerRecord) -> None:
        """They were two persons after all."""
        from clinic_desk.services import patient_unmerge

        if self._task is not None:
            return
        actor = self.desk.actor

        def work(task: LongTask) -> Done[int]:
            return patient_unmerge.unmerge(actor, record.id, progress=task.tell)

        self._task = LongTask(self.desk, work, self)
        self._task.done.connect(self._unmerged)
        self._task.failed.connect(self._not_unmerged)
        self._task.start()

    def _unmerged(self, done: Done[int]) -> None:
        self._task = None
        self.desk.announce((*done.changed, ("patient", done.value)))
        self.desk.did(done.seq, _("Records taken apart"), _("They are two records again."))
        self.list.load()

    def _not_unmerged(self, error: BaseException) -> None:
        self._task = None
        self.desk.complain(error)

    def _open_case(self, case_id: int) -> None:
        from clinic_desk.views.cases.opening import SHOWS_CASES, open_case

        if self.desk.may(SHOWS_CASES):
            open_case(self.desk, case_id, self.window())
        else:
            self.desk.complain(NotAllowed(SHOWS_CASES))

    def _import(self) -> None:
        """Patients of another program."""
        from clinic_desk.views.patients.import_wizard import ImportWizard

        made = ImportWizard(self.desk, self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.imported.connect(self.list.load)
        made.open()

    # Something unsaved ----------------------------------------------------------------------------

    @property
    def unsaved(self) -> str:
        """What stands in the form, or in the field of a new note, and is not saved."""
        if self._form_is_edited:
            data = self.form.data
            if data is None:
                return _("New patient")
            return words.isolated(f"{data.first_name} {data.last_name}".strip())
        return _("A note") if self.card.papers.notes.is_edited else ""

    @property
    def _form_is_edited(self) -> bool:
        return self.stack.currentWidget() is self.form and self.form.is_edited

    def save(self) -> None:
        """Save the form, or the note."""
        if self._form_is_edited:
            self.form.submit()
        else:
            self.card.papers.notes.submit()

    def discard(self) -> None:
        """Leave the form without saving, or give up the note."""
        if self.stack.currentWidget() is not self.form:
            self.card.papers.notes.discard()
            return
        data = self.form.data
        self.form.is_edited = False
        if data is not None:
            self._open(data.id)
        elif self.card.page is not None:
            self._open(self.card.patient_id)
        else:
            self.stack.setCurrentWidget(self.empty)
        self.list.search.setFocus()

    # News -----------------------------------------------------------------------------------------

    def _happened(self, changed: frozenset[Change]) -> None:
        if self._read:
            self.list.renew(sorted(number for kind, number in changed if kind == "patient"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt+N writes down a new patient, before a menu whose letter it may be."""
        pressed = event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if pressed and isinstance(event, QKeyEvent) and _is_new(event):
            if event.type() == QEvent.Type.KeyPress:
                self._new_wanted(self.list.search.text().strip())
            event.accept()
            return True
        return super().eventFilter(watched, event)


def _is_new(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_N and event.modifiers() == Qt.KeyboardModifier.AltModifier
