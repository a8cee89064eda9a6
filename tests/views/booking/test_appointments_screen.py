"""The section Appointments: every case in one list, and a new one a click away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from clinic_desk.services import cases, diary
from clinic_desk.views.booking.appointments_screen import AppointmentsScreen
from clinic_desk.views.booking.cases_table import CasesModel
from clinic_desk.views.cases.case_page import CasePage
from tests.views.booking.conftest import click, the_flow, until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def screen(qtbot, window) -> AppointmentsScreen:
    click(window.navigation.buttons["appointments"])
    quiet(qtbot, window.desk)
    made: AppointmentsScreen = window.screens.appointments
    return made


def book(actor, clinic, problem: str, hour: int):
    return elsewhere(
        diary.book,
        actor,
        span=clinic.span(hour),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
        main_problem=problem,
    ).value


def problems(screen: AppointmentsScreen) -> list[str]:
    model = screen.model
    return [
        model.index(n, CasesModel.PROBLEM).data().strip("\u2068\u2069")
        for n in range(model.rowCount())
    ]


def test_an_empty_clinic_begins_its_first_case_here(qtbot, window, screen):
    first = screen.findChild(QPushButton, "appointments-first")
    click(first)

    assert the_flow(qtbot, window).isVisible()


def test_cases_come_newest_first_and_new_ones_appear_by_themselves(
    qtbot, window, screen, actor, clinic
):
    book(actor, clinic, "Toothache", 9)
    until(qtbot, lambda: problems(screen) == ["Toothache"])
    book(actor, clinic, "Broken crown", 11)
    until(qtbot, lambda: problems(screen) == ["Broken crown", "Toothache"])
    line = [screen.model.index(0, column).data() for column in range(6)]

    assert line[CasesModel.AHEAD] == "1"
    assert line[CasesModel.OVER] == "0"
    assert line[CasesModel.STATE] == "Open"
    assert line[CasesModel.SERVICE] == "Check-up"


def test_enter_opens_the_page_of_the_case(qtbot, window, screen, actor, clinic):
    book(actor, clinic, "Toothache", 9)
    until(qtbot, lambda: problems(screen))
    screen.table.setFocus()
    QTest.keyClick(screen.table, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)

    assert window.findChild(CasePage).isVisible()


def test_closed_cases_are_shown_where_that_is_wanted(qtbot, window, screen, actor, clinic):
    card = book(actor, clinic, "Toothache", 9)
    elsewhere(
        cases.open_case,
        actor,
        patient_id=clinic.patient_id,
        main_problem="Old story",
        type_id=clinic.type_id,
    )
    until(qtbot, lambda: problems(screen) == ["Old story", "Toothache"])
    page = elsewhere(cases.case, actor, screen.model.lines[0].id)
    elsewhere(cases.change, actor, page.id, version=page.version, is_open=False)
    until(qtbot, lambda: problems(screen) == ["Toothache"])

    click(screen.closed)
    until(qtbot, lambda: problems(screen) == ["Old story", "Toothache"])
    assert card.main_problem == "Toothache"


def test_a_case_is_found_while_it_is_typed_and_opened_by_enter(
    qtbot, window, screen, actor, clinic
):
    book(actor, clinic, "Zahnschmerz", 9)
    book(actor, clinic, "Élargissement", 11)
    until(qtbot, lambda: len(problems(screen)) == 2)
    assert window.focusWidget() is screen.search

    QTest.keyClicks(screen.search, "elarg")
    until(qtbot, lambda: problems(screen) == ["Élargissement"])
    QTest.keyClick(screen.search, Qt.Key.Key_Escape)
    until(qtbot, lambda: len(problems(screen)) == 2)
    QTest.keyClick(screen.search, Qt.Key.Key_Down)
    assert screen.table.currentIndex().row() == 1
    QTest.keyClicks(screen.search, "zahn")
    until(qtbot, lambda: problems(screen) == ["Zahnschmerz"])
    QTest.keyClick(screen.search, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    assert window.findChild(CasePage).isVisible()


def test_enter_before_the_answer_opens_no_other_case(qtbot, window, screen, actor, clinic):
    book(actor, clinic, "Zahnschmerz", 9)
    book(actor, clinic, "Recall", 11)
    until(qtbot, lambda: len(problems(screen)) == 2)
    QTest.keyClicks(screen.search, "zahn")
    QTest.keyClick(screen.search, Qt.Key.Key_Return)
    assert window.findChild(CasePage) is None
    quiet(qtbot, window.desk)
    assert problems(screen) == ["Zahnschmerz"]


def test_what_is_not_found_is_said_with_a_way_out(qtbot, window, screen, actor, clinic):
    book(actor, clinic, "Zahnschmerz", 9)
    until(qtbot, lambda: problems(screen))
    QTest.keyClicks(screen.search, "nobody")
    until(qtbot, lambda: not problems(screen))
    assert screen.nothing.isVisible() and "nobody" in screen.nothing.text()
    screen.search.clear()
    until(qtbot, lambda: problems(screen) == ["Zahnschmerz"])
