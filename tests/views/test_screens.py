"""Requests, home, list, month, toolbar, messages, paper: the parts around the board."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary, events
from clinic_desk.services.actor import Actor
from clinic_desk.views import calendar_choice as choice
from clinic_desk.views import printing, requests_screen, robot, sheets, visits, words
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.message_bar import MessageBar
from clinic_desk.views.messages import Message, Tone
from clinic_desk.views.mini_month import MiniMonth
from clinic_desk.views.reasons import cancel_reasons
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import elsewhere, quiet, stored


def a_request(clinic: builders.Clinic, hour: int, notes: str = "") -> int:
    return builders.an_appointment(
        clinic,
        clinic.span(hour),
        status="requested",
        patient_id=builders.a_patient(clinic),
        notes=notes,
    )


def test_requests_are_counted_approved_and_declined_with_a_reason(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    window: MainWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = elsewhere(a_request, clinic, 9, "After school,\nplease.")
    two = elsewhere(a_request, clinic, 11)
    window.waiting.load()
    quiet(qtbot, window.desk)
    button = window.navigation.buttons["requests"]
    assert button.badge == "2"
    assert button.accessibleName() == "Appointment requests, 2 waiting"
    robot.click(button)
    table = window.screens.requests.table
    for width in (1600, 1360, 1024):
        window.resize(width, 768)
        quiet(qtbot, window.desk)
        header = table.horizontalHeader()
        assert header.length() <= table.viewport().width()
        seen = [n for n in range(header.count()) if not table.isColumnHidden(n)]
        growing = [n for n in seen if requests_screen.COLUMNS[n] in requests_screen.GROWING]
        whole = [header.sectionSize(n) >= table.sizeHintForColumn(n) for n in seen]
        assert all(fits or n in growing for n, fits in zip(seen, whole, strict=True))
        assert all(header.sectionSize(n) >= 100 for n in growing)
    screen = window.screens.requests
    assert screen.said.isVisible()  # the client's words are read before the answer
    assert "After school, please." in screen.said.text()
    assert "Check-up" in screen.problem.text()
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_A)
    quiet(qtbot, window.desk)
    assert stored(actor, one).status is Status.SCHEDULED
    assert not screen.said.isVisible()  # the next one wrote nothing
    assert button.badge == "1"
    monkeypatch.setattr(visits, "ask_reason", lambda *_asked: "Please call us first")
    QTest.keyClick(table, Qt.Key.Key_D)
    quiet(qtbot, window.desk)
    assert (stored(actor, two).status, stored(actor, two).reason) == (
        Status.DECLINED,
        "Please call us first",
    )
    assert button.badge == ""
    away = window.screens.requests.findChild(QPushButton, "requests-calendar")
    assert away is not None
    robot.click(away)  # where nothing waits there is a way on
    assert window.screens.currentWidget() is window.calendar


def test_a_hundred_requests_are_more_than_99() -> None:
    from clinic_desk.views.navigation import NavigationButton

    made = NavigationButton("requests", "Requests", "requests")
    made.set_count(100, "100 waiting")
    assert made.badge == "99+"
    made.deleteLater()


def test_home_counts_who_waits_and_who_is_late(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, window: MainWindow
) -> None:
    home = window.screens.home
    elsewhere(builders.an_appointment, clinic, clinic.span(9))
    other = elsewhere(builders.a_patient, clinic)
    elsewhere(
        builders.an_appointment,
        clinic,
        clinic.span(10),
        patient_id=other,
        status="arrived",
        arrived_at=clinic.at(9, 50),
    )
    view = elsewhere(diary.view, actor, clinic.span(0, minutes=24 * 60))
    home.show_day(view, clinic.at(9, 15))
    assert home.late.number.text() == "1"
    assert home.waiting.number.text() == "1"
    assert home.room_model.rowCount() == 1
    assert home.next_model.rowCount() == 1


def test_the_list_takes_the_same_keys_as_the_board(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, window: MainWindow
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.set_view(View.LIST)
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    listed = window.calendar.stack.list
    listed.select(number)
    listed.table.setFocus()
    QTest.keyClick(listed.table, Qt.Key.Key_C)
    quiet(qtbot, window.desk)
    assert stored(actor, number).status is Status.CONFIRMED
    assert listed.selection is not None
    QTest.keyClick(listed.table, Qt.Key.Key_Return)
    assert number in window.editors
    window.editors[number].close()


@pytest.mark.parametrize(
    ("key", "view"),
    [
        (Qt.Key.Key_D, View.PROVIDERS),
        (Qt.Key.Key_O, View.ROOMS),
        (Qt.Key.Key_W, View.WEEK),
    ],
)
def test_a_letter_leads_from_the_list_to_another_view(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, key: Qt.Key, view: View
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.calendar.set_view(View.LIST)
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    table = window.calendar.stack.list.table
    table.setFocus()
    QTest.keyClick(table, key)
    quiet(qtbot, window.desk)
    assert window.calendar.view is view


def test_an_event_is_added_moved_and_removed_with_undo(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, window: MainWindow
) -> None:
    window.calendar.drops.create_at(clinic.span(9, minutes=60), clinic.provider_id, None)
    form = window.panel.form
    robot.click(form.as_event)
    QTest.keyClicks(form.title, "Training")
    robot.click(form.book)
    quiet(qtbot, window.desk)
    view = elsewhere(diary.view, actor, clinic.span(0, minutes=24 * 60))
    assert [(e.title, e.span) for e in view.events] == [("Training", clinic.span(9, minutes=60))]
    window.visits.remove_event(view.events[0])
    quiet(qtbot, window.desk)
    assert not elsewhere(diary.view, actor, clinic.span(0, minutes=24 * 60)).events
    window.desk.undo()
    quiet(qtbot, window.desk)
    assert elsewhere(events.event, actor, view.events[0].id).title == "Training"


def test_a_message_goes_after_a_while_an_error_stays(qtbot: QtBot) -> None:
    from clinic_desk.views import message_bar

    around, below = QWidget(), QWidget()
    below.setParent(around)
    around.resize(800, 400)
    below.resize(800, 400)
    bar = MessageBar(below, around)
    qtbot.addWidget(around)
    around.show()
    wanted: list[int] = []
    bar.undo_wanted.connect(wanted.append)
    bar.show_message(Message("Moved", Tone.GOOD, undo=7))
    assert bar.isVisible()
    robot.click(bar.undo)
    assert wanted == [7]
    assert not bar.isVisible()
    bar.show_message(Message("The disk is full", Tone.ERROR))
    assert not bar._timer.isActive()
    bar.show_message(Message("Saved"))
    assert bar._timer.interval() == message_bar.SHOWN_MS


def test_a_name_in_a_wide_message_stays_inside_the_window(qtbot: QtBot) -> None:
    around, below = QWidget(), QWidget()
    below.setParent(around)
    around.resize(500, 300)
    below.resize(500, 300)
    bar = MessageBar(below, around)
    qtbot.addWidget(around)
    around.show()
    bar.show_message(Message("word " * 60, Tone.GOOD, undo=1))
    assert around.rect().contains(bar.geometry())


def test_the_small_month_opens_a_day_by_key_and_marks_the_period(qtbot: QtBot) -> None:
    month = MiniMonth(date(2026, 11, 21))
    qtbot.addWidget(month)
    month.show()
    month.show_period(date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 21))
    with qtbot.waitSignal(month.day_chosen) as chosen:
        QTest.keyClick(month.table, Qt.Key.Key_Down)
        QTest.keyClick(month.table, Qt.Key.Key_Return)
    assert chosen.args == [date(2026, 11, 30)]
    QTest.keyClick(month.table, Qt.Key.Key_PageDown)
    assert month.model.shown == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("view", "day", "first"),
    [
        (View.WORKWEEK, date(2026, 11, 18), date(2026, 11, 16)),
        (View.WORKWEEK, date(2026, 11, 21), date(2026, 11, 23)),
        (View.WEEK, date(2026, 11, 21), date(2026, 11, 15)),
        (View.MONTH, date(2026, 11, 21), date(2026, 11, 1)),
        (View.PROVIDERS, date(2026, 11, 21), date(2026, 11, 21)),
    ],
)
def test_a_view_begins_where_its_days_do(view: View, day: date, first: date) -> None:
    assert choice.first_day(view, day) == first


def test_weeks_begin_on_monday_where_they_do() -> None:
    i18n.set_language("de_DE")
    assert choice.first_day(View.WEEK, date(2026, 11, 21)) == date(2026, 11, 16)


def test_a_day_by_provider_shows_who_works_or_has_something(
    clinic: builders.Clinic, actor: Actor
) -> None:
    away = builders.a_provider(clinic, hours=None)
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    catalogue = clinic.store.catalogue(clinic.organisation_id)
    span = clinic.span(0, minutes=24 * 60)
    assert choice.providers(catalogue, view, span, None, ()) == [clinic.provider_id]
    assert choice.providers(catalogue, view, span, None, {away}) == [away]


def test_the_day_sheet_has_visits_gaps_and_page_breaks(
    clinic: builders.Clinic, actor: Actor, tmp_path: Path
) -> None:
    for hour in (9, 11, 16):
        patient = builders.a_patient(clinic, date_of_birth=date(1970, 1, 1))
        builders.an_appointment(clinic, clinic.span(hour), patient_id=patient, notes="Bring X-rays")
    builders.an_event(clinic)
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    catalogue = clinic.store.catalogue(clinic.organisation_id)
    sheet = sheets.day_sheet(view, catalogue, TUESDAY, clinic.time_zone, place="Test Clinic")
    (section,) = sheet.sections
    kinds = ["gap" if row.gap else row.cells[2] for row in section.rows]
    assert kinds[0] == "gap"
    assert "Team meeting" in kinds
    assert sum(1 for row in section.rows if row.note == "Bring X-rays") == 3
    many = sheets.Sheet(
        sheet.title, "Place", sheet.columns, sheet.weights, sheet.sections * 12, sheet.zone, ""
    )
    file = tmp_path / "day.pdf"
    assert printing.to_pdf(sheet, file, "Kim") == 1
    assert printing.to_pdf(many, file, "Kim") > 1
    assert file.read_bytes().startswith(b"%PDF")


def test_the_week_sheet_holds_each_day(clinic: builders.Clinic, actor: Actor) -> None:
    builders.an_appointment(clinic, clinic.span(9))
    monday = TUESDAY - timedelta(days=1)
    span = clinic.span(0, minutes=24 * 60)
    view = diary.view(actor, span)
    sheet = sheets.week_sheet(view, monday, 5, clinic.time_zone)
    assert [len(section.rows) for section in sheet.sections] == [0, 1, 0, 0, 0]


def test_a_folder_that_cannot_be_written_is_told(
    clinic: builders.Clinic, actor: Actor, tmp_path: Path
) -> None:
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    catalogue = clinic.store.catalogue(clinic.organisation_id)
    sheet = sheets.day_sheet(view, catalogue, TUESDAY, clinic.time_zone)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FileExistsError):
        printing.to_pdf(sheet, tmp_path / "file" / "day.pdf", "Kim")


def test_right_to_left_turns_the_window_around(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, window: MainWindow
) -> None:
    from clinic_desk.views.app import speak

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    speak(application, "ar")
    turned = MainWindow(window.desk, window.memory)
    qtbot.addWidget(turned)
    turned.resize(1280, 800)
    turned.show()
    left = turned.panel.mapTo(turned, turned.panel.rect().topLeft()).x()
    right = turned.sidebar.mapTo(turned, turned.sidebar.rect().topLeft()).x()
    assert left < right


def test_long_texts_do_not_widen_the_window_beyond_a_small_screen(
    qtbot: QtBot, window: MainWindow
) -> None:
    i18n.set_language(i18n.LONG)
    long = MainWindow(window.desk, window.memory)
    qtbot.addWidget(long)
    long.resize(1024, 680)
    long.show()
    assert long.width() <= 1100


def test_lengths_and_ages_are_said_as_people_say_them(clinic: builders.Clinic) -> None:
    now = clinic.at(12)
    assert [words.length(m) for m in (5, 60, 90)] == ["5 min", "1 h", "1 h 30 min"]
    assert words.ago(now - timedelta(minutes=5), now) == "5 min ago"
    assert words.ago(now - timedelta(hours=3), now) == "3 h ago"
    assert words.ago(now - timedelta(days=3), now) == "3 days ago"
    assert words.born(None) == "birth date unknown"
    assert cancel_reasons()
