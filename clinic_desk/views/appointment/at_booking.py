"""What has to be answered for a visit that was just booked is asked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.appointment.triage import TriagePart
from clinic_desk.views.desk import Desk

if TYPE_CHECKING:
    from clinic_desk.services.form_answers import VisitForm


def ask_triage(
    desk: Desk, booked: Iterable[AppointmentCard], show: Callable[[AppointmentCard], object]
) -> None:
    """Call *show* with the first visit of *booked* whose triage form has a question that has to
    be answered, where the signed-in user may answer it; else nothing happens.
    """
    from clinic_desk.services import forms

    waiting = list(booked)
    if not waiting or not (desk.may("Triage Form Show") and desk.may(TriagePart.changing)):
        return
    card = waiting.pop(0)

    def found(asked: tuple[VisitForm, ...]) -> None:
        if any(one.missing for one in asked):
            show(card)
        else:
            ask_triage(desk, waiting, show)

    desk.ask(forms.of_visit, card.id, done=found, what=_("reading the forms"))
