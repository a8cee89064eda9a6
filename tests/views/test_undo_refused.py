"""What is undone may find its old place taken: the reasons, and the exception."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.rules.permissions import ROLES
from clinic_desk.services import diary, staff
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.background import Background
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.undo_refused import UndoRefused
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored


@pytest.fixture
def moved(clinic: builders.Clinic) -> int:
    """A visit at 10."""
    return builders.an_appointment(clinic, clinic.span(10))


def taken_back(qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, number: int) -> None:
    """Move the visit to 14, let another desk take 10, and undo."""
    desk = window.desk
    desk.do(diary.move, number, span=clinic.span(14), version=1, label="Move")
    quiet(qtbot, desk)
    elsewhere(
        diary.book,
        desk.actor,
        patient_id=elsewhere(builders.a_patient, clinic),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        operatory_id=None,
        location_id=clinic.location_id,
        span=clinic.span(10),
    )
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, desk)


def dialog() -> UndoRefused:
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, UndoRefused)]
    assert len(found) == 1
    return found[0]


def test_whoever_may_undoes_into_taken_time_with_a_reason(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, actor: Actor, moved: int
) -> None:
    taken_back(qtbot, window, clinic, moved)
    asked = dialog()
    force = robot.find(asked, QPushButton, "undo-override")
    why = robot.find(asked, QLineEdit, "undo-reason")

    assert "Move" in asked.heading.text()
    assert "•" in asked.reasons.text()
    assert not force.isEnabled()
    robot.write(why, "She insists")
    QTest.mouseClick(force, Qt.MouseButton.LeftButton)
    quiet(qtbot, window.desk)

    card = elsewhere(stored, actor, moved)
    assert card.span == clinic.span(10)
    assert card.overbooked


def test_leaving_it_as_it_was_is_what_enter_does_and_it_can_be_undone_later(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, actor: Actor, moved: int
) -> None:
    taken_back(qtbot, window, clinic, moved)
    QTest.keyClick(dialog(), Qt.Key.Key_Return)
    quiet(qtbot, window.desk)

    assert elsewhere(stored, actor, moved).span == clinic.span(14)
    assert window.desk.own.to_undo is not None


def test_who_may_not_override_is_told_why_and_asked_nothing(
    qtbot: QtBot,
    clinic: builders.Clinic,
    background: Background,
    actor: Actor,
    moved: int,
) -> None:
    person = builders.an_actor(clinic, ROLES["Front Desk"])
    desk = Desk(person, background, actor.store.catalogue(actor.organisation_id))
    told: list[str] = []
    desk.said.connect(lambda message: told.append(message.text))
    desk.do(diary.move, moved, span=clinic.span(14), version=1, label="Move")
    quiet(qtbot, desk)
    builders.an_appointment(clinic, clinic.span(10), patient_id=builders.a_patient(clinic))
    desk.undo()
    quiet(qtbot, desk)

    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, UndoRefused)]
    assert told


def test_what_can_never_be_taken_back_does_not_offer_it(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic, moved: int
) -> None:
    desk = window.desk
    desk.do(diary.move, moved, span=clinic.span(14), version=1, label="Move")
    quiet(qtbot, desk)
    assert window.messages.undo.isVisible()

    other = elsewhere(builders.a_user, clinic)
    elsewhere(desk.actor.store.forget_catalogue, clinic.organisation_id)
    desk.do(staff.set_password, other, "a long password", label="New password")
    quiet(qtbot, desk)

    assert window.messages.text == "New password"
    assert not window.messages.undo.isVisible()
    assert desk.own.to_undo is not None
    assert desk.own.to_undo.words == "New password" and desk.own.to_undo.why
    assert desk.own.count == 1  # the move, when it was said why the password stands
