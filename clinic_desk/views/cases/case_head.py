"""The upper part of the page: what the case is called, and calling it something else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services.case_cards import CaseCard
from clinic_desk.views import words
from clinic_desk.views.cases.case_side import at_the_beginning
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, restyle, row


class CaseHead(QWidget):
    """The main problem, whether the case is open, and their changes.

    Attributes:
        is_edited: whether another name was typed and is not saved.

    Signals:
        edited(): the name in the field is another.
        rename_wanted(str): the main problem shall be called this.
        open_wanted(bool): the case shall be open, or closed.
    """

    edited = Signal()
    rename_wanted = Signal(str)
    open_wanted = Signal(bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "case-head", _("Main problem"))
        self._desk = desk
        self._problem = ""
        self._open = True
        self._busy = False
        self._theirs: str | None = None
        self.caption = label(_("Main problem"), "case-problem-label", role="hint")
        self.problem = label("", "case-problem", role="title", wrap=True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        at_the_beginning(self.problem)
        self.state = label("", "case-state", role="badge")
        self.rename = button(_("Rename…"), "case-rename", self.begin, look="quiet", tip="F2")
        self.close_case = button("", "case-close", self._change_open)
        self.field = named(QLineEdit(), "case-problem-field", _("Main problem"))
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self.send)
        self.save = button(_("Save"), "case-problem-save", self.send, look="primary")
        self.leave = button(_("Keep it"), "case-problem-keep", self.end)
        self._form = QWidget()
        self._form.setLayout(row(self.field, self.save, self.leave, grow=0))
        self.told = error_line("case-problem-told")
        self._stale_text = label("", "case-stale-text", wrap=True)
        take = button(_("Take theirs"), "case-take-theirs", self.end)
        mine = button(_("Use mine"), "case-use-mine", self.send)
        self.stale = named(QFrame(), "case-stale", _("Changed meanwhile"), role="refusal")
        self.stale.setLayout(column(self._stale_text, row(take, mine, 1), margin=10))
        self.stale.hide()
        self._form.hide()
        self._shown = QWidget()
        self._shown.setLayout(row(self.problem, self.rename, grow=0))
        state = row(self.state, self.close_case, 1)
        parts = (self.caption, self._shown, self._form, self.told, self.stale, state)
        self.setLayout(column(*parts, gap=6))

    def show_card(self, card: CaseCard) -> None:
        """Show what *card* says; a name that is being typed stays, and theirs is told."""
        changed = bool(self._problem) and card.main_problem != self._problem
        theirs = changed and self.is_edited and self.field.text().strip() != card.main_problem
        self._problem, self._open = card.main_problem, card.open
        self.problem.setText(card.main_problem)
        self.state.setText(_("Open") if card.open else _("Closed"))
        restyle(self.state, status="arrived" if card.open else "cancelled")
        self.close_case.setText(_("Close case") if card.open else _("Reopen case"))
        if theirs:
            self.show_both(card.main_problem)
        may = self._desk.may("Appointment Update")
        for made in (self.rename, self.close_case):
            made.setEnabled(may)
            made.setToolTip("" if may else words.explained(NotAllowed("Appointment Update")))
        self._typed()

    def show_both(self, theirs: str) -> None:
        """Somebody else renamed it while a name was being typed here."""
        text = _("Somebody changed this while you were editing.\nTheirs: {theirs}\nYours: {yours}")
        yours = words.isolated(self.field.text().strip())
        self._stale_text.setText(text.format(theirs=words.isolated(theirs), yours=yours))
        self.told.hide()
        self.stale.show()

    # Renaming ---------------------------------------------------------------------------------

    @property
    def is_edited(self) -> bool:
        """Whether another name was typed and is not saved."""
        return not self._form.isHidden() and self.field.text().strip() != self._problem

    def begin(self) -> None:
        """Put the name into a field, for whoever may change it."""
        if not self.rename.isEnabled() or not self._form.isHidden():
            return
        self.field.setText(self._problem)
        self._shown.hide()
        self._form.show()
        self.field.setFocus()
        self.field.selectAll()

    def end(self) -> None:
        """Show the name as it stands; what was typed is given up."""
        self._form.hide()
        self.told.hide()
        self.stale.hide()
        self._shown.show()
        self.rename.setFocus()
        self.edited.emit()

    def send(self) -> None:
        """Ask for the name in the field; the same name again is no deed."""
        if self._busy:
            return
        if self.is_edited:
            self.stale.hide()
            self.rename_wanted.emit(self.field.text())
        elif not self._form.isHidden():
            self.end()

    def set_busy(self, busy: bool) -> None:
        """While something is being saved, nothing else is."""
        self._busy = busy
        may = self._desk.may("Appointment Update")
        self.close_case.setEnabled(may and not busy)
        self._typed()

    def tell(self, text: str) -> None:
        """Say beside the field what is wrong with it."""
        self.told.setText(text)
        self.told.show()
        if not self._form.isHidden():
            self.field.setFocus()

    def _typed(self) -> None:
        self.told.hide()
        self.save.setEnabled(self.is_edited and not self._busy)
        self.edited.emit()

    def _change_open(self) -> None:
        self.open_wanted.emit(not self._open)
