"""Asking for consent while somebody is being registered: ask, verify, agree, one after another.

Nothing of the other record is known here before the code is verified or the signed form is
recorded, so nothing of it can be shown. What was typed of the patient stays where it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.consent import Over, WrongCode
from clinic_desk.services.consent_cards import (
    AskedCard,
    Channel,
    Code,
    ConsentPage,
    Share,
    Side,
    State,
)
from clinic_desk.services.consent_registration import RegisteredHere
from clinic_desk.views import words
from clinic_desk.views.consent import texts
from clinic_desk.views.consent.frame import PAPER, ConsentFrame
from clinic_desk.views.consent.paper_form import PaperForm
from clinic_desk.views.consent.paper_part import PaperPart
from clinic_desk.views.consent.steps import AgreePart, AskPart, CodePart, Progress, Step
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import column


class ConsentDialog(ConsentFrame):
    """Attributes:
    card: the consent that is waited for; None before one was asked for.
    patient: who was registered in the end.

    Signals:
        registered(PatientCard): they are registered here, and the dialog was closed.
    """

    registered = Signal(object)

    def __init__(self, desk: Desk, draft: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(desk, parent)
        self._draft = dict(draft)
        self.card: AskedCard | None = None
        self.patient: PatientCard | None = None
        self._there: PatientCard | None = None
        self._clinic = words.isolated(desk.catalogue.organisation.name)
        self.ask = AskPart(desk.catalogue.organisation.name, self._send)
        self.code = CodePart(self._verify, self._send, on_paper=desk.may(PAPER))
        self.agree = AgreePart(self._agree)
        self.paper = PaperPart(desk, self._form)
        proof = QWidget()
        proof.setLayout(column(self.code, self.paper))
        self._build(
            Step(1, _("Ask"), self.ask),
            Step(2, _("Verify"), proof),
            Step(3, _("Agree"), self.agree),
            take_on_paper=self._take_on_paper,
        )
        self._show_step(0)
        self.ask.purpose.setFocus()

    # Where it stands --------------------------------------------------------------------------

    def _show_step(self, now: int) -> None:
        on_paper = now == 1 and self._is_on_paper
        self.code.setVisible(not on_paper)
        self.paper.setVisible(on_paper)
        self._offer_paper(now == 0 or (now == 1 and not on_paper and self._may_change))
        for place, step in enumerate(self.steps):
            if place == now or (on_paper and place == 2):
                step.set_progress(Progress.NOW)
            else:
                step.set_progress(Progress.DONE if place < now else Progress.COMING)
        self.told.hide()
        QTimer.singleShot(0, self, self._fit)

    @property
    def _is_on_paper(self) -> bool:
        return self.card is not None and self.card.channel is Channel.PAPER

    @property
    def _may_change(self) -> bool:
        """Whether a form can stand for the code: anew with the draft, else while it is waited."""
        return bool(self._draft) or (self.card is not None and self.card.state is State.ASKED)

    def take_up(self, consent_id: int) -> None:
        """Go on with a consent that was asked for before."""
        from clinic_desk.services import consent

        self._desk.ask(consent.asked, consent_id, done=self._asked, failed=self._not_read)

    def find_open(self) -> None:
        """Go on where somebody here asked with the same data before, and left."""
        from clinic_desk.services import consent

        def found(card: AskedCard | None) -> None:
            begun = self.card is not None or self._busy or self.ask.purpose.isModified()
            if card is not None and not begun:
                self.ask.purpose.setText(card.purpose)  # another code asks for the same
                self.ask.shares.offer(Share, card.shares)
                self._asked(card)

        self._desk.ask(consent.waiting, self._draft, done=found, failed=self._not_read)

    def _asked(self, card: AskedCard) -> None:
        """Show the step at which this consent is."""
        self.card = card
        if card.state is State.VERIFIED:
            self._begin_to_agree(card)
            self._show_step(2)
            self.agree.agrees.setFocus()
            return
        if card.channel is Channel.PAPER:
            self.code.stop()
            self._begin_to_agree(card)
            self._show_step(1)
            self.paper.begin(str(self._draft.get("language") or ""))
            if card.state is not State.ASKED:
                self._tell_over(texts.state(card.state))
            return
        self._show_step(1)
        self.code.show_card(card)
        self.code.again.setVisible(bool(self._draft))
        if not self.code.is_open:
            self._tell_over(texts.state(card.state))
        self.code.code.clear()
        self.code.code.setFocus()

    def _begin_to_agree(self, card: AskedCard) -> None:
        self.code.stop()
        person = self._typed_name()
        sentence = _(
            "{person} agrees that {clinic} sees and uses the data ticked here. This can be"
            " withdrawn at any time, in either clinic."
        ).format(person=words.isolated(person) or _("The person"), clinic=self._clinic)
        day = self._desk.today()
        self.agree.show_card(card, sentence, QDate(day.year, day.month, day.day))

    def _form(self) -> PaperForm | None:
        """What the person signs; of them it says only what was typed here."""
        card, draft = self.card, self._draft
        if card is None:
            return None
        return PaperForm(
            clinic=self._desk.catalogue.organisation.name,
            person=self._typed_name(),
            born=draft.get("date_of_birth"),
            purpose=card.purpose,
            shares=card.shares,
            number=card.id,
            asked_at=card.asked_at,
            given_by=self._desk.actor.name,
            zone=self._desk.zone,
        )

    def _typed_name(self) -> str:
        return " ".join(str(self._draft.get(n) or "") for n in ("first_name", "last_name")).strip()

    # Asking and verifying ---------------------------------------------------------------------

    def _send(self) -> None:
        self._take(Channel.EMAIL)

    def _take_on_paper(self) -> None:
        if self._draft:
            self._take(Channel.PAPER)
        elif self.card is not None:  # without the contact nothing can be asked anew
            self._asked(replace(self.card, channel=Channel.PAPER))

    def _take(self, channel: Channel) -> None:
        from clinic_desk.services import consent

        self.ask.fields.untell()
        self._do(
            consent.take,
            self._draft,
            purpose=self.ask.purpose.text(),
            shares=self.ask.shares.chosen,
            channel=channel,
            instead_of=self.card.id if self.card is not None else None,
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
        self.paper.fields.untell()
        agreed: dict[str, Any] = {
            "shares": self.agree.shares.chosen,
            "until": self.agree.until(self._desk.zone),
            "label": _("Register with consent"),
            "done": self._registered,
        }
        if not self._is_on_paper:
            self._do(consent_registration.agree, self.card.id, self._draft, **agreed)
            return
        proof = self.paper.checked()
        if proof is None:
            self._bring_into_sight()
        else:
            scan, reason = proof
            self._do(
                consent_registration.paper, self.card.id, self._draft, scan, reason=reason, **agreed
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

    def _refused(self, error: BaseException) -> bool:
        self._set_busy(False)
        if not isinstance(error, ClinicError):
            return False
        if isinstance(error, WrongCode | Over):
            self._not_the_code(error)
            return True
        if isinstance(error, Invalid):
            for part in (self.ask, self.code, self.paper, self.agree):
                if part.isVisible() and part.fields.tell(error):
                    self.code.code.selectAll()
                    self._bring_into_sight()
                    return True
        if isinstance(error, RegisteredHere) and self._draft:  # somebody waits for a patient
            self._there = error.patient
            self.there.show()
            self.there.setFocus()
        self._tell(words.explained(error, self._desk.zone))
        return True

    def _open_there(self) -> None:
        self.patient = self._there
        self.accept()

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
        if self.code.is_open:
            self.code.code.selectAll()
            self.code.code.setFocus()
            self._tell(words.explained(error, self._desk.zone))
        else:
            (self.code.again if self._draft else self.leave).setFocus()
            self._tell_over(words.explained(error, self._desk.zone))

    def _tell_over(self, text: str) -> None:
        """What was waited for is over; without the contact it cannot be asked anew here."""
        self._offer_paper(self._may_change)
        if not self._draft:
            text = "\n".join([text, _("To ask again, write the person down as a new patient.")])
        self._tell(text)

    def _not_read(self, error: BaseException) -> None:
        if isinstance(error, ClinicError):
            self._tell(words.explained(error, self._desk.zone))
        else:
            self._desk.complain(error)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses no button that has not the focus, but once it is ticked that the person
        agrees, it registers; Esc keeps the draft.
        """
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.patient is None:
            if self.agree.isVisible() and self.agree.isAncestorOf(self.focusWidget()):
                self._agree()
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
