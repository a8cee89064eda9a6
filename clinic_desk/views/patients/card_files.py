"""The documents of a patient: added by a click or dropped, opened, saved, removed for good."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QStandardPaths, Qt, QTemporaryDir, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QProgressBar, QWidget

from clinic_desk.i18n import _, pgettext
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.cards import Done
from clinic_desk.services.patient_files import DocumentCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.patients import texts
from clinic_desk.views.patients.long_task import LongTask
from clinic_desk.views.patients.record_tables import TextRows, fit, short_table
from clinic_desk.views.widgets import button, column, error_line, label, named, row


class CardFiles(QWidget):
    """Attributes:
    documents: what is shown, the newest first.
    task: the file that is under way; None where there is none.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-files", _("Documents"))
        self.setAcceptDrops(True)
        self._desk = desk
        self._patient_id = 0
        self._may_change = False
        self._waiting: list[tuple[int, Path]] = []
        self._copies: QTemporaryDir | None = None
        self.task: LongTask | None = None
        self.documents: tuple[DocumentCard, ...] = ()
        self.model = TextRows((_("Name"), _("Size"), _("Added by"), _("Added")), self)
        self.table = short_table("patient-files-table", _("Documents"), 0)
        self.table.setModel(self.model)
        self.table.doubleClicked.connect(lambda _index: self.open_document())
        self.table.installEventFilter(self)
        self.table.selectionModel().currentRowChanged.connect(lambda *_rows: self._allow())
        self.none = label(
            _("There is no document yet. Drop a file here, or add one."),
            "patient-files-none", role="hint", wrap=True,
        )  # fmt: skip
        self.add = button(_("Add…"), "patient-files-add", self._choose)
        self.open_ = button(pgettext("a file", "Open"), "patient-files-open", self.open_document)
        self.save = button(_("Save as…"), "patient-files-save", self._choose_place)
        self.remove = button(_("Remove…"), "patient-files-remove", self._ask, look="danger")
        self.told = error_line("patient-files-told")
        self.asked = self._build_question()
        self.progress = self._build_progress()
        self.setLayout(
            column(
                label(_("Documents"), "patient-files-title", role="heading"),
                self.none,
                self.table,
                self.progress,
                self.told,
                self.asked,
                row(self.add, self.open_, self.save, self.remove, 1),
                grow=2,
            )
        )
        self._allow()

    def _build_question(self) -> QFrame:
        made = named(QFrame(), "patient-files-question", role="refusal")
        self.question = label("", "patient-files-question-text", wrap=True)
        yes = button(_("Remove for good"), "patient-files-remove-yes", self._remove, look="danger")
        self.yes = yes
        self.no = button(_("Keep"), "patient-files-remove-no", made.hide)
        made.setLayout(column(self.question, row(yes, self.no, 1), margin=8))
        made.hide()
        return made

    def _build_progress(self) -> QWidget:
        made = named(QWidget(), "patient-files-progress")
        self.under_way = label("", "patient-files-under-way")
        self.bar = named(QProgressBar(), "patient-files-bar", _("Progress"))
        self.bar.setTextVisible(False)
        self.stop = button(_("Stop"), "patient-files-stop", self._stop)
        made.setLayout(row(self.under_way, self.bar, self.stop, grow=1))
        made.hide()
        return made

    # Showing ------------------------------------------------------------------------------------

    def open(self, patient_id: int, *, may_change: bool) -> None:
        """Read the documents of a patient."""
        if patient_id != self._patient_id:
            self._show(())
            self.told.hide()
            self.asked.hide()
        self._patient_id, self._may_change = patient_id, may_change
        self.load()

    def load(self) -> None:
        """Read them anew."""
        from clinic_desk.services import patient_files

        self._desk.ask(
            patient_files.documents,
            self._patient_id,
            done=self._show,
            ticket=("patient-files", id(self)),
            what=_("reading the documents"),
        )

    def _show(self, documents: Sequence[DocumentCard]) -> None:
        chosen = self.current
        self.documents = tuple(documents)
        self.model.set_rows([self._row(one) for one in documents])
        fit(self.table)
        self.none.setVisible(not documents)
        place = next((n for n, d in enumerate(documents) if chosen and d.id == chosen.id), 0)
        if documents:
            self.table.setCurrentIndex(self.model.index(place, 0))
        self._allow()

    def _row(self, card: DocumentCard) -> tuple[str, ...]:
        day = words.day_numbers(words.wall(card.written_at, self._desk.zone).date())
        return (
            words.isolated(card.name),
            texts.size(card.size),
            words.isolated(card.author),
            day,
        )

    @property
    def current(self) -> DocumentCard | None:
        """The document of the current line."""
        place = self.table.currentIndex().row()
        return self.documents[place] if 0 <= place < len(self.documents) else None

    def _allow(self) -> None:
        chosen, free = self.current is not None, self.task is None
        self.add.setVisible(self._may_change)
        for one in (self.open_, self.save):
            one.setVisible(bool(self.documents))
        self.remove.setVisible(self._may_change and bool(self.documents))
        self.add.setEnabled(free)
        for one in (self.open_, self.save, self.remove):
            one.setEnabled(chosen and free)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    # Adding -------------------------------------------------------------------------------------

    def _choose(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileNames(self, _("Add documents"), _folder())
        self.add_files([Path(name) for name in chosen])

    def add_files(self, paths: Sequence[Path]) -> None:
        """Keep these files with the patient, one after the other."""
        if not self._may_change or not paths:
            return
        self.told.hide()
        self._waiting += [(self._patient_id, path) for path in paths]
        if self.task is None:
            self._next()

    def _next(self) -> None:
        from clinic_desk.services import patient_files

        if not self._waiting:
            self._rest()
            return
        (number, path), *self._waiting = self._waiting
        actor = self._desk.actor

        def work(task: LongTask) -> Done[DocumentCard]:
            return patient_files.add(
                actor, number, path,
                progress=lambda done, whole: task.tell((done, whole)), cancelled=task.cancelled,
            )  # fmt: skip

        self._begin(LongTask(self._desk, work, self), path.name)
        assert self.task is not None
        self.task.done.connect(self._added)
        self.task.start()

    def _begin(self, task: LongTask, name: str) -> None:
        self.task = task
        task.progressed.connect(self._progressed)
        task.failed.connect(self._failed)
        self.under_way.setText(words.isolated(name))
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.progress.show()
        self._allow()

    def _progressed(self, progress: tuple[int, int]) -> None:
        done, whole = progress
        self.bar.setRange(0, max(whole // 1024, 1))
        self.bar.setValue(done // 1024)

    def _added(self, done: Done[DocumentCard]) -> None:
        self.task = None
        self._desk.remember_own(done.seq)
        self._desk.stands(_("Document added"), done.changed, done.action)
        name = words.isolated(done.value.name)
        self._desk.say(_("Added: {what}").format(what=name), Tone.GOOD)
        self._desk.announce(done.changed)
        self.load()
        self._next()

    def _failed(self, error: BaseException) -> None:
        from clinic_desk.services.patient_files import Stopped

        self.task = None
        if isinstance(error, Stopped):
            self._waiting = []
        elif isinstance(error, ClinicError):
            self._tell(words.explained(error, self._desk.zone))
        else:
            self._desk.complain(error)
        self._next()

    def _rest(self) -> None:
        self.progress.hide()
        self._allow()

    def _stop(self) -> None:
        if self.task is not None:
            self.stop.setEnabled(False)
            self.task.stop()

    # Out again ------------------------------------------------------------------------------------

    def open_document(self) -> None:
        """Open a copy with whatever the system has for it; the copy goes with the program."""
        card = self.current
        if card is None or self.task is not None:
            return
        if self._copies is None:
            self._copies = QTemporaryDir()  # for this user alone; goes with this part
        folder = Path(self._copies.path()) / uuid.uuid4().hex
        folder.mkdir(mode=0o700)
        self._bring(card, folder / card.name, self._open_copy)

    def _open_copy(self, path: Path) -> None:
        self.task = None
        self._rest()
        if not self.show_file(path):
            self._tell(_("No program opens this document here. Save it, and open it elsewhere."))

    def show_file(self, path: Path) -> bool:
        """Hand a file to the system; False where it has no program for it."""
        return bool(QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))

    def _choose_place(self) -> None:
        card = self.current
        if card is None:
            return
        chosen, _kind = QFileDialog.getSaveFileName(
            self, _("Save as"), str(Path(_folder()) / card.name)
        )
        if chosen:
            self.save_to(Path(chosen))

    def save_to(self, path: Path) -> None:
        """Write the current document to *path*; what stood there is gone only when it is whole."""
        card = self.current
        if card is not None and self.task is None:
            self._bring(card, path, self._kept)

    def _bring(self, card: DocumentCard, path: Path, then: object) -> None:
        from clinic_desk.services import patient_files

        self.told.hide()
        actor = self._desk.actor
        part = path.with_name(f".{uuid.uuid4().hex}.part")

        def work(task: LongTask) -> Path:
            patient_files.save(
                actor, card.id, part,
                progress=lambda done, whole: task.tell((done, whole)), cancelled=task.cancelled,
            )  # fmt: skip
            return part.replace(path)

        self._begin(LongTask(self._desk, work, self), card.name)
        assert self.task is not None
        self.task.done.connect(then)
        self.task.start()

    def _kept(self, path: Path) -> None:
        self.task = None
        self._rest()
        self._desk.say(_("Saved: {file}").format(file=words.isolated(str(path))), Tone.GOOD)

    # Removing -------------------------------------------------------------------------------------

    def _ask(self) -> None:
        card = self.current
        if card is None:
            return
        name = words.isolated(card.name)
        text = _("“{document}” is removed for good: this cannot be undone.")
        self.question.setText(text.format(document=name))
        self.asked.show()
        self.no.setFocus()

    def _remove(self) -> None:
        from clinic_desk.services import patient_files

        card = self.current
        self.asked.hide()
        if card is None:
            return
        self._desk.do(
            patient_files.remove,
            card.id,
            version=card.version,
            label=_("Remove {document}").format(document=words.isolated(card.name)),
            said="",
            done=self._removed,
            failed=self._not_removed,
        )

    def _removed(self, _answer: Done[None]) -> None:
        self._desk.say(_("The document is removed."), Tone.GOOD)
        self.load()

    def _not_removed(self, error: BaseException) -> bool:
        if not isinstance(error, ClinicError):
            return False
        self._tell(words.explained(error, self._desk.zone))
        return True

    # Mouse and keys -------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens, Delete asks whether to remove."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.open_document()
                return True
            if event.key() == Qt.Key.Key_Delete and self._may_change:
                self._ask()
                return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and self._may_change:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        event.acceptProposedAction()
        self.add_files([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])


def _folder() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
