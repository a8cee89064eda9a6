"""The questions of a form: a list of them in their order, and the chosen one below."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QCheckBox, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from clinic_desk.i18n import _, pgettext
from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, choice, choose, text_field
from clinic_desk.views.widgets import button, column, label, named, row

KEY_LENGTH = 12


def kind_text(kind: FieldKind) -> str:
    """What a question of this kind is answered with."""
    return {
        FieldKind.TEXT: pgettext("kind of answer", "Text"),
        FieldKind.CHOICE: pgettext("kind of answer", "Choice"),
        FieldKind.NUMBER: pgettext("kind of answer", "Number"),  # not that of a patient
        FieldKind.DATE: pgettext("kind of answer", "Date"),
    }[kind]


class QuestionsField(QWidget):
    """``edited`` when the user changed a question, their number or their order."""

    edited = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self._questions: list[Question] = []
        self._filling = False
        self.empty = label(_("No question yet. Add the first one."), f"{name}-empty", role="hint")
        self.list = named(QListWidget(), f"{name}-list", spoken)
        self.list.setFixedHeight(150)
        self.list.currentRowChanged.connect(lambda _row: self._show_one())
        self.add = button(_("Add question"), f"{name}-add", self._add)
        self.up = button(_("Up"), f"{name}-up", lambda: self._move(-1))
        self.down = button(_("Down"), f"{name}-down", lambda: self._move(1))
        self.drop = button(_("Take out"), f"{name}-drop", self._drop)
        self.text = text_field(f"{name}-text", _("Question"), self._typed)
        self.kind = choice(f"{name}-kind", _("Answered by"), self._typed)
        for kind in FieldKind:
            self.kind.addItem(kind_text(kind), kind)
        self.required = named(
            QCheckBox(_("Has to be answered")), f"{name}-required", _("Has to be answered")
        )
        self.required.clicked.connect(lambda _on: self._typed())
        self.choices = named(QPlainTextEdit(), f"{name}-choices", _("Choices, one a line"))
        self.choices.setPlaceholderText(_("One choice a line"))
        self.choices.setTabChangesFocus(True)
        self.choices.setFixedHeight(80)
        self.choices.textChanged.connect(self._typed)
        self.one = Fields(f"{name}-one", _("Question"))
        self.one.add("text", _("Question"), self.text)
        self.one.add("kind", _("Answered by"), self.kind)
        self.one.add("choices", _("Choices"), self.choices)
        self.one.add("required", "", self.required)
        self.setFocusProxy(self.add)
        self.setLayout(
            column(
                self.empty, self.list, row(self.add, self.up, self.down, self.drop, 1), self.one,
            )
        )  # fmt: skip
        self.set_value(())

    def value(self) -> tuple[Question, ...]:
        """The questions in their order."""
        return tuple(self._questions)

    def set_value(self, questions: Sequence[Question]) -> None:
        """Show these; the first is chosen."""
        self._questions = list(questions)
        self._list(0 if questions else -1)

    @property
    def _place(self) -> int:
        return self.list.currentRow()

    def _list(self, chosen: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for number in range(len(self._questions)):
            item = QListWidgetItem()
            item.setSizeHint(QSize(0, 26))
            self.list.addItem(item)
            self._caption(number)
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        self._show_one()

    def _caption(self, number: int) -> None:
        one = self._questions[number]
        text = words.isolated(one.text.strip()) or _("(no text yet)")
        told = _("{number}. {question} ({kind})")
        if one.required:
            told = _("{number}. {question} ({kind}, has to be answered)")
        item = self.list.item(number)
        item.setText(told.format(number=number + 1, question=text, kind=kind_text(one.kind)))

    def _show_one(self) -> None:
        place, count = self._place, len(self._questions)
        self._filling = True
        there = 0 <= place < count
        if there:
            one = self._questions[place]
            if self.text.text() != one.text:
                self.text.setText(one.text)
            choose(self.kind, one.kind)
            self.required.setChecked(one.required)
            choices = "\n".join(one.choices)
            if self.choices.toPlainText() != choices:
                self.choices.setPlainText(choices)
            self.one.set_row_visible("choices", one.kind is FieldKind.CHOICE)
        self._filling = False
        self.one.setVisible(there)
        self.empty.setVisible(not count)
        self.list.setVisible(bool(count))
        self.up.setEnabled(there and place > 0)
        self.down.setEnabled(there and place < count - 1)
        self.drop.setEnabled(there)

    # By hand ----------------------------------------------------------------------------------

    def _typed(self) -> None:
        place = self._place
        if self._filling or not 0 <= place < len(self._questions):
            return
        kind = FieldKind(self.kind.currentData())
        typed = self.choices.toPlainText()
        self._questions[place] = replace(
            self._questions[place],
            text=self.text.text(),
            kind=kind,
            required=self.required.isChecked(),
            choices=tuple(typed.split("\n")) if typed else (),
        )
        self.one.set_row_visible("choices", kind is FieldKind.CHOICE)
        self._caption(place)
        self.edited.emit()

    def _add(self) -> None:
        place = self._place + 1 if self._place >= 0 else len(self._questions)
        self._questions.insert(place, Question(uuid.uuid4().hex[:KEY_LENGTH], ""))
        self._list(place)
        self.text.setFocus()
        self.edited.emit()

    def _move(self, step: int) -> None:
        place, other = self._place, self._place + step
        if 0 <= other < len(self._questions):
            held = self._questions
            held[place], held[other] = held[other], held[place]
            self._list(other)
            self.edited.emit()

    def _drop(self) -> None:
        place = self._place
        del self._questions[place]
        self._list(min(place, len(self._questions) - 1))
        self.edited.emit()
