"""The page of the clinic itself: name, country, time zone, and what holds for all its booking."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import ClinicError, NotAllowed
from clinic_desk.services import settings as shared
from clinic_desk.services.cards import Done
from clinic_desk.services.clinic_settings import ClinicFile
from clinic_desk.services.impact import WouldBreak
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import CardPage
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.operational.book_face import StillFields
from clinic_desk.views.operational.clinic_form import ClinicForm
from clinic_desk.views.operational.impact_panel import ImpactPanel, no_longer_fit
from clinic_desk.views.patients.long_task import LongTask
from clinic_desk.views.widgets import column, label, named, row

KINDS = frozenset({"organisation", "setting"})


class ClinicPage(CardPage[ClinicFile]):
    """The card is the clinic as it was read; None before.

    Attributes:
        reading: telephone numbers are read anew, after the country was changed.

    Signals:
        visit_wanted(int): show this visit in the calendar.
    """

    shows = ClinicFile
    visit_wanted = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "clinic", _("Clinic"))
        self._filling = False
        self._accepted: frozenset[int] = frozenset()
        self.reading: LongTask | None = None
        self.form = ClinicForm(self._edited)
        self.impact = ImpactPanel("clinic")
        self.impact.accepted.connect(self._save_anyway)
        self.impact.left.connect(self.not_saved)
        self.impact.visit_wanted.connect(self.visit_wanted)
        self.progress = label("", "clinic-progress", role="hint", wrap=True)
        self.progress.hide()
        self._lay_out()
        self._save_by_key()
        desk.deeds_happened.connect(self._happened)
        desk.catalogue_changed.connect(self._allow)
        self.setFocusProxy(self.form.name)
        self._allow()
        self.load()

    def _lay_out(self) -> None:
        cards = QWidget()
        cards.setMaximumWidth(680)
        title = label(_("Clinic"), "clinic-title", role="title")
        cards.setLayout(column(title, self.form, gap=12))
        holder = named(QWidget(), "clinic-holder", role="panel")
        holder.setLayout(column(row(cards, 0, grow=0), 1, margin=16))
        self.pane = named(QScrollArea(), "clinic-scroll")
        self.pane.setWidgetResizable(True)
        self.pane.setFrameShape(QFrame.Shape.NoFrame)
        self.pane.setWidget(holder)
        self.still = StillFields(holder)
        foot = named(QWidget(), "clinic-foot", role="panel")
        buttons = row(self.save_button, self.discard_button, 1)
        foot.setLayout(column(self.conflict, self.told, self.progress, buttons, margin=16))
        self.setLayout(column(self.pane, self.impact, foot, gap=0, grow=0))

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the clinic anew."""
        from clinic_desk.services import clinic_settings

        self.desk.ask(
            clinic_settings.get,
            done=self._read,
            failed=self._not_read,
            ticket=("clinic", id(self)),
            what=_("reading the settings"),
        )

    def _not_read(self, error: BaseException) -> None:
        if isinstance(error, ClinicError):
            self._tell(error)
        else:
            self.desk.complain(error)

    def _show(self, card: ClinicFile) -> None:
        self.card, self._theirs = card, None
        self._filling = True
        self.form.fill(card.draft)
        self._filling = False
        for part in (self.told, self.conflict, self.impact):
            part.hide()
        self._allow()

    # Editing ----------------------------------------------------------------------------------

    @property
    def unsaved(self) -> str:
        """What is not saved, as the question names it."""
        edited = self.card is not None and self.form.draft() != self.card.draft
        return _("Clinic") if edited and not self._filling else ""

    def _edited(self) -> None:
        if not self._filling:
            self.form.untell()
            self.impact.hide()
            self._accepted = frozenset()
            super()._edited()

    def _allow(self) -> None:
        why = "" if self.desk.may(shared.SHARING) else words.explained(NotAllowed(shared.SHARING))
        self.form.lock(why)
        self.form.setEnabled(self.card is not None)
        edited = bool(self.unsaved) and not self._saving
        if not edited:
            self.keep_focus(self.save_button, self.discard_button)
        self._allow_saving(shared.SHARING, on=edited)

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep what stands in the fields; refusals are shown and nothing typed is lost."""
        from clinic_desk.services import clinic_settings

        if self._saving or not self.unsaved or not self.desk.may(shared.SHARING):
            return
        self.impact.hide()
        self._send(
            clinic_settings.change,
            self.card,
            self.form.draft(),
            accept=self._accepted,
            label=_("Change the clinic"),
            said=_("Saved: {what}").format(what=_("Clinic")),
            done=self._saved,
        )

    def _save_anyway(self) -> None:
        self._accepted |= self.impact.impact.ids
        self.save()

    def _saved(self, answer: Done[ClinicFile | None]) -> None:
        self._saving = False
        before, self._accepted = self.card, frozenset()
        self.desk.renew_catalogue()
        if answer.value is None:  # it was saved, the answer lost
            self.card = None
            self.load()
        else:
            self._show(answer.value)
        # Where the answer was lost, nobody knows whether the country was part of it.
        if (
            before is None
            or answer.value is None
            or (answer.value.draft.country != before.draft.country)
        ):
            self._read_numbers()
        self.saved()

    def _refused(self, error: BaseException) -> bool:
        if not isinstance(error, WouldBreak):
            return super()._refused(error)
        self._saving = False  # whoever waits to leave waits for the answer
        self._allow()
        self.impact.ask(error.impact, no_longer_fit)
        return True

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.form.tell(error)

    # Telephone numbers ------------------------------------------------------------------------

    def _read_numbers(self) -> None:
        """Those that say no country of their own are another country's now."""
        from clinic_desk.services import contacts

        def work(task: LongTask) -> int:
            done = 0
            for done in contacts.renew_keys(self.desk.actor, task.cancelled):
                task.tell(done)
            return done

        if self.reading is not None:
            self.reading.stop()
        self.reading = task = LongTask(self.desk, work, self)
        task.progressed.connect(self._numbers_read)
        task.done.connect(self._numbers_done)
        task.failed.connect(self._numbers_failed)
        task.start()

    def _numbers_read(self, count: int) -> None:
        self.progress.setText(_numbers(count))
        self.progress.show()

    def _numbers_done(self, count: int) -> None:
        self.reading = None
        self.progress.setText(_numbers(count))
        self.progress.setVisible(bool(count))

    def _numbers_failed(self, error: BaseException) -> None:
        self.reading = None
        self.progress.hide()
        self.desk.complain(error)

    # News -------------------------------------------------------------------------------------

    def _happened(self, changed: frozenset[Change]) -> None:
        told = EVERYTHING in changed or any(kind in KINDS for kind, _number in changed)
        if told and not self._saving:
            self.load()


def _numbers(count: int) -> str:
    return ngettext(
        "{count} telephone number was read anew.",
        "{count} telephone numbers were read anew.",
        count,
    ).format(count=i18n.number_text(count))
