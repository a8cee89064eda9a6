"""The pages of forms: what is asked before a visit or an approval, and for which types.

Forms stand in categories; these are above the list, and a form is dragged onto one or gets it
among its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QIcon

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.form_categories import FormCategoryCard
from clinic_desk.services.form_rows import FormCard, FormDraft
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.category_panel import LISTS, CategoryPanel
from clinic_desk.views.operational.fields import BookFields, Ticks, line_of, tick
from clinic_desk.views.operational.lines import Line, LineModel, swatch_icon
from clinic_desk.views.operational.questions import QuestionsField
from clinic_desk.views.widgets import column, label, named

if TYPE_CHECKING:
    from clinic_desk.views.operational.book_face import BookFace
    from clinic_desk.views.operational.book_page import BookPage


class TriageForm(Form):
    """Name, category, types of visit, questions, in use.

    Attributes:
        begins_in: the category in which a new form begins.
    """

    def __init__(self, name: str, spoken: str, catalogue: Catalogue) -> None:
        super().__init__()
        self.begins_in: int | None = None
        named(self, f"{name}-form", spoken)
        edited = self.edited.emit
        self.name = line_of(f"{name}-name", _("Name"), edited)
        self.category = choice(f"{name}-category", _("Category"), edited)
        self.types = Ticks(f"{name}-types", _("Types of visit"))
        self.types.edited.connect(edited)
        hint = label(
            _("Where none is ticked, the form is asked for every type."),
            f"{name}-types-hint", role="hint", wrap=True,
        )  # fmt: skip
        self.questions = QuestionsField(f"{name}-questions", _("Questions"))
        self.questions.edited.connect(edited)
        self.active = tick(f"{name}-active", _("In use"), edited)
        self.fields = BookFields(f"{name}-fields", spoken)
        self.fields.add("name", _("Name"), self.name)
        self.fields.add("category", _("Category"), self.category)
        self.fields.add("questions", _("Questions"), self.questions)
        self.fields.add("types", _("Asked for"), self.types, hint)
        self.fields.add("active", "", self.active)
        self.fields.form.setRowWrapPolicy(self.fields.form.RowWrapPolicy.WrapAllRows)
        self.setLayout(column(self.fields))
        self.setFocusProxy(self.name)
        self.set_categories(())
        self.set_catalogue(catalogue)

    def set_categories(self, cards: Sequence[FormCategoryCard]) -> None:
        """Other categories to choose from; what is chosen stays."""
        before = self.category.currentData()
        self.category.clear()
        self.category.addItem(_("No category"), None)
        for card in cards:
            if card.active or card.id == before:
                sign = swatch_icon(card.colour) if card.colour else QIcon()
                self.category.addItem(sign, words.isolated(card.name), card.id)
        self._choose(before)

    def _choose(self, category_id: int | None) -> None:
        """One that is not seen by the user stays where it is."""
        choose(self.category, category_id, missing=_("Another category"))

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Other types to tick; what is ticked stays."""
        types = sorted(catalogue.types.values(), key=lambda one: (one.position, one.name))
        self.types.offer((one.id, f"{one.code} · {one.name}") for one in types)

    def fill(self, shown: FormCard | None) -> None:
        """Show a form, or an empty one."""
        draft = shown.draft if shown else FormDraft(category_id=self.begins_in)
        self.name.setText(draft.name)
        self._choose(draft.category_id)
        self.types.tick(draft.type_ids)
        self.questions.set_value(draft.questions)
        self.active.setChecked(draft.active)

    def draft(self) -> FormDraft:
        """What stands in the fields."""
        return FormDraft(
            self.name.text().strip(),
            self.questions.value(),
            self.types.ticked(),
            self.active.isChecked(),
            self.category.currentData(),
        )


class TriageForms(Book):
    """What is asked before a visit."""

    name = "triage-forms"
    growing = 0
    wraps = True
    kinds = frozenset({"form", "form_type"})
    listing = "Triage Form Get"
    changing = "Triage Form Create"

    def __init__(self) -> None:
        self.title = _("Triage forms")
        self.one = _("Triage form")
        self.new_text = _("New triage form")
        self.choose_text = _("Choose a triage form on the left, or make one.")
        self.headings = (_("Name"), _("Questions"))
        self._cards: tuple[FormCard, ...] = ()

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        made = TriageForm(self.name, self.one, desk.catalogue)
        made.fields.set_row_visible("category", desk.may(LISTS))
        return made

    def panel(self, face: BookFace) -> CategoryPanel:
        """The categories; forms of the list below are dragged onto them."""
        page = face.page
        self.categories = panel = CategoryPanel(self.name, page.desk)
        face.model.looked_at = panel.shows
        if self.allowed(page.desk):
            face.model.can_be_dragged = True
            face.table.setDragEnabled(True)
            face.table.setDragDropMode(face.table.DragDropMode.DragOnly)
        panel.chosen.connect(lambda: self._looked_at(page))
        panel.read.connect(lambda: self._read(page))
        panel.put.connect(lambda form_id, place: self._put(page, form_id, place))
        return panel

    def _looked_at(self, page: BookPage) -> None:
        """Another category: other forms, and a new one begins there."""
        form, panel = page.form, self.categories
        assert isinstance(form, TriageForm)
        shown = next((one for one in panel.cards if one.id == panel.category_id), None)
        form.begins_in = shown.id if shown is not None and shown.active else None
        page.face.sift()

    def _read(self, page: BookPage) -> None:
        form = page.form
        assert isinstance(form, TriageForm)
        form.set_categories(self.categories.cards)
        page.show_list(self._cards)

    def sifted(self, model: LineModel) -> None:
        """Count what each category has."""
        self.categories.count(model.groups())

    def put_command(self) -> Callable[..., Any]:
        """Puts a form into a category."""
        from clinic_desk.services import forms

        return forms.put

    def _put(self, page: BookPage, form_id: int, category_id: int | None) -> None:
        card = next((one for one in self._cards if one.id == form_id), None)
        if card is not None and card.category_id != category_id:
            page.desk.do(
                self.put_command(), form_id, category_id, version=card.version,
                label=_("Put {name} into a category").format(name=words.isolated(card.name)),
                said=_("Saved: {what}").format(what=words.isolated(card.name)),
            )  # fmt: skip

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import forms

        return forms.forms

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import forms

        return forms.form

    def lines(self, desk: Desk, cards: tuple[FormCard, ...]) -> Iterator[Line]:
        """One line of the list for each form."""
        self._cards = cards
        colours = {one.id: one.colour for one in self.categories.cards}
        for card in cards:
            count = len(card.questions)
            told = ngettext("{count} question", "{count} questions", count).format(count=count)
            group = self.categories.known(card.category_id)
            colour = colours.get(group or 0, "")
            asked = " ".join(one.text for one in card.questions)
            yield Line(card.id, card.name, told, card.active, colour, group, asked)

    def number(self, shown: FormCard) -> int:
        """Its number."""
        return shown.id

    def heading(self, shown: FormCard) -> str:
        """What stands above the fields."""
        return shown.name

    def steps(self, shown: FormCard | None, draft: FormDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import forms

        if shown is None:
            return [("add", forms.create, (draft,), {})]
        if shown.draft == draft:
            return []
        return [("change", forms.change, (shown.id, draft), {"version": shown.version})]


class Questionnaires(TriageForms):
    """What has to be answered before a request is approved."""

    name = "questionnaires"
    listing = "Approval Questionnaire Get All"
    changing = "Approval Questionnaire Update"

    def __init__(self) -> None:
        super().__init__()
        self.title = _("Approval questionnaires")
        self.one = _("Approval questionnaire")
        self.new_text = _("New questionnaire")
        self.choose_text = _("Choose an approval questionnaire on the left, or make one.")

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import questionnaires

        return questionnaires.questionnaires

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import questionnaires

        return questionnaires.questionnaire

    def put_command(self) -> Callable[..., Any]:
        """Puts one into a category."""
        from clinic_desk.services import questionnaires

        return questionnaires.put

    def steps(self, shown: FormCard | None, draft: FormDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import questionnaires

        if shown is None:
            return [("add", questionnaires.create, (draft,), {})]
        if shown.draft == draft:
            return []
        more = {"version": shown.version}
        return [("change", questionnaires.change, (shown.id, draft), more)]
