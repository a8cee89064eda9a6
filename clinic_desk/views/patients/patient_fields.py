"""The fields of a patient's form: what is asked of everybody, and what only some need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.patient_cards import PatientData
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, choice, choose, text_field
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import texts
from clinic_desk.views.widgets import label, named

FIRST = ("last_name", "first_name", "date_of_birth", "gender", "phone", "email")
"""Asked of everybody; the rest unfolds."""

NO_DATE = N_("“{text}” is no date.")


class PatientFields(Fields):
    """Holds what is typed; decides nothing. *edited* is called at every change by hand."""

    def __init__(self, desk: Desk, edited: Callable[[], object]) -> None:
        super().__init__("patient-form-fields", _("Patient"))
        self._desk, self._edited = desk, edited
        self.fields: dict[str, QWidget] = {}
        self.read_back = label("", "patient-form-born-read", role="hint", wrap=True)
        for name, caption in texts.captions().items():
            made = self._made(name, caption)
            below = (self.read_back,) if name == "date_of_birth" else ()
            self.fields[name] = made
            self.add(name, caption, made, *below)
        self.line("date_of_birth").setPlaceholderText(self._example())
        self.line("alert").setPlaceholderText(_("Wheelchair, needs an interpreter…"))
        self._fill_choices()

    def _made(self, name: str, caption: str) -> QWidget:
        if name in {"gender", "country", "language", "preferred_provider_id"}:
            return choice(f"patient-{name}", caption, self._edited)
        if name == "medical_alert":
            made = named(QPlainTextEdit(), f"patient-{name}", caption)
            made.setTabChangesFocus(True)
            made.setFixedHeight(56)
            made.textChanged.connect(self._edited)
            return made
        if name == "date_of_birth":
            return text_field(f"patient-{name}", caption, self._born_edited)
        return text_field(f"patient-{name}", caption, self._edited)

    def _fill_choices(self) -> None:
        for code, text in texts.genders():
            self.box("gender").addItem(text, code)
        for code, text in texts.countries():
            self.box("country").addItem(text, code)
        for tag, text in texts.languages():
            self.box("language").addItem(text, tag)
        self.box("preferred_provider_id").addItem("–", None)
        providers = self._desk.catalogue.providers.values()
        for provider in sorted(providers, key=lambda one: one.position):
            if provider.active:
                self.box("preferred_provider_id").addItem(provider.name, provider.id)

    def _example(self) -> str:
        return words.day_numbers(date(1986, 4, 12))

    def line(self, name: str) -> QLineEdit:
        """The field *name*, which is a line."""
        found = self.fields[name]
        assert isinstance(found, QLineEdit)
        return found

    def box(self, name: str) -> QComboBox:
        """The field *name*, which is a choice."""
        found = self.fields[name]
        assert isinstance(found, QComboBox)
        return found

    def unfold(self, *, all_of_them: bool, alerts: bool) -> None:
        """Show the first fields only, or all; medical alerts only for who may see them."""
        for name in self.fields:
            shown = name in FIRST or all_of_them
            self.set_row_visible(name, shown and (alerts or name != "medical_alert"))

    def show_data(self, data: PatientData | None, given: Mapping[str, str] | None = None) -> None:
        """Show what is written down of somebody, or a new patient with what is *given*."""
        self.untell()
        for name, field in self.fields.items():
            value = getattr(data, name) if data is not None else (given or {}).get(name, "")
            if name == "date_of_birth" and isinstance(value, date):
                value = words.day_numbers(value)
            if isinstance(field, QComboBox):
                stored = value or (None if name == "preferred_provider_id" else "")
                choose(field, stored, texts.value(name, value))
            elif isinstance(field, QPlainTextEdit):
                field.blockSignals(True)
                field.setPlainText(value or "")
                field.blockSignals(False)
            elif isinstance(field, QLineEdit):
                field.setText(value or "")
        self._read_born()

    def born(self) -> date | None:
        """The birth date as it is understood; None where there is none or it is no date."""
        return i18n.day_typed(self.line("date_of_birth").text(), self._desk.today())

    def are_of(self, card: PatientCard) -> bool:
        """Whether the very name and birth date of *card* stand here."""
        born = self.born()
        if born is None or born != card.date_of_birth:
            return False
        typed = (self.line(name).text() for name in ("last_name", "first_name"))
        return fold.key(" ".join(typed)) == fold.key(f"{card.last_name} {card.first_name}")

    def values(self) -> dict[str, Any]:
        """All fields as a command takes them. Raises ``Invalid`` for what is no date."""
        out: dict[str, Any] = {}
        for name, field in self.fields.items():
            if isinstance(field, QComboBox):
                out[name] = field.currentData()
            elif isinstance(field, QPlainTextEdit):
                out[name] = field.toPlainText()
            elif isinstance(field, QLineEdit):
                out[name] = field.text()
        text, born = out["date_of_birth"].strip(), self.born()
        if text and born is None:
            raise Invalid("date_of_birth", NO_DATE, text=text)
        out["date_of_birth"] = born
        return out

    def _born_edited(self) -> None:
        self._read_born()
        self._edited()

    def _read_born(self) -> None:
        born = self.born()
        today = self._desk.today()
        if born is None or born > today:
            self.read_back.hide()
            return
        text = _("{day}, {years} years").format(
            day=words.day_long(born), years=texts.age(born, today)
        )
        self.read_back.setText(text)
        self.read_back.show()
