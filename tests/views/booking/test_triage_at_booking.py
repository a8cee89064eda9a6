"""Whoever books a visit that asks something is led to the questions at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from clinic_desk.models.diary import Appointment
from clinic_desk.models.people import Patient
from clinic_desk.rules.form_fields import Question
from clinic_desk.services import forms
from clinic_desk.services.form_rows import FormDraft
from clinic_desk.views import robot
from clinic_desk.views.appointment.triage import TriagePart
from clinic_desk.views.booking.draft import PATIENT, SUMMARY
from clinic_desk.views.desk import Desk
from tests.views.booking.conftest import click, typed, until
from tests.views.conftest import elsewhere, quiet

DRAFT = FormDraft("Pain", (Question("since", "Since when?", required=True),))


def book(qtbot, window, flow, clinic) -> Appointment:
    """The whole way by hand; gives the visit."""
    name = elsewhere(lambda: Patient.get_by_id(clinic.patient_id)).last_name
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    until(qtbot, lambda: flow.step == PATIENT)
    quiet(qtbot, window.desk)
    typed(flow.patient.search.field, name[:4])
    until(qtbot, flow.patient.search.table.isVisible)
    QTest.keyClick(flow.patient.search.field, Qt.Key.Key_Return)
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    click(flow.book)
    until(qtbot, lambda: elsewhere(lambda: list(Appointment.select())))
    quiet(qtbot, window.desk)
    (visit,) = elsewhere(lambda: list(Appointment.select()))
    return visit


def test_what_has_to_be_answered_is_asked_as_soon_as_the_visit_is_booked(
    qtbot, window, clinic, actor, flow
):
    form_id = elsewhere(forms.create, actor, DRAFT).value.id
    visit = book(qtbot, window, flow, clinic)
    editor = window.editors[visit.id]
    part = editor.parts.made["triage"]
    assert isinstance(part, TriagePart)
    assert part.isVisible()
    robot.write(part.blocks[form_id].inputs["since"][1], "May")
    robot.click(editor.save_button)
    quiet(qtbot, window.desk)
    qtbot.waitUntil(lambda: visit.id not in window.editors)
    (asked,) = elsewhere(forms.of_visit, actor, visit.id)
    assert asked.answers == {"since": "May"}


@pytest.mark.parametrize("why", ["nothing has to be answered", "may not answer"])
def test_otherwise_nothing_stands_in_the_way(qtbot, window, clinic, actor, flow, monkeypatch, why):
    draft = DRAFT
    if why == "may not answer":
        may = Desk.may
        monkeypatch.setattr(
            Desk, "may", lambda self, name: name != TriagePart.changing and may(self, name)
        )
    else:
        draft = replace(DRAFT, questions=(Question("since", "Since when?"),))
    elsewhere(forms.create, actor, draft)
    visit = book(qtbot, window, flow, clinic)
    assert visit.id not in window.editors
