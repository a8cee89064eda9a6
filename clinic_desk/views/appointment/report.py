"""The report of a visit: seen as it will be, saved as PDF, or sent to the patient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QFrame, QTextBrowser

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, NotAllowed
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.reports import Pdf, ReportFacts
from clinic_desk.views import words
from clinic_desk.views.appointment import report_page
from clinic_desk.views.appointment.parts import Part
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.widgets import button, column, error_line, label, named, restyle, row

if TYPE_CHECKING:
    from clinic_desk.views.remember import Memory

SAVES = "Appointment Download Report"
SENDS = "Appointment Email Report"
FOLDER = "paper/folder"


class ReportPart(Part):
    """Attributes:
    facts: what the page says, None until it was read.
    """

    def __init__(self, desk: Desk, card: AppointmentCard, memory: Memory | None = None) -> None:
        super().__init__(desk, card, memory)
        named(self, "report", _("Report"))
        self.facts: ReportFacts | None = None
        self.page = named(QTextBrowser(), "report-page", _("The report as it will be"))
        self.page.setOpenLinks(False)
        self.page.setStyleSheet("background: #ffffff; color: #000000;")  # paper is always light
        hint = label(
            _("Its text is the notes of the visit, as they were saved last."),
            "report-hint", role="hint", wrap=True,
        )  # fmt: skip
        self.tongue = label("", "report-language", role="hint", wrap=True)
        self.tongue.hide()
        self.told = error_line("report-told")
        self.where = label("", "report-where", role="hint", wrap=True)
        self.save_button = button(_("Save as PDF…"), "report-save", self._ask_place)
        self.send_button = button(_("Send by e-mail…"), "report-send", self._ask)
        self.asked = label("", "report-asked", wrap=True)
        really = button(_("Send it"), "report-really", self.send, look="primary")
        self.question = named(QFrame(), "report-question", _("Send by e-mail…"), role="note")
        keep = button(_("Do not send"), "report-keep", self.question.hide)
        self.question.setLayout(column(self.asked, row(really, keep, 1), margin=10))
        self.question.hide()
        self.setLayout(
            column(
                hint, self.tongue, self.page, self.told, self.question, self.where,
                row(1, self.save_button, self.send_button), margin=12, gap=10, grow=2,
            )
        )  # fmt: skip
        self.setFocusProxy(self.page)
        self._offer()
        desk.deeds_happened.connect(self._happened)
        self.read()

    # Reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask what the report says today."""
        from clinic_desk.services import reports

        query = reports.for_download if self.desk.may(SAVES) else reports.for_mail
        self.desk.ask(
            query, self.card.id, done=self._show, ticket=("report", self.card.id),
            what=_("reading the report"),
        )  # fmt: skip

    def _happened(self, changes: frozenset[Change]) -> None:
        mine = {("appointment", self.card.id), ("patient", self.card.patient_id)}
        kinds = {kind for kind, _id in changes}
        if EVERYTHING in changes or mine & changes or "setting" in kinds:
            self.read()

    def _show(self, facts: ReportFacts) -> None:
        self.facts = facts
        other = bool(facts.language) and _tongue(facts.language) != _tongue(i18n.language())
        name = i18n.name_of(facts.language) if other else ""
        text = _("It is written in the language of whom it is for: {language}.")
        self.tongue.setText(text.format(language=words.isolated(name)))
        self.tongue.setVisible(other)
        place = self.page.verticalScrollBar().value()
        actor = self.desk.actor.name
        self._document = report_page.document(facts, actor, self.desk.now())
        self._document.setDocumentMargin(16)
        self.page.setDocument(self._document)
        self.page.verticalScrollBar().setValue(place)
        self._offer()

    def _offer(self) -> None:
        facts = self.facts
        self.save_button.setEnabled(facts is not None and self.desk.may(SAVES))
        if not self.desk.may(SENDS):
            why = words.explained(NotAllowed(SENDS))
        elif facts is not None and not facts.mail_ready:
            why = _("No mail server is set up. Enter one in the mail settings.")
        elif facts is not None and not facts.recipient:
            why = _("This patient has no e-mail address. Add one to the patient’s data.")
        else:
            why = ""
        self.where.setText(why)
        self.where.setVisible(bool(why))
        self.send_button.setEnabled(facts is not None and not why)

    # Saving -----------------------------------------------------------------------------------

    def _ask_place(self) -> None:
        if self.facts is None:
            return
        documents = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        folder = self.memory.text(FOLDER, documents) if self.memory else documents
        name = str(Path(folder) / report_page.file_name(self.facts))
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Save as PDF"), name, "PDF (*.pdf)")
        if chosen:
            file = Path(chosen)
            if self.memory is not None:
                self.memory.put(FOLDER, str(file.parent))
            suffixed = file.suffix.lower() == ".pdf"
            self.save_to(file if suffixed else file.with_name(f"{file.name}.pdf"))

    def save_to(self, file: Path) -> None:
        """Read the report once more, and write it to *file*."""
        from clinic_desk.services import reports

        def write(facts: ReportFacts) -> None:
            content = report_page.pdf(facts, self.desk.actor.name, self.desk.now())
            try:
                file.write_bytes(content)
            except OSError as error:
                text = _("The file could not be written: {reason}. Choose another folder.")
                self._tell(text.format(reason=error.strerror))
                return
            self._tell(_("Saved {file}").format(file=words.isolated(file.name)), "good")

        self.told.hide()
        self.desk.ask(
            reports.for_download, self.card.id, done=write, failed=self._refused_reading,
            what=_("reading the report"),
        )  # fmt: skip

    # Sending ----------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self.facts is not None:
            text = _("Send this report to {address}? It leaves at once.")
            self.asked.setText(text.format(address=words.isolated(self.facts.recipient)))
            self.question.show()

    def send(self) -> None:
        """Send the report that is shown."""
        from clinic_desk.services import reports

        facts = self.facts
        if facts is None or not self.question.isVisible():
            return
        self.question.hide()
        self.told.hide()
        self.send_button.setEnabled(False)
        content = report_page.pdf(facts, self.desk.actor.name, self.desk.now())
        page = Pdf(report_page.file_name(facts), content)
        self.desk.do(
            reports.send, self.card.id, page, version=facts.version, label=_("Send report"),
            said="", done=self._sent, failed=self._refused,
        )  # fmt: skip

    def _sent(self, _answer: Done[None]) -> None:
        self._offer()
        text = _("The report is in the outbox and on its way to {address}.")
        address = self.facts.recipient if self.facts else ""
        self._tell(text.format(address=words.isolated(address)), "good")

    def _refused(self, error: BaseException) -> bool:
        self._offer()
        self.read()
        if not isinstance(error, ClinicError):
            return False
        self._tell(words.explained(error, self.desk.zone))
        return True

    def _refused_reading(self, error: BaseException) -> None:
        if not self._refused(error):
            self.desk.complain(error)

    def _tell(self, text: str, tone: str = "error") -> None:
        restyle(self.told, tone=tone)
        self.told.setText(text)
        self.told.show()


def _tongue(tag: str) -> str:
    return tag.partition("_")[0]
