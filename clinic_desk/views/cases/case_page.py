"""The page of a case: whose it is, what for, its visits, and every edit that was ever made.

A window of its own beside the calendar. Each change is saved by itself, at once; only the name
of the main problem is typed first, and is asked about before the window closes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QSplitter, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Invalid, Stale
from clinic_desk.services.cards import Done
from clinic_desk.services.case_cards import CaseCard
from clinic_desk.views import words
from clinic_desk.views.cases.case_head import CaseHead
from clinic_desk.views.cases.case_side import CaseSide
from clinic_desk.views.cases.history_tab import HistoryTab
from clinic_desk.views.cases.visits_tab import VisitsTab
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import EditorWindow
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.widgets import (
    add_tab,
    button,
    column,
    error_line,
    label,
    named,
    part_tabs,
    row,
)


class CasePage(EditorWindow):
    """One case. The main window treats it as one of its editors.

    Attributes:
        card: the case as it was read last; None until it has been.

    Signals:
        finished_with(int): the window closes; the case's number.
        open_wanted(AppointmentCard): the editor of a visit.
        shown_in_calendar(AppointmentCard): the week of a visit.
        day_wanted(date): a day of the calendar.
    """

    finished_with = Signal(int)
    open_wanted = Signal(object)
    shown_in_calendar = Signal(object)
    day_wanted = Signal(object)

    def __init__(self, desk: Desk, case_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "case-page", _("Case"))
        self.setWindowTitle(_("Case") + "[*]")  # no name: titles are seen by strangers
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self.case_id = desk, case_id
        self.card: CaseCard | None = None
        self._saving = False
        self._closes = False
        self._build()
        desk.deeds_happened.connect(self._happened)
        desk.catalogue_changed.connect(self._show_again)
        self.read()

    def _build(self) -> None:
        desk = self._desk
        self.head = CaseHead(desk)
        self.side = CaseSide(desk)
        self.visits = VisitsTab(desk)
        self.history = HistoryTab(desk, self.case_id)
        self.tabs = part_tabs("case-tabs", _("Parts"))
        add_tab(self.tabs, self.visits, _("Appointments"))
        add_tab(self.tabs, self.history, _("History"))
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.told = error_line("case-told")
        self.waits = label(_("Reading the case…"), "case-waits", role="hint")
        self.again = button(_("Try again"), "case-again", self.read)
        self.again.hide()
        self.leave = button(_("Close"), "case-leave", self.reject)
        self._body = QWidget()
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "case-splitter")
        for part in (self.side, self.tabs):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([330, 690])
        self._body.setLayout(column(self.head, self.splitter, gap=10, grow=1))
        self._body.hide()
        buttons = row(self.again, 1, self.leave)
        parts = (self.waits, self._body, self.told, buttons)
        self.setLayout(column(*parts, margin=16, gap=10, grow=1))
        self.head.edited.connect(self._edited)
        self.head.rename_wanted.connect(self._rename)
        self.head.open_wanted.connect(lambda on: self._change(is_open=on))
        self.side.requests_wanted.connect(lambda on: self._change(requests_allowed=on))
        self.side.types_wanted.connect(lambda types: self._change(allowed_type_ids=types))
        self.visits.open_wanted.connect(self.open_wanted)
        self.visits.shown_in_calendar.connect(self.shown_in_calendar)
        self.history.visit_wanted.connect(self.shown_in_calendar)
        self.history.day_wanted.connect(self.day_wanted)
        QShortcut(QKeySequence.StandardKey.Save, self, self.head.send)
        QShortcut(QKeySequence("F2"), self, self.head.begin)
        self.resize(1040, 700)

    # Reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask for the case as it stands now."""
        from clinic_desk.services import cases

        self.again.hide()
        self._desk.ask(
            cases.case, self.case_id, done=self._arrived, failed=self._not_read,
            ticket=("case", id(self)), what=_("reading the case"),
        )  # fmt: skip

    def _arrived(self, card: CaseCard) -> None:
        if self._saving and self.card is not None:
            return  # it is asked again when that is done
        first, self.card = self.card is None, card
        self.waits.hide()
        self._body.show()
        self.told.hide()
        self.head.show_card(card)
        self.side.show_card(card)
        self.visits.show_card(card)
        self.history.set_visits(card.appointments)
        if first:
            self.visits.table.setFocus()

    def _not_read(self, error: BaseException) -> None:
        self.waits.hide()
        self._tell(error)
        self.again.show()

    def _show_again(self) -> None:
        if self.card is not None:
            self.side.show_card(self.card)

    def _happened(self, changes: frozenset[Change]) -> None:
        visits = {card.id for card in self.card.appointments} if self.card else set()
        mine = {("patient_case", self.case_id), *(("appointment", number) for number in visits)}
        if self.card is not None:
            mine.add(("patient", self.card.patient.id))
        # A new visit's case is not known by its number alone.
        new = any(kind == "appointment" and number not in visits for kind, number in changes)
        if EVERYTHING in changes or mine & changes or new:
            self.read()
            if self.tabs.currentWidget() is self.history:
                self.history.read()

    def _tab_chosen(self) -> None:
        if self.tabs.currentWidget() is self.history:
            self.history.read()

    # Changing ---------------------------------------------------------------------------------

    def _rename(self, text: str) -> None:
        self._change(
            label=_("Rename the case to “{problem}”").format(problem=text.strip()),
            main_problem=text,
        )

    def _change(self, *, label: str = "", **fields: Any) -> None:
        """Save *fields* of the case, alone and at once."""
        from clinic_desk.services import cases

        if self.card is None or self._saving:
            return
        self._set_saving(True)
        self.told.hide()
        problem = fields.get("main_problem", self.card.main_problem)
        said = _("Saved: {what}").format(what=words.isolated(problem.strip()))
        done = self._renamed if "main_problem" in fields else self._saved
        self._desk.do(
            cases.change, self.case_id, version=self.card.version,
            label=label or _("Change of a case"), said=said, done=done,
            failed=self._refused, **fields,
        )  # fmt: skip

    def _set_saving(self, saving: bool) -> None:
        self._saving = saving
        self.head.set_busy(saving)
        self.side.set_busy(saving)
        self._edited()

    def _renamed(self, answer: Done[int]) -> None:
        if self.card is not None:
            self.card = replace(self.card, main_problem=self.head.field.text().strip())
            self.head.show_card(self.card)
        self.head.end()
        self._saved(answer)
        if self._closes:
            self.done(QDialog.DialogCode.Accepted)

    def _saved(self, answer: Done[int]) -> None:
        if self.card is not None and answer.value is not None:
            self.card = replace(self.card, version=answer.value)
        self._set_saving(False)
        self.read()

    def _refused(self, error: BaseException) -> bool:
        self._closes = False
        self._stay()
        self._set_saving(False)
        if isinstance(error, Stale) and isinstance(error.theirs, CaseCard):
            yours = self.head.is_edited
            self._arrived(error.theirs)
            if yours:
                self.head.show_both(error.theirs.main_problem)
            else:
                self._tell(error)
            return True
        if isinstance(error, Invalid) and error.field == "main_problem":
            self.head.tell(words.explained(error, self._desk.zone))
            return True
        if self.card is not None:
            self.side.show_card(self.card)  # a tick that was not saved is taken back
        self._tell(error)
        return True

    def _tell(self, error: BaseException) -> None:
        self.told.setText(words.explained(error, self._desk.zone))
        self.told.show()

    # Leaving ----------------------------------------------------------------------------------

    @property
    def is_edited(self) -> bool:
        """Whether something typed here is not saved."""
        return self.head.is_edited

    @property
    def is_saving(self) -> bool:
        """Whether a change of the case is being saved just now."""
        return self._saving

    @property
    def about(self) -> str:
        """All that is typed here."""
        return _("Main problem")

    def _edited(self) -> None:
        self.setWindowModified(self.is_edited)

    def save(self) -> None:
        """Save what was typed, and close when that has succeeded."""
        if self.is_edited:
            self._closes = True
            self.head.send()

    def done(self, result: int) -> None:
        """Every way out ends here."""
        super().done(result)
        self.finished_with.emit(self.case_id)
