"""Visits that stand where they cannot take place, until they are moved or called off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.services import clinic_hours, diary
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.misplaced_page import MisplacedPage
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def visit(clinic: Clinic, actor: Actor) -> int:
    """A visit of a day on which its provider is away by now."""
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    elsewhere(builders.an_appointment, clinic, clinic.span(10, day=TUESDAY.replace(day=27)))
    day, accept = (TUESDAY, TUESDAY), frozenset({number})
    elsewhere(clinic_hours.take_off, actor, clinic.provider_id, *day, accept=accept)
    return number


@pytest.fixture
def misplaced(qtbot: QtBot, visit: int, section: OperationalScreen) -> MisplacedPage:
    found = section.show_page("misplaced")
    assert isinstance(found, MisplacedPage)
    quiet(qtbot, found.desk)
    return found


def test_they_are_listed_with_the_reason_and_enter_leads_to_the_calendar(
    qtbot: QtBot, window: MainWindow, misplaced: MisplacedPage, visit: int
) -> None:
    assert [line.id for line in misplaced.model.lines] == [visit]
    assert "does not work" in misplaced.model.index(0, 4).data()
    misplaced.table.setFocus()
    QTest.keyClick(misplaced.table, Qt.Key.Key_Return)
    quiet(qtbot, misplaced.desk)
    assert window.screens.currentWidget() is window.calendar
    period = window.calendar.period()
    assert period.first <= TUESDAY <= period.last


def test_the_list_empties_as_the_visits_are_moved(
    qtbot: QtBot,
    misplaced: MisplacedPage,
    visit: int,
    actor: Actor,
    clinic: Clinic,
) -> None:
    assert misplaced.table.isVisible()
    span = clinic.span(14, day=TUESDAY.replace(day=27))
    card = elsewhere(diary.appointment, actor, visit)
    misplaced.desk.do(diary.move, visit, span=span, version=card.version, label="moved")
    qtbot.waitUntil(lambda: not misplaced.model.lines, timeout=5000)
    assert "stands where it can take place" in misplaced.text.text()
    assert not misplaced.table.isVisible() and not misplaced.open.isVisible()


def test_a_click_opens_the_calendar_too(
    qtbot: QtBot, window: MainWindow, misplaced: MisplacedPage
) -> None:
    robot.click(misplaced.open)
    quiet(qtbot, misplaced.desk)
    assert window.screens.currentWidget() is window.calendar
