"""The second step on paper: print the form, have it signed, add its scan, say why on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.consent_cards import Scan
from clinic_desk.services.consent_registration import LARGEST_SCAN, NO_SCAN, TOO_LARGE
from clinic_desk.views.admin.fields import Fields, choice, choose, text_field
from clinic_desk.views.consent.paper_form import PaperForm, to_pdf, to_printer
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import button, column, label, row

UNREADABLE = N_("The file could not be read: {reason}. Choose it again.")


def read_scan(path: Path) -> Scan:
    """The file of a scan; not on the window's thread. Raises ``Invalid``."""
    try:
        if path.stat().st_size > LARGEST_SCAN:
            raise Invalid("scan", TOO_LARGE, most=LARGEST_SCAN // (1024 * 1024))
        return Scan(path.name, "", path.read_bytes())
    except OSError as error:
        raise Invalid("scan", UNREADABLE, reason=error.strerror or str(error)) from error


class PaperPart(QWidget):
    """Attributes:
    form: what would be printed now; None before a consent was asked for.
    scan: the signed form as it was added; None as long as there is none.
    """

    def __init__(self, desk: Desk, form: Callable[[], PaperForm | None]) -> None:
        super().__init__()
        self._desk, self.form = desk, form
        self.scan: Scan | None = None
        self.setAcceptDrops(True)
        hint = label(
            _("Print the form, let the person read and sign it, and add a scan or a photograph."),
            "consent-paper-hint",
            role="hint",
            wrap=True,
        )
        self.language = choice("consent-language", _("Language of the form"), lambda: None)
        for tag in i18n.available():
            self.language.addItem(i18n.name_of(tag), tag)
        self.printed = button(_("Print…"), "consent-print", self._print)
        self.saved = button(_("Save as PDF…"), "consent-pdf", self._save)
        self.add = button(_("Choose the scan…"), "consent-scan", self._choose)
        self.name = label(_("or drop the file here"), "consent-scan-name", role="hint", wrap=True)
        self.reason = text_field("consent-reason", _("Why on paper"), lambda: None)
        self.reason.setPlaceholderText(_("For example: has no e-mail"))
        self.fields = Fields("consent-paper-fields", _("Signed paper form"))
        self.fields.add("language", _("Language of the form"), self.language)
        self.fields.add("form", _("Form"), _together(self.printed, self.saved))
        self.fields.add("scan", _("Scan"), _together(self.add, self.name, grow=1))
        self.fields.add("reason", _("Why on paper"), self.reason)
        self.setLayout(column(hint, self.fields, gap=10))

    def begin(self, language: str) -> None:
        """Offer the form in the person's *language*, where the program speaks it."""
        spoken = language if i18n.speaks(language) else i18n.language()
        tongue = spoken.partition("_")[0]
        known = [tag for tag in i18n.available() if tag.partition("_")[0] == tongue]
        choose(self.language, spoken if spoken in known else (known or [i18n.SOURCE])[0])
        self.printed.setFocus()

    def checked(self) -> tuple[Scan, str] | None:
        """The scan and the reason; None where one is missing, which is said at its field."""
        if self.scan is None:
            self.fields.tell(Invalid("scan", NO_SCAN))
            return None
        return self.scan, self.reason.text()

    # The form ---------------------------------------------------------------------------------

    @property
    def _language(self) -> str:
        return str(self.language.currentData() or i18n.language())

    def _print(self) -> None:
        form = self.form()
        if form is not None and to_printer(form, self, self._language):
            self._desk.say(_("The form was sent to the printer."), Tone.GOOD)

    def _save(self) -> None:
        form = self.form()
        if form is None:
            return
        start = str(Path(_documents()) / f"consent-{form.number}.pdf")
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Save as PDF"), start, "PDF (*.pdf)")
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf")
        try:
            to_pdf(form, path, self._language)
        except OSError as error:
            text = _("The file could not be written: {reason}. Choose another folder.")
            self._desk.say(text.format(reason=error.strerror), Tone.ERROR)
            return
        self._desk.say(_("Saved {file}").format(file=path.name), Tone.GOOD)

    # The scan ---------------------------------------------------------------------------------

    def _choose(self) -> None:
        kinds = _("Scans") + " (*.pdf *.png *.jpg *.jpeg)"
        chosen, _kind = QFileDialog.getOpenFileName(self, _("Choose the scan"), _documents(), kinds)
        if chosen:
            self.take(Path(chosen))

    def take(self, path: Path) -> None:
        """Read the scan in this file."""
        self.fields.untell()
        self.name.setText(_("Reading {file}…").format(file=path.name))
        self._desk.background.read(
            read_scan,
            path,
            done=self._read,
            failed=self._not_read,
            ticket=("consent-scan", id(self)),
            what=_("reading the scan"),
        )

    def _read(self, scan: Scan) -> None:
        self.scan = scan
        self.name.setText(_("✓ {file}").format(file=scan.name))
        self.reason.setFocus()

    def _not_read(self, error: BaseException) -> None:
        self.scan = None
        self.name.setText(_("or drop the file here"))
        if not self.fields.tell(error):
            self._desk.complain(error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file of the computer can be dropped."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()
            self.take(Path(urls[0].toLocalFile()))


def _together(first: QWidget, other: QWidget, *, grow: int | None = None) -> QWidget:
    """Two parts of one field, as wide as they have to be; the first one gets the focus."""
    made = QWidget()
    made.setLayout(row(first, other, *([] if grow else [1]), grow=grow))
    made.setFocusProxy(first)
    return made


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
