"""Everything about one visit: its fields, its status, its history.

Opens beside the calendar, not over it: other visits can be looked at meanwhile. What
somebody else changes while the form is edited is shown beside one's own, to choose from.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QTabWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted, Invalid, Stale
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.services.cards import AppointmentCard, DeedCard, Done, Override
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.editor_head import EditorHead
from clinic_desk.views.history import HistoryTableModel, history_table
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.refusal import RefusalPanel
from clinic_desk.views.slots import Slot
from clinic_desk.views.visit_form import Values, VisitForm
from clinic_desk.views.visits import Visits
from clinic_desk.views.widgets import button, column, label, named, row


class AppointmentEditor(QDialog):
    """One visit. ``finished_with(int)`` gives its id when the window closes."""

    finished_with = Signal(int)

    def __init__(
        self, desk: Desk, visits: Visits, card: AppointmentCard, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "appointment-editor", _("Appointment"))
        self.setWindowTitle(_("Appointment") + "[*]")  # no name: titles are seen by strangers
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._visits = desk, visits
        self.card = card
        self._theirs: AppointmentCard | None = None
        self._saving = False
        self.form = VisitForm(desk.catalogue)
        self.history_model = HistoryTableModel(desk.catalogue, card.time_zone, self)
        self._build()
        self.show_card(card)
        self.form.edited.connect(self._edited)
        desk.deeds_happened.connect(self._deeds_happened)
        self._read_history()
        self.form.type.setFocus()

    # Building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.head = EditorHead(self._desk)
        self.head.status_wanted.connect(self._set_status)
        self.head.approve_wanted.connect(self._approve)
        self.head.decline_wanted.connect(self._decline)
        self.conflict = self._stale_panel()
        self.refusal = RefusalPanel(self._desk)
        self.refusal.hide()
        self.refusal.slot_chosen.connect(self._take_slot)
        self.refusal.overridden.connect(self.save)
        self.told = label("", "editor-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.told.hide()
        page = QWidget()
        page.setLayout(column(self.form, self.told, self.refusal, 1, margin=12, gap=12))
        self.history = history_table(self.history_model)
        self.tabs = named(QTabWidget(), "editor-tabs", _("Parts"))
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(page, _("Appointment"))
        self.tabs.addTab(self.history, _("History"))
        self.save_button = button(_("Save"), "editor-save", self.save, look="primary", tip="Ctrl+S")
        self.save_button.setDefault(True)
        self.leave = button(_("Close"), "editor-close", self.close)
        buttons = row(1, self.leave, self.save_button)
        self.setLayout(column(self.head, self.conflict, self.tabs, buttons, margin=16, gap=10))
        QShortcut(QKeySequence.StandardKey.Save, self, self.save)
        self.resize(620, 620)

    def _stale_panel(self) -> QFrame:
        """Theirs and yours, to choose from."""
        self.stale_text = label("", "editor-stale-text", wrap=True)
        take = button(_("Take theirs"), "editor-take-theirs", self._take_theirs)
        mine = button(_("Use mine"), "editor-use-mine", self._use_mine)
        panel = named(QFrame(), "editor-stale", _("Changed meanwhile"), role="refusal")
        panel.setLayout(column(self.stale_text, row(take, mine, 1), margin=10))
        panel.hide()
        return panel

    # Showing ----------------------------------------------------------------------------------

    def show_card(self, card: AppointmentCard, values: Values | None = None) -> None:
        """Show *card*; *values* (default: the card's own) stand in the fields."""
        self.card = card
        self.head.show_card(card)
        self.form.fill(card, values)
        may = self._desk.may("Appointment Update")
        open_ = card.status in HOLDING and card.status is not Status.COMPLETED
        self.form.set_editable(may and open_, notes=may)
        self._edited()

    @property
    def is_edited(self) -> bool:
        """Whether the fields hold something that is not saved."""
        try:
            return bool(self.form.values().differing(Values.of(self.card)))
        except Invalid:
            return True

    def _edited(self) -> None:
        edited = self.is_edited
        self.setWindowModified(edited)
        self.save_button.setEnabled(edited and not self._saving)
        self.leave.setText(_("Discard changes") if edited else _("Close"))
        self.told.hide()

    # Saving -----------------------------------------------------------------------------------

    def save(self, override: Override | None = None) -> None:
        """Save what differs; refusals are shown here and nothing typed is lost."""
        from clinic_desk.services import diary

        try:
            values = self.form.values()
        except Invalid as error:
            self._tell(words.explained(error, self.card.time_zone))
            return
        fields = values.differing(Values.of(self.card))
        if not fields or self._saving:
            return
        self._saving = True
        self.save_button.setEnabled(False)
        self._desk.do(
            diary.change,
            self.card.id,
            version=self.card.version,
            override=override,
            label=_("Change appointment"),
            said=_("Saved: {patient}, {when}").format(
                patient=words.isolated(self.card.patient_name),
                when=words.when(values.span, self._desk.zone),
            ),
            done=self._saved,
            failed=self._refused,
            **fields,
        )

    def _saved(self, answer: Done[AppointmentCard]) -> None:
        self._saving = False
        self.refusal.hide()
        self.conflict.hide()
        if answer.value is not None:
            self.show_card(answer.value)
        self.close()

    def _refused(self, error: BaseException) -> bool:
        self._saving = False
        self._edited()
        if isinstance(error, Conflicted):
            values = self.form.values()
            place = self.card.location.id if self.card.location else None
            slot = Slot(values.span, values.provider_id, values.operatory_id, place)
            self.refusal.explain(error, slot, values.type_id)
            return True
        if isinstance(error, Stale) and isinstance(error.theirs, AppointmentCard):
            self._show_both(error.theirs)
            return True
        self._tell(words.explained(error, self._desk.zone))
        return False

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    def _take_slot(self, slot: Slot) -> None:
        self.form.take_slot(slot)
        self.save_button.setFocus()

    # Somebody else ------------------------------------------------------------------------------

    def _deeds_happened(self, changes: frozenset[Change]) -> None:
        if ("appointment", self.card.id) in changes or EVERYTHING in changes:
            from clinic_desk.services import diary

            self._desk.ask(
                diary.appointment,
                self.card.id,
                done=self._changed_elsewhere,
                ticket=("editor", self.card.id),
            )
            self._read_history()

    def _changed_elsewhere(self, theirs: AppointmentCard) -> None:
        if theirs.version == self.card.version or self._saving:
            return
        if self.is_edited:
            self._show_both(theirs)
        else:
            self.show_card(theirs)

    def _show_both(self, theirs: AppointmentCard) -> None:
        """Both versions, and the choice."""
        self._theirs = theirs
        mine = self.form.values()
        zone = self._desk.zone
        state = words.status(theirs.status)
        catalogue = self._desk.catalogue
        provider = catalogue.providers[mine.provider_id].name
        text = _("Somebody changed this while you were editing.\nTheirs: {theirs}\nYours: {yours}")
        self.stale_text.setText(
            text.format(
                theirs=f"{words.when(theirs.span, zone)}, {theirs.provider.name}, {state}",
                yours=f"{words.when(mine.span, zone)}, {provider}",
            )
        )
        self.conflict.show()

    def _take_theirs(self) -> None:
        if self._theirs is not None:
            self.conflict.hide()
            self.show_card(self._theirs)

    def _use_mine(self) -> None:
        if self._theirs is not None:
            self.conflict.hide()
            self.show_card(self._theirs, self.form.values())
            self.save()

    # Status and history ---------------------------------------------------------------------

    def _set_status(self, status: Status) -> None:
        self._visits.set_status(self.card, status, failed=self._refused, done=self._status_set)

    def _status_set(self, answer: Done[AppointmentCard]) -> None:
        if answer.value is not None:
            mine = self.form.values() if self.is_edited else None
            self.show_card(answer.value, mine)

    def _approve(self) -> None:
        self._visits.approve(self.card, done=self._status_set)

    def _decline(self) -> None:
        self._visits.decline(self.card, done=self._status_set)

    def _read_history(self) -> None:
        from clinic_desk.services import journal

        self._desk.ask(
            journal.history, "appointment", self.card.id, done=self._show_history,
            ticket=("history", self.card.id), what=_("reading the history"),
        )  # fmt: skip

    def _show_history(self, deeds: Sequence[DeedCard]) -> None:
        self.history_model.set_deeds(deeds, "appointment", self.card.id)
        self.history.resizeRowsToContents()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.finished_with.emit(self.card.id)
        super().closeEvent(event)
