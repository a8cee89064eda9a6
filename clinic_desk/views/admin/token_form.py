"""A token for another program: its name, and what the program may do."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services.tokens import LONGEST_NAME
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, text_field
from clinic_desk.views.admin.make_form import MakeForm
from clinic_desk.views.admin.tokens_table import scope_told
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named


class TokenForm(MakeForm):
    """What it makes is a NewToken."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, "token", _("New token"), parent)
        self.name = text_field("token-name", _("Program"), self._edited)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_("For example: the clinic’s website"))
        self.scopes: dict[str, QCheckBox] = {}
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
        self._lay_out_form(
            _("Give a program only what it needs. You can withdraw a token at any time."),
            button(_("Make the token"), "token-make", self.save, look="primary"),
        )
        self.resize(620, 420)
        self.name.setFocus()

    def _choices(self) -> QWidget:
        """A box for each scope: in plain words what it allows, then how programs call it."""
        parts: list[QWidget] = []
        for scope in SCOPES:
            name, line = f"token-scope-{scope.replace(':', '-')}", scope_told(scope)
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

    def save(self) -> None:
        """Make the token; a refusal is shown at its field."""
        from clinic_desk.services import tokens

        if self._busy:
            return
        name = self.name.text()
        self._send(
            tokens.create,
            name=name,
            scopes=self.chosen,
            role_id=self.role.currentData(),
            label=_("Access for {program}").format(program=words.isolated(name.strip())),
        )

    @property
    def is_edited(self) -> bool:
        """Whether something was typed or ticked."""
        return bool(self.name.text().strip() or self.chosen or self.role.currentData())
