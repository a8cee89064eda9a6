"""Asking for consent while somebody is being registered: ask, verify, agree, one after another.

Nothing of the other record is known here before the code is verified or the signed form is
recorded, so nothing of it can be shown. What was typed of the patient stays where it was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.consent import Over, WrongCode
from clinic_desk.services.consent_cards import AskedCard, Channel, Code, ConsentPage, Side, State
from clinic_desk.views import words
from clinic_desk.views.consent import texts
from clinic_desk.views.consent.steps import AgreePart, AskPart, CodePart, Progress, Step
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import button, column, label, named, row


class ConsentDialog(QDialog):
    """Attributes:
    card: the consent that is waited for; None before one was asked for.
    patient: who was registered in the end.

    Signals:
        registered(PatientCard): they are registered here, and the dialog was closed.
    """

    registered = Signal(object)

    def __init__(self, desk: Desk, draft: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "consent", _("Permission needed"))
        self.setWindowTitle(_("Permission needed"))
        self._desk, self._draft = desk, dict(draft)
        self.card: AskedCard | None = None
        self.patient: PatientCard | None = None
        self._busy = False
        self._then: Callable[[Any], object] = self._taken
        self._clinic = words.isolated(desk.catalogue.organisation.name)
        self.ask = AskPart(desk.catalogue.organisation.name, self._send)
        self.code = CodePart(self._verify, self._send)
        self.agree = AgreePart(self._agree)
        self.steps = (
            Step(1, _("Ask"), self.ask),
            Step(2, _("Verify"), self.code),
            Step(3, _("Agree"), self.agree),
        )
        self._build()
        self._show_step(0)
        self.ask.purpose.setFocus()

    def _build(self) -> None:
        self.heading = label(_("Permission needed"), "consent-title", role="title")
        self.text = label(
            _(
                "These details belong to a record that another clinic manages. We cannot show it"
                " or add it here until the person agrees."
            ),
            "consent-text",
            wrap=True,
        )
        self.told = label("", "consent-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.told.hide()
        self.promise = label(
            _("Nothing is shared before step 3. Both clinics get a record of it."),
            "consent-promise",
            role="hint",
            wrap=True,
        )
        self.leave = button(_("Cancel, keep my draft"), "consent-leave", self.reject, tip=_("Esc"))
        self.go_on = button(_("Go on"), "consent-go-on", self.accept, look="primary")
        self.go_on.hide()
        self.content = column(self.heading, self.text, *self.steps, self.promise, 1, margin=16)
        inside = QWidget()
        inside.setLayout(self.content)
        self.area = named(QScrollArea(), "consent-area")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        foot = row(self.leave, 1, self.go_on, margin=16)
        foot.setContentsMargins(16, 0, 16, 12)
        told = row(self.told, grow=0)
        told.setContentsMargins(16, 0, 16, 0)
        self.setLayout(column(self.area, told, foot, grow=0))
        self.resize(560, 620)

    # Where it stands --------------------------------------------------------------------------

    def _show_step(self, now: int) -> None:
        for place, step in enumerate(self.steps):
            if place == now:
                step.set_progress(Progress.NOW)
            else:
                step.set_progress(Progress.DONE if place < now else Progress.COMING)
        self.told.hide()

    def take_up(self, consent_id: int) -> None:
        """Go on with a consent that was asked for before."""
        from clinic_desk.services import consent

        self._desk.ask(consent.asked, consent_id, done=self._asked, failed=self._not_read)

    def _asked(self, card: AskedCard) -> None:
        """Show the step at which this consent is."""
        self.card = card
        if card.state is State.VERIFIED:
            self._begin_to_agree(card)
            return
        self._show_step(1)
        self.code.show_card(card)
        self.code.again.setVisible(bool(self._draft))
        self.code.code.clear()
        self.code.code.setFocus()

    def _begin_to_agree(self, card: AskedCard) -> None:
        self.code.stop()
        person = f"{self._draft.get('first_name', '')} {self._draft.get('last_name', '')}".strip()
        sentence = _(
            "{person} agrees that {clinic} sees and uses the data ticked here. This can be"
            " withdrawn at any time, in either clinic."
        ).format(person=words.isolated(person) or _("The person"), clinic=self._clinic)
        day = self._desk.today()
        self.agree.show_card(card, sentence, QDate(day.year, day.month, day.day))
        self._show_step(2)
        self.agree.agrees.setFocus()

    # Asking and verifying ---------------------------------------------------------------------

    def _send(self) -> None:
        self._take(Channel.EMAIL)

    def _take(self, channel: Channel) -> None:
        from clinic_desk.services import consent

        self.ask.fields.untell()
        self._do(
            consent.take,
            self._draft,
            purpose=self.ask.purpose.text(),
            shares=self.ask.shares.chosen,
            channel=channel,
            label=_("Ask for consent"),
            done=self._taken,
        )

    def _taken(self, answer: Done[AskedCard | None]) -> None:
        if answer.value is not None:
            self._asked(answer.value)
        else:  # the answer was lost on its way, and it is known only that it was saved
            self._find_newest()

    def _find_newest(self) -> None:
        from clinic_desk.services import consent_register

        def found(page: ConsentPage) -> None:
            if page.items:
                self.take_up(page.items[0].id)

        self._desk.ask(
            consent_register.consents,
            states=(State.ASKED,),
            side=Side.ASKS,
            page_size=1,
            done=found,
            failed=self._not_read,
        )

    def _verify(self) -> None:
        from clinic_desk.services import consent

        if self.card is None or not self.code.is_open:
            return
        self.code.fields.untell()
        self._do(
            consent.verify,
            self.card.id,
            Code(self.code.code.text()),
            label=_("Verify a consent"),
            done=self._verified,
        )

    def _verified(self, answer: Done[AskedCard | None]) -> None:
        self.code.code.clear()
        if answer.value is not None:
            self._asked(answer.value)
        elif self.card is not None:
            self.take_up(self.card.id)

    # Registering ------------------------------------------------------------------------------

    def _agree(self) -> None:
        from clinic_desk.services import consent_registration

        if self.card is None or not self.agree.agrees.isChecked():
            return
        self.agree.fields.untell()
        self._do(
            consent_registration.agree,
            self.card.id,
            self._draft,
            shares=self.agree.shares.chosen,
            until=self.agree.until(self._desk.zone),
            label=_("Register with consent"),
            done=self._registered,
        )

    def _registered(self, answer: Done[PatientCard | None]) -> None:
        if answer.value is not None:
            self._show_registered(answer.value)
        elif self.card is not None:
            self._find_registered(self.card.id)

    def _find_registered(self, consent_id: int) -> None:
        from clinic_desk.services import consent_register, patients

        self._desk.ask(
            consent_register.consent,
            consent_id,
            done=lambda found: self._desk.ask(
                patients.patient,
                found.patient_id,
                done=self._show_registered,
                failed=self._not_read,
            ),
            failed=self._not_read,
        )

    def _show_registered(self, patient: PatientCard) -> None:
        from clinic_desk.services import consent_register

        self.patient = patient
        name = words.isolated(patient.name)
        self._desk.say(_("Registered: {patient}").format(patient=name), Tone.GOOD)
        self._show_step(3)
        self.setWindowTitle(_("Registered"))
        self.heading.setText(_("Registered"))
        self.text.setText(words.patient(patient))
        self.promise.setText(_("Reading the consents of this person…"))
        self.leave.hide()
        self.go_on.show()
        self.go_on.setDefault(True)
        self.go_on.setFocus()
        self._desk.ask(
            consent_register.consents,
            patient_id=patient.id,
            done=self._list_consents,
            failed=self._not_read,
        )

    def _list_consents(self, page: ConsentPage) -> None:
        """The list of the person's consents, as the last thing that is shown."""
        lines = [
            _("{state} · {purpose} · {other} · {until}").format(
                state=texts.state(one.state),
                purpose=words.isolated(one.purpose),
                other=words.isolated(one.other),
                until=texts.until(one.until_at, self._desk.zone),
            )
            for one in page.items
        ]
        self.promise.setText("\n".join([_("Consents of this person:"), *lines]))

    # Refusals and leaving ---------------------------------------------------------------------

    def _do(
        self,
        command: Callable[..., Done[Any]],
        *args: Any,
        label: str,
        done: Callable[[Any], object],
        **kwargs: Any,
    ) -> None:
        """Send a deed away, once at a time; none of them can be taken back by Ctrl+Z."""
        if self._busy:
            return
        self._set_busy(True)
        self._then = done
        self._desk.do(
            command,
            *args,
            label=label,
            said="",
            done=self._answered,
            failed=self._refused,
            **kwargs,
        )

    def _answered(self, answer: Done[Any]) -> None:
        self._desk.own.forget(answer.seq)
        self._desk.undo_changed.emit()
        self._set_busy(False)
        self.told.hide()
        self._then(answer)

    def _set_busy(self, busy: bool) -> None:
        """One deed at a time; the fields stay as they are, so that nobody loses their place."""
        self._busy = busy
        for step in self.steps:
            if step.progress is Progress.NOW:
                step.state.setText(_("One moment…") if busy else "")

    def _refused(self, error: BaseException) -> bool:
        self._set_busy(False)
        if not isinstance(error, ClinicError):
            return False
        if isinstance(error, WrongCode | Over):
            self._not_the_code(error)
            return True
        if isinstance(error, Invalid):
            for part in (self.ask, self.code, self.agree):
                if part.isVisible() and part.fields.tell(error):
                    return True
        self._tell(words.explained(error, self._desk.zone))
        return True

    def _not_the_code(self, error: WrongCode | Over) -> None:
        if self.card is None:
            return
        if isinstance(error, Over) and error.state is State.VERIFIED:
            self.take_up(self.card.id)
            return
        if isinstance(error, Over):
            self.card = replace(self.card, state=error.state)
        else:
            self.card = replace(self.card, tries_left=error.left)
        self.code.show_card(self.card)
        self.code.code.selectAll()
        (self.code.code if self.code.is_open else self.code.again).setFocus()
        self._tell(words.explained(error, self._desk.zone))

    def _not_read(self, error: BaseException) -> None:
        if isinstance(error, ClinicError):
            self._tell(words.explained(error, self._desk.zone))
        else:
            self._desk.complain(error)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses no button that has not the focus; Esc keeps the draft."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.patient is None:
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """However it is left: whoever is registered is handed over, else it is said what stays."""
        self.code.stop()
        super().done(result)
        if self.patient is not None:
            self.registered.emit(self.patient)
        elif self.card is not None:
            self._desk.say(_("The question stays open in the register of consents."))
