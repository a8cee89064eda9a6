"""The page of a case: opened from a visit, called something else, its history read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QTableView
from pytestqt.qtbot import QtBot

from clinic_desk.services import cases
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import CaseCard
from clinic_desk.views import robot
from clinic_desk.views.cases.case_page import CasePage
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[int], CasePage]


def a_case(clinic: Clinic, **fields: Any) -> int:
    """A case with one visit."""
    number = builders.a_case(clinic, **fields)
    builders.an_appointment(clinic, case_id=number)
    return number


def known(actor: Actor, case_id: int) -> CaseCard:
    """The case as the database has it."""
    return elsewhere(cases.case, actor, case_id)


def rows(table: QTableView) -> list[list[str]]:
    """What a table shows, without the marks around names."""
    model = table.model()
    return [
        [
            str(model.index(r, c).data()).replace("\u2068", "").replace("\u2069", "")
            for c in range(model.columnCount())
        ]
        for r in range(model.rowCount())
    ]


def test_the_editor_of_a_visit_leads_to_its_case(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk
) -> None:
    patient = builders.a_patient(
        clinic, first_name="Ada", last_name="Lee", email="ada@example.org", phone="+43 1 234",
        gender="female", date_of_birth="1986-04-12",
    )  # fmt: skip
    case_id = builders.a_case(clinic, patient, main_problem="Toothache")
    number = builders.an_appointment(clinic, case_id=case_id, patient_id=patient)
    window.open_editor(stored(actor, number))
    editor = window.editors[number]
    robot.click(editor.case_button)
    quiet(qtbot, desk)
    page = window.findChild(CasePage)
    assert page is not None
    assert page.isVisible()
    assert page.head.problem.text() == "Toothache"
    assert "Lee, Ada" in page.side.name.text()
    shown = {name: field.text() for name, field in page.side.fields.items()}
    assert shown["born"] == "4/12/1986"
    assert shown["gender"] == "Female"
    assert "ada@example.org" in shown["email"]
    assert "+43 1 234" in shown["phone"]
    assert "Check-up: 1 appointment" in page.side.services.text().replace("\u2068", "").replace(
        "\u2069", ""
    )
    assert [card.id for card in page.visits.model.cards] == [number]
    robot.click(editor.case_button)
    assert len(window.findChildren(CasePage)) == 1
    page.close()
    editor.close()


def test_the_main_problem_is_renamed_and_the_history_tells_before_and_after(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Wisdom tooth")
    assert opened.isWindowModified()
    robot.key(opened.head.field, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert opened.head.problem.text() == "Wisdom tooth"
    assert opened.head.problem.isVisible()
    assert not opened.is_edited
    assert known(actor, opened.case_id).main_problem == "Wisdom tooth"
    opened.tabs.setCurrentIndex(1)
    quiet(qtbot, desk)
    told = rows(opened.history.table)
    assert told[0][1] == "Case changed · Test User"
    assert told[1][1:] == ["Main problem", "Toothache", "Wisdom tooth"]
    desk.undo()
    quiet(qtbot, desk)
    assert opened.head.problem.text() == "Toothache"
    assert rows(opened.history.table)[1][1:] == ["Main problem", "Wisdom tooth", "Toothache"]
    opened.close()


def test_the_editor_shows_the_new_name_of_its_case(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    case_id = builders.a_case(clinic, main_problem="Toothache")
    number = builders.an_appointment(clinic, case_id=case_id)
    window.open_editor(stored(actor, number))
    opened = page(case_id)
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Crown")
    robot.click(opened.head.save)
    quiet(qtbot, desk)
    assert "Crown" in window.editors[number].head.born.text()
    window.editors[number].close()
    opened.close()


def test_a_blank_or_too_long_name_is_refused_beside_the_field_and_kept(
    qtbot: QtBot, clinic: Clinic, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    opened.head.field.setText("  ")
    robot.key(opened.head.field, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert "main problem" in opened.head.told.text()
    opened.head.field.setText("x" * 301)
    robot.key(opened.head.field, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert "The main problem is longer than 300 characters." in opened.head.told.text()
    assert opened.head.field.text() == "x" * 301
    assert opened.head.field.hasFocus()
    robot.click(opened.head.leave)
    assert opened.head.problem.text() == "Toothache"
    opened.close()


def test_what_a_colleague_called_it_meanwhile_is_told_beside_ones_own(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Crown")
    elsewhere(cases.change, builders.an_actor(clinic), opened.case_id, version=1,
              main_problem="Bridge")  # fmt: skip
    qtbot.waitUntil(opened.head.stale.isVisible, timeout=10_000)
    assert opened.head.field.text() == "Crown"
    robot.click(robot.find(opened, QAbstractButton, "case-use-mine"))
    quiet(qtbot, desk)
    assert known(actor, opened.case_id).main_problem == "Crown"
    assert not opened.is_edited
    opened.close()


def test_leaving_asks_about_a_name_that_is_not_saved(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Crown")
    asked: list[bool] = []
    assert not window.settle(lambda: asked.append(True))
    robot.click(robot.find(opened, QAbstractButton, "leaving-save"))
    qtbot.waitUntil(lambda: asked == [True], timeout=10_000)
    assert known(actor, opened.case_id).main_problem == "Crown"
    assert not window.editors
    quiet(qtbot, desk)
