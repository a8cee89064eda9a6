"""Two records of one person become one in the window, and two again."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import Patient
from clinic_desk.services import patient_notes, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import PatientCard
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.merge_dialog import MergeDialog
from clinic_desk.views.patients.patients_screen import PatientsScreen
from tests import builders
from tests.views.conftest import elsewhere, quiet
from tests.views.patients.conftest import Register, click, on_page, opened, shown, typed

BORN = date(1986, 4, 12)


@pytest.fixture
def two(register: Register) -> tuple[PatientCard, PatientCard]:
    return (
        register("Jane", "Austen", date_of_birth=BORN, city="Graz"),
        register("Jnae", "Austen", date_of_birth=BORN, city="Wien", email="jane@example.com"),
    )


def dialog(qtbot: QtBot, section: PatientsScreen) -> MergeDialog:
    section.card.head.merge.trigger()
    found = section.findChild(MergeDialog)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    quiet(qtbot, section.desk)
    return found


def stored(number: int) -> Patient:
    found: Patient = elsewhere(lambda: Patient.get_by_id(number))
    return found


def test_somebody_who_is_here_twice_becomes_one_and_two_again(
    qtbot: QtBot, window: MainWindow, two: tuple[PatientCard, PatientCard], actor: Actor
):
    kept, other = two
    elsewhere(patient_notes.write, actor, other.id, "Afraid of needles")
    section = shown(qtbot, window)
    opened(qtbot, section, kept.id)
    made = dialog(qtbot, section)
    (near,) = made.near.findChildren(QPushButton)
    assert "same birth date" in near.text()
    click(near)
    qtbot.waitUntil(made.choices.isVisible)
    assert set(made.choices.buttons) == {"first_name", "city"}
    assert "1 note" in made.choices.moves.text()

    click(made.choices.buttons["city"][1])
    click(made.merge)
    qtbot.waitUntil(lambda: section.card.page is not None and bool(section.card.page.former))
    quiet(qtbot, window.desk)
    row = stored(kept.id)
    assert (row.first_name, row.city, row.email) == ("Jane", "Wien", "jane@example.com")
    names = [card.name for card in section.list.model.patients]
    assert names.count("Austen, Jnae") == 0

    (back,) = [
        one
        for one in section.card.head.findChildren(QPushButton)
        if one.objectName() == f"patient-unmerge-{other.id}"
    ]
    click(back)
    qtbot.waitUntil(lambda: not on_page(section).former, timeout=10_000)
    quiet(qtbot, window.desk)
    assert (stored(kept.id).city, stored(other.id).active) == ("Graz", True)
    assert "Austen, Jnae" in [card.name for card in section.list.model.patients]

    window.desk.undo()  # they were one after all
    quiet(qtbot, window.desk)
    qtbot.waitUntil(lambda: bool(on_page(section).former), timeout=10_000)
    assert (stored(kept.id).city, stored(other.id).active) == ("Wien", False)


def test_the_other_record_is_found_by_the_keyboard_and_may_be_the_one_that_stays(
    qtbot: QtBot, window: MainWindow, two: tuple[PatientCard, PatientCard]
):
    kept, other = two
    section = shown(qtbot, window)
    opened(qtbot, section, kept.id)
    made = dialog(qtbot, section)
    typed(made.search.field, "austen j")
    qtbot.waitUntil(made.search.table.isVisible)
    assert not made.search.new.isVisible()
    place = [card.id for card in made.search.model.patients].index(other.id)
    for _step in range(place):
        QTest.keyClick(made.search.field, Qt.Key.Key_Down)
    QTest.keyClick(made.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(made.choices.isVisible)

    click(made.swap)
    quiet(qtbot, window.desk)
    assert "Jnae" in made.choices.kept.text()
    made.merge.setFocus()
    QTest.keyClick(made.merge, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: section.card.patient_id == other.id, timeout=10_000)
    quiet(qtbot, window.desk)
    assert stored(kept.id).merged_into_id == other.id


def test_the_record_itself_is_not_offered_and_enter_takes_the_only_other(
    qtbot: QtBot, window: MainWindow, two: tuple[PatientCard, PatientCard]
):
    kept, other = two
    section = shown(qtbot, window)
    opened(qtbot, section, kept.id)
    made = dialog(qtbot, section)
    typed(made.search.field, "austen")
    qtbot.waitUntil(made.search.table.isVisible)
    assert [card.id for card in made.search.model.patients] == [other.id]
    QTest.keyClick(made.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(made.choices.isVisible)
    assert made.other.id == other.id


def test_visits_at_the_same_time_are_named_before(
    qtbot: QtBot, window: MainWindow, two: tuple[PatientCard, PatientCard], clinic: builders.Clinic
):
    kept, other = two

    def visits() -> None:
        for number in (kept.id, other.id):
            provider = builders.a_provider(clinic)
            builders.an_appointment(
                clinic, clinic.span(9), patient_id=number, provider_id=provider,
                operatory_id=None, case_id=builders.a_case(clinic, number),
            )  # fmt: skip

    elsewhere(visits)
    section = shown(qtbot, window)
    opened(qtbot, section, kept.id)
    made = dialog(qtbot, section)
    made.search.set_patient(other)
    qtbot.waitUntil(made.choices.overlaps.isVisible)
    click(made.leave)
    assert stored(other.id).active


def test_a_record_cannot_be_merged_with_itself_and_a_refusal_is_told(
    qtbot: QtBot, window: MainWindow, two: tuple[PatientCard, PatientCard], actor: Actor
):
    kept, other = two
    section = shown(qtbot, window)
    opened(qtbot, section, kept.id)
    made = dialog(qtbot, section)
    made.search.set_patient(kept)
    assert made.told.isVisible()
    assert not made.merge.isEnabled()

    made.search.set_patient(other)
    qtbot.waitUntil(made.choices.isVisible)

    elsewhere(patients.change, actor, other.id, version=other.version, city="Graz")
    click(made.merge)
    qtbot.waitUntil(made.told.isVisible, timeout=10_000)
    assert "changed this meanwhile" in made.told.text()
    quiet(qtbot, window.desk)  # and both are looked at again
    assert made.merging is not None
    assert made.merging.other.version > other.version

    def meanwhile() -> None:
        from clinic_desk.services import patient_merge

        third = patients.create(actor, first_name="J.", last_name="Austen").value
        patient_merge.merge(actor, third.id, other.id)

    elsewhere(meanwhile)
    click(made.merge)
    qtbot.waitUntil(made.told.isVisible, timeout=10_000)
    assert "merged already" in made.told.text()
    assert made.merge.isEnabled()
