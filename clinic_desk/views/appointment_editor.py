"""Everything about one visit: its fields, its status, its history.

Opens beside the calendar, not over it: other visits can be looked at meanwhile. What
somebody else changes while the form is edited is shown beside one's own, to choose from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QTabWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted, Invalid, Stale
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.services.cards import AppointmentCard, DeedCard, Done, Override
from clinic_desk.views import two_versions, words
from clinic_desk.views.appointment.parts import Parts
from clinic_desk.views.desk import Desk
from clinic_desk.views.editor_head import EditorHead
from clinic_desk.views.history import HistoryTableModel, history_table
from clinic_desk.views.leaving import EditorWindow
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.refusal import RefusalPanel
from clinic_desk.views.slots import Slot
from clinic_desk.views.visit_form import Values, VisitForm
from clinic_desk.views.visits import Visits
from clinic_desk.views.widgets import button, column, error_line, label, named, row


class AppointmentEditor(EditorWindow):
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
        self._saving: Values | None = None
        self._alone = False
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
        self.told = error_line("editor-told")
        page = QWidget()
        page.setLayout(column(self.form, self.told, self.refusal, 1, margin=12, gap=12))
        self.history = history_table(self.history_model)
        self.tabs = named(QTabWidget(), "editor-tabs", _("Parts"))
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(page, _("Appointment"))
        self.tabs.addTab(self.history, _("History"))
        memory = getattr(self.parent(), "memory", None)
        whose = (self._desk.catalogue.organisation.uuid, self._desk.actor.user_id)
        self.parts = Parts(
            self._desk, self.card, self.tabs, memory.of(*whose) if memory is not None else None
        )
        self.parts.edited.connect(self._edited)
        self.parts.refused.connect(self._stay)
        self.save_button = button(_("Save"), "editor-save", self.save, look="primary", tip="Ctrl+S")
        self.save_button.setDefault(True)
        self.leave = button(_("Close"), "editor-close", self.discard)
        self.case_button = button(_("Case…"), "editor-case", self._open_case, look="quiet")
        if not self._desk.may("Appointment Show"):
            self.case_button.hide()
        buttons = row(self.case_button, 1, self.leave, self.save_button)
        self.setLayout(
            column(self.head, self.conflict, self.tabs, buttons, margin=16, gap=10, grow=2)
        )
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

    def show_card(self, card: AppointmentCard, *, keep: bool = False) -> None:
        """Show *card*, and its values in the fields unless these shall *keep* what they hold."""
        self.card = card
        self.head.show_card(card)
        self.parts.show_card(card)
        if not keep:
            self.form.fill(card)
        may = self._desk.may("Appointment Update")
        open_ = card.status in HOLDING and card.status is not Status.COMPLETED
        self.form.set_editable(may and open_, notes=may)
        self._edited()

    @property
    def is_edited(self) -> bool:
        """Whether the fields or the other parts hold something that is not saved."""
        return self._fields_edited or self.parts.unsaved

    @property
    def _fields_edited(self) -> bool:
        mine = self._mine()
        return mine is None or bool(mine.differing(Values.of(self.card)))

    def _mine(self) -> Values | None:
        """What stands in the fields; None where that is no time."""
        try:
            return self.form.values()
        except Invalid:
            return None

    def _edited(self) -> None:
        edited = self.is_edited
        self.setWindowModified(edited)
        self.save_button.setEnabled(edited and self._saving is None)
        self.head.allow_answers(on=not self._fields_edited)
        self.leave.setEnabled(self._saving is None)
        self.leave.setText(_("Discard changes") if edited else _("Close"))
        self.told.hide()

    # Saving -----------------------------------------------------------------------------------

    def save(self, override: Override | None = None) -> None:
        """Save what differs; refusals are shown here and nothing typed is lost."""
        from clinic_desk.services import diary

        if self.parts.unsaved:
            self.parts.save(lambda: self._parts_saved(override))
            return
        try:
            values = self.form.values()
        except Invalid as error:
            self._stay()
            self._tell(words.explained(error, self.card.time_zone))
            return
        fields = values.differing(Values.of(self.card))
        if not fields or self._saving is not None:
            return
        if override is None and self._ask_series(values, fields):
            return
        self._begin_saving(values)
        self._desk.do(
            diary.change,
            self.card.id,
            version=self.card.version,
            override=override,
            label=_("Change appointment"),
            said=_("Saved: {patient}, {when}").format(
                patient=words.isolated(self.card.patient_name),
                when=words.when_there(values.span, self.card.time_zone, self._desk.zone),
            ),
            done=self._saved,
            failed=self._refused,
            **fields,
        )

    def _begin_saving(self, values: Values) -> None:
        self._saving, self._alone = values, False
        self._edited()

    def _ask_series(self, values: Values, fields: dict[str, Any]) -> bool:
        """Whether it is asked if other visits of the series go where this one goes."""
        from clinic_desk.views.appointment import series_visits

        moves = any(name in series_visits.PLACE for name in fields)
        if self.card.series_id is None or self._alone or not moves:
            return False
        series_visits.change(
            self._desk, self, self.card, fields, alone=self._save_alone, kept=self._stay,
            begin=lambda: self._begin_saving(values), done=self._saved, failed=self._refused,
        )  # fmt: skip
        return True

    def _save_alone(self) -> None:
        self._alone = True
        self.save()

    def _parts_saved(self, override: Override | None) -> None:
        if self._fields_edited:
            self.save(override)
        else:
            self.done(QDialog.DialogCode.Accepted)

    def _saved(self, answer: Done[AppointmentCard]) -> None:
        saved, self._saving = self._saving, None
        self.refusal.hide()
        self.conflict.hide()
        if saved == self._mine() and not self.parts.unsaved:
            self.done(QDialog.DialogCode.Accepted)
            return
        self._stay()  # something was typed while it was being saved
        if answer.value is not None:
            self.show_card(answer.value, keep=True)
        self._edited()

    def _refused(self, error: BaseException) -> bool:
        self._saving = None
        self._stay()
        self._edited()
        if isinstance(error, Conflicted):
            values = self.form.values()
            place = self.card.location.id if self.card.location else None
            slot = Slot(values.span, values.provider_id, values.operatory_id, place)
            self.refusal.explain(error, slot, values.type_id, patient_id=self.card.patient_id)
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
        mine = {("appointment", self.card.id), ("patient_case", self.card.case_id), EVERYTHING}
        if mine & changes:
            from clinic_desk.services import diary

            self._desk.ask(
                diary.appointment,
                self.card.id,
                done=self._changed_elsewhere,
                ticket=("editor", self.card.id),
            )
            self._read_history()

    def _changed_elsewhere(self, theirs: AppointmentCard) -> None:
        if self._saving is not None:
            return
        if theirs.version == self.card.version:
            self.head.show_card(theirs)  # its case may have another name
        elif self._fields_edited:
            self._show_both(theirs)
        else:
            self.show_card(theirs)

    def _show_both(self, theirs: AppointmentCard) -> None:
        """Both versions, and the choice."""
        self._theirs = theirs
        catalogue, own, zone = self._desk.catalogue, theirs.time_zone, self._desk.zone
        said = mine = Values.of(theirs)
        try:
            mine = self.form.values()
            yours = two_versions.told(mine, said, catalogue, self.card.time_zone, zone)
        except Invalid as error:
            yours = words.explained(error, self.card.time_zone)
        state = words.status(theirs.status)
        text = _("Somebody changed this while you were editing.\nTheirs: {theirs}\nYours: {yours}")
        self.stale_text.setText(
            text.format(
                theirs=two_versions.told(said, mine, catalogue, own, zone, state),
                yours=yours,
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
            self.show_card(self._theirs, keep=True)
            self.save()

    # Case, status and history ---------------------------------------------------------------

    def _open_case(self) -> None:
        from clinic_desk.views.cases.opening import open_case

        open_case(self._desk, self.card.case_id, self)

    def _set_status(self, status: Status) -> None:
        self._visits.set_status(self.card, status, failed=self._refused, done=self._status_set)

    def _status_set(self, answer: Done[AppointmentCard]) -> None:
        if answer.value is not None:
            self.show_card(answer.value, keep=self._fields_edited)

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

    # Leaving ----------------------------------------------------------------------------------

    @property
    def is_saving(self) -> bool:
        """Whether the fields are being saved just now."""
        return self._saving is not None

    @property
    def about(self) -> str:
        """When the visit is."""
        return words.visit_when(self.card, self._desk.zone)

    def done(self, result: int) -> None:
        """Every way out ends here."""
        super().done(result)
        self.finished_with.emit(self.card.id)
