"""Somebody is here twice: two records become one, after one has seen what that does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Stale
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.patient_cards import SimilarPatient
from clinic_desk.services.patient_merge import Merged, Merging
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patient_search import PatientSearch
from clinic_desk.views.patients import texts
from clinic_desk.views.patients.long_task import LongTask
from clinic_desk.views.patients.merge_choices import MergeChoices
from clinic_desk.views.widgets import button, column, error_line, label, named, row


class MergeDialog(QDialog):
    """Attributes:
        kept, other: the record that stays, and the one that goes into it.

    Signals:
        merged(int): the number of the record that stays.
    """

    merged = Signal(int)

    def __init__(self, desk: Desk, card: PatientCard, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "merge", _("Merge two records"))
        self.setWindowTitle(_("Merge two records"))
        self._desk = desk
        self.kept, self.other = card, card
        self.merging: Merging | None = None
        self.task: LongTask | None = None
        self.search = PatientSearch(desk)
        self.search.offers_new, self.search.leaves_out = False, card.id
        self.search.chosen.connect(self._chosen)
        self.near = named(QFrame(), "merge-near", role="note")
        self._near_rows = QVBoxLayout(self.near)
        self.near.hide()
        self.choices = MergeChoices(desk)
        self.choices.hide()
        self.told = error_line("merge-told")
        self.swap = button(_("The other way round"), "merge-swap", self._swap)
        self.merge = button(_("Merge"), "merge-begin", self.begin, look="primary")
        self.leave = button(_("Close"), "merge-leave", self.reject)
        self._lay_out()
        self._allow()
        self.resize(640, 620)
        self._look_for_similar()

    def _lay_out(self) -> None:
        who = words.patient(self.kept)
        inside = named(QWidget(), "merge-inside", role="panel")
        inside.setLayout(column(self.near, self.choices, 1, margin=4))
        area = named(QScrollArea(), "merge-area")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self.setLayout(
            column(
                label(who, "merge-who", role="heading", wrap=True),
                label(
                    _("Which other record is the same person's? Nothing is lost: all that hangs "
                      "on it moves, its number still finds this person, and it can be taken back."),
                    "merge-hint", role="hint", wrap=True,
                ),
                self.search,
                area,
                self.told,
                row(self.swap, 1, self.leave, self.merge),
                margin=16, gap=10, grow=3,
            )
        )  # fmt: skip

    # Whom -----------------------------------------------------------------------------------------

    def _look_for_similar(self) -> None:
        from clinic_desk.services import patients

        card = self.kept
        self._desk.ask(
            patients.similar,
            first_name=card.first_name, last_name=card.last_name,
            date_of_birth=card.date_of_birth, phone=card.phone, email=card.email,
            done=self._similar_found,
            ticket=("merge-similar", id(self)),
            what=_("looking for the same person"),
        )  # fmt: skip

    def _similar_found(self, found: Sequence[SimilarPatient]) -> None:
        others = [one for one in found if one.patient.id != self.kept.id]
        if not others or self.merging is not None:
            return
        self._near_rows.addWidget(label(_("Perhaps one of these:"), "merge-near-title"))
        for place, one in enumerate(others):
            made = button(texts.similar(one), f"merge-near-{place}", look="way")
            made.clicked.connect(partial(self.search.set_patient, one.patient))
            self._near_rows.addWidget(made)
        self.near.show()

    def _chosen(self, card: PatientCard | None) -> None:
        self.merging = None
        self.choices.hide()
        self.told.hide()
        self._allow()
        if card is None:
            return
        if card.id == self.kept.id:
            self._tell(_("This is the same record. Choose another one."))
            return
        self.other = card
        self._ask()

    def _swap(self) -> None:
        self.kept, self.other = self.other, self.kept
        self.search.leaves_out = self.kept.id
        self._ask()

    def _ask(self) -> None:
        from clinic_desk.services import patient_merge

        self._desk.ask(
            patient_merge.preview,
            self.kept.id,
            self.other.id,
            done=self._previewed,
            failed=self._refused,
            ticket=("merge", id(self)),
            what=_("looking at both records"),
        )

    def _previewed(self, merging: Merging) -> None:
        self.merging = merging
        self.near.hide()
        self.choices.show_merging(merging)
        self.choices.show()
        self._allow()
        self.merge.setFocus()

    def _allow(self) -> None:
        ready = self.merging is not None and self.task is None
        self.merge.setEnabled(ready)
        self.swap.setEnabled(ready)
        self.search.setEnabled(self.task is None)

    # Merging ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Merge them; what moves goes in steps, and stops between two of them if asked to."""
        from clinic_desk.services import patient_merge

        if self.merging is None or self.task is not None:
            return
        actor, kept, other = self._desk.actor, self.kept.id, self.other.id
        take, versions = self.choices.taken, self.merging.versions

        def work(task: LongTask) -> Done[Merged]:
            return patient_merge.merge(
                actor,
                kept,
                other,
                take=take,
                versions=versions,
                progress=task.tell,
                cancelled=task.cancelled,
            )

        self.told.hide()
        self.task = LongTask(self._desk, work, self)
        self.task.progressed.connect(self._progressed)
        self.task.done.connect(self._done)
        self.task.failed.connect(self._refused)
        self._allow()
        self.merge.setText(_("Merging…"))
        self.task.start()

    def _progressed(self, moved: int) -> None:
        self.merge.setText(_("Merging… {count}").format(count=texts.number(moved)))

    def _done(self, done: Done[Merged]) -> None:
        stopped = self.task is not None and self.task.cancelled()
        self.task = None
        self._desk.announce((*done.changed, ("patient", self.kept.id)))
        if stopped:
            self._tell(_("Stopped. Both records are whole; merge them again to go on."))
            self.merge.setText(_("Merge"))
            self._allow()
            return
        text = _("{patient} is one record now. The merge can be taken back on their page.")
        said = text.format(patient=words.isolated(self.kept.name))
        self._desk.did(done.seq, _("Records merged"), said)
        self.accept()
        self.merged.emit(self.kept.id)

    def _refused(self, error: BaseException) -> None:
        self.task = None
        self.merge.setText(_("Merge"))
        self._allow()
        self._tell(words.explained(error, self._desk.zone))
        if not isinstance(error, ClinicError):
            self._desk.complain(error)
        if isinstance(error, Stale):  # what there is to choose between is otherwise by now
            self._ask()

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    def reject(self) -> None:
        """While it runs, leaving is stopping."""
        if self.task is not None:
            self.task.stop()
            return
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if focused in (self.merge, self.swap, self.leave) and focused is not None:
                focused.click()
            event.accept()
            return
        super().keyPressEvent(event)
