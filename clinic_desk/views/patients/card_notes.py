"""Text notes of a patient: to read, to write, and to correct one's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.cards import Done
from clinic_desk.services.patient_notes import NoteCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row


class CardNotes(QWidget):
    """Signals:
    saved(): what was typed is written.
    refused(): it is not; it still stands there.
    """

    saved = Signal()
    refused = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-notes", _("Notes"))
        self._desk = desk
        self._patient_id = 0
        self._may_change = False
        self._corrected: NoteCard | None = None
        self.notes: tuple[NoteCard, ...] = ()
        self.text = named(QPlainTextEdit(), "patient-note-text", _("New note"))
        self.text.setPlaceholderText(_("Write a note…"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(64)
        self.text.textChanged.connect(self._edited)
        self.text.installEventFilter(self)
        self.save = button(
            _("Add note"), "patient-note-save", self.submit, look="primary", tip=_("Ctrl+Enter")
        )
        self.back = button(_("Back"), "patient-note-back", self.discard)
        self.told = label("", "patient-note-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.writing = QWidget()
        self.writing.setLayout(column(self.text, self.told, row(self.save, self.back, 1), gap=6))
        self.none = label(_("There is no note yet."), "patient-notes-none", role="hint")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        inside = named(QWidget(), "patient-notes-inside", role="panel")
        inside.setLayout(column(self.none, self._rows, 1))
        self.area = named(QScrollArea(), "patient-notes-area", _("Notes"))
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(inside)
        self.setLayout(
            column(
                label(_("Notes"), "patient-notes-title", role="heading"), self.writing, self.area,
                grow=2,
            )
        )  # fmt: skip
        self._edited()
        self.told.hide()

    # Showing ------------------------------------------------------------------------------------

    def open(self, patient_id: int, *, may_change: bool) -> None:
        """Read the notes of a patient; what was typed for another one is not kept."""
        if patient_id != self._patient_id:
            self.discard()
            self._show(())
        self._patient_id, self._may_change = patient_id, may_change
        self.writing.setVisible(may_change)
        self.load()

    def load(self) -> None:
        """Read them anew."""
        from clinic_desk.services import patient_notes

        self._desk.ask(
            patient_notes.notes,
            self._patient_id,
            done=self._show,
            ticket=("patient-notes", id(self)),
            what=_("reading the notes"),
        )

    def _show(self, notes: Sequence[NoteCard]) -> None:
        if self.notes and tuple(notes) == self.notes:
            return
        self.notes = tuple(notes)
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for note in self.notes:
            self._rows.addWidget(self._note(note))
        self.none.setVisible(not self.notes)

    def _note(self, note: NoteCard) -> QFrame:
        made = named(QFrame(), f"patient-note-{note.id}", role="note")
        day = words.day_numbers(words.wall(note.written_at, self._desk.zone).date())
        when = f"{day} {words.clock(note.written_at, self._desk.zone)}"
        who = words.isolated(note.author) or _("the program")
        head = _("{who}, {when}").format(who=who, when=when)
        if note.kind == "cancellation":
            head = _("{head} · cancellation").format(head=head)
        text = label(note.text, f"patient-note-{note.id}-text", wrap=True)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        correct = button(
            _("Correct"),
            f"patient-note-{note.id}-correct",
            partial(self._correct, note),
            look="quiet",
        )
        heading = label(head, f"patient-note-{note.id}-head", role="hint", wrap=True)
        made.setLayout(column(row(heading, correct, grow=0), text, margin=8, gap=2))
        correct.setVisible(note.mine and note.kind == "note" and self._may_change)
        return made

    # Writing ------------------------------------------------------------------------------------

    @property
    def is_edited(self) -> bool:
        """Whether something stands in the field that is not saved."""
        before = self._corrected.text if self._corrected is not None else ""
        return self.text.toPlainText().strip() != before.strip()

    def submit(self) -> None:
        """Write down what was typed."""
        from clinic_desk.services import patient_notes

        if not self.is_edited or not self.save.isEnabled():
            return
        self.told.hide()
        self.save.setEnabled(False)
        text, said = self.text.toPlainText(), _("The note is saved.")
        if self._corrected is None:
            self._desk.do(
                patient_notes.write, self._patient_id, text,
                label=_("Add a note"), said=said, done=self._saved, failed=self._refused,
            )  # fmt: skip
        else:
            self._desk.do(
                patient_notes.change, self._corrected.id, text, version=self._corrected.version,
                label=_("Correct a note"), said=said, done=self._saved, failed=self._refused,
            )  # fmt: skip

    def _saved(self, _answer: Done[int]) -> None:
        self.discard()
        self.saved.emit()

    def _refused(self, error: BaseException) -> bool:
        self._edited()
        self.refused.emit()
        if not isinstance(error, ClinicError):
            return False
        self.told.setText(words.explained(error, self._desk.zone))
        self.told.show()
        return True

    def discard(self) -> None:
        """Give up what was typed."""
        self._corrected = None
        self.text.clear()
        self.told.hide()
        self._edited()

    def _correct(self, note: NoteCard) -> None:
        if self.is_edited:
            self.text.setFocus()
            self.told.setText(_("Save or leave what you have begun here first."))
            self.told.show()
            return
        self._corrected = note
        self.text.setPlainText(note.text)
        self.text.setFocus()
        self._edited()

    def _edited(self) -> None:
        correcting = self._corrected is not None
        self.save.setText(_("Save note") if correcting else _("Add note"))
        self.save.setEnabled(self.is_edited)
        self.back.setVisible(correcting or self.is_edited)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Enter saves, as a click does."""
        if (
            watched is self.text
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.submit()
            return True
        return super().eventFilter(watched, event)
