"""A token for another program: its name, and what the program may do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services.cards import Done
from clinic_desk.services.tokens import LONGEST_NAME, NewToken
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, choice, text_field
from clinic_desk.views.admin.tokens_table import scope_line
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.widgets import button, column, label, named, row


class TokenForm(QDialog):
    """Stays until the token is made; what was typed is not closed away unasked.

    Signals:
        made(NewToken or None): None where the answer that carried the token was lost.
    """

    made = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "token-form", _("New token"))
        self.setWindowTitle(_("New token"))
        self._desk = desk
        self._busy = False
        self._question: LeavingQuestion | None = None
        self.name = text_field("token-name", _("Program"), self._edited)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_("For example: the clinic’s website"))
        self.scopes: dict[str, QCheckBox] = {}
        self.fields = Fields("token-fields", _("New token"))
        self.fields.add("name", _("Program"), self.name)
        self.fields.add("scopes", _("It may"), self._choices())
        self.role = choice("token-role", _("Acts as role"), self._edited)
        self.role.addItem(_("No role: all that is ticked above"), None)
        for one in sorted(desk.catalogue.roles.values(), key=lambda each: _(each.name).casefold()):
            self.role.addItem(_(one.name), one.id)
        hint = label(
            _("With a role, it may only do what that role may do as well."),
            "token-role-hint",
            role="hint",
            wrap=True,
        )
        self.fields.add("role", _("Acts as role"), self.role, hint)
        self.told = label("", "token-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.told.hide()
        self.go = button(_("Make the token"), "token-make", self.make, look="primary")
        self.go.setDefault(True)
        leave = button(_("Cancel"), "token-leave", self.reject)
        text = label(
            _("Give a program only what it needs. You can withdraw a token at any time."),
            "token-text",
            role="hint",
            wrap=True,
        )
        inside = QWidget()
        inside.setLayout(column(text, self.fields, 1, gap=12))
        area = named(QScrollArea(), "token-area")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self.setLayout(column(area, self.told, row(leave, 1, self.go), margin=16, grow=0))
        self.resize(620, 420)
        self.name.setFocus()

    def _choices(self) -> QWidget:
        """A box for each scope, under it in plain words what it allows."""
        parts: list[QWidget] = []
        for scope in SCOPES:
            name, line = f"token-scope-{scope.replace(':', '-')}", scope_line(scope)
            box = named(QCheckBox(line), name, line)
            box.setToolTip(scope)
            box.setAccessibleDescription(scope)
            box.toggled.connect(lambda _on: self._edited())
            self.scopes[scope] = box
            parts.append(box)
        holder = named(QWidget(), "token-scopes", _("What the program may do"))
        holder.setLayout(column(*parts))
        holder.setFocusProxy(parts[0])
        return holder

    @property
    def chosen(self) -> tuple[str, ...]:
        """The scopes that are ticked."""
        return tuple(scope for scope, box in self.scopes.items() if box.isChecked())

    def make(self) -> None:
        """Make the token; a refusal is shown at its field."""
        from clinic_desk.services import tokens

        if self._busy:
            return
        self._busy = True
        self.go.setEnabled(False)
        name = self.name.text()
        self._desk.do(
            tokens.create,
            name=name,
            scopes=self.chosen,
            role_id=self.role.currentData(),
            label=_("Access for {program}").format(program=words.isolated(name.strip())),
            said="",
            done=self._done,
            failed=self._refused,
        )

    def _done(self, answer: Done[NewToken]) -> None:
        self._busy = False
        self.accept()
        self.made.emit(answer.value)

    def _refused(self, error: BaseException) -> bool:
        self._busy = False
        self.go.setEnabled(True)
        if not isinstance(error, ClinicError):
            return False
        if not self.fields.tell(error):
            self.told.setText(words.explained(error))
            self.told.show()
        return True

    def _edited(self) -> None:
        self.told.hide()
        self.fields.untell()

    def reject(self) -> None:
        """Close, after asking where something was typed or ticked."""
        if self._busy:
            return
        if not (self.name.text().strip() or self.chosen or self.role.currentData()):
            super().reject()
            return
        asked = self._question = LeavingQuestion(_("New token"), self)
        asked.save_wanted.connect(self.make)
        asked.discard_wanted.connect(lambda: QDialog.reject(self))
        asked.finished.connect(asked.deleteLater)
        asked.open()
