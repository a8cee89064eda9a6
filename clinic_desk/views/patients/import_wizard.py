"""Taking over another program's patients: the file, its columns, the import, its result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QProgressBar, QStackedWidget, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import ClinicError, NotAllowed
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import EditorWindow
from clinic_desk.views.patients import import_reading as reading
from clinic_desk.views.patients import texts
from clinic_desk.views.patients.import_columns import ImportColumns
from clinic_desk.views.patients.import_reading import Look
from clinic_desk.views.patients.long_task import LongTask
from clinic_desk.views.widgets import button, column, error_line, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.patient_import import Outcome
    from clinic_desk.services.patient_table import TableForm

KINDS = "CSV (*.csv *.txt *.tsv)"


class ImportWizard(EditorWindow):
    """Columns that were changed by hand are not closed away unasked.

    Signals:
    imported(): patients came in.
    """

    imported = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "import", _("Import patients"))
        self.setWindowTitle(_("Import patients"))
        self.setAcceptDrops(desk.may("Import Customer Upload"))
        self._desk = desk
        self.path: Path | None = None
        self.form: TableForm | None = None
        self.task: LongTask | None = None
        self.result_path: Path | None = None
        self.counts: Mapping[Outcome, int] = {}
        self._changed = False
        self.columns = ImportColumns()
        self.columns.changed.connect(self._reread)
        self.pages = named(QStackedWidget(), "import-pages")
        self.pages.addWidget(self._build_file())
        self.pages.addWidget(self._build_columns())
        self.pages.addWidget(self._build_progress())
        self.pages.addWidget(self._build_result())
        self.setLayout(column(self.pages, margin=16))
        self.resize(980, 700)

    # Building -----------------------------------------------------------------------------------

    def _build_file(self) -> QWidget:
        self.field = named(QLineEdit(), "import-file", _("File"))
        self.field.setPlaceholderText(_("Drop a file here, or type where it is"))
        self.field.returnPressed.connect(self.read)
        self.choose = button(_("Choose…"), "import-choose", self._choose)
        self.go_on = button(_("Continue"), "import-continue", self.read, look="primary")
        self.earlier = button(_("Earlier imports…"), "import-earlier", self._earlier)
        if not self._desk.may("Import Customer Get All"):
            self.earlier.hide()
        uploading = self._desk.may("Import Customer Upload")
        for part in (self.field, self.choose, self.go_on):
            part.setEnabled(uploading)
            if not uploading:
                part.setToolTip(words.explained(NotAllowed("Import Customer Upload")))
        self.told = error_line("import-told")
        close = button(_("Close"), "import-close", self.reject)
        page = QWidget()
        page.setLayout(
            column(
                label(_("Import patients"), "import-title", role="title"),
                label(
                    _(
                        "A list of patients from another program, saved as CSV. Encoding, "
                        "delimiter and columns are recognised; nothing is written before you "
                        "have seen what would become of it."
                    ),
                    role="hint",
                    wrap=True,
                ),
                row(self.field, self.choose, grow=0),
                self.told,
                1,
                row(self.earlier, 1, close, self.go_on),
                gap=12,
            )
        )
        return page

    def _build_columns(self) -> QWidget:
        self.result_field = named(QLineEdit(), "import-result", _("Result file"))
        self.result_choose = button(_("Choose…"), "import-result-choose", self._choose_result)
        self.begin_button = button(_("Import"), "import-begin", self.begin, look="primary")
        self.back = button(_("Back"), "import-back", lambda: self.pages.setCurrentIndex(0))
        self.refused = error_line("import-refused")
        self.file_name = label("", "import-file-name", role="heading")
        page = QWidget()
        page.setLayout(
            column(
                self.file_name,
                self.columns,
                row(
                    label(_("Result file, a line for each row:")), self.result_field,
                    self.result_choose, grow=1,
                ),
                self.refused,
                row(1, self.back, self.begin_button),
                grow=1,
            )
        )  # fmt: skip
        return page

    def _build_progress(self) -> QWidget:
        self.bar = named(QProgressBar(), "import-progress", _("Progress"))
        self.bar.setTextVisible(False)
        self.done_so_far = label("", "import-done-so-far", role="strong")
        self.stop = button(_("Stop"), "import-stop", self._stop)
        page = QWidget()
        page.setLayout(
            column(
                label(_("Patients are being imported…"), role="title"),
                self.done_so_far,
                self.bar,
                label(
                    _("What is done stays. Begun again with the same file, nobody comes in twice."),
                    role="hint",
                    wrap=True,
                ),
                row(self.stop, 1),
                1,
                gap=12,
            )
        )
        return page

    def _build_result(self) -> QWidget:
        self.result_title = label("", "import-result-title", role="title", wrap=True)
        self.result_counts = label("", "import-counts", wrap=True)
        self.result_place = label("", "import-result-place", role="hint", wrap=True)
        self.open_result = button(_("Open the result file"), "import-open-result", self._open)
        self.close_button = button(_("Close"), "import-done", self.accept, look="primary")
        page = QWidget()
        page.setLayout(
            column(
                self.result_title,
                self.result_counts,
                self.result_place,
                row(self.open_result, 1),
                1,
                row(1, self.close_button),
                gap=12,
            )
        )
        return page

    # The file -----------------------------------------------------------------------------------

    def _choose(self) -> None:
        folder = str(Path(self.field.text()).parent) if self.field.text() else ""
        chosen, _kind = QFileDialog.getOpenFileName(self, _("Choose a file"), folder, KINDS)
        if chosen:
            self.field.setText(chosen)
            self.read()

    def _earlier(self) -> None:
        """What was imported before."""
        from clinic_desk.views.patients.import_list import ImportList

        made = ImportList(self._desk, self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.open()

    def read(self) -> None:
        """Look into the file that is named."""
        text = self.field.text().strip().strip('"')
        if not text:
            self._tell(_("Choose a file first."))
            return
        path = Path(text).expanduser()
        self._changed = self._changed and path == self.path
        self.path = path
        self.go_on.setEnabled(False)
        # Whoever goes back to the file and on again finds the columns as they were left.
        form = self.form if self._changed else None
        self._ask(form, match=False, dates=form is None)

    def _reread(self, form: TableForm, match: bool, dates: bool) -> None:
        self._changed = True
        self._ask(form, match=match, dates=dates)

    def _ask(self, form: TableForm | None, *, match: bool, dates: bool) -> None:
        assert self.path is not None
        self.begin_button.setEnabled(False)
        self._desk.ask(
            reading.look,
            self.path,
            form,
            match=match,
            dates=dates,
            done=self._looked,
            failed=self._not_read,
            ticket=("import", id(self)),
            what=_("reading the file"),
        )

    def _looked(self, look: Look) -> None:
        assert self.path is not None
        first = self.pages.currentIndex() == 0
        self.form = look.form
        self.told.hide()
        self.refused.hide()
        self.go_on.setEnabled(True)
        self.columns.show_look(look)
        self.begin_button.setEnabled(self.columns.ready)
        if first:
            self.file_name.setText(words.isolated(self.path.name))
            self.result_field.setText(str(reading.result_file(self.path)))
            self.pages.setCurrentIndex(1)
            self.begin_button.setFocus()

    def _not_read(self, error: BaseException) -> None:
        self.go_on.setEnabled(True)
        if not isinstance(error, ClinicError):
            self._desk.complain(error)
            return
        if self.pages.currentIndex() == 0:
            self._tell(words.explained(error))
        else:
            self.refused.setText(words.explained(error))
            self.refused.show()

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()
        self.field.setFocus()

    # The import ---------------------------------------------------------------------------------

    def _choose_result(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self, _("Result file"), self.result_field.text(), "CSV (*.csv)"
        )
        if chosen:
            self.result_field.setText(chosen)

    def begin(self) -> None:
        """Write the patients; the result of each row goes to its file meanwhile."""
        from clinic_desk.services import import_results, patient_imports

        if not self.columns.ready or self.path is None or self.form is None:
            return
        path, form, look = self.path, self.form, self.columns.look
        result = Path(self.result_field.text().strip()).expanduser()
        if result == path or not result.name:
            self.refused.setText(_("The result needs a file of its own. Name another one."))
            self.refused.show()
            self.result_field.setFocus()
            return
        actor = self._desk.actor
        headings = look.headings if look is not None and form.headings else ()

        def work(task: LongTask) -> Mapping[Outcome, int]:
            total = reading.rows_in(path, form)
            task.tell((0, total))
            results = patient_imports.run(
                actor, path, form, result=result,
                progress=lambda number: task.tell((number, total)), cancelled=task.cancelled,
            )  # fmt: skip
            return import_results.write(result, reading.titles(), headings, results, reading.told)

        self.result_path = result
        self.bar.setRange(0, 0)
        self.done_so_far.setText("")
        self.stop.setEnabled(True)
        self.pages.setCurrentIndex(2)
        self.stop.setFocus()
        self.task = LongTask(self._desk, work, self)
        self.task.progressed.connect(self._progressed)
        self.task.done.connect(self._done)
        self.task.failed.connect(self._failed)
        self.task.start()

    def _progressed(self, progress: tuple[int, int]) -> None:
        done, total = progress
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        self.done_so_far.setText(
            _("{done} of {all} rows").format(done=texts.number(done), all=texts.number(total))
        )

    def _stop(self) -> None:
        if self.task is not None:
            self.task.stop()
            self.stop.setEnabled(False)
            self.done_so_far.setText(_("Stopping…"))

    def _done(self, counts: Mapping[Outcome, int]) -> None:
        from clinic_desk.services.patient_import import Outcome

        if counts.get(Outcome.CREATED):
            self._desk.stands(_("Patients imported"), (), "patient.import")
        stopped = counts.get(Outcome.NOT_DONE, 0)
        self.counts, self.task = dict(counts), None
        created = counts.get(Outcome.CREATED, 0)
        title = ngettext(
            "{count} patient was imported.", "{count} patients were imported.", created
        ).format(count=texts.number(created))
        if stopped:
            title = _("{sentence} Then it was stopped.").format(sentence=title)
        self.result_title.setText(title)
        known = {reading.outcome(o): texts.number(counts[o]) for o in Outcome if counts.get(o)}
        lines = [_("{outcome}: {count}").format(outcome=o, count=n) for o, n in known.items()]
        self.result_counts.setText("\n".join(lines))
        self.result_place.setText(
            _("What became of each row stands in {file}.").format(
                file=words.isolated(str(self.result_path))
            )
        )
        self.pages.setCurrentIndex(3)
        self.close_button.setFocus()
        self.imported.emit()

    def _failed(self, error: BaseException) -> None:
        self.task = None
        self.pages.setCurrentIndex(1)
        self.refused.setText(words.explained(error, self._desk.zone))
        self.refused.show()
        self.imported.emit()
        if not isinstance(error, ClinicError):
            self._desk.complain(error)

    def _open(self) -> None:
        if self.result_path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.result_path)))

    # Leaving ------------------------------------------------------------------------------------

    @property
    def is_edited(self) -> bool:
        """Whether columns were changed by hand, and nothing came in yet."""
        return self._changed and not self.is_saving and self.pages.currentIndex() < 2

    @property
    def is_saving(self) -> bool:
        """Whether it is being imported just now."""
        return self.task is not None

    @property
    def about(self) -> str:
        """As the window is called."""
        return self.windowTitle()

    @property
    def saving(self) -> str:
        """As the button."""
        return _("Import")

    def save(self) -> None:
        """Import; the window stays for the result, or for what is missing."""
        self._stay()
        self.pages.setCurrentIndex(1)
        self.begin()

    def reject(self) -> None:
        """While it runs, leaving is stopping; the result is shown first."""
        if self.task is not None:
            self._stop()
            return
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the fields and buttons have answered it themselves
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and self.pages.currentIndex() == 0:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.field.setText(files[0])
            event.acceptProposedAction()
            self.read()
