"""Forms of a visit: asked here, answered, corrected; a dot where an answer is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import NamedTuple, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.form_fields import Question
from clinic_desk.rules.lifecycle import OPEN, Status
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.form_answers import VisitForm
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice
from clinic_desk.views.appointment import answers
from clinic_desk.views.appointment.answers import Answer
from clinic_desk.views.appointment.form_part import FormPart, RoomyFields
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Change
from clinic_desk.views.widgets import column, label, named, row

TOP = 8
"""Pixels above a form that is gone to."""

WIDEST = 440
"""Pixels of a question before it goes on in a second line."""

LABEL = QFormLayout.ItemRole.LabelRole

Place = tuple[int, str]
"""A form and the key of one of its questions."""


class Block(NamedTuple):
    """The widgets of one form."""

    frame: QFrame
    hint: QLabel
    fields: RoomyFields
    inputs: Mapping[str, tuple[Question, Answer, QLabel | None]]


class AnswersPart(FormPart):
    """What tabs with forms share; a kind of it says whose forms, and who may answer them.

    Attributes:
    forms: what is asked for the visit, with what was answered, category by category.
    blocks: the fields of each form by its id.
    chooser: leads to one of them, where there are several.
    """

    kinds = frozenset({"form", "form_answer", "form_type"})
    changing = ""
    """The permission that answering needs."""

    def __init__(
        self, name: str, spoken: str, nothing: str, desk: Desk, card: AppointmentCard
    ) -> None:
        super().__init__(name, desk, card)
        named(self, name, spoken)
        self.forms: tuple[VisitForm, ...] = ()
        self.blocks: dict[int, Block] = {}
        self._sending = 0
        self.empty = label(nothing, f"{name}-empty", role="hint", wrap=True)
        self.chooser = choice(f"{name}-chooser", _("Form"), self._go)
        self.choosing = named(QWidget(), f"{name}-choosing")
        self.choosing.setLayout(row(label(_("Go to form")), self.chooser, grow=1))
        self.choosing.hide()
        self._headings: list[QLabel] = []
        self._inside = QVBoxLayout()
        self._inside.setSpacing(12)
        self.lay_out(self.empty, self.choosing, self.stale, self.locked, self.told, self._inside, 1)
        self.lock("" if desk.may(self.changing) else self.changing)
        self.empty.hide()
        self.read()

    def query(self) -> Callable[..., tuple[VisitForm, ...]]:
        """Asks for the forms of a visit."""
        raise NotImplementedError

    def command(self) -> Callable[..., Done[VisitForm]]:
        """Saves the answers of one form."""
        raise NotImplementedError

    # Reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask which forms are asked, and what was answered."""
        self.desk.ask(
            self.query(), self.card.id, done=self.arrived,
            ticket=(self._name, self.card.id), what=_("reading the forms"),
        )  # fmt: skip

    def _happened(self, changes: frozenset[Change]) -> None:
        if ("appointment", self.card.id) in changes:  # another type has other forms
            self.read()
        else:
            super()._happened(changes)

    def same(self, found: tuple[VisitForm, ...]) -> bool:
        """Whether *found* is the version that is shown."""
        return found == self.forms

    def describe(self, found: tuple[VisitForm, ...]) -> str:
        """The answers that differ from those shown before."""
        before = {one.form_id: one.answers for one in self.forms}
        told = [
            f"{words.isolated(question.text)} {words.isolated(one.answers[question.key])}"
            for one in found
            for question in one.questions
            if one.answers.get(question.key)
            and one.answers.get(question.key) != before.get(one.form_id, {}).get(question.key)
        ]
        return " · ".join(told) or _("The questions are others now.")

    def fill(self, found: tuple[VisitForm, ...]) -> None:
        """Show the forms and what was answered."""
        asked = [(one.form_id, one.name, one.category, one.questions) for one in found]
        before = [(one.form_id, one.name, one.category, one.questions) for one in self.forms]
        if asked != before:
            self._build(found)
        self.forms = found
        self.put(
            {
                (one.form_id, question.key): one.answers.get(question.key, "")
                for one in found
                for question in one.questions
            }
        )
        for one in found:
            self.blocks[one.form_id].hint.setText(self._told_of(one))
        self.empty.setVisible(not found)
        waits = self.card.status in OPEN or self.card.status is Status.REQUESTED
        self.unread.emit(sum(one.missing for one in found) if waits else 0)

    def unread_text(self, count: int) -> str:
        """What a dot on the tab means."""
        text = ngettext(
            "{count} question has to be answered.", "{count} questions have to be answered.", count
        )
        return text.format(count=count)

    def _told_of(self, one: VisitForm) -> str:
        if one.answered_at is None:
            if not one.missing:
                return _("Not answered yet.")
            return self.unread_text(one.missing)
        day = words.wall(one.answered_at, self.desk.zone).date()
        when = f"{words.day_short(day)}, {words.clock(one.answered_at, self.desk.zone)}"
        who = words.isolated(one.answered_by)
        return _("Answered by {who}, {when}").format(who=who, when=when)

    def _build(self, found: tuple[VisitForm, ...]) -> None:
        for old in (*(block.frame for block in self.blocks.values()), *self._headings):
            self._inside.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._headings, self.blocks = [], {}
        for category, of_it in groupby(found, key=lambda one: one.category):
            if any(one.category for one in found):
                self._head(category)
            for one in of_it:
                self.blocks[one.form_id] = self._block(one)
        self._offer(found)
        first = next((b for block in self.blocks.values() for b in block.inputs.values()), None)
        self.setFocusProxy(first[1] if first else self.empty)

    def _head(self, category: str) -> None:
        """What stands above the forms of a category."""
        text = words.isolated(category) if category else _("No category")
        made = label(text, f"{self._name}-category", role="title", wrap=True)
        self._headings.append(made)
        self._inside.addWidget(made)

    def _offer(self, found: tuple[VisitForm, ...]) -> None:
        """The forms under their categories, to go to one of them."""
        self.chooser.clear()
        for category, of_it in groupby(found, key=lambda one: one.category):
            if any(one.category for one in found):
                self.chooser.addItem(words.isolated(category) if category else _("No category"))
                model = self.chooser.model()
                if isinstance(model, QStandardItemModel):  # a heading cannot be chosen
                    model.item(self.chooser.count() - 1).setEnabled(False)
            for one in of_it:
                self.chooser.addItem(words.isolated(one.name), one.form_id)
        first = next((n for n in range(self.chooser.count()) if self.chooser.itemData(n)), 0)
        self.chooser.setCurrentIndex(first)
        self.choosing.setVisible(len(found) > 1)

    def _go(self) -> None:
        """Bring the chosen form into sight, ready to be answered."""
        block = self.blocks.get(self.chooser.currentData())
        if block is None:
            return
        self.area.verticalScrollBar().setValue(block.frame.y() - TOP)
        for _question, field, _back in list(block.inputs.values())[:1]:
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _block(self, one: VisitForm) -> Block:
        name = f"{self._name}-{one.form_id}"
        fields = RoomyFields(name, one.name)
        inputs: dict[str, tuple[Question, Answer, QLabel | None]] = {}
        may = self.desk.may(self.changing)
        for question in one.questions:
            field = answers.answer_field(question, f"{name}-{question.key}", self.typed)
            answers.lock(field, locked=not may)
            back = answers.read_back(question, f"{name}-{question.key}-read")
            below = (back,) if back is not None else ()
            text = words.isolated(question.text)
            caption = _("{question} (required)").format(question=text)
            fields.add(question.key, caption if question.required else text, field, *below)
            heading = fields.form.itemAt(fields.form.rowCount() - 1, LABEL)
            if heading is not None and isinstance(heading.widget(), QLabel):
                shown = cast("QLabel", heading.widget())
                shown.setWordWrap(True)
                wanted = shown.fontMetrics().horizontalAdvance(shown.text()) + 4
                shown.setMinimumWidth(min(wanted, WIDEST))  # Qt would wrap it much sooner
            inputs[question.key] = (question, field, back)
        fields.form.setRowWrapPolicy(fields.form.RowWrapPolicy.WrapAllRows)
        hint = label("", f"{name}-hint", role="hint", wrap=True)
        title = label(words.isolated(one.name), f"{name}-heading", role="heading", wrap=True)
        frame = named(QFrame(), f"{name}-frame", one.name)
        frame.setLayout(column(title, hint, fields, gap=6))
        self._inside.addWidget(frame)
        return Block(frame, hint, fields, inputs)

    # Values -----------------------------------------------------------------------------------

    def values(self) -> dict[Place, str]:
        """What stands in all fields, as it would be stored."""
        today = self.desk.today()
        return {
            (form_id, key): answers.stored(question, field, today)
            for form_id, block in self.blocks.items()
            for key, (question, field, _back) in block.inputs.items()
        }

    def put(self, values: Mapping[Place, str]) -> None:
        """Write these into the fields that are there."""
        for (form_id, key), text in values.items():
            block = self.blocks.get(form_id)
            if block is not None and key in block.inputs:
                question, field, _back = block.inputs[key]
                answers.show(question, field, text)
        self._read_back()

    def typed(self) -> None:
        """The user changed an answer."""
        for block in self.blocks.values():
            block.fields.untell()
        self._read_back()
        super().typed()

    def _read_back(self) -> None:
        today = self.desk.today()
        for block in self.blocks.values():
            for question, field, back in block.inputs.values():
                if back is not None:
                    back.setText(answers.told(answers.stored(question, field, today)))

    # Saving -----------------------------------------------------------------------------------

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Save one form after another, and call *then* when all of them are saved."""
        super().save((lambda: self.save(then)) if self.unsaved else then)

    def store(self) -> None:
        """Send the first form whose answers are unsaved."""
        values = self.values()
        changed = [place for place in values if values[place] != self._shown.get(place, "")]
        one = next(one for one in self.forms if any(one.form_id == n for n, _key in changed))
        self._sending, self.fields = one.form_id, self.blocks[one.form_id].fields
        given = {key: text for (number, key), text in values.items() if number == one.form_id}
        self.send(
            self.command(), self.card.id, one.form_id, given, version=one.version,
            what=self.accessibleName(),
        )  # fmt: skip

    def found_of(self, value: VisitForm) -> tuple[VisitForm, ...]:
        """All forms, with the one that was saved."""
        return tuple(value if one.form_id == value.form_id else one for one in self.forms)

    def show_found(self, found: tuple[VisitForm, ...], *, keep: bool = False) -> None:
        """Show *found*; what is typed in forms that were not saved just now stays."""
        typed, sent, self._sending = self.values(), self._sending, 0
        super().show_found(found)
        if keep or sent:
            self.put({place: text for place, text in typed.items() if keep or place[0] != sent})
            self.edited.emit()

    def _failed(self, error: BaseException) -> bool:
        self._sending = 0
        return super()._failed(error)
