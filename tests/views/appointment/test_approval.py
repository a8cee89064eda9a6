"""The questionnaire of a request in its editor: it has to be answered before Approve works."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import questionnaires
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_rows import FormDraft
from clinic_desk.views import robot
from clinic_desk.views.appointment.triage import ApprovalPart
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Message
from tests import builders
from tests.views.conftest import quiet, stored

Open = Callable[[int], AppointmentEditor]

SENT = Question("sent", "Was a referral sent?", FieldKind.CHOICE, True, ("yes", "no"))


def tabs(form: AppointmentEditor) -> list[str]:
    return [form.tabs.tabText(n) for n in range(form.tabs.count())]


def test_a_request_is_approved_after_its_questions_are_answered(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    form_id = questionnaires.create(actor, FormDraft("First visit", (SENT,))).value.id
    number = builders.an_appointment(clinic, status="requested")
    form = editor(number)
    quiet(qtbot, desk)
    assert not form.tabs.tabIcon(tabs(form).index("Approval")).isNull()
    said: list[Message] = []
    desk.said.connect(said.append)
    robot.click(form.head.approve)
    quiet(qtbot, desk)
    assert "First visit" in said[-1].text
    assert "Approval" in said[-1].text
    assert stored(actor, number).status is Status.REQUESTED
    part = form.parts.show_part("approval")
    assert isinstance(part, ApprovalPart)
    robot.key(part.blocks[form_id].inputs["sent"][1], Qt.Key.Key_Y)
    part.save()
    quiet(qtbot, desk)
    assert form.tabs.tabIcon(tabs(form).index("Approval")).isNull()
    robot.click(form.head.approve)
    quiet(qtbot, desk)
    assert stored(actor, number).status is Status.SCHEDULED


def test_a_visit_that_never_was_a_request_has_no_such_tab(
    clinic: builders.Clinic, editor: Open
) -> None:
    assert "Approval" not in tabs(editor(builders.an_appointment(clinic)))


def test_what_was_answered_for_a_request_is_seen_later(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open
) -> None:
    form = editor(builders.an_appointment(clinic, origin="portal"))
    assert "Approval" in tabs(form)
    part = form.parts.show_part("approval")
    assert isinstance(part, ApprovalPart)
    quiet(qtbot, desk)
    assert part.empty.isVisible()


def test_who_may_not_approve_has_no_such_tab(
    clinic: builders.Clinic, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: name != "Appointment Request Approve")
    assert "Approval" not in tabs(editor(builders.an_appointment(clinic, status="requested")))


def test_the_window_is_as_wide_as_all_its_tabs_and_narrower_by_hand_alone(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    questionnaires.create(actor, FormDraft("First visit", (SENT,)))
    form = editor(builders.an_appointment(clinic, status="requested"))
    quiet(qtbot, desk)
    bar = form.tabs.tabBar()
    assert bar.tabRect(bar.count() - 1).right() < bar.width()
    form.resize(500, 600)
    quiet(qtbot, desk)
    assert form.width() == 500
