"""One category of forms, in a small window of its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import ClinicError, NotAllowed, Stale
from clinic_desk.services.cards import Done
from clinic_desk.services.form_categories import (
    ANYBODYS,
    FormCategoryCard,
    FormCategoryDraft,
    HoldsForms,
)
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.foot import Foot
from clinic_desk.views.operational.fields import BookFields, line_of, tick
from clinic_desk.views.operational.lines import swatch_icon
from clinic_desk.views.widgets import button, column, label, named, row

CREATES, CHANGES, SHOWS = (f"Form Category {name}" for name in ("Create", "Update", "Show"))


def colours() -> tuple[tuple[str, str], ...]:
    """What is offered: each colour can be told from white and from black, and has a name."""
    return (
        ("", _("No colour")),
        ("#dc2626", _("Red")),
        ("#c46200", _("Orange")),
        ("#537200", _("Green")),
        ("#007688", _("Teal")),
        ("#0067db", _("Blue")),
        ("#7b0093", _("Violet")),
        ("#6a6966", _("Grey")),
    )


class CategoryEditor(QDialog):
    """Name, colour, whether everybody has it, whether it is in use; or it goes.

    Attributes:
        card: the category as it was read; None for a new one.
    """

    def __init__(self, desk: Desk, card: FormCategoryCard | None, parent: QWidget) -> None:
        super().__init__(parent)
        title = _("New category") if card is None else _("Category")
        named(self, "category", title)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self.card, self._busy = desk, card, False
        self._goes = self._move = False
        edited = self._edited
        self.name = line_of("category-name", _("Name"), edited)
        self.colour = choice("category-colour", _("Colour"), edited)
        for value, text in colours():
            self._offer_colour(value, text)
        self.shared = tick("category-shared", _("In everybody’s list"), edited)
        alone = label(
            _("Otherwise only you find it, and whoever may see the master list."),
            "category-shared-hint", role="hint", wrap=True,
        )  # fmt: skip
        self.active = tick("category-active", _("In use"), edited)
        self.fields = BookFields("category-fields", title)
        self.fields.add("name", _("Name"), self.name)
        self.fields.add("colour", _("Colour"), self.colour)
        self.fields.add("shared", "", self.shared, alone)
        self.fields.add("active", "", self.active)
        self.owner = label("", "category-owner", role="hint", wrap=True)
        self.told = label("", "category-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.save_button = button(_("Save"), "category-save", self.save, look="primary")
        self.save_button.setDefault(True)
        cancel = button(_("Cancel"), "category-cancel", self.reject)
        self.remove_button = button(
            _("Delete category"), "category-remove", self.remove, look="danger"
        )
        self.asked = label("", "category-asked", wrap=True)
        self.really = button("", "category-really", self._go_on, look="danger")
        keep = button(_("Leave it as it is"), "category-keep", self._keep)
        self.question = named(QFrame(), "category-question", _("Question"), role="note")
        self.question.setLayout(column(self.asked, row(self.really, keep, 1), margin=10))
        foot = Foot((self.save_button, cancel), self.remove_button)
        self.setLayout(
            column(self.fields, self.owner, self.told, self.question, 1, foot, margin=16, gap=12)
        )
        self.told.hide()
        self.question.hide()
        self.setMinimumWidth(380)
        self._fill()
        self.name.setFocus()

    # Fields -----------------------------------------------------------------------------------

    def _offer_colour(self, value: str, text: str) -> None:
        if value:
            self.colour.addItem(swatch_icon(value), text, value)
        else:
            self.colour.addItem(text, value)

    def _fill(self) -> None:
        draft = self.card.draft if self.card else FormCategoryDraft()
        self.name.setText(draft.name)
        if self.colour.findData(draft.colour) < 0:
            self._offer_colour(draft.colour, draft.colour)
        choose(self.colour, draft.colour)
        self.shared.setChecked(draft.shared)
        self.active.setChecked(draft.active)
        self.remove_button.setVisible(self.card is not None)
        owner = self.card.owner if self.card else ""
        self.owner.setText(_("Made by {who}").format(who=words.isolated(owner)) if owner else "")
        self.owner.setVisible(bool(owner))
        self._allow()

    def draft(self) -> FormCategoryDraft:
        """What stands in the fields."""
        return FormCategoryDraft(
            self.name.text().strip(),
            self.colour.currentData(),
            self.shared.isChecked(),
            self.active.isChecked(),
        )

    @property
    def needed(self) -> str:
        """The permission that is missing to save here, empty for none."""
        card, may = self.card, self._desk.may
        if card is None:
            return "" if may(CREATES) else CREATES
        if not may(CHANGES):
            return CHANGES
        own = card.owner_id is not None and card.owner_id == self._desk.actor.user_id
        return "" if own or may(ANYBODYS) else ANYBODYS

    def _allow(self) -> None:
        why = words.explained(NotAllowed(self.needed)) if self.needed else ""
        for field in self.fields.each():
            field.setEnabled(not why)
            field.setToolTip(why)
        for one in (self.save_button, self.remove_button):
            one.setEnabled(not why and not self._busy)
            one.setToolTip(why)
        if why:
            self._tell(why)

    def _edited(self) -> None:
        self.fields.untell()
        self.told.hide()
        self._keep()

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Save; one that goes out of use asks what becomes of its forms first."""
        from clinic_desk.services import form_categories

        if self._busy or self.needed:
            return
        draft, card = self.draft(), self.card
        name = words.isolated(draft.name)
        if card is None:
            self._send(
                form_categories.create, draft, label=_("New category of forms"),
                said=_("Added: {what}").format(what=name),
            )  # fmt: skip
        elif card.draft == draft:
            self.accept()
        elif card.active and not draft.active and card.forms and not self._move:
            self._ask(card.forms, goes=False)
        else:
            self._send(
                form_categories.change, card.id, draft, version=card.version,
                move_forms=self._move, label=_("Change category of forms"),
                said=_("Saved: {what}").format(what=name),
            )  # fmt: skip

    def remove(self) -> None:
        """Take the category away; where forms stand in it, this is said first."""
        from clinic_desk.services import form_categories

        card = self.card
        if self._busy or card is None or self.needed:
            return
        if self._move or (self._goes and not card.forms):
            self._send(
                form_categories.remove, card.id, version=card.version, move_forms=self._move,
                label=_("Delete category of forms"),
                said=_("Deleted: {what}").format(what=words.isolated(card.draft.name)),
            )  # fmt: skip
        else:
            self._ask(card.forms, goes=True)

    def _ask(self, count: int, *, goes: bool) -> None:
        self._goes = goes
        moves = ngettext(
            "{count} form stands in this category. It moves to “No category”.",
            "{count} forms stand in this category. They move to “No category”.",
            count,
        ).format(count=count)
        self.asked.setText(moves if count else _("No form stands in this category."))
        self.really.setText(_("Delete category") if goes else _("Take it out of use"))
        self.really.setAccessibleName(self.really.text())
        self.question.show()
        self.adjustSize()
        self.really.setFocus()

    def _keep(self) -> None:
        self._goes = self._move = False
        self.question.hide()

    def _go_on(self) -> None:
        self.question.hide()
        self._move = bool(self.card and self.card.forms)
        if self._goes:
            self.remove()
        else:
            self._move = True
            self.save()

    def _send(self, command: Any, *args: Any, label: str, **more: Any) -> None:
        self._busy = True
        self._allow()
        self._desk.do(command, *args, label=label, done=self._done, failed=self._refused, **more)

    def _done(self, answer: Done[Any]) -> None:
        self.accept()

    def _refused(self, error: BaseException) -> bool:
        self._busy = False
        self._keep()
        self._allow()
        if not isinstance(error, ClinicError):
            return False
        if isinstance(error, (Stale, HoldsForms)):
            self._read_again()
        if not self.fields.tell(error):
            self._tell(words.explained(error, self._desk.zone))
        return True

    def _read_again(self) -> None:
        """What is typed stays; saving once more writes it over what stands there now."""
        from clinic_desk.services import form_categories

        def found(card: FormCategoryCard) -> None:
            self.card = card

        if self.card is not None:
            self._desk.ask(form_categories.category, self.card.id, done=found)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()
