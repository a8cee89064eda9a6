"""The section Patients in the real window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.services import patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.patient_cards import PatientPage
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.patients_screen import PatientsScreen
from tests.views.conftest import elsewhere, quiet

Register = Callable[..., PatientCard]


@pytest.fixture
def register(actor: Actor) -> Register:
    """Write down a patient from another desk."""

    def make(first_name: str, last_name: str, **fields: Any) -> PatientCard:
        given = {"first_name": first_name, "last_name": last_name, **fields}
        card: PatientCard = elsewhere(patients.create, actor, **given).value
        return card

    return make


@pytest.fixture
def section(qtbot: QtBot, window: MainWindow) -> PatientsScreen:
    """The section, as a click in the navigation shows it."""
    return shown(qtbot, window)


def shown(qtbot: QtBot, window: MainWindow) -> PatientsScreen:
    robot.click(window.navigation.buttons["patients"])
    quiet(qtbot, window.desk)
    assert window.screens.currentWidget() is window.screens.patients
    return window.screens.patients


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def typed(widget: QWidget, text: str) -> None:
    widget.setFocus()
    QTest.keyClicks(widget, text)


def on_page(section: PatientsScreen) -> PatientPage:
    """What the page of the patient who is open says; somebody is."""
    page = section.card.page
    assert page is not None
    return page


def opened(qtbot: QtBot, section: PatientsScreen, patient_id: int) -> None:
    """The page of a patient, by a click on their line."""
    table = section.list.table
    place = section.list.model.row_of(patient_id)
    assert place >= 0
    rect = table.visualRect(section.list.model.index(place, 0))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    quiet(qtbot, section.desk)
    assert section.card.page is not None
    assert section.card.page.card.id == patient_id
