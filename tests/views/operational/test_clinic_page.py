"""The page of the clinic itself, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from clinic_desk.services import clinic_settings
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_settings import ClinicDraft
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.clinic_page import ClinicPage
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests import builders
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import pick, write


@pytest.fixture
def page(qtbot: QtBot, section: OperationalScreen) -> ClinicPage:
    """The page with which the section opens."""
    shown = section.page("clinic")
    assert section.current == "clinic" and isinstance(shown, ClinicPage)
    quiet(qtbot, shown.desk)
    return shown


def type_in(field: QComboBox, text: str) -> None:
    line = field.lineEdit()
    assert line is not None
    write(line, text)
    QTest.keyClick(line, Qt.Key.Key_Tab)


def test_all_of_it_is_changed_by_keys_and_taken_back(
    qtbot: QtBot, page: ClinicPage, window: MainWindow, actor: Actor
) -> None:
    form, before = page.form, elsewhere(clinic_settings.get, actor)
    assert not page.save_button.isEnabled() and form.country.currentText() == "Austria"
    write(form.name, "Hill Clinic")
    type_in(form.country, "Germany")
    type_in(form.zone, "Europe/Berlin")
    pick(form.step, "20")
    form.overbooking.setFocus()
    QTest.keyClick(form.overbooking, Qt.Key.Key_Space)
    form.limit.setFocus()
    form.limit.selectAll()
    QTest.keyClicks(form.limit, "40")
    assert page.unsaved == "Clinic"
    robot.key(form.limit, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, page.desk)
    wanted = ClinicDraft("Hill Clinic", "DE", "Europe/Berlin", 20, False, 40)
    assert elsewhere(clinic_settings.get, actor).draft == wanted
    assert not page.unsaved and window.desk.catalogue.organisation.name == "Hill Clinic"
    window.desk.undo()
    quiet(qtbot, page.desk)
    qtbot.waitUntil(lambda: form.name.text() == before.draft.name)
    assert elsewhere(clinic_settings.get, actor).draft == before.draft


def test_after_a_save_ctrl_z_in_the_field_takes_the_save_back(
    qtbot: QtBot, page: ClinicPage, window: MainWindow, actor: Actor
) -> None:
    ctrl, name = Qt.KeyboardModifier.ControlModifier, page.form.name
    before = name.text()
    write(name, "Hill Clinic")
    page.save_button.setFocus()
    QTest.keyClick(page.save_button, Qt.Key.Key_Space)
    quiet(qtbot, page.desk)
    assert window.focusWidget() is name and window.messages.undo.isVisible()
    assert window.windowTitle().startswith("Hill Clinic — ")
    QTest.keyClick(name, Qt.Key.Key_Z, ctrl)
    quiet(qtbot, page.desk)
    assert name.text() == before == elsewhere(clinic_settings.get, actor).draft.name
    assert window.windowTitle().startswith(f"{before} — ")
    QTest.keyClick(name, Qt.Key.Key_Z, ctrl | Qt.KeyboardModifier.ShiftModifier)
    quiet(qtbot, page.desk)
    assert elsewhere(clinic_settings.get, actor).draft.name == "Hill Clinic"


def test_ctrl_z_takes_back_what_was_typed_and_then_no_save_before_it(
    qtbot: QtBot, page: ClinicPage, actor: Actor
) -> None:
    name = page.form.name
    write(name, "Hill Clinic")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    name.setFocus()
    QTest.keyClick(name, Qt.Key.Key_End)
    QTest.keyClicks(name, "s")
    for _n in range(4):
        QTest.keyClick(name, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, page.desk)
    assert name.text() == "Hill Clinic" == elsewhere(clinic_settings.get, actor).draft.name


def test_what_is_no_country_is_told_at_its_field_and_stays(qtbot: QtBot, page: ClinicPage) -> None:
    type_in(page.form.country, "Atlantis")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    told = page.findChild(QLabel, "clinic-who-country-wrong")
    assert told is not None and told.isVisible() and "country" in told.text()
    assert page.form.country.currentText() == "Atlantis" and page.unsaved


def test_visits_that_another_clock_puts_out_of_place_are_shown_before(
    qtbot: QtBot, page: ClinicPage, clinic: builders.Clinic, actor: Actor
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(17), location_id=None)
    type_in(page.form.zone, "Asia/Tokyo")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert page.impact.isVisible() and "1 future appointment" in page.impact.text.text()
    assert elsewhere(clinic_settings.get, actor).draft.time_zone == "Europe/Vienna"
    robot.click(page.impact.save)
    quiet(qtbot, page.desk)
    assert elsewhere(clinic_settings.get, actor).draft.time_zone == "Asia/Tokyo"


def test_another_country_reads_numbers_anew_and_says_how_many(
    qtbot: QtBot, page: ClinicPage, clinic: builders.Clinic
) -> None:
    number = elsewhere(builders.a_patient, clinic, phone="0512 123456", phone_key="+43512123456")
    type_in(page.form.country, "Germany")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    qtbot.waitUntil(lambda: page.reading is None and page.progress.isVisible())
    assert page.progress.text() == "1 telephone number was read anew."
    sql = "SELECT phone_key FROM patient WHERE id = ?"
    assert elsewhere(clinic.store.rows, sql, (number,)) == [("+49512123456",)]


def test_somebody_who_saved_first_is_not_overwritten_unseen(
    qtbot: QtBot, page: ClinicPage, actor: Actor
) -> None:
    write(page.form.name, "Mine")
    seen = elsewhere(clinic_settings.get, actor)
    elsewhere(clinic_settings.change, actor, seen, replace(seen.draft, name="Theirs"))
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert page.conflict.isVisible() and page.form.name.text() == "Mine"
    robot.click(page.conflict.mine)
    quiet(qtbot, page.desk)
    assert elsewhere(clinic_settings.get, actor).draft.name == "Mine"
