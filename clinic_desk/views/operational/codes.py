"""The pages of service codes, code modifiers and qualifications."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from clinic_desk.i18n import _
from clinic_desk.services.cards import CodeCard
from clinic_desk.services.clinic_cards import CodeDraft
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.fields import BookFields, line_of, tick
from clinic_desk.views.operational.lines import Line
from clinic_desk.views.widgets import column, label, named


class CodeForm(Form):
    """Code, name, in use."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, f"{name}-form", spoken)
        edited = self.edited.emit
        self.code = line_of(f"{name}-code", _("Code"), edited, 180)
        self.name = line_of(f"{name}-name", _("Name"), edited)
        self.active = tick(f"{name}-active", _("In use"), edited)
        self.fields = BookFields(f"{name}-fields", spoken)
        self.fields.add("code", _("Code"), self.code)
        self.fields.add("name", _("Name"), self.name)
        self.fields.add("active", "", self.active)
        self.setLayout(column(self.fields))
        self.setFocusProxy(self.code)

    def fill(self, shown: CodeCard | None) -> None:
        """Show an entry, or empty fields."""
        self.code.setText(shown.code if shown else "")
        self.name.setText(shown.name if shown else "")
        self.active.setChecked(shown.active if shown else True)

    def draft(self) -> CodeDraft:
        """What stands in the fields."""
        return CodeDraft(self.code.text(), self.name.text(), self.active.isChecked())


class Codes(Book):
    """What a visit is charged as."""

    name = "codes"
    kinds = frozenset({"service_code"})
    listing = "Service Get All"
    changing = "Service Update All"

    def __init__(self) -> None:
        self.title = _("Service codes")
        self.one = _("Service code")
        self.new_text = _("New service code")
        self.choose_text = _("Choose a service code on the left, or add one.")
        self.headings = (_("Code"), _("Name"))

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return CodeForm(self.name, self.one)

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import service_codes

        return service_codes.codes

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import service_codes

        return service_codes.code

    def lines(self, desk: Desk, cards: tuple[CodeCard, ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        for card in cards:
            yield Line(card.id, card.code, card.name, card.active)

    def number(self, shown: CodeCard) -> int:
        """Its number."""
        return shown.id

    def heading(self, shown: CodeCard) -> str:
        """What stands above the form."""
        return f"{shown.code} {shown.name}"

    def steps(self, shown: CodeCard | None, draft: CodeDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import service_codes

        if shown is None:
            return [("add", service_codes.add_code, (draft,), {})]
        if (shown.code, shown.name, shown.active) == (draft.code, draft.name, draft.active):
            return []
        return [("change", service_codes.change_code, (shown, draft), {})]


class Modifiers(Codes):
    """How a visit differs from what its code says."""

    name = "modifiers"
    kinds = frozenset({"service_modifier"})

    def __init__(self) -> None:
        super().__init__()
        self.title = _("Code modifiers")
        self.one = _("Code modifier")
        self.new_text = _("New code modifier")
        self.choose_text = _("Choose a code modifier on the left, or add one.")

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import service_codes

        return service_codes.modifiers

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import service_codes

        return service_codes.modifier

    def steps(self, shown: CodeCard | None, draft: CodeDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import service_codes

        if shown is None:
            return [("add", service_codes.add_modifier, (draft,), {})]
        if (shown.code, shown.name, shown.active) == (draft.code, draft.name, draft.active):
            return []
        return [("change", service_codes.change_modifier, (shown, draft), {})]


class QualificationForm(Form):
    """A name."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "qualifications-form", _("Qualification"))
        self.name = line_of("qualifications-name", _("Name"), self.edited.emit)
        self.fields = BookFields("qualifications-fields", _("Qualification"))
        self.fields.add("name", _("Name"), self.name)
        hint = label(
            _("Types say which of these somebody needs; providers say which they have."),
            "qualifications-hint",
            role="hint",
            wrap=True,
        )
        self.setLayout(column(self.fields, hint))
        self.setFocusProxy(self.name)

    def fill(self, shown: tuple[int, str] | None) -> None:
        """Show an entry, or empty fields."""
        self.name.setText(shown[1] if shown else "")

    def draft(self) -> str:
        """What stands in the fields."""
        return self.name.text()


class Qualifications(Book):
    """What somebody can have learned."""

    name = "qualifications"
    kinds = frozenset({"qualification"})
    listing = "Service Get All"
    changing = "Service Update All"
    can_be_inactive = False

    def __init__(self) -> None:
        self.title = _("Qualifications")
        self.one = _("Qualification")
        self.new_text = _("New qualification")
        self.choose_text = _("Choose a qualification on the left, or add one.")
        self.remove_text = _("Delete")
        self.headings = (_("Name"), _("Held by"))

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return QualificationForm()

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import clinic_providers

        return clinic_providers.qualifications

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import clinic_providers

        return clinic_providers.qualification

    def lines(self, desk: Desk, cards: tuple[tuple[int, str], ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        people = desk.catalogue.providers.values()
        for number, name in cards:
            held = [p.initials or p.name for p in people if number in p.qualification_ids]
            yield Line(number, name, ", ".join(held))

    def number(self, shown: Any) -> int:
        """Its number."""
        return int(shown[0]) if isinstance(shown, tuple) else int(shown)

    def heading(self, shown: tuple[int, str]) -> str:
        """What stands above the form."""
        return shown[1]

    def steps(self, shown: tuple[int, str] | None, draft: str) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import clinic_providers

        if shown is None:
            return [("add", clinic_providers.add_qualification, (draft,), {})]
        if shown[1] == draft:
            return []
        before = {"before": shown[1]}
        return [("change", clinic_providers.rename_qualification, (shown[0], draft), before)]

    def remove(self, shown: tuple[int, str]) -> Step:
        """The deed that deletes it."""
        from clinic_desk.services import clinic_providers

        return ("remove", clinic_providers.delete_qualification, (shown[0],), {})
