"""Somebody types faster than the database answers, or more than a line has room for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from clinic_desk.views.desk import Desk
from clinic_desk.views.patient_search import PatientSearch
from tests import builders
from tests.views.conftest import quiet


@pytest.fixture
def search(qtbot: QtBot, clinic: builders.Clinic, desk: Desk) -> PatientSearch:
    """A search in sight, with two Smiths and one Weber to be found."""
    for first, last in (("Anna", "Smith"), ("Zoe", "Smith"), ("Max", "Weber")):
        builders.a_patient(clinic, first_name=first, last_name=last)
    made = PatientSearch(desk)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def chosen(search: PatientSearch) -> str:
    """The name of who is chosen, or nothing."""
    return search.patient.name if search.patient is not None else ""


def test_enter_takes_nobody_who_was_found_for_less_than_was_typed(
    qtbot: QtBot, desk: Desk, search: PatientSearch
) -> None:
    qtbot.keyClicks(search.field, "smi")
    qtbot.waitUntil(search.table.isVisible)
    quiet(qtbot, desk)
    qtbot.keyClicks(search.field, "th zoe")
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert not chosen(search), "the list still shows whom the first letters found"
    qtbot.waitUntil(lambda: bool(chosen(search)))
    assert chosen(search) == "Smith, Zoe"


def test_enter_before_the_answer_takes_nobody_of_several_unseen(
    qtbot: QtBot, desk: Desk, search: PatientSearch
) -> None:
    qtbot.keyClicks(search.field, "smith")
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(search.table.isVisible)
    quiet(qtbot, desk)
    assert not chosen(search)
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert chosen(search) == "Smith, Anna"


def test_typing_on_after_enter_takes_nobody(
    qtbot: QtBot, desk: Desk, search: PatientSearch
) -> None:
    qtbot.keyClicks(search.field, "web")
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    qtbot.keyClicks(search.field, "e")
    qtbot.waitUntil(search.table.isVisible)
    quiet(qtbot, desk)
    assert not chosen(search)


def test_a_long_text_makes_nothing_wider_than_its_place(
    qtbot: QtBot, desk: Desk, search: PatientSearch
) -> None:
    least = search.minimumSizeHint().width()
    search.field.setText("Wolfeschlegelsteinhausenbergerdorff" * 3)
    qtbot.keyClick(search.field, Qt.Key.Key_X)
    qtbot.waitUntil(search.new.isVisible)
    assert search.minimumSizeHint().width() < least + 400
    assert "…" in search.new.text()
