"""The tabs whose forms are answered: triage of a visit, approval of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.views.appointment.answers_part import AnswersPart
from clinic_desk.views.desk import Desk

if TYPE_CHECKING:
    from clinic_desk.services.form_answers import VisitForm


class TriagePart(AnswersPart):
    """What is asked before a visit."""

    changing = "Appointment Update Triage"

    def __init__(self, desk: Desk, card: AppointmentCard) -> None:
        nothing = _(
            "No triage form is asked for this type of visit. Forms are made in Operational."
        )
        super().__init__("triage", _("Triage"), nothing, desk, card)

    def query(self) -> Callable[..., tuple[VisitForm, ...]]:
        """Asks for the triage forms of a visit."""
        from clinic_desk.services import forms

        return forms.of_visit

    def command(self) -> Callable[..., Done[VisitForm]]:
        """Saves the answers of one triage form."""
        from clinic_desk.services import forms

        return forms.answer


class ApprovalPart(AnswersPart):
    """What has to be answered before a request is approved."""

    changing = "Appointment Request Approve"

    def __init__(self, desk: Desk, card: AppointmentCard) -> None:
        nothing = _("Nothing has to be answered before this request is approved.")
        super().__init__("approval", _("Approval"), nothing, desk, card)

    def query(self) -> Callable[..., tuple[VisitForm, ...]]:
        """Asks for the questionnaires of a request."""
        from clinic_desk.services import questionnaires

        return questionnaires.of_request

    def command(self) -> Callable[..., Done[VisitForm]]:
        """Saves the answers of one questionnaire."""
        from clinic_desk.services import questionnaires

        return questionnaires.answer
