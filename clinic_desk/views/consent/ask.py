"""Where other screens come in: somebody who is being registered is known to another clinic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from clinic_desk.services.cards import PatientCard
from clinic_desk.views.desk import Desk

if TYPE_CHECKING:
    from clinic_desk.views.consent.dialog import ConsentDialog

PERMISSION = "Consent Take"
"""Whoever lacks it cannot begin."""


def may(desk: Desk) -> bool:
    """Whether the signed-in user is led into consent at all."""
    return desk.may(PERMISSION)


def begin(
    desk: Desk,
    draft: Mapping[str, Any],
    parent: QWidget,
    done: Callable[[PatientCard], object],
) -> ConsentDialog:
    """Ask for the consent of the person of whom *draft* (names of ``patient_fields.NAMES``) was
    typed. *done* gets the patient once they are registered; left before that, nothing happens
    and what was typed stays where it was typed.
    """
    from clinic_desk.views.consent.dialog import ConsentDialog

    made = ConsentDialog(desk, draft, parent)
    made.registered.connect(done)
    made.finished.connect(made.deleteLater)
    made.open()
    made.find_open()
    return made


def go_on(desk: Desk, consent_id: int, parent: QWidget) -> ConsentDialog:
    """Take up a consent again that was asked for before: after a crash, or tomorrow."""
    from clinic_desk.views.consent.dialog import ConsentDialog

    made = ConsentDialog(desk, {}, parent)
    made.finished.connect(made.deleteLater)
    made.take_up(consent_id)
    made.open()
    return made
