"""Visits of patients whom the user may not see: their cards say "Busy"."""

from __future__ import annotations

from dataclasses import replace

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views.desk import Desk


def why() -> str:
    """Why such a visit tells no more, and is not touched."""
    return _("You may not see this patient.")


def refused(desk: Desk, card: AppointmentCard) -> bool:
    """Whether nothing may be done to *card*; the message bar of *desk* then says why."""
    if card.busy:
        desk.say(why())
    return card.busy


def named(card: AppointmentCard) -> AppointmentCard:
    """*card*, called "Busy" where it tells of no patient."""
    if not card.busy:
        return card
    busy = _("Busy")
    return replace(card, patient_name=busy, type=replace(card.type, code="—", name=busy))


def shown(view: DiaryView) -> DiaryView:
    """*view* with its cards as :func:`named` calls them; the same one where all may be seen."""
    if not any(card.busy for card in view.appointments):
        return view
    return replace(view, appointments=tuple(named(card) for card in view.appointments))
