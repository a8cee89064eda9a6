"""The pages of forms: what is asked before a visit or an approval, and for which types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.form_rows import FormCard, FormDraft
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.fields import BookFields, Ticks, line_of, tick
from clinic_desk.views.operational.lines import Line
from clinic_desk.views.operational.questions import QuestionsField
from clinic_desk.views.widgets import column, label, named


class TriageForm(Form):
    """Name, types of visit, questions, in use."""

    def __init__(self, name: str, spoken: str, catalogue: Catalogue) -> None:
        super().__init__()
        named(self, f"{name}-form", spoken)
        edited = self.edited.emit
        self.name = line_of(f"{name}-name", _("Name"), edited)
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
        self.fields.add("questions", _("Questions"), self.questions)
        self.fields.add("types", _("Asked for"), self.types, hint)
        self.fields.add("active", "", self.active)
        self.fields.form.setRowWrapPolicy(self.fields.form.RowWrapPolicy.WrapAllRows)
        self.setLayout(column(self.fields))
        self.setFocusProxy(self.name)
        self.set_catalogue(catalogue)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Other types to tick; what is ticked stays."""
        types = sorted(catalogue.types.values(), key=lambda one: (one.position, one.name))
        self.types.offer((one.id, f"{one.code} · {one.name}") for one in types)

    def fill(self, shown: FormCard | None) -> None:
        """Show a form, or an empty one."""
        draft = shown.draft if shown else FormDraft()
        self.name.setText(draft.name)
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
        )


class TriageForms(Book):
    """What is asked before a visit."""

    name = "triage-forms"
    growing = 0
    kinds = frozenset({"form", "form_type"})
    listing = "Triage Form Get"
    changing = "Triage Form Create"

    def __init__(self) -> None:
        self.title = _("Triage forms")
        self.one = _("Triage form")
        self.new_text = _("New triage form")
        self.choose_text = _("Choose a triage form on the left, or make one.")
        self.headings = (_("Name"), _("Questions"))

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return TriageForm(self.name, self.one, desk.catalogue)

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
        for card in cards:
            count = len(card.questions)
            told = ngettext("{count} question", "{count} questions", count).format(count=count)
            yield Line(card.id, card.name, told, card.active)

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

    def steps(self, shown: FormCard | None, draft: FormDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import questionnaires

        if shown is None:
            return [("add", questionnaires.create, (draft,), {})]
        if shown.draft == draft:
            return []
        more = {"version": shown.version}
        return [("change", questionnaires.change, (shown.id, draft), more)]
