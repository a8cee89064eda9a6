"""A field for each kind of question: what is typed becomes the text that is stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose, text_field
from clinic_desk.views.widgets import label, named

Answer = QLineEdit | QPlainTextEdit | QComboBox

EXAMPLE = date(1986, 4, 12)


def answer_field(question: Question, name: str, edited: Callable[[], object]) -> Answer:
    """The field for *question*, empty."""
    if question.kind is FieldKind.CHOICE:
        box = choice(name, question.text, edited)
        box.addItem(_("Not answered"), "")
        for one in question.choices:
            box.addItem(one, one)  # no isolates: a letter typed leads to its choice
        return box
    if question.kind is FieldKind.TEXT:
        text = named(QPlainTextEdit(), name, question.text)
        text.setTabChangesFocus(True)
        text.setFixedHeight(52)
        text.textChanged.connect(edited)
        return text
    line = text_field(name, question.text, edited)
    line.setMaximumWidth(220)
    if question.kind is FieldKind.DATE:
        line.setPlaceholderText(words.day_numbers(EXAMPLE))
    return line


def read_back(question: Question, name: str) -> QLabel | None:
    """Where a day that was typed is told in words; None for other kinds."""
    return label("", name, role="hint") if question.kind is FieldKind.DATE else None


def stored(question: Question, field: Answer, today: date) -> str:
    """What stands in *field* as it is stored; what cannot be read stays as it was typed."""
    if isinstance(field, QComboBox):
        return str(field.currentData() or "")
    if isinstance(field, QPlainTextEdit):
        return field.toPlainText().strip()
    text = field.text().strip()
    if question.kind is FieldKind.DATE and text:
        found = i18n.day_typed(text, today)
        return found.isoformat() if found else text
    if question.kind is FieldKind.NUMBER:
        return _number(text)
    return text


def show(question: Question, field: Answer, text: str) -> None:
    """Write a stored answer into *field* as the present language writes it."""
    if isinstance(field, QComboBox):
        choose(field, text, text)
    elif isinstance(field, QPlainTextEdit):
        if field.toPlainText().strip() != text:
            field.setPlainText(text)
    elif question.kind is FieldKind.DATE:
        field.setText(_day_text(text))
    elif question.kind is FieldKind.NUMBER:
        field.setText(_number_text(text))
    else:
        field.setText(text)


def told(text: str) -> str:
    """A stored day in words; empty where *text* is none."""
    try:
        return words.day_long(date.fromisoformat(text))
    except ValueError:
        return ""


def lock(field: QWidget, *, locked: bool) -> None:
    """Let nobody write in *field*; what stands there can still be read and copied."""
    if isinstance(field, QLineEdit | QPlainTextEdit):
        field.setReadOnly(locked)
    else:
        field.setEnabled(not locked)


def _number(text: str) -> str:
    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in text.replace("٫", ".")
        if not sign.isspace() and unicodedata.category(sign) != "Cf"
    )
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def _number_text(text: str) -> str:
    from babel.numbers import format_decimal

    head, _point, decimals = text.partition(".")
    if not head.removeprefix("-").isdigit():
        return text
    pattern = "0" + ("." + "0" * len(decimals) if decimals else "")
    return str(format_decimal(Decimal(text), pattern, locale=i18n.locale()))


def _day_text(text: str) -> str:
    try:
        return words.day_numbers(date.fromisoformat(text))
    except ValueError:
        return text
