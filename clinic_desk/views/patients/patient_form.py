"""Writing down a new patient, or what has changed of one.

Whoever may be the same person is named while one types, before there are two. Nothing typed is
lost by a refusal: it stands in the form with the reason at its field and the ways out below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import InUseElsewhere, Invalid, Stale
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.patient_cards import PatientData, PatientPage, SimilarPatient
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import texts
from clinic_desk.views.patients.form_parts import ConflictPart, SharingPart
from clinic_desk.views.patients.patient_fields import FIRST, PatientFields
from clinic_desk.views.widgets import button, column, error_line, label, named, row

PAUSE_MS = 250
"""Typing faster than this asks once who may be the same person."""

ASKED = ("first_name", "last_name", "phone", "email", "national_id")


class PatientForm(QWidget):
    """Signals:
    saved(PatientCard): it is written down.
    known_chosen(PatientCard): it was somebody whom the clinic knows already.
    refused(): it is not saved; the form says why.
    closed(): the form was left.
    """

    saved = Signal(object)
    known_chosen = Signal(object)
    refused = Signal()
    closed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-form", _("New patient"))
        self._desk = desk
        self.data: PatientData | None = None
        self.is_edited = False
        self._looked: dict[str, Any] = {}
        self._seen: set[int] = set()
        self._shown: dict[str, Any] = {}
        self._double: QPushButton | None = None
        self.heading = label(_("New patient"), "patient-form-heading", role="title")
        self.fields = PatientFields(desk, self._edited)
        self.more = button(_("More details"), "patient-form-more", self._unfold, look="quiet")
        self.told = error_line("patient-form-told")
        self.known = named(QFrame(), "patient-form-known", role="note")
        self._known_rows = QVBoxLayout(self.known)
        self.known.hide()
        self.consent = button(
            _("Ask for their consent…"), "patient-form-consent", self._ask_for_consent
        )
        self.sharing = SharingPart(self._share)
        self.why, self.share = self.sharing.why, self.sharing.share
        self.conflict = ConflictPart(self._take_theirs, self._keep_mine)
        self.save = button(_("Create patient"), "patient-form-save", self.submit, look="primary")
        self.leave = button(_("Back"), "patient-form-leave", self.closed.emit, tip=_("Esc"))
        inside = named(QWidget(), "patient-form-inside", role="panel")
        inside.setLayout(column(self.fields, row(self.more, 1), 1, margin=2))
        self.area = named(QScrollArea(), "patient-form-area")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        self.setLayout(
            column(
                self.heading,
                self.area,
                self.known,
                self.told,
                row(self.consent, 1),
                self.sharing,
                self.conflict,
                row(self.save, self.leave, 1),
                margin=16,
                grow=1,
            )
        )
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look_for_similar)
        self.begin()

    # What it is about -----------------------------------------------------------------------

    def begin(
        self, data: PatientData | None = None, given: Mapping[str, str] | None = None
    ) -> None:
        """Ask for a new patient (with what is *given*), or for what has changed of one."""
        self.data = data
        self._looked, self._seen, self._double = {}, set(), None
        self.fields.show_data(data, given)
        self.is_edited = bool(given)
        self._show_all(all_of_them=data is not None)
        self.heading.setText(_("New patient") if data is None else _("Change the patient's data"))
        self.save.setText(_("Create patient") if data is None else _("Save"))
        self.save.setEnabled(True)
        self._shown = {} if data is None else self.fields.values()
        for part in (self.told, self.known, self.consent, self.sharing, self.conflict):
            part.hide()
        self.why.clear()
        if given:
            self._pause.start()

    def begin_with(self, typed: str) -> None:
        """Ask for a new patient of whom a search has *typed* something: a name, a number, an
        address.
        """
        typed = typed.strip()
        if "@" in typed:
            given = {"email": typed}
        elif any(sign.isdigit() for sign in typed):
            name = "phone" if sum(sign.isdigit() for sign in typed) > 8 else "date_of_birth"
            given = {name: typed}
        else:
            first, comma, last = typed.partition(",")
            if comma:
                given = {"last_name": first.strip(), "first_name": last.strip()}
            else:
                rest, _blank, last = typed.rpartition(" ")
                given = {
                    "last_name": last.title() if last.islower() else last,
                    "first_name": rest.title() if rest.islower() else rest,
                }
        self.begin(given=given)
        self.is_edited = False
        empty = next((n for n in FIRST if not given.get(n) and n != "gender"), "first_name")
        self.fields.fields[empty].setFocus()

    def set_focus(self) -> None:
        """Begin to type."""
        self.fields.line("last_name").setFocus()

    def _unfold(self) -> None:
        self._show_all(all_of_them=True)
        self.fields.fields["national_id"].setFocus()

    def _show_all(self, *, all_of_them: bool) -> None:
        alerts = self._desk.may("Alert Show")
        self.fields.unfold(all_of_them=all_of_them, alerts=alerts)
        self.more.setVisible(not all_of_them)

    def _edited(self) -> None:
        self.is_edited = True
        self.told.hide()
        self._pause.start()

    # Is it somebody whom we know? -------------------------------------------------------------

    def _described(self) -> dict[str, Any]:
        typed: dict[str, Any] = {name: self.fields.line(name).text() for name in ASKED}
        return typed | {"date_of_birth": self.fields.born()}

    def _look_for_similar(self, then: Callable[[], object] | None = None) -> None:
        """Name whoever may be the same person; *then* go on, unless there is somebody new."""
        from clinic_desk.services import patients

        if not self._desk.may("Customer Get All"):
            return
        self._pause.stop()  # what is asked later would take the answer away from who waits for it
        described = self._described()

        def failed(error: BaseException) -> None:
            if then is None:
                self._desk.complain(error)
            else:
                then()

        self._desk.ask(
            patients.similar,
            **described,
            done=partial(self._similar_found, described, then),
            failed=failed,
            ticket=("similar-patients", id(self)),
            what=_("looking for the same person"),
        )

    def _similar_found(
        self,
        described: dict[str, Any],
        then: Callable[[], object] | None,
        found: Sequence[SimilarPatient],
    ) -> None:
        if not shiboken6.isValid(self):
            return
        self._looked = described
        seen, named = self._seen, self._double is not None
        self._seen = seen | {one.patient.id for one in found}
        double = self._show_known(found)
        if then is None:
            return
        self.save.setEnabled(True)
        # Who was named for the name alone may turn out to be of this very birth date, too.
        if self._seen == seen and (double is None or named):
            then()
            return
        self.refused.emit()
        self.told.setText(_("Look whether it is the same person. If not, press the button again."))
        self.told.show()
        if double is not None:
            double.setFocus()

    def _show_known(self, found: Sequence[SimilarPatient]) -> QPushButton | None:
        """Name whoever is *found*; gives the way to somebody of the same name and birth date."""
        held = self.known.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        while (item := self._known_rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        own = self.data.id if self.data is not None else None
        others = [one for one in found if one.patient.id != own]
        self.known.setVisible(bool(others))
        self._double = None
        if not others:
            return None
        title = label(_("Perhaps the clinic knows this person:"), "known-title", role="strong")
        self._known_rows.addWidget(title)
        for place, one in enumerate(others):
            chosen = button(texts.similar(one), f"known-{place}", look="way")
            chosen.clicked.connect(partial(self.known_chosen.emit, one.patient))
            self._known_rows.addWidget(chosen)
            chosen.show()  # what a layout shows by itself comes too late for the focus
            if held and place == 0:
                chosen.setFocus()
            if self._double is None and self.data is None and self.fields.are_of(one.patient):
                self._double = chosen
        return self._double

    def _enter(self) -> None:
        """Enter opens an exact double that is named already; to write down another one of the
        same name and birth date, its button has to be meant.
        """
        if self._double is not None and self._described() == self._looked:
            self._double.click()
        else:
            self.submit()

    # Saving -----------------------------------------------------------------------------------

    def submit(self, shares_contact: str | None = None) -> None:
        """Write it down, or say at its field what is wrong.

        A new patient is only written when whoever may be the same person has been named.
        """
        from clinic_desk.services import patients

        if not self.save.isEnabled():
            return
        given = self._given()
        if given is None:
            return
        self.fields.untell()
        self.told.hide()
        self.consent.hide()
        self._pause.stop()
        self.save.setEnabled(False)
        looks = self.data is None and self._desk.may("Customer Get All")
        if looks and self._described() != self._looked:
            self._look_for_similar(lambda: self._again(shares_contact))
            return
        name = words.isolated(f"{given['first_name']} {given['last_name']}".strip())
        if self.data is None:
            self._desk.do(
                patients.create,
                **given,
                shares_contact=shares_contact,
                label=_("Register {patient}").format(patient=name),
                said=_("Registered: {patient}").format(patient=name),
                done=self._saved,
                failed=self._refused,
            )
        else:
            given = {k: v for k, v in given.items() if v != self._shown[k]}  # the rest is others'
            self._desk.do(
                patients.change,
                self.data.id,
                version=self.data.version,
                **given,
                shares_contact=shares_contact,
                label=_("Change the data of {patient}").format(patient=name),
                said=_("Saved: {what}").format(what=name),
                done=self._saved,
                failed=self._refused,
            )

    def _given(self) -> dict[str, Any] | None:
        """What is to be written down; None where a field makes no sense, which it then says."""
        try:
            given = self.fields.values()
        except Invalid as error:
            self._refused(error)
            return None
        if not self._desk.may("Alert Show"):
            del given["medical_alert"]
        return given

    def _again(self, shares_contact: str | None) -> None:
        self.save.setEnabled(True)
        self._looked = self._described()
        self.submit(shares_contact)

    def _saved(self, answer: Done[PatientCard]) -> None:
        self.is_edited = False
        self.save.setEnabled(True)
        self.saved.emit(answer.value)

    def _share(self) -> None:
        if not self.why.text().strip():
            self.why.setFocus()
            return
        self.submit(self.why.text())

    def _ask_for_consent(self) -> None:
        from clinic_desk.views.consent import ask

        given = self._given()
        if given is not None:
            ask.begin(self._desk, given, self, self._agreed)

    def _agreed(self, card: PatientCard) -> None:
        """They are registered with their consent; what was typed besides went along."""
        self.is_edited = False
        self.saved.emit(card)

    def _take_theirs(self) -> None:
        self._read_theirs(lambda page: self.begin(page.data))

    def _keep_mine(self) -> None:
        def again(page: PatientPage) -> None:
            if self.data is not None:
                self.data = page.data
                self.conflict.hide()
                self.submit()

        self._read_theirs(again)

    def _read_theirs(self, then: Callable[[PatientPage], None]) -> None:
        from clinic_desk.services import patient_page

        if self.data is not None:
            self._desk.ask(patient_page.page, self.data.id, done=then)

    def _refused(self, error: BaseException) -> bool:
        self.save.setEnabled(True)
        self.refused.emit()
        if isinstance(error, Invalid):
            if error.field not in FIRST:
                self._show_all(all_of_them=True)
            if self.fields.tell(error):
                return True
        if not isinstance(error, (InUseElsewhere, Invalid, Stale)):
            return False
        if isinstance(error, Stale):
            self.conflict.show()
            return True
        self.told.setText(words.explained(error, self._desk.zone))
        self.told.show()
        elsewhere = isinstance(error, InUseElsewhere)
        asks = elsewhere and self.data is None and self._desk.may("Consent Take")
        shares = elsewhere and self._desk.may("Contact Share")
        self.consent.setVisible(asks)
        self.sharing.setVisible(shares)
        if asks:
            self.consent.setFocus()
        elif shares:
            self.why.setFocus()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QPushButton):  # Enter is for what is marked
                focused.click()
            elif focused is self.why:
                self._share()
            else:
                self._enter()
        else:
            super().keyPressEvent(event)

    def values(self) -> dict[str, Any]:
        """What stands in the form."""
        return self.fields.values()
