"""Who sent the patient to a visit and to whom it sends them on: a list, and one letter below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules import file_names
from clinic_desk.rules.errors import NotAllowed, NotFound
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.referrals import CHANGES, Direction, Letter, ReferralCard
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose, text_field
from clinic_desk.views.appointment.form_part import FormPart
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import button, column, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.patient_files import DocumentCard
    from clinic_desk.views.remember import Memory

ID = Qt.ItemDataRole.UserRole
SHOWS = "Appointment Referral Show"
CREATES = "Appointment Referral Create"


class Typed(NamedTuple):
    """What stands in the fields; ``document_id`` is the file, None for none."""

    direction: Direction = Direction.FROM
    name: str = ""
    note: str = ""
    document_id: int | None = None
    document_name: str = ""


def direction_text(direction: Direction) -> str:
    """Which way the patient goes, as a list says it."""
    return {Direction.FROM: _("Sent to us by"), Direction.TO: _("Sent on to")}[direction]


class ReferralPart(FormPart):
    """Attributes:
    cards: the referrals of the visit.
    letter: the one that is shown below, None for a new one.
    """

    kinds = frozenset({"referral"})

    def __init__(self, desk: Desk, card: AppointmentCard, memory: Memory | None = None) -> None:
        super().__init__("referral", desk, card, memory)
        named(self, "referral", _("Referrals"))
        self.cards: tuple[ReferralCard, ...] = ()
        self.letter: Letter | None = None
        self._wanted = 0
        self._document: tuple[int | None, str] = (None, "")
        self.empty = label(
            _("Nobody is named yet. Write below who sent the patient, or to whom they go on."),
            "referral-empty", role="hint", wrap=True,
        )  # fmt: skip
        self.list = named(QTreeWidget(), "referral-list", _("Referrals"))
        self.list.setRootIsDecorated(False)
        self.list.setHeaderLabels([_("Way"), _("Name"), _("File"), _("Written by")])
        self.list.setColumnWidth(1, 190)
        self.list.setFixedHeight(110)
        self.list.currentItemChanged.connect(lambda item, _before: self._choose(item))
        self.direction = choice("referral-direction", _("Way"), self.typed)
        for direction in Direction:
            self.direction.addItem(direction_text(direction), direction)
        self.name = text_field("referral-name", _("Person or clinic"), self.typed)
        self.note = named(QPlainTextEdit(), "referral-note", _("What the referral says"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(64)
        self.note.textChanged.connect(self.typed)
        self.file = label("", "referral-file", wrap=True)
        self.attach = button(_("Add file…"), "referral-attach", self._ask_file)
        self.download = button(_("Save a copy…"), "referral-download", self._ask_place)
        self.detach = button(_("Take off"), "referral-detach", self._take_off)
        tools = QWidget()
        tools.setLayout(row(self.attach, self.download, self.detach, 1))
        self.fields.add("direction", _("&Way"), self.direction)
        self.fields.add("name", _("N&ame"), self.name)
        self.fields.add("note", _("T&ext"), self.note)
        self.fields.add("file", _("File"), self.file, tools)
        self.new = button(_("New referral"), "referral-new", self._begin)
        self.discard = button(_("Discard what was typed"), "referral-discard", self._discard)
        self.keep = button(_("Save referral"), "referral-save", self.save)
        self.drop = button(_("Remove…"), "referral-remove", self._ask_remove, look="danger")
        asked = label(
            _("Remove this referral? Its file stays with the patient."), "referral-ask", wrap=True
        )
        really = button(_("Remove"), "referral-really", self._remove, look="danger")
        self.question = named(QFrame(), "referral-question", _("Remove"), role="refusal")
        spare = button(_("Keep it"), "referral-spare", self.question.hide)
        self.question.setLayout(column(asked, row(really, spare, 1), margin=10))
        self.question.hide()
        self.lay_out(
            self.empty, self.list, self.stale, self.told, self.question, self.fields, self.locked,
            row(self.new, self.drop, 1, self.discard, self.keep), 1,
        )  # fmt: skip
        self.setFocusProxy(self.name)
        self.edited.connect(self._offer)
        self.show_found(None)
        self.read()

    # Reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask for the list, and for the letter that is shown."""
        from clinic_desk.services import referrals

        self.desk.ask(
            referrals.of_visit, self.card.id, done=self._list_arrived,
            ticket=("referrals", self.card.id), what=_("reading the referrals"),
        )  # fmt: skip
        if self.letter is not None:
            self._open(self.letter.card.id)

    def _open(self, number: int) -> None:
        from clinic_desk.services import referrals

        self._wanted = number
        if not self.desk.may(SHOWS):
            self._tell(words.explained(NotAllowed(SHOWS)))
        else:
            self.told.hide()
            self.desk.ask(
                referrals.referral, number, done=self.arrived, failed=self._gone,
                ticket=("referral", self.card.id), what=_("reading the referral"),
            )  # fmt: skip

    def _gone(self, error: BaseException) -> None:
        """It was removed meanwhile: what was typed here can still be saved as a new one."""
        if not isinstance(error, NotFound):
            self._failed(error)
            return
        self._wanted = 0
        self.show_found(None, keep=self.unsaved)
        self._tell(words.explained(error, self.desk.zone))

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    def _list_arrived(self, found: tuple[ReferralCard, ...]) -> None:
        self.cards = found
        self.list.blockSignals(True)
        self.list.clear()
        for one in found:
            file = _("yes") if one.has_file else ""
            texts = [direction_text(one.direction), one.name, file, one.author]
            item = QTreeWidgetItem([words.isolated(text) for text in texts])
            item.setData(0, ID, one.id)
            item.setSizeHint(0, QSize(0, 26))
            self.list.addTopLevelItem(item)
        self._mark()
        self.list.blockSignals(False)
        self.empty.setVisible(not found)
        self.list.setVisible(bool(found))

    def _mark(self) -> None:
        """The line of the letter that is shown is the current one."""
        shown = self.letter.card.id if self.letter else self._wanted
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item is not None and item.data(0, ID) == shown:
                self.list.setCurrentItem(item)
                return
        self.list.setCurrentIndex(QModelIndex())

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        number = item.data(0, ID) if item is not None else 0
        if not number or (self.letter and self.letter.card.id == number):
            return
        if self.unsaved:
            self.list.blockSignals(True)
            self._mark()
            self.list.blockSignals(False)
            self._tell(_("Save this referral first, or discard what was typed."))
        else:
            self._open(number)

    def arrived(self, found: Letter | None) -> None:
        """A letter came; another one than is shown was wished for."""
        shown = self.letter.card.id if self.letter else 0
        if found is not None and found.card.id == self._wanted != shown:
            if not self.unsaved:
                self.show_found(found)
            return
        super().arrived(found)

    def same(self, found: Letter | None) -> bool:
        """Whether *found* is the version that is shown."""
        return found == self.letter

    def describe(self, found: Letter) -> str:
        """Way, name, text and file in a line."""
        card = found.card
        parts = [direction_text(card.direction), card.name, found.note, found.document_name]
        return " · ".join(words.isolated(part) for part in parts if part)

    def fill(self, found: Letter | None) -> None:
        """Show a letter, or an empty one to write."""
        self.letter = found
        self._wanted = found.card.id if found else 0
        self.question.hide()
        if found is None:
            self.put(Typed())
        else:
            card = found.card
            file = (found.document_id, found.document_name)
            self.put(Typed(card.direction, card.name, found.note, *file))
        self.list.blockSignals(True)
        self._mark()
        self.list.blockSignals(False)
        self._lock()

    def values(self) -> Typed:
        """What stands in the fields."""
        direction = Direction(self.direction.currentData() or Direction.FROM)
        name, note = self.name.text().strip(), self.note.toPlainText().strip()
        return Typed(direction, name, note, *self._document)

    def put(self, values: Typed) -> None:
        """Write these into the fields."""
        choose(self.direction, values.direction)
        self.name.setText(values.name)
        if self.note.toPlainText().strip() != values.note:
            self.note.setPlainText(values.note)
        self._document = (values.document_id, values.document_name)
        self._show_file()

    def _lock(self) -> None:
        needed = CHANGES if self.letter else CREATES
        may = self.desk.may(needed)
        self.lock("" if may else needed)
        self.name.setReadOnly(not may)
        self.note.setReadOnly(not may)
        self.direction.setEnabled(may)
        self.drop.setVisible(self.letter is not None)
        self.drop.setEnabled(may)
        self._show_file()

    def _offer(self) -> None:
        """What can be done depends on whether something is unsaved."""
        unsaved = self.unsaved
        self.keep.setEnabled(unsaved and not self.busy)
        self.discard.setVisible(unsaved)
        self.new.setVisible(self.letter is not None and not unsaved)
        self.new.setEnabled(self.desk.may(CREATES))

    def _discard(self) -> None:
        self.told.hide()
        self.fields.untell()
        self.show_found(self.letter)

    # The file ---------------------------------------------------------------------------------

    def _show_file(self) -> None:
        number, name = self._document
        has = number is not None
        may = self.desk.may(CHANGES if self.letter else CREATES)
        self.file.setText(words.isolated(name) if has else _("No file."))
        self.attach.setVisible(not has)
        self.attach.setEnabled(may and self.desk.may("Customer Update"))
        self.download.setVisible(has)
        self.download.setEnabled(self.desk.may("Customer Show"))
        self.detach.setVisible(has)
        self.detach.setEnabled(may)

    def _ask_file(self) -> None:
        kinds = " ".join(f"*.{end}" for end in file_names.TYPES)
        chosen, _kind = QFileDialog.getOpenFileName(
            self, _("Add file"), "", _("Documents ({kinds})").format(kinds=kinds)
        )
        if chosen:
            self.upload(Path(chosen))

    def upload(self, path: Path) -> None:
        """Keep the file at *path* with the patient, and name it in this referral."""
        from clinic_desk.services import patient_files

        self.busy = True
        self.attach.setEnabled(False)
        self.file.setText(_("Adding “{file}” …").format(file=words.isolated(path.name)))
        self.desk.ask(
            patient_files.add, self.card.patient_id, path, appointment_id=self.card.id,
            done=self._uploaded, failed=self._not_moved, what=_("adding a file"),
        )  # fmt: skip

    def _uploaded(self, answer: Done[DocumentCard]) -> None:
        self.busy = False
        self._document = (answer.value.id, answer.value.name)
        self.desk.announce(answer.changed)
        self._show_file()
        self.typed()

    def _not_moved(self, error: BaseException) -> None:
        self._failed(error)
        self._show_file()

    def _take_off(self) -> None:
        self._document = (None, "")
        self._show_file()
        self.typed()

    def _ask_place(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Save a copy"), self._document[1])
        if chosen:
            self.save_copy(Path(chosen))

    def save_copy(self, path: Path) -> None:
        """Write the file to *path*, over what the user agreed to replace."""
        from clinic_desk.services import patient_files

        def over(actor: Actor, number: int) -> Path:
            beside = path.with_name(f"{path.name}.part")  # the old one stays until it is whole
            beside.unlink(missing_ok=True)
            return patient_files.save(actor, number, beside).replace(path)

        if self._document[0] is not None:
            self.desk.ask(
                over, self._document[0], done=self._copied, failed=self._not_moved,
                what=_("saving a file"),
            )  # fmt: skip

    def _copied(self, path: Path) -> None:
        self.desk.say(_("Saved {file}").format(file=words.isolated(path.name)), Tone.GOOD)

    # Saving -----------------------------------------------------------------------------------

    def store(self) -> None:
        """Send what stands in the fields: a new referral, or the one that is shown anew."""
        from clinic_desk.services import referrals

        typed = self.values()
        fields = {
            "direction": typed.direction, "name": typed.name, "note": typed.note,
            "document_id": typed.document_id,
        }  # fmt: skip
        if self.letter is None:
            self.send(referrals.create, self.card.id, what=_("Referral"), **fields)
        else:
            card = self.letter.card
            self.send(referrals.change, card.id, version=card.version, what=_("Referral"), **fields)

    def _begin(self) -> None:
        self.told.hide()
        self.fields.untell()
        self.show_found(None)
        self.name.setFocus()

    def _ask_remove(self) -> None:
        self.question.show()

    def _remove(self) -> None:
        from clinic_desk.services import referrals

        if self.letter is not None and not self.busy:
            card = self.letter.card
            self.busy = True
            self.desk.do(
                referrals.remove, card.id, version=card.version, label=_("Remove referral"),
                said="", done=self._removed, failed=self._failed,
            )  # fmt: skip

    def _removed(self, _answer: Done[None]) -> None:
        self.busy = False
        self._begin()
        self.read()
