"""The page of appointment types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from clinic_desk.i18n import _
from clinic_desk.services.cards import TypeCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.clinic_cards import TypeDraft
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.fields import (
    BookFields,
    ColourField,
    Ticks,
    line_of,
    minutes,
    offer,
    tick,
)
from clinic_desk.views.operational.lines import Line
from clinic_desk.views.widgets import column, label, named


class TypeForm(Form):
    """Code, name, length, buffers, colour, exam, who may give it, service code, in use."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "types-form", _("Appointment type"))
        self._desk, self._number = desk, 0
        edited = self.edited.emit
        self.code = line_of("types-code", _("Code"), edited, 140)
        self.name = line_of("types-name", _("Name"), edited)
        self.length = minutes("types-minutes", _("Length"), edited, 24 * 60, 5)
        self.before = minutes("types-before", _("Buffer before"), edited, 240, 5)
        self.after = minutes("types-after", _("Buffer after"), edited, 240, 5)
        self.colour = ColourField("types-colour", _("Colour"))
        self.colour.edited.connect(self.edited)
        self.exam = tick("types-exam", _("Requires an exam by a dentist or doctor"), edited)
        self.who = Ticks("types-who", _("Who may give it"))
        self.who.edited.connect(self.edited)
        self.service = choice("types-service", _("Service code"), edited)
        self.active = tick("types-active", _("Can be booked"), edited)
        self.fields = BookFields("types-fields", _("Appointment type"))
        add = self.fields.add
        add("name", _("Name"), self.name)
        add("code", _("Code"), self.code)
        add("minutes", _("Length"), self.length)
        add("before_minutes", _("Buffer before"), self.before)
        hint = label(
            _("Buffers hold the provider and the room, not the patient."),
            "types-buffers",
            role="hint",
            wrap=True,
        )
        add("after_minutes", _("Buffer after"), self.after, hint)
        add("colour", _("Colour"), self.colour)
        everybody = label(
            _("None is ticked: everybody may give it. Else whoever has one of these."),
            "types-everybody",
            role="hint",
            wrap=True,
        )
        add("qualification_ids", _("Who may give it"), self.who, everybody)
        add("service_code_id", _("Service code"), self.service)
        add("requires_exam", "", self.exam)
        add("active", "", self.active)
        self.setLayout(column(self.fields))
        self.setFocusProxy(self.name)
        self.set_catalogue(desk.catalogue)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer what the catalogue knows now; what is chosen stays."""
        self.blockSignals(True)
        self.who.offer(sorted(catalogue.qualifications.items(), key=lambda q: q[1].casefold()))
        codes = catalogue.service_codes.values()
        offer(self.service, _("None"), [(c.id, f"{c.code} {c.name}") for c in codes if c.active])
        self.colour.set_others(
            c for c in catalogue.types.values() if c.id != self._number and c.active
        )
        self.blockSignals(False)

    def fill(self, shown: TypeCard | None) -> None:
        """Show an entry, or empty fields."""
        self._number = 0 if shown is None else shown.id
        draft = TypeDraft("") if shown is None else type_draft(shown)
        self.blockSignals(True)
        self.set_catalogue(self._desk.catalogue)
        self.name.setText(draft.name)
        self.code.setText(draft.code)
        self.length.setValue(draft.minutes)
        self.before.setValue(draft.before_minutes)
        self.after.setValue(draft.after_minutes)
        self.colour.set_value(draft.colour)
        self.exam.setChecked(draft.requires_exam)
        self.who.tick(draft.qualification_ids)
        gone = self._desk.catalogue.service_codes.get(draft.service_code_id or 0)
        choose(self.service, draft.service_code_id, gone.code if gone else _("Gone"))
        self.active.setChecked(draft.active)
        self.blockSignals(False)

    def draft(self) -> TypeDraft:
        """What stands in the fields."""
        return TypeDraft(
            name=self.name.text(),
            code=self.code.text(),
            minutes=self.length.value(),
            before_minutes=self.before.value(),
            after_minutes=self.after.value(),
            colour=self.colour.value(),
            requires_exam=self.exam.isChecked(),
            qualification_ids=self.who.ticked(),
            service_code_id=self.service.currentData(),
            active=self.active.isChecked(),
        )


def type_draft(card: TypeCard) -> TypeDraft:
    """A type as it would be typed."""
    return TypeDraft(
        name=card.name,
        code=card.code,
        minutes=card.minutes,
        before_minutes=card.before_minutes,
        after_minutes=card.after_minutes,
        colour=card.colour,
        requires_exam=card.requires_exam,
        qualification_ids=card.qualification_ids,
        service_code_id=card.service_code_id,
        active=card.active,
    )


class Types(Book):
    """What can be booked."""

    name = "types"
    kinds = frozenset({"appointment_type", "type_qualification", "qualification", "service_code"})
    listing = "Service Get All"
    growing = 0
    changing = "Service Update All"

    def __init__(self) -> None:
        self.title = _("Appointment types")
        self.one = _("Appointment type")
        self.new_text = _("New appointment type")
        self.choose_text = _("Choose an appointment type on the left, or add one.")
        self.headings = (_("Name"), _("Code"))

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return TypeForm(desk)

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import clinic_types

        return clinic_types.types

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import clinic_types

        return clinic_types.type_

    def lines(self, desk: Desk, cards: tuple[TypeCard, ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        for card in cards:
            yield Line(card.id, card.name, card.code, card.active, card.colour)

    def number(self, shown: TypeCard) -> int:
        """Its number."""
        return shown.id

    def heading(self, shown: TypeCard) -> str:
        """What stands above the form."""
        return shown.name

    def steps(self, shown: TypeCard | None, draft: TypeDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import clinic_types

        if shown is None:
            return [("add", clinic_types.add, (draft,), {})]
        if type_draft(shown) == draft:
            return []
        return [("change", clinic_types.change, (shown, draft), {"accept": frozenset()})]
