"""The section Patients: finding somebody, their page, writing down what has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import Patient
from clinic_desk.rules.spans import Span
from clinic_desk.services import patient_page, patients
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.cases.case_page import CasePage
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.patient_list import AT_ONCE
from clinic_desk.views.patients.patients_screen import PatientsScreen
from tests import builders
from tests.views.conftest import elsewhere, quiet
from tests.views.patients.conftest import Register, click, on_page, opened, shown, typed

BORN = date(1986, 4, 12)


def names(section: PatientsScreen) -> list[str]:
    return [card.name for card in section.list.model.patients]


def test_all_patients_stand_in_the_list_and_the_search_finds_as_one_types(
    qtbot: QtBot, window: MainWindow, register: Register
):
    register("Jane", "Austen", date_of_birth=BORN, phone="+43 664 1234567")
    register("Emily", "Brontë")
    section = shown(qtbot, window)
    assert {"Austen, Jane", "Brontë, Emily"} <= set(names(section))

    typed(section.list.search, "bronte em")
    qtbot.waitUntil(lambda: names(section) == ["Brontë, Emily"])

    section.list.search.clear()
    typed(section.list.search, "0664 1234567")
    qtbot.waitUntil(lambda: names(section) == ["Austen, Jane"])
    QTest.keyClick(section.list.search, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    assert section.card.head.name.text().strip("\u2068\u2069") == "Austen, Jane"

    QTest.keyClick(section.list.search, Qt.Key.Key_Escape)
    quiet(qtbot, window.desk)
    assert len(names(section)) > 1
    assert section.list.table.currentIndex().row() == names(section).index("Austen, Jane")


def test_the_list_goes_on_where_somebody_scrolls_to_its_end(
    qtbot: QtBot, window: MainWindow, clinic: builders.Clinic
):
    def many() -> None:
        for number in range(2 * AT_ONCE + 20):
            name = f"Many{number:04}"
            builders.a_patient(clinic, first_name="", last_name=name, search=name.lower())

    elsewhere(many)
    section = shown(qtbot, window)
    model, table = section.list.model, section.list.table
    assert AT_ONCE <= model.rowCount() <= 2 * AT_ONCE

    table.setFocus()
    for _page in range(3):
        QTest.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        quiet(qtbot, window.desk)
    assert model.rowCount() == 2 * AT_ONCE + 21
    assert len({card.id for card in model.patients}) == model.rowCount()

    typed(section.list.search, "many")
    quiet(qtbot, window.desk)
    for _page in range(3):
        table.scrollToBottom()
        quiet(qtbot, window.desk)
    assert len({card.id for card in model.patients}) == 2 * AT_ONCE + 20


def test_the_page_tells_who_it_is_what_comes_and_what_was(
    qtbot: QtBot, window: MainWindow, register: Register, clinic: builders.Clinic
):
    card = register(
        "Jane", "Austen", date_of_birth=BORN, alert="Wheelchair", medical_alert="Latex",
        guardian_name="Mr Austen", city="Graz",
    )  # fmt: skip
    last = datetime.now(UTC).replace(microsecond=0, second=0) - timedelta(days=400)

    def visits() -> None:
        case = builders.a_case(clinic, card.id, main_problem="Toothache")
        more = {"patient_id": card.id, "case_id": case}
        builders.an_appointment(clinic, clinic.span(8), status="cancelled", **more)
        builders.an_appointment(clinic, clinic.span(9), **more)
        builders.an_appointment(clinic, Span.lasting(last, 30), status="completed", **more)
        missed = Span.lasting(last - timedelta(days=7), 30)
        builders.an_appointment(clinic, missed, status="missed", **more)

    elsewhere(visits)
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    page = section.card

    assert "Wheelchair" in page.head.alert.text()
    assert "Latex" in page.head.medical.text()
    assert "⚠ 1 missed" in page.head.who.text().replace("\u2068", "")
    assert "04/12/1986" in page.head.who.text().replace("4/12/1986", "04/12/1986")
    off, ahead = page.visits.ahead_model.cards
    assert (off.span, off.status) == (clinic.span(8), "cancelled")  # where its time says
    assert page.visits.counts.text() == "1 missed"  # of what is past
    assert str(last.year) in page.visits.past_model.index(0, 0).data()
    assert "Toothache" in page.visits.case_model.index(0, 0).data()
    page.tabs.setCurrentWidget(page.data)
    assert "Mr Austen" in page.data.values["guardian_name"].text()
    assert page.data.values["city"].isVisible()
    assert not page.data.values["postcode"].isVisible()

    page.tabs.setCurrentWidget(page.visits)
    table = page.visits.ahead
    table.setFocus()
    assert table.currentIndex().row() == 1  # the next one that takes place
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert list(window.editors) == [ahead.id]
    for editor in list(window.editors.values()):
        editor.close()

    robot.click(page.visits.pin.button)
    assert [pinned.id for pinned in window.pinboard.cards] == [ahead.id]
    assert "is on the pinboard" in window.messages.text
    table = page.visits.cases
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)
    case_page = window.findChild(CasePage)
    assert case_page is not None and case_page.isVisible()
    case_page.close()


def test_book_leads_to_the_form_with_the_patient_in_it(
    qtbot: QtBot, window: MainWindow, section: PatientsScreen, clinic: builders.Clinic
):
    opened(qtbot, section, clinic.patient_id)
    click(section.card.head.book)

    assert window.screens.currentWidget() is window.calendar
    assert window.panel.form.search.patient is not None
    assert window.panel.form.search.patient.id == clinic.patient_id


def test_what_has_changed_is_saved_and_stands_in_the_history(
    qtbot: QtBot, window: MainWindow, register: Register
):
    card = register("Jane", "Austen", date_of_birth=BORN)
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    click(section.card.head.edit)
    assert section.form.isVisible()
    assert section.form.fields.line("date_of_birth").text() == "4/12/1986"
    city = section.form.fields.line("city")
    typed(city, "Graz")
    typed(section.form.fields.line("email"), "jane@example.com")
    QTest.keyClick(section.form.fields.line("email"), Qt.Key.Key_Return)
    qtbot.waitUntil(section.card.isVisible)
    quiet(qtbot, window.desk)

    assert "jane@example.com" in section.card.head.reached.text()
    section.card.tabs.setCurrentWidget(section.card.history)
    quiet(qtbot, window.desk)
    rows = section.card.history.model
    told = {rows.index(n, 2).data(): rows.index(n, 4).data() for n in range(rows.rowCount())}
    assert told["Changed: City"] == "Graz"
    window.desk.undo()
    quiet(qtbot, window.desk)
    assert on_page(section).data.city == ""


def test_what_is_wrong_stands_at_its_field(qtbot: QtBot, section: PatientsScreen, clinic):
    opened(qtbot, section, clinic.patient_id)
    QTest.keyClick(section.list.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(section.form.isVisible)
    section.form.fields.line("phone").clear()
    typed(section.form.fields.line("phone"), "12")
    click(section.form.save)
    quiet(qtbot, section.desk)

    assert section.form.fields._wrong["phone"].isVisible()
    assert section.form.fields.line("phone").text() == "12"


def test_somebody_new_is_written_down_and_shown(
    qtbot: QtBot, window: MainWindow, section: PatientsScreen
):
    typed(section.list.search, "Xaver Newman")
    qtbot.waitUntil(section.list.none.isVisible)
    QTest.keyClick(section.list.search, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    fields = section.form.fields
    assert fields.line("last_name").text() == "Newman"
    typed(fields.line("date_of_birth"), "4/12/1986")
    click(section.form.save)
    qtbot.waitUntil(lambda: section.card.page is not None)
    quiet(qtbot, window.desk)

    assert on_page(section).card.name == "Newman, Xaver"
    assert on_page(section).card.date_of_birth == BORN
    assert names(section) == ["Newman, Xaver"]


def test_what_is_unsaved_is_asked_about_before_it_is_left(
    qtbot: QtBot, window: MainWindow, register: Register, clinic: builders.Clinic
):
    card = register("Jane", "Austen")
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    click(section.card.head.edit)
    typed(section.form.fields.line("city"), "Graz")
    admin = window.screens.admin_made
    assert admin is not None
    assert admin.unsaved is section

    place = section.list.model.row_of(clinic.patient_id)
    table = section.list.table
    rect = table.visualRect(section.list.model.index(place, 0))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    asked = section.findChild(LeavingQuestion)
    assert asked is not None
    asked.save_wanted.emit()
    asked.close()
    quiet(qtbot, window.desk)

    assert on_page(section).card.id == clinic.patient_id
    assert elsewhere(lambda: Patient.get_by_id(card.id).city) == "Graz"


@pytest.fixture
def both_changed(
    qtbot: QtBot, window: MainWindow, register: Register, actor: Actor
) -> PatientsScreen:
    """One types a city here while another saves city and telephone elsewhere."""
    card = register("Jane", "Austen", city="Linz")
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    click(section.card.head.edit)
    city = section.form.fields.line("city")
    city.clear()
    typed(city, "Graz")
    elsewhere(patients.change, actor, card.id, version=1, city="Wien", phone="+43 664 7654321")
    click(section.form.save)
    qtbot.waitUntil(section.form.conflict.isVisible)
    assert city.text() == "Graz"
    return section


def test_only_what_one_changed_is_saved_over_anothers_change(
    qtbot: QtBot, both_changed: PatientsScreen
):
    click(both_changed.form.conflict.mine)
    qtbot.waitUntil(both_changed.card.isVisible)
    quiet(qtbot, both_changed.desk)
    data = on_page(both_changed).data
    assert (data.city, data.phone) == ("Graz", "+43 664 7654321")


def test_anothers_change_can_be_taken_instead(qtbot: QtBot, both_changed: PatientsScreen):
    click(both_changed.form.conflict.theirs)
    quiet(qtbot, both_changed.desk)
    form = both_changed.form
    assert form.fields.line("city").text() == "Wien"
    assert not form.conflict.isVisible()
    assert not form.is_edited


def test_a_change_at_another_desk_appears_on_the_page(
    qtbot: QtBot, window: MainWindow, register: Register, actor: Actor
):
    card = register("Jane", "Austen")
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    elsewhere(patients.change, actor, card.id, version=card.version, phone="+43 664 7654321")

    qtbot.waitUntil(lambda: "7654321" in section.card.head.reached.text(), timeout=10_000)
    row = section.list.model.row_of(card.id)
    qtbot.waitUntil(lambda: "7654321" in section.list.model.index(row, 3).data())


def test_the_care_team_is_named_and_changed(
    qtbot: QtBot, window: MainWindow, actor: Actor, clinic: builders.Clinic
):
    section = shown(qtbot, window)
    opened(qtbot, section, clinic.patient_id)
    data = section.card.data
    section.card.tabs.setCurrentWidget(data)
    typed(data.role, "Dentist")
    click(data.add)
    quiet(qtbot, window.desk)
    (member,) = elsewhere(patient_page.care_team, actor, clinic.patient_id)
    assert member.role == "Dentist"

    (remove,) = [
        one for one in data.findChildren(QPushButton) if one.objectName().startswith("care-team-r")
    ]
    click(remove)
    quiet(qtbot, window.desk)
    assert elsewhere(patient_page.care_team, actor, clinic.patient_id) == ()

    window.desk.undo()
    quiet(qtbot, window.desk)
    (again,) = elsewhere(patient_page.care_team, actor, clinic.patient_id)
    assert (again.id, again.role) == (member.id, "Dentist")
    window.desk.undo()
    quiet(qtbot, window.desk)
    assert elsewhere(patient_page.care_team, actor, clinic.patient_id) == ()


def test_who_may_only_look_finds_no_way_to_change(qtbot: QtBot, clinic, background, guarded):
    from clinic_desk.views.desk import Desk

    reader = builders.an_actor(
        clinic, frozenset({"Customer Get All", "Customer Show", "Appointment Get All"})
    )
    desk = Desk(reader, background, reader.store.catalogue(clinic.organisation_id))
    guarded()
    section = PatientsScreen(desk)
    qtbot.addWidget(section)
    section.resize(1100, 800)
    section.show()
    quiet(qtbot, desk)
    opened(qtbot, section, clinic.patient_id)

    assert not section.list.new.isVisible()
    assert not section.list.bring.isVisible()
    assert not section.card.head.edit.isEnabled()
    assert not section.card.head.book.isEnabled()
    assert not section.card.visits.pin.button.isEnabled()
    assert not section.card.data.adding.isVisibleTo(section.card.data)


def test_who_may_not_see_the_calendar_is_told_so(qtbot: QtBot, clinic, background, guarded):
    from clinic_desk.views.desk import Desk

    reader = builders.an_actor(clinic, frozenset({"Customer Get All", "Customer Show"}))
    builders.an_appointment(clinic)
    desk = Desk(reader, background, reader.store.catalogue(clinic.organisation_id))
    guarded()
    section = PatientsScreen(desk)
    qtbot.addWidget(section)
    section.show()
    quiet(qtbot, desk)
    opened(qtbot, section, clinic.patient_id)

    assert "Appointment Get All" in section.card.visits.no_ahead.text()
    assert not section.card.visits.ahead.isVisible()


@pytest.mark.parametrize("text", ["%", "_", "\\", '"', "'", "🦷", "a" * 400])
def test_odd_signs_find_nobody_and_break_nothing(
    qtbot: QtBot, window: MainWindow, section: PatientsScreen, text: str
):
    section.list.search.setText(text)
    quiet(qtbot, window.desk)
    assert section.list.none.isVisible()


def test_the_chosen_visit_stays_chosen_when_others_are_booked_before_it(
    qtbot: QtBot, window: MainWindow, register: Register, clinic: builders.Clinic
):
    card = register("Jane", "Austen")
    ahead = [
        elsewhere(builders.an_appointment, clinic, clinic.span(hour), patient_id=card.id)
        for hour in (11, 12)
    ]
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    visits = section.card.visits
    visits.ahead.setFocus()
    QTest.keyClick(visits.ahead, Qt.Key.Key_Down)
    assert visits.ahead.currentIndex().row() == 1

    for hour in (9, 10):
        elsewhere(builders.an_appointment, clinic, clinic.span(hour), patient_id=card.id)
    section.card.load()
    quiet(qtbot, window.desk)
    assert visits.ahead_model.rowCount() == 4
    assert visits.ahead.currentIndex().row() == 3
    QTest.keyClick(visits.ahead, Qt.Key.Key_Return)
    assert list(window.editors) == ahead[1:]
    for editor in list(window.editors.values()):
        editor.close()
